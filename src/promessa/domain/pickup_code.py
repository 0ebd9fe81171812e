"""Pickup codes: what a customer shows to get a shipment. Only a salted digest of one is kept."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest

CODE_LENGTH = 8
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without those that are mistaken for each other, or make words."""
_SALT_BYTES, _DIGEST_BYTES = 8, 16


def new_code(pick: Callable[[str], str]) -> str:
    """A code of letters that `pick` takes at random."""
    return "".join(pick(_LETTERS) for _ in range(CODE_LENGTH))


def sealed(code: str, salt: bytes) -> bytes:
    """What is kept of a code. `salt` is of 8 random bytes."""
    return salt + _digest(code, salt)


def opens(seal: bytes, code: str) -> bool:
    """Whether a code is the one sealed, as people type it."""
    salt, digest = seal[:_SALT_BYTES], seal[_SALT_BYTES:]
    typed = code.upper().replace("-", "").replace(" ", "")
    return compare_digest(_digest(typed, salt), digest)


def _digest(code: str, salt: bytes) -> bytes:
    return blake2b(code.encode(), digest_size=_DIGEST_BYTES, salt=salt).digest()
