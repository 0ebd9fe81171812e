import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListConsumersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListConsumersResponse(_message.Message):
    __slots__ = ("consumers",)
    CONSUMERS_FIELD_NUMBER: _ClassVar[int]
    consumers: _containers.RepeatedCompositeFieldContainer[Consumer]
    def __init__(self, consumers: _Optional[_Iterable[_Union[Consumer, _Mapping]]] = ...) -> None: ...

class Consumer(_message.Message):
    __slots__ = ("consumer", "lag_entries", "commit_count", "caught_up_time", "register_time", "positions")
    CONSUMER_FIELD_NUMBER: _ClassVar[int]
    LAG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    COMMIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_TIME_FIELD_NUMBER: _ClassVar[int]
    REGISTER_TIME_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    consumer: str
    lag_entries: int
    commit_count: int
    caught_up_time: _timestamp_pb2.Timestamp
    register_time: _timestamp_pb2.Timestamp
    positions: _containers.RepeatedCompositeFieldContainer[ConsumerPosition]
    def __init__(self, consumer: _Optional[str] = ..., lag_entries: _Optional[int] = ..., commit_count: _Optional[int] = ..., caught_up_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., register_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., positions: _Optional[_Iterable[_Union[ConsumerPosition, _Mapping]]] = ...) -> None: ...

class ConsumerPosition(_message.Message):
    __slots__ = ("done_sequence", "head_sequence")
    DONE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    HEAD_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    done_sequence: int
    head_sequence: int
    def __init__(self, done_sequence: _Optional[int] = ..., head_sequence: _Optional[int] = ...) -> None: ...

class RemoveConsumerRequest(_message.Message):
    __slots__ = ("consumer",)
    CONSUMER_FIELD_NUMBER: _ClassVar[int]
    consumer: str
    def __init__(self, consumer: _Optional[str] = ...) -> None: ...

class RemoveConsumerResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
