"""The scripts of loadtests/ and bench/ are no packages; their directories go on the path."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
for name in ("loadtests", "bench"):
    if str(ROOT / name) not in sys.path:
        sys.path.append(str(ROOT / name))
