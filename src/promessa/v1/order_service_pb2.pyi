import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import orders_pb2 as _orders_pb2
from promessa.v1 import plan_token_pb2 as _plan_token_pb2
from promessa.v1 import reservation_pb2 as _reservation_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlaceOrderOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLACE_ORDER_OUTCOME_UNSPECIFIED: _ClassVar[PlaceOrderOutcome]
    PLACE_ORDER_OUTCOME_PLACED: _ClassVar[PlaceOrderOutcome]
    PLACE_ORDER_OUTCOME_PLACED_IN_PART: _ClassVar[PlaceOrderOutcome]
    PLACE_ORDER_OUTCOME_NOT_SERVED: _ClassVar[PlaceOrderOutcome]
    PLACE_ORDER_OUTCOME_PLAN_CHANGED: _ClassVar[PlaceOrderOutcome]

class StepOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STEP_OUTCOME_UNSPECIFIED: _ClassVar[StepOutcome]
    STEP_OUTCOME_DONE: _ClassVar[StepOutcome]
    STEP_OUTCOME_ALREADY_DONE: _ClassVar[StepOutcome]
PLACE_ORDER_OUTCOME_UNSPECIFIED: PlaceOrderOutcome
PLACE_ORDER_OUTCOME_PLACED: PlaceOrderOutcome
PLACE_ORDER_OUTCOME_PLACED_IN_PART: PlaceOrderOutcome
PLACE_ORDER_OUTCOME_NOT_SERVED: PlaceOrderOutcome
PLACE_ORDER_OUTCOME_PLAN_CHANGED: PlaceOrderOutcome
STEP_OUTCOME_UNSPECIFIED: StepOutcome
STEP_OUTCOME_DONE: StepOutcome
STEP_OUTCOME_ALREADY_DONE: StepOutcome

class PlaceOrderRequest(_message.Message):
    __slots__ = ("request_id", "order", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order: NewOrder
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order: _Optional[_Union[NewOrder, _Mapping]] = ..., actor: _Optional[str] = ...) -> None: ...

class NewOrder(_message.Message):
    __slots__ = ("order_id", "reservation_id", "sourcing", "allow_partial", "prices", "currency_code", "customer_id", "plan_token", "offer_count", "accept_changes", "max_extra_cost_micros", "latest_promise_time")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCING_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    PRICES_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OFFER_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_CHANGES_FIELD_NUMBER: _ClassVar[int]
    MAX_EXTRA_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    LATEST_PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    reservation_id: str
    sourcing: _sourcing_pb2.SourcingOrder
    allow_partial: bool
    prices: _containers.RepeatedCompositeFieldContainer[OrderLinePrice]
    currency_code: str
    customer_id: str
    plan_token: str
    offer_count: int
    accept_changes: bool
    max_extra_cost_micros: int
    latest_promise_time: _timestamp_pb2.Timestamp
    def __init__(self, order_id: _Optional[str] = ..., reservation_id: _Optional[str] = ..., sourcing: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., allow_partial: _Optional[bool] = ..., prices: _Optional[_Iterable[_Union[OrderLinePrice, _Mapping]]] = ..., currency_code: _Optional[str] = ..., customer_id: _Optional[str] = ..., plan_token: _Optional[str] = ..., offer_count: _Optional[int] = ..., accept_changes: _Optional[bool] = ..., max_extra_cost_micros: _Optional[int] = ..., latest_promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OrderLinePrice(_message.Message):
    __slots__ = ("line", "unit_price_micros")
    LINE_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    line: int
    unit_price_micros: int
    def __init__(self, line: _Optional[int] = ..., unit_price_micros: _Optional[int] = ...) -> None: ...

class OrderLineQuantity(_message.Message):
    __slots__ = ("line", "quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ...) -> None: ...

class PlaceOrderResponse(_message.Message):
    __slots__ = ("outcome", "order", "shortfalls", "token", "replayed", "plan_token_result")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_RESULT_FIELD_NUMBER: _ClassVar[int]
    outcome: PlaceOrderOutcome
    order: _orders_pb2.Order
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    token: str
    replayed: bool
    plan_token_result: _plan_token_pb2.PlanTokenResult
    def __init__(self, outcome: _Optional[_Union[PlaceOrderOutcome, str]] = ..., order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., plan_token_result: _Optional[_Union[_plan_token_pb2.PlanTokenResult, _Mapping]] = ...) -> None: ...

class GetOrderRequest(_message.Message):
    __slots__ = ("order_id",)
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    def __init__(self, order_id: _Optional[str] = ...) -> None: ...

class GetOrderResponse(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
    __slots__ = ("states", "node_id", "channel", "placed_from_time", "placed_until_time", "page_size", "page_token", "alerts", "open_at_node")
    STATES_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PLACED_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    PLACED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    OPEN_AT_NODE_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_orders_pb2.OrderState]
    node_id: str
    channel: str
    placed_from_time: _timestamp_pb2.Timestamp
    placed_until_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    alerts: _containers.RepeatedScalarFieldContainer[_orders_pb2.OrderAlert]
    open_at_node: bool
    def __init__(self, states: _Optional[_Iterable[_Union[_orders_pb2.OrderState, str]]] = ..., node_id: _Optional[str] = ..., channel: _Optional[str] = ..., placed_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., placed_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., alerts: _Optional[_Iterable[_Union[_orders_pb2.OrderAlert, str]]] = ..., open_at_node: _Optional[bool] = ...) -> None: ...

class WatchOrdersRequest(_message.Message):
    __slots__ = ("states", "alerts", "node_id", "channel", "resume_token")
    STATES_FIELD_NUMBER: _ClassVar[int]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_orders_pb2.OrderState]
    alerts: _containers.RepeatedScalarFieldContainer[_orders_pb2.OrderAlert]
    node_id: str
    channel: str
    resume_token: str
    def __init__(self, states: _Optional[_Iterable[_Union[_orders_pb2.OrderState, str]]] = ..., alerts: _Optional[_Iterable[_Union[_orders_pb2.OrderAlert, str]]] = ..., node_id: _Optional[str] = ..., channel: _Optional[str] = ..., resume_token: _Optional[str] = ...) -> None: ...

class WatchOrdersResponse(_message.Message):
    __slots__ = ("changes", "resume_token", "time")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[OrderChange]
    resume_token: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, changes: _Optional[_Iterable[_Union[OrderChange, _Mapping]]] = ..., resume_token: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OrderChange(_message.Message):
    __slots__ = ("order", "matches")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    matches: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., matches: _Optional[bool] = ...) -> None: ...

class ListOrdersResponse(_message.Message):
    __slots__ = ("orders", "next_page_token")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[_orders_pb2.Order]
    next_page_token: str
    def __init__(self, orders: _Optional[_Iterable[_Union[_orders_pb2.Order, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AcceptShipmentRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "actor", "node_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    actor: str
    node_id: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., actor: _Optional[str] = ..., node_id: _Optional[str] = ...) -> None: ...

class AcceptShipmentResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RejectShipmentRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "reason", "actor", "node_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    reason: _orders_pb2.RejectReason
    actor: str
    node_id: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., reason: _Optional[_Union[_orders_pb2.RejectReason, str]] = ..., actor: _Optional[str] = ..., node_id: _Optional[str] = ...) -> None: ...

class RejectShipmentResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RecordPickRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "short_lines", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SHORT_LINES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    short_lines: _containers.RepeatedCompositeFieldContainer[PickedLine]
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., short_lines: _Optional[_Iterable[_Union[PickedLine, _Mapping]]] = ..., actor: _Optional[str] = ...) -> None: ...

class RecordPickResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class PickedLine(_message.Message):
    __slots__ = ("line", "picked_quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    PICKED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    picked_quantity: int
    def __init__(self, line: _Optional[int] = ..., picked_quantity: _Optional[int] = ...) -> None: ...

class ShipRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "carrier", "tracking_code", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_CODE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    carrier: str
    tracking_code: str
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., carrier: _Optional[str] = ..., tracking_code: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class ShipResponse(_message.Message):
    __slots__ = ("order", "token", "replayed", "outcome")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    outcome: StepOutcome
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., outcome: _Optional[_Union[StepOutcome, str]] = ...) -> None: ...

class RecordDeliveryRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "deliver_time", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    deliver_time: _timestamp_pb2.Timestamp
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ...) -> None: ...

class RecordDeliveryResponse(_message.Message):
    __slots__ = ("order", "token", "replayed", "outcome")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    outcome: StepOutcome
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., outcome: _Optional[_Union[StepOutcome, str]] = ...) -> None: ...

class MarkReadyForPickupRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., actor: _Optional[str] = ...) -> None: ...

class MarkReadyForPickupResponse(_message.Message):
    __slots__ = ("order", "token", "replayed", "pickup_code")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    PICKUP_CODE_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    pickup_code: str
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., pickup_code: _Optional[str] = ...) -> None: ...

class HandOverRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "shipment_number", "pickup_code", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PICKUP_CODE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    shipment_number: int
    pickup_code: str
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., shipment_number: _Optional[int] = ..., pickup_code: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class HandOverResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class CancelOrderRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "lines", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[OrderLineQuantity]
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[OrderLineQuantity, _Mapping]]] = ..., actor: _Optional[str] = ...) -> None: ...

class CancelOrderResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class RequestReturnRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "lines", "reason", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[OrderLineQuantity]
    reason: str
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[OrderLineQuantity, _Mapping]]] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class RequestReturnResponse(_message.Message):
    __slots__ = ("order", "token", "replayed")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ReceiveReturnRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "return_number", "node_id", "lines", "actor")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    RETURN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    return_number: int
    node_id: str
    lines: _containers.RepeatedCompositeFieldContainer[ReceivedLine]
    actor: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., return_number: _Optional[int] = ..., node_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[ReceivedLine, _Mapping]]] = ..., actor: _Optional[str] = ...) -> None: ...

class ReceiveReturnResponse(_message.Message):
    __slots__ = ("order", "token", "replayed", "released_order")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_ORDER_FIELD_NUMBER: _ClassVar[int]
    order: _orders_pb2.Order
    token: str
    replayed: bool
    released_order: _orders_pb2.Order
    def __init__(self, order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., released_order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ...) -> None: ...

class ReceivedLine(_message.Message):
    __slots__ = ("line", "quantity", "disposition")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DISPOSITION_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    disposition: _orders_pb2.Disposition
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ..., disposition: _Optional[_Union[_orders_pb2.Disposition, str]] = ...) -> None: ...

class ExchangeOrderRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "lines", "reason", "order", "actor", "policy", "return_node_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    RETURN_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    lines: _containers.RepeatedCompositeFieldContainer[OrderLineQuantity]
    reason: str
    order: NewOrder
    actor: str
    policy: _orders_pb2.ExchangePolicy
    return_node_id: str
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[OrderLineQuantity, _Mapping]]] = ..., reason: _Optional[str] = ..., order: _Optional[_Union[NewOrder, _Mapping]] = ..., actor: _Optional[str] = ..., policy: _Optional[_Union[_orders_pb2.ExchangePolicy, str]] = ..., return_node_id: _Optional[str] = ...) -> None: ...

class ExchangeOrderResponse(_message.Message):
    __slots__ = ("outcome", "order", "exchanged_order", "shortfalls", "token", "replayed", "plan_token_result")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    EXCHANGED_ORDER_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_RESULT_FIELD_NUMBER: _ClassVar[int]
    outcome: PlaceOrderOutcome
    order: _orders_pb2.Order
    exchanged_order: _orders_pb2.Order
    shortfalls: _containers.RepeatedCompositeFieldContainer[_reservation_pb2.Shortfall]
    token: str
    replayed: bool
    plan_token_result: _plan_token_pb2.PlanTokenResult
    def __init__(self, outcome: _Optional[_Union[PlaceOrderOutcome, str]] = ..., order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., exchanged_order: _Optional[_Union[_orders_pb2.Order, _Mapping]] = ..., shortfalls: _Optional[_Iterable[_Union[_reservation_pb2.Shortfall, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., plan_token_result: _Optional[_Union[_plan_token_pb2.PlanTokenResult, _Mapping]] = ...) -> None: ...
