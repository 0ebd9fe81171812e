"""Stock rows by nodes of the catalogue, placed on the nodes of the network that is joined for an order's ways; and back."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from promessa.service.joined_network import NodeDay, days_of, nodes_of
from promessa.service.network_view import Destination
from promessa.service.order_ways import Route, RowArrays


def placed(route: Route, found: RowArrays, destination: Destination) -> RowArrays:
    """Rows by nodes of the catalogue as rows by nodes of the joined network: each item has what its part's nodes have."""
    joint = destination.joint
    if joint is None:
        return found
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    for item, part_ix in enumerate(route.of_item):
        part, shift = route.parts[part_ix], joint.firsts[part_ix]
        begin, end = found[0][item], found[0][item + 1]
        if part.destination is None:  # the collector alone
            begin = bisect_left(found[1], part.collector, begin, end)
            end = begin + (begin < end and found[1][begin] == part.collector)
            shift -= part.collector
        else:  # nodes that the replica learnt of a moment ago are not known here
            end = bisect_left(found[1], len(nodes_of(part)), begin, end)
        own = found[1][begin:end]
        nodes.extend([shift + node for node in own] if shift else own)
        atp.extend(found[2][begin:end])
        start.append(len(nodes))
    return start, nodes, atp


def placed_to_come(
    route: Route, found: RowArrays, lots: Sequence[Mapping[NodeDay, int]], destination: Destination
) -> RowArrays:
    """Rows by nodes of the joined network with, after those of stock, what items have on days to come."""
    joint = destination.joint
    assert joint is not None, "days to come are joined to a network"
    start, nodes, atp = array("i", [0]), array("I"), array("q")
    for item, part_ix in enumerate(route.of_item):
        first, end = found[0][item], found[0][item + 1]
        nodes.extend(found[1][first:end])
        atp.extend(found[2][first:end])
        of_part = joint.firsts[len(route.parts) + part_ix]
        for at, each in enumerate(days_of(route.parts[part_ix], route.to_come)):
            if lots[item].get(each):
                nodes.append(of_part + at)
                atp.append(lots[item][each])
        start.append(len(nodes))
    return start, nodes, atp


def unplaced(route: Route, found: RowArrays, destination: Destination) -> tuple[RowArrays, RowArrays]:
    """Rows by nodes of the joined network as they were before they were placed: those of stock by nodes of the catalogue, and
    those of days to come by their positions in `route.to_come`."""
    joint = destination.joint
    if joint is None:
        return found, _no_rows(len(route.of_item))
    stock, later = _no_rows(0), _no_rows(0)
    days_begin = joint.firsts[len(route.parts)]
    for item, part_ix in enumerate(route.of_item):
        part, first, end = route.parts[part_ix], found[0][item], found[0][item + 1]
        middle = bisect_left(found[1], days_begin, first, end)
        shift = joint.firsts[part_ix] - (part.collector if part.destination is None else 0)
        _add_row(stock, [node - shift for node in found[1][first:middle]], found[2][first:middle])
        here = part.collector if part.destination is None else None
        positions = [at for at, each in enumerate(route.to_come) if here in (None, each.node_ix)]
        shift = joint.firsts[len(route.parts) + part_ix]
        _add_row(later, [positions[node - shift] for node in found[1][middle:end]], found[2][middle:end])
    return stock, later


def _no_rows(items: int) -> RowArrays:
    """Rows of items that have nothing."""
    return array("i", bytes(4 * (items + 1))), array("I"), array("q")


def _add_row(rows: RowArrays, nodes: Sequence[int], atp: Sequence[int]) -> None:
    """One more row."""
    rows[1].extend(nodes)
    rows[2].extend(atp)
    rows[0].append(len(rows[1]))
