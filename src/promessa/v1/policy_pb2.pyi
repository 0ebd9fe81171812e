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

class PolicyMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_MODE_UNSPECIFIED: _ClassVar[PolicyMode]
    POLICY_MODE_COST: _ClassVar[PolicyMode]
    POLICY_MODE_RULES: _ClassVar[PolicyMode]

class PolicyFact(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_FACT_UNSPECIFIED: _ClassVar[PolicyFact]
    POLICY_FACT_NODE: _ClassVar[PolicyFact]
    POLICY_FACT_NODE_GROUP: _ClassVar[PolicyFact]
    POLICY_FACT_NODE_TYPE: _ClassVar[PolicyFact]
    POLICY_FACT_COUNTRY: _ClassVar[PolicyFact]
    POLICY_FACT_REGION: _ClassVar[PolicyFact]
    POLICY_FACT_OWNER: _ClassVar[PolicyFact]
    POLICY_FACT_ATTRIBUTE: _ClassVar[PolicyFact]
    POLICY_FACT_DISTANCE_KM: _ClassVar[PolicyFact]
    POLICY_FACT_ARRIVAL_DAYS: _ClassVar[PolicyFact]
    POLICY_FACT_LANE_COST: _ClassVar[PolicyFact]
    POLICY_FACT_STOCK_UNITS: _ClassVar[PolicyFact]
    POLICY_FACT_UNITS_LEFT: _ClassVar[PolicyFact]
    POLICY_FACT_COVERAGE_PERCENT: _ClassVar[PolicyFact]
    POLICY_FACT_WEEKS_OF_SUPPLY: _ClassVar[PolicyFact]
    POLICY_FACT_FREE_CAPACITY_PERCENT: _ClassVar[PolicyFact]
    POLICY_FACT_ACCEPTANCE_PERCENT: _ClassVar[PolicyFact]
    POLICY_FACT_REFUSALS: _ClassVar[PolicyFact]
    POLICY_FACT_SHIPMENTS: _ClassVar[PolicyFact]
    POLICY_FACT_COST: _ClassVar[PolicyFact]
    POLICY_FACT_ROTATION: _ClassVar[PolicyFact]

class PolicyLimit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_LIMIT_UNSPECIFIED: _ClassVar[PolicyLimit]
    POLICY_LIMIT_MAX_SHIPMENTS: _ClassVar[PolicyLimit]
    POLICY_LIMIT_SHIP_COMPLETE: _ClassVar[PolicyLimit]
    POLICY_LIMIT_KEEP_LINES_WHOLE: _ClassVar[PolicyLimit]
    POLICY_LIMIT_MIN_SHIPMENT_VALUE: _ClassVar[PolicyLimit]
    POLICY_LIMIT_ARRIVES_WITHIN_DAYS: _ClassVar[PolicyLimit]

class PolicyTerm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_TERM_UNSPECIFIED: _ClassVar[PolicyTerm]
    POLICY_TERM_SHIPPING: _ClassVar[PolicyTerm]
    POLICY_TERM_HANDLING: _ClassVar[PolicyTerm]
    POLICY_TERM_SHIPMENT: _ClassVar[PolicyTerm]
    POLICY_TERM_PACKAGING: _ClassVar[PolicyTerm]
    POLICY_TERM_LOAD: _ClassVar[PolicyTerm]
    POLICY_TERM_REJECTION: _ClassVar[PolicyTerm]
    POLICY_TERM_INSURANCE: _ClassVar[PolicyTerm]
    POLICY_TERM_TAX: _ClassVar[PolicyTerm]
    POLICY_TERM_COMMISSION: _ClassVar[PolicyTerm]
    POLICY_TERM_STOCK_OUT: _ClassVar[PolicyTerm]
    POLICY_TERM_MARKDOWN: _ClassVar[PolicyTerm]

class PolicyOtherwise(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_OTHERWISE_UNSPECIFIED: _ClassVar[PolicyOtherwise]
    POLICY_OTHERWISE_NEXT_RULE: _ClassVar[PolicyOtherwise]
    POLICY_OTHERWISE_STOP: _ClassVar[PolicyOtherwise]

class PolicyUnservedAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_UNSERVED_ACTION_UNSPECIFIED: _ClassVar[PolicyUnservedAction]
    POLICY_UNSERVED_ACTION_ANSWER: _ClassVar[PolicyUnservedAction]
    POLICY_UNSERVED_ACTION_PARK: _ClassVar[PolicyUnservedAction]
    POLICY_UNSERVED_ACTION_CANCEL: _ClassVar[PolicyUnservedAction]
    POLICY_UNSERVED_ACTION_BACKORDER: _ClassVar[PolicyUnservedAction]

class PolicyOrderFact(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_ORDER_FACT_UNSPECIFIED: _ClassVar[PolicyOrderFact]
    POLICY_ORDER_FACT_ORDER_TIME: _ClassVar[PolicyOrderFact]
    POLICY_ORDER_FACT_SHIP_BY: _ClassVar[PolicyOrderFact]
    POLICY_ORDER_FACT_SHIP_AFTER: _ClassVar[PolicyOrderFact]
    POLICY_ORDER_FACT_SLA_DAYS: _ClassVar[PolicyOrderFact]
    POLICY_ORDER_FACT_PRIORITY: _ClassVar[PolicyOrderFact]

class PolicyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_STATE_UNSPECIFIED: _ClassVar[PolicyState]
    POLICY_STATE_DRAFT: _ClassVar[PolicyState]
    POLICY_STATE_ACTIVE: _ClassVar[PolicyState]
    POLICY_STATE_ARCHIVED: _ClassVar[PolicyState]

class PolicyFinding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_FINDING_UNSPECIFIED: _ClassVar[PolicyFinding]
    POLICY_FINDING_UNREACHABLE_RULE: _ClassVar[PolicyFinding]
    POLICY_FINDING_SHADOWED_RULE: _ClassVar[PolicyFinding]
    POLICY_FINDING_IDLE_SORT: _ClassVar[PolicyFinding]
    POLICY_FINDING_EMPTY_FILTER: _ClassVar[PolicyFinding]
    POLICY_FINDING_CONTRADICTION: _ClassVar[PolicyFinding]
    POLICY_FINDING_SHADOWED_POLICY: _ClassVar[PolicyFinding]
    POLICY_FINDING_UNKNOWN_NAME: _ClassVar[PolicyFinding]
    POLICY_FINDING_EXPIRED: _ClassVar[PolicyFinding]
    POLICY_FINDING_INVALID: _ClassVar[PolicyFinding]
POLICY_MODE_UNSPECIFIED: PolicyMode
POLICY_MODE_COST: PolicyMode
POLICY_MODE_RULES: PolicyMode
POLICY_FACT_UNSPECIFIED: PolicyFact
POLICY_FACT_NODE: PolicyFact
POLICY_FACT_NODE_GROUP: PolicyFact
POLICY_FACT_NODE_TYPE: PolicyFact
POLICY_FACT_COUNTRY: PolicyFact
POLICY_FACT_REGION: PolicyFact
POLICY_FACT_OWNER: PolicyFact
POLICY_FACT_ATTRIBUTE: PolicyFact
POLICY_FACT_DISTANCE_KM: PolicyFact
POLICY_FACT_ARRIVAL_DAYS: PolicyFact
POLICY_FACT_LANE_COST: PolicyFact
POLICY_FACT_STOCK_UNITS: PolicyFact
POLICY_FACT_UNITS_LEFT: PolicyFact
POLICY_FACT_COVERAGE_PERCENT: PolicyFact
POLICY_FACT_WEEKS_OF_SUPPLY: PolicyFact
POLICY_FACT_FREE_CAPACITY_PERCENT: PolicyFact
POLICY_FACT_ACCEPTANCE_PERCENT: PolicyFact
POLICY_FACT_REFUSALS: PolicyFact
POLICY_FACT_SHIPMENTS: PolicyFact
POLICY_FACT_COST: PolicyFact
POLICY_FACT_ROTATION: PolicyFact
POLICY_LIMIT_UNSPECIFIED: PolicyLimit
POLICY_LIMIT_MAX_SHIPMENTS: PolicyLimit
POLICY_LIMIT_SHIP_COMPLETE: PolicyLimit
POLICY_LIMIT_KEEP_LINES_WHOLE: PolicyLimit
POLICY_LIMIT_MIN_SHIPMENT_VALUE: PolicyLimit
POLICY_LIMIT_ARRIVES_WITHIN_DAYS: PolicyLimit
POLICY_TERM_UNSPECIFIED: PolicyTerm
POLICY_TERM_SHIPPING: PolicyTerm
POLICY_TERM_HANDLING: PolicyTerm
POLICY_TERM_SHIPMENT: PolicyTerm
POLICY_TERM_PACKAGING: PolicyTerm
POLICY_TERM_LOAD: PolicyTerm
POLICY_TERM_REJECTION: PolicyTerm
POLICY_TERM_INSURANCE: PolicyTerm
POLICY_TERM_TAX: PolicyTerm
POLICY_TERM_COMMISSION: PolicyTerm
POLICY_TERM_STOCK_OUT: PolicyTerm
POLICY_TERM_MARKDOWN: PolicyTerm
POLICY_OTHERWISE_UNSPECIFIED: PolicyOtherwise
POLICY_OTHERWISE_NEXT_RULE: PolicyOtherwise
POLICY_OTHERWISE_STOP: PolicyOtherwise
POLICY_UNSERVED_ACTION_UNSPECIFIED: PolicyUnservedAction
POLICY_UNSERVED_ACTION_ANSWER: PolicyUnservedAction
POLICY_UNSERVED_ACTION_PARK: PolicyUnservedAction
POLICY_UNSERVED_ACTION_CANCEL: PolicyUnservedAction
POLICY_UNSERVED_ACTION_BACKORDER: PolicyUnservedAction
POLICY_ORDER_FACT_UNSPECIFIED: PolicyOrderFact
POLICY_ORDER_FACT_ORDER_TIME: PolicyOrderFact
POLICY_ORDER_FACT_SHIP_BY: PolicyOrderFact
POLICY_ORDER_FACT_SHIP_AFTER: PolicyOrderFact
POLICY_ORDER_FACT_SLA_DAYS: PolicyOrderFact
POLICY_ORDER_FACT_PRIORITY: PolicyOrderFact
POLICY_STATE_UNSPECIFIED: PolicyState
POLICY_STATE_DRAFT: PolicyState
POLICY_STATE_ACTIVE: PolicyState
POLICY_STATE_ARCHIVED: PolicyState
POLICY_FINDING_UNSPECIFIED: PolicyFinding
POLICY_FINDING_UNREACHABLE_RULE: PolicyFinding
POLICY_FINDING_SHADOWED_RULE: PolicyFinding
POLICY_FINDING_IDLE_SORT: PolicyFinding
POLICY_FINDING_EMPTY_FILTER: PolicyFinding
POLICY_FINDING_CONTRADICTION: PolicyFinding
POLICY_FINDING_SHADOWED_POLICY: PolicyFinding
POLICY_FINDING_UNKNOWN_NAME: PolicyFinding
POLICY_FINDING_EXPIRED: PolicyFinding
POLICY_FINDING_INVALID: PolicyFinding

class Policy(_message.Message):
    __slots__ = ("policy_id", "mode", "rules", "name", "precedence", "starts_time", "ends_time", "applies_to", "except_for", "order_sorts", "unserved")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRECEDENCE_FIELD_NUMBER: _ClassVar[int]
    STARTS_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDS_TIME_FIELD_NUMBER: _ClassVar[int]
    APPLIES_TO_FIELD_NUMBER: _ClassVar[int]
    EXCEPT_FOR_FIELD_NUMBER: _ClassVar[int]
    ORDER_SORTS_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    mode: PolicyMode
    rules: _containers.RepeatedCompositeFieldContainer[PolicyRule]
    name: str
    precedence: int
    starts_time: _timestamp_pb2.Timestamp
    ends_time: _timestamp_pb2.Timestamp
    applies_to: PolicyOrderFilter
    except_for: PolicyOrderFilter
    order_sorts: _containers.RepeatedCompositeFieldContainer[PolicyOrderSort]
    unserved: PolicyUnserved
    def __init__(self, policy_id: _Optional[str] = ..., mode: _Optional[_Union[PolicyMode, str]] = ..., rules: _Optional[_Iterable[_Union[PolicyRule, _Mapping]]] = ..., name: _Optional[str] = ..., precedence: _Optional[int] = ..., starts_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ends_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., applies_to: _Optional[_Union[PolicyOrderFilter, _Mapping]] = ..., except_for: _Optional[_Union[PolicyOrderFilter, _Mapping]] = ..., order_sorts: _Optional[_Iterable[_Union[PolicyOrderSort, _Mapping]]] = ..., unserved: _Optional[_Union[PolicyUnserved, _Mapping]] = ...) -> None: ...

class PolicyOrderFilter(_message.Message):
    __slots__ = ("channels", "order_kinds", "countries", "regions", "customer_tiers", "queues", "origins", "ship_methods", "categories", "tags", "min_priority", "max_priority", "min_value_micros", "max_value_micros", "min_promise_days", "max_promise_days")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    ORDER_KINDS_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_TIERS_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    SHIP_METHODS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    MIN_PRIORITY_FIELD_NUMBER: _ClassVar[int]
    MAX_PRIORITY_FIELD_NUMBER: _ClassVar[int]
    MIN_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    MAX_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    MIN_PROMISE_DAYS_FIELD_NUMBER: _ClassVar[int]
    MAX_PROMISE_DAYS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedScalarFieldContainer[str]
    order_kinds: _containers.RepeatedScalarFieldContainer[str]
    countries: _containers.RepeatedScalarFieldContainer[str]
    regions: _containers.RepeatedScalarFieldContainer[str]
    customer_tiers: _containers.RepeatedScalarFieldContainer[str]
    queues: _containers.RepeatedScalarFieldContainer[str]
    origins: _containers.RepeatedScalarFieldContainer[str]
    ship_methods: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    min_priority: int
    max_priority: int
    min_value_micros: int
    max_value_micros: int
    min_promise_days: int
    max_promise_days: int
    def __init__(self, channels: _Optional[_Iterable[str]] = ..., order_kinds: _Optional[_Iterable[str]] = ..., countries: _Optional[_Iterable[str]] = ..., regions: _Optional[_Iterable[str]] = ..., customer_tiers: _Optional[_Iterable[str]] = ..., queues: _Optional[_Iterable[str]] = ..., origins: _Optional[_Iterable[str]] = ..., ship_methods: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., min_priority: _Optional[int] = ..., max_priority: _Optional[int] = ..., min_value_micros: _Optional[int] = ..., max_value_micros: _Optional[int] = ..., min_promise_days: _Optional[int] = ..., max_promise_days: _Optional[int] = ...) -> None: ...

class PolicyRule(_message.Message):
    __slots__ = ("name", "when", "unless", "filters", "limits", "sorts", "costs", "allow_partial", "offer", "otherwise")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    UNLESS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    SORTS_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    name: str
    when: PolicyOrderFilter
    unless: PolicyOrderFilter
    filters: _containers.RepeatedCompositeFieldContainer[PolicyNodeFilter]
    limits: PolicyLimits
    sorts: _containers.RepeatedCompositeFieldContainer[PolicySort]
    costs: PolicyCosts
    allow_partial: bool
    offer: PolicyOffer
    otherwise: PolicyOtherwise
    def __init__(self, name: _Optional[str] = ..., when: _Optional[_Union[PolicyOrderFilter, _Mapping]] = ..., unless: _Optional[_Union[PolicyOrderFilter, _Mapping]] = ..., filters: _Optional[_Iterable[_Union[PolicyNodeFilter, _Mapping]]] = ..., limits: _Optional[_Union[PolicyLimits, _Mapping]] = ..., sorts: _Optional[_Iterable[_Union[PolicySort, _Mapping]]] = ..., costs: _Optional[_Union[PolicyCosts, _Mapping]] = ..., allow_partial: _Optional[bool] = ..., offer: _Optional[_Union[PolicyOffer, _Mapping]] = ..., otherwise: _Optional[_Union[PolicyOtherwise, str]] = ...) -> None: ...

class PolicyNodeFilter(_message.Message):
    __slots__ = ("where", "name", "any_of", "none_of", "min", "max", "soft")
    WHERE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ANY_OF_FIELD_NUMBER: _ClassVar[int]
    NONE_OF_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    SOFT_FIELD_NUMBER: _ClassVar[int]
    where: PolicyFact
    name: str
    any_of: _containers.RepeatedScalarFieldContainer[str]
    none_of: _containers.RepeatedScalarFieldContainer[str]
    min: int
    max: int
    soft: bool
    def __init__(self, where: _Optional[_Union[PolicyFact, str]] = ..., name: _Optional[str] = ..., any_of: _Optional[_Iterable[str]] = ..., none_of: _Optional[_Iterable[str]] = ..., min: _Optional[int] = ..., max: _Optional[int] = ..., soft: _Optional[bool] = ...) -> None: ...

class PolicyLimits(_message.Message):
    __slots__ = ("max_shipments", "ship_complete", "keep_lines_whole", "min_shipment_value_micros", "arrives_within_days", "soft")
    MAX_SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    SHIP_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    KEEP_LINES_WHOLE_FIELD_NUMBER: _ClassVar[int]
    MIN_SHIPMENT_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    ARRIVES_WITHIN_DAYS_FIELD_NUMBER: _ClassVar[int]
    SOFT_FIELD_NUMBER: _ClassVar[int]
    max_shipments: int
    ship_complete: bool
    keep_lines_whole: bool
    min_shipment_value_micros: int
    arrives_within_days: int
    soft: _containers.RepeatedScalarFieldContainer[PolicyLimit]
    def __init__(self, max_shipments: _Optional[int] = ..., ship_complete: _Optional[bool] = ..., keep_lines_whole: _Optional[bool] = ..., min_shipment_value_micros: _Optional[int] = ..., arrives_within_days: _Optional[int] = ..., soft: _Optional[_Iterable[_Union[PolicyLimit, str]]] = ...) -> None: ...

class PolicySort(_message.Message):
    __slots__ = ("by", "name", "band", "largest_first", "prefer")
    BY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    PREFER_FIELD_NUMBER: _ClassVar[int]
    by: PolicyFact
    name: str
    band: int
    largest_first: bool
    prefer: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, by: _Optional[_Union[PolicyFact, str]] = ..., name: _Optional[str] = ..., band: _Optional[int] = ..., largest_first: _Optional[bool] = ..., prefer: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyCosts(_message.Message):
    __slots__ = ("weights", "split_micros", "arrival_day_micros", "distance_km_micros", "preferences")
    WEIGHTS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_MICROS_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_DAY_MICROS_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_KM_MICROS_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    weights: _containers.RepeatedCompositeFieldContainer[PolicyWeight]
    split_micros: int
    arrival_day_micros: int
    distance_km_micros: int
    preferences: _containers.RepeatedCompositeFieldContainer[PolicyPreference]
    def __init__(self, weights: _Optional[_Iterable[_Union[PolicyWeight, _Mapping]]] = ..., split_micros: _Optional[int] = ..., arrival_day_micros: _Optional[int] = ..., distance_km_micros: _Optional[int] = ..., preferences: _Optional[_Iterable[_Union[PolicyPreference, _Mapping]]] = ...) -> None: ...

class PolicyWeight(_message.Message):
    __slots__ = ("term", "percent")
    TERM_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    term: PolicyTerm
    percent: int
    def __init__(self, term: _Optional[_Union[PolicyTerm, str]] = ..., percent: _Optional[int] = ...) -> None: ...

class PolicyPreference(_message.Message):
    __slots__ = ("nodes", "add_micros")
    NODES_FIELD_NUMBER: _ClassVar[int]
    ADD_MICROS_FIELD_NUMBER: _ClassVar[int]
    nodes: PolicyNodeFilter
    add_micros: int
    def __init__(self, nodes: _Optional[_Union[PolicyNodeFilter, _Mapping]] = ..., add_micros: _Optional[int] = ...) -> None: ...

class PolicyOffer(_message.Message):
    __slots__ = ("nodes", "minutes")
    NODES_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    nodes: int
    minutes: int
    def __init__(self, nodes: _Optional[int] = ..., minutes: _Optional[int] = ...) -> None: ...

class PolicyUnserved(_message.Message):
    __slots__ = ("action", "queue", "days")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    action: PolicyUnservedAction
    queue: str
    days: int
    def __init__(self, action: _Optional[_Union[PolicyUnservedAction, str]] = ..., queue: _Optional[str] = ..., days: _Optional[int] = ...) -> None: ...

class PolicyOrderSort(_message.Message):
    __slots__ = ("by", "largest_first")
    BY_FIELD_NUMBER: _ClassVar[int]
    LARGEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    by: PolicyOrderFact
    largest_first: bool
    def __init__(self, by: _Optional[_Union[PolicyOrderFact, str]] = ..., largest_first: _Optional[bool] = ...) -> None: ...

class PolicyVersion(_message.Message):
    __slots__ = ("policy_id", "version", "comment", "state", "create_time", "policy", "document", "shadow_percent")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    SHADOW_PERCENT_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    comment: str
    state: PolicyState
    create_time: _timestamp_pb2.Timestamp
    policy: Policy
    document: str
    shadow_percent: int
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ..., comment: _Optional[str] = ..., state: _Optional[_Union[PolicyState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy: _Optional[_Union[Policy, _Mapping]] = ..., document: _Optional[str] = ..., shadow_percent: _Optional[int] = ...) -> None: ...

class PolicySummary(_message.Message):
    __slots__ = ("policy_id", "version_count", "active_version", "applies_to", "precedence", "name", "shadow_version", "shadow_percent")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_VERSION_FIELD_NUMBER: _ClassVar[int]
    APPLIES_TO_FIELD_NUMBER: _ClassVar[int]
    PRECEDENCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHADOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    SHADOW_PERCENT_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version_count: int
    active_version: int
    applies_to: PolicyOrderFilter
    precedence: int
    name: str
    shadow_version: int
    shadow_percent: int
    def __init__(self, policy_id: _Optional[str] = ..., version_count: _Optional[int] = ..., active_version: _Optional[int] = ..., applies_to: _Optional[_Union[PolicyOrderFilter, _Mapping]] = ..., precedence: _Optional[int] = ..., name: _Optional[str] = ..., shadow_version: _Optional[int] = ..., shadow_percent: _Optional[int] = ...) -> None: ...

class PolicyDoubt(_message.Message):
    __slots__ = ("finding", "error", "field", "line", "message")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    finding: PolicyFinding
    error: bool
    field: str
    line: int
    message: str
    def __init__(self, finding: _Optional[_Union[PolicyFinding, str]] = ..., error: _Optional[bool] = ..., field: _Optional[str] = ..., line: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class PolicyDecision(_message.Message):
    __slots__ = ("policy_id", "version", "rule", "given_up", "objective_micros", "unserved", "offer")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_UP_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_MICROS_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    rule: str
    given_up: _containers.RepeatedScalarFieldContainer[str]
    objective_micros: int
    unserved: PolicyUnserved
    offer: PolicyOffer
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ..., rule: _Optional[str] = ..., given_up: _Optional[_Iterable[str]] = ..., objective_micros: _Optional[int] = ..., unserved: _Optional[_Union[PolicyUnserved, _Mapping]] = ..., offer: _Optional[_Union[PolicyOffer, _Mapping]] = ...) -> None: ...
