"""The doctor: a healthy server, and none."""

from __future__ import annotations

import time
from pathlib import Path

import msgpack
import pytest
from cli_command import Command
from topologies import SERVICE, Topology

from promessa.server.bootstrap import SERVICES
from promessa.store.functions import library_source


def test_health_asks_the_server_alone(promessa: Command) -> None:
    result = promessa("doctor", "--health")
    assert result.code == 0
    assert "SERVING" in result.out


def test_every_service_of_a_healthy_server_is_well(promessa: Command) -> None:
    checks = {each["name"]: each for each in promessa("doctor", "--json").json["checks"]}
    for service in SERVICES:
        assert checks[f"health of {service.name}"]["ok"]
    for name in ("program", "native modules", "store program"):
        assert checks[name]["ok"]


def test_without_a_server_it_says_so_and_what_to_do(
    promessa: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMESSA_DATA_DIR", str(tmp_path / "none"))
    result = promessa("doctor", "--address", "127.0.0.1:1")
    assert result.code == 1
    assert "PROBLEM server: none runs on" in result.out
    assert "Start it with `promessa serve`" in result.out
    assert promessa("doctor", "--health", "--address", "127.0.0.1:1").code == 1


def test_the_store_is_asked_wherever_it_is(
    promessa: Command, monkeypatch: pytest.MonkeyPatch, stores: Topology
) -> None:
    def store() -> dict[str, str]:
        return next(each for each in promessa("doctor", "--json").json["checks"] if each["name"] == "store")

    primary = stores.node()
    sentinel = stores.sentinel(primary)
    monkeypatch.setenv("PROMESSA_REDIS_URL", f"redis+sentinel://127.0.0.1:{sentinel.port}/{SERVICE}")
    assert not store()["ok"]
    assert "installs its library" in store()["advice"]
    primary.client.function_load(library_source())
    assert store()["ok"]
    primary.client.config_set("appendfsync", "everysec")
    assert not store()["ok"]
    assert "appendfsync is everysec" in store()["found"]
    primary.client.config_set("appendfsync", "always")
    monkeypatch.setenv("PROMESSA_DURABILITY", "ha")
    assert not store()["ok"]
    assert "1 must confirm every change" in store()["advice"]
    stores.replica_of(primary)
    assert store()["ok"]
    primary.client.hset("{promessa}:meta", "layout", 1)
    assert "have layout 1" in store()["found"]
    assert "Use the promessa version that wrote them" in store()["advice"]


def test_a_consumer_that_stands_still_is_found(
    promessa: Command, stores: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary = stores.node()
    monkeypatch.setenv("PROMESSA_REDIS_URL", f"redis://127.0.0.1:{primary.port}")

    def consumers() -> dict[str, object]:
        checks = promessa("doctor", "--json", "--address", "127.0.0.1:1").json["checks"]
        return next(each for each in checks if each["name"] == "log consumers")

    primary.client.hset("{promessa}:meta", "partitions", 1)
    primary.client.hset("{promessa}:0:cells", "seq", 7)
    assert consumers()["ok"]
    for name, caught_up_ms, done in (("quick", 1, 7), ("archive", int(time.time() * 1000), 2)):
        values = (1, 1, 1, caught_up_ms, (done, 0))
        primary.client.hset("{promessa}:consumers", name, msgpack.packb(values))
    assert consumers()["ok"], "one has done all, and the other had a moment ago"
    primary.client.hset("{promessa}:consumers", "archive", msgpack.packb((1, 1, 1, 1, (2, 0))))
    assert not consumers()["ok"]
    assert "archive is 5 entries behind" in str(consumers()["found"])


def test_without_a_server_its_own_port_is_asked(
    promessa: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PROMESSA_ADDRESS", raising=False)
    monkeypatch.setenv("PROMESSA_DATA_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("PROMESSA_PORT", "9")
    assert "no server answers at 127.0.0.1:9" in promessa("doctor").out
    assert "no server answers at 127.0.0.1:9" in promessa("doctor", "--health").out


def test_a_misspelled_setting_and_a_wrong_one_are_found(promessa: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMESSA_WROKERS", "3")
    assert "PROMESSA_WROKERS" in promessa("doctor").out
    monkeypatch.setenv("PROMESSA_WORKERS", "many")
    assert "PROBLEM settings" in promessa("doctor").out


def test_settings_are_listed_with_their_origin(promessa: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMESSA_WORKERS", "3")
    lines = {each["name"]: each for each in promessa("doctor", "--json", "--settings").json["settings"]}
    assert lines["workers"]["origin"] == "environment PROMESSA_WORKERS"
    assert lines["port"]["origin"] == "default"
