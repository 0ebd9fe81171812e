"""Safety stock by rule: of all rules about a cell the most specific counts, and of those the one that withholds most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SafetyStockRule:
    """Units withheld from promising: `quantity`, or `share_permille` of what is on hand, rounded up.

    It is about the cells of a sku, a node or the nodes of a group, as far as these are given; of all cells without any.
    """

    safety_rule_id: str
    name: str = ""
    sku: str = ""
    node_id: str = ""
    node_group_id: str = ""
    quantity: int = 0
    share_permille: int = 0

    @property
    def rank(self) -> int:
        """How specific it is, 1 the most: sku and node, sku and group, sku, node, group, all."""
        if self.sku:
            return 1 if self.node_id else 2 if self.node_group_id else 3
        return 4 if self.node_id else 5 if self.node_group_id else 6

    def units(self, on_hand: int) -> int:
        """What it withholds of so many units on hand."""
        return max(self.quantity, -(-on_hand * self.share_permille // 1000))

    def problem(self) -> tuple[str, str] | None:
        """The field that is wrong and the rule it breaks, None if all is right."""
        if self.quantity and self.share_permille:
            return "share_permille", "is one of two: give either quantity or share_permille"
        if self.node_id and self.node_group_id:
            return "node_group_id", "is one of two: give either node_id or node_group_id"
        return None


def safety_stock(
    rules: Iterable[SafetyStockRule], sku: str, node_id: str, on_hand: int, is_member: Callable[[str, str], bool]
) -> int:
    """The safety stock that rules give a cell; `is_member` says whether a node is in a group."""
    about = [
        rule
        for rule in rules
        if rule.sku in ("", sku)
        and rule.node_id in ("", node_id)
        and (not rule.node_group_id or is_member(node_id, rule.node_group_id))
    ]
    rank = min((rule.rank for rule in about), default=0)
    return max((rule.units(on_hand) for rule in about if rule.rank == rank), default=0)
