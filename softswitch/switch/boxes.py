"""Whose voicemail boxes there are: one for each group, and one for each member."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from softswitch.switch.config import OfficeConfig


@attrs.frozen(kw_only=True)
class Box:
    """One voicemail box.

    Attributes:
        id: the group's or the member's; where both have one id the box is the group's.
        name: what people call it.
        language: spoken to those who leave messages and to those who hear them.
        keyed_as: what its owner keys to hear messages; empty: it cannot be reached by phone.
        mail_to: addresses that messages are sent to.
        greeting: sound file heard before the tone, or None.
        watchers: members whose phones show that messages wait.
        of_group: it is a group's.
    """

    id: str
    name: str
    language: str
    keyed_as: tuple[str, ...] = ()
    mail_to: tuple[str, ...] = ()
    greeting: Path | None = None
    watchers: tuple[str, ...] = ()
    of_group: bool = False

    @property
    def pin_owner(self) -> str:
        """Whose PIN opens it, as `softswitch.switch.pins.Pins` knows it."""
        return f"group-{self.id}" if self.of_group else member_pin_owner(self.id)


def member_pin_owner(member_id: str) -> str:
    """Return what a member's PIN is kept as: for the own box, and for logging in by phone."""
    return f"member-{member_id}"


def boxes_of(config: OfficeConfig) -> Mapping[str, Box]:
    """Return the boxes of an office by their ids."""
    return {box.id: box for box in (*_of_members(config), *_of_groups(config))}


def _of_groups(config: OfficeConfig) -> list[Box]:
    return [
        Box(
            id=group.id,
            name=group.id,
            language=group.language,
            keyed_as=group.numbers,
            mail_to=group.voicemail_to,
            greeting=group.voicemail_greeting,
            watchers=group.engine.members,
            of_group=True,
        )
        for group in config.groups
    ]


def _of_members(config: OfficeConfig) -> list[Box]:
    made = []
    for member in config.members:
        person = config.people.get(member.id)
        made.append(
            Box(
                id=member.id,
                name=member.name or member.id,
                language=config.language,
                keyed_as=(person.code,) if person is not None and person.code else (),
                mail_to=() if person is None else person.voicemail_to,
                greeting=None if person is None else person.voicemail_greeting,
                watchers=(member.id,),
            )
        )
    return made
