"""The catalogue of one process: loaded, followed, and asked for what came a moment ago through another process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import NotFound
from promessa.store.catalogue_codec import Record
from promessa.store.catalogue_log import CatalogueLog

RETRY_SECONDS = 0.5
WAIT_STEPS, WAIT_STEP_SECONDS = 100, 0.001


class CatalogueKeeper:
    """Keeps `catalogue` up to date. A caller who puts a sku here and uses it here finds it at once."""

    def __init__(
        self,
        log: CatalogueLog,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_error: Callable[[str, BaseException], None] = lambda what, error: None,
    ) -> None:
        self._log = log
        self._sleep = sleep
        self._on_error = on_error
        self.catalogue = Catalogue()
        self._ahead: dict[tuple[str, str], int] = {}

    @property
    def position(self) -> int:
        """Sequence of the catalogue's log that `catalogue` has all changes up to; see Catalogue.seen for later ones."""
        return self._log.position

    async def load(self) -> None:
        """Take over all records of the store."""
        for record in await self._log.load():
            self.take(record)
        self._ahead.clear()
        self._see()

    async def follow(self) -> None:
        """Until cancelled: take over changes; load again after whatever goes wrong."""
        while True:
            try:
                async for records in self._log.changes():
                    for record in records:
                        self.take(record)
                        self._ahead.pop(record[:2], None)
                    self._see()
            except Exception as error:
                self._on_error("the catalogue is loaded again", error)
                await self._sleep(RETRY_SECONDS)
                await self._load_or_complain()

    def take(self, record: Record) -> None:
        """Take over one record."""
        kind, resource_id, index, resource, state = record
        self.catalogue.put(kind, resource_id, index, resource, state if kind == "node" else 0)

    def _see(self) -> None:
        """Say what the catalogue is of: the log's position, and records that are of a later one."""
        position = self._log.position
        self._ahead = {name: at for name, at in self._ahead.items() if at > position}
        ahead = tuple([(kind, resource_id, at) for (kind, resource_id), at in self._ahead.items()])
        self.catalogue.seen = self.catalogue.seen._replace(position=position, ahead=ahead)

    async def reach(self, sequence: int) -> None:
        """Return once all changes up to a sequence of the log are taken over."""
        for _ in range(WAIT_STEPS):
            if self.position >= sequence:
                return
            await self._sleep(WAIT_STEP_SECONDS)
        await self.load()

    async def find_sku(self, sku: str) -> int | None:
        """Index of a sku, looked for in the store too; None if there is none."""
        return await self._find("sku", sku)

    async def sku_index(self, sku: str) -> int:
        """Index of a sku. Raises NotFound (SKU_NOT_FOUND)."""
        index = self.catalogue.skus.index_of.get(sku)
        if index is None:
            index = await self._find("sku", sku)
        if index is None:
            raise NotFound("SKU_NOT_FOUND", f"There is no sku {sku!r}. Put it first, or correct the id.", sku=sku)
        return index

    async def node_index(self, node_id: str) -> int:
        """Index of a node. Raises NotFound (NODE_NOT_FOUND)."""
        index = self.catalogue.nodes.index_of.get(node_id)
        if index is None:
            index = await self._find("node", node_id)
        if index is None:
            raise NotFound(
                "NODE_NOT_FOUND", f"There is no node {node_id!r}. Put it first, or correct the id.", node_id=node_id
            )
        return index

    async def refresh(self, kind: str, resource_id: str) -> bool:
        """Take one record over from the store; whether it is live."""
        found = await self._log.find(kind, resource_id)
        if found is None:
            return False
        self._take_ahead(*found)
        self._see()
        return found[0][3] is not None

    async def refresh_together(self, names: Sequence[tuple[str, str]]) -> None:
        """Take records of (kind, id) over from the store, all at once: nobody sees some of them changed and others not."""
        for found in [await self._log.find(kind, resource_id) for kind, resource_id in names]:
            if found is not None:
                self._take_ahead(*found)
        self._see()

    def _take_ahead(self, record: Record, position: int) -> None:
        """Take over one record as it is at a position that the log may not have reached here."""
        self.take(record)
        self._ahead[record[:2]] = position

    async def _find(self, kind: str, resource_id: str) -> int | None:
        await self.refresh(kind, resource_id)
        return self.catalogue.directory(kind).index_of.get(resource_id)

    async def _load_or_complain(self) -> None:
        try:
            await self.load()
        except Exception as error:
            self._on_error("the catalogue cannot be loaded", error)
