from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConstraintKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSTRAINT_KIND_UNSPECIFIED: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_MAX_SHIPMENTS: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_SHIP_COMPLETE: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_KEEP_LINES_WHOLE: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_LATEST_DELIVERY: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_EXCLUDED_NODES: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_NODE_GROUP: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_POLICY_FILTER: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_POLICY_LIMIT: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_POLICY_RULES: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_OWNER_LIMIT: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_STOCK: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_NODE_PAUSED: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_NODE_FULL: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_NODE_COOLING: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_ALLOWED_KINDS: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_OUT_OF_REACH: _ClassVar[ConstraintKind]
    CONSTRAINT_KIND_OWN_STOCK: _ClassVar[ConstraintKind]
CONSTRAINT_KIND_UNSPECIFIED: ConstraintKind
CONSTRAINT_KIND_MAX_SHIPMENTS: ConstraintKind
CONSTRAINT_KIND_SHIP_COMPLETE: ConstraintKind
CONSTRAINT_KIND_KEEP_LINES_WHOLE: ConstraintKind
CONSTRAINT_KIND_LATEST_DELIVERY: ConstraintKind
CONSTRAINT_KIND_EXCLUDED_NODES: ConstraintKind
CONSTRAINT_KIND_NODE_GROUP: ConstraintKind
CONSTRAINT_KIND_POLICY_FILTER: ConstraintKind
CONSTRAINT_KIND_POLICY_LIMIT: ConstraintKind
CONSTRAINT_KIND_POLICY_RULES: ConstraintKind
CONSTRAINT_KIND_OWNER_LIMIT: ConstraintKind
CONSTRAINT_KIND_STOCK: ConstraintKind
CONSTRAINT_KIND_NODE_PAUSED: ConstraintKind
CONSTRAINT_KIND_NODE_FULL: ConstraintKind
CONSTRAINT_KIND_NODE_COOLING: ConstraintKind
CONSTRAINT_KIND_ALLOWED_KINDS: ConstraintKind
CONSTRAINT_KIND_OUT_OF_REACH: ConstraintKind
CONSTRAINT_KIND_OWN_STOCK: ConstraintKind

class Constraint(_message.Message):
    __slots__ = ("kind", "rule", "field", "text", "node_ids")
    KIND_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    kind: ConstraintKind
    rule: str
    field: str
    text: str
    node_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[_Union[ConstraintKind, str]] = ..., rule: _Optional[str] = ..., field: _Optional[str] = ..., text: _Optional[str] = ..., node_ids: _Optional[_Iterable[str]] = ...) -> None: ...
