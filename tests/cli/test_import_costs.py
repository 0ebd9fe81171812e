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
