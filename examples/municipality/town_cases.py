"""The case system: a small database that answers by case number."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

SCHEMA: Final = Path(__file__).with_name("cases.sql")
YEAR_DIGITS: Final = 4


class Cases:
    """Cases in an SQLite file."""

    def __init__(self, file: Path) -> None:
        """Use a file, which is made with a few cases in it when it is not there."""
        self._file = file
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file)) as database:
                database.executescript(SCHEMA.read_text(encoding="utf-8"))

    async def case(self, keyed: str) -> dict[str, object] | None:
        """Answer the look-up ``cases``; a thread waits for the disk, so that no call does.

        Args:
            keyed: the year and the number in one, as it is keyed: 2023114 is case 2023/114.
        """
        return await asyncio.to_thread(self._case, keyed)

    def _case(self, keyed: str) -> dict[str, object] | None:
        year, number = int(keyed[:YEAR_DIGITS]), int(keyed[YEAR_DIGITS:])
        with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute(
                "SELECT subject, state, expected FROM cases WHERE year = ? AND number = ?",
                (year, number),
            ).fetchone()
        if row is None:
            return None
        subject, state, expected = row
        return {
            "case": f"{year}/{number}",
            "subject": subject,
            "state": state,
            "expected": expected,
        }
