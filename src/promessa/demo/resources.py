"""What a chain is made of: dictionaries with the field names of the API's messages, ready to be sent."""

from __future__ import annotations

from typing import Any

Resource = dict[str, Any]

REAIS = 1_000_000
"""Micros of one BRL."""

CENTRE, STORE, FRANCHISE = 1, 2, 3
"""Kinds of nodes, by their numbers in the API: NODE_TYPE_DISTRIBUTION_CENTRE, _STORE and _FRANCHISE_STORE."""

NODE_TYPE_NAMES = {
    CENTRE: "NODE_TYPE_DISTRIBUTION_CENTRE",
    STORE: "NODE_TYPE_STORE",
    FRANCHISE: "NODE_TYPE_FRANCHISE_STORE",
}
