"""The chain as files, and the notices that travel with the data."""

from __future__ import annotations

import csv
import json
from importlib.resources import files
from pathlib import Path

from promessa.demo.chain import Chain, build_chain
from promessa.demo.files import write_files
from promessa.v1 import inventory_pb2, network_pb2

DATA_BYTES_MAX = 1_500_000


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path) -> tuple[Chain, dict[str, Path]]:
    chain = build_chain(stores=6, sku_limit=20)
    return chain, {path.name: path for path in write_files(chain, folder / "chain")}


def test_the_files_come_in_the_order_in_which_they_can_be_imported(tmp_path: Path):
    _, paths = written(tmp_path)
    assert list(paths) == [
        "nodes.csv", "skus.csv", "rate_cards.jsonl", "lanes.jsonl", "node_groups.jsonl", "commission_rules.jsonl", "stock.csv",
    ]  # fmt: skip


def test_columns_are_fields_of_the_api(tmp_path: Path):
    _, paths = written(tmp_path)
    for name, message in (
        ("nodes.csv", network_pb2.Node),
        ("skus.csv", network_pb2.Sku),
        ("stock.csv", inventory_pb2.StockCount),
    ):
        assert set(rows(paths[name])[0]) <= set(message.DESCRIPTOR.fields_by_name)


def test_csv_files_give_the_chain_back(tmp_path: Path):
    chain, paths = written(tmp_path)
    nodes = rows(paths["nodes.csv"])
    assert [node["node_id"] for node in nodes] == [node["node_id"] for node in chain.nodes]
    assert {node["type"] for node in nodes} <= set(network_pb2.NodeType.keys())
    assert [int(sku["weight_grams"]) for sku in rows(paths["skus.csv"])] == [sku["weight_grams"] for sku in chain.skus]
    stock = [
        (row["sku"], row["node_id"], int(row["on_hand_quantity"]), int(row["safety_stock_quantity"]))
        for row in rows(paths["stock.csv"])
    ]
    assert stock == chain.stock


def test_json_lines_give_the_chain_back(tmp_path: Path):
    chain, paths = written(tmp_path)
    for name, values in (
        ("rate_cards.jsonl", chain.rate_cards),
        ("commission_rules.jsonl", chain.commission_rules),
        ("lanes.jsonl", chain.lanes),
        ("node_groups.jsonl", chain.node_groups),
    ):
        assert [json.loads(line) for line in paths[name].read_text(encoding="utf-8").splitlines()] == values


def test_resources_can_be_sent_as_they_are():
    chain = build_chain(stores=6, sku_limit=20)
    for message, values in (
        (network_pb2.Node, chain.nodes),
        (network_pb2.Sku, chain.skus),
        (network_pb2.RateCard, chain.rate_cards),
        (network_pb2.Lane, chain.lanes),
        (network_pb2.NodeGroup, chain.node_groups),
        (network_pb2.CommissionRule, chain.commission_rules),
    ):
        assert all(message(**value).ByteSize() for value in values)


def test_the_data_are_small_and_carry_their_attribution():
    data = files("promessa.demo").joinpath("data")
    names = {entry.name for entry in data.iterdir()}
    notice = data.joinpath("NOTICE.md").read_text(encoding="utf-8")
    assert all(name in notice for name in names if name.endswith(".gz"))
    assert all(word in notice for word in ("D. Chen", "CC BY 4.0", "GeoNames", "kelvins", "MIT", "CEP Aberto", "ODbL"))
    assert sum(len(data.joinpath(name).read_bytes()) for name in names) < DATA_BYTES_MAX
