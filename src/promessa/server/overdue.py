"""The gauge of overdue inbound: what should have come and did not, counted now and then by looking at all of it."""

from __future__ import annotations

from promessa.domain.supply import OverdueAction
from promessa.server import metrics
from promessa.service.supply import Supply


async def count_overdue(supply: Supply) -> None:
    """Set the gauge of every action, also where there is none."""
    counts = await supply.count_overdue()
    for action in OverdueAction:
        metrics.OVERDUE.labels(action.name).set(counts[action])
