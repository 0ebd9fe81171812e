"""`python -m promessa.archive.report_main`: makes one report, asked for and answered as JSON on standard input and output.

A process of its own: however large the question, serving does not feel it, and its memory is gone with it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from promessa.archive.directory import ArchiveDirectory
from promessa.archive.reports import make_report

NICENESS = 10


def main() -> None:
    os.nice(NICENESS)
    asked = json.load(sys.stdin)
    directory = ArchiveDirectory(Path(asked.pop("directory")))
    json.dump(asdict(make_report(directory, asked.pop("name"), **asked)), sys.stdout)


if __name__ == "__main__":
    main()
