"""Reports as a workbook (XLSX): a sheet for each, with numbers that are numbers, and a sheet that says what they are of.

Text is written as text whatever it looks like, so that no name becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from promessa.cli.failure import Failure
from promessa.cli.report_cells import Column, days, instant, shown_columns
from promessa.cli.report_shapes import currency_of
from promessa.cli.report_texts import heading
from promessa.cli.simulate_texts import Words

_FORMATS = {
    "count": ("#,##0", 1),
    "money": ("#,##0.00", 1_000_000),
    "basis_points": ("0.00%", 10_000),
    "permille": ("0.000", 1_000),
    "duration": ("[h]:mm:ss", 86_400_000),
}
"""How numbers of a kind are shown, and what they are divided by: percents are parts of one, and durations parts of a day."""

_WIDTH_MIN, _WIDTH_MAX = 10, 40


def write(path: Path, found: Sequence[tuple[str, Any]], words: Words) -> None:
    """Write a workbook of reports by name. Raises Failure."""
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ImportError:
        raise Failure(
            "Workbooks need XlsxWriter, which is not installed: pip install 'promessa[reports]'. --csv needs nothing.",
            reason="NOT_INSTALLED",
        ) from None
    book = Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom"})
    formats = {kind: book.add_format({"num_format": shown}) for kind, (shown, _) in _FORMATS.items()}
    for name, answer in found:
        _sheet(book.add_worksheet(words(name)), answer, words, bold, formats)
    _about(book.add_worksheet("i"), found, words, bold)
    try:
        book.close()
    except (FileCreateError, OSError) as error:
        raise Failure(f"The workbook {path} cannot be written: {error}", reason="FILE") from None


def _sheet(sheet: Any, answer: Any, words: Words, bold: Any, formats: dict[str, Any]) -> None:
    """Headings that stay, the rows, a filter; and the row of all below them."""
    columns, currency = shown_columns(answer), currency_of(answer)
    rows, several = list(answer.rows), any(column.field == "currency_code" for column in columns)
    for at, column in enumerate(columns):
        name = heading(column.field, column.part, words)
        name = f"{name} ({currency})" if column.kind == "money" and currency and not several else name
        sheet.write_string(0, at, name, bold)
        longest = max([len(column.word(row, words)) for row in rows if column.kind == "text"] + [len(name), _WIDTH_MIN])
        sheet.set_column(at, at, min(longest, _WIDTH_MAX) + 2)
        for line, row in enumerate(rows, start=1):
            _cell(sheet, line, at, column, row, words, formats)
        if rows and answer.DESCRIPTOR.fields_by_name.get("total"):
            if column.kind != "text":
                _cell(sheet, len(rows) + 2, at, column, answer.total, words, formats)
            elif at == 0:
                sheet.write_string(len(rows) + 2, at, words("total"), bold)
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    else:
        sheet.write_string(1, 0, words("empty"))


def _cell(sheet: Any, line: int, at: int, column: Column, row: Any, words: Words, formats: dict[str, Any]) -> None:
    if column.kind == "text":
        sheet.write_string(line, at, column.word(row, words))
    else:
        sheet.write_number(line, at, column.of(row) / _FORMATS[column.kind][1], formats[column.kind])


def _about(sheet: Any, found: Sequence[tuple[str, Any]], words: Words, bold: Any) -> None:
    """What each report tells, and what it was made of."""
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 110)
    for line, (name, answer) in enumerate(found):
        basis = answer.basis
        sheet.write_string(2 * line, 0, words(name), bold)
        sheet.write_string(2 * line, 1, words(f"{name}_intro"))
        told = [
            words("period", days=days(basis, words), zone=basis.time_zone) + ".",
            words("basis", time=instant(basis.archived_until_time, basis.time_zone, words)),
            words("rows", shown=words.number(len(answer.rows)), count=words.number(answer.row_count)) + ".",
        ]
        if basis.dead_letter_count:
            told.append(words("dead_letters", count=words.number(basis.dead_letter_count)))
        sheet.write_string(2 * line + 1, 1, " ".join(told))
