"""How long a hold waits for its payment, by span and by the business days of Brazilian banks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from promessa.domain.hold_rules import HoldRule
from promessa.service.business_days import is_business_day

BOLETO = HoldRule("boleto", business_days=1, calendar="BR_BANK", time_zone="America/Sao_Paulo")


def ends(rule: HoldRule, made: str) -> str:
    made_ms = int(datetime.fromisoformat(made).timestamp() * 1_000)
    return datetime.fromtimestamp((made_ms + rule.ttl_ms(made_ms, is_business_day)) / 1_000, UTC).isoformat()


@pytest.mark.parametrize(
    ("made", "days", "end"),
    [
        ("2026-03-02T10:00:00-03:00", 1, "2026-03-04T03:00:00+00:00"),  # Monday: all of Tuesday
        ("2026-03-06T23:59:00-03:00", 1, "2026-03-10T03:00:00+00:00"),  # Friday: all of Monday
        ("2026-02-13T10:00:00-03:00", 1, "2026-02-19T03:00:00+00:00"),  # before Carnival: Ash Wednesday
        ("2026-06-03T10:00:00-03:00", 2, "2026-06-09T03:00:00+00:00"),  # Corpus Christi and a weekend between
        ("2026-12-24T10:00:00-03:00", 3, "2026-12-31T03:00:00+00:00"),  # Christmas and a weekend between
        ("2026-03-03T01:30:00+00:00", 1, "2026-03-04T03:00:00+00:00"),  # still Monday in São Paulo
    ],
)
def test_business_days_are_those_of_the_banks(made: str, days: int, end: str) -> None:
    assert ends(HoldRule("b", business_days=days, calendar="BR_BANK", time_zone="America/Sao_Paulo"), made) == end


def test_a_day_may_end_earlier() -> None:
    rule = HoldRule("b", business_days=1, calendar="BR_BANK", time_zone="America/Sao_Paulo", end_minute=18 * 60)
    assert ends(rule, "2026-03-02T10:00:00-03:00") == "2026-03-03T21:00:00+00:00"


def test_a_span_is_a_span() -> None:
    assert HoldRule("pix", ttl_seconds=1_800).ttl_ms(0, is_business_day) == 1_800_000


@pytest.mark.parametrize(
    "day", [date(2026, 2, 16), date(2026, 2, 17), date(2026, 6, 4), date(2026, 11, 20), date(2026, 3, 7)]
)
def test_banks_are_closed(day: date) -> None:
    assert not is_business_day("BR_BANK", day)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (HoldRule("x"), "ttl_seconds"),
        (HoldRule("x", ttl_seconds=1, business_days=1), "ttl_seconds"),
        (HoldRule("x", business_days=1, time_zone="America/Sao_Paulo"), "calendar"),
        (HoldRule("x", business_days=1, calendar="BR_BANK"), "time_zone"),
        (HoldRule("x", ttl_seconds=1, end_minute=5), "calendar"),
    ],
)
def test_a_rule_says_one_thing(rule: HoldRule, field: str) -> None:
    problem = rule.problem()
    assert problem is not None
    assert problem[0] == field
    assert BOLETO.problem() is None
