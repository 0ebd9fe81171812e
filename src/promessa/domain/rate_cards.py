"""Rate cards: what a carrier charges for one shipment, by zone and weight, with its minimum and surcharges.

    freight = max(minimum, price of the bracket)     fuel = freight x basis points / 10,000, rounded down per price

Weight is the larger of what the scale says and volume / divisor: the dimensional weight of IATA and the Correios, there in
kilograms of so many cubic centimetres (6,000, in the Correios' table), here rounded up to a gram for each unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from promessa.domain.limits import VOLUMETRIC_DIVISOR_MIN
from promessa.domain.validity import FOR_EVER_MS, overlap

BASIS_POINTS = 10_000


class RateBracket(NamedTuple):
    """Price of shipments up to and including a weight. `from_weight_grams` 0 stands for where the one before ends."""

    max_weight_grams: int
    price_micros: int
    from_weight_grams: int = 0


class RateZone(NamedTuple):
    """The prices of one zone; as those of a card without zones."""

    zone: str
    brackets: tuple[RateBracket, ...] = ()
    over_step_grams: int = 0
    over_step_price_micros: int = 0


class RemoteArea(NamedTuple):
    """Destinations, by prefixes of their postal codes, that cost so much more a shipment."""

    postal_code_prefixes: tuple[str, ...] = ()
    surcharge_micros: int = 0


@dataclass(frozen=True, slots=True)
class RateCard:
    """What a carrier charges for one shipment. It has either prices of its own or zones with prices.

    From its valid_from on it takes the place of the card it succeeds, on every lane of that one.
    """

    rate_card_id: str
    name: str = ""
    currency_code: str = ""
    brackets: tuple[RateBracket, ...] = ()
    over_step_grams: int = 0
    over_step_price_micros: int = 0
    zones: tuple[RateZone, ...] = ()
    minimum_micros: int = 0
    fuel_basis_points: int = 0
    insurance_basis_points: int = 0
    remote_areas: tuple[RemoteArea, ...] = ()
    volumetric_divisor: int = 0
    succeeds_id: str = ""
    valid_from_ms: int = 0
    valid_until_ms: int = 0

    def tariffs(self) -> tuple[RateZone, ...]:
        """Its prices by zone; those of a card without zones are those of the zone without a name."""
        own = RateZone("", self.brackets, self.over_step_grams, self.over_step_price_micros)
        return self.zones or (own,)

    def tariff(self, zone: str) -> RateZone | None:
        """The prices of a zone, None if it has no such zone."""
        return next((each for each in self.tariffs() if each.zone == zone), None)

    def freight(self, price_micros: int) -> int:
        """The price of a bracket, at least the minimum."""
        return max(price_micros, self.minimum_micros)

    def with_fuel(self, freight_micros: int) -> int:
        """Freight and its fuel surcharge."""
        return freight_micros + freight_micros * self.fuel_basis_points // BASIS_POINTS

    def freight_at(self, tariff: RateZone, grams: int) -> int:
        """The freight of a shipment without surcharges. It must not be heavier than the tariff accepts."""
        last = tariff.brackets[-1]
        if grams <= last.max_weight_grams:
            return self.freight(next(each.price_micros for each in tariff.brackets if grams <= each.max_weight_grams))
        steps = -((last.max_weight_grams - grams) // tariff.over_step_grams)
        return self.freight(last.price_micros) + steps * tariff.over_step_price_micros

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        if bool(self.brackets) == bool(self.zones):
            return "brackets", "is one of two: give either brackets or zones, and at least one"
        if self.zones and (self.over_step_grams or self.over_step_price_micros):
            return "over_step_grams", "is that of a card without zones: give it in each zone"
        found = next(self._problems_of_tariffs(), None) or next(self._problems_of_areas(), None)
        if found:
            return found
        if self.valid_until_ms and self.valid_until_ms <= self.valid_from_ms:
            return "valid_until_time", "must be later than valid_from_time"
        if self.succeeds_id and not self.valid_from_ms:
            return "valid_from_time", "must be given with succeeds_id: from then on it takes that card's place"
        if 0 < self.volumetric_divisor < VOLUMETRIC_DIVISOR_MIN:
            return "volumetric_divisor", f"must be 0 or at least {VOLUMETRIC_DIVISOR_MIN:,}"
        if self.succeeds_id == self.rate_card_id:
            return "succeeds_id", "must be another card"
        return None

    def _problems_of_tariffs(self) -> Iterator[tuple[str, str]]:
        for i, tariff in enumerate(self.tariffs()):
            path = f"zones[{i}]." if self.zones else ""
            if self.zones and any(other.zone == tariff.zone for other in self.zones[:i]):
                yield f"{path}zone", f"must not be {tariff.zone!r} twice: the zone would have two prices"
            yield from _problems_of_brackets(f"{path}brackets", tariff.brackets)
            if tariff.over_step_price_micros and not tariff.over_step_grams:
                yield f"{path}over_step_grams", "must be given with over_step_price_micros"
            if tariff.brackets and self.minimum_micros > tariff.brackets[-1].price_micros:
                yield (
                    "minimum_micros",
                    f"must not be more than the last price of {path}brackets: that would never count",
                )

    def _problems_of_areas(self) -> Iterator[tuple[str, str]]:
        known: set[str] = set()
        for i, area in enumerate(self.remote_areas):
            for prefix in area.postal_code_prefixes:
                if prefix in known:
                    yield f"remote_areas[{i}].postal_code_prefixes", f"must not have {prefix!r} in two places"
                known.add(prefix)


def _problems_of_brackets(path: str, brackets: tuple[RateBracket, ...]) -> Iterator[tuple[str, str]]:
    if not brackets:
        yield path, "must have at least one"
    if brackets and brackets[0].from_weight_grams:
        yield f"{path}[0].from_weight_grams", f"must be 0: there is no price below {brackets[0].from_weight_grams:,} g"
    for i, (before, after) in enumerate(pairwise(brackets), 1):
        end, start = before.max_weight_grams, after.from_weight_grams or before.max_weight_grams
        if after.max_weight_grams <= end or start < end:
            yield f"{path}[{i}]", f"must begin where the one before ends, at {end:,} g: they overlap"
        if start > end:
            yield f"{path}[{i}].from_weight_grams", f"must be {end:,}: there is no price from there to {start:,} g"
        if after.price_micros < before.price_micros:
            yield f"{path}[{i}].price_micros", "must not be less than that of lighter shipments"


def _insures(found: InForce) -> int:
    return found.card.insurance_basis_points


def chargeable_grams(weight_grams: int, volume_mm3: int, divisor: int) -> int:
    """The weight that counts of one unit: of the scale, or volume / divisor (cm3 for a kilogram), rounded up to a gram."""
    return max(weight_grams, -(-volume_mm3 // divisor)) if divisor else weight_grams


class InForce(NamedTuple):
    """A rate card and the span in which it prices orders: until its successor does, if it has one."""

    card: RateCard
    valid_from_ms: int
    valid_until_ms: int


class CardBook:
    """All rate cards, and which of them prices a lane at an instant."""

    def __init__(self, cards: Iterable[RateCard]) -> None:
        self.by_id = {card.rate_card_id: card for card in cards}
        self._successor = {card.succeeds_id: card for card in self.by_id.values() if card.succeeds_id in self.by_id}

    def in_force(self) -> list[InForce]:
        """Every card with its span."""
        return [self._span(card) for card in self.by_id.values()]

    def at(self, rate_card_id: str, now_ms: int) -> RateCard | None:
        """The card that prices lanes of a card at an instant; None if none does."""
        card = self.by_id.get(rate_card_id)
        while card is not None and (after := self._successor.get(card.rate_card_id)) and after.valid_from_ms <= now_ms:
            card = after
        if card is None or not card.valid_from_ms <= now_ms < (card.valid_until_ms or FOR_EVER_MS):
            return None
        return card

    def line_of(self, rate_card_id: str) -> list[InForce]:
        """A card and those that succeed it, with their spans."""
        found, card = [], self.by_id.get(rate_card_id)
        while card is not None:
            found.append(self._span(card))
            card = self._successor.get(card.rate_card_id)
        return found

    def insures_otherwise(self, rate_card_id: str, other_id: str) -> InForce | None:
        """Of another card and its successors, one that insures otherwise than this one or its successors at the time."""
        pairs = ((mine, other) for mine in self.line_of(rate_card_id) for other in self.line_of(other_id))
        return next((b for a, b in pairs if overlap(a, b) and _insures(a) != _insures(b)), None)

    def problem_of(self, card: RateCard) -> tuple[str, str] | None:
        """What is wrong with a card, new or changed, among the others: the field and the rule; None if all is right."""
        other = self._successor.get(card.succeeds_id)
        if other is not None and other.rate_card_id != card.rate_card_id:
            return "succeeds_id", f"must be a card without a successor, and {other.rate_card_id!r} succeeds it"
        return (
            self._problem_of_succession(self.by_id.get(card.succeeds_id), card, card)
            or self._problem_of_succession(card, self._successor.get(card.rate_card_id), card)
            or self._problem_of_measures(card)
        )

    @staticmethod
    def _problem_of_succession(
        before: RateCard | None, after: RateCard | None, put: RateCard
    ) -> tuple[str, str] | None:
        if before is None or after is None:
            return None
        field = "valid_from_time" if put is after else "valid_until_time"
        if after.valid_from_ms <= before.valid_from_ms:
            return (
                "valid_from_time",
                f"must make {after.rate_card_id!r} later than {before.rate_card_id!r}, which it succeeds",
            )
        if before.valid_until_ms and before.valid_until_ms != after.valid_from_ms:
            gap = "hole" if before.valid_until_ms < after.valid_from_ms else "overlap"
            return field, f"must leave no {gap} between {before.rate_card_id!r} and {after.rate_card_id!r}"
        missing = {each.zone for each in before.tariffs()} - {each.zone for each in after.tariffs()}
        if missing:
            name = f"zone {min(missing)!r}" if min(missing) else "prices without zones"
            return "zones", f"must have what lanes of {before.rate_card_id!r} use: {after.rate_card_id!r} has no {name}"
        return None

    def _problem_of_measures(self, card: RateCard) -> tuple[str, str] | None:
        changed = CardBook([*(x for x in self.by_id.values() if x.rate_card_id != card.rate_card_id), card])
        span = changed._span(card)
        for other in changed.in_force():
            if other.card.currency_code != card.currency_code:
                return "currency_code", f"must be {other.card.currency_code}, as in every other rate card"
            if other.card.volumetric_divisor != card.volumetric_divisor and overlap(span, other):
                divisor = other.card.volumetric_divisor
                return (
                    "volumetric_divisor",
                    f"must be {divisor}, as in {other.card.rate_card_id!r}, valid at the same time",
                )
        return None

    def _span(self, card: RateCard) -> InForce:
        after = self._successor.get(card.rate_card_id)
        return InForce(card, card.valid_from_ms, after.valid_from_ms if after else card.valid_until_ms)
