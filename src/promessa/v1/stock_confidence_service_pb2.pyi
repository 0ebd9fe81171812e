import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordStockChecksRequest(_message.Message):
    __slots__ = ("request_id", "checks")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    checks: _containers.RepeatedCompositeFieldContainer[StockCheck]
    def __init__(self, request_id: _Optional[str] = ..., checks: _Optional[_Iterable[_Union[StockCheck, _Mapping]]] = ...) -> None: ...

class StockCheck(_message.Message):
    __slots__ = ("sku", "node_id", "looked_for_quantity", "found_quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LOOKED_FOR_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FOUND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    looked_for_quantity: int
    found_quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., looked_for_quantity: _Optional[int] = ..., found_quantity: _Optional[int] = ...) -> None: ...

class RecordStockChecksResponse(_message.Message):
    __slots__ = ("learned_count", "rejections", "replayed")
    LEARNED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    learned_count: int
    rejections: _containers.RepeatedCompositeFieldContainer[RejectedStockCheck]
    replayed: bool
    def __init__(self, learned_count: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[RejectedStockCheck, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RejectedStockCheck(_message.Message):
    __slots__ = ("position", "detail")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    position: int
    detail: str
    def __init__(self, position: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...

class GetStockConfidenceRequest(_message.Message):
    __slots__ = ("sku", "node_ids")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sku: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class GetStockConfidenceResponse(_message.Message):
    __slots__ = ("sku", "nodes")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    sku: str
    nodes: _containers.RepeatedCompositeFieldContainer[NodeStockConfidence]
    def __init__(self, sku: _Optional[str] = ..., nodes: _Optional[_Iterable[_Union[NodeStockConfidence, _Mapping]]] = ...) -> None: ...

class NodeStockConfidence(_message.Message):
    __slots__ = ("node_id", "stock_class", "confidence_permille", "found_milliunits", "missing_milliunits", "available_quantity", "expected_sellable_quantity", "last_check_time")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STOCK_CLASS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    FOUND_MILLIUNITS_FIELD_NUMBER: _ClassVar[int]
    MISSING_MILLIUNITS_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_SELLABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LAST_CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    stock_class: str
    confidence_permille: int
    found_milliunits: int
    missing_milliunits: int
    available_quantity: int
    expected_sellable_quantity: int
    last_check_time: _timestamp_pb2.Timestamp
    def __init__(self, node_id: _Optional[str] = ..., stock_class: _Optional[str] = ..., confidence_permille: _Optional[int] = ..., found_milliunits: _Optional[int] = ..., missing_milliunits: _Optional[int] = ..., available_quantity: _Optional[int] = ..., expected_sellable_quantity: _Optional[int] = ..., last_check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
