"""The worked refusals of docs/concepts.md, over the real store and kernel."""

from __future__ import annotations

import re

import pytest
from test_sourcing import NOON, Keeper, Rows, sourcing, stock
from test_worked_ways import ALL, CONCEPTS, IN_STOCK, micros, order, worked_chain

from promessa.domain.catalogue import Catalogue
from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.refusal import RefusalReason, ResourceOutcome
from promessa.service.refusals import Refusal
from promessa.service.resourcing import Resourcing
from promessa.service.terms import Terms
from promessa.store.store import Store


def worked_rows() -> list[list[str]]:
    text = CONCEPTS.read_text(encoding="utf-8").split("\n## When a node refuses\n")[1]
    table = re.search(r"\n(\|.*\|\n)+", text)
    assert table
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().strip().split("\n")[2:]]


class KnowingKeeper(Keeper):
    """A catalogue that has all there is, and remembers what else it was asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self.asked: list[tuple[str, str]] = []

    async def node_index(self, node_id: str) -> int:
        return self.catalogue.nodes.index_of[node_id]

    async def sku_index(self, sku: str) -> int:
        return self.catalogue.skus.index_of[sku]

    async def refresh(self, kind: str, resource_id: str) -> bool:
        self.asked.append((kind, resource_id))
        return True


@pytest.mark.parametrize("row", worked_rows(), ids=lambda row: row[2])
async def test_the_worked_refusals_move_what_they_say(store: Store, row: list[str]) -> None:
    planned, node_id, what, reason, moves, total, alone = row
    catalogue, rows = worked_chain(), Rows(dict(IN_STOCK))
    await stock(store, IN_STOCK)
    service = sourcing(store, rows, catalogue)
    terms = Terms(True, TTL_MS_DEFAULT, "", "o-1")
    held = await service.source_and_reserve("order-0001", order(*ALL), terms=terms, allow_partial=False)
    ids = catalogue.nodes.ids
    assert ", ".join(ids[ship.node_ix] for ship in held.plan.shipments) == planned
    asked = re.fullmatch(r"all|(\d+) (\w+)", what)
    assert asked
    lines = ((asked[2], int(asked[1])),) if asked[1] else ()
    why = RefusalReason[reason.upper().replace(" ", "_")]
    keeper = KnowingKeeper(catalogue)
    resourcing = Resourcing(store, keeper, service, lambda: rows, 1_000, lambda: NOON)  # type: ignore[arg-type]
    found = await resourcing.resource(
        "refusal-0001", Refusal("order-0001", node_id, lines, why, None, allow_partial=False, release_unserved=False)
    )
    assert keeper.asked == [("cooling", node_id)], "this worker leaves it alone at once"
    assert found.told.outcome == ResourceOutcome.RESOURCED
    (ship,) = found.plan.shipments
    (line,) = ship.lines
    sku = catalogue.skus.ids[line[1]]
    assert f"{line[2]} {sku}{'s' if line[2] > 1 else ''} to {ids[ship.node_ix]}" == moves
    assert found.plan.total_micros == micros(total)
    cooled = "everything" if found.told.coolings[0].sku == "" else f"{found.told.coolings[0].sku}s"
    assert f"{node_id}, for {cooled}" == alone
