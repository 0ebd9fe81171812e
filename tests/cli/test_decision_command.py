"""`promessa source --explain`, `--map` and `promessa decision` against a real server; the map's page by itself."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest
from cli_command import Command

from promessa.cli.decision_map import Picture, decision_map, fate_text, relaxed_text
from promessa.cli.texts import Texts
from promessa.v1 import constraint_pb2, decision_pb2, network_pb2, sourcing_pb2

HOSTILE = "</script><img src=x onerror=alert(1)>\"&'`${x}"


class Page(HTMLParser):
    """The elements of a page, and what stands in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "srcset") or name.startswith("on")
        ]
        self._script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts.append(data)


@pytest.fixture
def stocked(address: str, network: None) -> None:
    from promessa.cli.client import Client
    from promessa.v1.inventory_service_pb2 import SetOnHandRequest

    with Client(address) as client:
        for node_id, units in (("n1", 5), ("n2", 50), ("dc", 0)):
            cell = {"sku": "sku-7", "node_id": node_id, "on_hand_quantity": units}
            client.call(client.inventory.SetOnHand, SetOnHandRequest(request_id=str(uuid4()), count=cell))


def wait_for(promessa: Command, units: int) -> None:
    while promessa("availability", "sku-7", "--json").json["available_quantity"] != units:
        pass


@pytest.mark.usefixtures("stocked")
def test_a_decision_is_explained_drawn_and_made_again(promessa: Command, tmp_path: Path) -> None:
    wait_for(promessa, 55)
    told = promessa("source", "--to", "01310100", "sku-7=2", "--exclude", "n2", "--explain")
    assert told.code == 0
    assert "n1 serves the order in 1 shipment for" in told.out
    assert "1 excluded by the order" in told.out
    assert "1 has too few of sku-7" in told.out
    decision_id = f"cli-decision-{uuid4()}"
    held = promessa("source", "--to", "01310100", "sku-7=2", "--reserve", "--request-id", decision_id)
    assert held.code == 0
    path = tmp_path / "why.html"
    again = promessa("decision", decision_id, "--map", path, "--lang", "pt-BR")
    assert again.code == 0, again.out + again.err
    assert "Refeita: idêntica até o último micro." in again.out
    assert "n1 atende o pedido em 1 remessa" in again.out
    page = path.read_text()
    assert '<html lang="pt-BR">' in page and "Custo por componente" in page
    as_json = promessa("decision", decision_id, "--json").json
    assert as_json["is_identical"] is True and as_json["plan"]["shipments"][0]["node_id"] == "n1"
    promessa("release", decision_id)
    assert promessa("decision", decision_id).code == 0


@pytest.mark.usefixtures("stocked")
def test_an_order_that_is_not_served_whole_says_what_to_relax(promessa: Command) -> None:
    wait_for(promessa, 55)
    told = promessa("source", "--to", "01310100", "sku-7=54", "--max-shipments", "1", "--explain")
    assert "The whole order could be served with 2 shipments allowed" in told.out.replace("\n", " ")


def test_what_cannot_be_explained_is_a_sentence(promessa: Command, network: None, tmp_path: Path) -> None:
    unknown = promessa("decision", "nobody-knows-it")
    assert unknown.code == 1 and "no decision 'nobody-knows-it'" in unknown.err
    both = promessa("source", "--to", "01310100", "sku-7=1", "--map", tmp_path / "x.html", "--reserve")
    assert both.code == 2


def picture(node_id: str, name: str) -> Picture:
    order = sourcing_pb2.SourcingOrder(order_id=name, lines=[{"sku": name, "quantity": 2}])
    order.destination.postal_code = "01310100"
    shipment = {"node_id": node_id, "lane_id": name, "carrier_service": name, "lines": [{"sku": name, "quantity": 2}]}
    plan = sourcing_pb2.SourcingPlan(
        shipments=[shipment], cost={"currency_code": name, "shipping_micros": 7, "total_micros": 7}
    )
    removed_by = constraint_pb2.Constraint(kind=constraint_pb2.CONSTRAINT_KIND_POLICY_FILTER, rule=name, text=name)
    candidates = [
        sourcing_pb2.CandidateExplanation(node_id=node_id, reason=sourcing_pb2.CANDIDATE_REASON_CHOSEN),
        sourcing_pb2.CandidateExplanation(
            node_id="other", reason=sourcing_pb2.CANDIDATE_REASON_NOT_ELIGIBLE, removed_by=removed_by
        ),
    ]
    relaxation = decision_pb2.Relaxation(constraints=[removed_by], plan=plan)
    explanation = decision_pb2.DecisionExplanation(sentences=[name], relaxations=[relaxation])
    nodes = {
        node_id: network_pb2.Node(node_id=node_id, name=name, latitude_e6=-23_500_000, longitude_e6=-46_600_000),
        "other": network_pb2.Node(node_id="other", latitude_e6=-3_000_000, longitude_e6=-60_000_000),
    }
    return Picture(order, plan, candidates, explanation, nodes)


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
def test_the_page_needs_nothing_else_and_escapes_everything(lang: str) -> None:
    text = decision_map(picture(HOSTILE, HOSTILE), Texts(lang))
    page = Page(text)
    plain = Page(decision_map(picture("n1", "name"), Texts(lang)))
    assert page.tags == plain.tags
    assert page.links == [] and "http" not in re.sub(r'http-equiv="[^"]*"', "", text)
    data, _ = page.scripts
    assert json.loads(data)[HOSTILE][0] == f"{HOSTILE} · {HOSTILE}"
    assert "<" not in data and "&" not in data


def test_nodes_without_a_place_are_counted_and_a_destination_without_one_is_told() -> None:
    shown = picture("n1", "name")
    shown.nodes.clear()
    shown.order.destination.country_code = "PT"
    text = decision_map(shown, Texts("en"))
    assert "2 nodes do not say where they are" in text and "no lanes are drawn" in text


_NEVER_LEAVES_OUT = {"MAX_SHIPMENTS", "SHIP_COMPLETE", "KEEP_LINES_WHOLE", "OWNER_LIMIT", "STOCK"}
_NEVER_RELAXED = {"NODE_PAUSED", "NODE_FULL", "NODE_COOLING", "OUT_OF_REACH"}


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
@pytest.mark.parametrize("name", constraint_pb2.ConstraintKind.keys()[1:])
def test_every_constraint_is_told_in_words(lang: str, name: str) -> None:
    texts, short = Texts(lang), name.removeprefix("CONSTRAINT_KIND_")
    constraint = constraint_pb2.Constraint(kind=constraint_pb2.ConstraintKind.Value(name), rule="r", text="t")
    if short not in _NEVER_LEAVES_OUT:
        lost = sourcing_pb2.CandidateExplanation(reason=sourcing_pb2.CANDIDATE_REASON_NO_LANE, removed_by=constraint)
        assert fate_text(lost, "BRL", [], texts)
    if short not in _NEVER_RELAXED:
        assert relaxed_text(constraint, texts)
