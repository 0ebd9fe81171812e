"""A chain: distribution centres and stores in real cities, real skus, and synthetic weights, stocks, prices and lanes.

Resources are dictionaries with the field names of the API's messages. The same arguments give the same chain.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random

from promessa.demo.lanes import lanes, rate_cards
from promessa.demo.places import points, prefixes_of
from promessa.demo.resources import CENTRE, FRANCHISE, REAIS, STORE, Resource
from promessa.demo.sources import City, cities, skus
from promessa.demo.stock import Cell, by_popularity, stock
from promessa.demo.weights import weight_grams

STORES = 316
"""With the four centres 320 nodes: a chain of middle size."""

CENTRES = (
    City("Cajamar", "SP", -23.355, -46.878, "America/Sao_Paulo", 92_689),
    City("Extrema", "MG", -22.855, -46.318, "America/Sao_Paulo", 53_482),
    City("Duque de Caxias", "RJ", -22.7858, -43.3049, "America/Sao_Paulo", 808_161),
    City("Cabo de Santo Agostinho", "PE", -8.2821, -35.0253, "America/Recife", 203_440),
)
"""Where Brazilian online retail ships from, largest first."""

FRANCHISE_SHARE = 0.45
STORES_PER_FRANCHISEE = 4
COMMISSION_BASIS_POINTS = 7_500
"""What a company gets of the price of its units that another one sells: 75 %. Skus have no value, so plans do not go by it."""

RECEIVING_MINUTES = 60
"""From when a parcel comes to a store until its customer can collect it."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain, ready to be put: first nodes, skus and rate cards, then lanes and groups, then stock.

    Nodes start with the centres, skus with the most popular. Stock are tuples of sku, node_id, on_hand_quantity and
    safety_stock_quantity.
    """

    nodes: list[Resource]
    skus: list[Resource]
    rate_cards: list[Resource]
    lanes: list[Resource]
    node_groups: list[Resource]
    stock: list[Cell]
    commission_rules: list[Resource] = field(default_factory=list)


def build_chain(*, stores: int = STORES, sku_limit: int | None = None, seed: int = 20) -> Chain:
    """A chain of four distribution centres and `stores` stores; `sku_limit` takes the most popular skus only."""
    nodes = [_centre(city) for city in CENTRES] + _stores(stores, Random(f"{seed} stores"))
    popular = by_popularity()[:sku_limit]
    descriptions = dict(skus())
    return Chain(
        nodes=nodes,
        skus=[
            {"sku": sku, "description": descriptions[sku], "weight_grams": weight_grams(sku, descriptions[sku])}
            for sku in popular
        ],
        rate_cards=rate_cards(),
        lanes=lanes(nodes),
        node_groups=_groups(nodes),
        stock=stock(nodes, sku_count=len(popular), seed=seed),
        commission_rules=[
            {
                "commission_rule_id": "served-by-another",
                "name": "Whoever sells pays whoever serves",
                "rate_basis_points": COMMISSION_BASIS_POINTS,
            }
        ],
    )


def _centre(city: City) -> Resource:
    return {
        "node_id": f"dc-{_slug(city.name)}",
        "name": f"CD {city.name}",
        "type": CENTRE,
        **_at(city, city.latitude, city.longitude, f"{prefixes_of(city)[0].digits}000"),
        "cutoff_minute": 14 * 60,
        "handling_days": 0,
        "shipment_cost_micros": _money(2.2),
        "unit_cost_micros": _money(0.35),
        "owner_code": "",
    }


def _stores(count: int, randomness: Random) -> list[Resource]:
    """Stores in cities drawn by their population; franchisees keep to one state."""
    places = cities()
    per_city = Counter(randomness.choices(range(len(places)), [place.population for place in places], k=count))
    per_state: Counter[str] = Counter()
    for place, stores in per_city.items():
        per_state[places[place].uf] += stores
    return [
        _store(places[place], number, per_state[places[place].uf], randomness)
        for place, stores in sorted(per_city.items())
        for number in range(1, stores + 1)
    ]


def _store(city: City, number: int, stores_in_state: int, randomness: Random) -> Resource:
    franchise = randomness.random() < FRANCHISE_SHARE
    franchisees = max(1, round(stores_in_state * FRANCHISE_SHARE / STORES_PER_FRANCHISEE))
    owner = f"franchise-{city.uf.lower()}-{randomness.randint(1, franchisees):02d}"
    prefix = randomness.choice(prefixes_of(city)).digits
    skill = randomness.uniform(0.8, 1.3)
    return {
        "node_id": f"{_slug(city.name)}-{city.uf.lower()}-{number}",
        "name": f"{'Franquia' if franchise else 'Loja'} {city.name} {number}",
        "type": FRANCHISE if franchise else STORE,
        **_at(city, *points()[prefix], f"{prefix}{randomness.randrange(1000):03d}"),
        "cutoff_minute": randomness.choice((11, 12, 13, 15)) * 60,
        "handling_days": 1 if franchise else 0,
        "shipment_cost_micros": _money((3.6 if franchise else 3.1) * skill),
        "unit_cost_micros": _money((0.95 if franchise else 0.8) * skill),
        "owner_code": owner if franchise else "",
        "pickup_point": True,
        "receiving_minutes": RECEIVING_MINUTES,
    }


def _at(city: City, latitude: float, longitude: float, postal_code: str) -> Resource:
    return {
        "country_code": "BR",
        "region_code": f"BR-{city.uf}",
        "postal_code": postal_code,
        "latitude_e6": round(latitude * 1e6),
        "longitude_e6": round(longitude * 1e6),
        "time_zone": city.time_zone,
    }


def _groups(nodes: list[Resource]) -> list[Resource]:
    """The nodes by kind, and by state."""
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    kinds = {
        CENTRE: ("centres", "Distribution centres"),
        STORE: ("own-stores", "Own stores"),
        FRANCHISE: ("franchises", "Franchise stores"),
    }
    for node in nodes:
        members[kinds[node["type"]]].append(node["node_id"])
        region = node["region_code"]
        members[region.lower(), f"Nodes in {region}"].append(node["node_id"])
    return [
        {"node_group_id": key, "name": name, "node_ids": node_ids} for (key, name), node_ids in sorted(members.items())
    ]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(c if c.isalnum() else "-" for c in plain)


def _money(reais: float) -> int:
    """In micros, whole centavos."""
    return round(reais * 100) * (REAIS // 100)
