"""Reading files line by line: one line is one row, so that no broken row can swallow the next one.

Lines are read as bytes and bounded in length; the text of a rejected row goes into the rejects file as it was.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from promessa.cli.failure import Failure

LINE_BYTES_MAX = 1 << 20
"""A node group of 5,000 nodes with the longest ids has 325 KB."""

KEPT_BYTES_MAX = 4_096
"""Of a line that is too long, the rejects file gets this much."""

DELIMITERS = (",", ";", "\t")
REJECT_LINE, REJECT_REASON, REJECT_TEXT = "rejected_line", "rejected_reason", "rejected_text"
"""Columns of a rejects file. They are skipped on reading, so that a corrected rejects file can be imported."""

BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is rejected: a key of the texts, and the values of its sentence."""

    key: str
    values: dict[str, object]


def problem(key: str, **values: object) -> Problem:
    """A problem with the values of its sentence, the long ones cut."""
    return Problem(key, {name: _short(value) for name, value in values.items()})


def _short(value: object) -> object:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number, its bytes, and its values by column, or why there are none."""

    line: int
    raw: bytes
    values: dict[str, Any] | None
    problem: Problem | None = None


class FileUnusable(Failure):
    """Nothing of the file can be read."""


class Reader:
    """The rows of one file. `columns` are those of the header, or of the first object of a JSON-lines file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_json = path.suffix.lower() in (".jsonl", ".ndjson", ".json")
        self.delimiter = ","
        self.position = 0
        try:
            self.size = path.stat().st_size
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise FileUnusable(f"{path} cannot be read: {error.strerror}. Check its name and rights.") from None
        self._line = 0
        self.columns = self._first_columns()
        self._skipped = [i for i, name in enumerate(self.columns) if name in (REJECT_LINE, REJECT_REASON)]
        self._wanted = len(self.columns)
        self.columns = [name for name in self.columns if name not in (REJECT_LINE, REJECT_REASON)]

    def close(self) -> None:
        self._file.close()

    def own_part(self, raw: bytes) -> bytes:
        """A CSV line without the columns that a rejects file put before it."""
        if not self._skipped:
            return raw
        return _after_marks(raw, self.delimiter)

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, good or not."""
        for raw, whole in self._lines():
            row = self._row(raw, whole)
            if row is not None:
                yield row

    def _row(self, raw: bytes, whole: bool) -> Row | None:
        found = self._text(raw, whole)
        if isinstance(found, Problem):
            return Row(self._line, raw, None, found)
        if not found.strip():
            return None
        values = self._object(found) if self.is_json else self._cells(found)
        if isinstance(values, Problem):
            return Row(self._line, raw, None, values)
        return Row(self._line, raw, values)

    def _lines(self) -> Iterator[tuple[bytes, bool]]:
        """Lines without their ends, and whether they are whole: a line that is too long is cut and passed over."""
        while raw := self._file.readline(LINE_BYTES_MAX + 1):
            self._line += 1
            whole = len(raw) <= LINE_BYTES_MAX
            rest = raw
            while not whole and rest and not rest.endswith(b"\n"):
                rest = self._file.readline(LINE_BYTES_MAX)
                self.position += len(rest)
            self.position += len(raw)
            yield (raw if whole else raw[:KEPT_BYTES_MAX]).rstrip(b"\r\n"), whole

    def _text(self, raw: bytes, whole: bool) -> str | Problem:
        if not whole:
            return problem("too_long", limit=LINE_BYTES_MAX)
        if b"\0" in raw:
            return problem("nul")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return problem("encoding")

    def _cells(self, text: str) -> dict[str, Any] | Problem:
        cells = self._split(text)
        if isinstance(cells, Problem):
            return cells
        if len(cells) != self._wanted:
            skipped = len(self._skipped)
            return problem("columns", found=len(cells) - skipped, wanted=self._wanted - skipped)
        for index in reversed(self._skipped):
            del cells[index]
        return dict(zip(self.columns, cells, strict=True))

    def _split(self, text: str) -> list[str] | Problem:
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except (csv.Error, StopIteration) as error:
            return problem("csv", detail=error)

    def _object(self, text: str) -> dict[str, Any] | Problem:
        try:
            found = msgspec.json.decode(text)
            if isinstance(found, dict) and REJECT_TEXT in found:
                found = msgspec.json.decode(found[REJECT_TEXT])
        except (msgspec.DecodeError, TypeError, RecursionError) as error:
            return problem("json", detail=error)
        if not isinstance(found, dict):
            return problem("json", detail="it is something else")
        found.pop(REJECT_LINE, None)
        found.pop(REJECT_REASON, None)
        return found

    def _first_columns(self) -> list[str]:
        start = self._file.read(3)
        if start[:2] in OTHER_BOMS:
            raise FileUnusable(f"{self.path} is UTF-16 text. Save it as UTF-8 and import it again.")
        self._file.seek(3 if start == BOM else 0)
        return self._columns_of_object() if self.is_json else self._columns_of_header()

    def _columns_of_header(self) -> list[str]:
        for raw, whole in self._lines():
            text = self._text(raw, whole)
            if isinstance(text, Problem):
                raise FileUnusable(f"The first line of {self.path} is no header: it is not text, or too long.")
            if text.strip():
                self.delimiter = max(DELIMITERS, key=text.count) if any(map(text.count, DELIMITERS)) else ","
                cells = self._split(text)
                if isinstance(cells, Problem):
                    raise FileUnusable(f"The first line of {self.path} is no CSV header. Check its quotation marks.")
                return [cell.strip() for cell in cells]
        raise FileUnusable(f"{self.path} is empty. Its first line must name the columns.")

    def _columns_of_object(self) -> list[str]:
        """The fields of the first good object; every row is read again afterwards."""
        start = self._file.tell()
        columns: list[str] | None = None
        for raw, whole in self._lines():
            row = self._row(raw, whole)
            if row is not None:
                columns = columns or []
            if row is not None and row.values:
                columns = list(row.values)
                break
        if columns is None:
            raise FileUnusable(f"{self.path} is empty. Each of its lines must be a JSON object.")
        self._file.seek(start)
        self._line = self.position = 0
        return columns


def _after_marks(raw: bytes, delimiter: str) -> bytes:
    """What follows the line number and the reason, which may be quoted."""
    separator = delimiter.encode()
    _, _, rest = raw.partition(separator)
    if not rest.startswith(b'"'):
        return rest.partition(separator)[2]
    closing = rest.replace(b'""', b"__").find(b'"' + separator, 1)
    return rest[closing + 2 :] if closing > 0 else rest


def content_hash(path: Path) -> str:
    """32 hexadecimal digits of the file's content: the same file makes the same request ids."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]
