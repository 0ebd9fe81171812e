"""Fingerprints of requests: whether a repeated request id came with the same payload, and if not, where it differs."""

from __future__ import annotations

import marshal
from hashlib import blake2b
from struct import pack
from typing import Any, NamedTuple
from zlib import crc32

_TOTAL_BYTES, _FIELD_BYTES = 8, 4


class Fingerprint(NamedTuple):
    """The digest of a request's fields, one part for the whole and one for each field in its order."""

    fields: tuple[str, ...]
    digest: bytes

    def first_difference(self, other: bytes) -> str:
        """The first field in which another digest differs; "method" if it is of another kind of request."""
        if len(other) != len(self.digest):
            return "method"
        for i, name in enumerate(self.fields):
            at = _TOTAL_BYTES + i * _FIELD_BYTES
            if self.digest[at : at + _FIELD_BYTES] != other[at : at + _FIELD_BYTES]:
                return name
        return "method"


def fingerprint(fields: tuple[str, ...], *values: Any) -> Fingerprint:
    """The fingerprint of a request. The first field is "method"; values are numbers, text, bytes and tuples of them."""
    parts = [marshal.dumps(value, 2) for value in values]
    total = blake2b(b"\x00".join(parts), digest_size=_TOTAL_BYTES).digest()
    return Fingerprint(fields, total + pack(f">{len(parts)}I", *map(crc32, parts)))
