"""Who may hold a connection, and who is behind a proxy."""

from __future__ import annotations

import asyncio

import pytest

from softswitch.web import doors


def test_addresses_of_proxies_may_be_written_in_any_way():
    proxies = ("0:0:0:0:0:0:0:1", "192.0.2.1")
    assert doors.asking("::1", "2001:db8::7", proxies) == "2001:db8::"
    assert doors.asking("::2", "2001:db8::7", proxies) == "::"
    assert doors.asking("192.0.2.1", "2001:db8::7, ::1", proxies) == "2001:db8::"
    assert doors.asking("192.0.2.1", "", proxies) == "192.0.2.1"


@pytest.mark.parametrize(("trusted", "most"), [("::1", 30), ("::2", doors.PER_CLIENT_MAX)])
def test_a_proxy_holds_as_many_connections_as_it_needs(trusted: str, most: int):
    house = doors.Doors(asyncio.Protocol, lambda: (trusted,))
    come = [asyncio.BaseTransport({"peername": ("::1", port, 0, 0)}) for port in range(30)]
    assert sum(house.admit(transport, house()) for transport in come) == most
    for transport in come:
        house.leave(transport)
    assert len(house) == 0
