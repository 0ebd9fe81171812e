"""Which lines nodes may serve, where an order goes several ways: what is collected elsewhere, or is for the shop alone, is none
of theirs, and they are not short of it.

Lines are bits: the first line of the question is the lowest.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from promessa.domain.catalogue import Catalogue
from promessa.domain.kinds import OwnStock
from promessa.domain.sourcing import Order
from promessa.domain.why import Constraint, ConstraintKind
from promessa.service.node_facts import Rows
from promessa.service.order_ways import first_of_shop
from promessa.service.question import Question


@dataclass(frozen=True, slots=True)
class LinesOfNodes:
    """The lines of one question by nodes of the catalogue. `row_node` are the nodes of its rows, `shop` is what the order says
    of the stock of the shop `shop_ix` where it is sold, and `of_shop` the lines that come from there alone."""

    row_node: array[int]
    of_anyone: int
    of_collectors: dict[int, int]
    shop: Constraint
    shop_ix: int | None
    of_shop: int

    @staticmethod
    def of(catalogue: Catalogue, question: Question) -> LinesOfNodes | None:
        """None where all nodes may serve every line."""
        route, joint = question.route, question.destination.joint
        if route is None:
            return None
        anyone, collectors = 0, dict[int, int]()
        for item, part_ix in enumerate(route.of_item):
            part = route.parts[part_ix]
            if part.destination is not None:
                anyone |= 1 << item
            else:
                collectors[part.collector] = collectors.get(part.collector, 0) | 1 << item
        order, row_node = question.order, question.row_node
        shop_ix = catalogue.nodes.index_of.get(order.ways.sold_at)
        return LinesOfNodes(
            array("I", [joint.origins[node] for node in row_node]) if joint else row_node,
            anyone,
            collectors,
            own_stock(order),
            shop_ix,
            sum(1 << item for item in _of_shop(question, shop_ix)),
        )

    def of_node(self, node_ix: int) -> int:
        """The lines that a node may serve by their ways."""
        return self.of_anyone | self.of_collectors.get(node_ix, 0)

    def only_of_shop(self, node_ix: int) -> int:
        """The lines that a node may not serve because they come from the shop."""
        return 0 if node_ix == self.shop_ix else self.of_shop


def own_stock(order: Order) -> Constraint:
    """What the order says of the stock of the shop where it is sold."""
    return Constraint(ConstraintKind.OWN_STOCK, text=order.ways.sold_at)


def _of_shop(question: Question, shop_ix: int | None) -> list[int]:
    """The items that come from the shop alone: what it hands over, or has whole where it comes first."""
    order, route = question.order, question.route
    assert route is not None, "orders sold in a shop have ways"
    if order.ways.own_stock != OwnStock.FIRST or shop_ix is None:
        return list(route.handed)
    rows = Rows(
        question.sku_ixs, question.wanted, question.steps, question.row_start, question.row_node, question.row_atp
    )
    found = first_of_shop(route, shop_ix, rows, question.rules, question.destination)
    return [item for items, _ in found for item in items]
