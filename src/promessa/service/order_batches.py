"""What of the changes of orders goes into one message of a watch, and how a token names a place within an entry of a log.

One change of the store may tell of hundreds of orders, more than a message takes. Then the token says how many of the next
entry are told, of those that filters leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import ORDERS_BYTES_MAX
from promessa.domain.order import StoredOrder
from promessa.domain.order_size import bytes_at_most
from promessa.service.order_changes import OrderChange

BATCH_CHANGES = 100
"""Orders of one message, as long as they are no large ones."""

_WITHIN = re.compile(r"((?:~[0-9]{1,3}\.[1-9][0-9]{0,5})+)$", re.ASCII)


def within_text(within: Mapping[int, int]) -> str:
    """How a token ends that says how many changes of the next entry of some partitions are told."""
    return "".join([f"~{number}.{told}" for number, told in within.items()])


def split_token(token: str, *, partitions: int) -> tuple[str, dict[int, int]]:
    """A token without its end, and what that says; the whole token if it says nothing that can be."""
    match = _WITHIN.search(token)
    pairs = [each.split(".") for each in match[1].split("~")[1:]] if match else []
    within = {int(number): int(told) for number, told in pairs}
    if match is None or max(within) >= partitions:
        return token, {}
    return token[: match.start()], within


def expired(why: str) -> FailedPrecondition:
    """A token from which nobody can go on."""
    return FailedPrecondition(
        "RESUME_TOKEN_EXPIRED",
        f"{why} The steps since the resume_token are not known any more: watch anew, without it.",
    )


class Filling:
    """The changes of one message, as they are put into it."""

    def __init__(self) -> None:
        self.changes: list[OrderChange] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """No further entry is begun."""
        return len(self.changes) >= BATCH_CHANGES

    def take(self, changes: Sequence[OrderChange]) -> int:
        """Put in as many changes as there is room for, the first first, and the very first whatever its size; how many."""
        for taken, change in enumerate(changes):
            size = bytes_at_most(change.stored)
            if self.changes and self._bytes + size > ORDERS_BYTES_MAX:
                return taken
            self.changes.append(change)
            self._bytes += size
        return len(changes)


def parted(orders: Sequence[StoredOrder]) -> Iterator[list[OrderChange]]:
    """Orders as they are, without their history, in as many messages as they take."""
    changes = [OrderChange(each._replace(history=()), True) for each in orders]
    while changes:
        filling = Filling()
        changes = changes[filling.take(changes) :]
        yield filling.changes
