"""The embedded store under the supervisor's care: started with progress, started again when it dies."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from promessa.server.children import Backoff
from promessa.server.settings import Settings
from promessa.store.embedded import EmbeddedStore, EmbeddedStoreError

log = structlog.get_logger()

PROGRESS_SECONDS = 2.0
"""How often the reading back of much data is reported."""


class TendedStore:
    """An embedded store that comes back. `check` is called while it starts and may raise to give up."""

    name = "store"

    def __init__(self, settings: Settings, *, check: Callable[[], None]) -> None:
        self.restart_at: float | None = None
        self.restart_count = 0
        self._check = check
        self._backoff = Backoff()
        self._started_at = 0.0
        self._told_at = 0.0
        self._store = EmbeddedStore(
            settings.data_dir,
            durability=settings.durability,
            binary=settings.store_binary,
            memory_bytes_max=settings.store_memory_bytes_max,
        )

    @property
    def up(self) -> bool:
        return self._store.alive()

    @property
    def pid(self) -> int | None:
        return self._store.pid

    @property
    def socket(self) -> Path:
        return self._store.socket

    @property
    def url(self) -> str:
        return self._store.url

    def start(self) -> None:
        """Return when the store serves. Raises EmbeddedStoreError, and what `check` raises."""
        self._started_at = self._told_at = time.monotonic()
        self._store.start(self._tell_progress)
        self.restart_at = None
        log.info("store_started", pid=self.pid, version=self._version(), seconds=round(self._age(), 3))

    def stop(self) -> None:
        """Let it write everything and end."""
        self._store.stop()
        log.info("store_stopped", exit_code=self._store.exit_code)

    def tend(self, now: float) -> bool:
        """Notice a death, or start again. Whether anything changed. Blocks while the store reads its data back."""
        if self.restart_at is not None:
            return now >= self.restart_at and self._start_again()
        if self._store.alive():
            return False
        log.error("store_died", exit_code=self._store.exit_code, log=str(self._store.log_path))
        self._put_off()
        return True

    def _start_again(self) -> bool:
        self.restart_count += 1
        try:
            self.start()
        except EmbeddedStoreError as error:
            log.error("store_not_restarted", reason=type(error).__name__, message=str(error))
            self._put_off()
        return True

    def _put_off(self) -> None:
        self.restart_at = time.monotonic() + self._backoff.delay_seconds(lived_seconds=self._age())

    def _age(self) -> float:
        return time.monotonic() - self._started_at

    def _tell_progress(self, percent: float) -> None:
        self._check()
        if time.monotonic() - self._told_at > PROGRESS_SECONDS:
            self._told_at = time.monotonic()
            log.info("store_reads_its_data_back", percent=round(percent, 1))

    def _version(self) -> str:
        binary = self._store.binary
        assert binary is not None
        return f"{binary.flavour} {'.'.join(map(str, binary.version))}"
