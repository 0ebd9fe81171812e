"""The kernel's tests share their builders with each other, and the MIP oracle and instances with bench/."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "bench")]
