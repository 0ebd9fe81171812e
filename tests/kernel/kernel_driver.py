"""Builds search_driver.c, the search without Python, and runs it on random instances."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
EXT = HERE.parents[1] / "ext"


def run(directory: Path, instances: int, *flags: str) -> list[list[str]]:
    """For each instance (but those with a malformed row) "proven unfilled cost fingerprint" of each plan."""
    driver = directory / "search_driver"
    warnings = ["-Wall", "-Wextra", "-Wno-unused-function", "-Werror"]
    command = ["gcc", "-std=c11", *warnings, *flags, f"-I{EXT}", str(HERE / "search_driver.c"), "-o", driver, "-lm"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    ran = subprocess.run([driver, str(instances)], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return [line.split(";")[:-1] for line in ran.stdout.splitlines()]
