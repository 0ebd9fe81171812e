"""`promessa orders` against a real server: what somebody should look at, once, as lines and as a live view."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cli_command import Command
from rich.console import Console

from promessa.cli.order_board import OrderBoard
from promessa.cli.order_details import step_detail
from promessa.cli.order_show import render_order
from promessa.cli.order_texts import OrderTexts
from promessa.v1 import order_service_pb2 as messages
from promessa.v1 import orders_pb2 as orders

NOW = 1_800_000_000


@pytest.fixture
def refused(promessa: Command, network: None, tmp_path: Path) -> str:
    """An order that its only node refused: nobody else has it, so it is refused, and waits."""
    nodes, stock = tmp_path / "nodes.jsonl", tmp_path / "stock.jsonl"
    nodes.write_text(json.dumps({"node_id": "watch-shop"}))
    stock.write_text(json.dumps({"sku": "sku-23", "node_id": "watch-shop", "on_hand_quantity": 50}))
    assert promessa("import", nodes, stock).code == 0
    held = promessa("reserve", "sku-23@watch-shop=1", "--json").json["reservation"]["reservation_id"]
    order_id = f"watch-{held[-12:]}"
    assert promessa("order", "place", order_id, "--reservation", held).code == 0
    assert promessa("order", "reject", order_id, "--reason", "no-capacity").code == 0
    return order_id


def test_orders_that_somebody_should_look_at_are_listed(promessa: Command, refused: str) -> None:
    found = promessa("orders", "--node", "watch-shop")
    assert found.code == 0, found.err
    assert refused in found.out and "refused" in found.out
    assert "recusado" in promessa("orders", "--node", "watch-shop", "--lang", "pt-BR").out
    listed = promessa("orders", "--alert", "refused", "--node", "watch-shop", "--json").json["orders"]
    assert refused in [order["order_id"] for order in listed]
    assert "ORDER_ALERT_REFUSED" in listed[0]["alerts"]
    assert refused not in promessa("orders", "--alert", "at-risk").out
    assert refused in promessa("orders", "--all", "--state", "to-source").out
    assert promessa("order", "cancel", refused).code == 0
    assert refused not in promessa("orders", "--node", "watch-shop").out


def test_changes_are_lines_and_go_on_from_a_token(promessa: Command, refused: str) -> None:
    words = ("orders", "--watch", "--node", "watch-shop", "--alert", "refused", "--limit", 1)
    first = promessa(*words).out
    assert refused in first and "to source – refused" in first
    batches = promessa(*words, "--json").out.splitlines()
    order = json.loads(batches[0])["changes"][0]["order"]
    assert order["alerts"][0] == "ORDER_ALERT_REFUSED"


def test_what_is_wrong_has_an_exit_code_and_a_sentence(promessa: Command) -> None:
    assert promessa("orders", "--alert", "lost").code == 2
    assert promessa("orders", "--all", "--alert", "late").code == 2
    assert promessa("orders", "--node", "nowhere").code == 1
    bad = promessa("orders", "--resume", "x")
    assert (bad.code, "resume_token" in bad.err) == (1, True)


def change(
    order_id: str, *deadlines: tuple[int, int, str], matches: bool = True, alerts: tuple[int, ...] = ()
) -> object:
    due = [
        {"kind": kind, "time": {"seconds": NOW + at}, "state": f"DEADLINE_STATE_{state}"}
        for kind, at, state in deadlines
    ]
    shipment = {"shipment_number": 1, "node_id": f"node-{order_id}", "deadlines": due}
    return {"order": {"order_id": order_id, "shipments": [shipment], "alerts": alerts}, "matches": matches}


def drawn(board: OrderBoard, **options: int) -> str:
    screen = Console(file=io.StringIO(), width=120)
    screen.print(board.head())
    screen.print(board.table(now=NOW, **options))
    return screen.file.getvalue()  # type: ignore[attr-defined]


def test_the_board_shows_the_most_urgent_first() -> None:
    board = OrderBoard(OrderTexts("en"))
    board.enter(
        messages.WatchOrdersResponse(
            changes=[
                change("b", (2, 7_500, "OPEN"), (1, -90_000, "CLOSED")),
                change("a", (1, -600, "LATE"), (2, 60, "AT_RISK"), alerts=(2,)),
                change("c"),
                change("d", (6, 300_000, "AT_RISK"), alerts=(1,)),
            ]
        )
    )
    text = drawn(board)
    assert [line.split()[0] for line in text.splitlines() if "node-" in line] == list("abdc")
    assert "orders: 4 · at risk 1 · late 1" in text
    assert "-10 min" in text and "2 h 05 min" in text and "3 d 11 h" in text
    assert "and 2 more" in drawn(board, rows_max=2)
    board.enter(messages.WatchOrdersResponse(changes=[change("a", matches=False), change("x", matches=False)]))
    assert set(board.orders) == {"b", "c", "d"}
    board.clear()
    assert "pedidos: 0" in drawn(OrderBoard(OrderTexts("pt-BR")))


def test_what_is_due_is_told_by_the_clock_of_the_server() -> None:
    board = OrderBoard(OrderTexts("en"))
    board.enter(messages.WatchOrdersResponse(changes=[change("a", (1, -599, "LATE"))], time={"seconds": NOW}))
    screen = Console(file=io.StringIO(), width=120)
    screen.print(board.table())
    assert "-9 min" in screen.file.getvalue() or "-10 min" in screen.file.getvalue()  # type: ignore[attr-defined]


def test_an_order_that_waits_for_a_return_says_until_when() -> None:
    def told(**fields: object) -> str:
        order = orders.Order(
            order_id="o-2", exchange={"waits_for_return": True, "return_due_time": {"seconds": NOW}}, **fields
        )
        screen = Console(file=io.StringIO(), width=200)
        render_order(screen, order, OrderTexts("en"))
        return str(screen.file.getvalue())  # type: ignore[attr-defined]

    assert "waits for its return until" in told()
    assert "waits for its return until" not in told(state=orders.ORDER_STATE_CANCELLED)


STEPS = [
    ("PICK", "short: line 0: 1, line 1: 2", "short of a=1, b=2", "faltou a=1, b=2"),
    ("CANCEL", "line 1: 2", "b=2", "b=2"),
    ("CANCEL", "RETURN_NOT_RECEIVED", "the return did not come in time", "a devolução não chegou a tempo"),
    ("RECEIVE_RETURN", "line 0: 1 QUARANTINE", "a=1 quarantine", "a=1 quarentena"),
    ("SOURCE", "shipment 2", "shipment 2", "remessa 2"),
    ("SOURCE", "shipments 2 to 3", "shipments 2 to 3", "remessas 2 a 3"),
    ("REJECT", "NOT_FOUND", "not found", "não encontrado"),
    ("REFUSE_OFFER", "n-1 NO_CAPACITY", "n-1 no capacity", "n-1 sem capacidade"),
    ("REFUND", "200000000 BRL", "200.00 BRL", "200.00 BRL"),
    ("REFUND", "1500000", "1.50", "1.50"),
    ("LATE", "PICK", "pick", "separar"),
    ("LATE", "NEWER", "NEWER", "NEWER"),
    ("STUCK", "REST", "nothing serves the rest", "ninguém atende o resto"),
    ("REQUEST_RETURN", "line 0: 1 is too small", "line 0: 1 is too small", "line 0: 1 is too small"),
]


@pytest.mark.parametrize(("kind", "detail", "english", "portuguese"), STEPS)
def test_what_is_known_of_a_step_is_told_in_words(kind: str, detail: str, english: str, portuguese: str) -> None:
    order = orders.Order(lines=[{"sku": "a"}, {"sku": "b"}])
    step = orders.OrderStep(kind=f"ORDER_STEP_KIND_{kind}", detail=detail)
    assert step_detail(step, order, OrderTexts("en")) == english
    assert step_detail(step, order, OrderTexts("pt-BR")) == portuguese
