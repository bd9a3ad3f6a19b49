"""The web service of a switch: it runs in the switch's loop, and opens and closes with it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from softswitch.errors import MisuseError
from softswitch.web import api
from softswitch.web.desk import CallBackDesk
from softswitch.web.doors import Doors
from softswitch.web.pages import Pages
from softswitch.web.visits import Visits

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.web_tables import WebTable

log = logging.getLogger(__name__)

STOP_S: Final = 1.0
"""Answers under way have so long when the switch closes."""

_IDLE_S: Final = 5.0
_HANDSHAKE_S: Final = 5.0
_LINE_MAX: Final = 2048
_HEADER_MAX: Final = 4096
_HEADERS_MAX: Final = 64
_BACKLOG: Final = 64

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer:
    """Takes orders by web."""

    def __init__(self, house: House) -> None:
        """Set up; nothing listens before `open`."""
        self._house = house
        self._server: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None
        self._doors: Doors | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it listens: address and port; None: nowhere."""
        if self._server is None or not self._server.sockets:
            return None
        host, port, *_ = self._server.sockets[0].getsockname()
        return host, port

    async def open(self) -> None:
        """Listen, if the office wants that.

        Raises:
            MisuseError: the address cannot be listened on.
        """
        table = self._house.config.web
        if table.port is None:
            return
        secret, context = await asyncio.to_thread(_prepared, table)
        if not secret and (table.token or table.token_file):
            log.error("programs cannot order: the secret of [web] is missing or too short")
        self._runner = web.AppRunner(
            self._application(Visits(self._house, secret), table),
            handle_signals=False,
            access_log=None,  # the addresses of orders are secrets
            logger=_http_log(),
            keepalive_timeout=_IDLE_S,
            lingering_time=1.0,
            max_line_size=_LINE_MAX,
            max_field_size=_HEADER_MAX,
            max_headers=_HEADERS_MAX,
            auto_decompress=False,
            shutdown_timeout=STOP_S,
        )
        await self._runner.setup()
        try:
            await self._listen(self._runner, table, context)
        except OSError as error:
            await self.close()
            raise MisuseError(
                f"the web service cannot listen at {table.address}:{table.port}: {error}"
            ) from error
        log.info("call backs are ordered at %s:%s", *(self.address or ()))

    async def close(self) -> None:
        """Listen no more; answers under way are given."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _listen(
        self, runner: web.AppRunner, table: WebTable, context: ssl.SSLContext | None
    ) -> None:
        if runner.server is None:
            raise RuntimeError("aiohttp's runner has no server after its set-up")
        self._doors = Doors(runner.server, lambda: self._house.config.web.proxies)
        self._server = await asyncio.get_running_loop().create_server(
            self._doors,
            table.address,
            table.port,
            ssl=context,
            ssl_handshake_timeout=_HANDSHAKE_S if context else None,
            backlog=_BACKLOG,
        )

    def _application(self, visits: Visits, table: WebTable) -> web.Application:
        desk = CallBackDesk(self._house)
        pages = Pages(self._house, desk, visits)
        front = _Front(self, pages, visits)
        application = web.Application(
            middlewares=[front.middleware], client_max_size=table.body_max
        )
        if visits.programs:
            application.add_routes(api.Api(desk, visits).routes())
        if table.form:
            application.add_routes(pages.routes())
        return application

    async def whole(self, request: web.Request) -> None:
        """Read a request to its end; only then may it take its time."""
        if request.can_read_body:
            await request.read()
        if self._doors is not None:
            self._doors.hold(request.transport)

    def answered(self, request: web.Request) -> None:
        """A request is answered."""
        if self._doors is not None:
            self._doors.release(request.transport)


class _Front:
    """What is done with every request and every answer."""

    def __init__(self, server: WebServer, pages: Pages, visits: Visits) -> None:
        self._server = server
        self._pages = pages
        self._visits = visits

    @web.middleware
    async def middleware(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            answer = await self._answer(request, handler)
        finally:
            self._server.answered(request)
        headers = answer.headers
        headers["Content-Security-Policy"] = self._pages.policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cache-Control"] = "no-store"
        headers["Server"] = "softswitch"
        return answer

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            self._require_welcome(request)
            if request.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise web.HTTPUnsupportedMediaType  # noqa: TRY301 - answered below like the rest
            await self._server.whole(request)
            return await handler(request)
        except web.HTTPRedirection as error:
            return web.Response(
                status=error.status, headers={"Location": error.headers["Location"]}
            )
        except web.HTTPException as error:
            return self._problem(request, error)
        except Exception:
            log.exception("a request of the web service failed")
            return self._problem(request, web.HTTPInternalServerError())

    def _require_welcome(self, request: web.Request) -> None:
        """Let programs in by their token, and everybody else not too often.

        Raises:
            HTTPUnauthorized: the token is missing or wrong.
            HTTPTooManyRequests: there were too many requests.
        """
        if not _is_api(request):
            self._visits.require_patience(request)
        elif not self._visits.knows(request):
            self._visits.require_patience(request)
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})

    def _problem(self, request: web.Request, error: web.HTTPException) -> web.Response:
        status = error.status
        answer = api.problem(status) if _is_api(request) else self._pages.problem(status)
        for name in ("Allow", "Retry-After", "WWW-Authenticate"):
            if name in error.headers:
                answer.headers[name] = error.headers[name]
        return answer


def _is_api(request: web.Request) -> bool:
    return request.path == api.ROOT or request.path.startswith(f"{api.ROOT}/")


def _http_log() -> logging.Logger:
    """Return the log of what speaks HTTP, without the requests that are none.

    Anybody can send those, as many as there is disk for, and what they hold may be secret.
    """
    http_log = log.getChild("http")
    http_log.addFilter(_is_of_ours)
    return http_log


def _is_of_ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _prepared(table: WebTable) -> tuple[str, ssl.SSLContext | None]:
    """Read the secret and the certificate. Reads files: call it in a thread."""
    if table.certificate is None:
        return table.secret(), None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(table.certificate, table.key)
    return table.secret(), context
