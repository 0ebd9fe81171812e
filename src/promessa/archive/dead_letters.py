"""Dead letters: entries that could not be read, once more.

Each becomes a file of rows of its own, and is removed once that lasts: after a crash it is made again in the same place.
What units were before such an entry is not known any more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from promessa.archive.counts import Counts
from promessa.archive.decoding import BadEntry, Decoder
from promessa.archive.directory import ArchiveDirectory, utc_day
from promessa.archive.names import Names, Unnamed
from promessa.archive.segment import duck, write_parquet, write_rows


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
        text = directory.tmp / f"{path.stem}.csv"
        write_rows(text, rows)
        with directory.made(directory.replayed_path(utc_day(rows[0][0]), path)) as made:
            write_parquet(duck(directory), str(text), str(made), None)
        text.unlink()
        on_step("replayed")
        path.unlink()
        on_step("removed")
        count += 1
    return Replayed(count, left)
