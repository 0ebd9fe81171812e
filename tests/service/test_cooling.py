"""Nodes that cool down: what decisions leave alone, and that those whose time is over cost them nothing."""

from __future__ import annotations

from typing import Any

import pytest
from test_sourcing import DAY, NOON, network

from promessa.domain.refusal import Cooling, NodeCooling, RefusalReason
from promessa.service.cooling import cooling_lines


def cooling(until_ms: int, sku: str = "cup", since_ms: int = NOON - DAY) -> Cooling:
    return Cooling(sku, since_ms, until_ms, RefusalReason.NOT_FOUND, "order-0001")


def put(catalogue: Any, node_id: str, *coolings: Cooling) -> None:
    catalogue.put("cooling", node_id, "abc".index(node_id), NodeCooling(node_id, coolings), 0)


def left_alone(catalogue: Any, now_ms: int) -> set[tuple[int, int]]:
    return {(node_ix, line) for node_ix, line, _ in cooling_lines(catalogue, [1, 0], now_ms)}


def test_each_node_is_left_alone_for_its_skus_until_its_time() -> None:
    catalogue = network()
    put(catalogue, "a", cooling(NOON + 1), cooling(NOON + 5, "pot"))
    put(catalogue, "b", cooling(NOON + 3, ""))
    put(catalogue, "c", cooling(NOON + 9, since_ms=NOON + 2))
    assert left_alone(catalogue, NOON) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert left_alone(catalogue, NOON + 2) == {(0, 0), (1, 0), (1, 1), (2, 1)}
    assert left_alone(catalogue, NOON + 3) == {(0, 0), (2, 1)}
    assert left_alone(catalogue, NOON + 9) == set()


def test_a_record_that_is_put_again_or_taken_away_counts_as_it_is_then_and_copies_as_they_were() -> None:
    catalogue = network()
    put(catalogue, "a", cooling(NOON + 9))
    before = catalogue.copy()
    put(catalogue, "a", cooling(NOON + 1))
    assert left_alone(catalogue, NOON + 1) == set() and left_alone(catalogue, NOON) == {(0, 1)}
    catalogue.put("cooling", "a", 0, None, 0)
    assert left_alone(catalogue, NOON) == set()
    assert left_alone(before, NOON + 8) == {(0, 1)}


def test_cool_downs_that_are_over_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every node has refused something some day, and the records stay until it refuses again."""
    catalogue = network()
    for node_id in "ab":
        put(catalogue, node_id, *[cooling(NOON - i, f"sku-{i}") for i in range(200)])
    put(catalogue, "c", cooling(NOON + 1))
    looked: list[Cooling] = []

    def counts(self: Cooling, now_ms: int) -> bool:
        looked.append(self)
        return self.since_ms <= now_ms < self.until_ms

    monkeypatch.setattr(Cooling, "counts", counts)
    assert left_alone(catalogue, NOON) == {(2, 1)}
    assert len(looked) == 1
