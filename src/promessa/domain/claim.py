"""Who asks for units: a channel, and how its units are to be fulfilled. The store has both as one text.

    web/vip           the channel alone
    web/vip\\npickup   to be fulfilled by pickup
    \\npickup          without a channel

A channel decides which allocation pools may be drawn from, a method how many units must stay in a cell besides.
"""

from __future__ import annotations

from typing import NamedTuple

_METHOD = "\n"


class Claim(NamedTuple):
    """A channel, a path as web/vip, and a fulfilment method; each may be empty."""

    channel: str
    method: str = ""

    @property
    def text(self) -> str:
        """As the store has it."""
        return f"{self.channel}{_METHOD}{self.method}" if self.method else self.channel


def claim_of(text: str) -> Claim:
    """What a text of the store says."""
    if not text:
        return NOBODY
    channel, _, method = text.partition(_METHOD)
    return Claim(channel, method)


NOBODY = Claim("")
"""Without a channel and a method."""
