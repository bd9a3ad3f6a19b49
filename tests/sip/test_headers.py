"""Who calls and what was dialled, read from headers: one line a case, with its source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip import headers
from softswitch.telephony import Identity, Reason
from softswitch.testing.peers.sipp import Sipp
from tests.sip.observing import Door, running

ANONYMOUS = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'
FROM = "From: <sip:anna@a.example>;tag=1"


def message(*lines: str, uri: str = "sip:1000@pbx.example") -> headers.Message:
    return headers.parse_message("\r\n".join([f"INVITE {uri} SIP/2.0", *lines, "", "v=0"]))


@pytest.mark.parametrize(
    ("text", "name", "uri", "user", "host"),
    [
        # RFC 3261 section 20.10 and 25.1: name-addr, addr-spec, quoted strings, tokens
        ("<sip:anna@a.example>", "", "sip:anna@a.example", "anna", "a.example"),
        ("sip:anna@a.example;tag=1", "", "sip:anna@a.example", "anna", "a.example"),
        ('"Anna" <sip:anna@a.example>', "Anna", "sip:anna@a.example", "anna", "a.example"),
        ("Anna B <sip:a@h>", "Anna B", "sip:a@h", "a", "h"),
        (r'"A \"B\" \\ <C>" <sip:a@h>', r'A "B" \ <C>', "sip:a@h", "a", "h"),
        ('"a, b; c" <sip:a@h>;tag=1', "a, b; c", "sip:a@h", "a", "h"),
        ("<sip:a@h;transport=tcp>;tag=1", "", "sip:a@h;transport=tcp", "a", "h"),
        ("<sips:a:secret@h:5061>", "", "sips:a:secret@h:5061", "a", "h"),
        ("<sip:a@[2001:db8::1]:5060;lr>", "", "sip:a@[2001:db8::1]:5060;lr", "a", "[2001:db8::1]"),
        ("<sip:h>", "", "sip:h", "", "h"),
        # RFC 3261 section 19.1.2: escapes in the user part
        ("<sip:J%C3%B8rgen@h>", "", "sip:J%C3%B8rgen@h", "Jørgen", "h"),
        ("<sip:%2A21%23@h>", "", "sip:%2A21%23@h", "*21#", "h"),
        # RFC 3261 section 19.1.6: a telephone number in a SIP URI
        ("<sip:+4512;phone-context=x@h;user=phone>", "", "sip:+4512;phone-context=x@h;user=phone",
         "+4512", "h"),
        # RFC 3966: tel URIs, separators for the eye
        ("<tel:+45-70-10.20(30)>", "", "tel:+45-70-10.20(30)", "+4570102030", ""),
        ("<tel:1234;phone-context=+45>", "", "tel:1234;phone-context=+45", "1234", ""),
        # not addresses at all
        ("", "", "", "", ""),
        ("*", "", "*", "", ""),
        ('"unterminated <sip:a@h>', "", '"unterminated <sip:a@h>', "", ""),
    ],
)  # fmt: skip
def test_addresses(text: str, name: str, uri: str, user: str, host: str) -> None:
    found = headers.parse_address(text)
    assert (found.name, found.uri, found.user, found.host) == (name, uri, user, host)


ANNA = Identity(uri="sip:anna@a.example", number="anna", source="From")


def known(uri: str, number: str, source: str, name: str = "") -> Identity:
    return Identity(uri=uri, number=number, name=name, source=source)


def hidden(source: str) -> Identity:
    return Identity(uri="sip:anonymous@anonymous.invalid", withheld=True, source=source)


PAI, RPID = "P-Asserted-Identity", "Remote-Party-ID"


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        ([FROM], ANNA),
        (["f: <sip:anna@a.example>;tag=1"], ANNA),  # RFC 3261 section 7.3.3
        (["From:\r\n <sip:anna@a.example>;tag=1"], ANNA),  # section 7.3.1, folding
        (["FROM  : <sip:anna@a.example>;tag=1"], ANNA),
        # RFC 3325 section 9.1: the asserted identity counts, and there may be two
        ([FROM, f"{PAI}: <sip:1@p>"], known("sip:1@p", "1", PAI)),
        ([FROM, f'{PAI}: "A" <sip:1@p>, <tel:+1>'], known("sip:1@p", "1", PAI, "A")),
        ([FROM, f"{PAI}: <sip:p>", f"{PAI}: <tel:+1>"], known("tel:+1", "+1", PAI)),
        ([FROM, f"{PAI}: <sip:1@p>", f"{RPID}: <sip:2@p>"], known("sip:1@p", "1", PAI)),
        # draft-ietf-sip-privacy-04
        ([FROM, f'{RPID}: "B" <sip:2@p>;party=calling;privacy=off;screen=yes'],
         known("sip:2@p", "2", RPID, "B")),
        ([FROM, f"{RPID}: <sip:2@p>;privacy=full"], hidden(RPID)),
        ([FROM, f"{RPID}: <sip:2@p>;privacy=uri"], hidden(RPID)),
        # RFC 3323 section 4.2 and RFC 3325 section 9.3: priv-values
        ([FROM, f"{PAI}: <sip:1@p>", "Privacy: id"], hidden(PAI)),
        ([FROM, f"{PAI}: <sip:1@p>", "Privacy: header;id;critical"], hidden(PAI)),
        ([FROM, "Privacy: user"], hidden("From")),
        ([FROM, "Privacy: header"], hidden("From")),
        ([FROM, "Privacy: session"], ANNA),
        ([FROM, "Privacy: none"], ANNA),
        ([FROM, f"{RPID}: <sip:2@p>;privacy=off", "Privacy: id"], hidden(RPID)),
        # RFC 3323 section 4.1.1.3: an anonymous From; known to us, not to be shown
        ([ANONYMOUS], hidden("From")),
        (["From: <sip:Anonymous@provider.example>;tag=1"], hidden("From")),
        ([ANONYMOUS, f"{PAI}: <sip:1@p>"], hidden(PAI)),
        ([ANONYMOUS, f"{PAI}: <sip:1@p>", "Privacy: none"], known("sip:1@p", "1", PAI)),
    ],
)  # fmt: skip
def test_who_calls(lines: list[str], who: Identity) -> None:
    assert headers.caller_identity(message(*lines)) == who


H = "History-Info: "
D = "Diversion: "


@pytest.mark.parametrize(
    ("lines", "by", "why"),
    [
        ([], (), ""),
        # RFC 5806 section 5: the latest first
        ([D + "<sip:22@h>;reason=no-answer;counter=1"], ("22",), "no-answer"),
        ([D + "<sip:22@h>;reason=user-busy, <sip:11@h>;reason=unconditional"], ("22", "11"),
         "user-busy"),
        ([D + "<sip:22@h>;reason=away", D + "<tel:+4511>"], ("22", "+4511"), "away"),
        ([D + '"A, B" <sip:22@h>;reason="do-not-disturb"'], ("22",), "do-not-disturb"),
        # RFC 7044 section 5: ordered by index whatever the order of the headers
        ([H + "<sip:11@h>;index=1, <sip:22@h>;index=1.1;mp=1, <sip:1000@h>;index=1.2;mp=1.1"],
         ("22", "11"), ""),
        ([H + "<sip:1000@h>;index=1.10", H + "<sip:11@h>;index=1", H + "<sip:22@h>;index=1.2"],
         ("22", "11"), ""),
        # section 4.1: an entry of the same user is a hop, not a diversion
        ([H + "<sip:1000@h>;index=1, <sip:1000@192.0.2.1>;index=1.1;rc=1"], (), ""),
        # section 10.2: the cause is escaped into the URI that was left
        ([H + "<sip:11@h?Reason=SIP%3Bcause%3D486>;index=1, <sip:1000@h>;index=1.1"], ("11",),
         "user-busy"),
        ([H + "<sip:11@h?Reason=SIP%3Bcause%3D302>;index=1, <sip:1000@h>;index=1.1"], ("11",),
         "unconditional"),
        # RFC 4458 section 2: or stands in the URI that was chosen instead
        ([H + "<sip:11@h>;index=1, <sip:1000@h;cause=408>;index=1.1"], ("11",), "no-answer"),
        ([H + "<sip:11@h>;index=1, <sip:1000@h;cause=999>;index=1.1"], ("11",), "unknown"),
        # Diversion says it in words, and goes before
        ([D + "<sip:22@h>;reason=away", H + "<sip:11@h>;index=1, <sip:1@h>;index=2"], ("22",),
         "away"),
        ([H + "<sip:11@h>;index=" + "9" * 5000 + ", <sip:1000@h>;index=²"], ("11",), ""),
    ],
)  # fmt: skip
def test_what_was_dialled_first(lines: list[str], by: tuple[str, ...], why: str) -> None:
    found = headers.dialled_number(message(*lines))
    assert (found.number, found.host) == ("1000", "pbx.example")
    assert (found.diverted_by, found.diversion_reason) == (by, why)
    assert found.original == (by[-1] if by else "1000")


@pytest.mark.parametrize(
    ("uri", "number", "host"),
    [
        ("sip:%2B4570102030@h;user=phone", "+4570102030", "h"),
        ("sips:1000@h:5061;transport=tls", "1000", "h"),
        ("tel:+4570102030", "+4570102030", ""),
        ("sip:h", "", "h"),
        ("urn:service:sos", "", "service"),
    ],
)
def test_the_request_uri(uri: str, number: str, host: str) -> None:
    found = headers.dialled_number(message(uri=uri))
    assert (found.number, found.host) == (number, host)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        # RFC 3326 section 2
        ('SIP ;cause=200 ;text="Call completed elsewhere"',
         Reason(cause=200, text="Call completed elsewhere")),
        ("Q.850;cause=16", Reason(protocol="Q.850", cause=16)),
        ("Q.850;text=x", None),
        ("SIP;cause=²", None),
        ("SIP;cause=123456", None),
        ("", None),
    ],
)  # fmt: skip
def test_reasons(value: str, reason: Reason | None) -> None:
    assert headers.parse_reason(value) == reason


PIECES = st.sampled_from(
    ["<", ">", '"', "\\", ";", ",", ":", "@", "?", "=", "%", "%4", "sip:", "tel:", " ", "\t",
     "\r\n", "\n ", "From", "f", "index=1.1", "privacy=", "History-Info: ", "Diversion: ",
     "Reason: SIP;cause=", "[::1]", "٣", "\0", "\udcff", "a" * 500]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=60).map("".join))


@settings(max_examples=400, deadline=1000, derandomize=True)
@given(TEXT, TEXT)
def test_no_text_whatever_makes_reading_fail(start: str, rest: str) -> None:
    for text in (start, f"INVITE {start} SIP/2.0\r\n{rest}", f"INVITE x SIP/2.0\r\nFrom: {rest}"):
        read = headers.parse_message(text)
        read.as_mapping()
        headers.caller_identity(read)
        headers.dialled_number(read)
        headers.parse_reason(read.first("Reason"))
    headers.parse_address(rest)


@pytest.mark.parametrize(
    "piece", ['"', '"a"', "\\", "<", "<>", ",", ";", "\n ", "\n", '"\\', "a=b;", "sip:", "%", "@"]
)
@settings(max_examples=1, deadline=2000)
@given(st.just(60_000))
def test_long_text_takes_time_in_proportion(piece: str, length: int) -> None:
    text = piece * (length // len(piece))
    read = headers.parse_message(f"INVITE {text} SIP/2.0\r\nFrom: {text}\r\nDiversion: {text}")
    headers.caller_identity(read)
    headers.dialled_number(read)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_a_name_survives_quoting(name: str) -> None:
    printable = "".join(mark for mark in name if mark.isprintable())
    quoted = headers.quoted_name(name)
    assert "\r" not in quoted
    assert headers.parse_address(f"{quoted} <sip:a@h>").name == printable


@pytest.mark.asyncio
async def test_headers_of_a_real_call() -> None:
    sent = {
        "P-Asserted-Identity": '"Anna \\"A\\" Å" <sip:+4570102030@provider.example>',
        "Diversion": ["<sip:2000@h>;reason=no-answer", "<sip:3000@h>;reason=unconditional"],
        "X-Queue": "main",
    }
    async with running() as network:
        door = Door(network)
        target = network.addresses[0]
        async with Sipp("uac_call", target=target, service="1000", headers=sent) as caller:
            leg, _ = await door.next()
            leg.answer()
            await caller.finished()
    assert leg.remote == Identity(
        uri="sip:+4570102030@provider.example",
        number="+4570102030",
        name='Anna "A" Å',
        source="P-Asserted-Identity",
    )
    assert leg.dialled.diverted_by == ("2000", "3000")
    assert (leg.dialled.number, leg.dialled.original) == ("1000", "3000")
    assert leg.dialled.diversion_reason == "no-answer"
    assert leg.headers["X-Queue"] == "main"
