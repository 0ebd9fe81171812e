"""Each maximum has one name and one value."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from promessa.domain import limits


def test_no_maximum_is_said_twice() -> None:
    tree = ast.parse(Path(limits.__file__).read_text())
    names = Counter(
        name.id for name in ast.walk(tree) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    )
    assert names
    assert {name: times for name, times in names.items() if times > 1} == {}
