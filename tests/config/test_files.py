"""The files that an office names, and the office file itself."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from offices import GOOD, faults_of, paths_of

from softswitch.errors import ConfigurationError
from softswitch.switch.loading import load_office


def _key_pem(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, the key encrypted, another key, and no PEM at all."""
    folder = tmp_path_factory.mktemp("pem")
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx.example.net")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2046, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    contents = {
        "cert": certificate,
        "key": _key_pem(key),
        "both": certificate + _key_pem(key),
        "locked": _key_pem(key, b"password"),
        "other": _key_pem(other),
        "text": b"no PEM at all\n",
    }
    for file, content in contents.items():
        (folder / f"{file}.pem").write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({"certificate": "cert", "key": "key", "authorities": "cert"}, []),
        ({"certificate": "both"}, []),
        ({"certificate": "cert"}, ["sip.tls.certificate"]),
        ({"certificate": "cert", "key": "other"}, ["sip.tls.key"]),
        ({"certificate": "cert", "key": "locked"}, ["sip.tls.key"]),
        ({"certificate": "cert", "key": "text"}, ["sip.tls.key"]),
        ({"certificate": "text", "key": "key"}, ["sip.tls.certificate"]),
        ({"certificate": "both", "authorities": "key"}, ["sip.tls.authorities"]),
        ({"key": "key"}, ["sip.tls.key"]),
    ],
)
def test_tls_files(pem: Path, files: dict[str, str], paths: list[str]):
    lines = [f"{name} = '{file}.pem'" for name, file in files.items()]
    text = "[sip.tls]\n" + "\n".join(lines) + GOOD
    assert paths_of(text, pem) == paths


def test_sounds_are_looked_for_beside_the_file(sound: Callable[[str], Path], tmp_path: Path):
    (tmp_path / "music").mkdir()
    sound("music/one.wav")
    assert paths_of(GOOD + "greeting = 'music/one.wav'", tmp_path) == []
    assert paths_of(GOOD + "greeting = 'one.wav'", tmp_path) == ["groups.main.greeting"]
    assert paths_of(GOOD + f"greeting = '{tmp_path}/music/one.wav'", Path("/nowhere")) == []


def test_what_is_no_sound_is_refused_with_a_reason_and_shown_as_written(
    sound: Callable[[str], Path], tmp_path: Path
):
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    names = ["text.wav", "empty.wav", "folder.wav", "pipe.wav", sound("good.wav").name]
    faults = faults_of(GOOD + f"music = {names}", tmp_path)
    assert [fault.path for fault in faults] == [f"groups.main.music[{i}]" for i in range(4)]
    assert [fault.value for fault in faults] == [repr(name) for name in names[:4]]
    assert len({fault.message for fault in faults}) == 4


def test_a_data_folder_that_a_file_stands_in_the_way_of(tmp_path: Path):
    (tmp_path / "file").touch()
    for folder in ("file", "file/under"):
        assert paths_of(f"[office]\ndata_dir = '{folder}'" + GOOD, tmp_path) == ["office.data_dir"]
    assert paths_of("[office]\ndata_dir = 'new/one'" + GOOD, tmp_path) == []
    assert not (tmp_path / "new").exists()


def _refusal(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_office(path)
    [fault] = caught.value.faults
    assert fault.path == str(path)
    return fault.message


def test_an_office_file_that_cannot_be_read(tmp_path: Path):
    assert _refusal(tmp_path / "none.toml") == "There is no such file."
    assert _refusal(tmp_path) == "The file cannot be read: Is a directory."
    assert _refusal(tmp_path / "x\0y") == "The file cannot be read: bad name."
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[office]\nname = 'Søby'\n".encode("latin-1"))
    assert _refusal(latin) == "The file is not UTF-8 text: byte 19 of it is wrong."


def test_an_office_file_as_windows_writes_it(tmp_path: Path):
    file = tmp_path / "office.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_office(file).groups[0].numbers == ("1000",)
