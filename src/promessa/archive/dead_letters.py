"""Dead letters: entries that could not be read, once more.

Each becomes a file of rows of its own, and is removed once that lasts: after a crash it is made again in the same place.
What units were before such an entry is not known any more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from promessa.archive.counts import Counts
from promessa.archive.decoding import BadEntry, Decoder
from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.names import Names, Unnamed
from promessa.archive.segment import duck, write_parquet, write_rows
from promessa.archive.tables import Row


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many letters became rows, and why each of the others did not, by file name."""

    count: int
    left: dict[str, str]


def replay(
    directory: ArchiveDirectory, names: Names, *, revision: int, on_step: Callable[[str], None] = lambda step: None
) -> Replayed:
    """Read all dead letters up to a committed revision again. The directory is locked."""
    count, left = 0, {}
    for path in directory.letters():
        if int(path.stem.split("-")[0]) > revision:
            continue
        letter = json.loads(path.read_text(encoding="utf-8"))
        flat = [base64.b64decode(each) for each in letter["entry"]]
        try:
            rows = Decoder(names, Counts()).rows(letter["partition"], letter["sequence"], flat, epoch=letter["epoch"])
        except (BadEntry, Unnamed) as error:
            left[path.name] = str(error)
            continue
        for table, found in rows.items():
            if found:
                _write(directory, table, found, path)
        on_step("replayed")
        path.unlink()
        on_step("removed")
        count += 1
    return Replayed(count, left)


def _write(directory: ArchiveDirectory, table: str, rows: list[Row], letter: Path) -> None:
    text = directory.tmp / f"{letter.stem}.csv"
    write_rows(text, rows)
    with directory.made(directory.replayed_path(table, utc_day(rows[0][0]), letter)) as made:
        write_parquet(duck(directory), table, str(text), str(made), None)
    text.unlink()
