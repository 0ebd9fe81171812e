"""The demo, small: a real server, a chain, orders, the flash sale, the audit."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from promessa.cli import demo_run, demo_story
from promessa.cli.demo_books import Check, FlashSale, Seen
from promessa.cli.demo_examples import print_examples
from promessa.cli.demo_metrics import latency_split
from promessa.cli.demo_report import fine
from promessa.cli.demo_server import REPORT, _directory, _leave_report_alone, serving
from promessa.cli.demo_texts import text
from promessa.cli.failure import Failure
from promessa.demo.chain import build_chain
from promessa.demo.orders import replay_orders
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import orders_pb2 as od

ORDERS = 160


def demo(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "promessa.cli.main", "demo", "--data-dir", str(tmp_path / "demo")]
    small = ["--orders", "60", "--stores", "20", "--skus", "200"]
    # A setting of somebody else's store must not reach the demo.
    environment = {**os.environ, "PROMESSA_REDIS_URL": "redis://127.0.0.1:1"}
    return subprocess.run(
        [*command, *small, *options], capture_output=True, text=True, timeout=120, env=environment, check=False
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The figures of a small demo."""
    done = demo(tmp_path_factory.mktemp("told"), "--json", "--orders", str(ORDERS))
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_a_small_demo_sells_every_unit_once(told: dict[str, Any]) -> None:
    assert told["ok"]
    assert told["oversold_units"] == 0
    assert [audit["ok"] for audit in told["audits"]] == [True, True]
    flash = told["flash_sale"]
    assert (flash["won"], flash["refused"], flash["back"]) == (1_000, 4_000, 1_000)
    assert sum(told["orders"][name] for name in ("served", "partial", "refused")) == ORDERS
    assert told["server_ms"]["kernel"]["p50"] > 0
    assert told["client_ms"]["PlaceOrder"]["p99"] > 0


def test_orders_travel_all_ways(told: dict[str, Any]) -> None:
    steps = told["journeys"]["steps"]
    on_the_way = {"ACCEPT", "REJECT", "PICK", "PICK_SHORT", "SHIP", "DELIVER", "MAKE_READY", "HAND_OVER", "CANCEL"}
    assert on_the_way | {"EXCHANGE", "REQUEST_RETURN", "RECEIVE_RETURN"} <= set(steps)
    assert steps["ACCEPT"] >= steps["PICK"] + steps["PICK_SHORT"] >= steps["SHIP"] >= steps["DELIVER"]
    assert steps["REJECT"] <= sum(told["journeys"]["refusals"].values()) <= steps["REJECT"] + steps["PICK_SHORT"]
    assert 0 < told["journeys"]["exchanges_elsewhere"] <= steps["EXCHANGE"]


def test_reports_say_what_the_demo_saw(told: dict[str, Any]) -> None:
    assert told["reports"]
    assert "Channels" in Path(told["report_page"]).read_text(encoding="utf-8")
    assert all(check["ours"] == check["reported"] for check in told["reports"])
    assert any(check["reported"] > ORDERS for check in told["reports"])


def test_the_last_page_speaks_portuguese(tmp_path: Path) -> None:
    done = demo(tmp_path, "--lang", "pt-BR")
    assert done.returncode == 0, done.stderr
    assert "Unidades vendidas a mais" in done.stdout
    assert "CC BY 4.0" in done.stdout
    page = tmp_path / "demo" / REPORT
    assert page.as_uri() in done.stdout
    assert '<html lang="pt-BR">' in page.read_text(encoding="utf-8")


def test_feeds_and_orders_get_through_where_the_flash_sale_fills_the_server(tmp_path: Path) -> None:
    chain = build_chain(stores=20, sku_limit=200)
    orders = replay_orders(count=40, known={sku["sku"] for sku in chain.skus})

    async def tell(address: str) -> Seen:
        story = demo_story.Story(address, chain, orders, lambda step, done, total: None)
        await story.load()
        await story.shop(None, flash_units=1_000, flash_attempts=5_000)
        await story.audit()
        await story.close()
        return story.seen

    with serving(tmp_path / "demo", 0, MAX_IN_FLIGHT=100) as (address, _):
        seen = asyncio.run(tell(address))
    assert seen.flash and (seen.flash.won, seen.flash.lost) == (1_000, 4_000)
    assert seen.fed_items > 0
    assert seen.oversold_units == 0
    assert seen.audits[0].ok


def test_without_what_reports_need_the_demo_says_so_and_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo_run, "can_report", lambda: False)
    code = demo_run.run_demo(
        orders=30, stores=8, sku_limit=100, data_dir=tmp_path / "demo", port=0, keep=False, serve_only=False, lang="en"
    )
    assert code == 0
    assert "promessa[reports]" in capsys.readouterr().out
    assert not (tmp_path / "demo" / "archive").exists()


def seen_that_is_fine() -> Seen:
    seen = Seen(build_chain(stores=4, sku_limit=10))
    seen.audits = [iv.CheckInvariantsResponse(ok=True), iv.CheckInvariantsResponse(ok=True)]
    seen.flash = FlashSale(units=10, attempts=50, won=10, lost=40, back=10)
    seen.checks = [Check("orders", 3, 3)]
    seen.have["cup", "dc"] = 2
    seen.orders["o"] = od.Order(shipments=[{"node_id": "dc", "lines": [{"sku": "cup", "quantity": 2}]}])
    return seen


def sold_once_more(seen: Seen) -> None:
    seen.orders["p"] = seen.orders["o"]


def taken_back(seen: Seen) -> None:
    seen.orders["p"] = od.Order()
    seen.orders["p"].CopyFrom(seen.orders["o"])
    seen.orders["p"].shipments[0].state = od.SHIPMENT_STATE_CANCELLED


def test_the_verdict_is_good_where_everything_is() -> None:
    seen = seen_that_is_fine()
    assert fine(seen)
    taken_back(seen)
    assert fine(seen)
    seen.checks = None
    assert fine(seen)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda seen: seen.audits.append(iv.CheckInvariantsResponse(ok=False)),
        lambda seen: setattr(seen.flash, "won", 11),
        lambda seen: setattr(seen.flash, "back", 9),
        lambda seen: setattr(seen.flash, "lost", 39),
        lambda seen: seen.checks.append(Check("units", 5, 4)),
        sold_once_more,
    ],
)
def test_the_verdict_is_bad_where_anything_is_wrong(spoil: Callable[[Seen], None]) -> None:
    seen = seen_that_is_fine()
    spoil(seen)
    assert not fine(seen)


def test_a_directory_with_other_files_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Failure, match="not the demo's"):
        _directory(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_of_a_temporary_directory_the_report_alone_stays(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "appendonly.aof").touch()
    (tmp_path / "serve.log").touch()
    (tmp_path / REPORT).touch()
    _leave_report_alone(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [REPORT]
    (tmp_path / REPORT).unlink()
    _leave_report_alone(tmp_path)
    assert not tmp_path.exists()


@pytest.mark.parametrize(("terminal", "display", "opened"), [(True, ":0", 1), (True, "", 0), (False, ":0", 0)])
def test_the_page_is_opened_where_somebody_looks_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool, display: str, opened: int
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    demo_run._open(Console(file=io.StringIO(), force_terminal=terminal), tmp_path / REPORT)
    assert shown == [(tmp_path / REPORT).as_uri()] * opened
    demo_run._open(Console(file=io.StringIO(), force_terminal=terminal), None)
    assert len(shown) == opened


def test_the_examples_name_programs_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def programs() -> set[str]:
        out = io.StringIO()
        print_examples(Console(file=out, width=200), "127.0.0.1:1", seen_that_is_fine())
        words = [shlex.split(line) for line in out.getvalue().splitlines() if line.startswith("  ")]
        return {next(word for word in each if "=" not in word) for each in words}

    for name in ("promessa", "python"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert programs() == {str(tmp_path / "promessa")}
    (tmp_path / "buf").touch(mode=0o755)
    assert programs() == {str(tmp_path / "promessa"), str(tmp_path / "buf")}


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert text("demo.feeds.value", "pt-BR", items=12_345) == "12.345 mudanças"
    assert text("demo.feeds.value", "en", items=12_345) == "12,345 changes"


def test_quantiles_come_from_the_buckets() -> None:
    metrics = {
        'promessa_decision_seconds_bucket{le="0.001"}': 50.0,
        'promessa_decision_seconds_bucket{le="0.002"}': 100.0,
        'promessa_decision_seconds_bucket{le="+Inf"}': 100.0,
        "promessa_decision_seconds_count": 100.0,
        "promessa_decision_seconds_sum": 0.1,
    }
    assert latency_split(metrics)["kernel"] == {"mean": 1.0, "p50": 1.0, "p99": 1.98}
    assert latency_split({})["store"] == {"mean": 0.0, "p50": 0.0, "p99": 0.0}
