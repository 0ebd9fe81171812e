"""Importing kits and decimals: components come first, and digits are moved, never rounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

SKUS = """sku,unit_code,decimals,step_quantity,kit,supply_mode,lead_time_days,substitutes
breakfast,,,,sku-18:2|ham-1:150,,,
ham-1,KGM,3,50,,,,
door,,,,,made to order,12,sku-19|sku-20
half-kit,,,,sku-18:2|,,,
"""


def test_kits_weighed_goods_and_made_to_order_are_imported_in_one_file(promessa: Command, tmp_path: Path) -> None:
    skus = tmp_path / "skus.csv"
    skus.write_text(SKUS, encoding="utf-8")
    report = promessa("import", skus, "--json").json["files"][0]
    assert (report["kind"], report["applied"], report["rejected"]) == ("skus", 3, 1)
    more = tmp_path / "more-skus.jsonl"
    more.write_text('{"sku": "brunch", "kit": [{"sku": "ham-1", "quantity": 300}]}\n', encoding="utf-8")
    assert promessa("import", more, "--json").json["files"][0]["applied"] == 1

    stock = tmp_path / "stock.csv"
    lines = [
        "ham-1,n1,1.250",
        "ham-1,n2,.5",
        "ham-1,dc,1.2345",
        "sku-18,n1,7",
        "sku-18,n2,1.5",
        "brunch,n1,1",
        "ham-1,dc,1e3",
    ]
    stock.write_text("sku,node_id,on_hand_quantity\n" + "\n".join(lines) + "\n", encoding="utf-8")
    result = promessa("import", stock, "--whole-units", "--json", "--lang", "en")
    report = result.json["files"][0]
    assert (report["applied"], report["rejected"]) == (2, 5), result.out
    rejected = (tmp_path / "stock.rejects.csv").read_text(encoding="utf-8")
    for reason in ("counted with 3 decimals", "counted with 0 decimals", "is a kit", "decimal number with a point"):
        assert reason in rejected
    assert "1.250 kg" in promessa("availability", "ham-1", "--fresh").out
    kits = promessa("availability", "breakfast", "--node", "n1", "--fresh", "--json").json
    assert int(kits["available_quantity"]) == 3

    doors = tmp_path / "doors.csv"
    doors.write_text("sku,node_id,on_hand_quantity\ndoor,n1,0\n", encoding="utf-8")
    assert promessa("import", doors, "--kind", "stock", "--json").json["files"][0]["applied"] == 1
    assert "any quantity" in promessa("availability", "door", "--fresh").out
    assert promessa("audit").code == 0


def test_weighed_goods_are_reserved_by_weight(promessa: Command, tmp_path: Path) -> None:
    files = {"skus.csv": SKUS, "stock.csv": "sku,node_id,on_hand_quantity\nham-1,n1,1.250\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    promessa("import", tmp_path / "skus.csv")
    promessa("import", tmp_path / "stock.csv", "--whole-units")

    def granted(amount: str) -> list[int]:
        held = promessa("reserve", f"ham-1@n1={amount}", "--json").json["reservation"]
        promessa("release", held["reservation_id"])
        return [int(line["quantity"]) for line in held["lines"]]

    assert granted("0.350 kg") == granted("0.35") == granted("0.350KGM") == granted("350") == [350]
    assert granted("1kg") == granted("1.0") == [1_000]
    held = promessa("reserve", "ham-1@n1=0.350kg", "--json").json["reservation"]["reservation_id"]
    assert promessa("release", held, "ham-1@n1=0.15kg").code == 0
    assert promessa("basket", "ham-1=1.250kg").code == 1
    for amount, why in (("0.3505kg", "3 decimals"), ("2 l", "another unit"), ("0.0001kg", "3 decimals")):
        refused = promessa("reserve", f"ham-1@n1={amount}")
        assert (refused.code, why in refused.err) == (2, True), refused.err
    assert "0 decimals" in promessa("reserve", "sku-18@n1=1.5").err
    assert "no sku" in promessa("reserve", "nothing@n1=1.5kg").err
    promessa("release", held)
