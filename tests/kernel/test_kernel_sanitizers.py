"""The C core by itself under the address, undefined-behaviour and thread sanitizers, on random instances."""

import shutil
from pathlib import Path

import kernel_driver
import pytest

INSTANCES = 1_500
PARALLEL_INSTANCES = 300

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


@pytest.mark.parametrize("set_shipments", [0, 4, 64])
def test_the_search_touches_no_memory_but_its_own_and_has_no_undefined_behaviour(
    tmp_path: Path, set_shipments: int
) -> None:
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    flags = ["-O1", "-g", *sanitizers, f"-DPK_SET_SHIPMENTS={set_shipments}"]
    instances = kernel_driver.run(tmp_path, INSTANCES, *flags)
    assert sum(plans[0].startswith("1 ") for plans in instances) > INSTANCES // 2


def test_threads_that_share_a_network_do_not_meet(tmp_path: Path) -> None:
    flags = ["-O1", "-g", "-D_GNU_SOURCE", "-fsanitize=thread", "-pthread"]
    program = kernel_driver.build(tmp_path, "parallel_driver", *flags)
    assert int(kernel_driver.output(program, PARALLEL_INSTANCES)) == PARALLEL_INSTANCES
