"""The flows of an office at work: each in one version, changed whole or not at all.

A new version is read, checked and rendered while the one before is in force; only then new calls
take it. Calls in progress keep the version that they began with. Every version that was in force
is kept in the data folder, so that any of them can be brought back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from softswitch.errors import ConfigurationError, Fault, MisuseError
from softswitch.ivr.checks import Surroundings
from softswitch.ivr.differences import differences
from softswitch.ivr.loading import flow_files, load_flow
from softswitch.ivr.model import Flow
from softswitch.settings.faults import fault
from softswitch.switch.config import FlowConfig, OfficeConfig
from softswitch.switch.flow_history import (
    KeptVersion,
    keep,
    kept_versions,
    texts_of,
    write_texts,
)
from softswitch.switch.flow_records import FlowChanged
from softswitch.switch.flow_rules import surroundings, uses_in
from softswitch.switch.flow_sounds import FlowSounds

if TYPE_CHECKING:
    from softswitch.switch.house import House
    from softswitch.switch.sounds import OfficeSounds

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class FlowVersion:
    """A version that is ready for calls.

    Attributes:
        texts: the flow's files and those of its further plans, relative to the folder of the
            first, with their texts.
    """

    flow: Flow
    sounds: FlowSounds
    texts: Mapping[str, str] = attrs.field(factory=dict)


class FlowBook:
    """Every flow of an office, and what it was before."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._configs: dict[str, FlowConfig] = {}
        self._current: dict[str, FlowVersion] = {}
        self._adopted: dict[int, FlowVersion] = {}
        self._changing = asyncio.Lock()
        house.desk.also_used(self.uses)

    def current(self, flow_id: str) -> FlowVersion:
        """Return the version in force.

        Raises:
            MisuseError: there is no such flow.
        """
        if flow_id not in self._current:
            raise MisuseError(f"the office has no flow {flow_id!r}")
        return self._current[flow_id]

    async def adopted(self, flow: Flow) -> FlowVersion:
        """Return a flow that was made by a program, ready for calls."""
        if id(flow) not in self._adopted:
            sounds = FlowSounds(self._house, self._house.sounds)
            await sounds.prepare(flow)
            self._adopted[id(flow)] = FlowVersion(flow=flow, sounds=sounds)
        return self._adopted[id(flow)]

    def uses(self, name: str) -> Iterator[str]:
        """Say, in words, where flows use a sound of the library."""
        named = {flow_id: version.flow for flow_id, version in self._current.items()}
        of_programs = ((v.flow.name, v.flow) for v in self._adopted.values())
        for flow_id, flow in (*named.items(), *of_programs):
            yield from (words for sound, words in uses_in(flow_id, flow) if sound == name)

    async def planned(
        self, config: OfficeConfig, sounds: OfficeSounds, *, opening: bool = False
    ) -> dict[str, FlowVersion]:
        """Read, check and render the flows of an office; nothing is in force yet.

        Args:
            config: the office.
            sounds: its sounds.
            opening: an office that opens does so also where its library lacks a sound: the log
                says so, and callers do not hear it.

        Raises:
            ConfigurationError: a flow is faulty; it holds every fault.
        """
        known = None if opening else frozenset(self._house.desk.catalogue.sounds)
        around = surroundings(config, known, self._house.services.own_recogniser)
        return {flow.id: await self._read(around, flow, sounds) for flow in config.flows}

    def take(self, config: OfficeConfig, versions: Mapping[str, FlowVersion], by: str) -> None:
        """Bring what was planned into force."""
        self._configs = {flow.id: flow for flow in config.flows}
        before, self._current = self._current, dict(versions)
        for flow_id, version in versions.items():
            self._note(flow_id, before.get(flow_id), version, by)

    async def change(self, flow_id: str, by: str = "command") -> tuple[str, ...]:
        """Read a flow's file again, and let new calls take what it says now.

        Returns:
            What is different, in words; nothing where it says the same.

        Raises:
            ConfigurationError: it is faulty, and everything stays as it is.
            MisuseError: there is no such flow.
        """
        async with self._changing:
            before = self.current(flow_id)
            house, config = self._house, self._configs[flow_id]
            sounds, ears = house.desk.catalogue.sounds, house.services.own_recogniser
            around = surroundings(house.config, frozenset(sounds), ears)
            after = await self._read(around, config, house.sounds)
            if after.flow.version == before.flow.version:
                return ()
            self._current[flow_id] = after
            return self._note(flow_id, before, after, by)

    async def change_all(self, by: str = "command") -> dict[str, tuple[str, ...]]:
        """Read every flow's file again; each counts by itself.

        Returns:
            For each flow that is another now what is different, in words.

        Raises:
            ConfigurationError: flows are faulty; those stay as they are. It holds every fault.
        """
        changed: dict[str, tuple[str, ...]] = {}
        faults: list[Fault] = []
        for flow_id in tuple(self._configs):
            try:
                if changes := await self.change(flow_id, by):
                    changed[flow_id] = changes
            except ConfigurationError as error:
                faults += error.faults
        if faults:
            raise ConfigurationError(faults)
        return changed

    async def roll_back(self, flow_id: str, version: str = "") -> tuple[str, ...]:
        """Bring an earlier version back, into its file too.

        Args:
            flow_id: the flow.
            version: its digest; empty: the one before the one in force.

        Returns:
            What is different, in words.

        Raises:
            MisuseError: there is no such flow or version.
            ConfigurationError: the version does not fit the office any more.
        """
        now, config = self.current(flow_id), self._configs[flow_id]
        kept = await asyncio.to_thread(kept_versions, self._folder(flow_id))
        earlier = [k for k in kept if k.version == version or not version]
        wanted = next((k for k in reversed(earlier) if k.version != now.flow.version), None)
        if wanted is None:
            raise MisuseError(f"there is no such earlier version of flow {flow_id}")
        texts = await asyncio.to_thread(texts_of, self._folder(flow_id), wanted.version)
        before = {name: text.encode() for name, text in now.texts.items()}
        await asyncio.to_thread(write_texts, config.file.parent, texts)
        try:
            return await self.change(flow_id, by="roll_back")
        except Exception:
            restored = {name: text.decode() for name, text in before.items()}
            await asyncio.to_thread(write_texts, config.file.parent, restored)
            raise

    def versions(self, flow_id: str) -> tuple[KeptVersion, ...]:
        """Return the versions that were in force, the latest last. Reads the disk."""
        return kept_versions(self._folder(flow_id))

    def _folder(self, flow_id: str) -> Path:
        return self._house.config.data_dir / "flows" / flow_id

    async def _read(
        self, around: Surroundings, flow: FlowConfig, office_sounds: OfficeSounds
    ) -> FlowVersion:
        read, texts = await asyncio.to_thread(
            lambda: (load_flow(flow.file, around), flow_files(flow.file))
        )
        self._require_functions(flow.id, read)
        sounds = FlowSounds(self._house, office_sounds)
        await sounds.prepare(read)
        return FlowVersion(flow=read, sounds=sounds, texts=texts)

    def _require_functions(self, flow_id: str, flow: Flow) -> None:
        """Refuse a flow that looks up what nobody has registered a function for."""
        known = self._house.look_ups
        faults = [
            fault(
                ("flows", flow_id, "file"),
                f"Nothing answers the look-up {name!r}: "
                "it has no url, and no function was registered under this name.",
            )
            for name, source in flow.sources.items()
            if not source.url and not known.knows(name)
        ]
        if faults:
            raise ConfigurationError(faults)
        for plan in flow.sub_flows.values():
            self._require_functions(flow_id, plan)

    def _note(
        self, flow_id: str, before: FlowVersion | None, after: FlowVersion, by: str
    ) -> tuple[str, ...]:
        """Record a change, and keep the version."""
        changes = differences(None if before is None else before.flow, after.flow)
        if before is not None and not changes and before.flow.version == after.flow.version:
            return ()
        self._house.journal.note(
            FlowChanged(
                at=self._house.now,
                flow_id=flow_id,
                version=after.flow.version,
                before="" if before is None else before.flow.version,
                by=by,
                changes=changes,
            )
        )
        since = self._house.clock.at(self._house.now)
        keeping = asyncio.to_thread(
            keep, self._folder(flow_id), after.flow.version, after.texts, since
        )
        self._house.tasks.spawn(keeping, name=f"keeping flow {flow_id}")
        log.info("flow %s is in force in version %s", flow_id, after.flow.version)
        return changes
