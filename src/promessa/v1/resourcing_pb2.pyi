import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RefusalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_REASON_UNSPECIFIED: _ClassVar[RefusalReason]
    REFUSAL_REASON_NOT_FOUND: _ClassVar[RefusalReason]
    REFUSAL_REASON_DAMAGED: _ClassVar[RefusalReason]
    REFUSAL_REASON_NO_CAPACITY: _ClassVar[RefusalReason]
    REFUSAL_REASON_CLOSED: _ClassVar[RefusalReason]
    REFUSAL_REASON_OTHER: _ClassVar[RefusalReason]

class ResourceOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_OUTCOME_UNSPECIFIED: _ClassVar[ResourceOutcome]
    RESOURCE_OUTCOME_RESOURCED: _ClassVar[ResourceOutcome]
    RESOURCE_OUTCOME_PARTIALLY_RESOURCED: _ClassVar[ResourceOutcome]
    RESOURCE_OUTCOME_NOT_RESOURCED: _ClassVar[ResourceOutcome]
REFUSAL_REASON_UNSPECIFIED: RefusalReason
REFUSAL_REASON_NOT_FOUND: RefusalReason
REFUSAL_REASON_DAMAGED: RefusalReason
REFUSAL_REASON_NO_CAPACITY: RefusalReason
REFUSAL_REASON_CLOSED: RefusalReason
REFUSAL_REASON_OTHER: RefusalReason
RESOURCE_OUTCOME_UNSPECIFIED: ResourceOutcome
RESOURCE_OUTCOME_RESOURCED: ResourceOutcome
RESOURCE_OUTCOME_PARTIALLY_RESOURCED: ResourceOutcome
RESOURCE_OUTCOME_NOT_RESOURCED: ResourceOutcome

class NodeCooling(_message.Message):
    __slots__ = ("sku", "reason", "since_time", "until_time", "decision_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    reason: RefusalReason
    since_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    decision_id: str
    def __init__(self, sku: _Optional[str] = ..., reason: _Optional[_Union[RefusalReason, str]] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision_id: _Optional[str] = ...) -> None: ...
