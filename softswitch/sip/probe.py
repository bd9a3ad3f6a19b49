"""Asks the installed PJSIP what it is. Run as a script, in a process of its own.

PJSIP writes to standard output before a log can be set, keeps its state in globals and, built
with asserts, may abort; none of that should happen to the process that asks. So this file uses
nothing of softswitch, sends whatever PJSIP prints to standard error, and puts one JSON object on
standard output. `softswitch.sip.info` starts it and reads the answer.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import re
from pathlib import Path
from typing import Any

import pjsua2 as pj

MORE_CALLS_THAN_ANY_BUILD = 1_000_000
LOG_LEVEL_OF_DUMP = 3
LOG_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
SSL_VERSION_NUMBERS = ("OpenSSL_version", "SSLeay_version")  # since OpenSSL 1.1; before


def native() -> ctypes.PyDLL:
    """The C functions behind the Python module: some facts have no Python name."""
    path = next(line.split()[-1] for line in mapped_files() if "/_pjsua2" in line)
    return ctypes.PyDLL(path)


def mapped_files() -> list[str]:
    """Lines of the memory map of this process that name a file (proc(5))."""
    return [line for line in Path("/proc/self/maps").read_text().splitlines() if "/" in line]


def openssl_version() -> str:
    """What the loaded libcrypto calls itself, or empty when none is loaded."""
    paths = {line.split()[-1] for line in mapped_files() if "/libcrypto" in line}
    for library in map(ctypes.CDLL, sorted(paths)):
        for name in SSL_VERSION_NUMBERS:
            if hasattr(library, name):
                function = getattr(library, name)
                function.restype = ctypes.c_char_p
                return str(function(0).decode())
    return ""


def dumped_configuration(library: ctypes.PyDLL) -> str:
    """The configuration that PJSIP was compiled with, as it writes it to its log."""
    lines: list[str] = []
    catch = LOG_FUNCTION(lambda _level, text, _length: lines.append(text.decode()))
    library.pj_log_set_level(LOG_LEVEL_OF_DUMP)
    library.pj_log_get_log_func.restype = LOG_FUNCTION
    before = library.pj_log_get_log_func()
    library.pj_log_set_log_func(catch)
    library.pj_dump_config()
    library.pj_log_set_log_func(before)
    library.pj_log_set_level(0)
    return "".join(lines)


def number(pattern: str, text: str) -> int:
    """The number that stands after ``pattern`` in PJSIP's own dump of its configuration."""
    found = re.search(pattern + r"\s*:\s*(\d+)", text)
    return int(found[1]) if found else 0


def word(pattern: str, text: str) -> str:
    """The word that stands after ``pattern`` in PJSIP's own dump of its configuration."""
    found = re.search(pattern + r"\s*:\s*(\w+)", text)
    return found[1] if found else ""


def starts_tls(endpoint: pj.Endpoint) -> bool:
    """Whether a TLS listener can be opened (on a port of the system's choice, on loopback)."""
    config = pj.TransportConfig()
    config.boundAddress = "127.0.0.1"
    try:
        endpoint.transportClose(endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, config))
    except pj.Error:
        return False
    return True


def configuration() -> pj.EpConfig:
    """Settings for a quiet endpoint without threads that asks for more calls than it can get."""
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = MORE_CALLS_THAN_ANY_BUILD
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    return config


def facts(endpoint: pj.Endpoint) -> dict[str, Any]:
    """Everything there is to know, under the names of `softswitch.sip.info.LibraryInfo`."""
    library = native()
    tls = starts_tls(endpoint)
    dump = dumped_configuration(library)
    return {
        "distribution": importlib.metadata.version("pjsua2-python"),
        "version": endpoint.libVersion().full,
        "max_calls": library.pjsua_call_get_max_count(),
        "io_queue": word("ioqueue type", dump),
        "io_queue_handles": number("PJ_IOQUEUE_MAX_HANDLES", dump),
        "asserts": number("PJ_DEBUG", dump) > 0,
        "ipv6": number("PJ_HAS_IPV6", dump) > 0,
        "wakes_loop": hasattr(endpoint, "libGetSipIoqueueHandle"),
        "codecs": sorted(codec.codecId for codec in endpoint.codecEnum2()),
        "tls": openssl_version() if tls else "",
        "srtp": list(endpoint.srtpCryptoEnum()),
    }


def main() -> None:
    """Print the facts as JSON on what was standard output."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    endpoint.libInit(configuration())
    with answer:
        json.dump(facts(endpoint), answer)
    endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)


if __name__ == "__main__":
    main()
