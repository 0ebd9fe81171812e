"""`promessa source --quote`, and `--reserve --token` with what it gave."""

from __future__ import annotations

import re

import pytest
from cli_command import Command
from test_source_ways import points  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("network", "points")

ORDER = ("source", "sku-18=1", "--to", "01310100")


def test_a_quote_shows_tokens_and_a_token_is_held(promessa: Command) -> None:
    shown = promessa(*ORDER, "--quote", "0")
    assert "held by the token" in shown.out
    tokens = re.findall(r"^[0-9A-Za-z_-]{200,}$", shown.out, re.MULTILINE)
    answer = promessa(*ORDER, "--quote", "0", "--json").json
    assert len(tokens) == len(answer["options"]) >= 1
    option = answer["options"][0]
    held = promessa(*ORDER, "--reserve", "--token", tokens[0], "--order", "o-9", "--json").json
    assert held["plan_token_result"]["outcome"] == "PLAN_TOKEN_OUTCOME_HONOURED"
    assert held["plan"]["cost"] == option["plan"]["cost"]
    assert "token honoured" in promessa(*ORDER, "--reserve", "--token", tokens[0]).out


def test_a_token_that_cannot_be_held_tells_what_changed(promessa: Command) -> None:
    (option, *_) = promessa(*ORDER, "--quote", "0", "--json").json["options"]
    node_id = option["plan"]["shipments"][0]["node_id"]
    assert promessa("pause", node_id).code == 0
    try:
        told = promessa(*ORDER, "--reserve", "--token", option["plan_token"])
        assert told.code == 1 and "token changed" in told.out
        assert f"stock short at {node_id}: 0 of 1 x sku-18, node paused" in told.out
    finally:
        promessa("resume", node_id)


def test_pickup_options_have_tokens_of_their_own(promessa: Command) -> None:
    order = ("source", "sku-17=1", "--to", "01310100")
    (option,) = promessa(*order, "--quote", "0", "--pickup-options", "1", "--json").json["pickup_options"]
    assert option["pickup_node_id"] == "point"
    collected = ("source", "sku-17=1", "--to", "01310100", "--pickup", "point", "--reserve", "--token")
    held = promessa(*collected, option["plan_token"], "--json").json
    assert held["plan_token_result"]["outcome"] == "PLAN_TOKEN_OUTCOME_HONOURED"
    assert "pickup 1 at point" in promessa(*order, "--quote", "0", "--pickup-options", "1").out


def test_what_goes_with_nothing_is_a_usage_error(promessa: Command) -> None:
    for words in (
        ("--token", "x" * 60),
        ("--reserve", "--accept-changes"),
        ("--reserve", "--token", "x" * 60, "--max-extra", "5"),
        ("--pickup-options", "1"),
    ):
        assert promessa(*ORDER, *words).code == 2, words
    refused = promessa(*ORDER, "--reserve", "--token", "x" * 60)
    assert refused.code == 1 and "Quote again" in refused.err
