"""Where postal codes are: a point for each five-digit prefix, and the areas that carriers price.

The shipped coordinates are those of the municipality. Within a large city prefixes would all lie on one spot, so each
gets a synthetic place around it, always the same one. Stores and destinations use the same places.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from math import cos, pi, radians, sin, sqrt
from random import Random
from typing import NamedTuple

from promessa.demo.geo import KM_PER_DEGREE, distance_km
from promessa.demo.sources import City, Prefix, prefixes

CITY_KM_PER_ROOT_PREFIX = 0.6
"""A city of n prefixes has a radius of this many kilometres times the square root of n: 17 km for São Paulo."""

AREA_RADIUS_KM = 150.0
"""Two-digit areas whose postal codes lie further than this from their middle, on average, split by a third digit."""


class Point(NamedTuple):
    """A place in degrees."""

    latitude: float
    longitude: float


@cache
def points() -> dict[str, Point]:
    """The place of each five-digit prefix."""
    sizes = Counter((prefix.city, prefix.uf) for prefix in prefixes())
    return {prefix.digits: _within_city(prefix, sizes[prefix.city, prefix.uf]) for prefix in prefixes()}


def _within_city(prefix: Prefix, size: int) -> Point:
    randomness = Random(f"place of {prefix.digits}")
    radius = CITY_KM_PER_ROOT_PREFIX * sqrt(size - 1) * sqrt(randomness.random()) / KM_PER_DEGREE
    angle = randomness.uniform(0, 2 * pi)
    stretch = cos(radians(prefix.latitude))
    return Point(
        round(prefix.latitude + radius * sin(angle), 5), round(prefix.longitude + radius * cos(angle) / stretch, 5)
    )


@cache
def areas() -> dict[str, Point]:
    """The areas that carriers price, by the two or three digits their postal codes begin with; no two overlap."""
    two = _middles(prefixes(), 2)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for prefix in prefixes():
        entry = sums[prefix.digits[:2]]
        entry[0] += prefix.ceps
        entry[1] += prefix.ceps * distance_km(*two[prefix.digits[:2]], prefix.latitude, prefix.longitude)
    wide = {digits for digits, (ceps, km) in sums.items() if km / ceps > AREA_RADIUS_KM}
    three = _middles((prefix for prefix in prefixes() if prefix.digits[:2] in wide), 3)
    narrow = {digits: point for digits, point in two.items() if digits not in wide}
    return dict(sorted({**narrow, **three}.items()))


def area_of(postal_code: str) -> str:
    """The area of a postal code. Raises KeyError if no shipped prefix begins like it."""
    two, three = postal_code[:2], postal_code[:3]
    if two in areas():
        return two
    if three in areas():
        return three
    raise KeyError(f"No shipped postal-code prefix begins like {postal_code!r}.")


def _middles(chosen: Iterable[Prefix], digits: int) -> dict[str, Point]:
    """The middle of the postal codes with the same first digits, each code counting once."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for prefix in chosen:
        entry = sums[prefix.digits[:digits]]
        entry[0] += prefix.ceps
        entry[1] += prefix.ceps * prefix.latitude
        entry[2] += prefix.ceps * prefix.longitude
    return {key: Point(latitude / ceps, longitude / ceps) for key, (ceps, latitude, longitude) in sums.items()}


@cache
def _prefixes_by_city() -> dict[tuple[str, str], tuple[Prefix, ...]]:
    found: dict[tuple[str, str], list[Prefix]] = defaultdict(list)
    for prefix in prefixes():
        found[prefix.city, prefix.uf].append(prefix)
    return {city: tuple(members) for city, members in found.items()}


@cache
def prefixes_of(city: City) -> tuple[Prefix, ...]:
    """The prefixes of a city; of the nearest one in its state, where the two sources spell the name differently."""
    same = _prefixes_by_city().get((city.name, city.uf))
    if same:
        return same
    nearest = min(
        (prefix for prefix in prefixes() if prefix.uf == city.uf),
        key=lambda prefix: distance_km(city.latitude, city.longitude, prefix.latitude, prefix.longitude),
    )
    return _prefixes_by_city()[nearest.city, nearest.uf]
