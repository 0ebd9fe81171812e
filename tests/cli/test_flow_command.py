"""`promessa flow`: lists the flows, and tells one against a server that is there or one of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from cli_command import Command

from promessa.demo.flows.book import FLOWS
from promessa.server.clock import clock_of


def test_the_flows_are_listed(promessa: Command) -> None:
    listed = promessa("flow").out
    assert all(name in listed for name in FLOWS)
    assert "Compre e retire na loja" in promessa("flow", "--lang", "pt-BR").out


def test_a_flow_is_told_to_a_server_that_is_there_again_and_again(promessa: Command, address: str) -> None:
    for _ in range(2):
        heard = promessa("flow", "ship-from-store", "--address", address)
        assert heard.code == 0, heard.err
        assert "Loja Pinheiros, Runner 42: 1 on hand, 0 promised" in heard.out
    told = promessa("flow", "ship-from-store", "--address", address, "--lang", "pt-BR").out
    assert "Pedido web-1 concluído" in told


def test_a_flow_brings_its_own_server_whose_time_passes(promessa: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMESSA_REDIS_URL", "redis://127.0.0.1:1")  # a store that somebody works with
    heard = promessa("flow", "boleto-unpaid")
    assert heard.code == 0, heard.err
    assert "The hold for bruno is over." in heard.out


def test_what_goes_wrong_is_said(promessa: Command, address: str) -> None:
    unknown = promessa("flow", "teleport")
    assert (unknown.code, "ship-from-store" in unknown.err) == (2, True)
    days = promessa("flow", "boleto-unpaid", "--address", address)
    assert (days.code, "--clock-file" in days.err) == (2, True)
    nobody = promessa("flow", "ship-from-store", "--address", "127.0.0.1:1")
    assert (nobody.code, "No server answers" in nobody.err) == (1, True)


def test_a_clock_is_shown_and_set_forward_where_a_server_has_one(promessa: Command, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    missing = promessa("clock", "--file", clock, "--days", 1)
    assert (missing.code, "no clock file" in missing.err, clock.exists()) == (1, True, False)
    clock_of(clock)
    today, later = (promessa("clock", "--file", clock, *more).out.split() for more in ((), ("--days", 2)))
    days = [datetime.fromisoformat(words[-3]) for words in (today, later)]
    assert (days[1] - days[0]).days in (2, 3)
