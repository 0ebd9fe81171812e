"""A report of a simulation in the terminal: what became of the orders, beside the baseline, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promessa.cli.simulate_figures import difference_shown, figures, interval_shown, shown, terms
from promessa.cli.simulate_texts import Words

if TYPE_CHECKING:
    from rich.console import Console

NODES_SHOWN = 12
_COLOURS = {"better": "green", "worse": "red"}


def render(to: Console, report: Any, words: Words, names: tuple[str, str], about: list[str]) -> None:
    """Everything."""
    compared = report.HasField("baseline")
    title = words("compared", scenario=names[0], baseline=names[1]) if compared else names[0]
    to.print(f"{words('title')}: {title}", markup=False, style="bold")
    for line in about:
        to.print(line, markup=False)
    _measures(to, words, figures(report), names, compared)
    to.print(words("terms"), style="bold")
    _measures(to, words, terms(report), names, compared)
    _shares(to, report, words, names, "node", NODES_SHOWN)
    if any(each.name for each in report.scenario.owners):
        _shares(to, report, words, names, "owner", NODES_SHOWN)
    _policies(to, report, words, names)
    if compared:
        count, different = words.number(report.comparable_order_count), words.number(report.different_order_count)
        to.print(words("comparable", count=count, different=different), markup=False)
        to.print(words("method"), markup=False)


def _measures(to: Console, words: Words, found: list[Any], names: tuple[str, str], compared: bool) -> None:
    from rich.markup import escape

    from promessa.cli.output import table

    heads = [words("measure"), names[0]]
    if compared:
        heads += [names[1], words("difference"), words("interval")]
    rows = table(*[escape(head) for head in heads], right=[escape(head) for head in heads[1:]])
    for figure in found:
        cells = [words(figure.key), shown(words, figure, figure.scenario)]
        if compared:
            colour = _COLOURS.get(figure.verdict, "")
            difference = difference_shown(words, figure)
            cells += [
                shown(words, figure, figure.baseline),
                f"[{colour}]{difference}[/]" if colour else difference,
                interval_shown(words, figure),
            ]
        rows.add_row(*cells)
    to.print(rows)


def _shares(to: Console, report: Any, words: Words, names: tuple[str, str], what: str, most: int) -> None:
    """Nodes or owners with the most units, in both."""
    from rich.markup import escape

    from promessa.cli.output import table

    compared = report.HasField("baseline")
    mine, others = getattr(report.scenario, f"{what}s"), getattr(report.baseline, f"{what}s")
    beside = {each.name: each for each in others}
    heads = [words(what), words("order_count"), words("units"), words("share")]
    if compared:
        heads += [f"{words('units')}, {escape(names[1])}", f"{words('share')}, {escape(names[1])}"]
    rows = table(*heads, title=words(f"{what}s"), right=heads[1:])
    everyone = [*mine, *(each for each in others if each.name not in {x.name for x in mine})]
    for each in everyone[:most]:
        known = each in mine
        cells = [
            escape(each.name) or words("chain"),
            words.number(each.order_count if known else 0),
            words.number(each.quantity if known else 0),
            f"{words.number(each.quantity_basis_points / 100 if known else 0, 2)} %",
        ]
        if compared:
            other = beside.get(each.name)
            cells += [
                words.number(other.quantity if other else 0),
                f"{words.number(other.quantity_basis_points / 100 if other else 0, 2)} %",
            ]
        rows.add_row(*cells)
    to.print(rows)
    if len(everyone) > most:
        to.print(words("more", count=len(everyone) - most), markup=False)


def _policies(to: Console, report: Any, words: Words, names: tuple[str, str]) -> None:
    from rich.markup import escape

    from promessa.cli.output import table

    heads = ["", words("policy"), words("rule"), words("order_count"), words("units")]
    rows = table(*heads, title=words("policies"), right=heads[3:])
    outcomes = [report.scenario, report.baseline] if report.HasField("baseline") else [report.scenario]
    for name, outcome in zip(names, outcomes, strict=False):
        for each in outcome.policies:
            policy = f"{each.policy_id}@{each.version}" if each.policy_id else words("least_cost")
            rule = each.rule or (words("no_rule") if each.policy_id else "-")
            counts = words.number(each.order_count), words.number(each.quantity)
            rows.add_row(escape(name), escape(policy), escape(rule), *counts)
    to.print(rows)
