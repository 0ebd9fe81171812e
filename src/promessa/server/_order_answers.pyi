"""The native module: the answer to PlaceOrder, from domain values to bytes. See ext/_order_answers.pyx.

What it writes is what `convert_orders` writes for the same values, byte for byte; a test compares them. `skus` and `nodes` are
the ids by index, `deadlines` those of ways (order_deadlines.DEADLINES); `epoch` goes into the token.
"""

from collections.abc import Sequence

from promessa.domain.order import StoredOrder
from promessa.domain.order_deadlines import Deadline

def place_response(
    outcome: int,
    stored: StoredOrder,
    positions: Sequence[int],
    replayed: bool,
    epoch: int,
    skus: list[str],
    nodes: list[str],
    deadlines: dict[int, tuple[Deadline, ...]],
) -> bytes:
    """A PlaceOrderResponse of an order that `is_new`, see convert_orders."""
