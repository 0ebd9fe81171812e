"""Nothing at all: the yardstick of the latencies, a call of an empty server in the same run."""

from __future__ import annotations

from shop import Shop

NAME = "empty call"
ANSWER_BYTES = 100
METHOD = f"/bench.Empty/{ANSWER_BYTES}"


class CallEmpty:
    """One call whose handler does nothing. Its shop's channel leads to the empty server."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._call = shop.channel.unary_unary(METHOD)

    def run(self) -> None:
        self._shop.ask(NAME, self._call, bytes(ANSWER_BYTES), check=lambda answer: len(answer) == ANSWER_BYTES)
