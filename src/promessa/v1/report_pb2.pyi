import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReportGroup(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_GROUP_UNSPECIFIED: _ClassVar[ReportGroup]
    REPORT_GROUP_SKU: _ClassVar[ReportGroup]
    REPORT_GROUP_NODE: _ClassVar[ReportGroup]
    REPORT_GROUP_REASON: _ClassVar[ReportGroup]
    REPORT_GROUP_CHANNEL: _ClassVar[ReportGroup]
    REPORT_GROUP_REGION: _ClassVar[ReportGroup]
    REPORT_GROUP_DAY: _ClassVar[ReportGroup]
    REPORT_GROUP_POLICY: _ClassVar[ReportGroup]
REPORT_GROUP_UNSPECIFIED: ReportGroup
REPORT_GROUP_SKU: ReportGroup
REPORT_GROUP_NODE: ReportGroup
REPORT_GROUP_REASON: ReportGroup
REPORT_GROUP_CHANNEL: ReportGroup
REPORT_GROUP_REGION: ReportGroup
REPORT_GROUP_DAY: ReportGroup
REPORT_GROUP_POLICY: ReportGroup

class ReportPeriod(_message.Message):
    __slots__ = ("first_day", "last_day", "time_zone")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    first_day: str
    last_day: str
    time_zone: str
    def __init__(self, first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class ReportBasis(_message.Message):
    __slots__ = ("start_time", "end_time", "archived_until_time", "dead_letter_count", "time_zone")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    archived_until_time: _timestamp_pb2.Timestamp
    dead_letter_count: int
    time_zone: str
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., archived_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dead_letter_count: _Optional[int] = ..., time_zone: _Optional[str] = ...) -> None: ...

class StockoutRow(_message.Message):
    __slots__ = ("sku", "node_id", "reason", "channel", "region", "day", "line_count", "request_count", "requested_quantity", "granted_quantity", "missing_quantity", "demand_quantity", "lost_quantity", "lost_value_micros", "unvalued_quantity", "rupture_basis_points", "currency_code")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    GRANTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MISSING_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DEMAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LOST_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LOST_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    UNVALUED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RUPTURE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    reason: str
    channel: str
    region: str
    day: str
    line_count: int
    request_count: int
    requested_quantity: int
    granted_quantity: int
    missing_quantity: int
    demand_quantity: int
    lost_quantity: int
    lost_value_micros: int
    unvalued_quantity: int
    rupture_basis_points: int
    currency_code: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., reason: _Optional[str] = ..., channel: _Optional[str] = ..., region: _Optional[str] = ..., day: _Optional[str] = ..., line_count: _Optional[int] = ..., request_count: _Optional[int] = ..., requested_quantity: _Optional[int] = ..., granted_quantity: _Optional[int] = ..., missing_quantity: _Optional[int] = ..., demand_quantity: _Optional[int] = ..., lost_quantity: _Optional[int] = ..., lost_value_micros: _Optional[int] = ..., unvalued_quantity: _Optional[int] = ..., rupture_basis_points: _Optional[int] = ..., currency_code: _Optional[str] = ...) -> None: ...

class SourcingRow(_message.Message):
    __slots__ = ("channel", "region", "policy_id", "day", "decision_count", "refused_count", "partial_count", "again_count", "shipment_count", "one_shipment_count", "two_shipments_count", "three_shipments_count", "more_shipments_count", "shipments_permille", "proven_count", "unbounded_count", "gap_micros", "cost")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    DECISION_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    AGAIN_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ONE_SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    TWO_SHIPMENTS_COUNT_FIELD_NUMBER: _ClassVar[int]
    THREE_SHIPMENTS_COUNT_FIELD_NUMBER: _ClassVar[int]
    MORE_SHIPMENTS_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENTS_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    PROVEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNBOUNDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    GAP_MICROS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    channel: str
    region: str
    policy_id: str
    day: str
    decision_count: int
    refused_count: int
    partial_count: int
    again_count: int
    shipment_count: int
    one_shipment_count: int
    two_shipments_count: int
    three_shipments_count: int
    more_shipments_count: int
    shipments_permille: int
    proven_count: int
    unbounded_count: int
    gap_micros: int
    cost: _sourcing_pb2.PlanCost
    def __init__(self, channel: _Optional[str] = ..., region: _Optional[str] = ..., policy_id: _Optional[str] = ..., day: _Optional[str] = ..., decision_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., partial_count: _Optional[int] = ..., again_count: _Optional[int] = ..., shipment_count: _Optional[int] = ..., one_shipment_count: _Optional[int] = ..., two_shipments_count: _Optional[int] = ..., three_shipments_count: _Optional[int] = ..., more_shipments_count: _Optional[int] = ..., shipments_permille: _Optional[int] = ..., proven_count: _Optional[int] = ..., unbounded_count: _Optional[int] = ..., gap_micros: _Optional[int] = ..., cost: _Optional[_Union[_sourcing_pb2.PlanCost, _Mapping]] = ...) -> None: ...

class SourcingAlternative(_message.Message):
    __slots__ = ("name", "compared_count", "cost", "cost_now", "shipment_count", "shipment_now_count", "difference_micros", "difference_low_micros", "difference_high_micros")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COMPARED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    COST_NOW_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NOW_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_MICROS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_LOW_MICROS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_HIGH_MICROS_FIELD_NUMBER: _ClassVar[int]
    name: str
    compared_count: int
    cost: _sourcing_pb2.PlanCost
    cost_now: _sourcing_pb2.PlanCost
    shipment_count: int
    shipment_now_count: int
    difference_micros: int
    difference_low_micros: int
    difference_high_micros: int
    def __init__(self, name: _Optional[str] = ..., compared_count: _Optional[int] = ..., cost: _Optional[_Union[_sourcing_pb2.PlanCost, _Mapping]] = ..., cost_now: _Optional[_Union[_sourcing_pb2.PlanCost, _Mapping]] = ..., shipment_count: _Optional[int] = ..., shipment_now_count: _Optional[int] = ..., difference_micros: _Optional[int] = ..., difference_low_micros: _Optional[int] = ..., difference_high_micros: _Optional[int] = ...) -> None: ...

class ReportOrder(_message.Message):
    __slots__ = ("time", "order_id", "reservation_id", "channel", "node_id", "sku", "reason", "region", "quantity", "state")
    TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    order_id: str
    reservation_id: str
    channel: str
    node_id: str
    sku: str
    reason: str
    region: str
    quantity: int
    state: str
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., channel: _Optional[str] = ..., node_id: _Optional[str] = ..., sku: _Optional[str] = ..., reason: _Optional[str] = ..., region: _Optional[str] = ..., quantity: _Optional[int] = ..., state: _Optional[str] = ...) -> None: ...

class ReservationRow(_message.Message):
    __slots__ = ("channel", "reservation_count", "refused_count", "held_count", "confirmed_count", "fulfilled_count", "released_count", "expired_count", "held_quantity", "fulfilled_quantity", "released_quantity", "expired_quantity", "confirm_time", "fulfill_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RELEASED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_TIME_FIELD_NUMBER: _ClassVar[int]
    FULFILL_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: str
    reservation_count: int
    refused_count: int
    held_count: int
    confirmed_count: int
    fulfilled_count: int
    released_count: int
    expired_count: int
    held_quantity: int
    fulfilled_quantity: int
    released_quantity: int
    expired_quantity: int
    confirm_time: DurationSpread
    fulfill_time: DurationSpread
    def __init__(self, channel: _Optional[str] = ..., reservation_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., held_count: _Optional[int] = ..., confirmed_count: _Optional[int] = ..., fulfilled_count: _Optional[int] = ..., released_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., held_quantity: _Optional[int] = ..., fulfilled_quantity: _Optional[int] = ..., released_quantity: _Optional[int] = ..., expired_quantity: _Optional[int] = ..., confirm_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., fulfill_time: _Optional[_Union[DurationSpread, _Mapping]] = ...) -> None: ...

class DurationSpread(_message.Message):
    __slots__ = ("p50_ms", "p90_ms", "p99_ms")
    P50_MS_FIELD_NUMBER: _ClassVar[int]
    P90_MS_FIELD_NUMBER: _ClassVar[int]
    P99_MS_FIELD_NUMBER: _ClassVar[int]
    p50_ms: int
    p90_ms: int
    p99_ms: int
    def __init__(self, p50_ms: _Optional[int] = ..., p90_ms: _Optional[int] = ..., p99_ms: _Optional[int] = ...) -> None: ...

class ChannelPerformanceRow(_message.Message):
    __slots__ = ("channel", "currency_code", "order_count", "cancelled_count", "ordered_quantity", "promised_quantity", "fill_basis_points", "cancelled_quantity", "shipped_quantity", "returned_quantity", "ordered_micros", "cancelled_micros", "revenue_micros", "lead_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ORDERED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PROMISED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FILL_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHIPPED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RETURNED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ORDERED_MICROS_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_MICROS_FIELD_NUMBER: _ClassVar[int]
    REVENUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    LEAD_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: str
    currency_code: str
    order_count: int
    cancelled_count: int
    ordered_quantity: int
    promised_quantity: int
    fill_basis_points: int
    cancelled_quantity: int
    shipped_quantity: int
    returned_quantity: int
    ordered_micros: int
    cancelled_micros: int
    revenue_micros: int
    lead_time: DurationSpread
    def __init__(self, channel: _Optional[str] = ..., currency_code: _Optional[str] = ..., order_count: _Optional[int] = ..., cancelled_count: _Optional[int] = ..., ordered_quantity: _Optional[int] = ..., promised_quantity: _Optional[int] = ..., fill_basis_points: _Optional[int] = ..., cancelled_quantity: _Optional[int] = ..., shipped_quantity: _Optional[int] = ..., returned_quantity: _Optional[int] = ..., ordered_micros: _Optional[int] = ..., cancelled_micros: _Optional[int] = ..., revenue_micros: _Optional[int] = ..., lead_time: _Optional[_Union[DurationSpread, _Mapping]] = ...) -> None: ...

class NodePerformanceRow(_message.Message):
    __slots__ = ("node_id", "node_type", "offered_count", "accepted_count", "refused_count", "accept_basis_points", "not_found_count", "damaged_count", "no_capacity_count", "node_closed_count", "other_count", "short_count", "accept_time", "pick_time", "ship_time", "pickup_time", "mean_pickup_ms", "on_time_count", "late_count", "on_time_basis_points", "shipped_quantity", "share_basis_points", "store_share_basis_points")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    OFFERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    NOT_FOUND_COUNT_FIELD_NUMBER: _ClassVar[int]
    DAMAGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NO_CAPACITY_COUNT_FIELD_NUMBER: _ClassVar[int]
    NODE_CLOSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OTHER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHORT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    PICK_TIME_FIELD_NUMBER: _ClassVar[int]
    SHIP_TIME_FIELD_NUMBER: _ClassVar[int]
    PICKUP_TIME_FIELD_NUMBER: _ClassVar[int]
    MEAN_PICKUP_MS_FIELD_NUMBER: _ClassVar[int]
    ON_TIME_COUNT_FIELD_NUMBER: _ClassVar[int]
    LATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ON_TIME_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    SHIPPED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHARE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    STORE_SHARE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    node_type: str
    offered_count: int
    accepted_count: int
    refused_count: int
    accept_basis_points: int
    not_found_count: int
    damaged_count: int
    no_capacity_count: int
    node_closed_count: int
    other_count: int
    short_count: int
    accept_time: DurationSpread
    pick_time: DurationSpread
    ship_time: DurationSpread
    pickup_time: DurationSpread
    mean_pickup_ms: int
    on_time_count: int
    late_count: int
    on_time_basis_points: int
    shipped_quantity: int
    share_basis_points: int
    store_share_basis_points: int
    def __init__(self, node_id: _Optional[str] = ..., node_type: _Optional[str] = ..., offered_count: _Optional[int] = ..., accepted_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., accept_basis_points: _Optional[int] = ..., not_found_count: _Optional[int] = ..., damaged_count: _Optional[int] = ..., no_capacity_count: _Optional[int] = ..., node_closed_count: _Optional[int] = ..., other_count: _Optional[int] = ..., short_count: _Optional[int] = ..., accept_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., pick_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., ship_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., pickup_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., mean_pickup_ms: _Optional[int] = ..., on_time_count: _Optional[int] = ..., late_count: _Optional[int] = ..., on_time_basis_points: _Optional[int] = ..., shipped_quantity: _Optional[int] = ..., share_basis_points: _Optional[int] = ..., store_share_basis_points: _Optional[int] = ...) -> None: ...

class JourneyRow(_message.Message):
    __slots__ = ("channel", "part", "state", "entered_count", "open_count", "stay_time", "promised_count", "late_count", "late_basis_points")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ENTERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    STAY_TIME_FIELD_NUMBER: _ClassVar[int]
    PROMISED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    LATE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    part: str
    state: str
    entered_count: int
    open_count: int
    stay_time: DurationSpread
    promised_count: int
    late_count: int
    late_basis_points: int
    def __init__(self, channel: _Optional[str] = ..., part: _Optional[str] = ..., state: _Optional[str] = ..., entered_count: _Optional[int] = ..., open_count: _Optional[int] = ..., stay_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., promised_count: _Optional[int] = ..., late_count: _Optional[int] = ..., late_basis_points: _Optional[int] = ...) -> None: ...

class SettlementRow(_message.Message):
    __slots__ = ("company_code", "counterparty_code", "currency_code", "sold_quantity", "sold_micros", "returned_quantity", "scrapped_quantity", "received_quantity", "commission_micros", "commission_back_micros", "transfer_micros", "exchange_micros", "owed_micros", "net_micros", "exchange_back_micros")
    COMPANY_CODE_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_CODE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    SOLD_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SOLD_MICROS_FIELD_NUMBER: _ClassVar[int]
    RETURNED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SCRAPPED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_MICROS_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_BACK_MICROS_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_MICROS_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_MICROS_FIELD_NUMBER: _ClassVar[int]
    OWED_MICROS_FIELD_NUMBER: _ClassVar[int]
    NET_MICROS_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_BACK_MICROS_FIELD_NUMBER: _ClassVar[int]
    company_code: str
    counterparty_code: str
    currency_code: str
    sold_quantity: int
    sold_micros: int
    returned_quantity: int
    scrapped_quantity: int
    received_quantity: int
    commission_micros: int
    commission_back_micros: int
    transfer_micros: int
    exchange_micros: int
    owed_micros: int
    net_micros: int
    exchange_back_micros: int
    def __init__(self, company_code: _Optional[str] = ..., counterparty_code: _Optional[str] = ..., currency_code: _Optional[str] = ..., sold_quantity: _Optional[int] = ..., sold_micros: _Optional[int] = ..., returned_quantity: _Optional[int] = ..., scrapped_quantity: _Optional[int] = ..., received_quantity: _Optional[int] = ..., commission_micros: _Optional[int] = ..., commission_back_micros: _Optional[int] = ..., transfer_micros: _Optional[int] = ..., exchange_micros: _Optional[int] = ..., owed_micros: _Optional[int] = ..., net_micros: _Optional[int] = ..., exchange_back_micros: _Optional[int] = ...) -> None: ...
