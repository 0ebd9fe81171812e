"""What carriers charge and where they go: rate cards by distance zone, and lanes from each node. All synthetic.

The shape is that of parcel carriers in Brazil: a service has a price by zone for the lightest parcel (to 300 g), for
1 kg, and for each further kilogram to 30 kg; above that every started kilogram costs more.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from promessa.demo.geo import distance_km
from promessa.demo.places import areas
from promessa.demo.resources import REAIS, Resource

ZONES_KM = (60.0, 250.0, 600.0, 1_200.0, 2_000.0, float("inf"))
"""Outer radius of each distance zone."""

LIGHTEST_GRAMS = 300
KILOGRAMS_MAX = 30
OVER_STEP_FACTOR = 1.5
"""What a kilogram above KILOGRAMS_MAX costs, as a multiple of one below."""


class Service(NamedTuple):
    """A carrier service; every column has one value per zone. Prices in BRL."""

    name: str
    lightest_price: tuple[float, ...]
    kilogram_price: tuple[float, ...]
    transit_days: tuple[int, ...]


SERVICES = (
    Service("economy", (9.9, 14.9, 19.9, 24.9, 31.9, 39.9), (0.8, 1.6, 2.6, 3.6, 4.8, 6.2), (2, 3, 5, 7, 9, 12)),
    Service("express", (14.9, 24.9, 34.9, 45.9, 58.9, 72.9), (1.2, 2.8, 4.9, 6.8, 9.2, 12.0), (1, 1, 2, 3, 4, 5)),
)


def zone_of(km: float) -> int:
    """The distance zone, from 0."""
    return next(zone for zone, limit in enumerate(ZONES_KM) if km <= limit)


def rate_cards() -> list[Resource]:
    """One for each service and zone."""
    return [_rate_card(service, zone) for service in SERVICES for zone in range(len(ZONES_KM))]


def _rate_card(service: Service, zone: int) -> Resource:
    last = zone == len(ZONES_KM) - 1
    reach = f"beyond {ZONES_KM[zone - 1]:,.0f} km" if last else f"up to {ZONES_KM[zone]:,.0f} km"
    lightest, kilogram = service.lightest_price[zone], service.kilogram_price[zone]
    grams = [LIGHTEST_GRAMS, *range(1_000, KILOGRAMS_MAX * 1_000 + 1, 1_000)]
    return {
        "rate_card_id": _rate_card_id(service, zone),
        "name": f"{service.name}, {reach}",
        "currency_code": "BRL",
        "brackets": [
            {"max_weight_grams": most, "price_micros": round((lightest + kilogram * step) * REAIS)}
            for step, most in enumerate(grams)
        ],
        "over_step_grams": 1_000,
        "over_step_price_micros": round(kilogram * OVER_STEP_FACTOR * REAIS),
    }


def _rate_card_id(service: Service, zone: int) -> str:
    return f"{service.name}-zone-{zone + 1}"


def lanes(nodes: list[Resource]) -> list[Resource]:
    """From each node one lane for each zone and service, with the postal areas whose middle lies in the zone."""
    found = []
    for node in nodes:
        by_zone: dict[int, list[str]] = defaultdict(list)
        at = node["latitude_e6"] / 1e6, node["longitude_e6"] / 1e6
        for digits, middle in areas().items():
            by_zone[zone_of(distance_km(*at, *middle))].append(digits)
        for zone, prefixes in sorted(by_zone.items()):
            found += [_lane(node["node_id"], service, zone, prefixes) for service in SERVICES]
    return found


def _lane(node_id: str, service: Service, zone: int, prefixes: list[str]) -> Resource:
    return {
        "lane_id": f"{node_id}-{service.name}-{zone + 1}",
        "node_id": node_id,
        "country_code": "BR",
        "postal_code_prefixes": prefixes,
        "carrier_service": service.name,
        "rate_card_id": _rate_card_id(service, zone),
        "transit_days": service.transit_days[zone],
    }
