"""The chain of the load tests: small enough to load in a moment, and so little stock that some of it sells out."""

from __future__ import annotations

import _paths  # noqa: F401
from chain import Chain

CHAIN = Chain(node_count=60, sku_count=120, on_hand=(5, 60))
