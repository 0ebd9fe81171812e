"""Importing calendars, rate cards and lanes as retailers have them: hours, days, zones and times in short forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_command import Command

pytestmark = pytest.mark.usefixtures("network")

CALENDARS = """calendar_id,hours,holiday_country_code,holiday_region_code,days
shop,1-5 09:00-18:00|6 09:00-13:00,BR,BR-SP,2026-12-24 09:00-13:00|2026-12-26
closed,,BR,,
wrong-hours,1-5 9-18,,,
wrong-day,1-5 09:00-18:00,,,Christmas
backwards,5-1 09:00-18:00,,,
"""
LANES = """lane_id,node_id,country_code,rate_card_id,calendar_id,pickup_minutes,transit_minutes,valid_from_time
by-noon,n1,BR,gr,shop,11:00|960,,2026-01-01T00:00:00-03:00
lost,n1,BR,gr,nowhere,11:00,,
late,n1,BR,gr,,11:75,,
"""


def test_calendars_and_lanes_with_hours_are_imported(promessa: Command, tmp_path: Path) -> None:
    calendars, lanes = tmp_path / "calendars.csv", tmp_path / "lanes.csv"
    calendars.write_text(CALENDARS, encoding="utf-8")
    lanes.write_text(LANES, encoding="utf-8")
    first, second = promessa("import", lanes, calendars, "--json", "--lang", "en").json["files"]
    assert [first["kind"], second["kind"]] == ["calendars", "lanes"]
    assert (first["applied"], first["rejected"]) == (1, 4)
    assert (second["applied"], second["rejected"]) == (1, 2)
    rejected = (tmp_path / "calendars.rejects.csv").read_text(encoding="utf-8")
    assert rejected.count("1-5 09:00-18:00|6 09:00-13:00") >= 1 and "hours is empty" in rejected
    assert "2026-12-24 09:00-13:00" in rejected
    assert "There is no calendar 'nowhere'" in (tmp_path / "lanes.rejects.csv").read_text(encoding="utf-8")


CARDS = """{"rate_card_id": "zoned", "currency_code": "BRL", "fuel_basis_points": 500, "remote_areas": "69,68:12000000", \
"zones": [{"zone": "near", "brackets": "1000:8000000|5000:12000000"}, {"zone": "far", "brackets": [{"max_weight_grams": 900, \
"price_micros": 5}]}]}
{"rate_card_id": "falling", "currency_code": "BRL", "zones": [{"zone": "near", "brackets": "1000:8|500:9"}]}
{"rate_card_id": "empty", "currency_code": "BRL"}
{"rate_card_id": "odd", "currency_code": "BRL", "zones": [{"zone": "near", "price": 3}]}
"""
OLD = """tax_rule_id,origin_region_code,destination_region_code,rate_basis_points
old,BR-SP,BR-RJ,1200
"""
RULES = """tax_rule_id,origin_region_code,destination_region_code,rate_basis_points,valid_from_time
new,BR-SP,BR-RJ,700,2027-01-01T00:00:00-03:00
other,BR-SP,BR-MG,700,2027-01-01T00:00:00-03:00
"""


def test_zones_and_rules_are_imported(promessa: Command, tmp_path: Path) -> None:
    cards, rules = tmp_path / "cards.jsonl", tmp_path / "tax.csv"
    cards.write_text(CARDS, encoding="utf-8")
    (tmp_path / "old.csv").write_text(OLD, encoding="utf-8")
    assert promessa("import", tmp_path / "old.csv", "--json").json["files"][0]["applied"] == 1
    rules.write_text(RULES, encoding="utf-8")
    first, second = promessa("import", rules, cards, "--json", "--lang", "en").json["files"]
    assert [first["kind"], second["kind"]] == ["rate-cards", "tax-rules"]
    assert (first["applied"], first["rejected"]) == (1, 3)
    assert (second["applied"], second["rejected"]) == (1, 1)
    rejected = (tmp_path / "cards.rejects.jsonl").read_text(encoding="utf-8")
    assert "either brackets or zones" in rejected and "JSON list of objects" in rejected
    assert "must not overlap" in (tmp_path / "tax.rejects.csv").read_text(encoding="utf-8")
