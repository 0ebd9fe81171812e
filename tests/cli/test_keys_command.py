"""`promessa keys` on the store of a running server of its own: what becomes of keys becomes of all tokens that others hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_command import Command

from promessa.cli.demo_server import serving

KEY_FILE = "Servers with a PROMESSA_PLAN_KEY_FILE sign with the first key of that file instead."
NOT_TOUCHED = "Servers with a PROMESSA_PLAN_KEY_FILE are not touched by this: take the key out of that file"
ORDER = ("source", "sku-33=1", "--to", "01310100")


@pytest.fixture
def own_server(
    network_files: list[Path], promessa: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with serving(tmp_path / "data", 0, WORKERS=1) as (address, _):
        monkeypatch.setenv("PROMESSA_ADDRESS", address)
        monkeypatch.setenv("PROMESSA_DATA_DIR", str(tmp_path / "data"))
        assert promessa("import", *network_files).code == 0
        assert promessa("count", "sku-33@n1=9").code == 0
        yield


@pytest.mark.usefixtures("own_server")
def test_keys_are_listed_rotated_and_revoked_and_never_shown(promessa: Command) -> None:
    (option, *_) = promessa(*ORDER, "--quote", "0", "--json").json["options"]
    (signing, *_) = promessa("keys", "list", "--json").json
    assert set(signing) == {"key_id", "made_ms", "signs"} and signing["signs"]
    rotated = promessa("keys", "rotate", "--json").json
    assert [each["signs"] for each in rotated] == [True, False] and rotated[1]["key_id"] == signing["key_id"]
    listed = promessa("keys", "list").out
    assert KEY_FILE in listed and KEY_FILE in promessa("keys", "rotate").out
    assert all(each["key_id"] in listed for each in rotated) and "signs" in listed and "counts" in listed
    held = promessa(*ORDER, "--reserve", "--token", option["plan_token"], "--json").json
    assert held["plan_token_result"]["outcome"] == "PLAN_TOKEN_OUTCOME_HONOURED"
    revoked = promessa("keys", "revoke", "--yes", "--json")
    assert revoked.json == [] and NOT_TOUCHED in revoked.err
    said = promessa("keys", "revoke", "--yes").out
    assert "All keys of the store are forgotten" in said and "are refused" in said and NOT_TOUCHED in said
    none = promessa("keys", "list").out
    assert "keeps no key" in none and KEY_FILE in none
    assert "keeps no key" in promessa("keys", "rotate").out, "there is none to replace"


def test_without_a_server_here_there_is_no_store_to_ask(
    promessa: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMESSA_DATA_DIR", str(tmp_path))
    refused = promessa("keys", "list")
    assert refused.code == 1 and "runs only while the server does" in refused.err
    assert "PROMESSA_DATA_DIR" in refused.err and str(tmp_path) in refused.err
