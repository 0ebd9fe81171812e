import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import availability_pb2 as _availability_pb2
from promessa.v1 import decision_pb2 as _decision_pb2
from promessa.v1 import plan_token_pb2 as _plan_token_pb2
from promessa.v1 import policy_pb2 as _policy_pb2
from promessa.v1 import reservation_pb2 as _reservation_pb2
from promessa.v1 import reservation_service_pb2 as _reservation_service_pb2
from promessa.v1 import resourcing_pb2 as _resourcing_pb2
from promessa.v1 import simulation_pb2 as _simulation_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from promessa.v1 import wave_pb2 as _wave_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QuoteMerit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUOTE_MERIT_UNSPECIFIED: _ClassVar[QuoteMerit]
    QUOTE_MERIT_CHEAPEST: _ClassVar[QuoteMerit]
    QUOTE_MERIT_FASTEST: _ClassVar[QuoteMerit]
    QUOTE_MERIT_FEWEST_SHIPMENTS: _ClassVar[QuoteMerit]
    QUOTE_MERIT_BALANCED: _ClassVar[QuoteMerit]
QUOTE_MERIT_UNSPECIFIED: QuoteMerit
QUOTE_MERIT_CHEAPEST: QuoteMerit
QUOTE_MERIT_FASTEST: QuoteMerit
QUOTE_MERIT_FEWEST_SHIPMENTS: QuoteMerit
QUOTE_MERIT_BALANCED: QuoteMerit

class SimulateRequest(_message.Message):
    __slots__ = ("settings", "orders")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    settings: SimulationSettings
    orders: _containers.RepeatedCompositeFieldContainer[_simulation_pb2.SimulatedOrder]
    def __init__(self, settings: _Optional[_Union[SimulationSettings, _Mapping]] = ..., orders: _Optional[_Iterable[_Union[_simulation_pb2.SimulatedOrder, _Mapping]]] = ...) -> None: ...

class SimulationSettings(_message.Message):
    __slots__ = ("scenario", "baseline", "deplete", "recorded", "detail")
    SCENARIO_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    DEPLETE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    scenario: _simulation_pb2.SimulationScenario
    baseline: _simulation_pb2.SimulationScenario
    deplete: bool
    recorded: _simulation_pb2.RecordedOrders
    detail: _simulation_pb2.SimulationDetail
    def __init__(self, scenario: _Optional[_Union[_simulation_pb2.SimulationScenario, _Mapping]] = ..., baseline: _Optional[_Union[_simulation_pb2.SimulationScenario, _Mapping]] = ..., deplete: _Optional[bool] = ..., recorded: _Optional[_Union[_simulation_pb2.RecordedOrders, _Mapping]] = ..., detail: _Optional[_Union[_simulation_pb2.SimulationDetail, str]] = ...) -> None: ...

class SimulateResponse(_message.Message):
    __slots__ = ("progress", "problem", "decision", "report")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    progress: _simulation_pb2.SimulationProgress
    problem: _simulation_pb2.SimulationProblem
    decision: _simulation_pb2.SimulatedDecision
    report: _simulation_pb2.SimulationReport
    def __init__(self, progress: _Optional[_Union[_simulation_pb2.SimulationProgress, _Mapping]] = ..., problem: _Optional[_Union[_simulation_pb2.SimulationProblem, _Mapping]] = ..., decision: _Optional[_Union[_simulation_pb2.SimulatedDecision, _Mapping]] = ..., report: _Optional[_Union[_simulation_pb2.SimulationReport, _Mapping]] = ...) -> None: ...

class QuoteRequest(_message.Message):
    __slots__ = ("order", "alternative_count", "offer_substitutes", "explain_relaxations", "day_value_micros", "pickup_option_count", "pickup_option_node_ids")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVE_COUNT_FIELD_NUMBER: _ClassVar[int]
    OFFER_SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_RELAXATIONS_FIELD_NUMBER: _ClassVar[int]
    DAY_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    PICKUP_OPTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    PICKUP_OPTION_NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    order: _sourcing_pb2.SourcingOrder
    alternative_count: int
    offer_substitutes: bool
    explain_relaxations: bool
    day_value_micros: int
    pickup_option_count: int
    pickup_option_node_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, order: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., alternative_count: _Optional[int] = ..., offer_substitutes: _Optional[bool] = ..., explain_relaxations: _Optional[bool] = ..., day_value_micros: _Optional[int] = ..., pickup_option_count: _Optional[int] = ..., pickup_option_node_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class QuoteResponse(_message.Message):
    __slots__ = ("options", "freshness", "line_substitutes", "relaxations", "pickup_options")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    LINE_SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    RELAXATIONS_FIELD_NUMBER: _ClassVar[int]
    PICKUP_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    options: _containers.RepeatedCompositeFieldContainer[QuoteOption]
    freshness: _availability_pb2.Freshness
    line_substitutes: _containers.RepeatedCompositeFieldContainer[_availability_pb2.LineSubstitutes]
    relaxations: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Relaxation]
    pickup_options: _containers.RepeatedCompositeFieldContainer[QuoteOption]
    def __init__(self, options: _Optional[_Iterable[_Union[QuoteOption, _Mapping]]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ..., line_substitutes: _Optional[_Iterable[_Union[_availability_pb2.LineSubstitutes, _Mapping]]] = ..., relaxations: _Optional[_Iterable[_Union[_decision_pb2.Relaxation, _Mapping]]] = ..., pickup_options: _Optional[_Iterable[_Union[QuoteOption, _Mapping]]] = ...) -> None: ...

class QuoteOption(_message.Message):
    __slots__ = ("plan", "merits", "proven_merits", "proven_cheapest_by_date", "proven_cheapest_by_shipments", "plan_token", "plan_token_expire_time", "pickup_node_id")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    MERITS_FIELD_NUMBER: _ClassVar[int]
    PROVEN_MERITS_FIELD_NUMBER: _ClassVar[int]
    PROVEN_CHEAPEST_BY_DATE_FIELD_NUMBER: _ClassVar[int]
    PROVEN_CHEAPEST_BY_SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PICKUP_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    plan: _sourcing_pb2.SourcingPlan
    merits: _containers.RepeatedScalarFieldContainer[QuoteMerit]
    proven_merits: _containers.RepeatedScalarFieldContainer[QuoteMerit]
    proven_cheapest_by_date: bool
    proven_cheapest_by_shipments: bool
    plan_token: str
    plan_token_expire_time: _timestamp_pb2.Timestamp
    pickup_node_id: str
    def __init__(self, plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., merits: _Optional[_Iterable[_Union[QuoteMerit, str]]] = ..., proven_merits: _Optional[_Iterable[_Union[QuoteMerit, str]]] = ..., proven_cheapest_by_date: _Optional[bool] = ..., proven_cheapest_by_shipments: _Optional[bool] = ..., plan_token: _Optional[str] = ..., plan_token_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pickup_node_id: _Optional[str] = ...) -> None: ...

class SourceRequest(_message.Message):
    __slots__ = ("order", "explain", "parts")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    order: _sourcing_pb2.SourcingOrder
    explain: bool
    parts: _decision_pb2.ExplanationParts
    def __init__(self, order: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., explain: _Optional[bool] = ..., parts: _Optional[_Union[_decision_pb2.ExplanationParts, _Mapping]] = ...) -> None: ...

class SourceResponse(_message.Message):
    __slots__ = ("plan", "candidates", "freshness", "explanation")
    PLAN_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    plan: _sourcing_pb2.SourcingPlan
    candidates: _containers.RepeatedCompositeFieldContainer[_sourcing_pb2.CandidateExplanation]
    freshness: _availability_pb2.Freshness
    explanation: _decision_pb2.DecisionExplanation
    def __init__(self, plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[_sourcing_pb2.CandidateExplanation, _Mapping]]] = ..., freshness: _Optional[_Union[_availability_pb2.Freshness, _Mapping]] = ..., explanation: _Optional[_Union[_decision_pb2.DecisionExplanation, _Mapping]] = ...) -> None: ...

class SourceAndReserveRequest(_message.Message):
    __slots__ = ("request_id", "order", "ttl", "owner_id", "allow_partial", "hold_rule_id", "explain_refusal", "plan_token", "accept_changes", "max_extra_cost_micros", "latest_promise_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    OWNER_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    HOLD_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_REFUSAL_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_CHANGES_FIELD_NUMBER: _ClassVar[int]
    MAX_EXTRA_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    LATEST_PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order: _sourcing_pb2.SourcingOrder
    ttl: _duration_pb2.Duration
    owner_id: str
    allow_partial: bool
    hold_rule_id: str
    explain_refusal: bool
    plan_token: str
    accept_changes: bool
    max_extra_cost_micros: int
    latest_promise_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., order: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., owner_id: _Optional[str] = ..., allow_partial: _Optional[bool] = ..., hold_rule_id: _Optional[str] = ..., explain_refusal: _Optional[bool] = ..., plan_token: _Optional[str] = ..., accept_changes: _Optional[bool] = ..., max_extra_cost_micros: _Optional[int] = ..., latest_promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SourceAndReserveResponse(_message.Message):
    __slots__ = ("outcome", "plan", "reservation", "shortfalls", "attempt_count", "token", "replayed", "policy", "relaxations", "plan_token_result")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RELAXATIONS_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_RESULT_FIELD_NUMBER: _ClassVar[int]
    outcome: _reservation_pb2.ReserveOutcome
    plan: _sourcing_pb2.SourcingPlan
    reservation: _reservation_pb2.Reservation
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    attempt_count: int
    token: str
    replayed: bool
    policy: _policy_pb2.PolicyDecision
    relaxations: _containers.RepeatedCompositeFieldContainer[_decision_pb2.Relaxation]
    plan_token_result: _plan_token_pb2.PlanTokenResult
    def __init__(self, outcome: _Optional[_Union[_reservation_pb2.ReserveOutcome, str]] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., attempt_count: _Optional[int] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., policy: _Optional[_Union[_policy_pb2.PolicyDecision, _Mapping]] = ..., relaxations: _Optional[_Iterable[_Union[_decision_pb2.Relaxation, _Mapping]]] = ..., plan_token_result: _Optional[_Union[_plan_token_pb2.PlanTokenResult, _Mapping]] = ...) -> None: ...

class ResourceRequest(_message.Message):
    __slots__ = ("request_id", "reservation_id", "node_id", "lines", "reason", "cooldown", "allow_partial", "release_unserved")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    RELEASE_UNSERVED_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reservation_id: str
    node_id: str
    lines: _containers.RepeatedCompositeFieldContainer[RefusedLine]
    reason: _resourcing_pb2.RefusalReason
    cooldown: _duration_pb2.Duration
    allow_partial: bool
    release_unserved: bool
    def __init__(self, request_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., node_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[RefusedLine, _Mapping]]] = ..., reason: _Optional[_Union[_resourcing_pb2.RefusalReason, str]] = ..., cooldown: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., allow_partial: _Optional[bool] = ..., release_unserved: _Optional[bool] = ...) -> None: ...

class RefusedLine(_message.Message):
    __slots__ = ("sku", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class ResourceResponse(_message.Message):
    __slots__ = ("outcome", "plan", "reservation", "shortfalls", "attempt_count", "coolings", "previous_decision_id", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    COOLINGS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _resourcing_pb2.ResourceOutcome
    plan: _sourcing_pb2.SourcingPlan
    reservation: _reservation_pb2.Reservation
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    attempt_count: int
    coolings: _containers.RepeatedCompositeFieldContainer[_resourcing_pb2.NodeCooling]
    previous_decision_id: str
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_resourcing_pb2.ResourceOutcome, str]] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., reservation: _Optional[_Union[_reservation_pb2.Reservation, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., attempt_count: _Optional[int] = ..., coolings: _Optional[_Iterable[_Union[_resourcing_pb2.NodeCooling, _Mapping]]] = ..., previous_decision_id: _Optional[str] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SourceStreamRequest(_message.Message):
    __slots__ = ("settings", "orders")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    settings: _wave_pb2.WaveSettings
    orders: _containers.RepeatedCompositeFieldContainer[SourceAndReserveRequest]
    def __init__(self, settings: _Optional[_Union[_wave_pb2.WaveSettings, _Mapping]] = ..., orders: _Optional[_Iterable[_Union[SourceAndReserveRequest, _Mapping]]] = ...) -> None: ...

class SourceStreamResponse(_message.Message):
    __slots__ = ("results", "report")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[SourceStreamResult]
    report: _wave_pb2.WaveReport
    def __init__(self, results: _Optional[_Iterable[_Union[SourceStreamResult, _Mapping]]] = ..., report: _Optional[_Union[_wave_pb2.WaveReport, _Mapping]] = ...) -> None: ...

class SourceStreamResult(_message.Message):
    __slots__ = ("response", "error")
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    response: SourceAndReserveResponse
    error: _reservation_service_pb2.ReserveError
    def __init__(self, response: _Optional[_Union[SourceAndReserveResponse, _Mapping]] = ..., error: _Optional[_Union[_reservation_service_pb2.ReserveError, _Mapping]] = ...) -> None: ...

class ExplainDecisionRequest(_message.Message):
    __slots__ = ("decision_id", "parts")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    parts: _decision_pb2.ExplanationParts
    def __init__(self, decision_id: _Optional[str] = ..., parts: _Optional[_Union[_decision_pb2.ExplanationParts, _Mapping]] = ...) -> None: ...

class ExplainDecisionResponse(_message.Message):
    __slots__ = ("decision_id", "decision_time", "order", "outcome", "plan", "attempt_count", "is_identical", "differences", "is_record_altered", "is_other_engine", "previous_decision_id", "candidates", "explanation", "later_decision_ids", "quoted")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    IS_IDENTICAL_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    IS_RECORD_ALTERED_FIELD_NUMBER: _ClassVar[int]
    IS_OTHER_ENGINE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    LATER_DECISION_IDS_FIELD_NUMBER: _ClassVar[int]
    QUOTED_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    decision_time: _timestamp_pb2.Timestamp
    order: _sourcing_pb2.SourcingOrder
    outcome: _reservation_pb2.ReserveOutcome
    plan: _sourcing_pb2.SourcingPlan
    attempt_count: int
    is_identical: bool
    differences: _containers.RepeatedCompositeFieldContainer[_decision_pb2.DecisionDifference]
    is_record_altered: bool
    is_other_engine: bool
    previous_decision_id: str
    candidates: _containers.RepeatedCompositeFieldContainer[_sourcing_pb2.CandidateExplanation]
    explanation: _decision_pb2.DecisionExplanation
    later_decision_ids: _containers.RepeatedScalarFieldContainer[str]
    quoted: _decision_pb2.QuotedDecision
    def __init__(self, decision_id: _Optional[str] = ..., decision_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., outcome: _Optional[_Union[_reservation_pb2.ReserveOutcome, str]] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., attempt_count: _Optional[int] = ..., is_identical: _Optional[bool] = ..., differences: _Optional[_Iterable[_Union[_decision_pb2.DecisionDifference, _Mapping]]] = ..., is_record_altered: _Optional[bool] = ..., is_other_engine: _Optional[bool] = ..., previous_decision_id: _Optional[str] = ..., candidates: _Optional[_Iterable[_Union[_sourcing_pb2.CandidateExplanation, _Mapping]]] = ..., explanation: _Optional[_Union[_decision_pb2.DecisionExplanation, _Mapping]] = ..., later_decision_ids: _Optional[_Iterable[str]] = ..., quoted: _Optional[_Union[_decision_pb2.QuotedDecision, _Mapping]] = ...) -> None: ...
