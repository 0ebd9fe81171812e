import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import allocation_pb2 as _allocation_pb2
from promessa.v1 import network_pb2 as _network_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LineState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LINE_STATE_UNSPECIFIED: _ClassVar[LineState]
    LINE_STATE_EXPECTED: _ClassVar[LineState]
    LINE_STATE_OVERDUE: _ClassVar[LineState]
    LINE_STATE_BACKORDERED: _ClassVar[LineState]

class ReservationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESERVATION_STATE_UNSPECIFIED: _ClassVar[ReservationState]
    RESERVATION_STATE_HELD: _ClassVar[ReservationState]
    RESERVATION_STATE_CONFIRMED: _ClassVar[ReservationState]
    RESERVATION_STATE_FULFILLED: _ClassVar[ReservationState]
    RESERVATION_STATE_RELEASED: _ClassVar[ReservationState]
    RESERVATION_STATE_EXPIRED: _ClassVar[ReservationState]

class ShortfallReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHORTFALL_REASON_UNSPECIFIED: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_INSUFFICIENT_STOCK: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_NODE_PAUSED: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_NOT_SERVED: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_HOLD_LIMIT: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_OWNER_LIMIT: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_CAPACITY_FULL: _ClassVar[ShortfallReason]
    SHORTFALL_REASON_KEPT_FOR_OTHERS: _ClassVar[ShortfallReason]

class ReserveOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESERVE_OUTCOME_UNSPECIFIED: _ClassVar[ReserveOutcome]
    RESERVE_OUTCOME_RESERVED: _ClassVar[ReserveOutcome]
    RESERVE_OUTCOME_PARTIALLY_RESERVED: _ClassVar[ReserveOutcome]
    RESERVE_OUTCOME_REFUSED: _ClassVar[ReserveOutcome]
LINE_STATE_UNSPECIFIED: LineState
LINE_STATE_EXPECTED: LineState
LINE_STATE_OVERDUE: LineState
LINE_STATE_BACKORDERED: LineState
RESERVATION_STATE_UNSPECIFIED: ReservationState
RESERVATION_STATE_HELD: ReservationState
RESERVATION_STATE_CONFIRMED: ReservationState
RESERVATION_STATE_FULFILLED: ReservationState
RESERVATION_STATE_RELEASED: ReservationState
RESERVATION_STATE_EXPIRED: ReservationState
SHORTFALL_REASON_UNSPECIFIED: ShortfallReason
SHORTFALL_REASON_INSUFFICIENT_STOCK: ShortfallReason
SHORTFALL_REASON_NODE_PAUSED: ShortfallReason
SHORTFALL_REASON_NOT_SERVED: ShortfallReason
SHORTFALL_REASON_HOLD_LIMIT: ShortfallReason
SHORTFALL_REASON_OWNER_LIMIT: ShortfallReason
SHORTFALL_REASON_CAPACITY_FULL: ShortfallReason
SHORTFALL_REASON_KEPT_FOR_OTHERS: ShortfallReason
RESERVE_OUTCOME_UNSPECIFIED: ReserveOutcome
RESERVE_OUTCOME_RESERVED: ReserveOutcome
RESERVE_OUTCOME_PARTIALLY_RESERVED: ReserveOutcome
RESERVE_OUTCOME_REFUSED: ReserveOutcome

class Reservation(_message.Message):
    __slots__ = ("reservation_id", "state", "owner_id", "order_id", "lines", "create_time", "expire_time", "update_time", "work_days", "channel", "fulfillment_method", "drawn")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    WORK_DAYS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    DRAWN_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    state: ReservationState
    owner_id: str
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[ReservationLine]
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    work_days: _containers.RepeatedCompositeFieldContainer[WorkDay]
    channel: str
    fulfillment_method: str
    drawn: _containers.RepeatedCompositeFieldContainer[_allocation_pb2.DrawnUnits]
    def __init__(self, reservation_id: _Optional[str] = ..., state: _Optional[_Union[ReservationState, str]] = ..., owner_id: _Optional[str] = ..., order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[ReservationLine, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., work_days: _Optional[_Iterable[_Union[WorkDay, _Mapping]]] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ..., drawn: _Optional[_Iterable[_Union[_allocation_pb2.DrawnUnits, _Mapping]]] = ...) -> None: ...

class WorkDay(_message.Message):
    __slots__ = ("node_id", "date", "slip_days")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    SLIP_DAYS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    date: str
    slip_days: int
    def __init__(self, node_id: _Optional[str] = ..., date: _Optional[str] = ..., slip_days: _Optional[int] = ...) -> None: ...

class ReservationLine(_message.Message):
    __slots__ = ("sku", "node_id", "quantity", "open_quantity", "fulfilled_quantity", "state", "inbound_id", "expected_date", "components")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    OPEN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    INBOUND_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DATE_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    quantity: int
    open_quantity: int
    fulfilled_quantity: int
    state: LineState
    inbound_id: str
    expected_date: str
    components: _containers.RepeatedCompositeFieldContainer[_network_pb2.KitComponent]
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., quantity: _Optional[int] = ..., open_quantity: _Optional[int] = ..., fulfilled_quantity: _Optional[int] = ..., state: _Optional[_Union[LineState, str]] = ..., inbound_id: _Optional[str] = ..., expected_date: _Optional[str] = ..., components: _Optional[_Iterable[_Union[_network_pb2.KitComponent, _Mapping]]] = ...) -> None: ...

class StockLine(_message.Message):
    __slots__ = ("sku", "node_id", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class ReserveLine(_message.Message):
    __slots__ = ("sku", "node_id", "node_group_id", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    node_group_id: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., node_group_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class Shortfall(_message.Message):
    __slots__ = ("sku", "node_id", "requested_quantity", "available_quantity", "reason")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    requested_quantity: int
    available_quantity: int
    reason: ShortfallReason
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., requested_quantity: _Optional[int] = ..., available_quantity: _Optional[int] = ..., reason: _Optional[_Union[ShortfallReason, str]] = ...) -> None: ...
