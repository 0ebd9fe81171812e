"""`promessa simulate`: what would become of orders by another policy, or with other stock and nodes; beside a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, LangOption

if TYPE_CHECKING:
    from promessa.cli.client import Client
    from promessa.cli.simulate_texts import Words

POLICY_HELP = (
    "POLICY[@VERSION] that was kept, a document's FILE, one that promessa brings along, `default` for the least cost, "
    "or `now` for whatever is active."
)


def simulate(
    policy: Annotated[str, typer.Argument(metavar="POLICY", show_default=False, help=POLICY_HELP)],
    against: Annotated[
        str, typer.Option("--against", metavar="POLICY", show_default=False, help="The same, to compare with.")
    ] = "",
    orders: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="Orders as CSV or JSON lines.")
    ] = None,
    recorded: Annotated[
        bool, typer.Option("--recorded", help="Orders that were sourced, as they were asked for.")
    ] = False,
    since: Annotated[
        str, typer.Option(show_default=False, help="With --recorded: sourced from then on, ISO 8601.")
    ] = "",
    until: Annotated[
        str, typer.Option(show_default=False, help="With --recorded: sourced before then, ISO 8601.")
    ] = "",
    demo: Annotated[
        int | None,
        typer.Option(
            metavar="COUNT", min=1, max=100_000, show_default=False, help="So many real orders of the demonstration."
        ),
    ] = None,
    if_active: Annotated[
        bool, typer.Option("--if-active", help="As if it were active: other active policies decide what they would.")
    ] = False,
    deplete: Annotated[bool, typer.Option("--deplete", help="What an order takes is gone for the next.")] = False,
    pause: Annotated[
        list[str] | None, typer.Option(metavar="NODE", show_default=False, help="Suppose it paused; repeatable.")
    ] = None,
    stock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NODE=]PERCENT", show_default=False, help="Suppose so much of the stock there is; repeatable."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="Write a page with charts, too.")
    ] = None,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide orders anew by a policy, on today's stock and network, and say what would become of them. Nothing is reserved."""
    from promessa.cli.client import Client
    from promessa.cli.output import console
    from promessa.cli.simulate_texts import Words
    from promessa.cli.texts import Texts
    from promessa.v1 import sourcing_service_pb2 as messages

    if sum((orders is not None, recorded, demo is not None)) != 1:
        raise usage("Say which orders: --orders FILE, --recorded or --demo COUNT, one of them.")
    if (since or until) and not recorded:
        raise usage("--since and --until say which recorded orders: use them with --recorded.")
    words, texts = Words(Texts(lang)), Texts(lang)
    settings = messages.SimulationSettings(deplete=deplete)
    settings.scenario.SetInParent()
    _name_policy(settings.scenario.policy, policy, if_active)
    if against:
        settings.baseline.SetInParent()
        _name_policy(settings.baseline.policy, against, if_active)
    _suppose(settings.scenario.what_if, pause or [], stock or [])
    source, rejects = _orders(orders, demo, texts)
    if recorded:
        _record(settings.recorded, since, until)
    with Client(address) as client:
        report, problems = _run(client, settings, source)
    names = _named(words, policy, if_active), _named(words, against, if_active) if against else ""
    about = [*_about(words, settings, report), *_troubles(words, report, rejects)]
    if html is not None:
        from promessa.cli.simulate_page import page

        html.write_text(page(report, words, names, about), encoding="utf-8")
    if as_json:
        from promessa.cli.output import as_dict, print_json

        rejected = [{"line": line, "why": why} for line, why in rejects]
        print_json({**as_dict(report), "told_problems": [as_dict(x) for x in problems], "rejected_lines": rejected})
        return
    from promessa.cli.simulate_table import render

    to = console()
    render(to, report, words, names, about)
    if html is not None:
        to.print(words("saved", path=html), markup=False)


def _run(client: Client, settings: Any, orders: Iterable[Any]) -> tuple[Any, list[Any]]:
    """The report, and the problems that were told. Raises Failure."""
    import grpc

    from promessa.cli.failure import of_rpc
    from promessa.cli.progress import Progress

    problems: list[Any] = []
    task = None
    with Progress() as progress:
        try:
            for told in client.sourcing.Simulate(_messages(settings, orders)):
                event = told.WhichOneof("event")
                if event == "problem":
                    problems.append(told.problem)
                elif event == "progress":
                    done = told.progress.done_count
                    task = task or progress.task("simulated", total=told.progress.total_count, unit="orders")
                    task.advance(done, done)
                elif event == "report":
                    if task:
                        task.finish()
                    return told.report, problems
        except grpc.RpcError as error:
            raise of_rpc(error, address=client.address) from None
    raise AssertionError("a simulation ends with its report, or with an error")


def _messages(settings: Any, orders: Iterable[Any]) -> Iterator[Any]:
    from itertools import islice

    from promessa.domain.limits import SIMULATION_BATCH_MAX
    from promessa.v1 import sourcing_service_pb2 as messages

    yield messages.SimulateRequest(settings=settings)
    waiting = iter(orders)
    while some := list(islice(waiting, SIMULATION_BATCH_MAX)):
        yield messages.SimulateRequest(orders=some)


def _orders(path: Path | None, demo: int | None, texts: Any) -> tuple[Iterable[Any], list[tuple[int, str]]]:
    """The orders to send, and the lines of the file that are none, which fill as it is read."""
    from promessa.cli.simulate_orders import OrderFile, demo_orders

    if path is not None:
        file = OrderFile(path, texts)
        return file.orders(), file.rejects
    return (demo_orders(demo) if demo is not None else ()), []


def _name_policy(message: Any, text: str, if_active: bool) -> None:
    """Say which policy decides."""
    from promessa.cli.parsing import policy_name
    from promessa.cli.policy import document_of

    message.SetInParent()
    if text == "default":
        return
    if text == "now":
        message.as_now = True
        return
    document = document_of(text)
    if document is not None:
        message.document = document
    else:
        message.version.policy_id, message.version.version = policy_name(text)
    message.as_if_active = if_active


def _suppose(message: Any, paused: list[str], stocks: list[str]) -> None:
    """Say what is supposed to be otherwise."""
    message.paused_node_ids.extend(paused)
    for text in stocks:
        node_id, _, percent = text.rpartition("=")
        if not (percent.isascii() and percent.isdigit() and int(percent) <= 1_000):
            raise usage(f"{text!r} is no share of stock. Write a per cent from 0 to 1,000, or NODE=PERCENT: sp-1=50.")
        if node_id:
            message.node_stocks.add(node_id=node_id, percent=int(percent))
        else:
            message.stock_percent = int(percent)


def _record(message: Any, since: str, until: str) -> None:
    from promessa.cli.parsing import instant

    message.SetInParent()
    if since:
        message.since_time.FromDatetime(instant(since))
    if until:
        message.until_time.FromDatetime(instant(until))


def _named(words: Words, text: str, if_active: bool) -> str:
    """What a scenario is called in tables."""
    if text in ("default", "now"):
        return words("least_cost" if text == "default" else "now")
    name = Path(text).stem if text.endswith((".yaml", ".yml", ".json")) else text
    return words("if_active", name=name) if if_active else name


def _about(words: Words, settings: Any, report: Any) -> list[str]:
    """What was simulated, in sentences."""
    from promessa.cli.output import local_time

    count = words("orders", count=words.number(report.scenario.order_count))
    lines = [f"{count}; {words('depleted' if settings.deplete else 'not_depleted')}."]
    what_if = settings.scenario.what_if
    what = [words("paused", nodes=", ".join(what_if.paused_node_ids))] if what_if.paused_node_ids else []
    if what_if.HasField("stock_percent"):
        what.append(words("stock_percent", percent=what_if.stock_percent))
    what += [words("node_stock", node=each.node_id, percent=each.percent) for each in what_if.node_stocks]
    if what:
        lines.append(words("what_if", what="; ".join(what)) + ".")
    return [*lines, words("stock_time", time=local_time(report.stock_time))]


def _troubles(words: Words, report: Any, rejects: list[tuple[int, str]]) -> list[str]:
    """What was left out, and why."""
    from promessa.cli.simulate_orders import REJECTS_SHOWN

    lines = []
    if report.problems:
        reasons = ", ".join(f"{each.order_count:,} × {each.reason}" for each in report.problems)
        count = sum(each.order_count for each in report.problems)
        lines.append(words("problems", count=words.number(count), reasons=reasons))
    if rejects:
        lines.append(words("rejects", count=words.number(len(rejects))))
        lines += [words("line", line=line, why=why) for line, why in rejects[:REJECTS_SHOWN]]
    return lines
