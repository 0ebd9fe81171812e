"""The search against every plan there is: 200,000 random instances, in C, so that it takes seconds."""

import shutil
from pathlib import Path

import kernel_driver
import pytest

ODD = ["-Wno-array-bounds"]
"""A table of one line has its bounds checked as if larger ones were read from it."""

BUILDS = {
    "as it is": (100_000, []),
    "by columns": (20_000, ["-DPK_SET_SHIPMENTS=0"]),
    "in small looks": (40_000, ["-DPK_PATIENCE=2", "-DPK_DIVISIONS=1"]),
    "levels without the table": (20_000, ["-DPK_TABLE_LINES=1", *ODD]),
    "levels without the table, by columns": (20_000, ["-DPK_TABLE_LINES=1", *ODD, "-DPK_SET_SHIPMENTS=0"]),
}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize("build", BUILDS)
def test_no_plan_is_called_proven_that_is_not_the_first_and_none_breaks_a_rule(tmp_path: Path, build: str) -> None:
    instances, flags = BUILDS[build]
    program = kernel_driver.build(tmp_path, "exact_driver", "-O2", *flags)
    proven = int(kernel_driver.output(program, instances, 1 + len(flags)))
    assert 0.9 * instances < proven < instances, "short budgets leave some unproven"
