"""Rate cards: prices to the micro, holes and overlaps named, and of several cards the one that is in force."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.rate_cards import CardBook, RateBracket, RateCard, RateZone, RemoteArea, chargeable_grams


def card(card_id: str = "card", *brackets: tuple[int, ...], **fields: object) -> RateCard:
    made = tuple(RateBracket(*each) for each in brackets or ((1_000, 10), (5_000, 30)))
    return RateCard(card_id, currency_code="BRL", brackets=() if "zones" in fields else made, **fields)  # type: ignore[arg-type]


@given(
    st.dictionaries(st.integers(1, 50), st.integers(0, 10**9), min_size=1),
    st.integers(0, 20),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10_000),
    st.integers(0, 200),
)
def test_freight_is_that_of_the_bracket_at_least_the_minimum_and_fuel_a_part_of_it(
    table: dict[int, int], step: int, step_price: int, minimum: int, fuel: int, grams: int
):
    rows = list(zip(sorted(table), sorted(table.values()), strict=True))
    made = card("c", *rows, over_step_grams=step, over_step_price_micros=step_price, fuel_basis_points=fuel)
    made = replace(made, minimum_micros=min(minimum, rows[-1][1]))
    heaviest = rows[-1][0]
    if grams > heaviest and not step:
        grams = heaviest
    expected = max(made.minimum_micros, next((price for weight, price in rows if grams <= weight), rows[-1][1]))
    expected += ceil(Fraction(max(0, grams - heaviest), step or 1)) * step_price
    assert made.freight_at(made.tariffs()[0], grams) == expected
    assert made.with_fuel(expected) - expected == expected * fuel // 10_000


@given(st.integers(0, 10**6), st.tuples(*[st.integers(1, 3_000)] * 3), st.integers(1_000, 10_000))
def test_the_weight_that_counts_is_the_larger(grams: int, box: tuple[int, int, int], divisor: int):
    millilitres = Fraction(box[0] * box[1] * box[2], 1_000)
    assert chargeable_grams(grams, box[0] * box[1] * box[2], divisor) == max(grams, ceil(millilitres / divisor * 1_000))
    assert chargeable_grams(grams, box[0] * box[1] * box[2], 0) == grams


ZONE = RateZone("sp", (RateBracket(1_000, 10),))


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (card(zones=()), "brackets"),
        (replace(card(), zones=(ZONE,)), "brackets"),
        (card("c", (1_000, 10), (500, 20)), "brackets[1]"),
        (card("c", (1_000, 10), (1_000, 20)), "brackets[1]"),
        (card("c", (1_000, 10), (2_000, 9)), "brackets[1].price_micros"),
        (card("c", (1_000, 10, 100)), "brackets[0].from_weight_grams"),
        (card("c", (1_000, 10, 0), (2_000, 20, 1_500)), "brackets[1].from_weight_grams"),
        (card("c", (1_000, 10, 0), (2_000, 20, 900)), "brackets[1]"),
        (card(zones=(ZONE, ZONE)), "zones[1].zone"),
        (card(zones=(ZONE, RateZone("rj"))), "zones[1].brackets"),
        (card(zones=(ZONE, RateZone("rj", (RateBracket(9, 9), RateBracket(9, 9))))), "zones[1].brackets[1]"),
        (card(zones=(ZONE._replace(over_step_price_micros=1),)), "zones[0].over_step_grams"),
        (card(over_step_price_micros=1), "over_step_grams"),
        (card(zones=(ZONE,), over_step_grams=1), "over_step_grams"),
        (card(minimum_micros=31), "minimum_micros"),
        (card(volumetric_divisor=999), "volumetric_divisor"),
        (card(remote_areas=(RemoteArea(("69",), 1), RemoteArea(("68", "69"), 2))), "remote_areas[1].postal_code_prefixes"),
        (card(valid_from_ms=5, valid_until_ms=5), "valid_until_time"),
        (card(succeeds_id="old"), "valid_from_time"),
        (card(succeeds_id="card", valid_from_ms=1), "succeeds_id"),
    ],
)  # fmt: skip
def test_a_card_with_holes_or_overlaps_names_the_field(made: RateCard, field: str):
    problem = made.problem()
    assert problem and problem[0] == field


def test_a_card_without_holes_is_taken():
    made = card("c", (1_000, 10, 0), (2_000, 20, 1_000), (3_000, 20), minimum_micros=20)
    assert made.problem() is None
    assert [made.freight_at(made.tariffs()[0], grams) for grams in (0, 1_000, 2_001)] == [20, 20, 20]


OLD = card("old")
NEW = card("new", succeeds_id="old", valid_from_ms=100)
NEXT = card("next", succeeds_id="new", valid_from_ms=200, valid_until_ms=300)


def test_of_cards_that_succeed_each_other_the_one_in_force_prices_every_lane():
    book = CardBook([OLD, NEW, NEXT])
    found = {now: getattr(book.at("old", now), "rate_card_id", None) for now in (0, 99, 100, 199, 200, 299, 300)}
    assert found == {0: "old", 99: "old", 100: "new", 199: "new", 200: "next", 299: "next", 300: None}
    assert [getattr(book.at("new", now), "rate_card_id", None) for now in (99, 100, 200)] == [None, "new", "next"]
    assert [(x.valid_from_ms, x.valid_until_ms) for x in book.in_force()] == [(0, 100), (100, 200), (200, 300)]
    assert book.at("none", 0) is None


@pytest.mark.parametrize(
    ("others", "made", "field"),
    [
        ([OLD, NEW], card("two", succeeds_id="old", valid_from_ms=150), "succeeds_id"),
        ([OLD, NEW], card("next", succeeds_id="new", valid_from_ms=100), "valid_from_time"),
        ([replace(OLD, valid_until_ms=90)], NEW, "valid_from_time"),
        ([replace(OLD, valid_until_ms=110)], NEW, "valid_from_time"),
        ([OLD, NEW], replace(OLD, valid_until_ms=90), "valid_until_time"),
        ([OLD, NEW], replace(OLD, valid_until_ms=110), "valid_until_time"),
        ([card("old", zones=(ZONE,))], NEW, "zones"),
        ([OLD], replace(NEW, currency_code="USD"), "currency_code"),
        ([OLD], card("other", volumetric_divisor=6_000), "volumetric_divisor"),
    ],
)
def test_a_card_that_does_not_fit_the_others_names_the_field(others: list[RateCard], made: RateCard, field: str):
    problem = CardBook(others).problem_of(made)
    assert problem and problem[0] == field


def test_a_card_fits_others_of_its_time_alone():
    assert CardBook([OLD]).problem_of(replace(NEW, volumetric_divisor=6_000)) is None
    assert CardBook([replace(OLD, valid_until_ms=100)]).problem_of(NEW) is None
    assert CardBook([OLD, NEW]).problem_of(replace(OLD, name="renamed")) is None
    assert CardBook([OLD]).problem_of(replace(OLD, volumetric_divisor=6_000)) is None
