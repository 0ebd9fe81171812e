from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WaveSettings(_message.Message):
    __slots__ = ("plan_only", "rounds_max")
    PLAN_ONLY_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_MAX_FIELD_NUMBER: _ClassVar[int]
    plan_only: bool
    rounds_max: int
    def __init__(self, plan_only: _Optional[bool] = ..., rounds_max: _Optional[int] = ...) -> None: ...

class WaveReport(_message.Message):
    __slots__ = ("planned_order_count", "replayed_order_count", "failed_order_count", "changed_order_count", "unserved_quantity", "cost_micros", "one_by_one_unserved_quantity", "one_by_one_cost_micros", "lower_bound_micros", "currency_code", "round_count", "scarce_cell_count", "scarce_day_count", "prices")
    PLANNED_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    ONE_BY_ONE_UNSERVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ONE_BY_ONE_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    LOWER_BOUND_MICROS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    ROUND_COUNT_FIELD_NUMBER: _ClassVar[int]
    SCARCE_CELL_COUNT_FIELD_NUMBER: _ClassVar[int]
    SCARCE_DAY_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRICES_FIELD_NUMBER: _ClassVar[int]
    planned_order_count: int
    replayed_order_count: int
    failed_order_count: int
    changed_order_count: int
    unserved_quantity: int
    cost_micros: int
    one_by_one_unserved_quantity: int
    one_by_one_cost_micros: int
    lower_bound_micros: int
    currency_code: str
    round_count: int
    scarce_cell_count: int
    scarce_day_count: int
    prices: _containers.RepeatedCompositeFieldContainer[WavePrice]
    def __init__(self, planned_order_count: _Optional[int] = ..., replayed_order_count: _Optional[int] = ..., failed_order_count: _Optional[int] = ..., changed_order_count: _Optional[int] = ..., unserved_quantity: _Optional[int] = ..., cost_micros: _Optional[int] = ..., one_by_one_unserved_quantity: _Optional[int] = ..., one_by_one_cost_micros: _Optional[int] = ..., lower_bound_micros: _Optional[int] = ..., currency_code: _Optional[str] = ..., round_count: _Optional[int] = ..., scarce_cell_count: _Optional[int] = ..., scarce_day_count: _Optional[int] = ..., prices: _Optional[_Iterable[_Union[WavePrice, _Mapping]]] = ...) -> None: ...

class WavePrice(_message.Message):
    __slots__ = ("node_id", "sku", "price_micros")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    PRICE_MICROS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    sku: str
    price_micros: int
    def __init__(self, node_id: _Optional[str] = ..., sku: _Optional[str] = ..., price_micros: _Optional[int] = ...) -> None: ...
