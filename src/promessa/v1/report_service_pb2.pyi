from buf.validate import validate_pb2 as _validate_pb2
from promessa.v1 import report_pb2 as _report_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStockoutReportRequest(_message.Message):
    __slots__ = ("period", "rows_max")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    ROWS_MAX_FIELD_NUMBER: _ClassVar[int]
    period: _report_pb2.ReportPeriod
    rows_max: int
    def __init__(self, period: _Optional[_Union[_report_pb2.ReportPeriod, _Mapping]] = ..., rows_max: _Optional[int] = ...) -> None: ...

class GetStockoutReportResponse(_message.Message):
    __slots__ = ("rows", "row_count", "basis")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[_report_pb2.StockoutRow]
    row_count: int
    basis: _report_pb2.ReportBasis
    def __init__(self, rows: _Optional[_Iterable[_Union[_report_pb2.StockoutRow, _Mapping]]] = ..., row_count: _Optional[int] = ..., basis: _Optional[_Union[_report_pb2.ReportBasis, _Mapping]] = ...) -> None: ...

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
