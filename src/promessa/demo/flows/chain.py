"""The small chain of the stories: a centre of the chain itself, a store of its own, and one of a franchisee."""

from __future__ import annotations

from typing import NamedTuple

from promessa.demo.resources import CENTRE as A_CENTRE
from promessa.demo.resources import FRANCHISE as A_FRANCHISE
from promessa.demo.resources import REAIS, Resource
from promessa.demo.resources import STORE as A_STORE


class Place(NamedTuple):
    """A node: `key` is the end of its id, `owner` that of its owner's code (empty: the chain itself)."""

    key: str
    name: str
    type: int
    postal_code: str
    freight: int
    owner: str = ""


class Article(NamedTuple):
    """A sku, and what it costs, in micros."""

    key: str
    name: str
    price_micros: int


CENTRE = Place("cajamar", "CD Cajamar", A_CENTRE, "07750000", 18)
PINHEIROS = Place("pinheiros", "Loja Pinheiros", A_STORE, "05422000", 9)
MOEMA = Place("moema", "Loja Moema", A_FRANCHISE, "04077000", 11, "moema-calcados")
PLACES = (CENTRE, PINHEIROS, MOEMA)

RUNNER = Article("runner-42", "Runner 42", 200 * REAIS)
TRAIL = Article("trail-42", "Trail 42", 230 * REAIS)
ARTICLES = (RUNNER, TRAIL)

HOME = "01310100"
"""Where customers of the stories live: all lanes go there."""

_PREFIXES = ["0"]


def node(place: Place, prefix: str) -> Resource:
    """A place, as the API has it."""
    return {
        "node_id": f"{prefix}.{place.key}",
        "name": place.name,
        "type": place.type,
        "country_code": "BR",
        "postal_code": place.postal_code,
        "time_zone": "America/Sao_Paulo",
        "owner_code": f"{prefix}.{place.owner}" if place.owner else "",
        "pickup_point": place is not CENTRE,
    }


def sku(article: Article, prefix: str) -> Resource:
    """An article, as the API has it."""
    return {
        "sku": f"{prefix}.{article.key}",
        "description": article.name,
        "weight_grams": 900,
        "value_micros": article.price_micros,
    }


def rate_card(place: Place, prefix: str) -> Resource:
    """What it costs to send a parcel from a place."""
    bracket = {"max_weight_grams": 30_000, "price_micros": place.freight * REAIS}
    return {"rate_card_id": f"{prefix}.{place.key}", "currency_code": "BRL", "brackets": [bracket]}


def lane(place: Place, prefix: str) -> Resource:
    """The way from a place to its customers, and to the other places."""
    return {
        "lane_id": f"{prefix}.{place.key}",
        "node_id": f"{prefix}.{place.key}",
        "country_code": "BR",
        "postal_code_prefixes": _PREFIXES,
        "carrier_service": "ground",
        "rate_card_id": f"{prefix}.{place.key}",
        "transit_days": 1,
    }
