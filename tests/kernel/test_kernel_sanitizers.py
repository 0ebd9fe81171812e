"""The C core by itself under AddressSanitizer and UndefinedBehaviorSanitizer, on random instances."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXT = HERE.parents[1] / "ext"
INSTANCES = 1_500


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_the_search_touches_no_memory_but_its_own_and_has_no_undefined_behaviour(tmp_path: Path) -> None:
    driver = tmp_path / "sanitizer_driver"
    flags = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wno-unused-function", "-Werror"]
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    source = HERE / "sanitizer_driver.c"
    command = ["gcc", *flags, *sanitizers, f"-I{EXT}", str(source), "-o", str(driver), "-lm"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    run = subprocess.run([driver, str(INSTANCES)], capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > INSTANCES // 2
