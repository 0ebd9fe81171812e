"""Which skus are kits, and what they consist of, as the store writes it: at one position of the catalogue's log."""

from __future__ import annotations

from promessa.domain.errors import NotFound
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.watch_board import Parts
from promessa.service.watch_selection import Selection
from promessa.store.event_log import Entry, EventLog


class Recipes:
    """Begins with what this process knows; its followers go on with the catalogue's log from `position`."""

    def __init__(self, keeper: CatalogueKeeper) -> None:
        catalogue = keeper.catalogue
        index_of = catalogue.skus.index_of
        self._keeper = keeper
        self.position = keeper.position
        self._parts: dict[bytes, Parts] = {}
        for sku in catalogue.shaped:
            kit = catalogue.skus.by_id[sku].kit
            if kit and all(part.sku in index_of for part in kit):
                self._parts[b"%d" % index_of[sku]] = tuple((b"%d" % index_of[p.sku], p.quantity) for p in kit)

    def of(self, selection: Selection) -> dict[bytes, Parts]:
        """The kits of a selection."""
        if selection.skus is None:
            return dict(self._parts)
        return {sku: self._parts[sku] for sku in selection.skus & self._parts.keys()}

    def put(self, kit: bytes, parts: Parts) -> None:
        """What a sku consists of from now on; nothing if it is no kit."""
        if parts:
            self._parts[kit] = parts
        else:
            self._parts.pop(kit, None)

    async def changes_in(self, log: EventLog, entry: Entry) -> list[tuple[bytes, Parts]]:
        """What an entry of the catalogue's log changes: kits with new components, or none any more."""
        found = []
        for kind, index, _, _, named in log.catalogue_changes([entry]):
            sku = b"%d" % index
            if kind == "sku" and (named or sku in self._parts):
                parts = await self._known(named)
                if parts != self._parts.get(sku, ()):
                    found.append((sku, parts))
        return found

    async def _known(self, named: Parts) -> Parts:
        """Components by index. Those of a kit cannot be deleted: if one is, a later entry ends the kit."""
        try:
            return tuple([(b"%d" % await self._keeper.sku_index(sku.decode()), units) for sku, units in named])
        except NotFound:
            return ()
