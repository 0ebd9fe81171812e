from buf.validate import validate_pb2 as _validate_pb2
from promessa.v1 import supply_pb2 as _supply_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutInboundSupplyRequest(_message.Message):
    __slots__ = ("request_id", "inbound_supply")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    INBOUND_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    inbound_supply: _supply_pb2.InboundSupply
    def __init__(self, request_id: _Optional[str] = ..., inbound_supply: _Optional[_Union[_supply_pb2.InboundSupply, _Mapping]] = ...) -> None: ...

class PutInboundSupplyResponse(_message.Message):
    __slots__ = ("inbound_supply", "token", "replayed")
    INBOUND_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    inbound_supply: _supply_pb2.InboundSupply
    token: str
    replayed: bool
    def __init__(self, inbound_supply: _Optional[_Union[_supply_pb2.InboundSupply, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ReceiveInboundSupplyRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "inbound_id", "quantity", "last_delivery")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    INBOUND_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LAST_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    inbound_id: str
    quantity: int
    last_delivery: bool
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., inbound_id: _Optional[str] = ..., quantity: _Optional[int] = ..., last_delivery: _Optional[bool] = ...) -> None: ...

class ReceiveInboundSupplyResponse(_message.Message):
    __slots__ = ("inbound_supply", "token", "replayed")
    INBOUND_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    inbound_supply: _supply_pb2.InboundSupply
    token: str
    replayed: bool
    def __init__(self, inbound_supply: _Optional[_Union[_supply_pb2.InboundSupply, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class CancelInboundSupplyRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "inbound_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    INBOUND_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    inbound_id: str
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., inbound_id: _Optional[str] = ...) -> None: ...

class CancelInboundSupplyResponse(_message.Message):
    __slots__ = ("inbound_supply", "token", "replayed")
    INBOUND_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    inbound_supply: _supply_pb2.InboundSupply
    token: str
    replayed: bool
    def __init__(self, inbound_supply: _Optional[_Union[_supply_pb2.InboundSupply, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SetOrderLimitsRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "backorder_limit_quantity", "preorder_limit_quantity")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    BACKORDER_LIMIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PREORDER_LIMIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    backorder_limit_quantity: int
    preorder_limit_quantity: int
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., backorder_limit_quantity: _Optional[int] = ..., preorder_limit_quantity: _Optional[int] = ...) -> None: ...

class SetOrderLimitsResponse(_message.Message):
    __slots__ = ("token", "replayed")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    token: str
    replayed: bool
    def __init__(self, token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetOrderLimitsRequest(_message.Message):
    __slots__ = ("sku", "node_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ...) -> None: ...

class GetOrderLimitsResponse(_message.Message):
    __slots__ = ("backorder_limit_quantity", "backordered_quantity", "preorder_limit_quantity", "preordered_quantity")
    BACKORDER_LIMIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    BACKORDERED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PREORDER_LIMIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PREORDERED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    backorder_limit_quantity: int
    backordered_quantity: int
    preorder_limit_quantity: int
    preordered_quantity: int
    def __init__(self, backorder_limit_quantity: _Optional[int] = ..., backordered_quantity: _Optional[int] = ..., preorder_limit_quantity: _Optional[int] = ..., preordered_quantity: _Optional[int] = ...) -> None: ...

class GetInboundSupplyRequest(_message.Message):
    __slots__ = ("sku", "node_id", "inbound_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    INBOUND_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    inbound_id: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., inbound_id: _Optional[str] = ...) -> None: ...

class GetInboundSupplyResponse(_message.Message):
    __slots__ = ("inbound_supply",)
    INBOUND_SUPPLY_FIELD_NUMBER: _ClassVar[int]
    inbound_supply: _supply_pb2.InboundSupply
    def __init__(self, inbound_supply: _Optional[_Union[_supply_pb2.InboundSupply, _Mapping]] = ...) -> None: ...

class ListInboundSupplyRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "sku", "node_id", "states")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    sku: str
    node_id: str
    states: _containers.RepeatedScalarFieldContainer[_supply_pb2.InboundState]
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_supply_pb2.InboundState, str]]] = ...) -> None: ...

class ListInboundSupplyResponse(_message.Message):
    __slots__ = ("inbound_supplies", "next_page_token")
    INBOUND_SUPPLIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    inbound_supplies: _containers.RepeatedCompositeFieldContainer[_supply_pb2.InboundSupply]
    next_page_token: str
    def __init__(self, inbound_supplies: _Optional[_Iterable[_Union[_supply_pb2.InboundSupply, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
