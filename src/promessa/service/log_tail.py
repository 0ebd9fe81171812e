"""Where somebody who follows the event logs is: positions, the token that names them, and whether the logs go on.

Positions have one entry for every partition, and then the catalogue's.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from promessa.domain.errors import InvalidRequest
from promessa.domain.token import parse_whole, whole
from promessa.store.event_log import EventLog


class LogTail:
    """A place in the logs of one data set. `begin` comes first."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._checked = 0.0
        self._heads: list[int] = []
        self._had: list[int] = []
        self._token = ""
        self.data_set = ""
        self.epoch = 0
        self.positions: list[int] = []

    async def begin(self) -> list[int]:
        """Read whose logs these are, and where their heads are. The caller says where it begins: see `set`."""
        self.data_set, self.epoch = await self._log.data_set(), await self._log.epoch()
        return await self._log.heads()

    def set(self, positions: Sequence[int]) -> None:
        """Begin at these positions."""
        self.positions, self._token = list(positions), ""
        self._checked, self._heads, self._had = monotonic(), list(positions), list(positions)

    def go_on(self, number: int, sequence: int) -> None:
        """One entry further. Raises LookupError if one was left out."""
        if sequence != self.positions[number] + 1:
            raise LookupError(f"The log of partition {number} goes on with {sequence}, after {self.positions[number]}.")
        self.positions[number] = sequence
        self._token = ""

    def token(self) -> str:
        """Names the data set, the epoch and the positions."""
        if not self._token:
            self._token = self.token_of(self.positions)
        return self._token

    def token_of(self, positions: Sequence[int]) -> str:
        """That of other positions."""
        return f"{self.data_set}.{whole(self.epoch, positions)}"

    def parse(self, token: str) -> tuple[int, list[int]]:
        """The epoch and the positions of a token. Raises InvalidRequest (INVALID_TOKEN)."""
        of, _, rest = token.partition(".")
        found = parse_whole(rest, len(self.positions))
        if found is None or of != self.data_set:
            raise InvalidRequest(
                "INVALID_TOKEN",
                "The resume_token is none that a watch of these data gave. Send one as it was answered.",
            )
        return found

    async def check(self, seconds: float) -> float:
        """Compare with the store if that was so long ago: when it was done, by the monotonic clock, 0 if it was not.

        Raises LookupError if the store is another one, lost data, or the tail does not bring what the heads count.
        """
        if monotonic() - self._checked <= seconds:
            return 0.0
        epoch, heads = await self._log.epoch(), await self._log.heads()
        frozen = any(now == had < head for now, had, head in zip(self.positions, self._had, self._heads, strict=True))
        lost = any(head < now for now, head in zip(self.positions, heads, strict=True))
        if epoch != self.epoch or frozen or lost:
            raise LookupError("The store is another one, lost data, or does not tell what happens.")
        self._checked, self._heads, self._had = monotonic(), heads, list(self.positions)
        return self._checked
