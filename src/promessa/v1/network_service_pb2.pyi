import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import network_pb2 as _network_pb2
from promessa.v1 import resourcing_pb2 as _resourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutNodeRequest(_message.Message):
    __slots__ = ("request_id", "node")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node: _network_pb2.Node
    def __init__(self, request_id: _Optional[str] = ..., node: _Optional[_Union[_network_pb2.Node, _Mapping]] = ...) -> None: ...

class PutNodeResponse(_message.Message):
    __slots__ = ("node", "replayed")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    node: _network_pb2.Node
    replayed: bool
    def __init__(self, node: _Optional[_Union[_network_pb2.Node, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetNodeRequest(_message.Message):
    __slots__ = ("node_id",)
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    def __init__(self, node_id: _Optional[str] = ...) -> None: ...

class GetNodeResponse(_message.Message):
    __slots__ = ("node", "coolings")
    NODE_FIELD_NUMBER: _ClassVar[int]
    COOLINGS_FIELD_NUMBER: _ClassVar[int]
    node: _network_pb2.Node
    coolings: _containers.RepeatedCompositeFieldContainer[_resourcing_pb2.NodeCooling]
    def __init__(self, node: _Optional[_Union[_network_pb2.Node, _Mapping]] = ..., coolings: _Optional[_Iterable[_Union[_resourcing_pb2.NodeCooling, _Mapping]]] = ...) -> None: ...

class ListNodesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNodesResponse(_message.Message):
    __slots__ = ("nodes", "next_page_token")
    NODES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[_network_pb2.Node]
    next_page_token: str
    def __init__(self, nodes: _Optional[_Iterable[_Union[_network_pb2.Node, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteNodeRequest(_message.Message):
    __slots__ = ("request_id", "node_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node_id: str
    def __init__(self, request_id: _Optional[str] = ..., node_id: _Optional[str] = ...) -> None: ...

class DeleteNodeResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutNodeGroupRequest(_message.Message):
    __slots__ = ("request_id", "node_group")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node_group: _network_pb2.NodeGroup
    def __init__(self, request_id: _Optional[str] = ..., node_group: _Optional[_Union[_network_pb2.NodeGroup, _Mapping]] = ...) -> None: ...

class PutNodeGroupResponse(_message.Message):
    __slots__ = ("node_group", "replayed")
    NODE_GROUP_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    node_group: _network_pb2.NodeGroup
    replayed: bool
    def __init__(self, node_group: _Optional[_Union[_network_pb2.NodeGroup, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetNodeGroupRequest(_message.Message):
    __slots__ = ("node_group_id",)
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    node_group_id: str
    def __init__(self, node_group_id: _Optional[str] = ...) -> None: ...

class GetNodeGroupResponse(_message.Message):
    __slots__ = ("node_group",)
    NODE_GROUP_FIELD_NUMBER: _ClassVar[int]
    node_group: _network_pb2.NodeGroup
    def __init__(self, node_group: _Optional[_Union[_network_pb2.NodeGroup, _Mapping]] = ...) -> None: ...

class ListNodeGroupsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNodeGroupsResponse(_message.Message):
    __slots__ = ("node_groups", "next_page_token")
    NODE_GROUPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    node_groups: _containers.RepeatedCompositeFieldContainer[_network_pb2.NodeGroup]
    next_page_token: str
    def __init__(self, node_groups: _Optional[_Iterable[_Union[_network_pb2.NodeGroup, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteNodeGroupRequest(_message.Message):
    __slots__ = ("request_id", "node_group_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node_group_id: str
    def __init__(self, request_id: _Optional[str] = ..., node_group_id: _Optional[str] = ...) -> None: ...

class DeleteNodeGroupResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutSkuRequest(_message.Message):
    __slots__ = ("request_id", "sku")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: _network_pb2.Sku
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[_Union[_network_pb2.Sku, _Mapping]] = ...) -> None: ...

class PutSkuResponse(_message.Message):
    __slots__ = ("sku", "replayed")
    SKU_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    sku: _network_pb2.Sku
    replayed: bool
    def __init__(self, sku: _Optional[_Union[_network_pb2.Sku, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetSkuRequest(_message.Message):
    __slots__ = ("sku",)
    SKU_FIELD_NUMBER: _ClassVar[int]
    sku: str
    def __init__(self, sku: _Optional[str] = ...) -> None: ...

class GetSkuResponse(_message.Message):
    __slots__ = ("sku",)
    SKU_FIELD_NUMBER: _ClassVar[int]
    sku: _network_pb2.Sku
    def __init__(self, sku: _Optional[_Union[_network_pb2.Sku, _Mapping]] = ...) -> None: ...

class ListSkusRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSkusResponse(_message.Message):
    __slots__ = ("skus", "next_page_token")
    SKUS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedCompositeFieldContainer[_network_pb2.Sku]
    next_page_token: str
    def __init__(self, skus: _Optional[_Iterable[_Union[_network_pb2.Sku, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteSkuRequest(_message.Message):
    __slots__ = ("request_id", "sku")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    sku: str
    def __init__(self, request_id: _Optional[str] = ..., sku: _Optional[str] = ...) -> None: ...

class DeleteSkuResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutRateCardRequest(_message.Message):
    __slots__ = ("request_id", "rate_card")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RATE_CARD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    rate_card: _network_pb2.RateCard
    def __init__(self, request_id: _Optional[str] = ..., rate_card: _Optional[_Union[_network_pb2.RateCard, _Mapping]] = ...) -> None: ...

class PutRateCardResponse(_message.Message):
    __slots__ = ("rate_card", "replayed")
    RATE_CARD_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    rate_card: _network_pb2.RateCard
    replayed: bool
    def __init__(self, rate_card: _Optional[_Union[_network_pb2.RateCard, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetRateCardRequest(_message.Message):
    __slots__ = ("rate_card_id",)
    RATE_CARD_ID_FIELD_NUMBER: _ClassVar[int]
    rate_card_id: str
    def __init__(self, rate_card_id: _Optional[str] = ...) -> None: ...

class GetRateCardResponse(_message.Message):
    __slots__ = ("rate_card",)
    RATE_CARD_FIELD_NUMBER: _ClassVar[int]
    rate_card: _network_pb2.RateCard
    def __init__(self, rate_card: _Optional[_Union[_network_pb2.RateCard, _Mapping]] = ...) -> None: ...

class ListRateCardsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRateCardsResponse(_message.Message):
    __slots__ = ("rate_cards", "next_page_token")
    RATE_CARDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rate_cards: _containers.RepeatedCompositeFieldContainer[_network_pb2.RateCard]
    next_page_token: str
    def __init__(self, rate_cards: _Optional[_Iterable[_Union[_network_pb2.RateCard, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteRateCardRequest(_message.Message):
    __slots__ = ("request_id", "rate_card_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RATE_CARD_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    rate_card_id: str
    def __init__(self, request_id: _Optional[str] = ..., rate_card_id: _Optional[str] = ...) -> None: ...

class DeleteRateCardResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutLaneRequest(_message.Message):
    __slots__ = ("request_id", "lane")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    lane: _network_pb2.Lane
    def __init__(self, request_id: _Optional[str] = ..., lane: _Optional[_Union[_network_pb2.Lane, _Mapping]] = ...) -> None: ...

class PutLaneResponse(_message.Message):
    __slots__ = ("lane", "replayed")
    LANE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    lane: _network_pb2.Lane
    replayed: bool
    def __init__(self, lane: _Optional[_Union[_network_pb2.Lane, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetLaneRequest(_message.Message):
    __slots__ = ("lane_id",)
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    lane_id: str
    def __init__(self, lane_id: _Optional[str] = ...) -> None: ...

class GetLaneResponse(_message.Message):
    __slots__ = ("lane",)
    LANE_FIELD_NUMBER: _ClassVar[int]
    lane: _network_pb2.Lane
    def __init__(self, lane: _Optional[_Union[_network_pb2.Lane, _Mapping]] = ...) -> None: ...

class ListLanesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLanesResponse(_message.Message):
    __slots__ = ("lanes", "next_page_token")
    LANES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedCompositeFieldContainer[_network_pb2.Lane]
    next_page_token: str
    def __init__(self, lanes: _Optional[_Iterable[_Union[_network_pb2.Lane, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteLaneRequest(_message.Message):
    __slots__ = ("request_id", "lane_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    lane_id: str
    def __init__(self, request_id: _Optional[str] = ..., lane_id: _Optional[str] = ...) -> None: ...

class DeleteLaneResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutHoldRuleRequest(_message.Message):
    __slots__ = ("request_id", "hold_rule")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_RULE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    hold_rule: _network_pb2.HoldRule
    def __init__(self, request_id: _Optional[str] = ..., hold_rule: _Optional[_Union[_network_pb2.HoldRule, _Mapping]] = ...) -> None: ...

class PutHoldRuleResponse(_message.Message):
    __slots__ = ("hold_rule", "replayed")
    HOLD_RULE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    hold_rule: _network_pb2.HoldRule
    replayed: bool
    def __init__(self, hold_rule: _Optional[_Union[_network_pb2.HoldRule, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetHoldRuleRequest(_message.Message):
    __slots__ = ("hold_rule_id",)
    HOLD_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    hold_rule_id: str
    def __init__(self, hold_rule_id: _Optional[str] = ...) -> None: ...

class GetHoldRuleResponse(_message.Message):
    __slots__ = ("hold_rule",)
    HOLD_RULE_FIELD_NUMBER: _ClassVar[int]
    hold_rule: _network_pb2.HoldRule
    def __init__(self, hold_rule: _Optional[_Union[_network_pb2.HoldRule, _Mapping]] = ...) -> None: ...

class ListHoldRulesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListHoldRulesResponse(_message.Message):
    __slots__ = ("hold_rules", "next_page_token")
    HOLD_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    hold_rules: _containers.RepeatedCompositeFieldContainer[_network_pb2.HoldRule]
    next_page_token: str
    def __init__(self, hold_rules: _Optional[_Iterable[_Union[_network_pb2.HoldRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteHoldRuleRequest(_message.Message):
    __slots__ = ("request_id", "hold_rule_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    hold_rule_id: str
    def __init__(self, request_id: _Optional[str] = ..., hold_rule_id: _Optional[str] = ...) -> None: ...

class DeleteHoldRuleResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutCalendarRequest(_message.Message):
    __slots__ = ("request_id", "calendar")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    calendar: _network_pb2.Calendar
    def __init__(self, request_id: _Optional[str] = ..., calendar: _Optional[_Union[_network_pb2.Calendar, _Mapping]] = ...) -> None: ...

class PutCalendarResponse(_message.Message):
    __slots__ = ("calendar", "replayed")
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    calendar: _network_pb2.Calendar
    replayed: bool
    def __init__(self, calendar: _Optional[_Union[_network_pb2.Calendar, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetCalendarRequest(_message.Message):
    __slots__ = ("calendar_id",)
    CALENDAR_ID_FIELD_NUMBER: _ClassVar[int]
    calendar_id: str
    def __init__(self, calendar_id: _Optional[str] = ...) -> None: ...

class GetCalendarResponse(_message.Message):
    __slots__ = ("calendar",)
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    calendar: _network_pb2.Calendar
    def __init__(self, calendar: _Optional[_Union[_network_pb2.Calendar, _Mapping]] = ...) -> None: ...

class ListCalendarsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCalendarsResponse(_message.Message):
    __slots__ = ("calendars", "next_page_token")
    CALENDARS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    calendars: _containers.RepeatedCompositeFieldContainer[_network_pb2.Calendar]
    next_page_token: str
    def __init__(self, calendars: _Optional[_Iterable[_Union[_network_pb2.Calendar, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteCalendarRequest(_message.Message):
    __slots__ = ("request_id", "calendar_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    calendar_id: str
    def __init__(self, request_id: _Optional[str] = ..., calendar_id: _Optional[str] = ...) -> None: ...

class DeleteCalendarResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutTaxRuleRequest(_message.Message):
    __slots__ = ("request_id", "tax_rule")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TAX_RULE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    tax_rule: _network_pb2.TaxRule
    def __init__(self, request_id: _Optional[str] = ..., tax_rule: _Optional[_Union[_network_pb2.TaxRule, _Mapping]] = ...) -> None: ...

class PutTaxRuleResponse(_message.Message):
    __slots__ = ("tax_rule", "replayed")
    TAX_RULE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    tax_rule: _network_pb2.TaxRule
    replayed: bool
    def __init__(self, tax_rule: _Optional[_Union[_network_pb2.TaxRule, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetTaxRuleRequest(_message.Message):
    __slots__ = ("tax_rule_id",)
    TAX_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    tax_rule_id: str
    def __init__(self, tax_rule_id: _Optional[str] = ...) -> None: ...

class GetTaxRuleResponse(_message.Message):
    __slots__ = ("tax_rule",)
    TAX_RULE_FIELD_NUMBER: _ClassVar[int]
    tax_rule: _network_pb2.TaxRule
    def __init__(self, tax_rule: _Optional[_Union[_network_pb2.TaxRule, _Mapping]] = ...) -> None: ...

class ListTaxRulesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTaxRulesResponse(_message.Message):
    __slots__ = ("tax_rules", "next_page_token")
    TAX_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tax_rules: _containers.RepeatedCompositeFieldContainer[_network_pb2.TaxRule]
    next_page_token: str
    def __init__(self, tax_rules: _Optional[_Iterable[_Union[_network_pb2.TaxRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteTaxRuleRequest(_message.Message):
    __slots__ = ("request_id", "tax_rule_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TAX_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    tax_rule_id: str
    def __init__(self, request_id: _Optional[str] = ..., tax_rule_id: _Optional[str] = ...) -> None: ...

class DeleteTaxRuleResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutCommissionRuleRequest(_message.Message):
    __slots__ = ("request_id", "commission_rule")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_RULE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    commission_rule: _network_pb2.CommissionRule
    def __init__(self, request_id: _Optional[str] = ..., commission_rule: _Optional[_Union[_network_pb2.CommissionRule, _Mapping]] = ...) -> None: ...

class PutCommissionRuleResponse(_message.Message):
    __slots__ = ("commission_rule", "replayed")
    COMMISSION_RULE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    commission_rule: _network_pb2.CommissionRule
    replayed: bool
    def __init__(self, commission_rule: _Optional[_Union[_network_pb2.CommissionRule, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetCommissionRuleRequest(_message.Message):
    __slots__ = ("commission_rule_id",)
    COMMISSION_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    commission_rule_id: str
    def __init__(self, commission_rule_id: _Optional[str] = ...) -> None: ...

class GetCommissionRuleResponse(_message.Message):
    __slots__ = ("commission_rule",)
    COMMISSION_RULE_FIELD_NUMBER: _ClassVar[int]
    commission_rule: _network_pb2.CommissionRule
    def __init__(self, commission_rule: _Optional[_Union[_network_pb2.CommissionRule, _Mapping]] = ...) -> None: ...

class ListCommissionRulesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCommissionRulesResponse(_message.Message):
    __slots__ = ("commission_rules", "next_page_token")
    COMMISSION_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    commission_rules: _containers.RepeatedCompositeFieldContainer[_network_pb2.CommissionRule]
    next_page_token: str
    def __init__(self, commission_rules: _Optional[_Iterable[_Union[_network_pb2.CommissionRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteCommissionRuleRequest(_message.Message):
    __slots__ = ("request_id", "commission_rule_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    commission_rule_id: str
    def __init__(self, request_id: _Optional[str] = ..., commission_rule_id: _Optional[str] = ...) -> None: ...

class DeleteCommissionRuleResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutUnavailableReasonRequest(_message.Message):
    __slots__ = ("request_id", "unavailable_reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    unavailable_reason: _network_pb2.UnavailableReason
    def __init__(self, request_id: _Optional[str] = ..., unavailable_reason: _Optional[_Union[_network_pb2.UnavailableReason, _Mapping]] = ...) -> None: ...

class PutUnavailableReasonResponse(_message.Message):
    __slots__ = ("unavailable_reason", "replayed")
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    unavailable_reason: _network_pb2.UnavailableReason
    replayed: bool
    def __init__(self, unavailable_reason: _Optional[_Union[_network_pb2.UnavailableReason, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetUnavailableReasonRequest(_message.Message):
    __slots__ = ("reason_id",)
    REASON_ID_FIELD_NUMBER: _ClassVar[int]
    reason_id: str
    def __init__(self, reason_id: _Optional[str] = ...) -> None: ...

class GetUnavailableReasonResponse(_message.Message):
    __slots__ = ("unavailable_reason",)
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    unavailable_reason: _network_pb2.UnavailableReason
    def __init__(self, unavailable_reason: _Optional[_Union[_network_pb2.UnavailableReason, _Mapping]] = ...) -> None: ...

class ListUnavailableReasonsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListUnavailableReasonsResponse(_message.Message):
    __slots__ = ("unavailable_reasons", "next_page_token")
    UNAVAILABLE_REASONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    unavailable_reasons: _containers.RepeatedCompositeFieldContainer[_network_pb2.UnavailableReason]
    next_page_token: str
    def __init__(self, unavailable_reasons: _Optional[_Iterable[_Union[_network_pb2.UnavailableReason, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteUnavailableReasonRequest(_message.Message):
    __slots__ = ("request_id", "reason_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    reason_id: str
    def __init__(self, request_id: _Optional[str] = ..., reason_id: _Optional[str] = ...) -> None: ...

class DeleteUnavailableReasonResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class PutSafetyStockRuleRequest(_message.Message):
    __slots__ = ("request_id", "safety_rule")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SAFETY_RULE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    safety_rule: _network_pb2.SafetyStockRule
    def __init__(self, request_id: _Optional[str] = ..., safety_rule: _Optional[_Union[_network_pb2.SafetyStockRule, _Mapping]] = ...) -> None: ...

class PutSafetyStockRuleResponse(_message.Message):
    __slots__ = ("safety_rule", "replayed")
    SAFETY_RULE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    safety_rule: _network_pb2.SafetyStockRule
    replayed: bool
    def __init__(self, safety_rule: _Optional[_Union[_network_pb2.SafetyStockRule, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetSafetyStockRuleRequest(_message.Message):
    __slots__ = ("safety_rule_id",)
    SAFETY_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    safety_rule_id: str
    def __init__(self, safety_rule_id: _Optional[str] = ...) -> None: ...

class GetSafetyStockRuleResponse(_message.Message):
    __slots__ = ("safety_rule",)
    SAFETY_RULE_FIELD_NUMBER: _ClassVar[int]
    safety_rule: _network_pb2.SafetyStockRule
    def __init__(self, safety_rule: _Optional[_Union[_network_pb2.SafetyStockRule, _Mapping]] = ...) -> None: ...

class ListSafetyStockRulesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSafetyStockRulesResponse(_message.Message):
    __slots__ = ("safety_rules", "next_page_token")
    SAFETY_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    safety_rules: _containers.RepeatedCompositeFieldContainer[_network_pb2.SafetyStockRule]
    next_page_token: str
    def __init__(self, safety_rules: _Optional[_Iterable[_Union[_network_pb2.SafetyStockRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteSafetyStockRuleRequest(_message.Message):
    __slots__ = ("request_id", "safety_rule_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SAFETY_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    safety_rule_id: str
    def __init__(self, request_id: _Optional[str] = ..., safety_rule_id: _Optional[str] = ...) -> None: ...

class DeleteSafetyStockRuleResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class SetNodeStateRequest(_message.Message):
    __slots__ = ("request_id", "node_id", "state", "until_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node_id: str
    state: _network_pb2.NodeState
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., node_id: _Optional[str] = ..., state: _Optional[_Union[_network_pb2.NodeState, str]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SetNodeStateResponse(_message.Message):
    __slots__ = ("node", "replayed")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    node: _network_pb2.Node
    replayed: bool
    def __init__(self, node: _Optional[_Union[_network_pb2.Node, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class SetNodeCapacityRequest(_message.Message):
    __slots__ = ("request_id", "node_id", "capacity")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    node_id: str
    capacity: _network_pb2.NodeCapacity
    def __init__(self, request_id: _Optional[str] = ..., node_id: _Optional[str] = ..., capacity: _Optional[_Union[_network_pb2.NodeCapacity, _Mapping]] = ...) -> None: ...

class SetNodeCapacityResponse(_message.Message):
    __slots__ = ("replayed",)
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    replayed: bool
    def __init__(self, replayed: _Optional[bool] = ...) -> None: ...

class GetNodeCapacityRequest(_message.Message):
    __slots__ = ("node_id",)
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    def __init__(self, node_id: _Optional[str] = ...) -> None: ...

class GetNodeCapacityResponse(_message.Message):
    __slots__ = ("capacity", "days")
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    capacity: _network_pb2.NodeCapacity
    days: _containers.RepeatedCompositeFieldContainer[_network_pb2.CapacityDay]
    def __init__(self, capacity: _Optional[_Union[_network_pb2.NodeCapacity, _Mapping]] = ..., days: _Optional[_Iterable[_Union[_network_pb2.CapacityDay, _Mapping]]] = ...) -> None: ...
