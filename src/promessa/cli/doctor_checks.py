"""The checks of `promessa doctor`, each a small function that finds one thing and gives advice.

They look from the outside in: this installation, this machine, the server's processes, its store, its services.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from promessa.cli.address import address_of
from promessa.cli.doctor_finding import Finding
from promessa.cli.doctor_health import health_finding
from promessa.cli.own_store import asked
from promessa.server.run_file import RunFile, read_run_file
from promessa.server.settings import Settings, SettingsError, unknown_variables
from promessa.store.consumers import Consumers
from promessa.store.fitness import shortcomings
from promessa.store.functions import LAYOUT_VERSION
from promessa.store.keys import Keys
from promessa.store.replica_source import ReplicaSource

FREE_DISK_MIN = 1 << 30
CLOCK_MS_MAX = 500
STALLED_SECONDS = 600
SERVICES = (
    "promessa.v1.AvailabilityService",
    "promessa.v1.ReservationService",
    "promessa.v1.InventoryService",
    "promessa.v1.NetworkService",
    "promessa.v1.PolicyService",
    "promessa.v1.SourcingService",
    "promessa.v1.OrderService",
    "promessa.v1.SupplyService",
    "promessa.v1.StockConfidenceService",
    "promessa.v1.ReportService",
    "promessa.v1.EventLogService",
)


def all_findings(address: str | None) -> list[Finding]:
    """Every check, in order."""
    findings = [program(), native_modules()]
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [*findings, Finding("settings", False, str(error), "Correct them; `promessa serve` cannot start so.")]
    run = read_run_file(settings.data_dir)
    findings += [settings_finding(settings), store_program(settings), directory(settings), shared_memory(settings)]
    findings += [port(settings, run), processes(settings, run)]
    findings += [_guarded("store", lambda: store(settings, run)), _guarded("clock", lambda: clock(settings, run))]
    findings.append(_guarded("log consumers", lambda: log_consumers(settings, run)))
    where = address or (address_of(run.host, run.port) if run else address_of(settings.host, settings.port))
    findings += [health_finding(where, service) for service in ("", *SERVICES)]
    return findings


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(
            name, False, f"it cannot be reached: {error}", "See the server's log; start it with `promessa serve`."
        )


def program() -> Finding:
    """Versions of promessa, Python and what matters below."""
    from importlib.metadata import PackageNotFoundError, version

    parts = [_own_version()]
    for package in ("grpcio", "protobuf", "redis"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            return Finding(
                "program", False, f"{package} is not installed", "Install promessa with pip, or `make setup`."
            )
    ok = sys.version_info >= (3, 11)
    where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("program", ok, f"{', '.join(parts)}; {where}", "" if ok else "promessa needs Python 3.11 or newer.")


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"promessa {version('promessa')}"
    except PackageNotFoundError:
        return "promessa from a source tree"


def native_modules() -> Finding:
    """Replica and kernel are compiled."""
    try:
        import promessa.kernel
        import promessa.replica  # noqa: F401
    except ImportError as error:
        advice = "Build them: `pip install .` with gcc there, or `make setup` in a checkout."
        return Finding("native modules", False, f"they cannot be loaded: {error}", advice)
    return Finding("native modules", True, "replica and kernel load")


def settings_finding(settings: Settings) -> Finding:
    """The settings are good, and no variable is misspelled."""
    from promessa.cli.channel import CLIENT_VARIABLES

    unknown = [name for name in unknown_variables() if name not in CLIENT_VARIABLES]
    if unknown:
        return Finding("settings", False, f"no setting has the name {', '.join(unknown)}", "Check the spelling.")
    own = sum(line.origin != "default" for line in settings.describe())
    return Finding("settings", True, f"{own} set, the others at their defaults; --settings lists them")


def store_program(settings: Settings) -> Finding:
    """The server program of the embedded store."""
    if settings.redis_url is not None:
        return Finding("store program", True, "not needed, the store is given by URL")
    from promessa.store.embedded.binary import find_binary
    from promessa.store.embedded.errors import EmbeddedStoreError

    try:
        found = find_binary(settings.store_binary)
    except EmbeddedStoreError as error:
        return Finding("store program", False, str(error))
    return Finding("store program", True, f"{found.flavour} {'.'.join(map(str, found.version))}, {found.path}")


def directory(settings: Settings) -> Finding:
    """The data directory can be written, and there is room."""
    path = settings.data_dir
    existing = next(each for each in (path, *path.parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "data directory",
            False,
            f"{existing} cannot be written",
            "Give this user the right, or set PROMESSA_DATA_DIR.",
        )
    free = shutil.disk_usage(existing).free
    found = f"{path}, {free / (1 << 30):,.1f} GiB free"
    ok = free >= FREE_DISK_MIN
    return Finding("data directory", ok, found, "" if ok else "Free some space; the store stops when it is full.")


def shared_memory(settings: Settings) -> Finding:
    """There is room for the replica where it will be."""
    place = settings.replica_file.parent
    if place != Path("/dev/shm"):
        advice = "Reads are slower from a disk. In a container, mount a tmpfs at /dev/shm."
        known = settings.replica_path is not None
        return Finding("shared memory", known, f"the replica is in {place}", "" if known else advice)
    free = shutil.disk_usage(place).free
    ok = free >= min(settings.replica_max_bytes, 256 << 20)
    advice = "" if ok else "Give /dev/shm more room (docker run --shm-size=1g), or lower PROMESSA_REPLICA_MAX_BYTES."
    return Finding("shared memory", ok, f"{place}, {free / (1 << 30):,.1f} GiB free", advice)


def port(settings: Settings, run: RunFile | None) -> Finding:
    """The gRPC port is ours or free."""
    if run is not None:
        return Finding("port", True, f"{run.host}:{run.port}, held by our server")
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            advice = (
                "Stop the program that uses it, or choose another port with PROMESSA_PORT. If it is a promessa, name its "
                "PROMESSA_DATA_DIR: `promessa doctor` then looks at it."
            )
            return Finding("port", False, f"{settings.host}:{settings.port} cannot be used: {error.strerror}", advice)
    return Finding("port", True, f"{settings.host}:{settings.port} is free")


def processes(settings: Settings, run: RunFile | None) -> Finding:
    """A server runs on the data directory, and all its children are up."""
    if run is None:
        advice = "Start it with `promessa serve`, or name another directory with PROMESSA_DATA_DIR."
        return Finding("server", False, f"none runs on {settings.data_dir}", advice)
    if not run.ready:
        return Finding(
            "server", False, f"it is starting (process {run.supervisor_pid})", "Wait a moment; its log says what for."
        )
    names = ", ".join(f"{name} {pid}" for name, pid in sorted(run.children.items()))
    wanted = 1 + settings.workers
    ok = len(run.children) >= wanted
    advice = "" if ok else "Some processes are being restarted; the server's log says why they ended."
    return Finding("server", ok, f"supervisor {run.supervisor_pid}, {names}", advice)


def store(settings: Settings, run: RunFile | None) -> Finding:
    """The store answers, has the library and the replicas that must confirm a change, and is set to keep what is promised."""
    info = asked(settings, run, lambda redis: redis.info())
    libraries = asked(settings, run, lambda redis: redis.function_list(library="promessa*"))
    flavour = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info["redis_version"]
    loaded = ", ".join(sorted(_text(library[1]) for library in libraries)) or "none"
    durable = "on" if info["aof_enabled"] else "off"
    replicas, wanted = info["connected_slaves"], settings.confirming_replicas
    found = f"{flavour} {version}, {info['used_memory_human']}, library {loaded}, AOF {durable}, {replicas} replicas"
    if not libraries:
        return Finding("store", False, found, "Start `promessa serve` on it once: it installs its library.")
    layout = _text(asked(settings, run, lambda redis: redis.hget(Keys(settings.namespace, 0).meta, "layout")) or "")
    if layout and int(layout) != LAYOUT_VERSION:
        advice = "Use the promessa version that wrote them, or another PROMESSA_NAMESPACE."
        return Finding("store", False, f"{found}; its data have layout {layout}, not {LAYOUT_VERSION}", advice)
    if info.get("aof_last_write_status", "ok") != "ok":
        return Finding("store", False, f"{found}; the last write to the AOF failed", "Look at the disk's space.")
    if replicas < wanted:
        advice = (
            f"{wanted} must confirm every change (PROMESSA_STORE_REPLICAS); until then the answer is OUTCOME_UNKNOWN."
        )
        return Finding("store", False, found, advice)
    lacking = asked(settings, run, lambda redis: shortcomings(redis, durability=settings.durability))
    if lacking:
        advice = f"PROMESSA_DURABILITY={settings.durability} promises more than the store is set to keep. Set it there."
        return Finding("store", False, f"{found}; {'; '.join(lacking)}", advice)
    return Finding("store", True, found)


def clock(settings: Settings, run: RunFile | None) -> Finding:
    """The store's clock, which decides when holds end, agrees with ours."""
    before = time.time()
    seconds, micros = asked(settings, run, lambda redis: redis.time())
    apart_ms = abs((before + time.time()) / 2 - (seconds + micros / 1e6)) * 1000
    ok = apart_ms <= CLOCK_MS_MAX
    advice = "" if ok else "Let NTP set both clocks: holds end by the store's clock, counts carry the sender's."
    return Finding("clock", ok, f"{apart_ms:,.0f} ms apart from the store's", advice)


def log_consumers(settings: Settings, run: RunFile | None) -> Finding:
    """Whoever reads the event log for good keeps up with it: what one has not done is kept, in memory."""

    async def look(redis: Any) -> Any:
        partitions = int(await redis.hget(Keys(settings.namespace, 0).meta, "partitions") or 0)
        keys = Keys(settings.namespace, partitions)
        return await Consumers(redis, keys).all(), await ReplicaSource(redis, redis.connection_pool, keys).heads()

    consumers, heads = asked(settings, run, look)
    since_ms = (time.time() - STALLED_SECONDS) * 1000
    stalled = [each for each in consumers if each.lag(heads) and each.caught_up_ms < since_ms]
    if not stalled:
        return Finding("log consumers", True, f"{len(consumers)}, none stands still")
    found = ", ".join(f"{each.name} is {each.lag(heads):,} entries behind" for each in stalled)
    advice = "See why it does not go on, or let it go: `promessa consumers remove NAME`. The log grows meanwhile."
    return Finding("log consumers", False, f"{found}, for more than {STALLED_SECONDS // 60} minutes", advice)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
