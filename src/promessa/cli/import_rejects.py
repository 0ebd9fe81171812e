"""The rejects file: the rejected rows as they were, each with its line and the reason, in the format of the input.

In CSV line and reason come first and the row follows byte by byte, so that a row with too many columns or an open
quotation mark stays what it was. Correct the rows and import the file: the two columns are skipped.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import BinaryIO

from promessa.cli.failure import Failure
from promessa.cli.import_readers import REJECT_LINE, REJECT_REASON, REJECT_TEXT, Reader, Row


class Rejects:
    """Writes a rejects file, which is made with the first rejected row. `path` None counts and writes nothing."""

    def __init__(self, path: Path | None, reader: Reader) -> None:
        self.path = path
        self.count = 0
        self._reader = reader
        self._file: BinaryIO | None = None

    def add(self, row: Row, reason: str) -> None:
        """Write down one row."""
        self.count += 1
        if self.path is None:
            return
        if self._file is None:
            self._file = self._open(self.path)
        line = self._json_line(row, reason) if self._reader.is_json else self._csv_line(row, reason)
        self._file.write(line + b"\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def written(self) -> Path | None:
        """The file, if there is one."""
        return self.path if self._file is not None else None

    def _open(self, path: Path) -> BinaryIO:
        try:
            file = path.open("wb")
        except OSError as error:
            raise Failure(
                f"The rejects file {path} cannot be written: {error.strerror}. Name another one with --rejects; "
                "running the import again is safe."
            ) from None
        if not self._reader.is_json:
            file.write(self._cells([REJECT_LINE, REJECT_REASON, *self._reader.columns]) + b"\n")
        return file

    def _cells(self, cells: list[str]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=self._reader.delimiter, lineterminator="").writerow(cells)
        return out.getvalue().encode()

    def _csv_line(self, row: Row, reason: str) -> bytes:
        return self._cells([str(row.line), reason]) + self._reader.delimiter.encode() + self._reader.own_part(row.raw)

    def _json_line(self, row: Row, reason: str) -> bytes:
        marks: dict[str, object] = {REJECT_LINE: row.line, REJECT_REASON: reason}
        if row.values is None:
            marks[REJECT_TEXT] = row.raw.decode(errors="replace")
            return json.dumps(marks, ensure_ascii=False).encode()
        return json.dumps({**marks, **row.values}, ensure_ascii=False).encode()
