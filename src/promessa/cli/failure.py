"""Why a command could not do its work: a sentence for people, a reason for machines, an exit code for scripts."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

NO = 1
"""Exit code: the answer is no, something is wrong, or the server cannot be asked."""

USAGE = 2
"""Exit code: the command line is wrong."""

_NEXT = {
    "SKU_NOT_FOUND": "Check the spelling, or import it with `promessa import skus.csv`.",
    "NODE_NOT_FOUND": "Check the spelling, or import it with `promessa import nodes.csv`.",
    "RESERVATION_EXPIRED": "Its units are back in stock; reserve again.",
    "REQUEST_ID_REUSED": "Use a new --request-id for a new request.",
    "RESUME_TOKEN_EXPIRED": "Run it again without --resume; `promessa watch` then with --initial.",
    "REPLICA_STALE": "Try again in a moment.",
    "STORE_UNAVAILABLE": "Nothing was written. `promessa doctor` looks at the store.",
    "OUTCOME_UNKNOWN": "Run the command again with the same --request-id: it is applied once.",
    "STORE_FULL": "Give the store more memory (PROMESSA_STORE_MEMORY_BYTES_MAX), or remove data.",
    "OVERLOADED": "Try again in a moment, or start more workers.",
    "DRAINING": "Try again in a moment.",
    "DATA_VERSION_MISMATCH": "Run the version of promessa that made the data.",
}
"""What to do next, where the server's own sentence cannot know about this command line."""


@dataclass
class Failure(Exception):
    """The command ends here. `message` says what happened, why, and what to do next."""

    message: str
    exit_code: int = NO
    reason: str = ""
    code: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message


def usage(message: str) -> Failure:
    """The command line is wrong."""
    return Failure(message, exit_code=USAGE, reason="USAGE")


def say(failure: Failure, *, as_json: bool) -> None:
    """Tell it on standard error."""
    if as_json:
        error = {
            "reason": failure.reason,
            "code": failure.code,
            "message": failure.message,
            "metadata": failure.metadata,
        }
        print(json.dumps({"error": error}, ensure_ascii=False), file=sys.stderr)
    else:
        print(f"promessa: {failure.message}", file=sys.stderr)


def as_failure(error: Exception) -> Failure | None:
    """An exception as a failure; None for one that is a defect. Of a group, the first one counts."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, Failure):
        return error
    if "grpc" in sys.modules:
        import grpc

        if isinstance(error, grpc.RpcError):
            return of_rpc(error)
    return None


def of_rpc(error: object, *, address: str = "") -> Failure:
    """The failure of a call, from the ErrorInfo of its status if there is one."""
    from google.rpc import error_details_pb2, status_pb2

    code = error.code().name  # type: ignore[attr-defined]
    message = error.details() or ""  # type: ignore[attr-defined]
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():  # type: ignore[attr-defined]
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Is(info.DESCRIPTOR):
                    detail.Unpack(info)
    if info.reason:
        reason = info.reason.removeprefix("ERROR_REASON_")
        sentence = f"{message} {_NEXT.get(reason, '')}".strip()
        return Failure(sentence, reason=reason, code=code, metadata=dict(info.metadata))
    return Failure(_without_info(code, message, address), reason=code, code=code)


def _without_info(code: str, message: str, address: str) -> str:
    """Statuses that gRPC itself makes: no promessa has answered."""
    where = f" at {address}" if address else ""
    message = message.rpartition("remote host: ")[2].rstrip(".")
    if code == "UNAVAILABLE":
        return (
            f"No server answers{where} ({message}). Start one with `promessa serve`, or name another with --address or "
            "PROMESSA_ADDRESS; `promessa doctor` looks for the cause."
        )
    if code == "DEADLINE_EXCEEDED":
        return f"The server{where} did not answer in time. Try again, or allow more time with --timeout."
    if code == "UNIMPLEMENTED":
        return f"The server{where} does not know this method ({message}). Is it a promessa of this version?"
    return f"The call{where} failed with {code}: {message}. `promessa doctor` looks for the cause."
