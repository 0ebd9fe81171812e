"""A whole chain's stock in one file: a million rows through `promessa import`, all of them applied, and the books agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

NODES, SKUS = 200, 5_000


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_a_million_rows_arrive_in_one_import(promessa: Command, tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("node_id\n" + "".join(f"million-{n}\n" for n in range(NODES)))
    (tmp_path / "skus.csv").write_text("sku\n" + "".join(f"of-a-million-{n}\n" for n in range(SKUS)))
    with (tmp_path / "stock.csv").open("w") as stock:
        stock.write("sku,node_id,on_hand_quantity\n")
        for n in range(NODES):
            stock.writelines(f"of-a-million-{s},million-{n},{(7 * n + s) % 90}\n" for s in range(SKUS))
    files = [tmp_path / name for name in ("nodes.csv", "skus.csv", "stock.csv")]
    report = promessa("import", *files, "--json").json["files"][2]
    assert (report["rows"], report["applied"], report["rejected"]) == (NODES * SKUS, NODES * SKUS, 0)
    again = promessa("import", files[2], "--json").json["files"][0]
    assert (again["rows"], again["applied"], again["rejected"]) == (NODES * SKUS, NODES * SKUS, 0), "the same answers"
    total = promessa("availability", "of-a-million-17", "--json", "--fresh").json["available_quantity"]
    assert int(total) == sum((7 * n + 17) % 90 for n in range(NODES))
    audit = promessa("audit", "--json")
    assert audit.code == 0, audit.out
