"""How an order is to be sourced, as options: one definition for `promessa source`, `order place` and `order exchange`, so that
each of them can say the very order that was quoted."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from promessa.cli.failure import usage
from promessa.cli.options import ChannelOption, MethodOption
from promessa.cli.order_ways import (
    BackorderOption,
    FutureOption,
    KindOption,
    OwnStockOption,
    PickupOption,
    ShipToStoreOption,
    SoldAtOption,
    TogetherOption,
    set_together,
    set_ways,
)
from promessa.cli.parsing import Amount, degrees_e6, instant, micros, policy_name, postal_code

if TYPE_CHECKING:
    from promessa.cli.client import Client


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """All of an order but its id and its lines, as it was written; every field is an option."""

    to: Annotated[
        str,
        typer.Option("--to", metavar="POSTALCODE", show_default=False, help="Where it goes, but what is collected."),
    ] = ""
    pickup: PickupOption = ""
    ship_to_store: ShipToStoreOption = False
    kind: KindOption = None
    together: TogetherOption = None
    sold_at: SoldAtOption = ""
    own_stock: OwnStockOption = ""
    future: FutureOption = False
    backorder: BackorderOption = False
    country: Annotated[str, typer.Option(help="Country of the destination, ISO 3166-1 alpha-2.")] = "BR"
    max_shipments: Annotated[int, typer.Option(min=0, max=64, help="At most this many shipments; 0: any.")] = 0
    complete: Annotated[bool, typer.Option("--complete", help="Every unit or nothing.")] = False
    whole_lines: Annotated[bool, typer.Option("--whole-lines", help="Never split a line over nodes.")] = False
    by: Annotated[str, typer.Option(show_default=False, help="Latest delivery, ISO 8601.")] = ""
    exclude: Annotated[list[str] | None, typer.Option(show_default=False, help="A node not to use; repeatable.")] = None
    group: Annotated[str, typer.Option(show_default=False, help="Only nodes of this group.")] = ""
    min_value: Annotated[
        str,
        typer.Option(
            "--min-shipment-value", metavar="MONEY", show_default=False,
            help="Least value of each of several shipments.",
        ),
    ] = "0"  # fmt: skip
    policy: Annotated[
        str,
        typer.Option(
            metavar="POLICY[@VERSION]", show_default=False, help="The policy that decides; default: whichever applies."
        ),
    ] = ""
    tier: Annotated[str, typer.Option(show_default=False, help="The customer's tier, for policies.")] = ""
    tag: Annotated[list[str] | None, typer.Option(show_default=False, help="A tag, for policies; repeatable.")] = None
    position: Annotated[
        str, typer.Option(metavar="LAT,LON", show_default=False, help="Where it goes, in degrees, for policies.")
    ] = ""
    channel: ChannelOption = ""
    method: MethodOption = ""


def with_wishes(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter `wishes` is given by an option for each field of Wishes, in its place in the help."""
    hints = get_type_hints(Wishes, include_extras=True)
    options = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(Wishes)
    ]
    found: list[inspect.Parameter] = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
        found += options if parameter.name == "wishes" else own

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        wishes = Wishes(**{option.name: values.pop(option.name) for option in options})
        command(**values, wishes=wishes)

    with_options.__signature__ = inspect.Signature(found)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in found}
    return with_options


def check_destination(lines: Sequence[tuple[str, Amount, str]], wishes: Wishes) -> None:
    """Raises a usage error where it is not said how each of these lines gets to its customer; a token does not say it."""
    if not wishes.to and not wishes.pickup and not all(node_id for _, _, node_id in lines):
        raise usage("Say where it goes: --to POSTALCODE, --pickup NODE, or SKU=QTY@NODE for every line.")


def set_wishes(client: Client, wanted: Any, lines: Sequence[tuple[str, Amount, str]], wishes: Wishes) -> None:
    """Write lines, as collected_amounts has them, and how they are to be sourced into a SourcingOrder. Raises a usage error for
    what cannot be read."""
    from promessa.cli.amounts import Amounts

    wanted.channel, wanted.fulfillment_method = wishes.channel, wishes.method
    if wishes.to:
        wanted.destination.country_code, wanted.destination.postal_code = wishes.country, postal_code(wishes.to)
    if wishes.position:
        position = wanted.destination.position
        position.latitude_e6, position.longitude_e6 = degrees_e6(wishes.position)
    set_ways(
        wanted, pickup=wishes.pickup, ship_to_store=wishes.ship_to_store, kinds=wishes.kind or [],
        sold_at=wishes.sold_at, own_stock=wishes.own_stock, future=wishes.future, backorder=wishes.backorder,
    )  # fmt: skip
    _set_constraints(wanted.constraints, wishes)
    wanted.policy_id, wanted.policy_version = policy_name(wishes.policy)
    if wishes.tier or wishes.tag:
        wanted.traits.customer_tier = wishes.tier
        wanted.traits.tags.extend(wishes.tag or [])
    known = Amounts(client)
    for sku, amount, node_id in lines:
        wanted.lines.add(sku=sku, quantity=known.units(sku, amount), pickup_node_id=node_id)
    set_together(wanted, wishes.together or [])


def _set_constraints(constraints: Any, wishes: Wishes) -> None:
    constraints.max_shipments = wishes.max_shipments
    constraints.ship_complete, constraints.keep_lines_whole = wishes.complete, wishes.whole_lines
    constraints.excluded_node_ids.extend(wishes.exclude or [])
    constraints.node_group_id = wishes.group
    constraints.min_shipment_value_micros = micros(wishes.min_value)
    if wishes.by:
        constraints.latest_delivery_time.FromDatetime(instant(wishes.by))
