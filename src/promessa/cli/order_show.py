"""Orders as tables: lines, shipments, returns, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from promessa.cli.order_details import step_detail
from promessa.cli.order_texts import OrderTexts
from promessa.cli.output import local_time, money, table
from promessa.v1 import orders_pb2

if TYPE_CHECKING:
    from rich.console import Console


def render_order(to: Console, order: Any, texts: OrderTexts, *, steps: bool = False) -> None:
    """An order: its lines and shipments, what comes back, and on request all steps."""
    said = [
        f"{texts('order')} [bold]{order.order_id}[/]",
        texts.of(orders_pb2.OrderState, order.state),
        f"{texts('placed at')} {local_time(order.place_time)}",
        *(
            f"{texts(name)} {value}"
            for name, value in (
                ("customer", order.customer_id),
                ("channel", order.channel),
                ("exchange of", order.exchange_of_order_id),
                *_return_due(order),
                *_difference(order),
            )
            if value
        ),
    ]
    to.print(", ".join(said))
    to.print(_lines(order, texts))
    to.print(_shipments(order, texts))
    if order.returns:
        to.print(_returns(order, texts))
    if steps:
        to.print(_steps(order, texts))


def _return_due(order: Any) -> list[tuple[str, str]]:
    """Until when it waits for a return, if it does."""
    waits = order.exchange.waits_for_return and order.state != orders_pb2.ORDER_STATE_CANCELLED
    return [("return due", local_time(order.exchange.return_due_time))] if waits else []


def _difference(order: Any) -> list[tuple[str, str]]:
    """Who owes what by an exchange, if anybody does."""
    owed = order.exchange.difference_micros
    if not owed:
        return []
    return [("customer pays" if owed > 0 else "customer gets back", money(abs(owed), order.currency_code))]


def render_orders(to: Console, orders: Sequence[Any], texts: OrderTexts) -> None:
    """A list of orders."""
    if not orders:
        to.print(texts("no orders"))
        return
    names = ("order", "state", "placed at", "channel", "node")
    rows = table(*(texts(name) for name in names))
    for order in orders:
        rows.add_row(
            order.order_id,
            texts.of(orders_pb2.OrderState, order.state),
            local_time(order.place_time),
            order.channel,
            ", ".join(dict.fromkeys(ship.node_id for ship in order.shipments)),
        )
    to.print(rows)


def change_line(change: Any, texts: OrderTexts) -> str:
    """A change of a watched order in one line: what happened last, where the order is, and what it is looked at for."""
    order = change.order
    said = [f"{order.order_id}:"]
    for step in order.steps[-1:]:
        what = texts.of(orders_pb2.OrderStepKind, step.kind)
        detail = step_detail(step, order, texts)
        said.append(f"{local_time(step.time)} {what}{f' ({detail})' if detail else ''},")
    said.append(texts.of(orders_pb2.OrderState, order.state))
    if order.alerts:
        said.append("– " + ", ".join(texts.of(orders_pb2.OrderAlert, each) for each in order.alerts))
    if not change.matches:
        said.append(texts("no more"))
    return " ".join(said)


def _lines(order: Any, texts: OrderTexts) -> Any:
    names = [texts(x) for x in ("line", "sku", "ordered", "to source", "cancelled", "shipped", "returned", "price")]
    rows = table(*names, right=[names[0], *names[2:]])
    for position, line in enumerate(order.lines):
        counts = (
            line.quantity,
            line.to_source_quantity,
            line.cancelled_quantity,
            line.shipped_quantity,
            line.returned_quantity,
        )
        price = money(line.unit_price_micros, order.currency_code) if line.unit_price_micros else ""
        rows.add_row(str(position), line.sku, *(f"{count:,}" for count in counts), price)
    return rows


def _shipments(order: Any, texts: OrderTexts) -> Any:
    names = ["shipment", "node", "state", "units", "promised", "due", "next"]
    if any(ship.offers for ship in order.shipments):
        names.append("offered to")
    rows = table(*(texts(name) for name in names))
    for ship in order.shipments:
        rows.add_row(
            str(ship.shipment_number),
            ship.node_id if ship.pickup_node_id in ("", ship.node_id) else f"{ship.node_id} → {ship.pickup_node_id}",
            texts.of(orders_pb2.ShipmentState, ship.state),
            ", ".join(f"{line.sku}={line.quantity:,}" for line in ship.lines),
            local_time(ship.promise_time),
            _due(ship, texts),
            ", ".join(texts.of(orders_pb2.OrderStepKind, step) for step in ship.legal_steps),
            *([_offers(ship, texts)] if len(names) > 7 else []),
        )
    return rows


def _due(ship: Any, texts: OrderTexts) -> str:
    """What is due of a shipment next, by when, and how that stands unless there is time."""
    for each in ship.deadlines:
        if each.state != orders_pb2.DEADLINE_STATE_CLOSED:
            said = f"{texts.of(orders_pb2.DeadlineKind, each.kind)} {local_time(each.time)}"
            is_quiet = each.state == orders_pb2.DEADLINE_STATE_OPEN
            return said if is_quiet else f"{said} ({texts.of(orders_pb2.DeadlineState, each.state)})"
    return ""


def _offers(ship: Any, texts: OrderTexts) -> str:
    return ", ".join(f"{offer.node_id}: {texts.of(orders_pb2.OfferState, offer.state)}" for offer in ship.offers)


def _returns(order: Any, texts: OrderTexts) -> Any:
    rows = table(*(texts(name) for name in ("return", "state", "units", "detail")))
    for back in order.returns:
        rows.add_row(
            str(back.return_number),
            texts.of(orders_pb2.ReturnState, back.state),
            ", ".join(f"{order.lines[line.line].sku}={line.quantity:,}" for line in back.lines),
            back.reason,
        )
    return rows


def _steps(order: Any, texts: OrderTexts) -> Any:
    rows = table(*(texts(name) for name in ("when", "what", "shipment", "who", "detail")))
    for step in order.steps:
        what = texts.of(orders_pb2.OrderStepKind, step.kind)
        detail = step_detail(step, order, texts)
        rows.add_row(local_time(step.time), what, str(step.number or ""), step.actor, detail)
    return rows
