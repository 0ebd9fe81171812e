"""A real server with two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import Running

from promessa.server.run_file import read_run_file


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A server with two workers on an embedded store."""
    environment = {
        **os.environ,
        "PROMESSA_DATA_DIR": str(tmp_path),
        "PROMESSA_PORT": "0",
        "PROMESSA_METRICS_PORT": "0",
        "PROMESSA_STORE_BINARY": os.environ.get("PROMESSA_TEST_SERVER", ""),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "promessa.cli.main", "serve"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "promessa is ready" in process.stdout.readline()
    run = read_run_file(tmp_path)
    assert run is not None
    yield Running(run)
    process.terminate()
    process.wait(60)
