"""The shipped extracts of real data; data/NOTICE.md names their sources and licences."""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class City(NamedTuple):
    """A municipality."""

    name: str
    uf: str
    latitude: float
    longitude: float
    time_zone: str
    population: int


class Prefix(NamedTuple):
    """The first five digits of postal codes, and where they are."""

    digits: str
    uf: str
    city: str
    ceps: int
    latitude: float
    longitude: float


class OrderLine(NamedTuple):
    """A line of a real order."""

    order_id: str
    sku: str
    quantity: int


@cache
def cities() -> tuple[City, ...]:
    """The most populous municipalities, largest first."""
    return tuple(
        City(name, uf, float(latitude), float(longitude), zone, int(population))
        for _, name, uf, latitude, longitude, zone, population in _rows("cities.csv.gz")
    )


@cache
def prefixes() -> tuple[Prefix, ...]:
    """All postal-code prefixes, ascending."""
    return tuple(
        Prefix(digits, uf, city, int(ceps), float(latitude), float(longitude))
        for digits, uf, city, ceps, latitude, longitude in _rows("postal_prefixes.csv.gz")
    )


@cache
def skus() -> tuple[tuple[str, str], ...]:
    """Sku and description."""
    return tuple((sku, description) for sku, description in _rows("skus.csv.gz"))


@cache
def order_lines() -> tuple[OrderLine, ...]:
    """Lines of real orders, order by order."""
    return tuple(OrderLine(order_id, sku, int(quantity)) for order_id, _, sku, quantity in _rows("order_lines.csv.gz"))


def _rows(name: str) -> list[list[str]]:
    raw = gzip.decompress(files("promessa.demo").joinpath("data", name).read_bytes()).decode()
    reader = csv.reader(io.StringIO(raw))
    next(reader)
    return list(reader)
