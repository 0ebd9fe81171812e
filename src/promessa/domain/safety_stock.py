"""Safety stock by rule: of all rules about a cell the most specific counts, and of those the one that withholds most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from promessa.domain.confidence import SHARE


@dataclass(frozen=True, slots=True)
class SafetyStockRule:
    """Units withheld from promising: `quantity`, or a share of what is on hand, rounded up: `share_permille`, or with
    `by_confidence` the share that cannot be believed in (domain/confidence.py).

    It is about the cells of a sku, a node or the nodes of a group, as far as these are given; of all cells without any.
    """

    safety_rule_id: str
    name: str = ""
    sku: str = ""
    node_id: str = ""
    node_group_id: str = ""
    quantity: int = 0
    share_permille: int = 0
    by_confidence: bool = False
    fulfillment_method: str = ""
    """It is about what is fulfilled by this method, and says what must stay in the cell then, if that is more than the cell's
    safety stock. Empty: it is about the cell's safety stock."""

    @property
    def rank(self) -> int:
        """How specific it is, 1 the most: sku and node, sku and group, sku, node, group, all."""
        if self.sku:
            return 1 if self.node_id else 2 if self.node_group_id else 3
        return 4 if self.node_id else 5 if self.node_group_id else 6

    def units(self, on_hand: int, confidence: int) -> int:
        """What it withholds of so many units on hand, of which so many thousandths can be believed in."""
        permille = SHARE - confidence if self.by_confidence else self.share_permille
        return max(self.quantity, -(-on_hand * permille // SHARE))

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        if (self.quantity > 0) + (self.share_permille > 0) + self.by_confidence > 1:
            field = "by_confidence" if self.by_confidence else "share_permille"
            return field, "is one of three: give quantity, share_permille or by_confidence"
        if self.by_confidence and self.fulfillment_method:
            return "fulfillment_method", "must be empty with by_confidence, which is about the cell's safety stock"
        if self.node_id and self.node_group_id:
            return "node_group_id", "is one of two: give either node_id or node_group_id"
        return None


def safety_stock(
    rules: Iterable[SafetyStockRule],
    sku: str,
    node_id: str,
    on_hand: int,
    is_member: Callable[[str, str], bool],
    confidence: int = SHARE,
    method: str = "",
) -> int:
    """The safety stock that rules give a cell, or what those of a fulfilment method withhold; `is_member` says whether a node
    is in a group.
    """
    about = [
        rule
        for rule in rules
        if rule.fulfillment_method == method
        and rule.sku in ("", sku)
        and rule.node_id in ("", node_id)
        and (not rule.node_group_id or is_member(node_id, rule.node_group_id))
    ]
    rank = min((rule.rank for rule in about), default=0)
    return max((rule.units(on_hand, confidence) for rule in about if rule.rank == rank), default=0)
