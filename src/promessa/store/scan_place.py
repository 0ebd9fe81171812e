"""Where a listing over the pages of a hash goes on.

A page of the listing may end within a page of the hash; the next one reads that again, and passes over what was listed. That is
right only as long as the store gives the same part of the hash for the cursor. It gives another one where the hash has grown or
shrunk meanwhile, or was loaded again, and the page then ends at another cursor. So the place has that, too; where it differs,
nothing is passed over. What is there during the whole listing is so listed at least once.
"""

from __future__ import annotations

from typing import NamedTuple


class ScanPlace(NamedTuple):
    """The partition, the cursor of the hash's page, and the cursor at which that page ended."""

    partition: int = 0
    cursor: int = 0
    ended: int = 0

    @property
    def text(self) -> str:
        """As a page token has it."""
        return f"{self.partition}.{self.cursor}.{self.ended}"

    def same_page(self, following: int) -> bool:
        """Whether the page of the hash that ends so is the one that it was."""
        return following == self.ended

    def next(self, following: int) -> ScanPlace:
        """The page after one that ends so."""
        return ScanPlace(self.partition, following) if following else ScanPlace(self.partition + 1)
