"""Builds a driver, the search without Python, and runs it on random instances."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
EXT = HERE.parents[1] / "ext"


def build(directory: Path, driver: str, *flags: str) -> Path:
    """The program of tests/kernel/<driver>.c."""
    program = directory / driver
    warnings = ["-Wall", "-Wextra", "-Wno-unused-function", "-Werror"]
    command = ["gcc", "-std=c11", *warnings, *flags, f"-I{EXT}", str(HERE / f"{driver}.c"), "-o", program, "-lm"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return program


def output(program: Path, *arguments: int) -> str:
    ran = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def run(directory: Path, instances: int, *flags: str) -> list[list[str]]:
    """For each instance (but those with a malformed row) "proven unfilled cost fingerprint" of each plan."""
    program = build(directory, "search_driver", *flags)
    return [line.split(";")[:-1] for line in output(program, instances).splitlines()]
