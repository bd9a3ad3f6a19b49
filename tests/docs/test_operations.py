"""docs/operations.md: the encrypted office of the page is one that a switch takes."""

from pathlib import Path

from documents import ROOT, blocks

from softswitch.sip.config import Srtp, Transport
from softswitch.switch import parse_office
from softswitch.testing.peers import make_certificates

PAGE = ROOT / "docs" / "operations.md"


def test_the_encrypted_office_is_taken(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    [block] = blocks(PAGE, "toml")
    text = block.text.replace("office.pem", str(made.certificate))
    office = parse_office(text.replace("office.key", str(made.key)), base=tmp_path)
    assert office.sip.srtp is Srtp.REQUIRED
    assert [listener.transport for listener in office.sip.listen] == [Transport.TLS]
