"""Bringing cells to the rules of safety stock: begun anew whenever it was broken off, for doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from promessa.domain.safety_stock import SafetyStockRule
from promessa.store.rules_store import RulesStore


@dataclass(slots=True)
class SafetyRules:
    """New cells follow the rules in the call that makes them; those that are there are visited here."""

    store: RulesStore
    rules: Callable[[], Iterable[SafetyStockRule]]
    """The rules as this process knows them."""

    async def tend(self) -> None:
        """Now and then: cells to what confidence is today, and whatever was broken off. Raises Unavailable."""
        if any(rule.by_confidence for rule in self.rules()):
            await self.store.age()
        await self.settle()

    async def settle(self) -> None:
        """Return when every cell follows the rules in force. Raises Unavailable."""
        while (version := await self.store.unsettled()) is not None:
            if await self._visit_all(version):
                await self.store.settled(version)

    async def _visit_all(self, version: bytes) -> bool:
        """Whether all cells follow a version: another one in force means beginning again."""
        for partition in range(self.store.keys.partitions):
            async for fields in self.store.cells(partition):
                if fields and not await self.store.follow(version, partition, fields):
                    return False
        return True
