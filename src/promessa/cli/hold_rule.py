"""`promessa hold-rule`: how long holds wait for a payment, and how much may be held unpaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption
from promessa.cli.parsing import minute_of_day, permille, seconds

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="How long holds wait for a payment, and how much may be held unpaid: list, put, delete.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="Its id: pix, card, boleto, …", show_default=False)]


@app.command("list")
def list_rules(address: AddressOption = None, as_json: JsonOption = False, timeout: TimeoutOption = 10.0) -> None:
    """List all rules."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.cli.pages import whole
    from promessa.v1 import network_service_pb2 as messages

    request, answer = messages.ListHoldRulesRequest(), messages.ListHoldRulesResponse()
    with Client(address, timeout_seconds=timeout) as client:
        whole(client, client.network.ListHoldRules, request, answer, "hold_rules")
    emit(answer, as_json=as_json, render=lambda to: _render(to, answer.hold_rules))


@app.command("put")
def put(
    rule: RuleArgument,
    ttl: Annotated[str, typer.Option(show_default=False, help="How long a hold lives: 90s, 30m, 2h, 1d.")] = "",
    business_days: Annotated[
        int, typer.Option(min=0, max=15, help="Or: it ends on the so many-th business day after it was made.")
    ] = 0,
    until: Annotated[
        str, typer.Option(metavar="HH:MM", show_default=False, help="When it ends on that day. Default: with the day.")
    ] = "",
    calendar: Annotated[str, typer.Option(help="Whose business days.")] = "BR_BANK",
    time_zone: Annotated[str, typer.Option(help="Where days begin and end.")] = "America/Sao_Paulo",
    share: Annotated[
        str,
        typer.Option(metavar="PERCENT%", show_default=False, help="The most of a sku at a node held at once: 30%."),
    ] = "",
    owner_units: Annotated[int, typer.Option(min=0, help="Units of a sku one owner may hold. 0: any.")] = 0,
    owner_holds: Annotated[int, typer.Option(min=0, help="Reservations one owner may hold. 0: any.")] = 0,
    name: Annotated[str, typer.Option(show_default=False, help="Its name for people.")] = "",
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Create or replace a rule; it counts for holds made from now on."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    if bool(ttl) == bool(business_days):
        raise usage("Give either --ttl or --business-days: how long a hold waits for its payment.")
    request = messages.PutHoldRuleRequest(request_id=request_id or new_request_id())
    named = request.hold_rule
    named.hold_rule_id, named.name = rule, name
    if ttl:
        named.ttl_seconds = seconds(ttl)
    else:
        named.business_days, named.calendar, named.time_zone = business_days, calendar, time_zone
    if until:
        named.end_minute = minute_of_day(until)
    if share:
        named.held_share_max_permille = permille(share)
    named.owner_units_max, named.owner_holds_max = owner_units, owner_holds
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.PutHoldRule, request)
    emit(answer, as_json=as_json, render=lambda to: _render(to, [answer.hold_rule]))


@app.command("delete")
def delete(
    rule: RuleArgument,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Delete a rule; holds that were made under it end when it said."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1 import network_service_pb2 as messages

    request = messages.DeleteHoldRuleRequest(request_id=request_id or new_request_id(), hold_rule_id=rule)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.network.DeleteHoldRule, request)
    emit(answer, as_json=as_json, render=lambda to: to.print(f"{rule} is deleted"))


def _render(to: Console, rules: Any) -> None:
    from promessa.cli.output import table

    rows = table("rule", "a hold lives", "held at most", "by one owner")
    for rule in rules:
        share = f"{rule.held_share_max_permille / 10:g} % of a cell" if rule.held_share_max_permille else "-"
        owner = [f"{rule.owner_units_max:,} units of a sku"] if rule.owner_units_max else []
        owner += [f"{rule.owner_holds_max:,} holds"] if rule.owner_holds_max else []
        rows.add_row(rule.hold_rule_id, _life(rule), share, ", ".join(owner) or "-")
    to.print(rows)


def _life(rule: Any) -> str:
    if rule.ttl_seconds:
        return f"{rule.ttl_seconds:,} s"
    until = f"{rule.end_minute // 60:02d}:{rule.end_minute % 60:02d}" if rule.end_minute else "the end of the day"
    return f"{rule.business_days} business days ({rule.calendar}), until {until} in {rule.time_zone}"
