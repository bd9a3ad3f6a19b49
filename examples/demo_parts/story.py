"""Who calls whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from demo_parts.people import Role

if TYPE_CHECKING:
    from demo_parts.stage import Stage


@attrs.frozen
class Chapter:
    """A part of the story: its title, and what it shows."""

    title: str
    text: str


AGENTS = (
    Role(
        id="anna",
        name="Anna",
        answers_after_s=1.5,
        says="Fjordby Bolig, du taler med Anna. Hvad kan jeg hjælpe dig med?",
    ),
    Role(
        id="bo",
        name="Bo",
        answers_after_s=1.8,
        says="Velkommen til Fjordby Bolig. Mit navn er Bo, hvad drejer det sig om?",
    ),
    Role(
        id="clara",
        name="Clara",
        answers_after_s=2.0,
        says="Clara her. Giv mig lige et øjeblik, så slår jeg op i systemet.",
    ),
    Role(
        id="david",
        name="David",
        answers_after_s=2.4,
        says="Her er David fra driften. Fortæl mig bare, hvor problemet er.",
    ),
    Role(
        id="eva",
        name="Eva",
        answers_after_s=1.6,
        says="Eva ved telefonen. Jeg sender en tekniker ud til jer i eftermiddag.",
    ),
)

CALLERS = (
    Role(
        id="+4570102030",
        name="Karen",
        dials="1000",
        says="Goddag, det er Karen. Jeg vil gerne høre om min husleje.",
    ),
    Role(
        id="+4521436587",
        name="Lars",
        dials="2001",
        says="Hej, det er Lars. Det drypper ned fra loftet i mit køkken.",
    ),
    Role(
        id="+4733445566",
        name="Mette",
        dials="1000",
        says="Her er Mette. Hvornår kan jeg få nøglerne til lejligheden?",
    ),
    Role(
        id="+4542424242",
        name="Ole",
        dials="1000",
        says="Det er Ole fra nummer seks. Naboen spiller trompet om natten.",
    ),
    Role(
        id="+46855512345",
        name="Pia",
        dials="1000",
        says="Hej, jeg hedder Pia. Er der en ledig bolig med altan?",
    ),
    Role(
        id="+4560708090",
        name="Rune",
        dials="1000",
        says="Ja goddag, Rune her. Elevatoren står stille igen i dag.",
    ),
    Role(
        id="+4588776655",
        name="Sofie",
        dials="1000",
        says="Hvor længe skal jeg mon vente? Jeg har ikke så god tid.",
    ),
    Role(
        id="+4591827364",
        name="Tove",
        dials="1000",
        says="Tak fordi du tog den. Jeg har spørgsmål til varmeregnskabet.",
    ),
    Role(
        id="+4511223344",
        name="Uffe",
        dials="1000",
        says="Nå, så kom jeg igennem. Vaskemaskinen i kælderen vil ikke åbne.",
    ),
)

CAST = (*AGENTS, *CALLERS)

PROGRAMME = (
    Chapter(
        "Answered at once",
        "Number 1000, strategy `simultaneous`: all free phones ring. The first to answer wins, the"
        " others stop ringing and are not told of a missed call.",
    ),
    Chapter(
        "Longest idle first",
        "Number 2001 has another strategy: whoever has been idle longest is called first. Who"
        " refuses is passed over. And Eva is back from leave.",
    ),
    Chapter("All busy", "Three more calls, and everybody talks."),
    Chapter(
        "The queue",
        "The next callers wait, first come first served. They hear music, and now and then their"
        " place in the queue; then it goes on where it stopped.",
    ),
    Chapter(
        "The queue is full",
        "Three may wait here. A fourth is one too many, and goes where the office file says: to"
        " the group `repairs`, to wait there.",
    ),
    Chapter(
        "Through",
        "One caller gives up. Whenever somebody is free again, the caller who has waited longest"
        " is through at once.",
    ),
)


async def tell(stage: Stage) -> None:
    """The whole story, until the last caller has hung up."""
    stage.chapter(1)
    await stage.pause(1.5)
    stage.call("Karen")
    await stage.until_answered("Karen")
    await stage.pause(3.5)

    stage.chapter(2)
    stage.switch.set_member("eva", active=True)
    stage.agents["david"].refuses_next = True
    await stage.pause(1.5)
    stage.call("Lars")
    await stage.until_answered("Lars")
    await stage.pause(3)

    stage.chapter(3)
    for name in ("Mette", "Ole", "Pia"):
        stage.call(name)
        await stage.until_answered(name)
        await stage.pause(0.5)

    stage.chapter(4)
    for name in ("Rune", "Sofie", "Tove"):
        await stage.pause(1.5)
        stage.call(name)
    await stage.pause(4)

    stage.chapter(5)
    await stage.pause(1)
    stage.call("Uffe")
    await stage.pause(4.5)

    stage.chapter(6)
    await stage.pause(1)
    stage.hang_up("Sofie")
    await stage.pause(2.5)
    stage.hang_up("Karen")
    await stage.until_answered("Rune")
    await stage.pause(1.5)
    stage.hang_up("Lars")
    await stage.pause(1)
    stage.hang_up("Mette")
    await stage.until_answered("Tove")
    await stage.until_answered("Uffe")
    await stage.pause(3)
    for name in ("Ole", "Rune", "Pia", "Tove", "Uffe"):
        stage.hang_up(name)
        await stage.pause(0.7)
    await stage.until_all_is_over()
