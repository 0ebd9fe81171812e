"""`promessa policy` against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

DOCUMENT = """# shops keep what they have
policy: cli-dc
mode: cost
applies_to: {channels: [cli-dc]}
rules:
  - name: dc alone
    filters: [{where: node_type, any_of: [distribution_centre]}]
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "dc.yaml"
    path.write_text(DOCUMENT)
    return path


def test_a_document_is_linted_kept_activated_shown_and_archived(promessa: Command, document: Path) -> None:
    linted = promessa("policy", "lint", document)
    assert (linted.code, linted.out.strip()) == (0, "Nothing is wrong, and nothing is doubtful.")
    put = promessa("policy", "put", document, "-m", "why", "--json")
    version = put.json["version"]["version"]
    assert put.json["version"]["state"] == "POLICY_STATE_DRAFT"
    assert "decides from now on" in promessa("policy", "activate", "cli-dc", version).out
    shown = promessa("policy", "show", "cli-dc").out
    assert DOCUMENT in shown
    assert "active" in shown and "why" in shown
    assert "cli-dc" in promessa("policy", "list").out
    assert "active" in promessa("policy", "list", "cli-dc").out
    again = promessa("policy", "put", document, "--activate")
    assert f"Version {int(version) + 1} of policy cli-dc decides" in again.out
    assert "archived" in promessa("policy", "archive", "cli-dc", str(int(version) + 1)).out
    assert promessa("policy", "show", "cli-dc", "--version", version, "--json").json["version"]["comment"] == "why"


def test_what_is_wrong_is_told_by_line(promessa: Command, document: Path) -> None:
    document.write_text(DOCUMENT.replace("filters:", "filtres:"))
    linted = promessa("policy", "lint", document)
    assert linted.code == 1
    assert "Did you mean filters?" in " ".join(linted.out.split())
    refused = promessa("policy", "put", document)
    assert refused.code == 1
    assert "line 7, rules[0].filtres" in refused.err


def test_policies_that_promessa_brings_along_go_by_name(promessa: Command) -> None:
    assert promessa("policy", "lint", "cheapest").code == 0
    missing = promessa("policy", "lint", "dearest")
    assert missing.code == 2
    assert "nearest-first" in missing.err


def test_a_policy_that_is_not_there_is_told(promessa: Command) -> None:
    for words in (("show", "cli-none"), ("activate", "cli-none", "1"), ("list", "cli-none")):
        refused = promessa("policy", *words)
        assert refused.code == 1
        assert "cli-none" in refused.err


def test_an_order_is_sourced_by_a_policy_and_says_so(promessa: Command, document: Path, tmp_path: Path) -> None:
    stock = tmp_path / "stock.jsonl"
    stock.write_text(
        "".join(f'{{"sku": "sku-9", "node_id": "{node}", "on_hand_quantity": 3}}\n' for node in ("n1", "dc"))
    )
    assert promessa("import", stock).code == 0
    version = promessa("policy", "put", document, "--activate", "--json").json["version"]["version"]
    order = ("source", "--to", "01310-100", "sku-9=1", "--channel", "cli-dc")
    plain = promessa(*order, "--policy", "default")
    assert "policy" not in plain.out
    said = promessa(*order, "--tier", "gold", "--tag", "gift", "--position=-23.5,-46.6")
    assert f"Decided by policy cli-dc, version {version}: rule 'dc alone'." in " ".join(said.out.split())
    assert "by this rule no plan is better" in " ".join(said.out.split())
    assert promessa(*order, "--policy", f"cli-dc@{version}", "--reserve").code == 0
    refused = promessa("source", "--to", "01310-100", "sku-9=4", "--channel", "cli-dc", "--reserve")
    assert refused.code == 1
    assert "no rule serves it as it must be" in " ".join(refused.out.split())
    assert promessa(*order, "--policy", "cli-none").code == 1
    for wrong in (("--policy", "a@b"), ("--position", "here")):
        assert promessa(*order, *wrong).code == 2
    assert promessa("policy", "archive", "cli-dc", version).code == 0
