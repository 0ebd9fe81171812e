"""The catalogue as it is, and as it changes: read once, then followed through its log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis

from promessa.store.catalogue_codec import Record, decode_field
from promessa.store.keys import Keys

_BLOCK_MS = 1_000


class CatalogueLog:
    """Reads the catalogue of one data set. Errors of the connection come out as redis-py's own."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self._keys = keys
        self._position = 0

    @property
    def position(self) -> int:
        """Sequence of the last log entry that was taken over, by `load` or `changes`."""
        return self._position

    async def load(self) -> list[Record]:
        """All records, deleted ones too, as they are at one position, from which on the log is followed."""
        found = await self._redis.hgetall(self._keys.cells(self._keys.catalogue))
        self._position = int(found.get(b"seq", 0))
        return [record for field, value in found.items() if (record := decode_field(field, value))]

    async def find(self, kind: str, resource_id: str) -> tuple[Record, int] | None:
        """One record and the position it is of, None if there never was one."""
        field = f"{kind}:{resource_id}"
        value, position = await self._redis.hmget(self._keys.cells(self._keys.catalogue), field, "seq")
        record = None if value is None else decode_field(field.encode(), value)
        return None if record is None else (record, int(position))

    async def changes(self) -> AsyncIterator[list[Record]]:
        """What changes after the last load, for ever. Raises LookupError if the log no longer has what comes next."""
        key = self._keys.log(self._keys.catalogue)
        while True:
            reply: Any = await self._redis.execute_command(
                "XREAD", "COUNT", 500, "BLOCK", _BLOCK_MS, "STREAMS", key, f"{self._position}-0"
            )
            records: list[Record] = []
            for entry_id, fields in _entries(reply):
                sequence = int(entry_id.split(b"-")[0])
                if sequence != self._position + 1:
                    raise LookupError(f"The catalogue's log goes on with {sequence}, after {self._position}.")
                self._position = sequence
                records += [record for field, value in fields if (record := decode_field(field, value))]
            if records:
                yield records


def _entries(reply: Any) -> list[tuple[bytes, list[tuple[bytes, bytes]]]]:
    streams = list(reply.values()) if isinstance(reply, dict) else [stream[1] for stream in reply or []]
    entries = []
    for stream in streams:
        for page in stream if stream and isinstance(stream[0][0], list | tuple) else [stream]:
            for entry_id, fields in [page] if isinstance(page[0], bytes) else page:
                flat = fields.items() if isinstance(fields, dict) else zip(fields[::2], fields[1::2], strict=True)
                entries.append((entry_id, list(flat)))
    return entries
