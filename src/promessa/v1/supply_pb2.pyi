import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InboundKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INBOUND_KIND_UNSPECIFIED: _ClassVar[InboundKind]
    INBOUND_KIND_PURCHASE_ORDER: _ClassVar[InboundKind]
    INBOUND_KIND_TRANSFER: _ClassVar[InboundKind]
    INBOUND_KIND_PRODUCTION: _ClassVar[InboundKind]
    INBOUND_KIND_RETURN: _ClassVar[InboundKind]

class InboundState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INBOUND_STATE_UNSPECIFIED: _ClassVar[InboundState]
    INBOUND_STATE_EXPECTED: _ClassVar[InboundState]
    INBOUND_STATE_RECEIVED: _ClassVar[InboundState]
    INBOUND_STATE_CANCELLED: _ClassVar[InboundState]
    INBOUND_STATE_OVERDUE: _ClassVar[InboundState]

class OverdueAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OVERDUE_ACTION_UNSPECIFIED: _ClassVar[OverdueAction]
    OVERDUE_ACTION_SLIP: _ClassVar[OverdueAction]
    OVERDUE_ACTION_DROP: _ClassVar[OverdueAction]
    OVERDUE_ACTION_HOLD_AND_ALERT: _ClassVar[OverdueAction]
INBOUND_KIND_UNSPECIFIED: InboundKind
INBOUND_KIND_PURCHASE_ORDER: InboundKind
INBOUND_KIND_TRANSFER: InboundKind
INBOUND_KIND_PRODUCTION: InboundKind
INBOUND_KIND_RETURN: InboundKind
INBOUND_STATE_UNSPECIFIED: InboundState
INBOUND_STATE_EXPECTED: InboundState
INBOUND_STATE_RECEIVED: InboundState
INBOUND_STATE_CANCELLED: InboundState
INBOUND_STATE_OVERDUE: InboundState
OVERDUE_ACTION_UNSPECIFIED: OverdueAction
OVERDUE_ACTION_SLIP: OverdueAction
OVERDUE_ACTION_DROP: OverdueAction
OVERDUE_ACTION_HOLD_AND_ALERT: OverdueAction

class InboundSupply(_message.Message):
    __slots__ = ("inbound_id", "sku", "node_id", "kind", "quantity", "expected_date", "overdue_policy", "received_quantity", "open_quantity", "bound_quantity", "state", "promise_date", "promise_quantity", "update_time")
    INBOUND_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DATE_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_POLICY_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    OPEN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    BOUND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROMISE_DATE_FIELD_NUMBER: _ClassVar[int]
    PROMISE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    inbound_id: str
    sku: str
    node_id: str
    kind: InboundKind
    quantity: int
    expected_date: str
    overdue_policy: OverduePolicy
    received_quantity: int
    open_quantity: int
    bound_quantity: int
    state: InboundState
    promise_date: str
    promise_quantity: int
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, inbound_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., kind: _Optional[_Union[InboundKind, str]] = ..., quantity: _Optional[int] = ..., expected_date: _Optional[str] = ..., overdue_policy: _Optional[_Union[OverduePolicy, _Mapping]] = ..., received_quantity: _Optional[int] = ..., open_quantity: _Optional[int] = ..., bound_quantity: _Optional[int] = ..., state: _Optional[_Union[InboundState, str]] = ..., promise_date: _Optional[str] = ..., promise_quantity: _Optional[int] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OverduePolicy(_message.Message):
    __slots__ = ("action", "slip_days")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SLIP_DAYS_FIELD_NUMBER: _ClassVar[int]
    action: OverdueAction
    slip_days: int
    def __init__(self, action: _Optional[_Union[OverdueAction, str]] = ..., slip_days: _Optional[int] = ...) -> None: ...
