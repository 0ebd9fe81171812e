"""The C core by itself under AddressSanitizer and UndefinedBehaviorSanitizer, on random instances."""

import shutil
from pathlib import Path

import kernel_driver
import pytest

INSTANCES = 1_500


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize("set_shipments", [0, 4, 64])
def test_the_search_touches_no_memory_but_its_own_and_has_no_undefined_behaviour(
    tmp_path: Path, set_shipments: int
) -> None:
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    flags = ["-O1", "-g", *sanitizers, f"-DPK_SET_SHIPMENTS={set_shipments}"]
    instances = kernel_driver.run(tmp_path, INSTANCES, *flags)
    assert sum(plans[0].startswith("1 ") for plans in instances) > INSTANCES // 2
