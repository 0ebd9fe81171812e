"""Where the server is: as said, else as the run.json of the default data directory says, else where one would listen."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", "50051"
DEFAULT_ADDRESS = f"{DEFAULT_HOST}:{DEFAULT_PORT}"


def data_dir() -> Path:
    """The data directory that `promessa serve` would use here."""
    named = os.environ.get("PROMESSA_DATA_DIR")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "promessa"


def resolve_address(address: str | None) -> str:
    """The address to call."""
    if address:
        return address if ":" in address else f"{address}:{DEFAULT_PORT}"
    return address_in(data_dir()) or usual_address()


def usual_address() -> str:
    """Where `promessa serve` would listen here, by the variables of its settings."""
    port = os.environ.get("PROMESSA_PORT") or DEFAULT_PORT
    return address_of(os.environ.get("PROMESSA_HOST") or DEFAULT_HOST, DEFAULT_PORT if port == "0" else port)


def address_in(directory: Path) -> str | None:
    """The address of the server that runs on a data directory."""
    if not (directory / "run.json").exists():
        return None
    from promessa.server.run_file import read_run_file

    found = read_run_file(directory)
    if found is None:
        return None
    return address_of(found.host, found.port)


def address_of(host: str, port: int | str) -> str:
    """How to call a server of this machine that listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
