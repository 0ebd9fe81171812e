"""Who is at work: what has begun is finished, and nothing begins once the shift is closed."""

from __future__ import annotations


class Shift:
    """For one thread (greenlets take turns in it)."""

    def __init__(self) -> None:
        self.busy = 0
        self._open = True

    def begin(self) -> bool:
        """Whether to do it; then `finish` must follow."""
        self.busy += self._open
        return self._open

    def finish(self) -> None:
        assert self.busy > 0
        self.busy -= 1

    def close(self) -> None:
        self._open = False
