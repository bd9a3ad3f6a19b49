"""Texts by SMS in docs/self-service.md: the flow is right, every provider can be asked so."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from documents import ROOT, Block, blocks

from softswitch.ivr.loading import parse_flow
from softswitch.post import Delivered, Envelope
from softswitch.sms import Counter
from softswitch.switch import parse_office
from softswitch.switch.flow_rules import surroundings
from tests.sms.sms_provider import sms_provider

PAGE = ROOT / "docs" / "self-service.md"
TEXT = "Følg din sag ☎"


def of_sms(page: str = "self-service") -> list[Block]:
    return [b for b in blocks(ROOT / "docs" / f"{page}.md", "toml") if b.text.startswith("[sms]")]


def test_the_flow_is_right_in_each_of_the_offices(tmp_path: Path) -> None:
    (flow,) = (b for b in blocks(PAGE, "toml") if 'by = "sms"' in b.text)
    assert len(of_sms()) == 5
    for block in of_sms():
        around = surroundings(parse_office(block.text, base=tmp_path))
        parse_flow(flow.text, base=tmp_path, around=around)


@pytest.mark.asyncio
@pytest.mark.parametrize("block", of_sms(), ids=lambda block: block.text.split("#")[1].split()[0])
async def test_a_provider_gets_what_it_needs(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in re.findall(r"\$\{(\w+)\}", block.text):
        monkeypatch.setenv(name, f"secret-of-{name}")
    table = parse_office(block.text, base=tmp_path).sms
    provider, counter = table.provider, Counter()
    assert provider is not None
    sent = Envelope(
        id="sms-1", sender=table.sender, to=("+4533111111",), since=datetime(2026, 3, 2, tzinfo=UTC)
    )
    async with sms_provider() as bag:
        bag.answers = [(200, '{"messages": [{"status": "0"}]}')]
        here = attrs.evolve(provider, url=re.sub(r"https?://[^/]+", bag.url, provider.url))
        assert await counter.hand_in(here, TEXT.encode(), sent) == Delivered()
        await counter.close()
    (asked,) = bag.asked
    kind = asked.headers.get("content-type", "")
    said = asked.query if not kind else asked.json if kind.endswith("json") else asked.form
    told = str(said)
    assert TEXT in told
    assert "4533111111" in told
    assert table.sender in told
    assert not re.search(r"[{]\w+[}]", told + asked.target + str(asked.headers))
