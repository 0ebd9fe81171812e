"""Reports as a page and as a workbook: made of answers that say the worst, without a server; and by a server once."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_command import Command
from rich.console import Console

from promessa.cli.report_asking import Asked, Period
from promessa.cli.report_cells import columns_of, written
from promessa.cli.report_page import made
from promessa.cli.report_shapes import SHAPES
from promessa.cli.report_table import render
from promessa.cli.report_texts import REPORT_TEXTS, heading, words_of
from promessa.cli.report_workbook import write
from promessa.v1 import report_pb2 as nouns
from promessa.v1 import report_service_pb2 as messages
from promessa.v1.network_pb2 import NodeType
from promessa.v1.orders_pb2 import OrderState, RejectReason, ShipmentState
from promessa.v1.reservation_pb2 import ShortfallReason

HOSTILE = '"><script>alert(1)</script>&=HYPERLINK("http://x")'
PERIOD = Period("2026-03-28", "2026-03-30", "")
VOID = frozenset({"meta"})


def answer_of(shape: Any) -> Any:
    """An answer whose rows have every field: texts are hostile, and numbers all differ."""
    answer = getattr(messages, f"{shape.method}Response")(row_count=9)
    for row in [answer.rows.add(), answer.rows.add(), *([answer.total] if hasattr(answer, "total") else [])]:
        fill(row, 1_500_000)
    basis = answer.basis
    basis.time_zone = "Europe/Lisbon"
    basis.start_time.FromDatetime(datetime(2026, 3, 28, tzinfo=UTC))
    basis.end_time.FromDatetime(datetime(2026, 3, 30, 23, tzinfo=UTC))
    basis.archived_until_time.FromDatetime(datetime(2026, 3, 29, 12, tzinfo=UTC))
    basis.dead_letter_count = 3
    return answer


def fill(row: Any, number: int) -> None:
    for at, field in enumerate(row.DESCRIPTOR.fields):
        if field.message_type:
            fill(getattr(row, field.name), number + at)
        elif field.name == "currency_code":
            row.currency_code = "BRL"
        else:
            setattr(row, field.name, HOSTILE if field.cpp_type == field.CPPTYPE_STRING else number + at)


def asked(*, daily: bool = True) -> list[Asked]:
    found = []
    for shape in SHAPES:
        by_day = answer_of(shape) if daily and shape.daily else None
        if by_day:
            by_day.rows[0].day, by_day.rows[1].day = "2026-03-28", "2026-03-30"
        found.append(Asked(shape, answer_of(shape), by_day))
    sourcing = next(each.answer for each in found if each.shape.name == "sourcing")
    sourcing.alternatives.add(name="fastest", compared_count=40, difference_micros=-5, difference_low_micros=-9)
    return found


class Reader(HTMLParser):
    """The tags of a page as they nest, its texts, and what it would load or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("lang", ["en", "pt"])
def test_a_page_is_well_formed_and_escapes_whatever_is_in_it(lang: str):
    page = made(asked(), PERIOD, words_of(lang))
    read = Reader(page)
    assert read.open == []
    assert read.tags.count("script") == 1, "its own"
    assert HOSTILE in read.texts, "and it is read as it is"
    assert not [each for each in read.attributes if each[1].startswith("on")]
    loaded = [value for _, name, value in read.attributes if name in ("src", "href") and not str(value).startswith("#")]
    assert loaded == []
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "").replace(
        "http://x", ""
    )


def test_a_page_has_every_report_with_its_chart_and_its_table():
    read = Reader(made(asked(), PERIOD, words_of("en")))
    sections = {value for tag, name, value in read.attributes if (tag, name) == ("section", "id")}
    assert sections == {shape.name for shape in SHAPES}
    drawn = [value for tag, name, value in read.attributes if (tag, name) == ("svg", "aria-label")]
    assert len(drawn) == len(SHAPES) + sum(bool(shape.daily) for shape in SHAPES) + 1
    assert all(drawn)
    assert read.tags.count("tbody") == len(SHAPES) + 1
    for headline in [headline for shape in SHAPES for headline in shape.headlines]:
        assert words_of("en")(headline.key) in read.texts


def test_a_table_is_sorted_by_numbers_not_by_how_they_are_written():
    read = Reader(made(asked(), PERIOD, words_of("pt")))
    values = [value for tag, name, value in read.attributes if name == "data-v"]
    assert "1500001" in values
    assert "1.500.001" in read.texts


def test_a_line_has_a_point_for_every_day_that_has_a_row():
    page = made(asked(), PERIOD, words_of("pt"))
    lines = re.findall(r'<path d="([^"]+)" fill="none"', page)
    assert [[part.count("L") for part in line.split("M")[1:]] for line in lines] == [[0, 0], [0, 0]]
    assert "28/03/2026: " in page and "29/03/2026: " not in page


def test_an_empty_period_is_said():
    empty = [Asked(each.shape, type(each.answer)(basis=each.answer.basis)) for each in asked(daily=False)]
    read = Reader(made(empty, PERIOD, words_of("pt")))
    assert read.texts.count("Nada aconteceu nestes dias.") == len(SHAPES)
    assert "svg" not in read.tags


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_every_column_has_words_in_both_languages(shape: Any):
    answer = answer_of(shape)
    for column in columns_of(answer):
        if "currency" not in column.name:
            raw = column.name.replace("_", " ")
            assert heading(column.field, column.part, words_of("pt")) != raw or column.name in REPORT_TEXTS
    for name in (shape.name, f"{shape.name}_intro", shape.daily or shape.name, *(each.key for each in shape.headlines)):
        assert all(REPORT_TEXTS[name])


@pytest.mark.parametrize(
    ("value", "kind", "en", "pt"),
    [
        (1_234_567_000_000, "money", "R$ 1,234,567.00", "R$ 1.234.567,00"),
        (1_234, "basis_points", "12.34 %", "12,34 %"),
        (0.5, "share", "50.0 %", "50,0 %"),
        (1_050, "permille", "1.050", "1,050"),
        (90_000, "duration", "1.5 min", "1,5 min"),
        (400 * 86_400_000, "duration", "400.0 days", "400,0 dias"),
        ("2026-11-01", "text", "2026-11-01", "01/11/2026"),
        ("2026-1x-01", "text", "2026-1x-01", "2026-1x-01"),
        ("", "text", "–", "–"),
    ],
)
def test_values_are_written_as_the_language_does(value: Any, kind: str, en: str, pt: str):
    assert written(value, kind, words_of("en"), "BRL") == en
    assert written(value, kind, words_of("pt"), "BRL") == pt


def test_a_workbook_has_numbers_as_numbers_and_text_as_text(tmp_path: Path):
    path = tmp_path / "reports.xlsx"
    write(path, [(each.shape.name, each.answer) for each in asked()], words_of("en"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [*(words_of("en")(shape.name) for shape in SHAPES), "i"]
    sheet = book["Stock-outs"]
    head = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(2, head["sku"]).value == HOSTILE
    assert sheet.cell(2, head["sku"]).data_type == "s"
    money = sheet.cell(2, head["value lost (BRL)"])
    assert (money.data_type, money.number_format) == ("n", "#,##0.00")
    assert money.value == pytest.approx(asked()[2].answer.rows[0].lost_value_micros / 1_000_000)
    assert (sheet.freeze_panes, sheet.auto_filter.ref is not None) == ("B2", True)
    assert sheet.cell(5, 1).value == "Total"


def test_a_formula_in_a_name_stays_a_name(tmp_path: Path):
    answer = messages.GetStockoutReportResponse(rows=[nouns.StockoutRow(sku="=1+1"), nouns.StockoutRow(sku="-2+3")])
    answer.basis.CopyFrom(asked()[0].answer.basis)
    write(tmp_path / "x.xlsx", [("stockouts", answer)], words_of("en"))
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["Stock-outs"]
    assert [(sheet.cell(line, 1).value, sheet.cell(line, 1).data_type) for line in (2, 3)] == [
        ("=1+1", "s"),
        ("-2+3", "s"),
    ]


@pytest.mark.usefixtures("network")
def test_a_server_makes_a_page_and_a_workbook(promessa: Command, tmp_path: Path):
    day = datetime.now(UTC).date().isoformat()
    page, book = tmp_path / "page.html", tmp_path / "book.xlsx"
    done = promessa(
        "report", "page", "--from", day, "--zone", "UTC", "--out", page, "--xlsx", book, "--compare", 5, "--lang", "pt"
    )
    assert done.code == 0, done.err
    assert str(page) in done.out and str(book) in done.out
    assert "<h1>Relatórios: " in page.read_text(encoding="utf-8")
    assert openpyxl.load_workbook(book).sheetnames[-1] == "i"


@pytest.mark.usefixtures("network")
def test_orders_behind_a_report_are_listed(promessa: Command):
    from test_report_command import wait_for_archive

    day = datetime.now(UTC).date().isoformat()
    for _ in range(3):
        assert promessa("reserve", "sku-29@n1=9", "--channel", "far", "--order", "order-29").code == 1
    wait_for_archive(promessa)
    asked = ("report", "orders", "--report", "stockouts", "--from", day, "--zone", "UTC", "--channel", "far")
    found = promessa(*asked, "--json").json
    assert [(order["order_id"], order["quantity"]) for order in found["orders"]] == [("order-29", 9)] * 3
    assert len(promessa(*asked, "--rows", 2, "--json").json["orders"]) == 2
    assert "There are more" in promessa(*asked, "--rows", 2).out
    assert promessa(*asked, "--csv").out.count("order-29") == 3
    assert "order-29" in promessa(*asked, "--sku", "sku-29", "--lang", "pt").out
    wrong = promessa(*asked, "--policy", "cheapest", "--json")
    assert (wrong.code, json.loads(wrong.err)["error"]["reason"]) == (2, "USAGE")
    assert promessa("report", "orders", "--report", "nothing", "--from", day).code == 2
    assert len(promessa(*asked, "--reason", "insufficient-stock", "--json").json["orders"]) == 3
    assert "insufficient stock" in promessa(*asked).out
    unknown = promessa(*asked, "--reason", "lost")
    assert (unknown.code, "They are insufficient-stock, node-paused" in unknown.err) == (2, True)


@pytest.mark.parametrize(("lang", "said"), [("en", "franchise store"), ("pt", "loja franqueada")])
def test_names_of_the_contract_are_words_for_people(lang: str, said: str, tmp_path: Path):
    words = words_of(lang)
    answer = messages.GetNodePerformanceResponse(
        rows=[nouns.NodePerformanceRow(node_id="STORE", node_type="FRANCHISE_STORE")]
    )
    answer.basis.CopyFrom(asked()[0].answer.basis)
    shape = next(each for each in SHAPES if each.name == "nodes")
    read = Reader(made([Asked(shape, answer)], PERIOD, words))
    assert {"STORE", said} <= set(read.texts)
    write(tmp_path / "x.xlsx", [("nodes", answer)], words)
    (sheet, _) = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    assert [sheet.cell(2, 1).value, sheet.cell(2, 2).value] == ["STORE", said]


@pytest.mark.parametrize("enum", [OrderState, ShipmentState, NodeType, ShortfallReason, RejectReason])
def test_every_name_of_the_contract_in_a_report_has_words(enum: Any):
    common = enum.keys()[0].removesuffix("UNSPECIFIED")
    assert {f"value_{name.removeprefix(common)}" for name in enum.keys()[1:]} <= set(REPORT_TEXTS)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_table_shows_every_column_whole_however_narrow_the_screen(shape: Any):
    answer = answer_of(shape)
    for row in answer.rows:
        for column in columns_of(answer):
            if column.kind == "text" and not column.part:
                setattr(row, column.field, f"{column.field[:3]}-1")
    paper = io.StringIO()
    render(Console(file=paper, width=120), answer, words_of("en"))
    lines = paper.getvalue().splitlines()
    assert max(len(line) for line in lines) <= 120
    shown = paper.getvalue().split()
    for column in columns_of(answer):
        if column.kind not in ("text", "money"):
            assert column.told(answer.rows[0], words_of("en")).split()[0] in shown
    heads = sum(line.startswith(" ───") for line in lines)
    assert heads >= 2
    first = answer.rows[0]
    assert sum(line.startswith(f" {getattr(first, columns_of(answer)[0].field)} ") for line in lines) == 2 * heads
