import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SupplyMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPLY_MODE_UNSPECIFIED: _ClassVar[SupplyMode]
    SUPPLY_MODE_STOCKED: _ClassVar[SupplyMode]
    SUPPLY_MODE_INFINITE: _ClassVar[SupplyMode]
    SUPPLY_MODE_MADE_TO_ORDER: _ClassVar[SupplyMode]

class NodeType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_TYPE_UNSPECIFIED: _ClassVar[NodeType]
    NODE_TYPE_DISTRIBUTION_CENTRE: _ClassVar[NodeType]
    NODE_TYPE_STORE: _ClassVar[NodeType]
    NODE_TYPE_FRANCHISE_STORE: _ClassVar[NodeType]
    NODE_TYPE_DARK_STORE: _ClassVar[NodeType]
    NODE_TYPE_SUPPLIER: _ClassVar[NodeType]

class NodeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_STATE_UNSPECIFIED: _ClassVar[NodeState]
    NODE_STATE_ACTIVE: _ClassVar[NodeState]
    NODE_STATE_PAUSED: _ClassVar[NodeState]
    NODE_STATE_FULL: _ClassVar[NodeState]

class CapacityUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPACITY_UNIT_UNSPECIFIED: _ClassVar[CapacityUnit]
    CAPACITY_UNIT_ORDERS: _ClassVar[CapacityUnit]
    CAPACITY_UNIT_UNITS: _ClassVar[CapacityUnit]

class CapacityOnFull(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPACITY_ON_FULL_UNSPECIFIED: _ClassVar[CapacityOnFull]
    CAPACITY_ON_FULL_PAUSE: _ClassVar[CapacityOnFull]
    CAPACITY_ON_FULL_NEXT_DAY: _ClassVar[CapacityOnFull]
SUPPLY_MODE_UNSPECIFIED: SupplyMode
SUPPLY_MODE_STOCKED: SupplyMode
SUPPLY_MODE_INFINITE: SupplyMode
SUPPLY_MODE_MADE_TO_ORDER: SupplyMode
NODE_TYPE_UNSPECIFIED: NodeType
NODE_TYPE_DISTRIBUTION_CENTRE: NodeType
NODE_TYPE_STORE: NodeType
NODE_TYPE_FRANCHISE_STORE: NodeType
NODE_TYPE_DARK_STORE: NodeType
NODE_TYPE_SUPPLIER: NodeType
NODE_STATE_UNSPECIFIED: NodeState
NODE_STATE_ACTIVE: NodeState
NODE_STATE_PAUSED: NodeState
NODE_STATE_FULL: NodeState
CAPACITY_UNIT_UNSPECIFIED: CapacityUnit
CAPACITY_UNIT_ORDERS: CapacityUnit
CAPACITY_UNIT_UNITS: CapacityUnit
CAPACITY_ON_FULL_UNSPECIFIED: CapacityOnFull
CAPACITY_ON_FULL_PAUSE: CapacityOnFull
CAPACITY_ON_FULL_NEXT_DAY: CapacityOnFull

class Node(_message.Message):
    __slots__ = ("node_id", "name", "type", "state", "country_code", "region_code", "postal_code", "latitude_e6", "longitude_e6", "time_zone", "cutoff_minute", "handling_days", "shipment_cost_micros", "unit_cost_micros", "owner_code", "paused_until_time", "calendar_id", "handling_minutes", "queue_minutes", "packaging_cost_micros", "rejection_basis_points", "resource_cost_micros", "load_cost_micros", "demand_share_basis_points", "attributes", "pickup_point", "receiving_minutes", "accept_minutes", "pick_minutes", "ship_minutes", "deliver_days", "pickup_days", "at_risk_minutes")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_E6_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_E6_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    CUTOFF_MINUTE_FIELD_NUMBER: _ClassVar[int]
    HANDLING_DAYS_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    UNIT_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    OWNER_CODE_FIELD_NUMBER: _ClassVar[int]
    PAUSED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_ID_FIELD_NUMBER: _ClassVar[int]
    HANDLING_MINUTES_FIELD_NUMBER: _ClassVar[int]
    QUEUE_MINUTES_FIELD_NUMBER: _ClassVar[int]
    PACKAGING_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    REJECTION_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    LOAD_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    DEMAND_SHARE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PICKUP_POINT_FIELD_NUMBER: _ClassVar[int]
    RECEIVING_MINUTES_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_MINUTES_FIELD_NUMBER: _ClassVar[int]
    PICK_MINUTES_FIELD_NUMBER: _ClassVar[int]
    SHIP_MINUTES_FIELD_NUMBER: _ClassVar[int]
    DELIVER_DAYS_FIELD_NUMBER: _ClassVar[int]
    PICKUP_DAYS_FIELD_NUMBER: _ClassVar[int]
    AT_RISK_MINUTES_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    name: str
    type: NodeType
    state: NodeState
    country_code: str
    region_code: str
    postal_code: str
    latitude_e6: int
    longitude_e6: int
    time_zone: str
    cutoff_minute: int
    handling_days: int
    shipment_cost_micros: int
    unit_cost_micros: int
    owner_code: str
    paused_until_time: _timestamp_pb2.Timestamp
    calendar_id: str
    handling_minutes: int
    queue_minutes: int
    packaging_cost_micros: int
    rejection_basis_points: int
    resource_cost_micros: int
    load_cost_micros: int
    demand_share_basis_points: int
    attributes: _containers.RepeatedCompositeFieldContainer[NodeAttribute]
    pickup_point: bool
    receiving_minutes: int
    accept_minutes: int
    pick_minutes: int
    ship_minutes: int
    deliver_days: int
    pickup_days: int
    at_risk_minutes: int
    def __init__(self, node_id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[_Union[NodeType, str]] = ..., state: _Optional[_Union[NodeState, str]] = ..., country_code: _Optional[str] = ..., region_code: _Optional[str] = ..., postal_code: _Optional[str] = ..., latitude_e6: _Optional[int] = ..., longitude_e6: _Optional[int] = ..., time_zone: _Optional[str] = ..., cutoff_minute: _Optional[int] = ..., handling_days: _Optional[int] = ..., shipment_cost_micros: _Optional[int] = ..., unit_cost_micros: _Optional[int] = ..., owner_code: _Optional[str] = ..., paused_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., calendar_id: _Optional[str] = ..., handling_minutes: _Optional[int] = ..., queue_minutes: _Optional[int] = ..., packaging_cost_micros: _Optional[int] = ..., rejection_basis_points: _Optional[int] = ..., resource_cost_micros: _Optional[int] = ..., load_cost_micros: _Optional[int] = ..., demand_share_basis_points: _Optional[int] = ..., attributes: _Optional[_Iterable[_Union[NodeAttribute, _Mapping]]] = ..., pickup_point: _Optional[bool] = ..., receiving_minutes: _Optional[int] = ..., accept_minutes: _Optional[int] = ..., pick_minutes: _Optional[int] = ..., ship_minutes: _Optional[int] = ..., deliver_days: _Optional[int] = ..., pickup_days: _Optional[int] = ..., at_risk_minutes: _Optional[int] = ...) -> None: ...

class NodeAttribute(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Calendar(_message.Message):
    __slots__ = ("calendar_id", "name", "hours", "holiday_country_code", "holiday_region_code", "days")
    CALENDAR_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    HOLIDAY_COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    HOLIDAY_REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    calendar_id: str
    name: str
    hours: _containers.RepeatedCompositeFieldContainer[WorkingHours]
    holiday_country_code: str
    holiday_region_code: str
    days: _containers.RepeatedCompositeFieldContainer[CalendarDay]
    def __init__(self, calendar_id: _Optional[str] = ..., name: _Optional[str] = ..., hours: _Optional[_Iterable[_Union[WorkingHours, _Mapping]]] = ..., holiday_country_code: _Optional[str] = ..., holiday_region_code: _Optional[str] = ..., days: _Optional[_Iterable[_Union[CalendarDay, _Mapping]]] = ...) -> None: ...

class WorkingHours(_message.Message):
    __slots__ = ("weekday", "start_minute", "end_minute")
    WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    START_MINUTE_FIELD_NUMBER: _ClassVar[int]
    END_MINUTE_FIELD_NUMBER: _ClassVar[int]
    weekday: int
    start_minute: int
    end_minute: int
    def __init__(self, weekday: _Optional[int] = ..., start_minute: _Optional[int] = ..., end_minute: _Optional[int] = ...) -> None: ...

class CalendarDay(_message.Message):
    __slots__ = ("date", "start_minute", "end_minute")
    DATE_FIELD_NUMBER: _ClassVar[int]
    START_MINUTE_FIELD_NUMBER: _ClassVar[int]
    END_MINUTE_FIELD_NUMBER: _ClassVar[int]
    date: str
    start_minute: int
    end_minute: int
    def __init__(self, date: _Optional[str] = ..., start_minute: _Optional[int] = ..., end_minute: _Optional[int] = ...) -> None: ...

class NodeGroup(_message.Message):
    __slots__ = ("node_group_id", "name", "node_ids")
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    node_group_id: str
    name: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, node_group_id: _Optional[str] = ..., name: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Sku(_message.Message):
    __slots__ = ("sku", "description", "weight_grams", "gtin", "unit_code", "stock_class", "kit", "decimals", "step_quantity", "supply_mode", "lead_time_days", "length_mm", "width_mm", "height_mm", "value_micros", "margin_micros", "markdown_micros", "weekly_demand_quantity", "healthy_weeks_min", "healthy_weeks_max", "substitutes")
    SKU_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    UNIT_CODE_FIELD_NUMBER: _ClassVar[int]
    STOCK_CLASS_FIELD_NUMBER: _ClassVar[int]
    KIT_FIELD_NUMBER: _ClassVar[int]
    DECIMALS_FIELD_NUMBER: _ClassVar[int]
    STEP_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_MODE_FIELD_NUMBER: _ClassVar[int]
    LEAD_TIME_DAYS_FIELD_NUMBER: _ClassVar[int]
    LENGTH_MM_FIELD_NUMBER: _ClassVar[int]
    WIDTH_MM_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_MM_FIELD_NUMBER: _ClassVar[int]
    VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    MARGIN_MICROS_FIELD_NUMBER: _ClassVar[int]
    MARKDOWN_MICROS_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_DEMAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_WEEKS_MIN_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_WEEKS_MAX_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    sku: str
    description: str
    weight_grams: int
    gtin: str
    unit_code: str
    stock_class: str
    kit: _containers.RepeatedCompositeFieldContainer[KitComponent]
    decimals: int
    step_quantity: int
    supply_mode: SupplyMode
    lead_time_days: int
    length_mm: int
    width_mm: int
    height_mm: int
    value_micros: int
    margin_micros: int
    markdown_micros: int
    weekly_demand_quantity: int
    healthy_weeks_min: int
    healthy_weeks_max: int
    substitutes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sku: _Optional[str] = ..., description: _Optional[str] = ..., weight_grams: _Optional[int] = ..., gtin: _Optional[str] = ..., unit_code: _Optional[str] = ..., stock_class: _Optional[str] = ..., kit: _Optional[_Iterable[_Union[KitComponent, _Mapping]]] = ..., decimals: _Optional[int] = ..., step_quantity: _Optional[int] = ..., supply_mode: _Optional[_Union[SupplyMode, str]] = ..., lead_time_days: _Optional[int] = ..., length_mm: _Optional[int] = ..., width_mm: _Optional[int] = ..., height_mm: _Optional[int] = ..., value_micros: _Optional[int] = ..., margin_micros: _Optional[int] = ..., markdown_micros: _Optional[int] = ..., weekly_demand_quantity: _Optional[int] = ..., healthy_weeks_min: _Optional[int] = ..., healthy_weeks_max: _Optional[int] = ..., substitutes: _Optional[_Iterable[str]] = ...) -> None: ...

class KitComponent(_message.Message):
    __slots__ = ("sku", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class RateCard(_message.Message):
    __slots__ = ("rate_card_id", "name", "currency_code", "brackets", "over_step_grams", "over_step_price_micros", "zones", "minimum_micros", "fuel_basis_points", "insurance_basis_points", "remote_areas", "volumetric_divisor", "succeeds_id", "valid_from_time", "valid_until_time")
    RATE_CARD_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    BRACKETS_FIELD_NUMBER: _ClassVar[int]
    OVER_STEP_GRAMS_FIELD_NUMBER: _ClassVar[int]
    OVER_STEP_PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_MICROS_FIELD_NUMBER: _ClassVar[int]
    FUEL_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    INSURANCE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    REMOTE_AREAS_FIELD_NUMBER: _ClassVar[int]
    VOLUMETRIC_DIVISOR_FIELD_NUMBER: _ClassVar[int]
    SUCCEEDS_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    rate_card_id: str
    name: str
    currency_code: str
    brackets: _containers.RepeatedCompositeFieldContainer[RateBracket]
    over_step_grams: int
    over_step_price_micros: int
    zones: _containers.RepeatedCompositeFieldContainer[RateZone]
    minimum_micros: int
    fuel_basis_points: int
    insurance_basis_points: int
    remote_areas: _containers.RepeatedCompositeFieldContainer[RemoteArea]
    volumetric_divisor: int
    succeeds_id: str
    valid_from_time: _timestamp_pb2.Timestamp
    valid_until_time: _timestamp_pb2.Timestamp
    def __init__(self, rate_card_id: _Optional[str] = ..., name: _Optional[str] = ..., currency_code: _Optional[str] = ..., brackets: _Optional[_Iterable[_Union[RateBracket, _Mapping]]] = ..., over_step_grams: _Optional[int] = ..., over_step_price_micros: _Optional[int] = ..., zones: _Optional[_Iterable[_Union[RateZone, _Mapping]]] = ..., minimum_micros: _Optional[int] = ..., fuel_basis_points: _Optional[int] = ..., insurance_basis_points: _Optional[int] = ..., remote_areas: _Optional[_Iterable[_Union[RemoteArea, _Mapping]]] = ..., volumetric_divisor: _Optional[int] = ..., succeeds_id: _Optional[str] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RateZone(_message.Message):
    __slots__ = ("zone", "brackets", "over_step_grams", "over_step_price_micros")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    BRACKETS_FIELD_NUMBER: _ClassVar[int]
    OVER_STEP_GRAMS_FIELD_NUMBER: _ClassVar[int]
    OVER_STEP_PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    zone: str
    brackets: _containers.RepeatedCompositeFieldContainer[RateBracket]
    over_step_grams: int
    over_step_price_micros: int
    def __init__(self, zone: _Optional[str] = ..., brackets: _Optional[_Iterable[_Union[RateBracket, _Mapping]]] = ..., over_step_grams: _Optional[int] = ..., over_step_price_micros: _Optional[int] = ...) -> None: ...

class RemoteArea(_message.Message):
    __slots__ = ("postal_code_prefixes", "surcharge_micros")
    POSTAL_CODE_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    SURCHARGE_MICROS_FIELD_NUMBER: _ClassVar[int]
    postal_code_prefixes: _containers.RepeatedScalarFieldContainer[str]
    surcharge_micros: int
    def __init__(self, postal_code_prefixes: _Optional[_Iterable[str]] = ..., surcharge_micros: _Optional[int] = ...) -> None: ...

class RateBracket(_message.Message):
    __slots__ = ("max_weight_grams", "price_micros", "from_weight_grams")
    MAX_WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    FROM_WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    max_weight_grams: int
    price_micros: int
    from_weight_grams: int
    def __init__(self, max_weight_grams: _Optional[int] = ..., price_micros: _Optional[int] = ..., from_weight_grams: _Optional[int] = ...) -> None: ...

class Lane(_message.Message):
    __slots__ = ("lane_id", "node_id", "country_code", "postal_code_prefixes", "carrier_service", "rate_card_id", "transit_days", "surcharge_micros", "calendar_id", "transit_in_working_days", "transit_minutes", "pickup_minutes", "delivery_start_minute", "delivery_end_minute", "time_zone", "customer_collects", "valid_from_time", "valid_until_time", "zone", "max_distance_km")
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    CARRIER_SERVICE_FIELD_NUMBER: _ClassVar[int]
    RATE_CARD_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSIT_DAYS_FIELD_NUMBER: _ClassVar[int]
    SURCHARGE_MICROS_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSIT_IN_WORKING_DAYS_FIELD_NUMBER: _ClassVar[int]
    TRANSIT_MINUTES_FIELD_NUMBER: _ClassVar[int]
    PICKUP_MINUTES_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_START_MINUTE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_END_MINUTE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_COLLECTS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    MAX_DISTANCE_KM_FIELD_NUMBER: _ClassVar[int]
    lane_id: str
    node_id: str
    country_code: str
    postal_code_prefixes: _containers.RepeatedScalarFieldContainer[str]
    carrier_service: str
    rate_card_id: str
    transit_days: int
    surcharge_micros: int
    calendar_id: str
    transit_in_working_days: bool
    transit_minutes: int
    pickup_minutes: _containers.RepeatedScalarFieldContainer[int]
    delivery_start_minute: int
    delivery_end_minute: int
    time_zone: str
    customer_collects: bool
    valid_from_time: _timestamp_pb2.Timestamp
    valid_until_time: _timestamp_pb2.Timestamp
    zone: str
    max_distance_km: int
    def __init__(self, lane_id: _Optional[str] = ..., node_id: _Optional[str] = ..., country_code: _Optional[str] = ..., postal_code_prefixes: _Optional[_Iterable[str]] = ..., carrier_service: _Optional[str] = ..., rate_card_id: _Optional[str] = ..., transit_days: _Optional[int] = ..., surcharge_micros: _Optional[int] = ..., calendar_id: _Optional[str] = ..., transit_in_working_days: _Optional[bool] = ..., transit_minutes: _Optional[int] = ..., pickup_minutes: _Optional[_Iterable[int]] = ..., delivery_start_minute: _Optional[int] = ..., delivery_end_minute: _Optional[int] = ..., time_zone: _Optional[str] = ..., customer_collects: _Optional[bool] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., zone: _Optional[str] = ..., max_distance_km: _Optional[int] = ...) -> None: ...

class NodeCapacity(_message.Message):
    __slots__ = ("limit_quantity", "unit", "on_full", "working_weekdays")
    LIMIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    ON_FULL_FIELD_NUMBER: _ClassVar[int]
    WORKING_WEEKDAYS_FIELD_NUMBER: _ClassVar[int]
    limit_quantity: int
    unit: CapacityUnit
    on_full: CapacityOnFull
    working_weekdays: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, limit_quantity: _Optional[int] = ..., unit: _Optional[_Union[CapacityUnit, str]] = ..., on_full: _Optional[_Union[CapacityOnFull, str]] = ..., working_weekdays: _Optional[_Iterable[int]] = ...) -> None: ...

class CapacityDay(_message.Message):
    __slots__ = ("date", "open_quantity", "done_quantity", "used_percent")
    DATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DONE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    USED_PERCENT_FIELD_NUMBER: _ClassVar[int]
    date: str
    open_quantity: int
    done_quantity: int
    used_percent: int
    def __init__(self, date: _Optional[str] = ..., open_quantity: _Optional[int] = ..., done_quantity: _Optional[int] = ..., used_percent: _Optional[int] = ...) -> None: ...

class HoldRule(_message.Message):
    __slots__ = ("hold_rule_id", "name", "ttl_seconds", "business_days", "calendar", "time_zone", "end_minute", "held_share_max_permille", "owner_units_max", "owner_holds_max")
    HOLD_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_DAYS_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    END_MINUTE_FIELD_NUMBER: _ClassVar[int]
    HELD_SHARE_MAX_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    OWNER_UNITS_MAX_FIELD_NUMBER: _ClassVar[int]
    OWNER_HOLDS_MAX_FIELD_NUMBER: _ClassVar[int]
    hold_rule_id: str
    name: str
    ttl_seconds: int
    business_days: int
    calendar: str
    time_zone: str
    end_minute: int
    held_share_max_permille: int
    owner_units_max: int
    owner_holds_max: int
    def __init__(self, hold_rule_id: _Optional[str] = ..., name: _Optional[str] = ..., ttl_seconds: _Optional[int] = ..., business_days: _Optional[int] = ..., calendar: _Optional[str] = ..., time_zone: _Optional[str] = ..., end_minute: _Optional[int] = ..., held_share_max_permille: _Optional[int] = ..., owner_units_max: _Optional[int] = ..., owner_holds_max: _Optional[int] = ...) -> None: ...

class SafetyStockRule(_message.Message):
    __slots__ = ("safety_rule_id", "name", "sku", "node_id", "node_group_id", "quantity", "share_permille", "by_confidence", "fulfillment_method")
    SAFETY_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHARE_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    BY_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    safety_rule_id: str
    name: str
    sku: str
    node_id: str
    node_group_id: str
    quantity: int
    share_permille: int
    by_confidence: bool
    fulfillment_method: str
    def __init__(self, safety_rule_id: _Optional[str] = ..., name: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., node_group_id: _Optional[str] = ..., quantity: _Optional[int] = ..., share_permille: _Optional[int] = ..., by_confidence: _Optional[bool] = ..., fulfillment_method: _Optional[str] = ...) -> None: ...

class UnavailableReason(_message.Message):
    __slots__ = ("reason_id", "name")
    REASON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    reason_id: str
    name: str
    def __init__(self, reason_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class TaxRule(_message.Message):
    __slots__ = ("tax_rule_id", "name", "origin_region_code", "destination_region_code", "rate_basis_points", "valid_from_time", "valid_until_time")
    TAX_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    RATE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    tax_rule_id: str
    name: str
    origin_region_code: str
    destination_region_code: str
    rate_basis_points: int
    valid_from_time: _timestamp_pb2.Timestamp
    valid_until_time: _timestamp_pb2.Timestamp
    def __init__(self, tax_rule_id: _Optional[str] = ..., name: _Optional[str] = ..., origin_region_code: _Optional[str] = ..., destination_region_code: _Optional[str] = ..., rate_basis_points: _Optional[int] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CommissionRule(_message.Message):
    __slots__ = ("commission_rule_id", "name", "seller_code", "owner_code", "rate_basis_points", "valid_from_time", "valid_until_time")
    COMMISSION_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SELLER_CODE_FIELD_NUMBER: _ClassVar[int]
    OWNER_CODE_FIELD_NUMBER: _ClassVar[int]
    RATE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    commission_rule_id: str
    name: str
    seller_code: str
    owner_code: str
    rate_basis_points: int
    valid_from_time: _timestamp_pb2.Timestamp
    valid_until_time: _timestamp_pb2.Timestamp
    def __init__(self, commission_rule_id: _Optional[str] = ..., name: _Optional[str] = ..., seller_code: _Optional[str] = ..., owner_code: _Optional[str] = ..., rate_basis_points: _Optional[int] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., valid_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
