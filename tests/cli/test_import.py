"""Importing against a real server: nothing bad stops the good, and nothing is imported twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cli_command import Command

HEADER = b"sku,node_id,on_hand_quantity,safety_stock_quantity\n"
Available = Callable[[str, str], int]

pytestmark = pytest.mark.usefixtures("network")


def stock_file(folder: Path, *lines: bytes, header: bytes = HEADER, name: str = "stock.csv") -> Path:
    path = folder / name
    path.write_bytes(header + b"\n".join(lines) + b"\n")
    return path


def test_files_are_imported_in_the_order_of_their_references(promessa: Command, network_files: list[Path]) -> None:
    files = promessa("import", *network_files, "--json").json["files"]
    assert [each["kind"] for each in files] == ["rate-cards", "nodes", "skus", "node-groups", "lanes"]
    assert sum(each["rejected"] for each in files) == 0


MALFORMED = [
    (b"sku-1,n1", "2 columns"),
    (b"sku-1,n1,1,2,3", "5 columns"),
    (b'"sku-1,n1,1,2', "well-formed CSV"),
    (b'sku-1,"n1"x,1,2', "well-formed CSV"),
    (b"sku-1,n1,many,2", "whole number"),
    (b"sku-1,n1,1.5,2", "whole number"),
    (b"sku-1,n1,1e3,2", "whole number"),
    (b"sku-1,n1,-1,2", "between 0 and 1000000000"),
    (b"sku-1,n1,99999999999999999999,2", "whole number"),
    (b"sku-1,n1,,2", "is empty"),
    (b",n1,1,2", "is empty"),
    (b"sku 1,n1,1,2", "may only have"),
    (b"no-such-sku,n1,1,2", "no sku"),
    (b"sku-1,nowhere,1,2", "no node"),
    (b"sku-2,n2,7,", "already"),
    (b"sku-1,n1,\xff\xfe,2", "UTF-8"),
    (b"sku-1,n1,1\x00,2", "NUL"),
    (b"x" * (1 << 20) + b",n1,1,2", "longer"),
]


def test_every_malformed_row_is_rejected_with_its_reason_and_the_rest_is_imported(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    lines = [line for line, _ in MALFORMED]
    path = stock_file(tmp_path, b"sku-2,n2,31,1", *lines, b"sku-3,n2,33,")
    result = promessa("import", path, "--json", "--lang", "en")
    report = result.json["files"][0]
    assert result.code == 1
    assert (report["rows"], report["applied"], report["rejected"]) == (len(MALFORMED) + 2, 2, len(MALFORMED))
    written = (tmp_path / "stock.rejects.csv").read_bytes().split(b"\n")[1:-1]
    assert len(written) == len(MALFORMED)
    for number, ((line, reason), found) in enumerate(zip(MALFORMED, written, strict=True), 3):
        assert found.startswith(b"%d," % number)
        assert reason.encode() in found
        assert found.endswith(line[:4096])
    assert on_hand("sku-2", "n2") == 30
    assert on_hand("sku-3", "n2") == 33


def test_reasons_come_in_portuguese(promessa: Command, tmp_path: Path) -> None:
    report = promessa("import", stock_file(tmp_path, b"sku-1,nowhere,1,"), "--json", "--lang", "pt-BR").json
    assert "Não existe o local" in report["files"][0]["first_rejected"][0]["reason"]


def test_a_corrected_rejects_file_can_be_imported(promessa: Command, tmp_path: Path, on_hand: Available) -> None:
    path = stock_file(tmp_path, b"sku-4,n1,4,", b"sku-5,n1,five,", b"sku-6,n1", b'"sku-7,n1,7,')
    assert promessa("import", path, "--json").json["files"][0]["rejected"] == 3
    rejects = tmp_path / "stock.rejects.csv"
    text = rejects.read_text().replace("five", "5").replace("sku-6,n1", "sku-6,n1,6,").replace('"sku-7', "sku-7")
    rejects.write_text(text)
    result = promessa("import", rejects, "--json")
    assert result.code == 0, result.out
    assert [on_hand(f"sku-{n}", "n1") for n in (4, 5, 6, 7)] == [4, 5, 6, 7]


def test_a_corrected_rejects_file_of_json_lines_can_be_imported(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    path = tmp_path / "stock.jsonl"
    path.write_text('{"sku":"sku-8","node_id":"n2","on_hand_quantity":"x"}\n{"sku":"sku-9" oops\n[1]\n')
    assert promessa("import", path, "--json").json["files"][0]["rejected"] == 3
    rejects = tmp_path / "stock.rejects.jsonl"
    first = rejects.read_text().splitlines()[0].replace('"x"', "8")
    rejects.write_text(first + "\n")
    assert promessa("import", rejects, "--json").code == 0
    assert on_hand("sku-8", "n2") == 8


def test_rejected_rows_of_a_rejects_file_keep_their_own_columns(promessa: Command, tmp_path: Path) -> None:
    path = stock_file(tmp_path, b"sku-1,no where,1,", b'"no,such",n1,1,2')
    promessa("import", path, "--json")
    promessa("import", tmp_path / "stock.rejects.csv", "--json")
    again = (tmp_path / "stock.rejects.rejects.csv").read_bytes().splitlines()
    assert again[0] == b"rejected_line,rejected_reason," + HEADER.strip()
    assert again[1].endswith(b",sku-1,no where,1,")
    assert again[2].endswith(b',"no,such",n1,1,2')


def test_a_dry_run_writes_nothing(promessa: Command, tmp_path: Path, on_hand: Available) -> None:
    stock_file(tmp_path, b"sku-10,n1,10,", b"new-sku,n1,1,", b"bad,n1,1,")
    skus = tmp_path / "skus.csv"
    skus.write_text("sku\nnew-sku\n")
    result = promessa("import", tmp_path / "stock.csv", skus, "--dry-run", "--json")
    counted = {each["kind"]: (each["valid"], each["rejected"], each["applied"]) for each in result.json["files"]}
    assert counted == {"skus": (1, 0, 0), "stock": (2, 1, 0)}
    stock = next(each for each in result.json["files"] if each["kind"] == "stock")
    assert (stock["would_change"], stock["unchanged"]) == (2, 0)
    assert stock["differences"] == [
        {"line": 2, "sku": "sku-10", "node_id": "n1", "before": 0, "after": 10},
        {"line": 3, "sku": "new-sku", "node_id": "n1", "before": 0, "after": 1},
    ]
    shown = promessa("import", tmp_path / "stock.csv", skus, "--dry-run").out
    assert "2 rows would change" in shown
    assert "sku-10 @ n1: 0 → 10" in shown
    assert on_hand("sku-10", "n1") == 0
    assert promessa("availability", "new-sku").code == 1
    assert not (tmp_path / "stock.rejects.csv").exists()


def test_importing_the_same_file_again_changes_nothing(promessa: Command, tmp_path: Path, on_hand: Available) -> None:
    path = stock_file(tmp_path, b"sku-11,n1,11,0", b"sku-12,n1,12,0")
    assert promessa("import", path).code == 0
    held = promessa("reserve", "sku-11@n1=4", "--json").json["reservation"]["reservation_id"]
    assert promessa("confirm", held).code == 0
    assert promessa("fulfill", held).code == 0
    assert on_hand("sku-11", "n1") == 7
    assert promessa("import", path).code == 0
    assert on_hand("sku-11", "n1") == 7


def test_deltas_count_once_however_often_they_are_imported(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    promessa("import", stock_file(tmp_path, b"sku-13,n1,10,0"))
    path = stock_file(
        tmp_path,
        *(b"sku-13,n1,%d" % n for n in (-6, 5, -9, -1, 0)),
        header=b"sku,node_id,delta_quantity\n",
        name="deltas.csv",
    )
    first, second = promessa("import", path, "--json").json, promessa("import", path, "--json").json
    assert [each["files"][0]["applied"] for each in (first, second)] == [3, 0]
    assert [each["files"][0]["rejected"] for each in (first, second)] == [2, 2]
    assert second["files"][0]["unchanged"] == 3
    assert on_hand("sku-13", "n1") == 10 - 6 + 5 - 9 + 0


def test_deltas_of_a_batch_count_once_though_their_file_was_edited(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    def imported(*rows: bytes, batch: str) -> tuple[int, int, int]:
        path = stock_file(tmp_path, *rows, header=b"sku,node_id,delta_quantity\n", name="deltas.csv")
        (report,) = promessa("import", path, "--batch", batch, "--json").json["files"]
        return report["applied"], report["unchanged"], report["rejected"]

    assert imported(b"sku-18,n1,5", b"sku-18,n1,5", b"sku-18,n1,x", batch="monday") == (2, 0, 1)
    assert imported(b"sku-18,n1,3", b"sku-18,n1,5", b"sku-18,n1,5", b"sku-18,n1,5", batch="monday") == (2, 2, 0)
    assert on_hand("sku-18", "n1") == 5 + 5 + 3 + 5
    assert imported(b"sku-18,n1,5", batch="tuesday") == (1, 0, 0)


def test_the_rest_is_applied_when_the_same_deltas_come_again_after_a_sku_was_added(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    path = stock_file(
        tmp_path, b"sku-14,n2,3", b"late-sku,n2,4", header=b"sku,node_id,delta_quantity\n", name="deltas.csv"
    )
    assert promessa("import", path).code == 1
    (tmp_path / "skus.csv").write_text("sku\nlate-sku\n")
    assert promessa("import", tmp_path / "skus.csv", path).code == 0
    assert (on_hand("sku-14", "n2"), on_hand("late-sku", "n2")) == (3, 4)


def test_a_count_older_than_the_known_one_does_not_win(promessa: Command, tmp_path: Path, on_hand: Available) -> None:
    new = stock_file(tmp_path, b"sku-15,n1,15,0", name="stock-new.csv")
    old = stock_file(tmp_path, b"sku-15,n1,99,0", name="stock-old.csv")
    promessa("import", new, "--as-of", "2026-06-01T12:00:00Z", "--source", "erp")
    report = promessa("import", old, "--as-of", "2026-05-01T12:00:00Z", "--json").json
    assert report["files"][0]["stale"] == 1
    assert on_hand("sku-15", "n1") == 15
    assert "last counted 2026-06-01T12:00:00Z by erp" in promessa("explain", "sku-15", "n1").out


def test_thousands_of_rows_in_many_blocks_all_arrive(promessa: Command, tmp_path: Path) -> None:
    skus = tmp_path / "skus.csv"
    skus.write_text("sku\n" + "".join(f"many-{n}\n" for n in range(1_500)))
    rows = [b"many-%d,%s,%d,0" % (n, node, n % 7) for node in (b"n1", b"n2", b"dc") for n in range(1_500)]
    rows.insert(2_222, b"oops")
    result = promessa("import", skus, stock_file(tmp_path, *rows), "--json")
    stock = result.json["files"][1]
    assert (stock["rows"], stock["applied"], stock["rejected"]) == (4_501, 4_500, 1)
    assert stock["first_rejected"][0]["line"] == 2_224


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("stock.csv", b"", "is empty"),
        ("stock.jsonl", b"\n\n", "is empty"),
        ("stock.csv", b"sku,node_id\nsku-1,n1\n", "lacks the column on_hand_quantity"),
        ("stock.csv", b"sku,node_id,on_hand_quantity,saftey\nsku-1,n1,1,1\n", "unknown columns: saftey"),
        ("stock.csv", b"sku,sku,node_id,on_hand_quantity\na,b,n1,1\n", "twice"),
        ("stock.csv", "sku,node_id\n".encode("utf-16"), "UTF-16"),
        ("things.csv", b"a,b\n1,2\n", "Add --kind"),
        ("stock.csv", b"\x00\x01\n", "no header"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_the_others_go_on(
    promessa: Command, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    good = tmp_path / "good-skus.csv"
    good.write_text("sku\nsku-1\n")
    result = promessa("import", tmp_path / name, good, "--json")
    by_name = {Path(each["path"]).name: each for each in result.json["files"]}
    assert sentence in by_name[name]["failure"]
    assert by_name["good-skus.csv"]["rejected"] == 0
    assert result.code == 1


def test_a_missing_file_is_told(promessa: Command, tmp_path: Path) -> None:
    assert "cannot be read" in promessa("import", tmp_path / "none.csv", "--json").json["files"][0]["failure"]


def test_byte_order_mark_semicolons_and_windows_line_ends_are_read(
    promessa: Command, tmp_path: Path, on_hand: Available
) -> None:
    path = tmp_path / "estoque-stock.csv"
    path.write_bytes(b"\xef\xbb\xbfsku;node_id;on_hand_quantity\r\nsku-16;n1;16\r\n\r\nsku-16;n2;17")
    assert promessa("import", path).code == 0
    assert (on_hand("sku-16", "n1"), on_hand("sku-16", "n2")) == (16, 17)


def test_catalogue_rows_are_checked_before_they_are_sent(promessa: Command, tmp_path: Path) -> None:
    lanes = tmp_path / "lanes.jsonl"
    lanes.write_text(
        '{"lane_id":"l1","node_id":"nowhere","country_code":"BR","rate_card_id":"gr"}\n'
        '{"lane_id":"l2","node_id":"n1","country_code":"br","rate_card_id":"gr"}\n'
        '{"lane_id":"l3","node_id":"n1","country_code":"BR","rate_card_id":"none"}\n'
    )
    nodes = tmp_path / "nodes.csv"
    nodes.write_text("node_id,type,time_zone\nx1,CASTLE,\nx2,STORE,Mars/Olympus\n")
    cards = tmp_path / "rate-cards.csv"
    cards.write_text("rate_card_id,currency_code,brackets\nc1,BRL,5:9|3:10\nc2,USD,5:9\nc3,BRL,five\nc4,BRL,\n")
    files = promessa("import", lanes, nodes, cards, "--json").json["files"]
    assert {each["kind"]: each["rejected"] for each in files} == {"lanes": 3, "nodes": 2, "rate-cards": 4}
    assert promessa("import", lanes, "--dry-run", "--json").json["files"][0]["rejected"] == 3


def test_without_a_server_the_import_says_what_to_do(promessa: Command, tmp_path: Path) -> None:
    result = promessa("import", stock_file(tmp_path, b"sku-1,n1,1,"), "--address", "127.0.0.1:1")
    assert result.code == 1
    assert "promessa serve" in result.err


def test_wrong_options_are_usage_errors(promessa: Command, tmp_path: Path) -> None:
    path = stock_file(tmp_path, b"sku-1,n1,1,")
    assert promessa("import", path, "--kind", "cheese").code == 2
    assert promessa("import", path, "--lang", "xx").code == 2
    assert promessa("import", path, "--as-of", "yesterday").code == 2
    assert promessa("import", path, "--rejects", path).code == 2
    assert promessa("import", path, path, "--rejects", tmp_path / "r.csv").code == 2
