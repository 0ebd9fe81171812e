"""What the prices of an order may be: of lines that it has, and together no more than an answer can tell."""

from __future__ import annotations

from collections.abc import Sequence

from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import ORDER_TOTAL_MICROS_MAX


def check_prices(prices: Sequence[tuple[int, int]], units: Sequence[int]) -> None:
    """Check pairs of a line and micros a unit against the units of each line.

    Refunds, and what an exchange costs, are parts of the same total, so they can be told, too. Raises InvalidRequest.
    """
    if any(line >= len(units) for line, _ in prices):
        raise _invalid(f"must name lines of the order, which has {len(units)}")
    if sum(micros * units[line] for line, micros in prices) > ORDER_TOTAL_MICROS_MAX:
        raise _invalid(f"must come to at most {ORDER_TOTAL_MICROS_MAX} micros for all units of the order")


def _invalid(rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"order.prices {rule}.", field="order.prices", rule=rule)
