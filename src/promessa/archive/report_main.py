"""`python -m promessa.archive.report_main QUESTION`: makes one report, or finds orders behind one; both are told in JSON.

A process of its own: however large the question, serving does not feel it, and its memory is gone with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from promessa.archive.directory import ArchiveDirectory
from promessa.archive.reports import OrdersBehind, Report, find_orders, make_report
from promessa.domain.limits import REPORT_SECONDS_MAX

NICENESS = 10
_ANSWERS: dict[str, Callable[..., Report | OrdersBehind]] = {"report": make_report, "orders": find_orders}


def main() -> None:
    os.nice(NICENESS)
    signal.alarm(round(REPORT_SECONDS_MAX))  # whoever asked may be gone
    asked = json.loads(sys.argv[1])
    directory = ArchiveDirectory(Path(asked.pop("directory")))
    answer = _ANSWERS[asked.pop("what")]
    json.dump(asdict(answer(directory, asked.pop("name"), **asked)), sys.stdout)


if __name__ == "__main__":
    main()
