import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from promessa.v1 import error_reason_pb2 as _error_reason_pb2
from promessa.v1 import reservation_pb2 as _reservation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TransferOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_OUTCOME_UNSPECIFIED: _ClassVar[TransferOutcome]
    TRANSFER_OUTCOME_TRANSFERRED: _ClassVar[TransferOutcome]
    TRANSFER_OUTCOME_REFUSED: _ClassVar[TransferOutcome]

class ReserveMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESERVE_MODE_UNSPECIFIED: _ClassVar[ReserveMode]
    RESERVE_MODE_ALL_OR_NOTHING: _ClassVar[ReserveMode]
    RESERVE_MODE_PARTIAL: _ClassVar[ReserveMode]
TRANSFER_OUTCOME_UNSPECIFIED: TransferOutcome
TRANSFER_OUTCOME_TRANSFERRED: TransferOutcome
TRANSFER_OUTCOME_REFUSED: TransferOutcome
RESERVE_MODE_UNSPECIFIED: ReserveMode
RESERVE_MODE_ALL_OR_NOTHING: ReserveMode
RESERVE_MODE_PARTIAL: ReserveMode

class ReserveRequest(_message.Message):
    __slots__ = ("request_id", "lines", "mode", "ttl", "owner_id", "order_id", "hold_rule_id", "channel", "fulfillment_method", "latest_date", "allow_backorder")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    LATEST_DATE_FIELD_NUMBER: _ClassVar[int]
    ALLOW_BACKORDER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    lines: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.ReserveLine]
    mode: ReserveMode
    ttl: _duration_pb2.Duration
    owner_id: str
    order_id: str
    hold_rule_id: str
    channel: str
    fulfillment_method: str
    latest_date: str
    allow_backorder: bool
    def __init__(self, request_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_reservation_pb2.ReserveLine, _Mapping]]] = ..., mode: _Optional[_Union[ReserveMode, str]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., owner_id: _Optional[str] = ..., order_id: _Optional[str] = ..., hold_rule_id: _Optional[str] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ..., latest_date: _Optional[str] = ..., allow_backorder: _Optional[bool] = ...) -> None: ...

class ReserveResponse(_message.Message):
    __slots__ = ("outcome", "reservation", "shortfalls", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _reservation_pb2.ReserveOutcome
    reservation: _reservation_pb2.Reservation
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_reservation_pb2.ReserveOutcome, str]] = ..., reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ReserveStreamRequest(_message.Message):
    __slots__ = ("reservations",)
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    reservations: _containers.RepeatedCompositeFieldContainer[ReserveRequest]
    def __init__(self, reservations: _Optional[_Iterable[_Union[ReserveRequest, _Mapping]]] = ...) -> None: ...

class ReserveStreamResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ReserveStreamResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ReserveStreamResult, _Mapping]]] = ...) -> None: ...

class ReserveStreamResult(_message.Message):
    __slots__ = ("response", "error")
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    response: ReserveResponse
    error: ReserveError
    def __init__(self, response: _Optional[_Union[ReserveResponse, _Mapping]] = ..., error: _Optional[_Union[ReserveError, _Mapping]] = ...) -> None: ...

class ReserveError(_message.Message):
    __slots__ = ("code", "message", "reason", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    reason: _error_reason_pb2.ErrorReason
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, code: _Optional[int] = ..., message: _Optional[str] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ConfirmRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "order_id", "lines", "reacquire")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REACQUIRE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.StockLine]
    reacquire: bool
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_reservation_pb2.StockLine, _Mapping]]] = ..., reacquire: _Optional[bool] = ...) -> None: ...

class ConfirmResponse(_message.Message):
    __slots__ = ("reservation", "token", "replayed")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    reservation: _reservation_pb2.Reservation
    token: str
    replayed: bool
    def __init__(self, reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ExtendRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "ttl")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    ttl: _duration_pb2.Duration
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ExtendResponse(_message.Message):
    __slots__ = ("reservation", "token", "replayed")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    reservation: _reservation_pb2.Reservation
    token: str
    replayed: bool
    def __init__(self, reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "lines")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    lines: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.StockLine]
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_reservation_pb2.StockLine, _Mapping]]] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ("reservation", "token", "replayed")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    reservation: _reservation_pb2.Reservation
    token: str
    replayed: bool
    def __init__(self, reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class FulfillRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "lines")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    lines: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.StockLine]
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_reservation_pb2.StockLine, _Mapping]]] = ...) -> None: ...

class FulfillResponse(_message.Message):
    __slots__ = ("reservation", "token", "replayed")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    reservation: _reservation_pb2.Reservation
    token: str
    replayed: bool
    def __init__(self, reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class TransferRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "moves")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    moves: _containers.RepeatedCompositeFieldContainer[TransferMove]
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., moves: _Optional[_Iterable[_Union[TransferMove, _Mapping]]] = ...) -> None: ...

class TransferMove(_message.Message):
    __slots__ = ("sku", "from_node_id", "to_node_id", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    FROM_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    TO_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    from_node_id: str
    to_node_id: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., from_node_id: _Optional[str] = ..., to_node_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class TransferResponse(_message.Message):
    __slots__ = ("outcome", "reservation", "shortfalls", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: TransferOutcome
    reservation: _reservation_pb2.Reservation
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[TransferOutcome, str]] = ..., reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetReservationRequest(_message.Message):
    __slots__ = ("reservation_id",)
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    def __init__(self, reservation_id: _Optional[str] = ...) -> None: ...

class GetReservationResponse(_message.Message):
    __slots__ = ("reservation",)
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    reservation: _reservation_pb2.Reservation
    def __init__(self, reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ...) -> None: ...

class ListReservationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "states", "owner_id", "order_id", "sku", "node_id", "min_age")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_AGE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[_reservation_pb2.ReservationState]
    owner_id: str
    order_id: str
    sku: str
    node_id: str
    min_age: _duration_pb2.Duration
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_reservation_pb2.ReservationState, str]]] = ..., owner_id: _Optional[str] = ..., order_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., min_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListReservationsResponse(_message.Message):
    __slots__ = ("reservations", "next_page_token")
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reservations: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Reservation]
    next_page_token: str
    def __init__(self, reservations: _Optional[_Iterable[_Union[_reservation_pb2.Reservation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
