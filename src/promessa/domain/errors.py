"""Why a call could not be answered. Each error knows its stable reason and the values of its sentence.

PromessaError
├── NotFound              SKU_NOT_FOUND, NODE_NOT_FOUND, RESERVATION_NOT_FOUND, RESOURCE_NOT_FOUND, INBOUND_NOT_FOUND,
│                         POLICY_NOT_FOUND, ORDER_NOT_FOUND, SHIPMENT_NOT_FOUND, RETURN_NOT_FOUND
├── InvalidRequest        INVALID_FIELD, MALFORMED_REQUEST, REFERENCE_NOT_FOUND, INVALID_PAGE_TOKEN, INVALID_TOKEN,
│                         WATCH_TOO_LARGE, INVALID_POLICY
├── AlreadyExists         REQUEST_ID_REUSED, ORDER_EXISTS
├── FailedPrecondition    RESERVATION_EXPIRED, WRONG_STATE, QUANTITY_EXCEEDS_RESERVATION, RESOURCE_IN_USE,
│                         TOKEN_EPOCH_CHANGED, RESUME_TOKEN_EXPIRED, DATA_VERSION_MISMATCH, DESTINATION_NOT_SERVED,
│                         INBOUND_ENDED, INBOUND_USED, INBOUND_LIMIT, TOO_MANY_POLICY_VERSIONS, POLICY_UNFIT, POLICY_NOT_ACTIVE,
│                         ILLEGAL_STEP, QUANTITY_EXCEEDS_ORDER, RETURN_LIMIT, EXCHANGE_OF_EXCHANGE, PICKUP_CODE_WRONG,
│                         PICKUP_CODE_LOCKED, PICKUP_CODE_LIMIT, ORDER_HISTORY_LIMIT, RESERVATION_OF_ORDER
├── Exhausted             STORE_FULL, OVERLOADED, TOO_MANY_WATCHES, WATCH_STALLED
└── Unavailable           REPLICA_STALE, STORE_UNAVAILABLE, OUTCOME_UNKNOWN, DRAINING, STOCK_CONTENDED, ORDER_CONTENDED
"""

from __future__ import annotations


class PromessaError(Exception):
    """A call that could not be answered.

    `reason` is the name of an ErrorReason without its prefix; the message says what happened, why, and what to do.
    """

    def __init__(self, reason: str, message: str, **metadata: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = {name: str(value) for name, value in metadata.items()}


class NotFound(PromessaError):
    """What the request names does not exist."""


class InvalidRequest(PromessaError):
    """The request is wrong whatever the state of the system; do not retry it."""


class AlreadyExists(PromessaError):
    """The request id was used for something else."""


class FailedPrecondition(PromessaError):
    """The state of the system does not allow this; do not retry before it changes."""


class Exhausted(PromessaError):
    """There is no room for this now; nothing was done."""


class Unavailable(PromessaError):
    """It may work when tried again with the same request id."""


_CONTENDED = ("STOCK_CONTENDED", "ORDER_CONTENDED")


def meets_all(error: BaseException) -> bool:
    """Whether an error tells of the store or the server: others would meet it, too. Not what one request ran into."""
    return isinstance(error, Exhausted) or (isinstance(error, Unavailable) and error.reason not in _CONTENDED)
