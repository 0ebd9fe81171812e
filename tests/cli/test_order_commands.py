"""`promessa order` against a real server: an order's life for people in two languages, and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("stocked")


@pytest.fixture
def stocked(promessa: Command, network: None, tmp_path: Path) -> None:
    """Twenty units of sku-24 and sku-25 at n1 and at n2."""
    path = tmp_path / "stock.jsonl"
    cells = [(sku, node) for sku in ("sku-24", "sku-25") for node in ("n1", "n2")]
    path.write_text("\n".join(json.dumps({"sku": s, "node_id": n, "on_hand_quantity": 20}) for s, n in cells))
    assert promessa("import", path).code == 0


def test_an_order_lives_its_whole_life(promessa: Command) -> None:
    placed = promessa(
        "order", "place", "cli-1", "sku-24=3", "sku-25=1", "--to", "01310-100", "--customer", "ana", "--json"
    )
    order = placed.json["order"]
    assert (order["state"], order["customer_id"]) == ("ORDER_STATE_PLACED", "ana")
    assert promessa("order", "accept", "cli-1", "--actor", "n1").code == 0
    picked = promessa("order", "pick", "cli-1", "sku-24=2")
    assert picked.code == 0, picked.err
    shown = promessa("order", "show", "cli-1").out
    assert "sourced again" in shown and "short of sku-24=1" in shown
    assert promessa("order", "ship", "cli-1", "--carrier", "c", "--tracking", "BR1").code == 0
    again = promessa("order", "ship", "cli-1", "--carrier", "c", "--tracking", "BR1")
    assert "told before" in again.out
    assert promessa("order", "deliver", "cli-1", "--at", "2026-11-30T10:00:00Z").code == 0
    rest = promessa("order", "cancel", "cli-1", "sku-24=1", "--json").json["order"]
    assert rest["state"] == "ORDER_STATE_COMPLETED"
    assert promessa("order", "return", "cli-1", "sku-24=2", "--reason", "too small").code == 0
    other = promessa("order", "receive", "cli-1", "sku-25=1", "--node", "n2")
    assert other.code == 2 and "no sku 'sku-25' in the return" in other.err
    assert promessa("order", "receive", "cli-1", "sku-24=1", "--node", "n2", "--as", "quarantine").code == 0
    back = promessa("order", "receive", "cli-1", "sku-24=1", "--node", "n2", "--json").json["order"]["returns"][0]
    assert (back["state"], back["lines"][0]["quarantined_quantity"]) == ("RETURN_STATE_RECEIVED", 1)
    assert "devolução recebida" in promessa("order", "show", "cli-1", "--lang", "pt-BR").out


def test_what_is_collected_needs_the_code(promessa: Command, tmp_path: Path) -> None:
    path = tmp_path / "nodes.jsonl"
    path.write_text(json.dumps({"node_id": "kiosk", "pickup_point": True}))
    stock = tmp_path / "kiosk-stock.jsonl"
    stock.write_text(json.dumps({"sku": "sku-24", "node_id": "kiosk", "on_hand_quantity": 5}))
    assert promessa("import", path, stock).code == 0
    held = promessa("order", "place", "cli-2", "sku-24=1", "--pickup", "kiosk")
    assert held.code == 0, held.err
    assert promessa("order", "accept", "cli-2").code == 0
    assert promessa("order", "pick", "cli-2").code == 0
    code = promessa("order", "ready", "cli-2", "--json").json["pickup_code"]
    assert "Código de retirada" in promessa("order", "ready", "cli-2", "--lang", "pt-BR").out
    assert promessa("order", "hand-over", "cli-2", "--code", code).code == 1, "there is a new one"
    code = promessa("order", "ready", "cli-2", "--json").json["pickup_code"]
    assert "handed over" in promessa("order", "hand-over", "cli-2", "--code", code).out


def test_an_order_of_a_reservation_and_a_refusal(promessa: Command) -> None:
    held = promessa("reserve", "sku-25@n1=2", "--json").json["reservation"]["reservation_id"]
    assert promessa("order", "place", "cli-3", "--reservation", held).code == 0
    assert promessa("order", "reject", "cli-3", "--reason", "other").code == 0
    assert "to source" in promessa("order", "show", "cli-3").out
    found = promessa("order", "list", "--state", "to-source", "--node", "n1", "--since", "2020-01-01", "--json").json
    assert "cli-3" in [order["order_id"] for order in found["orders"]]
    assert "sem origem" in promessa("order", "list", "--lang", "pt-BR").out
    assert "Não há pedidos" in promessa("order", "list", "--until", "2020-01-01", "--lang", "pt-BR").out
    assert "cancelled" in promessa("order", "cancel", "cli-3").out


def test_what_goes_wrong_has_an_exit_code_and_a_sentence(promessa: Command) -> None:
    nowhere = promessa("order", "place", "buy-nowhere", "sku-25=1")
    assert (nowhere.code, "--to" in nowhere.err) == (2, True)
    none = promessa("order", "place", "cli-4", "sku-25=1000", "--to", "01310100")
    assert none.code == 1
    assert "cannot be served" in none.out
    assert promessa("order", "show", "cli-4").code == 1
    assert promessa("order", "place", "cli-4").code == 2
    assert promessa("order", "reject", "cli-4", "--reason", "rain").code == 2
    assert promessa("order", "list", "--lang", "fr").code == 2
    assert promessa("order", "place", "cli-5", "sku-25=1", "--to", "01310100").code == 0
    assert "does not allow SHIP" in promessa("order", "ship", "cli-5").err
    assert promessa("order", "return", "cli-5", "sku-27=1").code == 2
    early = promessa("order", "return", "cli-5", "sku-25=1")
    assert early.code == 1 and "handed over yet: cancel it instead" in early.err
    exchange = ("order", "exchange", "cli-5", "sku-25=1", "--new", "cli-6", "--give", "sku-25=1")
    assert "cancel it instead" in promessa(*exchange, "--to", "01310100").err
    for words in (exchange, (*exchange, "--at", "n1"), ("order", "place", "cli-6", "sku-25=1", "--token", "T")):
        nowhere = promessa(*words)
        assert (nowhere.code, "--to" in nowhere.err, "--pickup" in nowhere.err) == (2, True, True), nowhere.err
    no_return = promessa("order", "receive", "cli-5", "sku-25=1", "--node", "n1", "--return", "9")
    assert no_return.code == 2 and "'cli-5' has no return 9; it has 0" in no_return.err
    no_shipment = promessa("order", "pick", "cli-5", "sku-25=0", "--shipment", "9")
    assert no_shipment.code == 2 and "'cli-5' has no shipment 9; it has 1" in no_shipment.err


def test_an_order_of_a_token_and_one_whose_plan_changed(promessa: Command, tmp_path: Path) -> None:
    wanted = ("sku-31=2", "--to", "01310100")
    stock = tmp_path / "stock-31.jsonl"
    stock.write_text(json.dumps({"sku": "sku-31", "node_id": "n1", "on_hand_quantity": 5}))
    assert promessa("import", stock).code == 0

    def quoted() -> str:
        (option, *_) = promessa("source", *wanted, "--quote", "0", "--json").json["options"]
        return str(option["plan_token"])

    token = quoted()
    placed = promessa("order", "place", "cli-25", *wanted, "--token", token)
    assert placed.code == 0 and "Plan honoured" in placed.out, placed.err
    token = quoted()
    assert promessa("order", "place", "cli-26", "sku-31=3", "--to", "01310100").code == 0
    changed = promessa("order", "place", "cli-27", *wanted, "--token", token, "--lang", "pt-BR")
    assert changed.code == 1
    assert "não pode ser atendido" in changed.out and "n1: faltam unidades (sku-31: 0 / 2)" in changed.out
    assert promessa("order", "place", "cli-27", *wanted, "--accept-changes").code == 2


def test_a_shipment_that_several_may_accept(promessa: Command, tmp_path: Path) -> None:
    shops = ("offered-1", "offered-2")
    files = {
        "nodes": [{"node_id": shop, "type": "STORE", "country_code": "BR", "postal_code": "01310100"} for shop in shops],
        "lanes": [
            {"lane_id": f"{shop}-all", "node_id": shop, "country_code": "BR", "postal_code_prefixes": ["0"],
             "carrier_service": "ground", "rate_card_id": "gr", "transit_days": 2}
            for shop in shops
        ],
        "stock-32": [{"sku": "sku-32", "node_id": shop, "on_hand_quantity": 5} for shop in shops],
    }  # fmt: skip
    for name, rows in files.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        assert promessa("import", path).code == 0
    placed = promessa("order", "place", "cli-28", "sku-32=2", "--to", "01310100", "--offer-to", "2", "--json")
    offers = [offer["node_id"] for offer in placed.json["order"]["shipments"][0]["offers"]]
    assert sorted(offers) == [*shops]
    shown = promessa("order", "show", "cli-28", "--lang", "pt-BR").out
    assert "oferecida a" in shown and "aberta" in shown
    assert promessa("order", "accept", "cli-28").code == 1, "which of them?"
    todo = promessa("order", "list", "--node", offers[1], "--todo", "--json").json["orders"]
    assert "cli-28" in [order["order_id"] for order in todo]
    accepted = promessa("order", "accept", "cli-28", "--node", offers[1], "--json").json["order"]
    assert accepted["shipments"][0]["node_id"] == offers[1]
    late = promessa("order", "reject", "cli-28", "--node", offers[0], "--reason", "other")
    assert late.code == 1 and "Another node accepted" in late.err
    todo = promessa("order", "list", "--node", offers[0], "--todo", "--json").json.get("orders", [])
    assert "cli-28" not in [order["order_id"] for order in todo]
    assert promessa("order", "list", "--todo").code == 2


def test_an_exchange(promessa: Command) -> None:
    assert promessa("order", "place", "cli-29", "sku-24=2", "--to", "01310100", "--customer", "bia").code == 0
    for step in ("accept", "pick", "ship", "deliver"):
        assert promessa("order", step, "cli-29").code == 0
    exchange = ("order", "exchange", "cli-29", "sku-24=1", "--reason", "too small")
    none = promessa(*exchange, "--new", "cli-30", "--give", "sku-25=1000", "--to", "01310100")
    assert none.code == 1 and "cannot be served" in none.out
    done = promessa(*exchange, "--new", "cli-30", "--give", "sku-25=1", "--to", "01310100", "--json").json
    assert (done["order"]["customer_id"], done["order"]["exchange_of_order_id"]) == ("bia", "cli-29")
    assert [(line["line"], line["quantity"]) for line in done["exchanged_order"]["returns"][0]["lines"]] == [(0, 1)]
    give = ("--give", "sku-25=1", "--to", "01310100")
    shown = promessa(*exchange, "--new", "cli-31", *give, "--on-receipt", "--lang", "pt-BR").out
    assert "troca de cli-29" in shown and "cli-31" in shown and "aguarda devolução" in shown
    nowhere = promessa(*exchange, "--new", "cli-32", *give, "--at", "n1")
    assert nowhere.code == 1 and "is no pickup point" in nowhere.err
    assert promessa(*exchange, "--new", "cli-32").code == 2, "for nothing"


def test_prices_of_an_order_and_of_its_exchange(promessa: Command, tmp_path: Path) -> None:
    ham = tmp_path / "skus.jsonl"
    ham.write_text(json.dumps({"sku": "order-ham", "unit_code": "KGM", "decimals": 3}))
    stock = tmp_path / "stock-ham.jsonl"
    stock.write_text(json.dumps({"sku": "order-ham", "node_id": "n1", "on_hand_quantity": 9000}))
    assert promessa("import", ham, stock).code == 0
    lines = ("sku-24=1", "order-ham=0.350kg", "sku-24=1", "sku-25=1")
    to = ("--to", "01310100")
    prices = ("--price", "sku-24=49.90", "--price", "order-ham=80")
    order = promessa("order", "place", "cli-40", *lines, *to, *prices, "--json").json["order"]
    assert [line.get("unit_price_micros", 0) for line in order["lines"]] == [49_900_000, 80_000, 49_900_000, 0]
    assert order["currency_code"] == "BRL"
    other = promessa("order", "place", "cli-41", "sku-24=1", *to, "--price", "sku-24=5", "--currency", "EUR", "--json")
    assert other.json["order"]["currency_code"] == "EUR"
    for step in ("accept", "pick", "ship"):
        assert promessa("order", step, "cli-41").code == 0
    exchange = ("order", "exchange", "cli-41", "sku-24=1", "--new", "cli-42", "--give", "sku-25=1", *to)
    differs = promessa(*exchange, "--price", "sku-25=7.50", "--currency", "BRL")
    assert differs.code == 1 and "Give its prices in EUR" in differs.err
    shown = promessa(*exchange, "--price", "sku-25=7.50")
    assert shown.code == 0, shown.err
    assert "2.50 EUR" in shown.out, "the customer pays the difference"
    for wrong, why in (
        ("sku-26=5", "no price of what is ordered"), ("sku-24", "no price of what is ordered"),
        ("sku-24=5,00", "no amount of money"), ("order-ham=0.0005", "too fine"),
    ):  # fmt: skip
        refused = promessa("order", "place", "cli-43", "sku-24=1", "order-ham=1", *to, "--price", wrong)
        assert refused.code == 2 and why in refused.err, refused.err
    held = promessa("reserve", "sku-25@n1=1", "--json").json["reservation"]["reservation_id"]
    assert promessa("order", "place", "cli-43", "--reservation", held, "--price", "sku-25=5").code == 2
