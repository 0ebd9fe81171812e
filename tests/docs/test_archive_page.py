"""docs/archive.md explains every column of the archive as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

from promessa.archive.schema import COLUMNS


def test_every_column_is_explained():
    page = (Path(__file__).parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")
    found = {name: (kind, meaning) for name, kind, meaning in re.findall(r"\| `(\w+)` \| ([A-Z]+) \| (.*) \|", page)}
    assert found == COLUMNS
