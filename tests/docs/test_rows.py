"""The worked cases of the service's rows are scenario tests, a file per row, named by it."""

import pytest
from documents import ROOT

ROWS = [
    *(f"a{number}" for number in range(1, 11)),
    *(f"e{number}" for number in range(1, 12)),
    *(f"h{number}" for number in range(1, 7)),
]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_file(row: str) -> None:
    [file] = (ROOT / "tests").glob(f"*/rows/test_{row}_*.py")
    assert f"test_{row}_" in file.read_text(encoding="utf-8")
