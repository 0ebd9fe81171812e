"""`promessa policy`: how the business wants orders sourced, as documents with versions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, RequestIdOption, TimeoutOption

if TYPE_CHECKING:
    from rich.console import Console

    from promessa.cli.client import Client

app = typer.Typer(
    name="policy",
    help="Say how orders are sourced: rules in documents, with versions.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE|NAME", show_default=False, help="A document (- reads stdin), or one that promessa brings along."
    ),
]
PolicyArgument = Annotated[str, typer.Argument(metavar="POLICY", help="Its id.", show_default=False)]
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Which.", show_default=False)]

ROWS_MAX = 1_000


@app.command("lint")
def lint(
    source: SourceArgument,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Say what is wrong with a document, or doubtful on today's network. Exit code 1 if something is wrong."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1.policy_service_pb2 import LintPolicyRequest

    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.policies.LintPolicy, LintPolicyRequest(document=_document(source)))

    def render(to: Console) -> None:
        if not answer.doubts:
            to.print("Nothing is wrong, and nothing is doubtful.")
        _render_doubts(to, answer.doubts)

    emit(answer, as_json=as_json, render=render)
    if any(doubt.error for doubt in answer.doubts):
        raise typer.Exit(1)


@app.command("put")
def put(
    source: SourceArgument,
    comment: Annotated[str, typer.Option("--comment", "-m", show_default=False, help="Why it is made.")] = "",
    activated: Annotated[bool, typer.Option("--activate", help="Let it decide at once.")] = False,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Keep a document as the next version of its policy. It decides nothing until it is activated."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.policy_service_pb2 import CreatePolicyVersionRequest

    request_id = request_id or new_request_id()
    request = CreatePolicyVersionRequest(request_id=request_id, document=_document(source), comment=comment)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.policies.CreatePolicyVersion, request)
        if activated:
            answer = _activate(client, f"{request_id[:62]}.a", answer.version.policy_id, answer.version.version)

    def render(to: Console) -> None:
        state = "decides from now on" if activated else "is a draft"
        to.print(f"Version {answer.version.version} of policy {answer.version.policy_id} {state}.")
        _render_doubts(to, answer.doubts)

    emit(answer, as_json=as_json, render=render)


@app.command("activate")
def activate(
    policy: PolicyArgument,
    version: VersionArgument,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Let a version decide, and archive the one that did. An archived version may be activated again."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit

    with Client(address, timeout_seconds=timeout) as client:
        answer = _activate(client, request_id or new_request_id(), policy, version)

    def render(to: Console) -> None:
        before = answer.active_version_before
        instead = f", instead of version {before}" if before and before != version else ""
        to.print(f"Version {version} of policy {policy} decides from now on{instead}.")
        _render_doubts(to, answer.doubts)

    emit(answer, as_json=as_json, render=render)


@app.command("shadow")
def shadow(
    policy: PolicyArgument,
    version: VersionArgument,
    percent: Annotated[
        int, typer.Option("--percent", min=0, max=100, help="For so many per cent of the orders; 0: no more.")
    ] = 100,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Let a version decide beside whatever decides about live orders, and only count; `list POLICY` says what it did."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit

    with Client(address, timeout_seconds=timeout) as client:
        answer = _activate(client, request_id or new_request_id(), policy, version, shadow_percent=percent)

    def render(to: Console) -> None:
        does = f"decides in the shadow for {percent} % of the orders" if percent else "is in the shadow no more"
        to.print(f"Version {version} of policy {policy} {does}.")
        _render_doubts(to, answer.doubts)

    emit(answer, as_json=as_json, render=render)


@app.command("archive")
def archive(
    policy: PolicyArgument,
    version: VersionArgument,
    request_id: RequestIdOption = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Let a version decide no more."""
    from promessa.cli.client import Client
    from promessa.cli.ids import new_request_id
    from promessa.cli.output import emit
    from promessa.v1.policy_service_pb2 import ArchivePolicyVersionRequest

    request = ArchivePolicyVersionRequest(request_id=request_id or new_request_id(), policy_id=policy, version=version)
    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.policies.ArchivePolicyVersion, request)
    said = f"Version {version} of policy {policy} is archived."
    emit(answer, as_json=as_json, render=lambda to: to.print(said))


@app.command("list")
def list_policies(
    policy: Annotated[
        str, typer.Argument(metavar="[POLICY]", show_default=False, help="Its versions; default: all policies.")
    ] = "",
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List the policies, or the versions of one."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit
    from promessa.v1 import policy_service_pb2 as messages

    request: Any
    whole: Any
    if policy:
        request = messages.ListPolicyVersionsRequest(policy_id=policy, page_size=ROWS_MAX)
        whole = messages.ListPolicyVersionsResponse()
    else:
        request, whole = messages.ListPoliciesRequest(page_size=ROWS_MAX), messages.ListPoliciesResponse()
    with Client(address, timeout_seconds=timeout) as client:
        method = client.policies.ListPolicyVersions if policy else client.policies.ListPolicies
        while True:
            page = client.call(method, request)
            request.page_token, page.next_page_token = page.next_page_token, ""
            whole.MergeFrom(page)
            if not request.page_token:
                break
    emit(whole, as_json=as_json, render=lambda to: (_render_versions if policy else _render_policies)(to, whole))


@app.command("show")
def show(
    policy: PolicyArgument,
    version: Annotated[int, typer.Option(min=0, help="Which; 0: the active one, else the newest.")] = 0,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """Print a version: its document as it was written, or what the API has."""
    from promessa.cli.client import Client
    from promessa.cli.output import as_dict, emit, local_time, print_json, word
    from promessa.v1.policy_pb2 import PolicyState
    from promessa.v1.policy_service_pb2 import GetPolicyRequest

    with Client(address, timeout_seconds=timeout) as client:
        answer = client.call(client.policies.GetPolicy, GetPolicyRequest(policy_id=policy, version=version))
    found = answer.version

    def render(to: Console) -> None:
        comment = f": {found.comment}" if found.comment else ""
        made = local_time(found.create_time)
        to.print(
            f"# version {found.version} of {policy}, {word(PolicyState, found.state)}, made {made}{comment}",
            markup=False,
        )
        if found.document:
            to.print(found.document.rstrip("\n"), markup=False, highlight=False, soft_wrap=True)
        else:
            print_json(as_dict(found.policy))

    emit(answer, as_json=as_json, render=render)


def _activate(client: Client, request_id: str, policy: str, version: int, **more: int) -> Any:
    from promessa.v1.policy_service_pb2 import ActivatePolicyVersionRequest

    request = ActivatePolicyVersionRequest(request_id=request_id, policy_id=policy, version=version, **more)
    return client.call(client.policies.ActivatePolicyVersion, request)


def _document(source: str) -> str:
    """The text of a file, of stdin, or of a policy that promessa brings along."""
    if source == "-":
        return sys.stdin.read()
    found = document_of(source)
    if found is not None:
        return found
    from promessa.service.policy_documents import ready_made

    names = ", ".join(ready_made())
    raise usage(f"There is no file {source!r}. Name a document, or one that promessa brings along: {names}.")


def document_of(source: str) -> str | None:
    """The text of a file, or of a policy that promessa brings along; None if it is neither."""
    path = Path(source)
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise usage(f"{source!r} is no text in UTF-8. A policy is a document in YAML or JSON.") from error
    from promessa.service.policy_documents import ready_made, ready_made_text

    return ready_made_text(source) if source in ready_made() else None


def _render_doubts(to: Console, doubts: Any) -> None:
    from promessa.cli.output import table, word
    from promessa.v1.policy_pb2 import PolicyFinding

    if not doubts:
        return
    rows = table("line", "field", "", "what about it", right=["line"])
    for doubt in doubts:
        kind = "wrong" if doubt.error else word(PolicyFinding, doubt.finding)
        rows.add_row(str(doubt.line or "-"), doubt.field, kind, f"{doubt.field.rpartition('.')[2]} {doubt.message}")
    to.print(rows)


def _render_policies(to: Console, answer: Any) -> None:
    from promessa.cli.output import table

    if not answer.policies:
        to.print("There is no policy: orders are sourced at the least cost.")
        return
    rows = table("policy", "name", "active", "versions", "precedence", right=["active", "versions", "precedence"])
    for each in answer.policies:
        active = each.active_version
        precedence = str(each.precedence) if active else "-"
        rows.add_row(each.policy_id, each.name or "-", str(active or "-"), str(each.version_count), precedence)
    to.print(rows)


def _render_versions(to: Console, answer: Any) -> None:
    from promessa.cli.output import local_time, table, word
    from promessa.v1.policy_pb2 import PolicyState

    rows = table("version", "state", "made", "comment", right=["version"])
    for each in answer.versions:
        rows.add_row(
            str(each.version), word(PolicyState, each.state), local_time(each.create_time), each.comment or "-"
        )
    to.print(rows)
    for each in answer.shadows:
        _render_shadow(to, each)


def _render_shadow(to: Console, shadow: Any) -> None:
    """What a version did beside live orders: per order what it would have changed."""
    from promessa.cli.output import counted, money

    now = f"in the shadow now, {shadow.percent} % of the orders" if shadow.percent else "in the shadow before"
    same = 100 * shadow.same_count / max(1, shadow.order_count)
    to.print(f"Version {shadow.version}, {now}: {counted(shadow.order_count, 'order')}, {same:.1f} % served alike.")
    if shadow.comparable_count:
        count, day_ms = shadow.comparable_count, 86_400_000
        cost, days = shadow.cost_difference.total_micros / count, shadow.arrival_difference_ms / day_ms / count
        to.print(
            f"  Per order, of {count:,} that both serve whole: cost {money(cost)}, shipments "
            f"{shadow.shipment_difference / count:+.3f}, days {days:+.2f}."
        )
    to.print(
        f"  Served whole by it alone {shadow.gained_count:,}, not by it {shadow.lost_count:,}; units not served "
        f"{shadow.unserved_difference_quantity:+,}; failed {shadow.failed_count:,}, dropped {shadow.dropped_count:,}."
    )
