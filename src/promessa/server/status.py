"""Domain errors to google.rpc.Status: one table, and an ErrorInfo with a stable reason in every status."""

from __future__ import annotations

import uuid

import grpc
import structlog
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from promessa.domain.errors import (
    AlreadyExists,
    Exhausted,
    FailedPrecondition,
    InvalidRequest,
    NotFound,
    PromessaError,
    Unavailable,
)
from promessa.server.validate import InvalidFields
from promessa.service.policy_documents import InvalidPolicy
from promessa.v1 import reservation_service_pb2

log = structlog.get_logger()

DOMAIN = "promessa"
FIELD_VIOLATIONS_MAX = 10
"""How many wrong fields a status names. It travels in the trailers, of which clients take some 8 KB and no more."""
RETRY_MS = 100
"""When to try again after a passing refusal, in ms."""

_CODES: tuple[tuple[type[PromessaError], grpc.StatusCode], ...] = (
    (NotFound, grpc.StatusCode.NOT_FOUND),
    (InvalidRequest, grpc.StatusCode.INVALID_ARGUMENT),
    (AlreadyExists, grpc.StatusCode.ALREADY_EXISTS),
    (FailedPrecondition, grpc.StatusCode.FAILED_PRECONDITION),
    (Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (Unavailable, grpc.StatusCode.UNAVAILABLE),
)


def code_of(error: PromessaError) -> grpc.StatusCode:
    """The status code of an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def as_domain_error(error: BaseException) -> PromessaError:
    """The error itself, or INTERNAL for one that nobody expected; its details go to the log under an id."""
    if isinstance(error, PromessaError):
        return error
    error_id = uuid.uuid4().hex[:12]
    log.error("unexpected error", error_id=error_id, exc_info=error)
    return PromessaError(
        "INTERNAL",
        f"promessa failed on this call; nobody expected that. The log has the details under error id {error_id}.",
        error_id=error_id,
    )


def status_of(error: PromessaError) -> status_pb2.Status:
    """The whole status with its details."""
    details = [error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)]
    if isinstance(error, InvalidFields | InvalidPolicy):
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=field, description=rule)
            for field, rule in error.violations[:FIELD_VIOLATIONS_MAX]
        ]
        details.append(error_details_pb2.BadRequest(field_violations=violations))
    if isinstance(error, Exhausted | Unavailable):
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(RETRY_MS)
        details.append(retry)
    status = status_pb2.Status(code=code_of(error).value[0], message=error.message)
    for detail in details:
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


async def abort(context: grpc.aio.ServicerContext[object, object], error: PromessaError) -> None:
    """End a call with an error."""
    await context.abort_with_status(rpc_status.to_status(status_of(error)))


def error_message(error: PromessaError) -> reservation_service_pb2.ReserveError:
    """An error as a message of a stream: what its status would have carried."""
    return reservation_service_pb2.ReserveError(
        code=code_of(error).value[0],
        message=error.message,
        reason=f"ERROR_REASON_{error.reason}",
        metadata=error.metadata,
    )
