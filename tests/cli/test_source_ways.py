"""`promessa source` for what is collected, goes several ways, leaves together, waits, or is sold in a shop."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

POINTS = """node_id,name,type,country_code,postal_code,pickup_point,receiving_minutes
point,Retira,STORE,BR,01310100,sim,45
plain,Loja,STORE,BR,01310100,false,0
odd,Loja,STORE,BR,01310100,maybe,0
"""
STOCK = """sku,node_id,on_hand_quantity
sku-17,point,4
sku-18,dc,6
sku-17,dc,6
"""


@pytest.fixture
def points(network: None, promessa: Command, tmp_path: Path) -> None:
    """A pickup point with four of a sku; a centre with more."""
    (tmp_path / "nodes.csv").write_text(POINTS, encoding="utf-8")
    (tmp_path / "stock.csv").write_text(STOCK, encoding="utf-8")
    nodes, stock = promessa("import", tmp_path / "nodes.csv", tmp_path / "stock.csv", "--json").json["files"]
    assert (nodes["applied"] + nodes["unchanged"], nodes["rejected"], stock["rejected"]) == (2, 1, 0)
    assert "pickup_point is maybe" in (tmp_path / "nodes.rejects.csv").read_text(encoding="utf-8")


@pytest.mark.usefixtures("points")
def test_pickup_ship_to_store_and_mixed_baskets(promessa: Command) -> None:
    plan = promessa("source", "sku-17=2", "--pickup", "point", "--json").json["plan"]
    assert [plan["shipments"][0][name] for name in ("node_id", "fulfillment_kind", "pickup_node_id")] == [
        "point", "FULFILLMENT_KIND_PICKUP", "point",
    ]  # fmt: skip
    assert promessa("source", "sku-17=2@point", "--json").json["plan"] == plan
    shown = promessa("source", "sku-17=1@point", "sku-18=1", "--to", "01310-100")
    assert "pickup" in shown.out and "ship from centre" in shown.out
    sent = promessa("source", "sku-18=1", "--pickup", "point", "--ship-to-store")
    assert "ship to store" in sent.out
    assert promessa("source", "sku-18=1", "--pickup", "point").code == 1
    refused = promessa("source", "sku-17=1", "--pickup", "plain")
    assert refused.code == 1 and "it is no pickup point" in refused.err


@pytest.mark.usefixtures("points")
def test_kinds_groups_values_and_shops(promessa: Command) -> None:
    order = ("source", "sku-17=1", "sku-18=1", "--to", "01310100", "--json")
    together = promessa(*order, "--together", "sku-17,sku-18").json["plan"]
    assert [len(shipment["lines"]) for shipment in together["shipments"]] == [2]
    assert promessa(*order, "--kind", "courier").code == 1
    assert promessa(*order, "--kind", "ship-from-centre").code == 0
    assert promessa(*order, "--sold-at", "point", "--own-stock", "excluded").code == 0
    handed = promessa(*order, "--sold-at", "point", "--own-stock", "hand-over").json["plan"]
    assert {shipment.get("pickup_node_id", "") for shipment in handed["shipments"]} == {"point", ""}
    assert promessa(*order, "--min-shipment-value", "10.50").code == 0
    assert promessa("source", "sku-17=50", "--to", "01310100", "--future", "--backorder").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("sku-17=1",),
        ("sku-17=1@",),
        ("sku-17=1", "--to", "01310100", "--kind", "drone"),
        ("sku-17=1", "--to", "01310100", "--own-stock", "first"),
        ("sku-17=1", "--to", "01310100", "--together", "sku-18"),
        ("sku-17=1", "--to", "01310100", "--min-shipment-value", "cheap"),
    ],
)
def test_ways_that_make_no_sense_are_usage_errors(promessa: Command, words: tuple[str, ...]) -> None:
    assert promessa("source", *words).code == 2
