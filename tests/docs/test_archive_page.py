"""docs/archive.md explains every column of the archive as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

from promessa.archive.order_schema import EFFECTS
from promessa.archive.tables import TABLES

PAGE = (Path(__file__).parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")


def test_every_column_of_every_table_is_explained():
    for table, columns in TABLES.items():
        (section,) = re.findall(rf"^### {table}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
        found = {
            name: (kind, meaning) for name, kind, meaning in re.findall(r"\| `(\w+)` \| ([A-Z]+) \| (.*) \|", section)
        }
        assert found == columns, table


def test_every_effect_is_explained():
    assert dict(re.findall(r"^\| ([A-Z_]+) \| (.*) \|", PAGE, re.MULTILINE)) == EFFECTS
