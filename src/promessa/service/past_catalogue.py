"""The catalogue as it was: the one of now, with what its history says of the records that changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from promessa.domain.catalogue import Catalogue
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.store.catalogue_codec import decode_field
from promessa.store.catalogue_history import Change

NEVER = 1 << 62
"""A position that no log reaches."""


class PastKeeper(CatalogueKeeper):
    """A catalogue that does not change any more, for what asks a catalogue keeper."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    async def refresh(self, kind: str, resource_id: str) -> bool:
        """Nothing came since."""
        return False


def past_catalogue(
    now: Catalogue, changes: Sequence[Change], position: int, ahead: Iterable[tuple[str, str, int]] = ()
) -> Catalogue:
    """`now` as it was at a position, some records (kind, id, position) being of a later one.

    `changes` are all after the position; those that `now` does not have yet do no harm. `now` is a copy of the caller's
    own, and becomes what is answered: copying a million skus once more takes a tenth of a second.
    """
    later = {f"{kind}:{resource_id}": at for kind, resource_id, at in ahead}
    before: dict[bytes, bytes] = {}
    for at, field, value in changes:
        if at > later.get(field.decode(), position):
            before.setdefault(field, value)
    for field, value in before.items():
        kind, _, resource_id = field.decode().partition(":")
        if value:
            record = decode_field(field, value)
            if record is not None:
                now.put(*record[:4], record[4] if kind == "node" else 0)
        else:
            _take_away(now, kind, resource_id)
    return now


def _take_away(past: Catalogue, kind: str, resource_id: str) -> None:
    """A record that was not there yet; its index, which nothing else ever gets, stays free."""
    index = past.directory(kind).index_of.get(resource_id)
    if index is not None:
        past.put(kind, resource_id, index, None, 3 if kind == "node" else 0)
