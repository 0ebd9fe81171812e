"""The comparison as tables for the terminal, as sourcing.json, as sourcing.md, and as the plot sourcing.svg."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import sourcing_plot
from harness import percentile
from rich.table import Table
from run import commit, machine
from sourcing_methods import PROMESSA
from sourcing_set import BUDGET_STEPS, COUNT, RULES, SEED, Cell

if TYPE_CHECKING:
    from sourcing import Comparison, Run, Runs

Rows = list[list[str]]
SUPPLY_TEXT = {"all": "all nodes", "stores": "stores alone"}


def figures(runs: Sequence[Run], unsolved: int = 0) -> dict[str, Any]:
    """What some decisions come to. `above_percent` is over the optimum; `unproven` looks at the others alone."""
    unproven = [run for run in runs if not run.proven]
    return {
        "instances": len(runs) + unsolved,
        "without_plan": unsolved,
        "above_percent": _spread([100 * run.above for run in runs]),
        "shipments": _mean([run.shipments for run in runs]),
        "days": _mean([run.days for run in runs]),
        "cpu_us": _spread([run.cpu_us for run in runs]),
        "proven_percent": _mean([100.0 * run.proven for run in runs] + [0.0] * unsolved),
        "unproven": {
            "instances": len(unproven),
            "not_optimal": sum(run.above > 0 for run in unproven),
            "above_percent": _spread([100 * run.above for run in unproven]),
        },
    }


def _spread(values: Iterable[float]) -> dict[str, float] | None:
    ordered = sorted(values)
    if not ordered:
        return None
    found = {"mean": mean(ordered), "p50": percentile(ordered, 50), "p99": percentile(ordered, 99), "max": ordered[-1]}
    return {name: round(value, 4) for name, value in found.items()}


def _mean(values: Sequence[float]) -> float | None:
    return round(mean(values), 3) if values else None


def write(comparison: Comparison, folder: Path, *, more: dict[str, Any]) -> list[Path]:
    """The three files. `more` is told about the run beside what is known of it here."""
    paths = [folder / f"sourcing.{suffix}" for suffix in ("json", "md", "svg")]
    about = {**about_of(comparison), **more}
    cells = [
        {**each.cell._asdict(), "method": each.method, **figures(each.runs, each.unsolved)} for each in comparison.runs
    ]
    texts = (
        json.dumps({**about, "cells": cells}, indent=1) + "\n",
        markdown(comparison, about),
        sourcing_plot.svg(points(comparison), f"{about['machine']['cpu']}, {about['date']}"),
    )
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def about_of(comparison: Comparison) -> dict[str, Any]:
    """What was compared, where and when."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": commit(),
        "machine": machine(),
        "seed": SEED,
        "instances_per_cell": COUNT,
        "budget_steps": BUDGET_STEPS,
        "split_cost_micros": RULES.split_cost,
        "sha256": {str(nodes): value for nodes, value in comparison.hashes.items()},
        "orders_left_out": comparison.left_out,
        "optimum_unknown": comparison.unknown,
    }


def points(comparison: Comparison) -> list[sourcing_plot.Point]:
    """A method over all cells of a chain: its median time and its mean cost above the optimum."""
    found = []
    for method, nodes in _methods_and_nodes(comparison):
        runs = _pooled(comparison, lambda each, m=method, n=nodes: each.method == m and each.cell.nodes == n)
        if runs:
            said = figures(runs)
            found.append(sourcing_plot.Point(method, nodes, said["cpu_us"]["p50"], said["above_percent"]["mean"]))
    return found


def tables(comparison: Comparison) -> list[Table]:
    """For a person at a terminal."""
    return [
        _table("methods", METHOD_COLUMNS, _method_rows(comparison)),
        _table("cost above the optimum, mean", *_by_cell(comparison, _above)),
        _table("promessa, cell by cell", CELL_COLUMNS, _cell_rows(comparison)),
    ]


def markdown(comparison: Comparison, about: dict[str, Any]) -> str:
    """For a person in a browser."""
    hashes = "\n".join(f"    {nodes:>5} nodes  {value}" for nodes, value in about["sha256"].items())
    unknown = ", ".join(f"`{name}`" for name in comparison.unknown) or "none"
    return "\n".join(
        [
            "# Ways to source an order, compared",
            "",
            f"`make bench-sourcing` wrote this on {about['date']}, commit {about['commit']}, {about['machine']['cpu']},"
            f" {about['machine']['cores']} cores, in {about['seconds']} s. [README.md](README.md) says what the instances and"
            " the methods are, and sourcing.json has every number.",
            "",
            "![cost above the optimum and time for a decision](sourcing.svg)",
            "",
            "## Methods, all cells of a chain",
            "",
            *_markdown_table(METHOD_COLUMNS, _method_rows(comparison)),
            "",
            f"HiGHS is given the first {about['highs']['instances_per_cell']} instances of each cell and"
            f" {about['highs']['seconds']:g} s of wall time for each; its CPU is that of the solver, without making the model.",
            "",
            "## Cost above the optimum, mean of a cell",
            "",
            *_markdown_table(*_by_cell(comparison, _above)),
            "",
            "## CPU of a decision in µs, median of a cell",
            "",
            *_markdown_table(*_by_cell(comparison, _cpu)),
            "",
            "## promessa, cell by cell",
            "",
            *_markdown_table(CELL_COLUMNS, _cell_rows(comparison)),
            "",
            f"Instances whose optimum is not known, only the cheapest plan of all methods: {unknown}.",
            f"Orders left out because no node has one of their lines in full: {comparison.left_out}.",
            "",
            "## The same instances",
            "",
            hashes,
            "",
        ]
    )


METHOD_COLUMNS = [
    "nodes", "method", "instances", "above optimum", "p99", "shipments", "days", "CPU p50 µs", "p99 µs", "proven"
]  # fmt: skip
CELL_COLUMNS = [
    "nodes", "lines", "who serves", "proven", "not optimal", "gap where unproven", "max", "shipments", "days",
    "CPU p50 µs", "p99 µs",
]  # fmt: skip


def _method_rows(comparison: Comparison) -> Rows:
    rows = []
    for method, nodes in sorted(_methods_and_nodes(comparison), key=lambda each: each[1]):
        ours = [each for each in comparison.runs if each.method == method and each.cell.nodes == nodes]
        if not ours:
            continue
        said = figures([run for each in ours for run in each.runs], sum(each.unsolved for each in ours))
        exact = said["proven_percent"] > 0
        rows.append([
            f"{nodes:,}", method, str(said["instances"]), *_percents(said["above_percent"], "mean", "p99"),
            _number(said["shipments"]), _number(said["days"]), *_micros(said["cpu_us"]),
            f"{said['proven_percent']:.1f} %" if exact else "",
        ])  # fmt: skip
    return rows


def _cell_rows(comparison: Comparison) -> Rows:
    rows = []
    for each in comparison.runs:
        if each.method == PROMESSA:
            said = figures(each.runs)
            unproven = said["unproven"]
            rows.append([
                *_cell_texts(each.cell), f"{said['proven_percent']:.1f} %", str(unproven["not_optimal"]),
                *_percents(unproven["above_percent"], "mean", "max"), _number(said["shipments"]), _number(said["days"]),
                *_micros(said["cpu_us"]),
            ])  # fmt: skip
    return rows


def _by_cell(comparison: Comparison, say: Callable[[Runs], str]) -> tuple[list[str], Rows]:
    """A column for each method."""
    methods = list(dict.fromkeys(each.method for each in comparison.runs))
    rows: dict[Cell, dict[str, str]] = {}
    for each in comparison.runs:
        rows.setdefault(each.cell, {})[each.method] = say(each)
    head = ["nodes", "lines", "who serves", *methods]
    return head, [[*_cell_texts(cell), *(said.get(method, "") for method in methods)] for cell, said in rows.items()]


def _above(each: Runs) -> str:
    (text,) = _percents(figures(each.runs)["above_percent"], "mean")
    return f"{text} ({each.unsolved} without a plan)" if each.unsolved else text


def _cpu(each: Runs) -> str:
    return _micros(figures(each.runs)["cpu_us"])[0]


def _cell_texts(cell: Cell) -> list[str]:
    return [f"{cell.nodes:,}", cell.lines, SUPPLY_TEXT[cell.supply]]


def _percents(spread: dict[str, float] | None, *names: str) -> list[str]:
    return [f"{spread[name]:.2f} %" if spread else "" for name in names]


def _micros(spread: dict[str, float] | None) -> list[str]:
    return [f"{float(f'{spread[name]:.3g}'):,.0f}" if spread else "" for name in ("p50", "p99")]


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.2f}"


def _methods_and_nodes(comparison: Comparison) -> list[tuple[str, int]]:
    return list(dict.fromkeys((each.method, each.cell.nodes) for each in comparison.runs))


def _pooled(comparison: Comparison, wanted: Callable[[Runs], bool]) -> list[Run]:
    return [run for each in comparison.runs if wanted(each) for run in each.runs]


def _table(title: str, columns: list[str], rows: Rows) -> Table:
    table = Table(title=title)
    for number, name in enumerate(columns):
        table.add_column(
            name, justify="left" if name in ("method", "who serves") or number == 0 else "right", no_wrap=True
        )
    for row in rows:
        table.add_row(*row)
    return table


def _markdown_table(columns: list[str], rows: Rows) -> list[str]:
    lines = [columns, ["---:" if name not in ("method", "who serves") else "---" for name in columns], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
