"""Makes the helpers of bench/ importable here: starting servers, generating a chain, and the empty server."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCH = HERE.parent / "bench"
for directory in (HERE, BENCH):
    if str(directory) not in sys.path:
        sys.path.append(str(directory))
