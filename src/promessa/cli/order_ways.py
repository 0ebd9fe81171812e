"""How the lines of an order get to their customer, as options of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from promessa.cli.failure import usage

KINDS = ("ship", "ship-from-centre", "ship-from-store", "drop-ship", "courier", "pickup", "ship-to-store")
"""In the order of their numbers, which begin with 1."""
OWN_STOCK = ("first", "hand-over", "excluded")

PickupOption = Annotated[
    str,
    typer.Option(
        metavar="NODE", show_default=False, help="Collected at this node, but for lines with a node of their own."
    ),
]
ShipToStoreOption = Annotated[
    bool, typer.Option("--ship-to-store", help="What is collected may be sent there from other nodes.")
]
KindOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND", show_default=False, help=f"Only shipments of this kind; repeatable: {', '.join(KINDS)}."
    ),
]
SoldAtOption = Annotated[str, typer.Option(metavar="NODE", show_default=False, help="The shop in which it is sold.")]
OwnStockOption = Annotated[
    str,
    typer.Option(show_default=False, help="With --sold-at, the stock of that shop: first, hand-over or excluded."),
]
TogetherOption = Annotated[
    list[str] | None,
    typer.Option(metavar="SKU,SKU", show_default=False, help="Skus that leave one node together; repeatable."),
]
FutureOption = Annotated[bool, typer.Option("--future", help="May wait for inbound supply where stock is short.")]
BackorderOption = Annotated[
    bool, typer.Option("--backorder", help="May be promised from backorder allowances, without a date.")
]


def set_ways(
    wanted: Any,
    *,
    pickup: str,
    ship_to_store: bool,
    kinds: Sequence[str],
    sold_at: str,
    own_stock: str,
    future: bool,
    backorder: bool,
) -> None:
    """Write the ways of an order into its message."""
    wanted.pickup_node_id, wanted.allow_ship_to_store = pickup, ship_to_store
    wanted.sold_at_node_id = sold_at
    wanted.allow_future_supply, wanted.allow_backorder = future, backorder
    for kind in kinds:
        if kind not in KINDS:
            raise usage(f"There is no kind {kind!r}. Use {', '.join(KINDS)}.")
        wanted.allowed_kinds.append(KINDS.index(kind) + 1)
    if own_stock:
        if own_stock not in OWN_STOCK or not sold_at:
            raise usage("--own-stock is first, hand-over or excluded, and needs --sold-at NODE.")
        wanted.own_stock = OWN_STOCK.index(own_stock) + 1


def set_together(wanted: Any, groups: Sequence[str]) -> None:
    """Write into the lines of an order with whom each leaves."""
    for group in groups:
        skus = set(group.split(","))
        missing = skus - {line.sku for line in wanted.lines}
        if missing:
            raise usage(f"--together names {', '.join(sorted(missing))}, which is no sku of the order.")
        for line in wanted.lines:
            if line.sku in skus:
                line.together = group
