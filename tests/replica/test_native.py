"""The C of the replica under the address and undefined-behaviour sanitizers, without Python around it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = (
    "-std=c11 -O1 -g -Wall -Wextra -Werror -Wno-unused-function -fsanitize=address,undefined -fno-sanitize-recover=all"
)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler here")
def test_random_histories_and_requests_touch_nothing_that_is_not_theirs(tmp_path: Path) -> None:
    driver = tmp_path / "fuzz_native"
    source = ROOT / "tests/replica/fuzz_native.c"
    subprocess.run(
        ["gcc", *FLAGS.split(), f"-I{ROOT / 'ext'}", str(source), "-o", str(driver)], check=True, timeout=120
    )
    done = subprocess.run([str(driver), "200000"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
