"""The archiver: a consumer of the event logs that makes Parquet files of them.

    begin    own the directory, find the consumer's place, remove what was not committed, know what everything counted
    archive  read every log up to its head; rows into a segment; a full segment, and the last one, is finished
    finish   files whole and on the disk, then the positions: what is committed is there, what is not is made again
    compact  when all is archived, the files of a day that is over become one, see `compaction.py`

An entry that cannot be read becomes a dead letter with its bytes, and the rest goes on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from promessa.archive import compaction, dead_letters
from promessa.archive.beginning import counts_now, first_positions
from promessa.archive.counts import Counts
from promessa.archive.decoding import BadEntry, Decoder
from promessa.archive.directory import ArchiveDirectory, ArchiveError, Identity
from promessa.archive.names import Names, Unnamed
from promessa.archive.segment import Segment
from promessa.archive.state import read_state, write_state
from promessa.domain.limits import ARCHIVE_SEGMENT_ROWS_MAX, ARCHIVE_STATE_ROWS, DEAD_LETTERS_MAX
from promessa.store.archive_log import ArchiveLog
from promessa.store.consumers import ARCHIVE, Consumer, Consumers

log = structlog.get_logger()


@dataclass(slots=True)
class Archived:
    """What an archiver did since it began, for metrics."""

    entries: int = 0
    rows: int = 0
    segments: int = 0
    dead_letters: int = 0


class Archiver:
    """Archives one data set into one directory. `on_step` is told of every step that a crash could follow."""

    def __init__(
        self,
        source: ArchiveLog,
        consumers: Consumers,
        directory: ArchiveDirectory,
        identity: Identity,
        *,
        now_ms: Callable[[], int],
        segment_rows_max: int = ARCHIVE_SEGMENT_ROWS_MAX,
        state_rows: int = ARCHIVE_STATE_ROWS,
        on_step: Callable[[str], None] = lambda step: None,
    ) -> None:
        self._source = source
        self._consumers = consumers
        self._directory = directory
        self._identity = identity
        self._now_ms = now_ms
        self._segment_rows_max = segment_rows_max
        self._state_rows = state_rows
        self._on_step = on_step
        self._names = Names()
        self._rows_since_state = 0
        self.archived = Archived()

    async def begin(self) -> None:
        """Find the place to go on from. Raises ArchiveError."""
        self._directory.own(self._identity)
        consumer = await self._consumers.get(ARCHIVE)
        if consumer is None:
            if self._directory.states() or self._directory.segments():
                raise ArchiveError(
                    f"The store knows no consumer {ARCHIVE!r}, and {self._directory.path} holds an archive: what came between "
                    "may be lost. Name another directory to begin a new one."
                )
            positions = await first_positions(self._source)
            consumer = await self._consumers.register(ARCHIVE, positions, now_ms=self._now_ms())
            self._on_step("registered")
        compaction.cut(self._directory, consumer.revision, consumer.positions)
        self._on_step("cut")
        gone = self._directory.forget_after(consumer.revision)
        if gone:
            log.info("archive set back", revision=consumer.revision, files_removed=gone)
        self._on_step("set back")
        if consumer.revision == 0:
            asked_ms = self._now_ms()
            counts, positions = await counts_now(self._source, consumer.positions)
            write_state(self._directory, 1, counts)
            self._on_step("first state")
            consumer = await self._consumers.commit(consumer, positions, caught_up_ms=asked_ms)
            self._on_step("committed")
        else:
            counts = read_state(self._directory, consumer.revision)
        self._consumer: Consumer = consumer
        self._counts: Counts = counts
        self._decoder = Decoder(self._names, counts)
        self._positions = list(consumer.positions)
        self._epoch = consumer.epoch
        await self._read_names()

    async def archive(self) -> None:
        """Everything that the logs have now. Raises OvertakenConsumer, ArchiveError; begin again after any error."""
        asked_ms = self._now_ms()
        heads, self._epoch = await self._source.heads(), await self._source.epoch()
        segment = self._new_segment()
        try:
            async with self._source.stretches() as stretches:
                for partition, head in enumerate(heads):
                    async for entries in stretches.between(partition, self._positions[partition], head):
                        for sequence, flat in entries:
                            await self._take(segment, partition, sequence, flat)
                        self._positions[partition] = entries[-1][0]
                        if segment.row_count >= self._segment_rows_max:
                            await self._finish(segment, caught_up_ms=self._consumer.caught_up_ms)
                            segment = self._new_segment()
            await self._finish(segment, caught_up_ms=asked_ms)
        finally:
            segment.drop()

    def compact(self) -> bool:
        """Make one file of those of one finished day of one table; False: none has several."""
        return compaction.compact(self._directory, now_ms=self._now_ms(), on_step=self._on_step)

    async def replay_dead_letters(self) -> dead_letters.Replayed:
        """Read what could not be read once more."""
        await self._read_names()
        revision = self._consumer.revision
        return dead_letters.replay(self._directory, self._names, revision=revision, on_step=self._on_step)

    @property
    def consumer(self) -> Consumer:
        """The place committed last."""
        return self._consumer

    def close(self) -> None:
        """Give up the directory."""
        self._directory.close()

    async def _take(self, segment: Segment, partition: int, sequence: int, flat: Sequence[bytes]) -> None:
        self.archived.entries += 1
        try:
            try:
                rows = self._decoder.rows(partition, sequence, flat, epoch=self._epoch)
            except Unnamed:
                await self._read_names()
                rows = self._decoder.rows(partition, sequence, flat, epoch=self._epoch)
        except (BadEntry, Unnamed) as error:
            self._bury(segment.revision, partition, sequence, flat, str(error))
            return
        segment.add(rows)

    def _bury(self, revision: int, partition: int, sequence: int, flat: Sequence[bytes], why: str) -> None:
        """Set an entry aside. Raises ArchiveError when there are so many that something else must be wrong."""
        log.error("dead letter", partition=partition, sequence=sequence, why=why)
        if len(self._directory.letters()) >= DEAD_LETTERS_MAX:
            raise ArchiveError(
                f"{self._directory.dead_letters} has {DEAD_LETTERS_MAX} entries that could not be read. Look at them, update "
                "promessa, and run `promessa archive replay-dead-letters`."
            )
        letter = {
            "partition": partition,
            "sequence": sequence,
            "epoch": self._epoch,
            "why": why,
            "entry": [base64.b64encode(each).decode() for each in flat],
        }
        self._directory.put(self._directory.letter_path(revision, partition, sequence), json.dumps(letter).encode())
        self.archived.dead_letters += 1
        self._on_step("buried")

    def _new_segment(self) -> Segment:
        return Segment(self._directory, self._consumer.revision + 1)

    async def _finish(self, segment: Segment, *, caught_up_ms: int) -> None:
        """Have the segment last, then say so. One without rows says only how far this has come."""
        if segment.row_count:
            segment.write(self._on_step)
            self.archived.segments += 1
            self.archived.rows += segment.row_count
            self._rows_since_state += segment.row_count
        if self._rows_since_state >= self._state_rows:
            write_state(self._directory, segment.revision, self._counts)
            self._rows_since_state = 0
            self._on_step("state")
        self._consumer = await self._consumers.commit(self._consumer, self._positions, caught_up_ms=caught_up_ms)
        self._on_step("committed")

    async def _read_names(self) -> None:
        self._names.see_all(await self._source.named())
