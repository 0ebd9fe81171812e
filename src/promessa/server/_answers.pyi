"""The native module: answers of the busiest changes, from domain values to bytes. See ext/_answers.pyx.

What it writes is what `convert`, `convert_sourcing` and `convert_why` write for the same values, byte for byte; a test
compares them. `skus` and `nodes` are the ids by index; `epoch` goes into the token.
"""

from promessa.domain.why import Candidates
from promessa.service.held_plan import Sourced
from promessa.store.store import Reserved

def reserve_response(reserved: Reserved, epoch: int, skus: list[str], nodes: list[str]) -> bytes:
    """A ReserveResponse. Lines are in stock: what they wait for is not written."""

def reserve_stream_response(results: list[Reserved | bytes], epoch: int, skus: list[str], nodes: list[str]) -> bytes:
    """A ReserveStreamResponse. Bytes are a ReserveStreamResult made elsewhere."""

def source_response(sourced: Sourced, epoch: int, skus: list[str], nodes: list[str]) -> bytes:
    """A SourceAndReserveResponse."""

def candidates(field: int, found: Candidates, constraints: list[bytes], nodes: list[str]) -> bytes:
    """CandidateExplanations as a repeated field of some message. `constraints` are those of `found`, written elsewhere."""
