"""What the names of files in an archive say: which revisions they are of, and which files have what a larger one has, too.

segment-000000000042.parquet                rows of revision 42
segment-000000000042-000000001481.parquet   a compacted one: rows of all revisions from 42 to 1481 of that day
replayed-000000000042-3-917.parquet         a dead letter of revision 42 once more; no compacted file has it
000000000042-3-917.json, 000000000042.msgpack
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_SEGMENT = re.compile(r"segment-([0-9]{12})(?:-([0-9]{12}))?\.parquet")
_REPLAYED = re.compile(r"replayed-([0-9]{12})-[0-9]+-[0-9]+\.parquet")
_NUMBERED = re.compile(r"([0-9]{12})[0-9-]*\.(?:json|msgpack)")


def span_of(path: Path) -> tuple[int, int] | None:
    """The first and the last revision of a segment; None if it is none."""
    match = _SEGMENT.fullmatch(path.name)
    return (int(match[1]), int(match[2] or match[1])) if match else None


def revision_of(path: Path) -> int:
    """The revision that a file of the archive belongs to; of a compacted one the last."""
    if span := span_of(path):
        return span[1]
    match = _REPLAYED.fullmatch(path.name) or _NUMBERED.fullmatch(path.name)
    assert match is not None, path
    return int(match[1])


def has_rows(path: Path) -> bool:
    """Whether it is a file of rows."""
    return bool(_SEGMENT.fullmatch(path.name) or _REPLAYED.fullmatch(path.name))


def is_numbered(path: Path) -> bool:
    """Whether it is a dead letter or a state."""
    return bool(_NUMBERED.fullmatch(path.name))


def covered(paths: Iterable[Path]) -> set[Path]:
    """Those of a day's files of a table whose rows a compacted one among them has: they are about to be removed."""
    spans = {path: span for path in paths if (span := span_of(path))}
    wide = [(path, span) for path, span in spans.items() if path.name != segment_name(span[0])]
    return {
        path
        for path, (first, last) in spans.items()
        if any(other != path and span[0] <= first and last <= span[1] for other, span in wide)
    }


def segment_name(first: int, last: int | None = None) -> str:
    """The name of a segment of one revision, or of a compacted one."""
    return f"segment-{first:012}.parquet" if last is None else f"segment-{first:012}-{last:012}.parquet"
