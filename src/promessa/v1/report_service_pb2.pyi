from buf.validate import validate_pb2 as _validate_pb2
from promessa.v1 import report_pb2 as _report_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStockoutReportRequest(_message.Message):
    __slots__ = ("period", "rows_max", "group_by")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    group_by: _containers.RepeatedScalarFieldContainer[_report_pb2.ReportGroup]
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ..., group_by: _Optional[_Iterable[_Union[_report_pb2.ReportGroup, str]]] = ...) -> None: ...

class GetStockoutReportResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis", "total")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.StockoutRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    total: _report_pb2.StockoutRow
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.StockoutRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ..., total: _Optional[_Union[_report_pb2.StockoutRow, _Mapping]] = ...) -> None: ...

class GetReservationReportRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetReservationReportResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.ReservationRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.ReservationRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

class GetChannelPerformanceRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetChannelPerformanceResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.ChannelPerformanceRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.ChannelPerformanceRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

class GetNodePerformanceRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetNodePerformanceResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.NodePerformanceRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.NodePerformanceRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

class GetJourneyReportRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetJourneyReportResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.JourneyRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.JourneyRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

class GetFranchiseSettlementRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetFranchiseSettlementResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.SettlementRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.SettlementRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

class GetSourcingReportRequest(_message.Message):
    __slots__ = ("period", "rows_max", "group_by", "compared_orders_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    COMPARED_ORDERS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    group_by: _containers.RepeatedScalarFieldContainer[_report_pb2.ReportGroup]
    compared_orders_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ..., group_by: _Optional[_Iterable[_Union[_report_pb2.ReportGroup, str]]] = ..., compared_orders_max: _Optional[int] = ...) -> None: ...

class GetSourcingReportResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis", "total", "alternatives")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.SourcingRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    total: _report_pb2.SourcingRow
    alternatives: _containers.RepeatedCompositeFieldContainer[_report_pb2.SourcingAlternative]
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.SourcingRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ..., total: _Optional[_Union[_report_pb2.SourcingRow, _Mapping]] = ..., alternatives: _Optional[_Iterable[_Union[_report_pb2.SourcingAlternative, _Mapping]]] = ...) -> None: ...

class ListReportOrdersRequest(_message.Message):
    __slots__ = ("stockouts", "sourcing", "shipments", "period", "page_size", "page_token")
    STOCKOUTS_FIELD_NUMBER: _ClassVar[int]
    SOURCING_FIELD_NUMBER: _ClassVar[int]
    SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    stockouts: StockoutFilter
    sourcing: SourcingFilter
    shipments: ShipmentFilter
    period: _report_pb2.ReportPeriod
    page_size: int
    page_token: str
    def __init__(self, stockouts: _Optional[_Union[StockoutFilter, _Mapping]] = ..., sourcing: _Optional[_Union[SourcingFilter, _Mapping]] = ..., shipments: _Optional[_Union[ShipmentFilter, _Mapping]] = ..., period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class StockoutFilter(_message.Message):
    __slots__ = ("sku", "node_id", "reason", "channel", "region")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    reason: str
    channel: str
    region: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., reason: _Optional[str] = ..., channel: _Optional[str] = ..., region: _Optional[str] = ...) -> None: ...

class SourcingFilter(_message.Message):
    __slots__ = ("channel", "region", "policy_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    channel: str
    region: str
    policy_id: str
    def __init__(self, channel: _Optional[str] = ..., region: _Optional[str] = ..., policy_id: _Optional[str] = ...) -> None: ...

class ShipmentFilter(_message.Message):
    __slots__ = ("channel", "node_id", "reason", "state")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    channel: str
    node_id: str
    reason: str
    state: str
    def __init__(self, channel: _Optional[str] = ..., node_id: _Optional[str] = ..., reason: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class ListReportOrdersResponse(_message.Message):
    __slots__ = ("orders", "next_page_token", "basis")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[_report_pb2.ReportOrder]
    next_page_token: str
    basis: _report_pb2.ReportBasis
    def __init__(self, orders: _Optional[_Iterable[_Union[_report_pb2.ReportOrder, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...
