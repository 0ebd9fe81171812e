"""What a simulation supposes: nodes that take no orders, other stock, other rate cards. The data set itself is not touched.

other nodes and rate cards    a copy of the catalogue that has them
other stock                   rows that have them, see virtual_stock.py
"""

from __future__ import annotations

from dataclasses import dataclass

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.errors import InvalidRequest
from promessa.domain.rate_cards import RateCard
from promessa.service.network import problem_of_rate_card


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is supposed. Percents are of what can be promised; that of a node counts instead of the general one.

    `cells` are sku, node id and what can be promised there instead, to whichever channel.
    """

    paused_node_ids: tuple[str, ...] = ()
    stock_percent: int = 100
    node_stock_percents: tuple[tuple[str, int], ...] = ()
    cells: tuple[tuple[str, str, int], ...] = ()
    rate_cards: tuple[RateCard, ...] = ()

    @property
    def changes_stock(self) -> bool:
        """Whether rows are others than the replica's."""
        return bool(self.paused_node_ids or self.stock_percent != 100 or self.node_stock_percents or self.cells)


NOTHING = WhatIf()


def supposed(catalogue: Catalogue, what_if: WhatIf) -> Catalogue:
    """A copy of the catalogue as it would be. Raises InvalidRequest (REFERENCE_NOT_FOUND, INVALID_FIELD)."""
    found = catalogue.frozen()
    for kind, resource_id in _named(what_if):
        if resource_id not in found.directory(kind).by_id:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no {kind.replace('_', ' ')} {resource_id!r}. Correct what is supposed, or put it first.",
                kind=kind,
                id=resource_id,
            )
    for node_id in what_if.paused_node_ids:
        found.node_states[found.nodes.index_of[node_id]] = NodeState.PAUSED
    for card in what_if.rate_cards:
        problem = problem_of_rate_card(found, card)
        if problem:
            raise problem
        found.put("rate_card", card.rate_card_id, found.rate_cards.index_of[card.rate_card_id], card, 0)
    return found


def _named(what_if: WhatIf) -> list[tuple[str, str]]:
    """Kinds and ids of everything that must be there."""
    nodes = [
        *what_if.paused_node_ids,
        *(each for each, _ in what_if.node_stock_percents),
        *(each for _, each, _ in what_if.cells),
    ]
    cards = [card.rate_card_id for card in what_if.rate_cards]
    return [
        *(("node", each) for each in nodes),
        *(("sku", each) for each, _, _ in what_if.cells),
        *(("rate_card", each) for each in cards),
    ]
