"""`promessa pool`: units of a sku at a node kept for a channel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import cell_name, instant, permille

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="pool",
    help="Keep units of a sku at a node for a channel.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

CellArgument = Annotated[str, typer.Argument(metavar="SKU@NODE", help="The sku and the node.", show_default=False)]
ChannelArgument = Annotated[str, typer.Argument(metavar="CHANNEL", help="A path, as web/vip.", show_default=False)]

STRATEGIES = {"strict": 1, "own-first": 2, "common-first": 3}


@app.command("set")
def set_pool(
    cell: CellArgument,
    channel: ChannelArgument,
    amount: Annotated[
        str, typer.Argument(metavar="UNITS|PERCENT%", help="As 40 or 12.5%; 0 clears the pool.", show_default=False)
    ],
    strategy: Annotated[str, typer.Option(help="strict, own-first or common-first.")] = "own-first",
    until: Annotated[str, typer.Option(show_default=False, help="When it gives back, ISO 8601.")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Keep units of a sku at a node for a channel, or clear what was kept; effective at once."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.allocation_pb2 import AllocationPool
    from promessa.v1.inventory_service_pb2 import SetAllocationPoolRequest

    sku, node_id = cell_name(cell)
    pool = AllocationPool(sku=sku, node_id=node_id, channel=channel, **_amount(amount))
    if strategy not in STRATEGIES:
        raise usage(f"{strategy!r} is no strategy. Use one of {', '.join(STRATEGIES)}.")
    if pool.quantity or pool.share_permille:
        pool.strategy = STRATEGIES[strategy]  # type: ignore[assignment]
    if until:
        pool.give_back_time.FromDatetime(instant(until))
    request = SetAllocationPoolRequest(request_id=request_id or new_request_id(), allocation_pool=pool)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.inventory.SetAllocationPool, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, [answer.allocation_pool]))


@app.command("list")
def list_pools(
    sku: Annotated[str, typer.Option(show_default=False, help="Only of this sku.")] = "",
    node: Annotated[str, typer.Option(show_default=False, help="Only at this node.")] = "",
    channel: Annotated[str, typer.Option(show_default=False, help="Only of this channel and those below it.")] = "",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List what is kept, for whom, and what of it nobody has drawn."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.cli.pages import whole
    from promessa.v1.inventory_service_pb2 import ListAllocationPoolsRequest, ListAllocationPoolsResponse

    request, answer = ListAllocationPoolsRequest(sku=sku, node_id=node, channel=channel), ListAllocationPoolsResponse()
    with Client(address, timeout_seconds=timeout) as client:
        whole(client, client.inventory.ListAllocationPools, request, answer, "allocation_pools")
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer.allocation_pools))


@app.command("move")
def move(
    cell: CellArgument,
    units: Annotated[int, typer.Argument(metavar="UNITS", min=1, help="How many.", show_default=False)],
    source: Annotated[str, typer.Option("--from", show_default=False, help="Whose; default: what is common.")] = "",
    target: Annotated[str, typer.Option("--to", show_default=False, help="For whom; default: everybody.")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Move what is kept for one channel to another, in one atomic change. Exit code 1 if there is less."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.inventory_service_pb2 import REALLOCATE_OUTCOME_REALLOCATED, ReallocatePoolRequest

    sku, node_id = cell_name(cell)
    request = ReallocatePoolRequest(
        request_id=request_id or new_request_id(),
        sku=sku,
        node_id=node_id,
        from_channel=source,
        to_channel=target,
        quantity=units,
    )
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.inventory.ReallocatePool, request)
    moved = answer.outcome == REALLOCATE_OUTCOME_REALLOCATED
    names = f"from {source or 'what is common'} to {target or 'what is common'}"
    said = (
        f"{units:,} units moved {names}."
        if moved
        else f"Only {answer.available_quantity:,} units could be moved {names}."
    )
    emit(answer, as_json=as_json, render=lambda to: to.print(said))
    if not moved:
        raise typer.Exit(1)


def _amount(word: str) -> Any:
    if word.endswith("%"):
        return {"share_permille": permille(word)}
    if re.fullmatch(r"[0-9]{1,10}", word):
        return {"quantity": int(word)}
    raise usage(f"{word!r} is no amount. Give units, as 40, or a share, as 12.5%.")


def _render(to: Console, pools: Any) -> None:
    from promessa.cli.output import table, word
    from promessa.v1.allocation_pb2 import AllocationStrategy

    numbers = ["kept", "drawn", "unused"]
    rows = table("sku", "node", "channel", "strategy", *numbers, "gives back", right=numbers)
    for pool in pools:
        kept = f"{pool.share_permille / 10:g} %" if pool.share_permille else f"{pool.quantity:,}"
        rows.add_row(
            pool.sku,
            pool.node_id,
            pool.channel,
            word(AllocationStrategy, pool.strategy) if pool.strategy else "cleared",
            kept,
            f"{pool.drawn_quantity:,}",
            f"{pool.unused_quantity:,}",
            pool.give_back_time.ToJsonString() if pool.HasField("give_back_time") else "-",
        )
    to.print(rows)
