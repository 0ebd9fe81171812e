"""`promessa simulate` and `promessa policy shadow` against a real server."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli_command import Command

from promessa.cli.simulate_page import page
from promessa.cli.simulate_texts import _TEXTS, Words
from promessa.cli.texts import Texts
from promessa.v1 import simulation_pb2 as sm

pytestmark = pytest.mark.usefixtures("network")

STOCK = "sku,node_id,on_hand_quantity\n" + "".join(
    f"sku-{n},{node},{units}\n" for n in range(11, 15) for node, units in (("n1", 2), ("n2", 5), ("dc", 40))
)
ORDERS = "order_id,postal_code,sku,quantity\n" + "".join(
    f"o-{i},01310-100,sku-{11 + i % 4},{1 + i % 3}\no-{i},01310-100,sku-{11 + (i + 1) % 4},1\n" for i in range(40)
)
NOT_DC = "policy: shops\nmode: cost\nrules: [{name: shops, filters: [{where: node, none_of: [dc]}]}]\n"


@pytest.fixture
def orders(promessa: Command, tmp_path: Path) -> Path:
    (tmp_path / "stock.csv").write_text(STOCK)
    assert promessa("import", tmp_path / "stock.csv", "--json").code == 0
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    return path


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    path = tmp_path / "shops.yaml"
    path.write_text(NOT_DC)
    return path


def test_two_policies_are_compared_on_the_orders_of_a_file(promessa: Command, orders: Path, shops: Path) -> None:
    shown = promessa("simulate", shops, "--against", "default", "--orders", orders)
    assert shown.code == 0, shown.err
    assert "shops against least cost" in shown.out
    assert "95 % between" in shown.out
    report = promessa("simulate", shops, "--against", "default", "--orders", orders, "--json").json
    assert (report["scenario"]["order_count"], report["baseline"]["order_count"]) == (40, 40)
    assert {each["name"] for each in report["scenario"]["nodes"]} <= {"n1", "n2"}
    assert [each["name"] for each in report["baseline"]["nodes"]] == ["dc"]
    cost = next(each for each in report["differences"] if each["measure"] == "SIMULATION_MEASURE_COST")
    assert cost["low"] <= cost["mean"] <= cost["high"]
    assert cost["mean"] > 0
    depleted = promessa("simulate", shops, "--orders", orders, "--deplete", "--json").json
    assert depleted["scenario"]["refused_order_count"] > 0
    assert not depleted["differences"]


def test_nodes_and_stock_are_supposed(promessa: Command, orders: Path) -> None:
    def nodes(*words: str) -> set[str]:
        report = promessa("simulate", "now", "--orders", orders, "--json", *words).json
        return {each["name"] for each in report["scenario"]["nodes"]}

    assert nodes() == {"dc"}
    assert "dc" not in nodes("--pause", "dc")
    assert nodes("--pause", "dc", "--stock", "n1=0") == {"n2"}
    assert nodes("--stock", "0") == set()
    assert promessa("simulate", "now", "--orders", orders, "--stock", "n1=much").code == 2
    assert "supposed: dc paused" in promessa("simulate", "now", "--orders", orders, "--pause", "dc").out


def test_json_lines_have_orders_of_the_api(promessa: Command, orders: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    order = {"order_id": "x", "lines": [{"sku": "sku-11", "quantity": 2}], "destination": {"postal_code": "01310100"}}
    path.write_text(f"{json.dumps(order)}\n{json.dumps({'order': order, 'allow_partial': True})}\nnonsense\n")
    report = promessa("simulate", "default", "--orders", path, "--json").json
    assert report["scenario"]["whole_order_count"] == 2
    assert [each["line"] for each in report["rejected_lines"]] == [3]


def test_lines_that_are_no_orders_are_told_and_left_out(promessa: Command, orders: Path) -> None:
    with orders.open("a") as file:
        file.write(
            "bad-1,01310100,sku-11,many\nbad-1,01310100,sku-12,1\nbad-2,,sku-11,1\nbad-3,01310100,no such sku,1\nodd\n"
        )
    shown = promessa("simulate", "default", "--orders", orders, "--json").json
    assert shown["scenario"]["order_count"] == 40
    assert [each["line"] for each in shown["rejected_lines"]] == [82, 84, 86]
    assert [each["reason"] for each in shown["told_problems"]] == ["INVALID_FIELD"]
    told = promessa("simulate", "default", "--orders", orders, "--lang", "pt-BR").out
    assert "3 linhas do arquivo foram deixadas de fora." in told
    assert "linha 82: quantity é many" in told


def test_what_is_wrong_with_the_command_is_told(promessa: Command, orders: Path, tmp_path: Path) -> None:
    assert promessa("simulate", "now").code == 2
    assert promessa("simulate", "now", "--orders", orders, "--demo", "5").code == 2
    assert promessa("simulate", "now", "--orders", orders, "--since", "2026-01-01").code == 2
    gone = promessa("simulate", "gone@3", "--orders", orders)
    assert (gone.code, "There is no policy 'gone'" in gone.err or "has no version 3" in gone.err) == (1, True)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert (
        "has no column order_id, sku, postal_code"
        in promessa("simulate", "now", "--orders", tmp_path / "other.csv").err
    )


def test_a_version_goes_into_the_shadow_and_out_of_it(promessa: Command, orders: Path, shops: Path) -> None:
    version = promessa("policy", "put", shops, "--json").json["version"]["version"]
    switched = promessa("policy", "shadow", "shops", version, "--percent", "50")
    assert "decides in the shadow for 50 % of the orders" in switched.out
    listed = promessa("policy", "list", "shops").out
    assert f"Version {version}, in the shadow now, 50 % of the orders: " in listed
    assert "no more" in promessa("policy", "shadow", "shops", version, "--percent", "0").out


class Page(HTMLParser):
    """The tags of a page, and everything that would be loaded from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [str(value) for name, value in attrs if name in ("src", "href", "srcset")]


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
def test_the_page_is_self_contained_and_nothing_of_the_orders_is_markup(lang: str) -> None:
    evil = "<script>alert(1)</script>\"'&"
    share = sm.SimulationShare(name=evil, order_count=9, shipment_count=9, quantity=9, quantity_basis_points=10_000)
    outcome = sm.SimulationOutcome(
        order_count=9, whole_order_count=9, nodes=[share], owners=[share],
        cost={"currency_code": "BRL", "total_micros": 900, "shipping_micros": 1_000, "markdown_micros": -100},
        policies=[{"policy_id": evil, "rule": evil, "order_count": 9}],
    )  # fmt: skip
    difference = sm.SimulationDifference(
        measure=sm.SIMULATION_MEASURE_COST, order_count=9, mean=5.0, low=-1.0, high=11.0
    )
    report = sm.SimulationReport(scenario=outcome, baseline=outcome, differences=[difference])
    for found in (report, sm.SimulationReport(scenario=outcome), sm.SimulationReport(scenario={}, baseline={})):
        text = page(found, Words(Texts(lang)), (evil, evil), [evil])
        parsed = Page(text)
        assert "script" not in parsed.tags
        assert parsed.outside == []
        assert "url(" not in text and "@import" not in text
        assert f'<html lang="{lang}">' in text
    assert "svg" in parsed.tags


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    import re

    for key, (english, portuguese) in _TEXTS.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", portuguese)), key


def test_a_page_is_written_beside_the_table(promessa: Command, orders: Path, shops: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    shown = promessa("simulate", shops, "--against", "default", "--orders", orders, "--html", path, "--lang", "pt-BR")
    assert "A página está em" in shown.out
    assert Page(path.read_text()).tags.count("svg") >= 3
