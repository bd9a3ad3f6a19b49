"""Malformed messages, certificates and child processes."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from softswitch.errors import EnvironmentFaultError
from softswitch.testing.peers.baresip import Baresip
from softswitch.testing.peers.certificates import make_certificates
from softswitch.testing.peers.malformed import MALFORMED, send_malformed
from softswitch.testing.peers.messages import parse_message
from softswitch.testing.peers.process import PeerProcess, PeerProcessError, program
from softswitch.testing.peers.sipp import Sipp

asynchronous = pytest.mark.asyncio


@asynchronous
async def test_a_phone_outlives_every_malformed_message() -> None:
    async with Baresip("anna", auto=True) as anna:
        for name in MALFORMED:
            await send_malformed(name, anna.address, wait_s=0.01)
        async with Sipp("uac_call", target=anna.address, service="anna", talk_ms=10) as caller:
            await caller.finished()


@asynchronous
async def test_a_malformed_message_may_be_answered() -> None:
    async with Baresip("anna") as anna:
        answer = await send_malformed("bye_of_no_call", anna.address, wait_s=5)
    assert answer is not None
    assert parse_message(answer).status == 481


def handshake(server_context: ssl.SSLContext, client_context: ssl.SSLContext, name: str) -> str:
    """Version of TLS that a client that checks for ``name`` gets, over a socket pair."""
    here, there = socket.socketpair()
    here.settimeout(5)
    there.settimeout(5)
    faults: list[Exception] = []

    def serve() -> None:
        try:
            server_context.wrap_socket(there, server_side=True).close()
        except OSError as error:
            faults.append(error)
        finally:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_context.wrap_socket(here, server_hostname=name) as secured:
            return secured.version() or ""
    finally:
        here.close()
        thread.join()


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    files = make_certificates(folder, ["127.0.0.1", "pbx.example.net"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=files.authority)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    return server, client


@pytest.mark.parametrize("name", ["127.0.0.1", "pbx.example.net"])
def test_a_client_that_knows_the_authority_trusts_the_server(tmp_path: Path, name: str) -> None:
    assert handshake(*contexts(tmp_path), name).startswith("TLSv1.")


def test_a_client_that_wants_another_name_does_not(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(*contexts(tmp_path), "other.example.net")


def test_a_key_is_for_its_owner_only(tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    assert files.key.stat().st_mode & 0o077 == 0
    assert files.combined.stat().st_mode & 0o077 == 0


def test_a_missing_program_is_told_with_its_package() -> None:
    with pytest.raises(EnvironmentFaultError, match="apt install no-such-package"):
        program("no-such-program", "no-such-package")


@asynchronous
async def test_a_child_that_will_not_end_is_made_to() -> None:
    child = PeerProcess("stubborn")
    script = "trap '' TERM; echo up; while :; do read -r _ < fifo; done"
    await child.start(lambda _: ["/bin/sh", "-c", f"mkfifo fifo; {script}"], {})
    await child.until(lambda: b"up" in child.read("out.txt") or None, 5, "start")
    await child.end(grace_s=0.05)
    assert child.exit_code == -9
    await child.close(keep=False)
    assert not child.folder.exists()


@asynchronous
async def test_a_child_that_runs_on_is_told_and_its_output_quoted() -> None:
    child = PeerProcess("waiting")
    await child.start(lambda _: ["/bin/sh", "-c", "echo still here; exec tail -f /dev/null"], {})
    try:
        await child.until(lambda: b"here" in child.read("out.txt") or None, 5, "start")
        with pytest.raises(PeerProcessError, match=r"still runs after 0\.05 s(.|\n)*still here"):
            await child.wait(0.05)
    finally:
        await child.close(keep=False)


@asynchronous
async def test_peers_never_block_the_loop() -> None:
    with blockbuster_ctx("softswitch.testing.peers"):
        async with Baresip("anna", auto=True) as anna:
            async with Sipp("uac_call", target=anna.address, service="anna", talk_ms=10) as caller:
                await caller.finished()
            await anna.closed()
            assert anna.messages[0].method == "INVITE"
            assert len(anna.heard()) == 1


def test_a_child_does_not_outlive_us_when_we_are_killed() -> None:
    program_text = """
import asyncio, os, signal
from softswitch.testing.peers import Sipp

async def main():
    async with Sipp("uas_answer", timeout_s=50) as waiting:
        print(waiting.pid, waiting.folder, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", program_text], stdout=subprocess.PIPE, text=True
    ) as parent:
        output, _ = parent.communicate(timeout=20)
    pid, folder = output.split()
    with contextlib.suppress(ProcessLookupError):
        gone = os.pidfd_open(int(pid))
        try:
            assert select.select([gone], [], [], 5)[0] == [gone]
        finally:
            os.close(gone)
    shutil.rmtree(folder)
