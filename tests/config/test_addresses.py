"""Addresses by the examples of RFC 3261 section 19.1.3, RFC 3966 section 6 and by hand."""

import pytest

from softswitch.switch.addresses import address_fault, is_group_number, is_host_port, needs_trunk

GOOD = [
    "sip:alice@atlanta.com",
    "sip:alice:secretword@atlanta.com;transport=tcp",
    "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
    "sip:+1-212-555-1212:1234@gateway.com;user=phone",
    "sips:1212@gateway.com",
    "sip:alice@192.0.2.4",
    "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
    "sip:alice;day=tuesday@atlanta.com",
    "SIP:anna@localhost:5060",
    "sip:anna@[2001:db8::1]:5071",
    "sip:s%C3%B8ren@example.dk",
    "sip:pbx_1.internal",
    "tel:+1-201-555-0123",
    "tel:7042;phone-context=example.com",
    "tel:863-1234;phone-context=+1-914-555",
    "70102030",
    "+4570102030",
]

BAD = [
    "",
    "anna",
    "anna@192.0.2.1",
    "http://example.com",
    "sip:",
    "sip:@192.0.2.1",
    "sip:anna@",
    "sip:anna @192.0.2.1",
    "sip:anna@192.0.2.1 ",
    "sip:anna@192.0.2.256",
    "sip:anna@host:0",
    "sip:anna@host:65536",
    "sip:anna@host:",
    "sip:anna@2001:db8::1",
    "sip:anna@[2001:db8::g]",
    "sip:anna@-host",
    "sip:anna@host..example",
    "sip:s\u00f8ren@example.dk",
    "sip:anna%4@host",
    "<sip:anna@host>",
    "sip:anna@host\r\nEvil: yes",
    "tel:",
    "tel:+",
    "tel:anna",
    "+",
    "++45",
    "70 10 20 30",
    "7010-2030",
    "\u0667\u0660",
    "1" * 33,
]


@pytest.mark.parametrize("address", GOOD)
def test_addresses_that_can_be_dialled(address: str):
    assert address_fault(address) == ""


@pytest.mark.parametrize("address", BAD)
def test_addresses_that_cannot(address: str):
    assert address_fault(address).endswith(".")


def test_a_number_with_spaces_gets_advice_of_its_own():
    assert address_fault("+45 70 10 20 30") == (
        "Write the number without spaces or signs between the digits."
    )


def test_only_numbers_need_a_trunk():
    assert [needs_trunk(a) for a in ("70102030", "+45", "tel:+45", "TEL:+45")] == [True] * 4
    assert [needs_trunk(a) for a in ("sip:70102030@host", "sips:1@host", "anna")] == [False] * 3


def test_numbers_of_groups():
    assert all(map(is_group_number, ["1000", "+4570102030", "*70", "#1", "reception", "a.b-c_d"]))
    assert not any(map(is_group_number, ["", "70 10", "a@b", "a:b", "1\n", "1" * 65]))


def test_hosts_and_ports():
    assert all(map(is_host_port, ["a", "a.example.", "192.0.2.1:5060", "[::1]", "[::1]:65535"]))
    assert not any(
        map(is_host_port, ["", ":5060", "::1", "a:b", "1.2.3", "a b", "[::1]x", "a:1:2"])
    )


def test_an_address_may_have_255_characters_and_no_more():
    assert address_fault("sip:" + "a" * 251) == ""
    assert address_fault("sip:" + "a" * 252) == "This is longer than 255 characters."
    assert not is_host_port("a" * 256)
