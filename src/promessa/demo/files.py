"""A chain as the files that `promessa import` reads. Columns and keys are the field names of the API's messages.

nodes.csv  skus.csv  stock.csv               one row a resource or cell; an empty cell is an absent field
rate_cards.jsonl  lanes.jsonl  node_groups.jsonl   one JSON object a line, because they nest
commission_rules.jsonl
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from promessa.demo.chain import Chain
from promessa.demo.resources import NODE_TYPE_NAMES, Resource

NODE_COLUMNS = (
    "node_id", "name", "type", "country_code", "region_code", "postal_code", "latitude_e6", "longitude_e6", "time_zone",
    "cutoff_minute", "handling_days", "shipment_cost_micros", "unit_cost_micros", "owner_code",
)  # fmt: skip
SKU_COLUMNS = ("sku", "description", "weight_grams")
STOCK_COLUMNS = ("sku", "node_id", "on_hand_quantity", "safety_stock_quantity")


def write_files(chain: Chain, folder: Path) -> list[Path]:
    """Write the chain into a folder, made if needed; the files in the order in which they can be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    nodes = ({**node, "type": NODE_TYPE_NAMES[node["type"]]} for node in chain.nodes)
    return [
        _write_csv(folder / "nodes.csv", NODE_COLUMNS, _values(nodes, NODE_COLUMNS)),
        _write_csv(folder / "skus.csv", SKU_COLUMNS, _values(chain.skus, SKU_COLUMNS)),
        _write_lines(folder / "rate_cards.jsonl", chain.rate_cards),
        _write_lines(folder / "lanes.jsonl", chain.lanes),
        _write_lines(folder / "node_groups.jsonl", chain.node_groups),
        _write_lines(folder / "commission_rules.jsonl", chain.commission_rules),
        _write_csv(folder / "stock.csv", STOCK_COLUMNS, chain.stock),
    ]


def _values(resources: Iterable[Resource], columns: Sequence[str]) -> Iterable[list[object]]:
    return ([resource[column] for column in columns] for resource in resources)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _write_lines(path: Path, resources: Iterable[Resource]) -> Path:
    path.write_bytes(b"".join(msgspec.json.encode(resource) + b"\n" for resource in resources))
    return path
