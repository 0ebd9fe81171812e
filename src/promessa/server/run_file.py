"""run.json in the data directory: how to find a server that runs there. The command line reads it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

NAME = "run.json"


class RunFile(BaseModel, frozen=True):
    """What runs. No secrets: a store that was given by URL is not named."""

    supervisor_pid: int
    host: str
    port: int
    tls: bool
    metrics_port: int
    """0 when there is no metrics page."""
    ready: bool
    """Every child has once been ready; those that died since are being restarted."""
    replica_path: Path
    store_socket: Path | None = None
    """None when the store was given by URL."""
    store_pid: int | None = None
    children: dict[str, int] = {}
    """Process ids by name: applier, worker-0, worker-1, …; without those that are down right now."""

    def write(self, data_dir: Path) -> None:
        """Replace the file in one step: a reader sees the old one or the new one."""
        fresh = data_dir / f"{NAME}.new"
        fresh.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(data_dir / NAME)


def read_run_file(data_dir: Path) -> RunFile | None:
    """The server that runs on the data directory; None when none does, also when it was killed and left its file."""
    try:
        found = RunFile.model_validate_json((data_dir / NAME).read_bytes())
        os.kill(found.supervisor_pid, 0)
    except (FileNotFoundError, ValidationError, ProcessLookupError):
        return None
    except PermissionError:
        pass  # it runs, as another user
    return found


def remove_run_file(data_dir: Path) -> None:
    """At a clean stop."""
    (data_dir / NAME).unlink(missing_ok=True)
