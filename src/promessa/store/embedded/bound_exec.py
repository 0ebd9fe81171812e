"""Become another program that gets a signal when its starter dies. Run as a file, never imported.

    python -I -S bound_exec.py STARTER_PID SIGNAL PROGRAM [ARGUMENT ...]

The request to the kernel (PR_SET_PDEATHSIG) is made here and not between fork and exec of the starter, where Python
code in a process with threads may hang. It outlives the exec. Systems other than Linux have no such request: there
the program runs unbound.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 127


def main() -> None:
    starter, death_signal, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != starter:  # it died before the request was made
        sys.exit(CANNOT_RUN)
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    try:
        os.execv(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]} cannot be run: {error}")


if __name__ == "__main__":
    main()
