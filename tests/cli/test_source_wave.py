"""`promessa source-wave` against a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_command import Command

from promessa.cli.wave_texts import WAVE_TEXTS

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture
def orders(promessa: Command, tmp_path: Path) -> Path:
    """The centre, which is cheaper, has one sku-2 left, and alone has sku-3. Who wants both saves a parcel there."""
    stock = tmp_path / "stock.csv"
    stock.write_text("sku,node_id,on_hand_quantity\nsku-2,n1,3\nsku-2,dc,1\nsku-3,dc,9\n")
    assert promessa("import", stock, "--json").code == 0
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,postal_code,sku,quantity\nfirst,01310-100,sku-2,1\nsecond,01310-100,sku-2,1\nsecond,01310-100,sku-3,1\n"
    )
    return path


def test_a_wave_is_shown_beside_one_after_another(promessa: Command, orders: Path) -> None:
    shown = promessa("source-wave", orders)
    assert shown.code == 0, shown.err
    assert "Orders: 2, waves: 1" in shown.out
    assert "one after another" in shown.out
    assert "Nothing is held" in shown.out
    portuguese = promessa("source-wave", orders, "--lang", "pt-BR").out
    assert "Pedidos: 2, ondas: 1" in portuguese
    assert "Nada foi reservado" in portuguese
    told = promessa("source-wave", orders, "--json").json
    (wave,) = told["waves"]
    assert wave["cost_micros"] < wave["one_by_one_cost_micros"]
    assert wave["lower_bound_micros"] <= wave["cost_micros"]
    assert [each["node_id"] for each in wave["prices"]] == ["dc"]
    assert [each["response"]["plan"]["shipments"][0]["node_id"] for each in told["results"]] == ["n1", "dc"]
    assert len(promessa("source-wave", orders, "--size", "1", "--json").json["waves"]) == 2


def test_what_is_held_is_held_once(promessa: Command, orders: Path) -> None:
    words = ("source-wave", orders, "--reserve", "--request-prefix", "wave-of-the-cli", "--json")
    first, again = promessa(*words).json, promessa(*words).json
    ids = [each["response"]["reservation"]["reservation_id"] for each in first["results"]]
    assert ids == ["wave-of-the-cli.1", "wave-of-the-cli.2"]
    assert [each["response"]["replayed"] for each in again["results"]] == [True, True]
    shown = promessa(*words[:-1])
    assert "--request-prefix wave-of-the-cli" in shown.out
    assert "2 orders were answered before" in shown.out
    for reservation_id in ids:
        assert promessa("release", reservation_id).code == 0


def test_orders_that_cannot_be_decided_are_told(promessa: Command, orders: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    order = {"order_id": "x", "lines": [{"sku": "nothing", "quantity": 1}], "destination": {"postal_code": "01310100"}}
    path.write_text(f"{json.dumps(order)}\nnonsense\n")
    shown = promessa("source-wave", path)
    assert shown.code == 1
    assert "no sku 'nothing'" in shown.out
    assert "line 2" in shown.out


def test_every_text_has_both_languages() -> None:
    assert all(len(texts) == 2 and all(texts) for texts in WAVE_TEXTS.values())
