"""The Cython extensions of promessa; every other fact about the package stands in pyproject.toml.

PROMESSA_DEBUG=1 builds with bounds checks, asserts and debug symbols; the release build has none of them.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("PROMESSA_DEBUG") == "1"
FLAGS = ["-O1", "-g"] if DEBUG else ["-O3", "-DNDEBUG"]
DIRECTIVES = {
    "language_level": "3str",
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "embedsignature": True,
}


def extension(module: str, source: str, *, depends: list[str]) -> Extension:
    return Extension(
        module,
        [f"ext/{source}"],
        include_dirs=["ext"],
        depends=[f"ext/{name}" for name in depends],
        extra_compile_args=["-std=c11", "-Wall", "-Wno-unused-function", *FLAGS],
    )


KERNEL = sorted(path.name for path in Path("ext").glob("kernel*.h"))

setup(
    ext_modules=cythonize(
        [
            extension("promessa.kernel._kernel", "_kernel.pyx", depends=KERNEL),
            extension("promessa.replica._replica", "_replica.pyx", depends=["replica.h", "wire.h"]),
            extension("promessa.store._ledger", "_ledger.pyx", depends=["replica.h"]),
            extension("promessa.store._operations", "_operations.pyx", depends=[]),
            extension("promessa.service._mailbox", "_mailbox.pyx", depends=["mailbox.h"]),
            extension("promessa.service._fates", "_fates.pyx", depends=[]),
            extension("promessa.service._rows", "_rows.pyx", depends=[]),
            extension("promessa.server._answers", "_answers.pyx", depends=["back.h", "back.pxi"]),
            extension("promessa.server._order_answers", "_order_answers.pyx", depends=["back.h", "back.pxi"]),
            extension("promessa.server._requests", "_requests.pyx", depends=["requests.h", "wire.h", "replica.h"]),
        ],
        compiler_directives=DIRECTIVES,
    ),
    options={"build_ext": {"parallel": os.cpu_count()}},
)
