"""A child of the supervisor that does nothing but keep to the rules, and write down what happens to it.

stand_in.py JOURNAL [--role prepare|applier|worker] [--index N] [--gate FILE] [--exit CODE] [--deaf]
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path
from typing import NoReturn

from promessa.server.settings import read_resolved, report_ready, wait_for_start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    parser.add_argument("--role", required=True)
    parser.add_argument("--index", type=int)
    parser.add_argument("--gate", type=Path, help="be ready, or end, only when this file is there")
    parser.add_argument("--exit", type=int, help="end with this code instead of being ready")
    parser.add_argument("--deaf", action="store_true", help="do not stop when asked to")
    arguments = parser.parse_args()
    name = arguments.role if arguments.index is None else f"{arguments.role}-{arguments.index}"

    def note(what: str) -> None:
        with arguments.journal.open("a") as journal:
            journal.write(f"{name} {what}\n")

    def stop(*_: object) -> NoReturn:
        note("stopped")
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if arguments.deaf else stop)
    wait_for_start()
    resolved = read_resolved()
    note(f"started {os.getpid()} {resolved.port} {resolved.redis_url}")
    while arguments.gate is not None and not arguments.gate.exists():
        time.sleep(0.02)
    if arguments.exit is not None:
        raise SystemExit(arguments.exit)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import Counter

        Counter("stand_in_starts", "Starts of stand-ins.").inc()
    note("ready")
    report_ready()
    while True:
        time.sleep(0.1)  # not signal.pause: a signal just before it would be heard with the next one


if __name__ == "__main__":
    main()
