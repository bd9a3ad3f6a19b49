"""Rules of the files that an office names: sounds, certificates, and the folder for its data."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from softswitch.errors import Fault
from softswitch.prompts.faults import PromptError
from softswitch.prompts.files import decode, open_sound
from softswitch.settings.faults import ConfigPath, fault
from softswitch.sip.config import TlsFiles
from softswitch.switch.config import GroupConfig, OfficeConfig

ALLOWED_SOUND: Final = "a sound file such as WAV, FLAC, Ogg or MP3"
ALLOWED_PEM: Final = "a PEM file"
_RATE_HZ: Final = 8000


def file_faults(config: OfficeConfig) -> Iterator[Fault]:
    """Find files that are missing or are not what they should be."""
    yield from _data_dir_faults(config.data_dir)
    yield from _tls_faults(config.sip.tls)
    for path, file in (*_service_sounds(config), *_group_sounds(config)):
        if message := _sound_fault(file):
            yield fault(path, message, file, ALLOWED_SOUND)


def _group_sounds(config: OfficeConfig) -> Iterator[tuple[ConfigPath, Path]]:
    for group in config.groups:
        yield from _sounds(group)


def _service_sounds(config: OfficeConfig) -> Iterator[tuple[ConfigPath, Path]]:
    for name, person in config.people.items():
        if person.voicemail_greeting:
            yield ("members", name, "voicemail_greeting"), person.voicemail_greeting
    for name, survey in config.surveys.items():
        for i, question in enumerate(survey.questions):
            if question.sound:
                yield ("surveys", name, "questions", i, "sound"), question.sound


def _sounds(group: GroupConfig) -> Iterator[tuple[ConfigPath, Path]]:
    for i, file in enumerate(group.music):
        yield ("groups", group.id, "music", i), file
    if group.greeting:
        yield ("groups", group.id, "greeting"), group.greeting
    if group.voicemail_greeting:
        yield ("groups", group.id, "voicemail_greeting"), group.voicemail_greeting


def reading_fault(file: Path) -> str:
    """Return why a file cannot be read, or nothing."""
    try:
        if file.is_dir():
            return "This is a folder, not a file."
        if file.exists() and not file.is_file():
            return "This is no ordinary file."
        with file.open("rb"):
            return ""
    except FileNotFoundError:
        return "There is no such file."
    except (OSError, ValueError) as error:
        return f"The file cannot be read: {getattr(error, 'strerror', None) or 'bad name'}."


def _sound_fault(file: Path) -> str:
    """Return why a file cannot be played, by reading it as the prompts will."""
    try:
        with open_sound(file) as sound:
            decode(sound, str(file), _RATE_HZ)
    except PromptError as error:
        return str(error)
    except (OSError, ValueError):
        return "The file cannot be read."
    return ""


def _data_dir_faults(folder: Path) -> Iterator[Fault]:
    """Refuse a data folder that cannot be made because a file stands in its way."""
    try:
        standing = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        in_the_way = not standing.is_dir()
    except (OSError, ValueError):
        in_the_way = True
    if in_the_way:
        message = "This folder cannot be made."
        yield fault(("office", "data_dir"), message, folder, "a folder, or a place for a new one")


def _tls_faults(tls: TlsFiles) -> Iterator[Fault]:
    files = {"certificate": tls.certificate, "key": tls.key, "authorities": tls.authorities}
    unreadable = False
    for name, file in files.items():
        if file and (message := reading_fault(file) or _pem_fault(name, file)):
            unreadable = True
            yield fault(("sip", "tls", name), message, file, ALLOWED_PEM)
    if tls.certificate and not unreadable and not _is_pair(tls.certificate, tls.key):
        at = "key" if tls.key else "certificate"
        message = "There is no private key here that belongs to the certificate."
        yield fault(("sip", "tls", at), message, files[at], "an unencrypted PEM private key")


def pair_fault(certificate: Path, key: Path | None) -> str:
    """Return why a certificate and its private key cannot be used together, or nothing."""
    unreadable = reading_fault(certificate) or (reading_fault(key) if key else "")
    if unreadable or _is_pair(certificate, key):
        return unreadable
    return "There is no private key here that belongs to the certificate."


def _pem_fault(name: str, file: Path) -> str:
    """Return why a file holds no certificate; keys are looked at beside their certificate."""
    if name == "key":
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except (ssl.SSLError, OSError):
        return "The file holds no certificate."
    return ""


def _is_pair(certificate: Path, key: Path | None) -> bool:
    """Tell whether a private key opens without a password and belongs to its certificate."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError):
        return False
    return True
