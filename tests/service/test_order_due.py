"""A walk through orders of which something is due: what one of them runs into is held against that one, and nothing else."""

from __future__ import annotations

import pytest

from promessa.domain.errors import Exhausted, PromessaError, Unavailable
from promessa.service.order_due import PAUSE_MS_MIN, OrdersDue


class Walk:
    """Orders that are due, of which the first fails; `tried` are those that were tried."""

    def __init__(self, error: Exception, ids: list[str]) -> None:
        self.error: Exception | None = error
        self.ids, self.now_ms, self.tried = ids, 0, list[str]()
        self.due = OrdersDue(self.listed, 2, "what is due", lambda: self.now_ms, lambda what, error: None)

    async def listed(self, until_ms: int, *, limit: int, offset: int) -> list[str]:
        return self.ids[offset : offset + limit]

    async def make(self, order_id: str) -> int:
        self.tried.append(order_id)
        if order_id == "first" and self.error is not None:
            raise self.error
        self.ids.remove(order_id)
        return 1


OF_ONE = [Unavailable("STOCK_CONTENDED", ""), Unavailable("ORDER_CONTENDED", ""), OverflowError("too much")]
OF_ALL = [Unavailable("STORE_UNAVAILABLE", ""), Unavailable("REPLICA_STALE", ""), Exhausted("STORE_FULL", "")]


@pytest.mark.parametrize("error", OF_ONE, ids=str)
async def test_what_one_order_runs_into_keeps_no_other_from_its_own(error: Exception) -> None:
    walk = Walk(error, ["first", "second", "third"])
    assert await walk.due.each(walk.make) == 2
    assert walk.tried == ["first", "second", "third"]
    walk.tried.clear()
    assert await walk.due.each(walk.make) == 0
    assert not walk.tried, "it is left alone for a while"
    walk.now_ms, walk.error = PAUSE_MS_MIN, None
    assert await walk.due.each(walk.make) == 1


@pytest.mark.parametrize("error", OF_ALL, ids=lambda error: error.reason)
async def test_what_all_would_run_into_ends_the_walk_and_is_held_against_none(error: PromessaError) -> None:
    walk = Walk(error, ["first", "second", "third"])
    with pytest.raises(type(error)):
        await walk.due.each(walk.make)
    assert walk.tried == ["first", "second"], "what was under way was made to its end"
    assert walk.ids == ["first", "third"]
    walk.error = None
    assert await walk.due.each(walk.make) == 2
