"""JSON for programs, by a token: order, look up, withdraw. Faults are RFC 9457 problems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import attrs
from aiohttp import web

from softswitch.settings.faults import shown
from softswitch.switch.call_back_order import CallBackStanding, Origin
from softswitch.web.desk import CallBackDesk, Wish
from softswitch.web.refusals import FieldFault, TryLaterError, Why, WishRefusedError

if TYPE_CHECKING:
    from softswitch.web.visits import Visits

ROOT: Final = "/api"
CALL_BACKS: Final = f"{ROOT}/call-backs"
PROBLEM: Final = "application/problem+json"
_FIELDS: Final = {
    "group": Why.GROUP,
    "number": Why.NUMBER,
    "name": Why.NAME,
    "wished_at": Why.TIME,
}
"""Fields of an order, and why a value of another type is refused."""

_NEEDED: Final = ("group", "number")
_ALLOWED: Final = {
    "group": "the id of a group, in quotes",
    "number": "a telephone number, in quotes",
    "name": "text in quotes",
    "wished_at": "a date and time with its offset from UTC (RFC 3339), or null",
}
_DETAILS: Final = {
    Why.MISSING: "This is missing.",
    Why.UNKNOWN: "There is no such field.",
    Why.GROUP: "There is no such group that can be asked to call.",
    Why.NUMBER: "This is no telephone number.",
    Why.NUMBER_NOT_SERVED: "This number is not called.",
    Why.NAME: "This name cannot be used.",
    Why.TIME: "This is no time.",
    Why.PAST: "This time has passed.",
    Why.TOO_FAR: "This time is too far ahead.",
    Why.CLOSED: "The group is closed then.",
    Why.FULL: "No more orders can be taken now.",
    Why.OFTEN: "This client has ordered too often.",
    Why.NUMBER_OFTEN: "This number has been ordered too often.",
    Why.STOPPING: "The switch is stopping.",
    Why.CALLING: "The number is being called already.",
}


class Api:
    """Answers programs."""

    def __init__(self, desk: CallBackDesk, visits: Visits) -> None:
        """Set up."""
        self._desk = desk
        self._visits = visits

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.post(CALL_BACKS, self.order),
            web.get(f"{CALL_BACKS}/{{id}}", self.standing),
            web.delete(f"{CALL_BACKS}/{{id}}", self.withdraw),
        ]

    async def order(self, request: web.Request) -> web.Response:
        """Order a call back: 201, or 200 with the order that there is already."""
        try:
            wish = _wish(await _table(request))
            placed = await self._desk.place(wish, origin=Origin.API)
        except WishRefusedError as error:
            return problem(422, errors=[_told(fault) for fault in error.faults])
        except TryLaterError as error:
            status = 429 if error.why is Why.NUMBER_OFTEN else 503
            return _later(status, error)
        key = placed.order.key
        headers = {"Location": f"{CALL_BACKS}/{key}"}
        found = self._desk.find(key) or CallBackStanding.begun(placed.order)
        status = 201 if placed.fresh else 200
        return _json(self._described(found), status=status, headers=headers)

    async def standing(self, request: web.Request) -> web.Response:
        """Say where an order stands."""
        found = self._desk.find(request.match_info["id"])
        return problem(404) if found is None else _json(self._described(found))

    async def withdraw(self, request: web.Request) -> web.Response:
        """Withdraw an order: 204."""
        try:
            withdrawn = await self._desk.withdraw(request.match_info["id"])
        except TryLaterError as error:
            return problem(409, detail=_DETAILS[error.why], code=error.why.value)
        return web.Response(status=204) if withdrawn else problem(404)

    def _described(self, found: CallBackStanding) -> dict[str, Any]:
        order, table = found.order, self._desk.table
        link = f"{table.public_url.rstrip('/')}/call-back/order/{order.key}"
        return {
            "id": order.key,
            "group": order.group_id,
            "number": order.number,
            "name": order.name,
            "origin": order.origin.value,
            "ordered_at": order.ordered_at.isoformat(),
            "not_before": order.at.isoformat(),
            "state": found.standing.value,
            "position": found.position,
            "expected": found.expected and attrs.asdict(found.expected),
            "link": link if table.form else None,
        }


def problem(
    status: int,
    *,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> web.Response:
    """Return what is wrong, as RFC 9457 has it; `about:blank` means no more than the status."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    text = json.dumps({**body, **({"detail": detail} if detail else {}), **more})
    return web.Response(text=text, status=status, content_type=PROBLEM, headers=headers)


def _json(
    body: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


def _later(status: int, error: TryLaterError) -> web.Response:
    return problem(
        status,
        detail=_DETAILS[error.why],
        code=error.why.value,
        headers={"Retry-After": str(error.retry_after_s)},
    )


def _told(fault: FieldFault) -> dict[str, str]:
    told = {
        "field": fault.field,
        "code": fault.why.value,
        "detail": _DETAILS[fault.why],
        "value": fault.value,
        "allowed": fault.allowed,
    }
    if fault.opens is not None:
        told["opens_at"] = fault.opens.isoformat()
    return told


async def _table(request: web.Request) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        HTTPUnsupportedMediaType: the body is said to be something else.
        HTTPBadRequest: it is none.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise web.HTTPBadRequest
    return found


def _wish(table: Mapping[str, Any]) -> Wish:
    """Read the fields of an order.

    Raises:
        WishRefusedError: one is missing, unknown, or of another type.
    """
    if faults := [*_unknown(table), *_unfit(table)]:
        raise WishRefusedError(*faults)
    written = table.get("wished_at")
    return Wish(
        group_id=table["group"],
        number=table["number"],
        name=table.get("name") or "",
        at=None if written is None else _moment(written),
    )


def _unknown(table: Mapping[str, Any]) -> Iterator[FieldFault]:
    for name in table:
        if name not in _FIELDS:
            yield FieldFault(field=name[:40], why=Why.UNKNOWN, allowed=", ".join(_FIELDS))


def _unfit(table: Mapping[str, Any]) -> Iterator[FieldFault]:
    """Find fields that are missing or of another type."""
    for name, wrong in _FIELDS.items():
        value = table.get(name)
        fault = FieldFault(field=name, why=wrong, value=_shown(value), allowed=_ALLOWED[name])
        if value is None and name in _NEEDED:
            yield attrs.evolve(fault, why=Why.MISSING)
        elif value is not None and not _fits(name, value):
            yield fault


def _fits(name: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    return name != "wished_at" or _moment(value) is not None


def _shown(value: object) -> str:
    """Return a value as its sender knows it, if it is not long."""
    return value[:60] if isinstance(value, str) else shown(value)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found if found.utcoffset() is not None else None
    except ValueError:
        return None
