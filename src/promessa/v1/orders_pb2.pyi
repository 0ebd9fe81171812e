import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrderAlert(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_ALERT_UNSPECIFIED: _ClassVar[OrderAlert]
    ORDER_ALERT_AT_RISK: _ClassVar[OrderAlert]
    ORDER_ALERT_LATE: _ClassVar[OrderAlert]
    ORDER_ALERT_REFUSED: _ClassVar[OrderAlert]
    ORDER_ALERT_STUCK: _ClassVar[OrderAlert]

class ExchangePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXCHANGE_POLICY_UNSPECIFIED: _ClassVar[ExchangePolicy]
    EXCHANGE_POLICY_IMMEDIATE: _ClassVar[ExchangePolicy]
    EXCHANGE_POLICY_ON_RECEIPT: _ClassVar[ExchangePolicy]

class OrderState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATE_UNSPECIFIED: _ClassVar[OrderState]
    ORDER_STATE_CANCELLED: _ClassVar[OrderState]
    ORDER_STATE_TO_SOURCE: _ClassVar[OrderState]
    ORDER_STATE_PLACED: _ClassVar[OrderState]
    ORDER_STATE_IN_PREPARATION: _ClassVar[OrderState]
    ORDER_STATE_IN_TRANSIT: _ClassVar[OrderState]
    ORDER_STATE_COMPLETED: _ClassVar[OrderState]

class DeadlineKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEADLINE_KIND_UNSPECIFIED: _ClassVar[DeadlineKind]
    DEADLINE_KIND_ACCEPT: _ClassVar[DeadlineKind]
    DEADLINE_KIND_PICK: _ClassVar[DeadlineKind]
    DEADLINE_KIND_SHIP: _ClassVar[DeadlineKind]
    DEADLINE_KIND_READY: _ClassVar[DeadlineKind]
    DEADLINE_KIND_DELIVER: _ClassVar[DeadlineKind]
    DEADLINE_KIND_COLLECT: _ClassVar[DeadlineKind]

class DeadlineState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEADLINE_STATE_UNSPECIFIED: _ClassVar[DeadlineState]
    DEADLINE_STATE_OPEN: _ClassVar[DeadlineState]
    DEADLINE_STATE_AT_RISK: _ClassVar[DeadlineState]
    DEADLINE_STATE_LATE: _ClassVar[DeadlineState]
    DEADLINE_STATE_CLOSED: _ClassVar[DeadlineState]

class OfferState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OFFER_STATE_UNSPECIFIED: _ClassVar[OfferState]
    OFFER_STATE_OPEN: _ClassVar[OfferState]
    OFFER_STATE_ACCEPTED: _ClassVar[OfferState]
    OFFER_STATE_REFUSED: _ClassVar[OfferState]
    OFFER_STATE_TAKEN: _ClassVar[OfferState]
    OFFER_STATE_WITHDRAWN: _ClassVar[OfferState]

class ShipmentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHIPMENT_STATE_UNSPECIFIED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_OFFERED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_ACCEPTED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_PICKED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_READY: _ClassVar[ShipmentState]
    SHIPMENT_STATE_SHIPPED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_DELIVERED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_HANDED_OVER: _ClassVar[ShipmentState]
    SHIPMENT_STATE_REJECTED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_CANCELLED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_UNCOLLECTED: _ClassVar[ShipmentState]
    SHIPMENT_STATE_WAITING: _ClassVar[ShipmentState]

class RejectReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECT_REASON_UNSPECIFIED: _ClassVar[RejectReason]
    REJECT_REASON_NOT_FOUND: _ClassVar[RejectReason]
    REJECT_REASON_DAMAGED: _ClassVar[RejectReason]
    REJECT_REASON_NO_CAPACITY: _ClassVar[RejectReason]
    REJECT_REASON_NODE_CLOSED: _ClassVar[RejectReason]
    REJECT_REASON_OTHER: _ClassVar[RejectReason]

class ReturnState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETURN_STATE_UNSPECIFIED: _ClassVar[ReturnState]
    RETURN_STATE_REQUESTED: _ClassVar[ReturnState]
    RETURN_STATE_RECEIVED: _ClassVar[ReturnState]

class Disposition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISPOSITION_UNSPECIFIED: _ClassVar[Disposition]
    DISPOSITION_RESELLABLE: _ClassVar[Disposition]
    DISPOSITION_QUARANTINE: _ClassVar[Disposition]
    DISPOSITION_SCRAP: _ClassVar[Disposition]

class OrderStepKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STEP_KIND_UNSPECIFIED: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_PLACE: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_ACCEPT: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_REJECT: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_PICK: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_SHIP: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_DELIVER: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_MAKE_READY: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_HAND_OVER: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_CANCEL: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_SOURCE: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_SOURCE_FAILED: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_WRONG_CODE: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_REQUEST_RETURN: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_RECEIVE_RETURN: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_EXCHANGE: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_AT_RISK: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_LATE: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_STUCK: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_PUT_BACK: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_REFUND: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_REFUSE_OFFER: _ClassVar[OrderStepKind]
    ORDER_STEP_KIND_RETURN_CAME: _ClassVar[OrderStepKind]
ORDER_ALERT_UNSPECIFIED: OrderAlert
ORDER_ALERT_AT_RISK: OrderAlert
ORDER_ALERT_LATE: OrderAlert
ORDER_ALERT_REFUSED: OrderAlert
ORDER_ALERT_STUCK: OrderAlert
EXCHANGE_POLICY_UNSPECIFIED: ExchangePolicy
EXCHANGE_POLICY_IMMEDIATE: ExchangePolicy
EXCHANGE_POLICY_ON_RECEIPT: ExchangePolicy
ORDER_STATE_UNSPECIFIED: OrderState
ORDER_STATE_CANCELLED: OrderState
ORDER_STATE_TO_SOURCE: OrderState
ORDER_STATE_PLACED: OrderState
ORDER_STATE_IN_PREPARATION: OrderState
ORDER_STATE_IN_TRANSIT: OrderState
ORDER_STATE_COMPLETED: OrderState
DEADLINE_KIND_UNSPECIFIED: DeadlineKind
DEADLINE_KIND_ACCEPT: DeadlineKind
DEADLINE_KIND_PICK: DeadlineKind
DEADLINE_KIND_SHIP: DeadlineKind
DEADLINE_KIND_READY: DeadlineKind
DEADLINE_KIND_DELIVER: DeadlineKind
DEADLINE_KIND_COLLECT: DeadlineKind
DEADLINE_STATE_UNSPECIFIED: DeadlineState
DEADLINE_STATE_OPEN: DeadlineState
DEADLINE_STATE_AT_RISK: DeadlineState
DEADLINE_STATE_LATE: DeadlineState
DEADLINE_STATE_CLOSED: DeadlineState
OFFER_STATE_UNSPECIFIED: OfferState
OFFER_STATE_OPEN: OfferState
OFFER_STATE_ACCEPTED: OfferState
OFFER_STATE_REFUSED: OfferState
OFFER_STATE_TAKEN: OfferState
OFFER_STATE_WITHDRAWN: OfferState
SHIPMENT_STATE_UNSPECIFIED: ShipmentState
SHIPMENT_STATE_OFFERED: ShipmentState
SHIPMENT_STATE_ACCEPTED: ShipmentState
SHIPMENT_STATE_PICKED: ShipmentState
SHIPMENT_STATE_READY: ShipmentState
SHIPMENT_STATE_SHIPPED: ShipmentState
SHIPMENT_STATE_DELIVERED: ShipmentState
SHIPMENT_STATE_HANDED_OVER: ShipmentState
SHIPMENT_STATE_REJECTED: ShipmentState
SHIPMENT_STATE_CANCELLED: ShipmentState
SHIPMENT_STATE_UNCOLLECTED: ShipmentState
SHIPMENT_STATE_WAITING: ShipmentState
REJECT_REASON_UNSPECIFIED: RejectReason
REJECT_REASON_NOT_FOUND: RejectReason
REJECT_REASON_DAMAGED: RejectReason
REJECT_REASON_NO_CAPACITY: RejectReason
REJECT_REASON_NODE_CLOSED: RejectReason
REJECT_REASON_OTHER: RejectReason
RETURN_STATE_UNSPECIFIED: ReturnState
RETURN_STATE_REQUESTED: ReturnState
RETURN_STATE_RECEIVED: ReturnState
DISPOSITION_UNSPECIFIED: Disposition
DISPOSITION_RESELLABLE: Disposition
DISPOSITION_QUARANTINE: Disposition
DISPOSITION_SCRAP: Disposition
ORDER_STEP_KIND_UNSPECIFIED: OrderStepKind
ORDER_STEP_KIND_PLACE: OrderStepKind
ORDER_STEP_KIND_ACCEPT: OrderStepKind
ORDER_STEP_KIND_REJECT: OrderStepKind
ORDER_STEP_KIND_PICK: OrderStepKind
ORDER_STEP_KIND_SHIP: OrderStepKind
ORDER_STEP_KIND_DELIVER: OrderStepKind
ORDER_STEP_KIND_MAKE_READY: OrderStepKind
ORDER_STEP_KIND_HAND_OVER: OrderStepKind
ORDER_STEP_KIND_CANCEL: OrderStepKind
ORDER_STEP_KIND_SOURCE: OrderStepKind
ORDER_STEP_KIND_SOURCE_FAILED: OrderStepKind
ORDER_STEP_KIND_WRONG_CODE: OrderStepKind
ORDER_STEP_KIND_REQUEST_RETURN: OrderStepKind
ORDER_STEP_KIND_RECEIVE_RETURN: OrderStepKind
ORDER_STEP_KIND_EXCHANGE: OrderStepKind
ORDER_STEP_KIND_AT_RISK: OrderStepKind
ORDER_STEP_KIND_LATE: OrderStepKind
ORDER_STEP_KIND_STUCK: OrderStepKind
ORDER_STEP_KIND_PUT_BACK: OrderStepKind
ORDER_STEP_KIND_REFUND: OrderStepKind
ORDER_STEP_KIND_REFUSE_OFFER: OrderStepKind
ORDER_STEP_KIND_RETURN_CAME: OrderStepKind

class Order(_message.Message):
    __slots__ = ("order_id", "state", "lines", "shipments", "returns", "channel", "fulfillment_method", "seller_code", "customer_id", "currency_code", "place_time", "update_time", "version", "sourcing_count", "exchange_of_order_id", "exchanged_by_order_ids", "steps", "alerts", "offer_count", "exchange")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    RETURNS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    SELLER_CODE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    PLACE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SOURCING_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_OF_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    EXCHANGED_BY_ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    OFFER_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    state: OrderState
    lines: _containers.RepeatedCompositeFieldContainer[OrderedLine]
    shipments: _containers.RepeatedCompositeFieldContainer[OrderShipment]
    returns: _containers.RepeatedCompositeFieldContainer[OrderReturn]
    channel: str
    fulfillment_method: str
    seller_code: str
    customer_id: str
    currency_code: str
    place_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    version: int
    sourcing_count: int
    exchange_of_order_id: str
    exchanged_by_order_ids: _containers.RepeatedScalarFieldContainer[str]
    steps: _containers.RepeatedCompositeFieldContainer[OrderStep]
    alerts: _containers.RepeatedScalarFieldContainer[OrderAlert]
    offer_count: int
    exchange: OrderExchange
    def __init__(self, order_id: _Optional[str] = ..., state: _Optional[_Union[OrderState, str]] = ..., lines: _Optional[_Iterable[_Union[OrderedLine, _Mapping]]] = ..., shipments: _Optional[_Iterable[_Union[OrderShipment, _Mapping]]] = ..., returns: _Optional[_Iterable[_Union[OrderReturn, _Mapping]]] = ..., channel: _Optional[str] = ..., fulfillment_method: _Optional[str] = ..., seller_code: _Optional[str] = ..., customer_id: _Optional[str] = ..., currency_code: _Optional[str] = ..., place_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., sourcing_count: _Optional[int] = ..., exchange_of_order_id: _Optional[str] = ..., exchanged_by_order_ids: _Optional[_Iterable[str]] = ..., steps: _Optional[_Iterable[_Union[OrderStep, _Mapping]]] = ..., alerts: _Optional[_Iterable[_Union[OrderAlert, str]]] = ..., offer_count: _Optional[int] = ..., exchange: _Optional[_Union[OrderExchange, _Mapping]] = ...) -> None: ...

class OrderExchange(_message.Message):
    __slots__ = ("return_number", "policy", "waits_for_return", "return_node_id", "returned_total_micros", "given_total_micros", "difference_micros", "return_due_time")
    RETURN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    WAITS_FOR_RETURN_FIELD_NUMBER: _ClassVar[int]
    RETURN_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    RETURNED_TOTAL_MICROS_FIELD_NUMBER: _ClassVar[int]
    GIVEN_TOTAL_MICROS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_MICROS_FIELD_NUMBER: _ClassVar[int]
    RETURN_DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    return_number: int
    policy: ExchangePolicy
    waits_for_return: bool
    return_node_id: str
    returned_total_micros: int
    given_total_micros: int
    difference_micros: int
    return_due_time: _timestamp_pb2.Timestamp
    def __init__(self, return_number: _Optional[int] = ..., policy: _Optional[_Union[ExchangePolicy, str]] = ..., waits_for_return: _Optional[bool] = ..., return_node_id: _Optional[str] = ..., returned_total_micros: _Optional[int] = ..., given_total_micros: _Optional[int] = ..., difference_micros: _Optional[int] = ..., return_due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OrderedLine(_message.Message):
    __slots__ = ("sku", "quantity", "to_source_quantity", "cancelled_quantity", "shipped_quantity", "returned_quantity", "unit_price_micros")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    TO_SOURCE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHIPPED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RETURNED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    to_source_quantity: int
    cancelled_quantity: int
    shipped_quantity: int
    returned_quantity: int
    unit_price_micros: int
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ..., to_source_quantity: _Optional[int] = ..., cancelled_quantity: _Optional[int] = ..., shipped_quantity: _Optional[int] = ..., returned_quantity: _Optional[int] = ..., unit_price_micros: _Optional[int] = ...) -> None: ...

class OrderShipment(_message.Message):
    __slots__ = ("shipment_number", "node_id", "state", "lines", "fulfillment_kind", "pickup_node_id", "lane_id", "carrier_service", "ship_time", "promise_time", "reservation_id", "reject_reason", "carrier", "tracking_code", "deliver_time", "legal_steps", "pickup_code_tries_left", "planned_cost_micros", "deadlines", "refund_micros", "previous_decision_id", "offers", "owner_code", "commission_basis_points")
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    FULFILLMENT_KIND_FIELD_NUMBER: _ClassVar[int]
    PICKUP_NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    CARRIER_SERVICE_FIELD_NUMBER: _ClassVar[int]
    SHIP_TIME_FIELD_NUMBER: _ClassVar[int]
    PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    REJECT_REASON_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_CODE_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    LEGAL_STEPS_FIELD_NUMBER: _ClassVar[int]
    PICKUP_CODE_TRIES_LEFT_FIELD_NUMBER: _ClassVar[int]
    PLANNED_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    DEADLINES_FIELD_NUMBER: _ClassVar[int]
    REFUND_MICROS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    OWNER_CODE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    shipment_number: int
    node_id: str
    state: ShipmentState
    lines: _containers.RepeatedCompositeFieldContainer[_sourcing_pb2.PlannedLine]
    fulfillment_kind: _sourcing_pb2.FulfillmentKind
    pickup_node_id: str
    lane_id: str
    carrier_service: str
    ship_time: _timestamp_pb2.Timestamp
    promise_time: _timestamp_pb2.Timestamp
    reservation_id: str
    reject_reason: RejectReason
    carrier: str
    tracking_code: str
    deliver_time: _timestamp_pb2.Timestamp
    legal_steps: _containers.RepeatedScalarFieldContainer[OrderStepKind]
    pickup_code_tries_left: int
    planned_cost_micros: int
    deadlines: _containers.RepeatedCompositeFieldContainer[ShipmentDeadline]
    refund_micros: int
    previous_decision_id: str
    offers: _containers.RepeatedCompositeFieldContainer[ShipmentOffer]
    owner_code: str
    commission_basis_points: int
    def __init__(self, shipment_number: _Optional[int] = ..., node_id: _Optional[str] = ..., state: _Optional[_Union[ShipmentState, str]] = ..., lines: _Optional[_Iterable[_Union[_sourcing_pb2.PlannedLine, _Mapping]]] = ..., fulfillment_kind: _Optional[_Union[_sourcing_pb2.FulfillmentKind, str]] = ..., pickup_node_id: _Optional[str] = ..., lane_id: _Optional[str] = ..., carrier_service: _Optional[str] = ..., ship_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reservation_id: _Optional[str] = ..., reject_reason: _Optional[_Union[RejectReason, str]] = ..., carrier: _Optional[str] = ..., tracking_code: _Optional[str] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., legal_steps: _Optional[_Iterable[_Union[OrderStepKind, str]]] = ..., pickup_code_tries_left: _Optional[int] = ..., planned_cost_micros: _Optional[int] = ..., deadlines: _Optional[_Iterable[_Union[ShipmentDeadline, _Mapping]]] = ..., refund_micros: _Optional[int] = ..., previous_decision_id: _Optional[str] = ..., offers: _Optional[_Iterable[_Union[ShipmentOffer, _Mapping]]] = ..., owner_code: _Optional[str] = ..., commission_basis_points: _Optional[int] = ...) -> None: ...

class ShipmentDeadline(_message.Message):
    __slots__ = ("kind", "time", "state")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    kind: DeadlineKind
    time: _timestamp_pb2.Timestamp
    state: DeadlineState
    def __init__(self, kind: _Optional[_Union[DeadlineKind, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[DeadlineState, str]] = ...) -> None: ...

class ShipmentOffer(_message.Message):
    __slots__ = ("node_id", "state", "reject_reason", "ship_time", "planned_cost_micros")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REJECT_REASON_FIELD_NUMBER: _ClassVar[int]
    SHIP_TIME_FIELD_NUMBER: _ClassVar[int]
    PLANNED_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    state: OfferState
    reject_reason: RejectReason
    ship_time: _timestamp_pb2.Timestamp
    planned_cost_micros: int
    def __init__(self, node_id: _Optional[str] = ..., state: _Optional[_Union[OfferState, str]] = ..., reject_reason: _Optional[_Union[RejectReason, str]] = ..., ship_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., planned_cost_micros: _Optional[int] = ...) -> None: ...

class OrderReturn(_message.Message):
    __slots__ = ("return_number", "state", "lines", "reason", "exchanged_by_order_id")
    RETURN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXCHANGED_BY_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    return_number: int
    state: ReturnState
    lines: _containers.RepeatedCompositeFieldContainer[OrderReturnLine]
    reason: str
    exchanged_by_order_id: str
    def __init__(self, return_number: _Optional[int] = ..., state: _Optional[_Union[ReturnState, str]] = ..., lines: _Optional[_Iterable[_Union[OrderReturnLine, _Mapping]]] = ..., reason: _Optional[str] = ..., exchanged_by_order_id: _Optional[str] = ...) -> None: ...

class OrderReturnLine(_message.Message):
    __slots__ = ("line", "quantity", "resellable_quantity", "quarantined_quantity", "scrapped_quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RESELLABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SCRAPPED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    resellable_quantity: int
    quarantined_quantity: int
    scrapped_quantity: int
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ..., resellable_quantity: _Optional[int] = ..., quarantined_quantity: _Optional[int] = ..., scrapped_quantity: _Optional[int] = ...) -> None: ...

class OrderStep(_message.Message):
    __slots__ = ("time", "kind", "actor", "number", "detail", "units")
    TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    kind: OrderStepKind
    actor: str
    number: int
    detail: str
    units: _containers.RepeatedCompositeFieldContainer[OrderStepUnits]
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[OrderStepKind, str]] = ..., actor: _Optional[str] = ..., number: _Optional[int] = ..., detail: _Optional[str] = ..., units: _Optional[_Iterable[_Union[OrderStepUnits, _Mapping]]] = ...) -> None: ...

class OrderStepUnits(_message.Message):
    __slots__ = ("line", "quantity", "shipment_number", "disposition", "node_id", "owner_code", "commission_basis_points")
    LINE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DISPOSITION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_CODE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    line: int
    quantity: int
    shipment_number: int
    disposition: Disposition
    node_id: str
    owner_code: str
    commission_basis_points: int
    def __init__(self, line: _Optional[int] = ..., quantity: _Optional[int] = ..., shipment_number: _Optional[int] = ..., disposition: _Optional[_Union[Disposition, str]] = ..., node_id: _Optional[str] = ..., owner_code: _Optional[str] = ..., commission_basis_points: _Optional[int] = ...) -> None: ...
