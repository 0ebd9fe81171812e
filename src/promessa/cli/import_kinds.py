"""What can be imported: each kind with its columns, which are the fields of its message in the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from promessa.cli.failure import usage
from promessa.v1 import inventory_pb2, network_pb2


@dataclass(frozen=True)
class Kind:
    """One kind of rows. `key` are the columns that name a row; `method` is the call that takes it, but for stock."""

    name: str
    message: Any
    key: tuple[str, ...]
    required: tuple[str, ...]
    method: str = ""
    field: str = ""
    """The field of the method's request that holds the row."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column there may be."""
        return tuple(field.name for field in self.message.DESCRIPTOR.fields)


RATE_CARDS = Kind(
    "rate-cards",
    network_pb2.RateCard,
    ("rate_card_id",),
    ("rate_card_id", "currency_code"),
    "PutRateCard",
    "rate_card",
)
CALENDARS = Kind(
    "calendars", network_pb2.Calendar, ("calendar_id",), ("calendar_id", "hours"), "PutCalendar", "calendar"
)
NODES = Kind("nodes", network_pb2.Node, ("node_id",), ("node_id",), "PutNode", "node")
SKUS = Kind("skus", network_pb2.Sku, ("sku",), ("sku",), "PutSku", "sku")
NODE_GROUPS = Kind(
    "node-groups",
    network_pb2.NodeGroup,
    ("node_group_id",),
    ("node_group_id", "node_ids"),
    "PutNodeGroup",
    "node_group",
)
LANES = Kind(
    "lanes",
    network_pb2.Lane,
    ("lane_id",),
    ("lane_id", "node_id", "country_code", "rate_card_id"),
    "PutLane",
    "lane",
)
TAX_RULES = Kind(
    "tax-rules",
    network_pb2.TaxRule,
    ("tax_rule_id",),
    ("tax_rule_id", "rate_basis_points"),
    "PutTaxRule",
    "tax_rule",
)
COMMISSION_RULES = Kind(
    "commission-rules",
    network_pb2.CommissionRule,
    ("commission_rule_id",),
    ("commission_rule_id", "rate_basis_points"),
    "PutCommissionRule",
    "commission_rule",
)
HOLD_RULES = Kind("hold-rules", network_pb2.HoldRule, ("hold_rule_id",), ("hold_rule_id",), "PutHoldRule", "hold_rule")
REASONS = Kind(
    "unavailable-reasons",
    network_pb2.UnavailableReason,
    ("reason_id",),
    ("reason_id",),
    "PutUnavailableReason",
    "unavailable_reason",
)
SAFETY_RULES = Kind(
    "safety-rules",
    network_pb2.SafetyStockRule,
    ("safety_rule_id",),
    ("safety_rule_id",),
    "PutSafetyStockRule",
    "safety_rule",
)
STOCK = Kind("stock", inventory_pb2.StockCount, ("sku", "node_id"), ("sku", "node_id", "on_hand_quantity"))
DELTAS = Kind(
    "deltas", inventory_pb2.StockDelta, ("sku", "node_id"), ("sku", "node_id", "delta_quantity"), "AdjustStock", "delta"
)

KINDS = (
    CALENDARS,
    RATE_CARDS,
    TAX_RULES,
    COMMISSION_RULES,
    HOLD_RULES,
    REASONS,
    NODES,
    SKUS,
    NODE_GROUPS,
    LANES,
    SAFETY_RULES,
    STOCK,
    DELTAS,
)
"""In the order in which they are imported: what others refer to comes first."""

_BY_HEADER = (
    DELTAS,
    STOCK,
    LANES,
    CALENDARS,
    TAX_RULES,
    COMMISSION_RULES,
    RATE_CARDS,
    NODE_GROUPS,
    HOLD_RULES,
    SAFETY_RULES,
    REASONS,
    NODES,
    SKUS,
)
"""In the order in which a header is tried: the columns that only one kind needs come first."""

_BY_STEM = (
    "calendars",
    "node-groups",
    "rate-cards",
    "tax-rules",
    "commission-rules",
    "hold-rules",
    "safety-rules",
    "unavailable-reasons",
    "lanes",
    "deltas",
    "stock",
    "skus",
    "nodes",
)


def kind_named(name: str) -> Kind:
    """The kind of a --kind option."""
    for kind in KINDS:
        if kind.name == name.replace("_", "-"):
            return kind
    raise usage(f"There is no kind {name!r}. Use one of {', '.join(kind.name for kind in KINDS)}.")


def guess_kind(path: Path, columns: Collection[str]) -> Kind | None:
    """The kind of a file by its columns; by its name, if they are none's."""
    for kind in _BY_HEADER:
        distinctive = {"sku"} if kind is SKUS else set(kind.required)
        mixed = kind in (NODES, SKUS) and {"sku", "node_id"} <= set(columns)
        if distinctive <= set(columns) <= set(kind.columns) and not mixed:
            return kind
    stem = path.name.lower().replace("_", "-")
    return next((kind_named(name) for name in _BY_STEM if name in stem), None)


def header_problem(kind: Kind, columns: Sequence[str]) -> str | None:
    """What is wrong with the columns of a file, in a sentence."""
    missing = [name for name in kind.required if name not in columns]
    if missing:
        return (
            f"The header lacks the column {', '.join(missing)}. The first line of a {kind.name} file names columns: "
            f"{', '.join(kind.columns)}; needed are {', '.join(kind.required)}."
        )
    unknown = [name or "(empty)" for name in columns if name not in kind.columns]
    if unknown:
        known = ", ".join(kind.columns)
        return f"The header has unknown columns: {', '.join(unknown)}. A {kind.name} file may have {known}."
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    return f"The header names {', '.join(doubled)} twice. Keep one of them." if doubled else None
