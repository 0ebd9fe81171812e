"""`promessa serve`: the process that starts, watches and ends all others. It answers no call and never loads gRPC.

Up: lock, ports, embedded store, data set, applier, workers; the last two load their programs while the data set is
prepared, and wait for it. Down: the same backwards, so that workers finish their calls while everything they need is
still there. Whatever dies in between is started again; the store comes back with its data at the same address, and the
workers find it again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from promessa.server.children import Child
from promessa.server.listen_port import PortError, hold_port
from promessa.server.logs import configure_logging
from promessa.server.metrics_page import MetricsPage, Tended
from promessa.server.run_file import RunFile, remove_run_file
from promessa.server.settings import RESOLVED_VARIABLE, START_FD_VARIABLE, Resolved, Settings, unknown_variables
from promessa.server.tended_store import TendedStore
from promessa.server.wakeups import Wakeups
from promessa.store.embedded import EmbeddedStoreError
from promessa.store.embedded.errors import unusable
from promessa.store.embedded.lock import DirectoryLock

log = structlog.get_logger()

FIRST_FAILURES_MAX = 5
"""A child that dies this often before it was ever ready will not get ready: the start is given up."""

APPLIER_GRACE_SECONDS = 5.0
ARCHIVER_GRACE_SECONDS = 10.0
KILL_MARGIN_SECONDS = 2.0
"""Workers end their grace by themselves; only one that hangs is killed after this much more."""

WAITING_NOTE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Commands:
    """The programs of the children. A worker gets `--index` and its number as well."""

    prepare: tuple[str, ...]
    applier: tuple[str, ...]
    worker: tuple[str, ...]
    archiver: tuple[str, ...] = ()


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", name)


COMMANDS = Commands(
    prepare=_module("promessa.server.prepare"),
    applier=_module("promessa.server.applier_main"),
    worker=_module("promessa.server.worker"),
    archiver=_module("promessa.server.archiver_main"),
)


class ChildFailed(Exception):
    """A child could not do what the start needs."""


class StopAsked(Exception):
    """Somebody asked to stop."""


def serve(settings: Settings, *, commands: Commands = COMMANDS) -> int:
    """Run until asked to stop (SIGTERM, SIGINT, SIGHUP). The exit code: 0 after a clean stop; 1 when the start failed,
    with the reason in the log, or when a child had to be killed."""
    configure_logging(settings.log_level)
    for variable in unknown_variables():
        log.warning("unknown_setting", variable=variable, advice="No setting has this name; check its spelling.")
    return Supervisor(settings, commands).run()


class Supervisor:
    """One server: its store, its children, its ports. Use from the main thread, once."""

    def __init__(self, settings: Settings, commands: Commands) -> None:
        self._settings = settings
        self._commands = commands
        self._wakeups = Wakeups()
        self._lock = DirectoryLock(settings.data_dir / "server.lock")
        self._port = 0
        self._store: TendedStore | None = None
        self._metrics: MetricsPage | None = None
        self._children: list[Child] = []
        self._was_ready = False
        self._exit_code = 0

    def run(self) -> int:
        """Everything, from the start to the end."""
        with self._wakeups, ExitStack() as undo:
            try:
                self._start(undo)
                self._announce()
                while True:
                    self._turn()
            except StopAsked:
                log.info("stopping", grace_seconds=self._settings.grace_seconds)
            except (EmbeddedStoreError, PortError, ChildFailed) as error:
                log.error("start_failed", reason=type(error).__name__, message=str(error))
                self._exit_code = 1
        log.info("stopped", exit_code=self._exit_code)
        return self._exit_code

    # Up: every step says at once how it is undone --------------------------------------------------------------------

    def _start(self, undo: ExitStack) -> None:
        self._own_data_dir(undo)
        self._take_ports(undo)
        resolved = self._settings.resolve(redis_url=self._start_store(undo), port=self._port)
        environment = self._environment(resolved)
        gate, prepared = os.pipe()
        undo.callback(os.close, gate)
        # If the start fails it is open until the children are gone: none of them may begin on no data set.
        opening = undo.enter_context(os.fdopen(prepared, "wb"))
        started = {**environment, START_FD_VARIABLE: str(gate)}
        inherit = [self._lock.fd, gate]
        applier = Child("applier", self._commands.applier, started, inherit=inherit)
        workers = [
            Child(f"worker-{i}", (*self._commands.worker, "--index", str(i)), started, inherit=inherit)
            for i in range(self._settings.workers)
        ]
        # All at once, for programs take long to load: they wait for the data set, and workers for the replica as well.
        self._launch_children([applier], APPLIER_GRACE_SECONDS, undo)
        if self._settings.archive_dir is not None:
            archiver = Child("archiver", self._commands.archiver, started, inherit=inherit)
            self._launch_children([archiver], ARCHIVER_GRACE_SECONDS, undo)
        self._launch_children(workers, self._settings.grace_seconds + KILL_MARGIN_SECONDS, undo)
        self._prepare(environment)
        opening.close()
        self._wait_until_ready()
        self._was_ready = True

    def _own_data_dir(self, undo: ExitStack) -> None:
        data_dir = self._settings.data_dir
        try:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unusable(data_dir, error) from error
        self._lock.acquire()
        undo.callback(self._lock.release)
        undo.callback(remove_run_file, data_dir)
        remove_run_file(data_dir)  # one that a killed server left

    def _take_ports(self, undo: ExitStack) -> None:
        held = undo.enter_context(hold_port(self._settings.host, self._settings.port))
        self._port = held.getsockname()[1]
        if self._settings.metrics_port:
            directory = self._settings.replica_file.with_name(self._settings.replica_file.name + ".metrics")
            self._metrics = MetricsPage(port=self._settings.metrics_port, directory=directory, tended=self._tended)
            undo.callback(self._metrics.close)

    def _start_store(self, undo: ExitStack) -> str:
        """The URL of the store; the embedded one runs then."""
        if self._settings.redis_url is not None:
            return self._settings.redis_url
        self._store = TendedStore(self._settings, check=self._raise_if_asked_to_stop)
        undo.callback(self._store.stop)
        self._store.start()
        return self._store.url

    def _environment(self, resolved: Resolved) -> dict[str, str]:
        environment = {**os.environ, RESOLVED_VARIABLE: resolved.model_dump_json()}
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        if self._metrics is not None:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(self._metrics.directory)
        return environment

    def _prepare(self, environment: dict[str, str]) -> None:
        child = Child("prepare", self._commands.prepare, environment)
        child.launch(time.monotonic())
        try:
            while (code := child.reap(time.monotonic())) is None:
                self._turn()
        finally:
            child.kill()
        if code != 0:
            raise ChildFailed(f"The data set could not be prepared (exit code {code}). The messages above say why.")

    def _launch_children(self, children: list[Child], grace_seconds: float, undo: ExitStack) -> None:
        """Start them together; those launched last are drained first."""
        undo.callback(self._drain, children, grace_seconds)
        for child in children:
            self._children.append(child)
            self._launch(child)
        self._write_run_file()

    def _wait_until_ready(self) -> None:
        """Until each child has said that it is ready."""
        note_at = time.monotonic() + WAITING_NOTE_SECONDS
        while waiting := [child.name for child in self._children if not child.ready]:
            self._turn()
            if time.monotonic() > note_at:
                log.info("waiting_for_children", children=waiting)
                note_at += WAITING_NOTE_SECONDS

    def _announce(self) -> None:
        self._write_run_file()
        settings = self._settings
        address = f"[{settings.host}]" if ":" in settings.host else settings.host
        parts = [f"{settings.workers} workers", "embedded store" if self._store else "store by URL"]
        if settings.metrics_port:
            parts.append(f"metrics on http://127.0.0.1:{settings.metrics_port}/metrics")
        try:
            print(f"promessa is ready on {address}:{self._port} ({', '.join(parts)})", flush=True)
        except OSError:
            pass  # nobody reads our standard output

    # While it runs ----------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Wait for something to happen, and do what it asks for."""
        self._raise_if_asked_to_stop()
        self._wait(self._seconds_to_next_restart())
        self._raise_if_asked_to_stop()
        now = time.monotonic()
        changed = [self._tend(child, now) for child in self._children]
        if self._store is not None:
            changed.append(self._store.tend(now))
        if any(changed):
            self._write_run_file()

    def _tend(self, child: Child, now: float) -> bool:
        """Notice a death, or start again what died long enough ago. Whether anything changed."""
        pid = child.pid
        code = child.reap(now)
        if code is not None:
            self._note_death(child, code, pid)
            return True
        if child.restart_at is None or now < child.restart_at:
            return False
        child.restart_count += 1
        self._launch(child)
        log.info("child_restarted", child=child.name, pid=child.pid, restart_count=child.restart_count)
        return True

    def _launch(self, child: Child) -> None:
        try:
            child.launch(time.monotonic())
        except OSError as error:  # out of processes, memory or descriptors: it may pass
            log.error("child_not_started", child=child.name, error=str(error))
            child.put_off(time.monotonic())

    def _note_death(self, child: Child, code: int, pid: int | None) -> None:
        log.error("child_died", child=child.name, pid=pid, exit_code=code, failure_count=child.backoff.failure_count)
        if self._metrics is not None and pid is not None:
            self._metrics.forget(pid)
        if not self._was_ready and child.backoff.failure_count >= FIRST_FAILURES_MAX:
            raise ChildFailed(
                f"{child.name} ended {FIRST_FAILURES_MAX} times before the server was ready, the last time with exit "
                f"code {code}. Its messages above say why."
            )

    def _wait(self, seconds: float) -> None:
        by_descriptor = {child.ready_fd: child for child in self._children if child.ready_fd is not None}
        for descriptor in self._wakeups.wait(by_descriptor, seconds=seconds):
            by_descriptor[descriptor].hear()

    def _seconds_to_next_restart(self) -> float:
        due = [child.restart_at for child in self._children if child.restart_at is not None]
        if self._store is not None and self._store.restart_at is not None:
            due.append(self._store.restart_at)
        return min([at - time.monotonic() for at in due], default=1.0)

    def _raise_if_asked_to_stop(self) -> None:
        if self._wakeups.stop_count:
            raise StopAsked

    # Down -------------------------------------------------------------------------------------------------------------

    def _drain(self, children: list[Child], grace_seconds: float) -> None:
        """Let the children finish; kill those that do not. A second wish to stop ends the patience."""
        for child in children:
            child.terminate()
        deadline = time.monotonic() + grace_seconds
        while left := [child for child in children if child.pid is not None and child.reap(time.monotonic()) is None]:
            if time.monotonic() >= deadline or self._wakeups.stop_count > 1:
                self._exit_code = 1
                log.error("children_killed", children=[child.name for child in left])
                break
            self._wakeups.wait([], seconds=min(deadline - time.monotonic(), 1.0))
        for child in children:
            child.kill()
            log.info("child_stopped", child=child.name)

    def _tended(self) -> Iterable[Tended]:
        return [*self._children, self._store] if self._store is not None else list(self._children)

    def _write_run_file(self) -> None:
        now_running = RunFile(
            supervisor_pid=os.getpid(),
            host=self._settings.host,
            port=self._port,
            tls=self._settings.tls_cert_file is not None,
            metrics_port=self._settings.metrics_port,
            ready=self._was_ready,
            replica_path=self._settings.replica_file,
            store_socket=self._store.socket if self._store else None,
            store_pid=self._store.pid if self._store else None,
            children={child.name: child.pid for child in self._children if child.pid is not None},
        )
        try:
            now_running.write(self._settings.data_dir)
        except OSError as error:  # a full disk is no reason to stop serving
            log.warning("run_file_not_written", error=str(error))
