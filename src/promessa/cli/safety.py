"""`promessa safety`: rules of safety stock, and the safety stock of one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="Units withheld from promising: rules (list, put, delete), and single cells (set).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.", show_default=False)]


@app.command("list")
def list_rules(address: AddressOption = None, as_json: JsonOption = False, timeout: TimeoutOption = 10.0) -> None:
    """List all rules; for each cell the most specific one counts."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.cli.pages import whole
    from promessa.v1 import network_service_pb2 as messages

    request, answer = messages.ListSafetyStockRulesRequest(), messages.ListSafetyStockRulesResponse()
    with Client(address, timeout_seconds=timeout) as client:
        whole(client, client.network.ListSafetyStockRules, request, answer, "safety_rules")
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer.safety_rules))


@app.command("set")
def set_cell(
    cell: Annotated[str, typer.Argument(metavar="SKU@NODE", help="The sku and the node.", show_default=False)],
    quantity: Annotated[
        int, typer.Option(min=-1, show_default=False, help="Units withheld there, whatever the rules say.")
    ] = -1,
    follow_rules: Annotated[bool, typer.Option("--follow-rules", help="Instead: what the rules say.")] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Set the safety stock of one sku at one node, or leave it to the rules again."""
    from promessa.cli.client import Client
    from promessa.cli.failure import usage
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.cli.parsing import cell_name
    from promessa.cli.stock import render_cell
    from promessa.v1 import inventory_service_pb2 as messages

    if (quantity >= 0) == follow_rules:
        raise usage("Give either --quantity or --follow-rules.")
    sku, node_id = cell_name(cell)
    request = messages.SetSafetyStockRequest(
        request_id=request_id or new_request_id(), sku=sku, node_id=node_id, follow_rules=follow_rules
    )
    request.safety_stock_quantity = max(quantity, 0)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.inventory.SetSafetyStock, request)
    emit(answer, as_json=as_json, render=lambda to: render_cell(to, answer))


@app.command("put")
def put(
    rule: RuleArgument,
    quantity: Annotated[int, typer.Option(min=0, help="Units withheld.")] = 0,
    share: Annotated[int, typer.Option(min=0, max=1000, help="Or thousandths of what is on hand.")] = 0,
    by_confidence: Annotated[
        bool, typer.Option("--by-confidence", help="Or the share of what is on hand that cannot be believed in.")
    ] = False,
    sku: Annotated[str, typer.Option(show_default=False, help="Of this sku. Default: of every sku.")] = "",
    node: Annotated[str, typer.Option(show_default=False, help="At this node. Default: at every node.")] = "",
    group: Annotated[str, typer.Option(show_default=False, help="At the nodes of this group.")] = "",
    method: Annotated[
        str, typer.Option(show_default=False, help="Only from what is fulfilled by this method, as pickup.")
    ] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 60.0,
) -> None:
    """Create or replace a rule; when this is answered every cell follows it."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    request = messages.PutSafetyStockRuleRequest(request_id=request_id or new_request_id())
    named = request.safety_rule
    named.safety_rule_id, named.sku, named.node_id, named.node_group_id = rule, sku, node, group
    named.fulfillment_method = method
    named.quantity, named.share_permille, named.by_confidence = quantity, share, by_confidence
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.PutSafetyStockRule, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, [answer.safety_rule]))


@app.command("delete")
def delete(
    rule: RuleArgument,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 60.0,
) -> None:
    """Delete a rule; the cells that followed it follow the next one."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    request = messages.DeleteSafetyStockRuleRequest(request_id=request_id or new_request_id(), safety_rule_id=rule)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.DeleteSafetyStockRule, request)
    emit(answer, as_json=as_json, render=lambda to: to.print(f"{rule} is deleted"))


def _render(to: Console, rules: Any) -> None:
    from promessa.cli.output import table

    rows = table("rule", "of sku", "at", "from", "withholds", right=["withholds"])
    for rule in rules:
        at = f"group {rule.node_group_id}" if rule.node_group_id else rule.node_id or "every node"
        rows.add_row(
            rule.safety_rule_id, rule.sku or "every sku", at, rule.fulfillment_method or "all", _withholds(rule)
        )
    to.print(rows)


def _withholds(rule: Any) -> str:
    if rule.by_confidence:
        return "what cannot be believed in"
    return f"{rule.share_permille / 10:.1f} %" if rule.share_permille else f"{rule.quantity:,} units"
