"""Safety stock by rule, once more in plain Python: what `store/lua/safety.lua` must agree with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promessa.domain.confidence import Evidence
from promessa.domain.safety_stock import SafetyStockRule, safety_stock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model import Cell

    from promessa.domain.fingerprint import Fingerprint
    from promessa.store.confidence_store import Checked

Key = tuple[int, int]


class SafetyModel:
    """The part of the model that knows of rules. Nodes and skus are named by their entries."""

    entries: dict[str, list[Any]]
    rules: dict[str, SafetyStockRule]
    marks: dict[Key, str]
    had_rules: bool
    adopted: bool
    cells: dict[Key, Cell]
    evidence: dict[tuple[int, str], Evidence]
    classes: dict[int, str]
    now: int
    cell: Callable[[Key], Cell]
    _once: Callable[..., Any]
    _change: Callable[..., None]

    def safety_by_rules(self, key: Key, on_hand: int, method: str = "") -> int:
        names = {kind: self._name(kind, index) for kind, index in zip(("node", "sku"), key, strict=True)}

        def is_member(node_id: str, group_id: str) -> bool:
            return f"node:{node_id}" in self.entries[f"node_group:{group_id}"][3]

        confidence = self.confidence(key)
        return safety_stock(self.rules.values(), names["sku"], names["node"], on_hand, is_member, confidence, method)

    def confidence(self, key: Key) -> int:
        node_ix, sku_ix = key
        return self.evidence.get((node_ix, self.classes.get(sku_ix, "")), Evidence()).at(self.now).confidence

    def add(self, request_id: str, request: Fingerprint, checks: Sequence[Checked]) -> bool:
        def act() -> None:
            for each in checks:
                place = (each.node_ix, each.stock_class)
                known = self.evidence.get(place, Evidence())
                self.evidence[place] = known.with_check(each.found, each.missing, self.now)
            by_confidence = any(rule.by_confidence for rule in self.rules.values())
            for each in checks if by_confidence else ():
                key = (each.node_ix, each.sku_ix)
                if (
                    self.cell(key).version
                    and self.follows(key, self.cells[key])
                    and self.apply_rules(key, self.cells[key])
                ):
                    self._change(key)

        return self._once(request_id, request, act)[1]

    def _name(self, kind: str, index: int) -> str:
        found = [name for name, entry in self.entries.items() if name.startswith(f"{kind}:") and entry[0] == index]
        return found[0].partition(":")[2] if found else "?"

    def follow_rules(self, key: Key, cell: Cell) -> None:
        """After a change of units on hand."""
        shares = any(rule.share_permille or rule.by_confidence for rule in self.rules.values())
        if self.had_rules and (shares or not cell.version) and self.follows(key, cell):
            self.apply_rules(key, cell)

    def follows(self, key: Key, cell: Cell) -> bool:
        if key in self.marks:
            return self.marks[key] == "r"
        return self.adopted or not cell.safety_stock or not cell.version

    def apply_rules(self, key: Key, cell: Cell) -> bool:
        units = self.safety_by_rules(key, cell.on_hand)
        if units and not self.adopted:
            self.marks[key] = "r"
        changed = units != cell.safety_stock
        cell.safety_stock = units
        return changed

    def mark_own(self, key: Key) -> None:
        if self.had_rules:
            self.marks[key] = "x"

    def settle_rules(self) -> None:
        """What service/safety_rules.py does."""
        if not self.had_rules:
            return
        for key, cell in self.cells.items():
            if not self.follows(key, cell):
                self.marks[key] = "x"
            elif self.apply_rules(key, cell):
                self._change(key)
        self.adopted = True
