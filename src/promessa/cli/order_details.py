"""What else is known of a step of an order, for people: names of the contract as words, lines as skus, micros as money."""

from __future__ import annotations

import re
from typing import Any

from promessa.cli.order_texts import OrderTexts
from promessa.cli.output import money
from promessa.v1 import orders_pb2 as orders

_OF_DEADLINES = (orders.ORDER_STEP_KIND_AT_RISK, orders.ORDER_STEP_KIND_LATE)
_OF_UNITS = (
    orders.ORDER_STEP_KIND_PICK,
    orders.ORDER_STEP_KIND_CANCEL,
    orders.ORDER_STEP_KIND_RECEIVE_RETURN,
)
_OF_REFUSALS = (orders.ORDER_STEP_KIND_REJECT, orders.ORDER_STEP_KIND_REFUSE_OFFER)


def step_detail(step: Any, order: Any, texts: OrderTexts) -> str:
    """The detail of a step of an order; as the server says it where it is somebody's own words, or newer than this command."""
    said = str(step.detail)
    if step.kind in _OF_DEADLINES:
        return texts.named("DEADLINE_KIND", said)
    if step.kind == orders.ORDER_STEP_KIND_STUCK:
        return texts.named("STUCK", said)
    if step.kind in _OF_REFUSALS:
        node_id, _, reason = said.rpartition(" ")
        return f"{node_id} {texts.named('REJECT_REASON', reason)}".strip()
    if step.kind == orders.ORDER_STEP_KIND_CANCEL and said.isupper():
        return texts.named("CANCEL", said)
    if step.kind in _OF_UNITS:
        return _units(said, order, texts)
    if step.kind == orders.ORDER_STEP_KIND_SOURCE and (found := re.fullmatch(r"shipments? (\d+)(?: to (\d+))?", said)):
        first, last = found.groups()
        return texts("by several", first=first, last=last) if last else texts("by one", number=first)
    if step.kind == orders.ORDER_STEP_KIND_REFUND and (found := re.fullmatch(r"(\d+)(?: ([A-Z]{3}))?", said)):
        return money(int(found[1]), found[2] or "")
    return said


def _units(said: str, order: Any, texts: OrderTexts) -> str:
    """Units of lines, as `line 0: 1 QUARANTINE`, by sku."""

    def by_sku(found: re.Match[str]) -> str:
        line, units, disposition = int(found[1]), int(found[2]), found[3]
        sku = order.lines[line].sku if line < len(order.lines) else found[1]
        return f"{sku}={units:,}" + (f" {texts.named('DISPOSITION', disposition)}" if disposition else "")

    told = re.sub(r"line (\d+): (\d+)(?: ([A-Z]+))?", by_sku, said)
    return texts("short", units=told.removeprefix("short: ")) if told.startswith("short: ") else told
