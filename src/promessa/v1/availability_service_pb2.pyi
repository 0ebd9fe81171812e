import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import availability_pb2 as _availability_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BasketMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASKET_MODE_UNSPECIFIED: _ClassVar[BasketMode]
    BASKET_MODE_ALL: _ClassVar[BasketMode]
    BASKET_MODE_PARTIAL: _ClassVar[BasketMode]
    BASKET_MODE_ANY: _ClassVar[BasketMode]

class BasketRejection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASKET_REJECTION_UNSPECIFIED: _ClassVar[BasketRejection]
    BASKET_REJECTION_SHORT: _ClassVar[BasketRejection]
    BASKET_REJECTION_NODE_PAUSED: _ClassVar[BasketRejection]
    BASKET_REJECTION_UNKNOWN_NODE: _ClassVar[BasketRejection]
    BASKET_REJECTION_CAPACITY_FULL: _ClassVar[BasketRejection]
BASKET_MODE_UNSPECIFIED: BasketMode
BASKET_MODE_ALL: BasketMode
BASKET_MODE_PARTIAL: BasketMode
BASKET_MODE_ANY: BasketMode
BASKET_REJECTION_UNSPECIFIED: BasketRejection
BASKET_REJECTION_SHORT: BasketRejection
BASKET_REJECTION_NODE_PAUSED: BasketRejection
BASKET_REJECTION_UNKNOWN_NODE: BasketRejection
BASKET_REJECTION_CAPACITY_FULL: BasketRejection

class WatchAvailabilityRequest(_message.Message):
    __slots__ = ("skus", "node_ids", "node_group_ids", "levels", "resume_token", "include_initial", "channel")
    SKUS_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_IDS_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_INITIAL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedScalarFieldContainer[str]
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    node_group_ids: _containers.RepeatedScalarFieldContainer[str]
    levels: WatchLevels
    resume_token: str
    include_initial: bool
    channel: str
    def __init__(self, skus: _Optional[_Iterable[str]] = ..., node_ids: _Optional[_Iterable[str]] = ..., node_group_ids: _Optional[_Iterable[str]] = ..., levels: _Optional[_Union[WatchLevels, _Mapping]] = ..., resume_token: _Optional[str] = ..., include_initial: _Optional[bool] = ..., channel: _Optional[str] = ...) -> None: ...

class WatchLevels(_message.Message):
    __slots__ = ("low_quantity", "medium_quantity", "high_quantity")
    LOW_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MEDIUM_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    HIGH_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    low_quantity: int
    medium_quantity: int
    high_quantity: int
    def __init__(self, low_quantity: _Optional[int] = ..., medium_quantity: _Optional[int] = ..., high_quantity: _Optional[int] = ...) -> None: ...

class WatchAvailabilityResponse(_message.Message):
    __slots__ = ("events", "resume_token", "coalesced", "merged_count")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COALESCED_FIELD_NUMBER: _ClassVar[int]
    MERGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_availability_pb2.AvailabilityEvent]
    resume_token: str
    coalesced: bool
    merged_count: int
    def __init__(self, events: _Optional[_Iterable[_Union[_availability_pb2.AvailabilityEvent, _Mapping]]] = ..., resume_token: _Optional[str] = ..., coalesced: _Optional[bool] = ..., merged_count: _Optional[int] = ...) -> None: ...

class ExplainAvailabilityRequest(_message.Message):
    __slots__ = ("sku", "node_ids", "language", "channel", "fulfillment_method")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    language: str
    channel: str
    fulfillment_method: str
    def __init__(self, sku: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ..., language: _Optional[str] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class ExplainAvailabilityResponse(_message.Message):
    __slots__ = ("sku", "available_quantity", "nodes", "freshness")
    SKU_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    available_quantity: int
    nodes: _containers.RepeatedCompositeFieldContainer[_availability_pb2.NodeExplanation]
    freshness: _availability_pb2.Freshness
    def __init__(self, sku: _Optional[str] = ..., available_quantity: _Optional[int] = ..., nodes: _Optional[_Iterable[_Union[_availability_pb2.NodeExplanation, _Mapping]]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ...) -> None: ...

class GetAvailabilityRequest(_message.Message):
    __slots__ = ("sku", "node_ids", "node_group_id", "consistency", "offer_substitutes", "quantity", "channel", "fulfillment_method")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    OFFER_SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    node_group_id: str
    consistency: _availability_pb2.Consistency
    offer_substitutes: bool
    quantity: int
    channel: str
    fulfillment_method: str
    def __init__(self, sku: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ..., node_group_id: _Optional[str] = ..., consistency: _Optional[_Union[_availability_pb2.Consistency, _Mapping]] = ..., offer_substitutes: _Optional[bool] = ..., quantity: _Optional[int] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class GetAvailabilityResponse(_message.Message):
    __slots__ = ("sku", "available_quantity", "nodes", "status", "freshness", "substitutes")
    SKU_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    sku: str
    available_quantity: int
    nodes: _containers.RepeatedCompositeFieldContainer[_availability_pb2.NodeAvailability]
    status: _availability_pb2.AvailabilityStatus
    freshness: _availability_pb2.Freshness
    substitutes: _containers.RepeatedCompositeFieldContainer[_availability_pb2.Substitute]
    def __init__(self, sku: _Optional[str] = ..., available_quantity: _Optional[int] = ..., nodes: _Optional[_Iterable[_Union[_availability_pb2.NodeAvailability, _Mapping]]] = ..., status: _Optional[_Union[_availability_pb2.AvailabilityStatus, str]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ..., substitutes: _Optional[_Iterable[_Union[_availability_pb2.Substitute, _Mapping]]] = ...) -> None: ...

class BatchGetAvailabilityRequest(_message.Message):
    __slots__ = ("pairs", "consistency", "channel", "fulfillment_method")
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    pairs: _containers.RepeatedCompositeFieldContainer[SkuAtNode]
    consistency: _availability_pb2.Consistency
    channel: str
    fulfillment_method: str
    def __init__(self, pairs: _Optional[_Iterable[_Union[SkuAtNode, _Mapping]]] = ..., consistency: _Optional[_Union[_availability_pb2.Consistency, _Mapping]] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class SkuAtNode(_message.Message):
    __slots__ = ("sku", "node_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ...) -> None: ...

class BatchGetAvailabilityResponse(_message.Message):
    __slots__ = ("availabilities", "freshness")
    AVAILABILITIES_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    availabilities: _containers.RepeatedCompositeFieldContainer[SkuAvailability]
    freshness: _availability_pb2.Freshness
    def __init__(self, availabilities: _Optional[_Iterable[_Union[SkuAvailability, _Mapping]]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ...) -> None: ...

class SkuAvailability(_message.Message):
    __slots__ = ("sku", "node_id", "available_quantity", "status", "version", "count_time", "count_source_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNT_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    available_quantity: int
    status: _availability_pb2.AvailabilityStatus
    version: int
    count_time: _timestamp_pb2.Timestamp
    count_source_id: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., available_quantity: _Optional[int] = ..., status: _Optional[_Union[_availability_pb2.AvailabilityStatus, str]] = ..., version: _Optional[int] = ..., count_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count_source_id: _Optional[str] = ...) -> None: ...

class CheckBasketRequest(_message.Message):
    __slots__ = ("lines", "mode", "node_ids", "node_group_id", "consistency", "omit_rejected", "offer_substitutes", "channel", "fulfillment_method")
    LINES_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    OMIT_REJECTED_FIELD_NUMBER: _ClassVar[int]
    OFFER_SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[BasketLine]
    mode: BasketMode
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    node_group_id: str
    consistency: _availability_pb2.Consistency
    omit_rejected: bool
    offer_substitutes: bool
    channel: str
    fulfillment_method: str
    def __init__(self, lines: _Optional[_Iterable[_Union[BasketLine, _Mapping]]] = ..., mode: _Optional[_Union[BasketMode, str]] = ..., node_ids: _Optional[_Iterable[str]] = ..., node_group_id: _Optional[str] = ..., consistency: _Optional[_Union[_availability_pb2.Consistency, _Mapping]] = ..., omit_rejected: _Optional[bool] = ..., offer_substitutes: _Optional[bool] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class BasketLine(_message.Message):
    __slots__ = ("sku", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class CheckBasketResponse(_message.Message):
    __slots__ = ("nodes", "rejected_nodes", "unknown_sku_lines", "freshness", "line_substitutes")
    NODES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_NODES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SKU_LINES_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    LINE_SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[NodeCoverage]
    rejected_nodes: _containers.RepeatedCompositeFieldContainer[RejectedNode]
    unknown_sku_lines: _containers.RepeatedScalarFieldContainer[int]
    freshness: _availability_pb2.Freshness
    line_substitutes: _containers.RepeatedCompositeFieldContainer[_availability_pb2.LineSubstitutes]
    def __init__(self, nodes: _Optional[_Iterable[_Union[NodeCoverage, _Mapping]]] = ..., rejected_nodes: _Optional[_Iterable[_Union[RejectedNode, _Mapping]]] = ..., unknown_sku_lines: _Optional[_Iterable[int]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ..., line_substitutes: _Optional[_Iterable[_Union[_availability_pb2.LineSubstitutes, _Mapping]]] = ...) -> None: ...

class NodeCoverage(_message.Message):
    __slots__ = ("node_id", "whole_lines", "served_quantity")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    WHOLE_LINES_FIELD_NUMBER: _ClassVar[int]
    SERVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    whole_lines: _containers.RepeatedScalarFieldContainer[int]
    served_quantity: int
    def __init__(self, node_id: _Optional[str] = ..., whole_lines: _Optional[_Iterable[int]] = ..., served_quantity: _Optional[int] = ...) -> None: ...

class RejectedNode(_message.Message):
    __slots__ = ("node_id", "reason", "short_lines")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SHORT_LINES_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    reason: BasketRejection
    short_lines: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, node_id: _Optional[str] = ..., reason: _Optional[_Union[BasketRejection, str]] = ..., short_lines: _Optional[_Iterable[int]] = ...) -> None: ...

class GetAtpScheduleRequest(_message.Message):
    __slots__ = ("sku", "node_ids", "node_group_id", "from_date", "horizon_days", "quantity", "channel", "fulfillment_method")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    HORIZON_DAYS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    node_group_id: str
    from_date: str
    horizon_days: int
    quantity: int
    channel: str
    fulfillment_method: str
    def __init__(self, sku: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ..., node_group_id: _Optional[str] = ..., from_date: _Optional[str] = ..., horizon_days: _Optional[int] = ..., quantity: _Optional[int] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class GetAtpScheduleResponse(_message.Message):
    __slots__ = ("sku", "windows", "available_to_fulfil_quantity", "available_to_order_quantity", "capable_date", "freshness")
    SKU_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_TO_FULFIL_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_TO_ORDER_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CAPABLE_DATE_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    windows: _containers.RepeatedCompositeFieldContainer[AtpWindow]
    available_to_fulfil_quantity: int
    available_to_order_quantity: int
    capable_date: str
    freshness: _availability_pb2.Freshness
    def __init__(self, sku: _Optional[str] = ..., windows: _Optional[_Iterable[_Union[AtpWindow, _Mapping]]] = ..., available_to_fulfil_quantity: _Optional[int] = ..., available_to_order_quantity: _Optional[int] = ..., capable_date: _Optional[str] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ...) -> None: ...

class AtpWindow(_message.Message):
    __slots__ = ("from_date", "to_date", "supply_quantity", "demand_quantity", "atp_quantity")
    FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    TO_DATE_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DEMAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ATP_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    from_date: str
    to_date: str
    supply_quantity: int
    demand_quantity: int
    atp_quantity: int
    def __init__(self, from_date: _Optional[str] = ..., to_date: _Optional[str] = ..., supply_quantity: _Optional[int] = ..., demand_quantity: _Optional[int] = ..., atp_quantity: _Optional[int] = ...) -> None: ...
