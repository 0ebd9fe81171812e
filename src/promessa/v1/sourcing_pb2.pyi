import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import constraint_pb2 as _constraint_pb2
from promessa.v1 import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OwnStock(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OWN_STOCK_UNSPECIFIED: _ClassVar[OwnStock]
    OWN_STOCK_FIRST: _ClassVar[OwnStock]
    OWN_STOCK_HAND_OVER: _ClassVar[OwnStock]
    OWN_STOCK_EXCLUDED: _ClassVar[OwnStock]

class FulfillmentKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FULFILLMENT_KIND_UNSPECIFIED: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_SHIP: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_SHIP_FROM_CENTRE: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_SHIP_FROM_STORE: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_DROP_SHIP: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_COURIER: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_PICKUP: _ClassVar[FulfillmentKind]
    FULFILLMENT_KIND_SHIP_TO_STORE: _ClassVar[FulfillmentKind]

class CandidateReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANDIDATE_REASON_UNSPECIFIED: _ClassVar[CandidateReason]
    CANDIDATE_REASON_CHOSEN: _ClassVar[CandidateReason]
    CANDIDATE_REASON_NOT_ELIGIBLE: _ClassVar[CandidateReason]
    CANDIDATE_REASON_NO_LANE: _ClassVar[CandidateReason]
    CANDIDATE_REASON_NO_STOCK: _ClassVar[CandidateReason]
    CANDIDATE_REASON_TOO_HEAVY: _ClassVar[CandidateReason]
    CANDIDATE_REASON_COSTS_MORE: _ClassVar[CandidateReason]
OWN_STOCK_UNSPECIFIED: OwnStock
OWN_STOCK_FIRST: OwnStock
OWN_STOCK_HAND_OVER: OwnStock
OWN_STOCK_EXCLUDED: OwnStock
FULFILLMENT_KIND_UNSPECIFIED: FulfillmentKind
FULFILLMENT_KIND_SHIP: FulfillmentKind
FULFILLMENT_KIND_SHIP_FROM_CENTRE: FulfillmentKind
FULFILLMENT_KIND_SHIP_FROM_STORE: FulfillmentKind
FULFILLMENT_KIND_DROP_SHIP: FulfillmentKind
FULFILLMENT_KIND_COURIER: FulfillmentKind
FULFILLMENT_KIND_PICKUP: FulfillmentKind
FULFILLMENT_KIND_SHIP_TO_STORE: FulfillmentKind
CANDIDATE_REASON_UNSPECIFIED: CandidateReason
CANDIDATE_REASON_CHOSEN: CandidateReason
CANDIDATE_REASON_NOT_ELIGIBLE: CandidateReason
CANDIDATE_REASON_NO_LANE: CandidateReason
CANDIDATE_REASON_NO_STOCK: CandidateReason
CANDIDATE_REASON_TOO_HEAVY: CandidateReason
CANDIDATE_REASON_COSTS_MORE: CandidateReason

class SourcingOrder(_message.Message):
    __slots__ = ("order_id", "lines", "destination", "constraints", "channel", "fulfillment_method", "seller_code", "traits", "policy_id", "policy_version", "pickup_node_id", "allow_ship_to_store", "allowed_kinds", "sold_at_node_id", "own_stock", "allow_future_supply", "allow_backorder")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    SELLER_CODE_FIELD_NUMBER: _ClassVar[int]
    TRAITS_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    PICKUP_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_SHIP_TO_STORE_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_KINDS_FIELD_NUMBER: _ClassVar[int]
    SOLD_AT_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    OWN_STOCK_FIELD_NUMBER: _ClassVar[int]
    ALLOW_FUTURE_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_BACKORDER_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[OrderLine]
    destination: Destination
    constraints: SourcingConstraints
    channel: str
    fulfillment_method: str
    seller_code: str
    traits: OrderTraits
    policy_id: str
    policy_version: int
    pickup_node_id: str
    allow_ship_to_store: bool
    allowed_kinds: _containers.RepeatedScalarFieldContainer[FulfillmentKind]
    sold_at_node_id: str
    own_stock: OwnStock
    allow_future_supply: bool
    allow_backorder: bool
    def __init__(self, order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[OrderLine, _Mapping]]] = ..., destination: _Optional[_Union[Destination, _Mapping]] = ..., constraints: _Optional[_Union[SourcingConstraints, _Mapping]] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ..., seller_code: _Optional[str] = ..., traits: _Optional[_Union[OrderTraits, _Mapping]] = ..., policy_id: _Optional[str] = ..., policy_version: _Optional[int] = ..., pickup_node_id: _Optional[str] = ..., allow_ship_to_store: _Optional[bool] = ..., allowed_kinds: _Optional[_Iterable[_Union[FulfillmentKind, str]]] = ..., sold_at_node_id: _Optional[str] = ..., own_stock: _Optional[_Union[OwnStock, str]] = ..., allow_future_supply: _Optional[bool] = ..., allow_backorder: _Optional[bool] = ...) -> None: ...

class OrderTraits(_message.Message):
    __slots__ = ("order_kind", "customer_tier", "queue", "origin", "ship_method", "priority", "value_micros", "categories", "tags", "refused_by_node_ids")
    ORDER_KIND_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_TIER_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SHIP_METHOD_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_BY_NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    order_kind: str
    customer_tier: str
    queue: str
    origin: str
    ship_method: str
    priority: int
    value_micros: int
    categories: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    refused_by_node_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, order_kind: _Optional[str] = ..., customer_tier: _Optional[str] = ..., queue: _Optional[str] = ..., origin: _Optional[str] = ..., ship_method: _Optional[str] = ..., priority: _Optional[int] = ..., value_micros: _Optional[int] = ..., categories: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., refused_by_node_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class OrderLine(_message.Message):
    __slots__ = ("sku", "quantity", "pickup_node_id", "together")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PICKUP_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    TOGETHER_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    pickup_node_id: str
    together: str
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ..., pickup_node_id: _Optional[str] = ..., together: _Optional[str] = ...) -> None: ...

class Destination(_message.Message):
    __slots__ = ("country_code", "postal_code", "region_code", "position")
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    country_code: str
    postal_code: str
    region_code: str
    position: Position
    def __init__(self, country_code: _Optional[str] = ..., postal_code: _Optional[str] = ..., region_code: _Optional[str] = ..., position: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("latitude_e6", "longitude_e6")
    LATITUDE_E6_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_E6_FIELD_NUMBER: _ClassVar[int]
    latitude_e6: int
    longitude_e6: int
    def __init__(self, latitude_e6: _Optional[int] = ..., longitude_e6: _Optional[int] = ...) -> None: ...

class SourcingConstraints(_message.Message):
    __slots__ = ("max_shipments", "ship_complete", "keep_lines_whole", "latest_delivery_time", "excluded_node_ids", "node_group_id", "min_shipment_value_micros")
    MAX_SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    SHIP_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    KEEP_LINES_WHOLE_FIELD_NUMBER: _ClassVar[int]
    LATEST_DELIVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    EXCLUDED_NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_SHIPMENT_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    max_shipments: int
    ship_complete: bool
    keep_lines_whole: bool
    latest_delivery_time: _timestamp_pb2.Timestamp
    excluded_node_ids: _containers.RepeatedScalarFieldContainer[str]
    node_group_id: str
    min_shipment_value_micros: int
    def __init__(self, max_shipments: _Optional[int] = ..., ship_complete: _Optional[bool] = ..., keep_lines_whole: _Optional[bool] = ..., latest_delivery_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., excluded_node_ids: _Optional[_Iterable[str]] = ..., node_group_id: _Optional[str] = ..., min_shipment_value_micros: _Optional[int] = ...) -> None: ...

class SourcingPlan(_message.Message):
    __slots__ = ("shipments", "unserved_lines", "cost", "proven_optimal", "lower_bound_micros", "promise_time", "policy")
    SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_LINES_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    PROVEN_OPTIMAL_FIELD_NUMBER: _ClassVar[int]
    LOWER_BOUND_MICROS_FIELD_NUMBER: _ClassVar[int]
    PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    shipments: _containers.RepeatedCompositeFieldContainer[PlannedShipment]
    unserved_lines: _containers.RepeatedCompositeFieldContainer[UnservedLine]
    cost: PlanCost
    proven_optimal: bool
    lower_bound_micros: int
    promise_time: _timestamp_pb2.Timestamp
    policy: _policy_pb2.PolicyDecision
    def __init__(self, shipments: _Optional[_Iterable[_Union[PlannedShipment, _Mapping]]] = ..., unserved_lines: _Optional[_Iterable[_Union[UnservedLine, _Mapping]]] = ..., cost: _Optional[_Union[PlanCost, _Mapping]] = ..., proven_optimal: _Optional[bool] = ..., lower_bound_micros: _Optional[int] = ..., promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy: _Optional[_Union[_policy_pb2.PolicyDecision, _Mapping]] = ...) -> None: ...

class PlannedShipment(_message.Message):
    __slots__ = ("node_id", "lane_id", "carrier_service", "lines", "weight_grams", "cost", "ship_time", "promise_time", "ready_time", "window_start_time", "fulfillment_kind", "pickup_node_id", "supply_date")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    CARRIER_SERVICE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    SHIP_TIME_FIELD_NUMBER: _ClassVar[int]
    PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    READY_TIME_FIELD_NUMBER: _ClassVar[int]
    WINDOW_START_TIME_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_KIND_FIELD_NUMBER: _ClassVar[int]
    PICKUP_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_DATE_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    lane_id: str
    carrier_service: str
    lines: _containers.RepeatedCompositeFieldContainer[PlannedLine]
    weight_grams: int
    cost: PlanCost
    ship_time: _timestamp_pb2.Timestamp
    promise_time: _timestamp_pb2.Timestamp
    ready_time: _timestamp_pb2.Timestamp
    window_start_time: _timestamp_pb2.Timestamp
    fulfillment_kind: FulfillmentKind
    pickup_node_id: str
    supply_date: str
    def __init__(self, node_id: _Optional[str] = ..., lane_id: _Optional[str] = ..., carrier_service: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[PlannedLine, _Mapping]]] = ..., weight_grams: _Optional[int] = ..., cost: _Optional[_Union[PlanCost, _Mapping]] = ..., ship_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ready_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., window_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fulfillment_kind: _Optional[_Union[FulfillmentKind, str]] = ..., pickup_node_id: _Optional[str] = ..., supply_date: _Optional[str] = ...) -> None: ...

class PlannedLine(_message.Message):
    __slots__ = ("line", "sku", "quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    sku: str
    quantity: int
    def __init__(self, line: _Optional[int] = ..., sku: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class UnservedLine(_message.Message):
    __slots__ = ("line", "sku", "quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    sku: str
    quantity: int
    def __init__(self, line: _Optional[int] = ..., sku: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class PlanCost(_message.Message):
    __slots__ = ("currency_code", "total_micros", "shipping_micros", "handling_micros", "shipment_micros", "split_micros", "fuel_micros", "remote_area_micros", "packaging_micros", "load_micros", "rejection_micros", "insurance_micros", "tax_micros", "commission_micros", "stock_out_micros", "markdown_micros", "waiting_micros")
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MICROS_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_MICROS_FIELD_NUMBER: _ClassVar[int]
    HANDLING_MICROS_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_MICROS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_MICROS_FIELD_NUMBER: _ClassVar[int]
    FUEL_MICROS_FIELD_NUMBER: _ClassVar[int]
    REMOTE_AREA_MICROS_FIELD_NUMBER: _ClassVar[int]
    PACKAGING_MICROS_FIELD_NUMBER: _ClassVar[int]
    LOAD_MICROS_FIELD_NUMBER: _ClassVar[int]
    REJECTION_MICROS_FIELD_NUMBER: _ClassVar[int]
    INSURANCE_MICROS_FIELD_NUMBER: _ClassVar[int]
    TAX_MICROS_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_MICROS_FIELD_NUMBER: _ClassVar[int]
    STOCK_OUT_MICROS_FIELD_NUMBER: _ClassVar[int]
    MARKDOWN_MICROS_FIELD_NUMBER: _ClassVar[int]
    WAITING_MICROS_FIELD_NUMBER: _ClassVar[int]
    currency_code: str
    total_micros: int
    shipping_micros: int
    handling_micros: int
    shipment_micros: int
    split_micros: int
    fuel_micros: int
    remote_area_micros: int
    packaging_micros: int
    load_micros: int
    rejection_micros: int
    insurance_micros: int
    tax_micros: int
    commission_micros: int
    stock_out_micros: int
    markdown_micros: int
    waiting_micros: int
    def __init__(self, currency_code: _Optional[str] = ..., total_micros: _Optional[int] = ..., shipping_micros: _Optional[int] = ..., handling_micros: _Optional[int] = ..., shipment_micros: _Optional[int] = ..., split_micros: _Optional[int] = ..., fuel_micros: _Optional[int] = ..., remote_area_micros: _Optional[int] = ..., packaging_micros: _Optional[int] = ..., load_micros: _Optional[int] = ..., rejection_micros: _Optional[int] = ..., insurance_micros: _Optional[int] = ..., tax_micros: _Optional[int] = ..., commission_micros: _Optional[int] = ..., stock_out_micros: _Optional[int] = ..., markdown_micros: _Optional[int] = ..., waiting_micros: _Optional[int] = ...) -> None: ...

class CandidateExplanation(_message.Message):
    __slots__ = ("node_id", "reason", "at_least_more_micros", "is_exact", "removed_by", "short_lines")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_MORE_MICROS_FIELD_NUMBER: _ClassVar[int]
    IS_EXACT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_BY_FIELD_NUMBER: _ClassVar[int]
    SHORT_LINES_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    reason: CandidateReason
    at_least_more_micros: int
    is_exact: bool
    removed_by: _constraint_pb2.Constraint
    short_lines: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, node_id: _Optional[str] = ..., reason: _Optional[_Union[CandidateReason, str]] = ..., at_least_more_micros: _Optional[int] = ..., is_exact: _Optional[bool] = ..., removed_by: _Optional[_Union[_constraint_pb2.Constraint, _Mapping]] = ..., short_lines: _Optional[_Iterable[int]] = ...) -> None: ...
