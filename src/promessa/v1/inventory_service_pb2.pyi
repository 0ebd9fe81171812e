import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import allocation_pb2 as _allocation_pb2
from promessa.v1 import inventory_pb2 as _inventory_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReallocateOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REALLOCATE_OUTCOME_UNSPECIFIED: _ClassVar[ReallocateOutcome]
    REALLOCATE_OUTCOME_REALLOCATED: _ClassVar[ReallocateOutcome]
    REALLOCATE_OUTCOME_REFUSED: _ClassVar[ReallocateOutcome]

class RepairOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPAIR_OUTCOME_UNSPECIFIED: _ClassVar[RepairOutcome]
    REPAIR_OUTCOME_PLANNED: _ClassVar[RepairOutcome]
    REPAIR_OUTCOME_DONE: _ClassVar[RepairOutcome]
    REPAIR_OUTCOME_CHANGED: _ClassVar[RepairOutcome]
REALLOCATE_OUTCOME_UNSPECIFIED: ReallocateOutcome
REALLOCATE_OUTCOME_REALLOCATED: ReallocateOutcome
REALLOCATE_OUTCOME_REFUSED: ReallocateOutcome
REPAIR_OUTCOME_UNSPECIFIED: RepairOutcome
REPAIR_OUTCOME_PLANNED: RepairOutcome
REPAIR_OUTCOME_DONE: RepairOutcome
REPAIR_OUTCOME_CHANGED: RepairOutcome

class ApplyStockDeltasRequest(_message.Message):
    __slots__ = ("request_id", "deltas", "reason", "position", "late_deltas")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DELTAS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LATE_DELTAS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    deltas: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.StockDelta]
    reason: str
    position: _inventory_pb2.FeedPosition
    late_deltas: _inventory_pb2.LateDeltas
    def __init__(self, request_id: _Optional[str] = ..., deltas: _Optional[_Iterable[_Union[_inventory_pb2.StockDelta, _Mapping]]] = ..., reason: _Optional[str] = ..., position: _Optional[_Union[_inventory_pb2.FeedPosition, _Mapping]] = ..., late_deltas: _Optional[_Union[_inventory_pb2.LateDeltas, str]] = ...) -> None: ...

class ApplyStockDeltasResponse(_message.Message):
    __slots__ = ("request_id", "results", "token", "replayed", "sequence_outcome", "received_sequence", "expected_sequence", "epoch", "released")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    results: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.FeedResult]
    token: str
    replayed: bool
    sequence_outcome: _inventory_pb2.SequenceOutcome
    received_sequence: int
    expected_sequence: int
    epoch: int
    released: _containers.RepeatedCompositeFieldContainer[ReleasedDeltas]
    def __init__(self, request_id: _Optional[str] = ..., results: _Optional[_Iterable[_Union[_inventory_pb2.FeedResult, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ..., sequence_outcome: _Optional[_Union[_inventory_pb2.SequenceOutcome, str]] = ..., received_sequence: _Optional[int] = ..., expected_sequence: _Optional[int] = ..., epoch: _Optional[int] = ..., released: _Optional[_Iterable[_Union[ReleasedDeltas, _Mapping]]] = ...) -> None: ...

class ReleasedDeltas(_message.Message):
    __slots__ = ("request_id", "sequence", "results")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sequence: int
    results: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.FeedResult]
    def __init__(self, request_id: _Optional[str] = ..., sequence: _Optional[int] = ..., results: _Optional[_Iterable[_Union[_inventory_pb2.FeedResult, _Mapping]]] = ...) -> None: ...

class ImportSnapshotRequest(_message.Message):
    __slots__ = ("request_id", "as_of", "counts", "dry_run", "source_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    as_of: _timestamp_pb2.Timestamp
    counts: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.StockCount]
    dry_run: bool
    source_id: str
    def __init__(self, request_id: _Optional[str] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., counts: _Optional[_Iterable[_Union[_inventory_pb2.StockCount, _Mapping]]] = ..., dry_run: _Optional[bool] = ..., source_id: _Optional[str] = ...) -> None: ...

class ImportSnapshotResponse(_message.Message):
    __slots__ = ("received_count", "applied_count", "unchanged_count", "stale_count", "rejected_count", "rejections", "token", "replayed_count", "changed_count", "differences")
    RECEIVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    APPLIED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    STALE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    received_count: int
    applied_count: int
    unchanged_count: int
    stale_count: int
    rejected_count: int
    rejections: _containers.RepeatedCompositeFieldContainer[RejectedCount]
    token: str
    replayed_count: int
    changed_count: int
    differences: _containers.RepeatedCompositeFieldContainer[StockDifference]
    def __init__(self, received_count: _Optional[int] = ..., applied_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., stale_count: _Optional[int] = ..., rejected_count: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[RejectedCount, _Mapping]]] = ..., token: _Optional[str] = ..., replayed_count: _Optional[int] = ..., changed_count: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[StockDifference, _Mapping]]] = ...) -> None: ...

class StockDifference(_message.Message):
    __slots__ = ("position", "sku", "node_id", "on_hand_quantity", "on_hand_quantity_after", "available_quantity", "available_quantity_after")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    ON_HAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ON_HAND_QUANTITY_AFTER_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_AFTER_FIELD_NUMBER: _ClassVar[int]
    position: int
    sku: str
    node_id: str
    on_hand_quantity: int
    on_hand_quantity_after: int
    available_quantity: int
    available_quantity_after: int
    def __init__(self, position: _Optional[int] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., on_hand_quantity: _Optional[int] = ..., on_hand_quantity_after: _Optional[int] = ..., available_quantity: _Optional[int] = ..., available_quantity_after: _Optional[int] = ...) -> None: ...

class RejectedCount(_message.Message):
    __slots__ = ("position", "sku", "node_id", "outcome", "detail")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    position: int
    sku: str
    node_id: str
    outcome: _inventory_pb2.FeedOutcome
    detail: str
    def __init__(self, position: _Optional[int] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., outcome: _Optional[_Union[_inventory_pb2.FeedOutcome, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class SetOnHandRequest(_message.Message):
    __slots__ = ("request_id", "count", "expected_on_hand_quantity", "expected_version", "as_of", "source_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ON_HAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    count: _inventory_pb2.StockCount
    expected_on_hand_quantity: int
    expected_version: int
    as_of: _timestamp_pb2.Timestamp
    source_id: str
    def __init__(self, request_id: _Optional[str] = ..., count: _Optional[_Union[_inventory_pb2.StockCount, _Mapping]] = ..., expected_on_hand_quantity: _Optional[int] = ..., expected_version: _Optional[int] = ..., as_of: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_id: _Optional[str] = ...) -> None: ...

class SetOnHandResponse(_message.Message):
    __slots__ = ("outcome", "cell", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _inventory_pb2.FeedOutcome
    cell: _inventory_pb2.StockCell
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_inventory_pb2.FeedOutcome, str]] = ..., cell: _Optional[_Union[_inventory_pb2.StockCell, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AdjustStockRequest(_message.Message):
    __slots__ = ("request_id", "delta", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    delta: _inventory_pb2.StockDelta
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., delta: _Optional[_Union[_inventory_pb2.StockDelta, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class AdjustStockResponse(_message.Message):
    __slots__ = ("outcome", "cell", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _inventory_pb2.FeedOutcome
    cell: _inventory_pb2.StockCell
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_inventory_pb2.FeedOutcome, str]] = ..., cell: _Optional[_Union[_inventory_pb2.StockCell, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SetSafetyStockRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "safety_stock_quantity", "follow_rules")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SAFETY_STOCK_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_RULES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    safety_stock_quantity: int
    follow_rules: bool
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., safety_stock_quantity: _Optional[int] = ..., follow_rules: _Optional[bool] = ...) -> None: ...

class SetSafetyStockResponse(_message.Message):
    __slots__ = ("outcome", "cell", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _inventory_pb2.FeedOutcome
    cell: _inventory_pb2.StockCell
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_inventory_pb2.FeedOutcome, str]] = ..., cell: _Optional[_Union[_inventory_pb2.StockCell, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SetAllocationPoolRequest(_message.Message):
    __slots__ = ("request_id", "allocation_pool")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOCATION_POOL_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    allocation_pool: _allocation_pb2.AllocationPool
    def __init__(self, request_id: _Optional[str] = ..., allocation_pool: _Optional[_Union[_allocation_pb2.AllocationPool, _Mapping]] = ...) -> None: ...

class SetAllocationPoolResponse(_message.Message):
    __slots__ = ("allocation_pool", "token", "replayed")
    ALLOCATION_POOL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    allocation_pool: _allocation_pb2.AllocationPool
    token: str
    replayed: bool
    def __init__(self, allocation_pool: _Optional[_Union[_allocation_pb2.AllocationPool, _Mapping]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ReallocatePoolRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "from_channel", "to_channel", "quantity")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TO_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    from_channel: str
    to_channel: str
    quantity: int
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., from_channel: _Optional[str] = ..., to_channel: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class ReallocatePoolResponse(_message.Message):
    __slots__ = ("outcome", "available_quantity", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: ReallocateOutcome
    available_quantity: int
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[ReallocateOutcome, str]] = ..., available_quantity: _Optional[int] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ListAllocationPoolsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "sku", "node_id", "channel")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    sku: str
    node_id: str
    channel: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., channel: _Optional[str] = ...) -> None: ...

class ListAllocationPoolsResponse(_message.Message):
    __slots__ = ("allocation_pools", "next_page_token")
    ALLOCATION_POOLS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    allocation_pools: _containers.RepeatedCompositeFieldContainer[_allocation_pb2.AllocationPool]
    next_page_token: str
    def __init__(self, allocation_pools: _Optional[_Iterable[_Union[_allocation_pb2.AllocationPool, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListSupplyDeficitsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSupplyDeficitsResponse(_message.Message):
    __slots__ = ("deficits", "next_page_token")
    DEFICITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    deficits: _containers.RepeatedCompositeFieldContainer[SupplyDeficit]
    next_page_token: str
    def __init__(self, deficits: _Optional[_Iterable[_Union[SupplyDeficit, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SupplyDeficit(_message.Message):
    __slots__ = ("sku", "node_id", "deficit_quantity", "since")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    DEFICIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    deficit_quantity: int
    since: _timestamp_pb2.Timestamp
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., deficit_quantity: _Optional[int] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CheckInvariantsRequest(_message.Message):
    __slots__ = ("max_violations", "since_token")
    MAX_VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    SINCE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    max_violations: int
    since_token: str
    def __init__(self, max_violations: _Optional[int] = ..., since_token: _Optional[str] = ...) -> None: ...

class CheckInvariantsResponse(_message.Message):
    __slots__ = ("ok", "cell_count", "reservation_count", "event_count", "violation_count", "violations", "deficit_cell_count", "token")
    OK_FIELD_NUMBER: _ClassVar[int]
    CELL_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    VIOLATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    DEFICIT_CELL_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ok: bool
    cell_count: int
    reservation_count: int
    event_count: int
    violation_count: int
    violations: _containers.RepeatedCompositeFieldContainer[Violation]
    deficit_cell_count: int
    token: str
    def __init__(self, ok: _Optional[bool] = ..., cell_count: _Optional[int] = ..., reservation_count: _Optional[int] = ..., event_count: _Optional[int] = ..., violation_count: _Optional[int] = ..., violations: _Optional[_Iterable[_Union[Violation, _Mapping]]] = ..., deficit_cell_count: _Optional[int] = ..., token: _Optional[str] = ...) -> None: ...

class RepairRequest(_message.Message):
    __slots__ = ("request_id", "apply")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    APPLY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    apply: bool
    def __init__(self, request_id: _Optional[str] = ..., apply: _Optional[bool] = ...) -> None: ...

class RepairResponse(_message.Message):
    __slots__ = ("repairs", "violation_count", "violations")
    REPAIRS_FIELD_NUMBER: _ClassVar[int]
    VIOLATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    repairs: _containers.RepeatedCompositeFieldContainer[RepairEntry]
    violation_count: int
    violations: _containers.RepeatedCompositeFieldContainer[Violation]
    def __init__(self, repairs: _Optional[_Iterable[_Union[RepairEntry, _Mapping]]] = ..., violation_count: _Optional[int] = ..., violations: _Optional[_Iterable[_Union[Violation, _Mapping]]] = ...) -> None: ...

class RepairEntry(_message.Message):
    __slots__ = ("invariant", "subject", "before", "after", "outcome")
    INVARIANT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    invariant: str
    subject: str
    before: str
    after: str
    outcome: RepairOutcome
    def __init__(self, invariant: _Optional[str] = ..., subject: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., outcome: _Optional[_Union[RepairOutcome, str]] = ...) -> None: ...

class Violation(_message.Message):
    __slots__ = ("invariant", "subject", "detail")
    INVARIANT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    invariant: str
    subject: str
    detail: str
    def __init__(self, invariant: _Optional[str] = ..., subject: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class ReclassifyStockRequest(_message.Message):
    __slots__ = ("request_id", "sku", "node_id", "quantity", "from_reason", "to_reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FROM_REASON_FIELD_NUMBER: _ClassVar[int]
    TO_REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    node_id: str
    quantity: int
    from_reason: str
    to_reason: str
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., quantity: _Optional[int] = ..., from_reason: _Optional[str] = ..., to_reason: _Optional[str] = ...) -> None: ...

class ReclassifyStockResponse(_message.Message):
    __slots__ = ("outcome", "cell", "unavailable", "token", "replayed")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CELL_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    outcome: _inventory_pb2.FeedOutcome
    cell: _inventory_pb2.StockCell
    unavailable: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.UnavailableQuantity]
    token: str
    replayed: bool
    def __init__(self, outcome: _Optional[_Union[_inventory_pb2.FeedOutcome, str]] = ..., cell: _Optional[_Union[_inventory_pb2.StockCell, _Mapping]] = ..., unavailable: _Optional[_Iterable[_Union[_inventory_pb2.UnavailableQuantity, _Mapping]]] = ..., token: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ListUnavailableStockRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "node_id", "reason")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    node_id: str
    reason: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., node_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ListUnavailableStockResponse(_message.Message):
    __slots__ = ("cells", "next_page_token")
    CELLS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    cells: _containers.RepeatedCompositeFieldContainer[UnavailableStock]
    next_page_token: str
    def __init__(self, cells: _Optional[_Iterable[_Union[UnavailableStock, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UnavailableStock(_message.Message):
    __slots__ = ("sku", "node_id", "unavailable")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    unavailable: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.UnavailableQuantity]
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., unavailable: _Optional[_Iterable[_Union[_inventory_pb2.UnavailableQuantity, _Mapping]]] = ...) -> None: ...
