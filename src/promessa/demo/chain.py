"""A chain: distribution centres and stores in real cities, real skus, and synthetic weights, stocks, prices and lanes.

Resources are dictionaries with the field names of the API's messages. The same seed gives the same chain.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

from promessa.demo.geo import distance_km
from promessa.demo.sources import City, cities, order_lines, prefixes, skus

Resource = dict[str, Any]

REAIS = 1_000_000
"""Micros of one BRL."""

CENTRES = ("Cajamar", "Extrema", "Duque de Caxias", "Recife")
"""Cities of the distribution centres: where Brazilian online retail ships from."""
CENTRE_CITIES = {
    "Cajamar": City("Cajamar", "SP", -23.355, -46.878, "America/Sao_Paulo", 92_689),
    "Extrema": City("Extrema", "MG", -22.855, -46.318, "America/Sao_Paulo", 53_482),
}

ZONES_KM = (60.0, 250.0, 600.0, 1_200.0, 2_000.0, 99_999.0)
"""Outer radius of each distance zone."""

SERVICES = (
    # name, price of the lightest parcel by zone in BRL, price of each further kilogram by zone, days by zone
    ("economy", (9.9, 14.9, 19.9, 24.9, 31.9, 39.9), (0.8, 1.6, 2.6, 3.6, 4.8, 6.2), (2, 3, 5, 7, 9, 12)),
    ("express", (14.9, 24.9, 34.9, 45.9, 58.9, 72.9), (1.2, 2.8, 4.9, 6.8, 9.2, 12.0), (1, 1, 2, 3, 4, 5)),
)

KILOGRAMS_MAX = 30

FRANCHISE_SHARE = 0.45

WEIGHTS = (
    # words of a description and the grams of one piece that they suggest; the first that fits counts
    (("CARD", "STICKER", "TISSUE", "WRAP", "NAPKIN", "RIBBON", "TAPE"), 60),
    (("EARRING", "NECKLACE", "BRACELET", "RING", "KEY", "CHARM", "PENCIL", "PEN "), 40),
    (("BAG", "APRON", "TOWEL", "CUSHION", "SCARF"), 180),
    (("MUG", "CUP", "SAUCER", "PLATE", "BOWL", "JAR", "GLASS", "TEAPOT"), 420),
    (("LANTERN", "CLOCK", "LAMP", "FRAME", "MIRROR", "HOLDER"), 750),
    (("CABINET", "TABLE", "CHAIR", "DRAWER", "STOOL", "SHELF", "TRUNK"), 4_800),
    (("SET OF", "PACK OF", "BOX OF", "SET/"), 520),
    (("METAL", "IRON", "WOOD", "CERAMIC", "GARDEN"), 640),
)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain, ready to be put. `stock` are (sku, node_id, on_hand_quantity, safety_stock_quantity)."""

    nodes: list[Resource]
    skus: list[Resource]
    rate_cards: list[Resource]
    lanes: list[Resource]
    node_groups: list[Resource]
    stock: list[tuple[str, str, int, int]]


def build_chain(*, stores: int = 316, sku_limit: int | None = None, seed: int = 20) -> Chain:
    """A chain of four distribution centres and `stores` stores; `sku_limit` takes the most popular skus only."""
    randomness = Random(seed)
    nodes = _nodes(stores, randomness)
    popular = _by_popularity()[:sku_limit]
    descriptions = dict(skus())
    weighed = [
        {"sku": sku, "description": descriptions[sku], "weight_grams": weight_grams(descriptions[sku], randomness)}
        for sku in popular
    ]
    return Chain(
        nodes=nodes,
        skus=weighed,
        rate_cards=_rate_cards(),
        lanes=_lanes(nodes),
        node_groups=_groups(nodes),
        stock=_stock(nodes, popular, randomness),
    )


def weight_grams(description: str, randomness: Random) -> int:
    """A synthetic weight: what the words suggest, give or take a third."""
    typical = next((grams for words, grams in WEIGHTS if any(word in description for word in words)), 300)
    return max(5, round(typical * randomness.uniform(0.67, 1.5)))


def _by_popularity() -> list[str]:
    ordered = Counter(line.sku for line in order_lines())
    return sorted((sku for sku, _ in skus()), key=lambda sku: (-ordered[sku], sku))


def _nodes(stores: int, randomness: Random) -> list[Resource]:
    nodes = [_centre(name) for name in CENTRES]
    places = cities()
    per_city = Counter(randomness.choices(range(len(places)), [place.population for place in places], k=stores))
    for place_ix, count in sorted(per_city.items()):
        for number in range(1, count + 1):
            nodes.append(_store(places[place_ix], number, randomness))
    return nodes


def _centre(name: str) -> Resource:
    city = CENTRE_CITIES.get(name) or next(city for city in cities() if city.name == name)
    return {
        **_at(city, city.latitude, city.longitude),
        "node_id": f"dc-{_slug(name)}",
        "name": f"CD {name}",
        "type": 1,
        "cutoff_minute": 14 * 60,
        "handling_days": 0,
        "shipment_cost_micros": round(2.2 * REAIS),
        "unit_cost_micros": round(0.35 * REAIS),
    }


def _store(city: City, number: int, randomness: Random) -> Resource:
    franchise = randomness.random() < FRANCHISE_SHARE
    spread = min(0.12, 0.01 * number)
    latitude = city.latitude + randomness.uniform(-spread, spread)
    longitude = city.longitude + randomness.uniform(-spread, spread)
    return {
        **_at(city, latitude, longitude),
        "node_id": f"{_slug(city.name)}-{city.uf.lower()}-{number}",
        "name": f"{'Franquia' if franchise else 'Loja'} {city.name} {number}",
        "type": 3 if franchise else 2,
        "cutoff_minute": 12 * 60,
        "handling_days": 1 if franchise else 0,
        "shipment_cost_micros": round((3.6 if franchise else 3.1) * REAIS),
        "unit_cost_micros": round((0.95 if franchise else 0.8) * REAIS),
        "owner_code": f"franchise-{randomness.randrange(40):02d}" if franchise else "",
    }


def _at(city: City, latitude: float, longitude: float) -> Resource:
    return {
        "country_code": "BR",
        "region_code": f"BR-{city.uf}",
        "postal_code": f"{_prefix_of(city)}000",
        "latitude_e6": round(latitude * 1e6),
        "longitude_e6": round(longitude * 1e6),
        "time_zone": city.time_zone,
    }


_PREFIX_BY_CITY: dict[tuple[str, str], str] = {}


def _prefix_of(city: City) -> str:
    if not _PREFIX_BY_CITY:
        for prefix in prefixes():
            _PREFIX_BY_CITY.setdefault((prefix.city, prefix.uf), prefix.digits)
    return _PREFIX_BY_CITY.get((city.name, city.uf), "01001")


def _rate_cards() -> list[Resource]:
    return [
        {
            "rate_card_id": f"{service}-zone-{zone + 1}",
            "name": f"{service}, up to {ZONES_KM[zone]:.0f} km",
            "currency_code": "BRL",
            "brackets": [
                {"max_weight_grams": grams, "price_micros": round((first[zone] + further[zone] * step) * REAIS)}
                for step, grams in enumerate([300, *range(1_000, KILOGRAMS_MAX * 1_000 + 1, 1_000)])
            ],
            "over_step_grams": 1_000,
            "over_step_price_micros": round(further[zone] * 1.5 * REAIS),
        }
        for service, first, further, _ in SERVICES
        for zone in range(len(ZONES_KM))
    ]


def region_centres() -> dict[str, tuple[float, float]]:
    """The middle of the postal codes that begin with the same two digits."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for prefix in prefixes():
        entry = sums[prefix.digits[:2]]
        entry[0] += prefix.ceps
        entry[1] += prefix.ceps * prefix.latitude
        entry[2] += prefix.ceps * prefix.longitude
    return {digits: (latitude / n, longitude / n) for digits, (n, latitude, longitude) in sorted(sums.items())}


def zone_of(km: float) -> int:
    """The distance zone, from 0."""
    return next(zone for zone, limit in enumerate(ZONES_KM) if km <= limit)


def _lanes(nodes: list[Resource]) -> list[Resource]:
    """From each node one lane a zone and service, with the two-digit prefixes that lie in the zone."""
    centres = region_centres()
    lanes = []
    for node in nodes:
        latitude, longitude = node["latitude_e6"] / 1e6, node["longitude_e6"] / 1e6
        by_zone: dict[int, list[str]] = defaultdict(list)
        for digits, (at_latitude, at_longitude) in centres.items():
            by_zone[zone_of(distance_km(latitude, longitude, at_latitude, at_longitude))].append(digits)
        for zone, digits_of_zone in sorted(by_zone.items()):
            for service, _, _, days in SERVICES:
                lanes.append(
                    {
                        "lane_id": f"{node['node_id']}-{service}-{zone + 1}",
                        "node_id": node["node_id"],
                        "country_code": "BR",
                        "postal_code_prefixes": digits_of_zone,
                        "carrier_service": service,
                        "rate_card_id": f"{service}-zone-{zone + 1}",
                        "transit_days": days[zone],
                    }
                )
    return lanes


def _groups(nodes: list[Resource]) -> list[Resource]:
    kinds = {1: ("centres", "Distribution centres"), 2: ("own-stores", "Own stores"), 3: ("franchises", "Franchises")}
    groups = [
        {"node_group_id": key, "name": name, "node_ids": [node["node_id"] for node in nodes if node["type"] == kind]}
        for kind, (key, name) in kinds.items()
    ]
    for region in sorted({node["region_code"] for node in nodes}):
        members = [node["node_id"] for node in nodes if node["region_code"] == region]
        groups.append({"node_group_id": region.lower(), "name": f"Nodes in {region}", "node_ids": members})
    return groups


def _stock(nodes: list[Resource], popular: list[str], randomness: Random) -> list[tuple[str, str, int, int]]:
    """Centres keep nearly everything, deep; stores keep popular skus more likely, a few of each."""
    cells = []
    count = len(popular)
    for node in nodes:
        centre = node["type"] == 1
        for rank, sku in enumerate(popular):
            popularity = 1 - rank / count
            if randomness.random() > (0.97 if centre else 0.12 + 0.42 * popularity):
                continue
            if centre:
                on_hand, safety = randomness.randrange(20, 60 + round(240 * popularity)), 5
            else:
                on_hand, safety = randomness.randrange(0, 3 + round(9 * popularity)), int(randomness.random() < 0.3)
            cells.append((sku, node["node_id"], on_hand, safety))
    return cells


def _slug(name: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(c if c.isalnum() else "-" for c in plain)
