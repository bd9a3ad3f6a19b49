"""The addresses that we listen on, each with its account, and which of them a call belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from softswitch.errors import MisuseError
from softswitch.sip import targets
from softswitch.sip.accounts import NativeAccount, listener_account, open_listener
from softswitch.sip.config import Listener, SipConfig, Transport
from softswitch.sip.native import misuse_on_error, pj

if TYPE_CHECKING:
    from softswitch.sip.network import SipTelephony


@attrs.frozen(kw_only=True)
class Door:
    """One address that we listen on.

    Attributes:
        listener: what the configuration says.
        transport_id: PJSIP's number of it.
        address: ``host:port`` as others reach it.
        account: answers for it.
        secure: answers for it where the caller wrote ``sips:``, whose answers need a Contact with
            that scheme (RFC 3261 section 12.1.1); None without TLS.
    """

    listener: Listener
    transport_id: int
    address: str
    account: NativeAccount
    secure: NativeAccount | None

    @property
    def kind(self) -> tuple[Transport, bool]:
        """Transport, and whether it is IPv6."""
        return self.listener.transport, targets.is_ipv6(self.listener.address)

    def account_for(self, uri: str) -> NativeAccount:
        """Return the account for calls to or from a URI of this scheme."""
        secure = self.secure if uri[:5].lower() == "sips:" else None
        return secure or self.account


class Doors:
    """All of them, in the order of the configuration."""

    def __init__(self) -> None:
        self._doors: list[Door] = []
        self._accounts = 0

    def __iter__(self) -> Iterator[Door]:
        return iter(self._doors)

    def open(
        self, endpoint: pj.Endpoint, network: SipTelephony, listener: Listener, config: SipConfig
    ) -> Door:
        """Begin to listen. Raises `MisuseError` when the address cannot be had."""
        transport_id = open_listener(endpoint, listener, config)
        address = targets.bracketed(endpoint.transportGetInfo(transport_id).localName)

        def account(scheme: str) -> NativeAccount:
            made, uri = NativeAccount(network, address), f"<{scheme}:{address}>"
            settings = listener_account(config, listener, transport_id, uri, number=self._accounts)
            with misuse_on_error(f"answer for {uri}"):
                made.create(settings, self._accounts == 0)
            self._accounts += 1
            return made

        door = Door(
            listener=listener,
            transport_id=transport_id,
            address=address,
            account=account("sip"),
            secure=account("sips") if listener.transport is Transport.TLS else None,
        )
        self._doors.append(door)
        return door

    def close(self) -> None:
        """Let go of every account."""
        for door in self._doors:
            for account in (door.account, door.secure):
                if account is not None:
                    account.shutdown()
        self._doors.clear()
        self._accounts = 0

    def of_kind(self, transport: Transport, *, ipv6: bool, what: str) -> Door:
        """Return the first door of a kind. Raises `MisuseError` when there is none."""
        for door in self._doors:
            if door.kind == (transport, ipv6):
                return door
        wanted = f"{transport.value} over IPv{6 if ipv6 else 4}"
        raise MisuseError(f"{what}: no listener for {wanted}")

    @property
    def need_choosing(self) -> bool:
        """Whether there is more than one account that may answer a caller."""
        return self._accounts > 1

    def account_number(self, chosen: int, request: str) -> int:
        """Return PJSIP's number of the account that a request is for.

        PJSIP has chosen by the kind of transport. Of several doors of that kind this prefers the
        one that the request URI names; its account puts the right address into our Contact.
        """
        by = next((door for door in self._doors if door.account.getId() == chosen), None)
        if by is None:
            return chosen
        uri = request[:2000].partition("\r\n")[0].partition(" ")[2]
        place = uri.partition(" ")[0].partition(":")[2].rpartition("@")[2].partition(";")[0]
        alike = [door for door in self._doors if door.kind == by.kind]
        named = [door for door in alike if door.address == place]
        return int((named or [by])[0].account_for(uri).getId())
