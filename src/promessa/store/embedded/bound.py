"""Starting a program whose life is bound to this process: when we die, however we die, it gets a signal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from signal import Signals

SHIM = Path(__file__).with_name("bound_exec.py")


def start_bound(
    command: Sequence[str | Path],
    *,
    death_signal: Signals,
    environment: Mapping[str, str],
    output: int,
    inherit: Collection[int] = (),
    umask: int = -1,
) -> subprocess.Popen[bytes]:
    """Start `command` (its first word an absolute path) in a session of its own, so that a Ctrl-C reaches us alone.

    Its standard output and error go to the file descriptor `output`; `inherit` names more descriptors to keep open.
    The kernel watches the *thread* that calls this: call it from one that lives as long as the process.
    """
    shim = [sys.executable, "-I", "-S", str(SHIM), str(os.getpid()), str(int(death_signal))]
    return subprocess.Popen(
        [*shim, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(environment),
        pass_fds=tuple(inherit),
        start_new_session=True,
        umask=umask,
    )
