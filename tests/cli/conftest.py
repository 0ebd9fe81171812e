"""A real server for the command line: `promessa serve` as a child, with an embedded store and a small network."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_command import Command, Result

from promessa.cli.address import address_in
from promessa.cli.main import run
from promessa.server.run_file import read_run_file
from promessa.store.embedded.bound import start_bound

NODES = """node_id,name,type,country_code,postal_code,time_zone,shipment_cost_micros
n1,Loja Um,STORE,BR,01310100,America/Sao_Paulo,2000000
n2,Loja Dois,franchise store,BR,20040020,America/Sao_Paulo,3000000
dc,CD,1,BR,07750000,America/Sao_Paulo,1000000
"""
SKUS = "sku,description,weight_grams\n" + "".join(f"sku-{n},Article {n},{100 * n}\n" for n in range(1, 41))
RATE_CARDS = """rate_card_id,currency_code,brackets,over_step_grams,over_step_price_micros
gr,BRL,1000:8000000|5000:12000000,1000,2000000
"""
LANES = "lane_id,node_id,country_code,postal_code_prefixes,carrier_service,rate_card_id,transit_days\n" + "".join(
    f'{node}-all,{node},BR,"[""0"", ""2""]",ground,gr,2\n' for node in ("n1", "n2", "dc")
)
NODE_GROUPS = '{"node_group_id": "stores", "node_ids": ["n1", "n2"]}\n'
FILES = {
    "nodes.csv": NODES,
    "skus.csv": SKUS,
    "rate-cards.csv": RATE_CARDS,
    "lanes.csv": LANES,
    "node_groups.jsonl": NODE_GROUPS,
}


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Where that server has its data, its log and its archive."""
    directory = Path(tempfile.mkdtemp(prefix="promessa-cli-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def address(server_directory: Path) -> Iterator[str]:
    """The address of a server that all tests of this directory share."""
    directory = server_directory
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PROMESSA_")}
    clean["PROMESSA_ARCHIVE_SECONDS"] = "0.2"
    data = directory / "data"
    command = [sys.executable, "-m", "promessa.cli.main", "serve", "--port", "0", "--metrics-port", "0"]
    with (directory / "log").open("wb") as log:
        process = start_bound(
            [*command, "--data-dir", data, "--archive", directory / "archive", "--log-level", "warning"],
            death_signal=signal.SIGTERM,
            environment=clean,
            output=log.fileno(),
        )
    deadline = time.monotonic() + 60
    while (found := address_in(data)) is None or not is_ready(data):
        assert process.poll() is None, (directory / "log").read_text()
        assert time.monotonic() < deadline, (directory / "log").read_text()
        time.sleep(0.02)
    yield found
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def is_ready(data: Path) -> bool:
    found = read_run_file(data)
    return found is not None and found.ready


@pytest.fixture
def promessa(address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command line against the server."""
    monkeypatch.setenv("PROMESSA_ADDRESS", address)

    def command(*words: object) -> Result:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return command


@pytest.fixture(scope="session")
def network_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the small network."""
    folder = tmp_path_factory.mktemp("network")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in FILES]


@pytest.fixture
def network(promessa: Command, network_files: list[Path]) -> None:
    """The small network, imported; again and again, which changes nothing."""
    result = promessa("import", *network_files, "--json")
    assert result.code == 0, result.out + result.err


@pytest.fixture
def on_hand(promessa: Command) -> Callable[[str, str], int]:
    """Units that can be promised of a cell, by the store."""

    def available(sku: str, node_id: str) -> int:
        return int(promessa("availability", sku, "--node", node_id, "--fresh", "--json").json["available_quantity"])

    return available
