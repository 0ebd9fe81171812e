"""What is measured is checked, too: the modules of bench/ are found like those of the kernel's tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
