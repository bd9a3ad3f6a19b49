"""What is asked of a web service: address, headers, body, with arguments and secrets in place."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs
import httpx

from softswitch.errors import MisuseError
from softswitch.ivr.expressions import Value
from softswitch.ivr.sources import SLOT, Source


async def request_of(
    client: httpx.AsyncClient, source: Source, arguments: Mapping[str, Value]
) -> httpx.Request:
    """Return what is sent. Reads the files of secrets, in a thread.

    Raises:
        MisuseError: an argument or a secret is not there.
    """
    secrets = await asyncio.to_thread(_secrets, source)
    filling = _Filling(arguments, secrets)
    url = httpx.URL(filling.text(source.url, quoted=True))
    if source.query:
        url = url.copy_merge_params(filling.texts(source.query))
    headers = filling.texts(source.headers)
    if source.json is not None:
        headers = {"Content-Type": "application/json", **headers}
        body = json.dumps(filling.value(source.json), ensure_ascii=False).encode()
        return client.build_request(source.method, url, headers=headers, content=body)
    form = None if source.form is None else filling.texts(source.form)
    return client.build_request(source.method, url, headers=headers, data=form)


def _secrets(source: Source) -> dict[str, str]:
    found = {}
    for name in source.secret_names():
        file = source.secrets.get(name)
        try:
            found[name] = os.environ[name] if file is None else file.read_text("utf-8").strip()
        except KeyError:
            message = f"the secret {name} is neither in `secrets` nor in the environment"
            raise MisuseError(message) from None
        except (OSError, ValueError) as error:
            raise MisuseError(f"the secret {name} cannot be read from {file}: {error}") from None
    return found


@attrs.frozen
class _Filling:
    """Puts arguments and secrets in their places; nothing in them is a place again."""

    arguments: Mapping[str, Value]
    secrets: Mapping[str, str]

    def text(self, text: str, *, quoted: bool = False) -> str:
        """Fill a text; ``quoted``: as addresses are written."""
        return SLOT.sub(lambda slot: self._filled(slot, quoted=quoted), text)

    def _filled(self, slot: re.Match[str], *, quoted: bool) -> str:
        value = self.secrets[slot[1]] if slot[1] else str(self._argument(slot[2]))
        return quote(value, safe="") if quoted else value

    def _argument(self, name: str) -> Value:
        if name not in self.arguments:
            raise MisuseError(f"the source needs an argument {name!r}")
        return self.arguments[name]

    def texts(self, table: Mapping[str, str]) -> dict[str, str]:
        """Fill a table of texts."""
        return {name: self.text(text) for name, text in table.items()}

    def value(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Fill a value that becomes JSON."""
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        if isinstance(value, str):
            whole = SLOT.fullmatch(value)
            value = self._argument(whole[2]) if whole and whole[2] else self.text(value)
        return value.isoformat() if isinstance(value, dt.date | dt.time) else value
