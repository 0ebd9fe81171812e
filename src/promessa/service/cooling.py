"""Nodes that cool down, as decisions see them: without units of what they refused."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from promessa.domain.catalogue import Catalogue
from promessa.domain.refusal import Cooling


def cooling_lines(catalogue: Catalogue, sku_ixs: Sequence[int], now_ms: int) -> Iterator[tuple[int, int, Cooling]]:
    """Node index and line of all that is left alone at an instant, and what says so."""
    ids, index_of = catalogue.skus.ids, catalogue.nodes.index_of
    for cooling in catalogue.cooling_at(now_ms):
        node_ix, counting = index_of.get(cooling.node_id), tuple(cooling.at(now_ms))
        if node_ix is None or not counting:
            continue
        for line, sku_ix in enumerate(sku_ixs):
            found = next((each for each in counting if each.sku in ("", ids[sku_ix])), None)
            if found is not None:
                yield node_ix, line, found


def leave_alone(
    catalogue: Catalogue,
    sku_ixs: Sequence[int],
    now_ms: int,
    rows: tuple[array[int], array[int], array[int]],
) -> None:
    """Take what is left alone at an instant out of rows (start, node, units) by nodes of the catalogue."""
    start, nodes, atp = rows
    for node_ix, line, _ in cooling_lines(catalogue, sku_ixs, now_ms):
        end = start[line + 1]
        at = bisect_left(nodes, node_ix, start[line], end)
        if at < end and nodes[at] == node_ix:
            atp[at] = 0
