"""The page for people: a form, where the order stands, a way to withdraw it; without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from aiohttp import web

from softswitch.switch.call_back_order import CallBackStanding, Origin, Standing
from softswitch.switch.e164 import country_of
from softswitch.web.desk import NAME_MAX, CallBackDesk, Wish
from softswitch.web.forgery import COOKIE, Forms, same_origin
from softswitch.web.refusals import FieldFault, TryLaterError, Why, WishRefusedError
from softswitch.web.wording import Templates, Words, example_number, shown_number, words

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.web.visits import Visits

ROOT: Final = "/call-back"
ORDERS: Final = f"{ROOT}/order"
_FIELDS: Final = ("number", "name", "time")
_FIELDS_MAX: Final = 10
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_WALL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_TOO_MANY: Final = (Why.OFTEN, Why.NUMBER_OFTEN)


class Pages:
    """Answers browsers."""

    def __init__(self, house: House, desk: CallBackDesk, visits: Visits) -> None:
        """Set up."""
        self._house = house
        self._desk = desk
        self._visits = visits
        self._forms = Forms()
        self._templates = Templates()
        self._ordered_by: dict[str, str] = {}

    @property
    def policy(self) -> str:
        """The content security policy of the pages."""
        return self._templates.policy

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get(ROOT, self.choose),
            web.get(f"{ROOT}/", self.choose),
            web.get(f"{ROOT}/{{group}}", self.show),
            web.post(f"{ROOT}/{{group}}", self.order),
            web.get(f"{ORDERS}/{{key}}", self.standing),
            web.post(f"{ORDERS}/{{key}}", self.withdraw),
        ]

    # What is asked.

    async def choose(self, request: web.Request) -> web.Response:
        """Let somebody choose who shall call, where there is a choice."""
        groups = self._desk.groups
        if len(groups) == 1:
            return self._form(request, next(iter(groups)))
        language = self._desk.language()
        listed = [(key, title, self._desk.language(key)) for key, title in groups.items()]
        return self._page("choose", language, groups=listed)

    async def show(self, request: web.Request) -> web.Response:
        """Show the form of a group."""
        return self._form(request, self._group(request))

    async def order(self, request: web.Request) -> web.Response:
        """Take the form of a group."""
        group_id = self._group(request)
        said, fields = self._words(group_id), await _fields(request)
        if not self._ours(request, fields, group_id):
            faults = {"form": said.refusal("form")}
            return self._form(request, group_id, fields, faults, status=403)
        visitor = self._visitor(request)
        client = self._visits.client(request)
        try:
            wish = self._wish(group_id, fields)
            placed = await self._desk.place(wish, origin=Origin.WEB, client=client)
        except WishRefusedError as error:
            return self._form(request, group_id, fields, self._told(error, group_id), status=422)
        except TryLaterError as error:
            return self._later(request, group_id, fields, error)
        order = placed.order
        if placed.fresh:
            self._remember(order.id, visitor)
        if self._ordered_by.get(order.id) == visitor:
            raise web.HTTPSeeOther(f"{ORDERS}/{order.key}")
        lines = [said.say("already_text", number=shown_number(order.number))]
        return self._page(
            "order", said.language, heading=said.already, lines=lines, signed="", back=""
        )

    async def standing(self, request: web.Request) -> web.Response:
        """Show where an order stands, to who has its link."""
        found = self._desk.find(request.match_info["key"])
        return self._gone() if found is None else self._order(request, found)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Withdraw an order."""
        key = request.match_info["key"]
        found = self._desk.find(key)
        if found is None:
            return self._gone()
        said = self._words(found.order.group_id)
        if not self._ours(request, await _fields(request), key):
            return self._order(request, found, said.refusal("form"), status=403)
        try:
            await self._desk.withdraw(key)
        except TryLaterError as error:
            return self._order(request, found, said.refusal(error.why.value), status=409)
        return self._page(
            "order",
            said.language,
            heading=said.withdrawn,
            lines=[said.withdrawn_text],
            signed="",
            back=f"{ROOT}/{found.order.group_id}",
        )

    def problem(self, status: int) -> web.Response:
        """Return the page for what went wrong before anybody could look at it."""
        language = self._desk.language()
        said = words(language)
        missing = status == 404
        heading = said.not_found if missing else said.trouble
        lines = [] if missing else [said.trouble_text]
        return self._page(
            "order", language, status=status, heading=heading, lines=lines, signed="", back=""
        )

    # How it is answered.

    def _group(self, request: web.Request) -> str:
        group_id = request.match_info["group"]
        if group_id not in self._desk.groups:
            raise web.HTTPNotFound
        return group_id

    def _words(self, group_id: str) -> Words:
        return words(self._desk.language(group_id))

    def _wish(self, group_id: str, fields: Mapping[str, str]) -> Wish:
        """Read the fields.

        Raises:
            WishRefusedError: the time is none.
        """
        written = fields.get("time", "").strip()
        at = self._moment(written) if written else None
        if written and at is None:
            raise WishRefusedError(FieldFault(field="wished_at", why=Why.TIME, value=written))
        number, name = fields.get("number", ""), fields.get("name", "")
        return Wish(group_id=group_id, number=number, name=name, at=at)

    def _moment(self, written: str) -> datetime | None:
        """Read a time of the office's zone; None: it is none, or no clock there ever shows it."""
        if not _WALL.fullmatch(written):
            return None
        try:
            at = self._desk.local(datetime.fromisoformat(written))
            shown = at.astimezone(UTC).astimezone(at.tzinfo)
        except (ValueError, OverflowError):  # the calendar ends with the years 1 and 9999
            return None
        return at if shown.time() == at.time() else None

    def _told(self, error: WishRefusedError, group_id: str) -> dict[str, str]:
        """Return what is wrong with each field, in words."""
        said, days = self._words(group_id), self._desk.table.ahead_days
        fields = {"wished_at": "time"}
        return {
            fields.get(fault.field, fault.field): said.why(fault, days, self._example())
            for fault in error.faults
        }

    def _example(self) -> str:
        return example_number(country_of(self._house.config))

    def _later(
        self,
        request: web.Request,
        group_id: str,
        fields: Mapping[str, str],
        error: TryLaterError,
    ) -> web.Response:
        status = 429 if error.why in _TOO_MANY else 503
        faults = {"form": self._words(group_id).refusal(error.why.value)}
        answer = self._form(request, group_id, fields, faults, status=status)
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer

    def _form(
        self,
        request: web.Request,
        group_id: str,
        fields: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
        *,
        status: int = 200,
    ) -> web.Response:
        """Return the form, filled in as it was sent, with what is wrong."""
        said, desk = self._words(group_id), self._desk
        values = {name: (fields or {}).get(name, "")[:100] for name in _FIELDS}
        visitor = self._visitor(request)
        answer = self._page(
            "form",
            said.language,
            status=status,
            action=f"{ROOT}/{group_id}",
            several=len(desk.groups) > 1,
            group=desk.groups[group_id],
            signed=self._forms.sign(visitor, group_id, self._house.now),
            values=values,
            faults=faults or {},
            fields=_FIELDS,
            closed=self._closed(group_id, said),
            hints={
                "number": said.say("number_hint", number=self._example()),
                "time": said.say("when_hint", days=desk.table.ahead_days),
            },
            earliest=_wall(desk.now),
            latest=_wall(desk.latest()),
            name_max=NAME_MAX,
        )
        self._keep_visitor(request, answer, visitor)
        return answer

    def _closed(self, group_id: str, said: Words) -> str:
        """Return what is said of a group that is closed."""
        if self._desk.is_open(group_id):
            return ""
        opens = self._desk.opens(group_id)
        if opens is None:
            return said.closed_unknown
        return said.say("closed_now", time=said.moment(opens))

    def _order(
        self, request: web.Request, found: CallBackStanding, fault: str = "", *, status: int = 200
    ) -> web.Response:
        order = found.order
        said = self._words(order.group_id)
        visitor = self._visitor(request)
        signed = self._forms.sign(visitor, order.key, self._house.now)
        answer = self._page(
            "order",
            said.language,
            status=status,
            heading=said.ordered,
            fault=fault,
            lines=_lines(found, said),
            signed="" if found.standing is Standing.CALLING else signed,
            action=f"{ORDERS}/{order.key}",
            back="",
        )
        self._keep_visitor(request, answer, visitor)
        return answer

    def _gone(self) -> web.Response:
        language = self._desk.language()
        said = words(language)
        return self._page(
            "order",
            language,
            status=404,
            heading=said.gone,
            lines=[said.gone_text],
            signed="",
            back=ROOT,
        )

    def _page(
        self, name: str, language: str, *, status: int = 200, **places: object
    ) -> web.Response:
        office = self._house.config.name
        html = self._templates.page(name, language, office, **{"fault": "", **places})
        return web.Response(
            text=html,
            status=status,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Language": language},
        )

    # Whose form it is.

    def _visitor(self, request: web.Request) -> str:
        """Return who visits: the same for the whole of a request."""
        if _VISITOR not in request:
            request[_VISITOR] = self._forms.visitor(request.cookies.get(COOKIE, ""))
        return request[_VISITOR]

    def _keep_visitor(self, request: web.Request, answer: web.Response, visitor: str) -> None:
        if request.cookies.get(COOKIE) != visitor:
            answer.set_cookie(
                COOKIE,
                visitor,
                path=ROOT,
                httponly=True,
                samesite="Lax",
                secure=self._visits.secure(request),
            )

    def _ours(self, request: web.Request, fields: Mapping[str, str], purpose: str) -> bool:
        """Tell whether a form is one of ours that this visitor was given."""
        told = request.headers
        visitor = request.cookies.get(COOKIE, "")
        signed = fields.get("form", "")
        from_us = same_origin(
            told.get("Origin", ""),
            told.get("Sec-Fetch-Site", ""),
            told.get("Host", ""),
            self._desk.table.public_url,
        )
        return from_us and self._forms.accepts(signed, visitor, purpose, self._house.now)

    def _remember(self, order_id: str, visitor: str) -> None:
        """Remember who ordered, for as long as the order is there."""
        there = {order.id for order in self._house.services.call_backs}
        self._ordered_by = {key: who for key, who in self._ordered_by.items() if key in there}
        self._ordered_by[order_id] = visitor


_VISITOR: Final = web.RequestKey("visitor", str)


def _wall(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="minutes")


def _lines(found: CallBackStanding, said: Words) -> list[str]:
    """Say where an order stands."""
    lines = [said.say("ordered_number", number=shown_number(found.order.number))]
    if found.standing is Standing.CALLING:
        return [*lines, said.calling]
    if found.standing is Standing.LATER:
        return [*lines, said.say("scheduled", time=said.moment(found.order.at))]
    lines.append(said.say("waiting", position=found.position))
    if found.expected is not None:
        lines.append(said.expected(found.expected.low_s, found.expected.high_s))
    return lines


async def _fields(request: web.Request) -> dict[str, str]:
    """Read a form; of fields that come twice the last counts.

    Raises:
        HTTPUnsupportedMediaType: the body is no form.
        HTTPBadRequest: it cannot be read.
    """
    if request.content_type != _FORM_TYPE:
        raise web.HTTPUnsupportedMediaType
    try:
        text = (await request.read()).decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX))
    except ValueError:
        raise web.HTTPBadRequest from None
