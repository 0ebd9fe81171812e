"""Fingerprints of requests: whether a repeated request id came with the same payload, and if not, where it differs."""

from __future__ import annotations

import marshal
from hashlib import blake2b
from struct import pack
from typing import Any, NamedTuple
from zlib import crc32

_TOTAL_BYTES, _FIELD_BYTES = 8, 4
_EMPTY = pack(">I", crc32(marshal.dumps("", 2)))


class Fingerprint(NamedTuple):
    """The digest of a request's fields, one part for the whole and one for each field in its order; empty texts at the
    end have none."""

    fields: tuple[str, ...]
    digest: bytes

    def first_difference(self, other: bytes) -> str:
        """The first field in which another digest differs; "method" if it is of another kind of request."""
        for i, name in enumerate(self.fields):
            if _part(self.digest, i) != _part(other, i):
                return name
        return "method"


def fingerprint(fields: tuple[str, ...], *values: Any, key: bytes = b"") -> Fingerprint:
    """The fingerprint of a request. The first field is "method"; values are numbers, text, bytes and tuples of them.

    What most requests leave empty comes last: it takes no room in the store then. With a `key` (at most 64 bytes) nobody who
    does not have it can look for two requests with one digest.
    """
    said = len(values)
    while said and values[said - 1] == "":
        said -= 1
    parts = [marshal.dumps(value, 2) for value in values[:said]]
    total = blake2b(b"\x00".join(parts), digest_size=_TOTAL_BYTES, key=key).digest()
    return Fingerprint(fields, total + pack(f">{len(parts)}I", *map(crc32, parts)))


def _part(digest: bytes, i: int) -> bytes:
    at = _TOTAL_BYTES + i * _FIELD_BYTES
    return digest[at : at + _FIELD_BYTES] or _EMPTY
