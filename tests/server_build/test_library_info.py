"""What is read from the running library is true, and is said in words that fit."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from softswitch.errors import EnvironmentFaultError
from softswitch.sip.info import LibraryInfo, meaning, read_info
from softswitch.sip.server_build.recipe import load_recipe

# As the wheel pjsua2-python 2.15.1.post1 of the package index describes itself.
GENERAL_PURPOSE = LibraryInfo(
    distribution="2.15.1.post1",
    version="2.15.1",
    max_calls=4,
    io_queue="select",
    io_queue_handles=64,
    ipv6=False,
    asserts=True,
    wakes_loop=False,
    codecs=("G722/16000/1", "L16/44100/1", "L16/44100/2", "PCMA/8000/1", "PCMU/8000/1"),
    tls="OpenSSL 1.0.2k-fips  26 Jan 2017",
    srtp=("AES_CM_128_HMAC_SHA1_80",),
)


def defined(name: str) -> int:
    found = re.search(rf"^#define {name} (\d+)$", load_recipe().config_site, re.MULTILINE)
    assert found, name
    return int(found[1])


@pytest.fixture(scope="module")
def installed() -> LibraryInfo:
    return read_info()


def test_the_tests_run_on_the_server_build(installed: LibraryInfo) -> None:
    assert installed.is_server_build
    assert "+server." in installed.distribution
    assert installed.distribution.split("+")[0] == installed.version


def test_the_limits_are_those_compiled_in(installed: LibraryInfo) -> None:
    assert installed.max_calls == defined("PJSUA_MAX_CALLS")
    assert installed.io_queue_handles == defined("PJ_IOQUEUE_MAX_HANDLES")


def test_what_it_can_speak(installed: LibraryInfo) -> None:
    assert set(load_recipe().codecs) <= set(installed.codec_names)
    assert "opus/48000/2" in installed.codecs  # RFC 7587: always 48 kHz and two channels
    assert "G722/16000/1" in installed.codecs
    # The suites that RFC 4568 section 6.2 makes mandatory and recommends.
    assert {"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"} <= set(installed.srtp)
    assert re.match(r"OpenSSL 3\.\d+\.\d+ ", installed.tls)


def test_four_calls_are_not_a_switch() -> None:
    assert not GENERAL_PURPOSE.is_server_build
    words = " ".join(meaning(GENERAL_PURPOSE))
    for said in (
        "4 call legs at once (2 conversations)",
        "softswitch pjsip build",
        "64 sockets by select",
        "Cannot wake the asyncio loop",
        "Built with assertions",
        "no longer maintained",
    ):
        assert said in words


def test_a_server_build_is_said_to_be_enough() -> None:
    server = attrs.evolve(
        GENERAL_PURPOSE,
        max_calls=2048,
        io_queue="epoll",
        io_queue_handles=8192,
        asserts=False,
        wakes_loop=True,
        tls="OpenSSL 3.0.22 25 Aug 2026",
        srtp=(),
    )
    words = " ".join(meaning(server))
    assert "2,048 call legs at once: enough for a switch (1,024 conversations" in words
    assert "8,192 sockets by epoll" in words
    assert "TLS by OpenSSL 3.0.22 25 Aug 2026; no SRTP." in words
    assert "softswitch pjsip build" not in words


def test_each_codec_is_named_once() -> None:
    assert GENERAL_PURPOSE.codec_names == ("G722", "L16", "PCMA", "PCMU")


def test_the_dictionary_holds_the_facts_and_the_verdict() -> None:
    facts = GENERAL_PURPOSE.to_dict()
    assert facts["max_calls"] == 4
    assert facts["codecs"] == list(GENERAL_PURPOSE.codecs)
    assert facts["server_build"] is False
    assert facts["meaning"] == list(meaning(GENERAL_PURPOSE))


def test_a_library_that_fails_to_load_is_an_error_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "pjsua2.py").write_text("raise ImportError('libopus.so.0 is missing')")
    with pytest.raises(EnvironmentFaultError, match=r"libopus\.so\.0 is missing") as caught:
        read_info(tmp_path)
    assert "softswitch pjsip build" in caught.value.remedy


def test_a_library_that_dies_is_an_error_not_the_end_of_us(tmp_path: Path) -> None:
    (tmp_path / "pjsua2.py").write_text("import os; os.abort()")
    with pytest.raises(EnvironmentFaultError, match=r"exit status -6"):
        read_info(tmp_path)
