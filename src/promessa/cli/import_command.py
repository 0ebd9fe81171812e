"""`promessa import`: network, skus and stock from CSV or JSON lines, with a dry run and a file of rejected rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.failure import Failure, usage
from promessa.cli.options import AddressOption, JsonOption, LangOption

if TYPE_CHECKING:
    from promessa.cli.import_kinds import Kind
    from promessa.cli.import_readers import Reader
    from promessa.cli.importer import FileReport, Import
    from promessa.cli.texts import Texts


def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="CSV (.csv) or JSON lines (.jsonl) files.", show_default=False),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            show_default=False,
            help="nodes, skus, rate-cards, lanes, node-groups, stock or deltas. Default: by columns, then file name.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, say what stock would change, and write nothing.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            show_default=False,
            help="Where rejected rows go: a file, or a directory for several inputs. Default: NAME.rejects.csv "
            "beside the input; none in a dry run.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            show_default=False, help="When the stock was counted, ISO 8601. Default: when the file was written."
        ),
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            show_default=False, help="Who counted the stock, by a name of your own: erp. Explanations say it."
        ),
    ] = "",
    batch: Annotated[
        str,
        typer.Option(
            show_default=False,
            help="A name for these deltas, as pos-2026-11-30: a row that an import of this name has brought within a day is "
            "not applied again, though the file was edited. Default: an edited file is another one.",
        ),
    ] = "",
    whole_units: Annotated[
        bool,
        typer.Option(
            "--whole-units",
            help="Quantities of stock and deltas are in whole units, with a point: 1.250 of a sku in kg. Default: in "
            "its smallest units, 1250.",
        ),
    ] = False,
    lang: LangOption = "en",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import files. Columns are the fields of the API; lists are separated by | in CSV.

    A bad row never stops the others: it goes to the rejects file with its line and the reason. Importing the same file
    again repeats the same requests and is safe. Deltas add up: of those correct and import the rejects file, or name a
    --batch, and import the edited file again. Exit code 1 if any row was rejected.
    """
    import asyncio

    from promessa.cli.texts import Texts

    texts = Texts(lang)
    jobs = _plan(files, kind, rejects, dry_run)
    try:
        reports = asyncio.run(
            _run(jobs, texts, dry_run, as_of, source, address, batch=batch, whole_units=whole_units, quiet=as_json)
        )
    except KeyboardInterrupt:
        raise Failure("Stopped. What was sent is applied; run the same import again to finish it.") from None
    if as_json:
        from promessa.cli.output import print_json

        print_json(_as_json(reports, dry_run))
    else:
        _render(reports, texts, dry_run)
    if any(report.rejected or report.failure for report in reports):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to import, or what makes it unusable."""

    path: Path
    kind: Kind | None
    reader: Reader | None
    rejects_path: Path | None
    failure: str = ""


def _plan(files: Sequence[Path], kind_name: str | None, rejects: Path | None, dry_run: bool) -> list[Job]:
    """The files in the order in which they refer to each other."""
    from promessa.cli.import_kinds import KINDS, kind_named

    given = kind_named(kind_name) if kind_name else None
    if len(files) > 1 and rejects is not None and not rejects.is_dir():
        raise usage(f"--rejects {rejects} is no directory, and {len(files)} files need one each. Name a directory.")
    jobs = [_job(path, given, _rejects_path(path, rejects, dry_run)) for path in files]
    return sorted(jobs, key=lambda job: KINDS.index(job.kind) if job.kind else -1)


def _job(path: Path, given: Kind | None, rejects_path: Path | None) -> Job:
    from promessa.cli.import_kinds import KINDS, guess_kind, header_problem
    from promessa.cli.import_readers import FileUnusable, Reader

    try:
        reader = Reader(path)
    except FileUnusable as error:
        return Job(path, given, None, rejects_path, error.message)
    kind = given or guess_kind(path, reader.columns)
    problem = None if kind is None or reader.is_json else header_problem(kind, reader.columns)
    if kind is None:
        names = ", ".join(each.name for each in KINDS)
        columns = ", ".join(reader.columns)
        problem = f"Neither the columns ({columns}) nor the name say what it is. Add --kind: {names}."
    if problem is not None:
        reader.close()
        return Job(path, kind, None, rejects_path, problem)
    return Job(path, kind, reader, rejects_path)


def _rejects_path(path: Path, rejects: Path | None, dry_run: bool) -> Path | None:
    name = f"{path.stem}.rejects{path.suffix}"
    if rejects is None:
        return None if dry_run else path.with_name(name)
    found = rejects / name if rejects.is_dir() else rejects
    if found.resolve() == path.resolve():
        raise usage(f"--rejects {rejects} is the input itself. Name another file.")
    return found


async def _run(
    jobs: Sequence[Job],
    texts: Texts,
    dry_run: bool,
    as_of: str | None,
    source: str,
    address: str | None,
    *,
    batch: str,
    whole_units: bool,
    quiet: bool,
) -> list[FileReport]:
    from promessa.cli.address import resolve_address
    from promessa.cli.connections import Connections
    from promessa.cli.importer import FileReport, Import
    from promessa.cli.parsing import instant
    from promessa.cli.progress import Progress

    counted_at = instant(as_of) if as_of else None
    reports = []
    with Progress(quiet=quiet) as progress:
        async with Connections(resolve_address(address), patience_seconds=15.0) as connections:
            await connections.check()
            run = Import(connections, texts, dry_run, counted_at, source, whole_units, batch)
            for job in jobs:
                if job.reader is None or job.kind is None:
                    kind = job.kind.name if job.kind else "?"
                    reports.append(FileReport(job.path, kind, failure=job.failure))
                    continue
                reports.append(await _import_one(run, job, progress))
    return reports


async def _import_one(run: Import, job: Job, progress: Any) -> FileReport:
    assert job.reader is not None
    assert job.kind is not None
    task = progress.task(f"{job.path.name} ({job.kind.name})", total=job.reader.size)
    try:
        return await run.run(job.reader, job.kind, job.rejects_path, task.advance)
    finally:
        task.finish()
        job.reader.close()


def _as_json(reports: Sequence[FileReport], dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "ok": not any(report.rejected or report.failure for report in reports),
        "files": [
            {
                "path": str(report.path),
                "kind": report.kind,
                "rows": report.rows,
                "valid": report.accepted,
                "applied": report.counts.applied,
                "unchanged": report.counts.unchanged,
                "stale": report.counts.stale,
                "would_change": report.counts.changed,
                "differences": [difference._asdict() for difference in sorted(report.counts.differences)],
                "rejected": report.rejected,
                "rejects_file": str(report.rejects_path) if report.rejects_path else None,
                "first_rejected": [{"line": line, "reason": reason} for line, reason in report.shown],
                "failure": report.failure or None,
                "seconds": round(report.seconds, 3),
            }
            for report in reports
        ],
    }


def _render(reports: Sequence[FileReport], texts: Texts, dry_run: bool) -> None:
    from promessa.cli.output import console, table

    to = console()
    numbers = ("rows", "valid") if dry_run else ("rows", "applied", "unchanged", "stale")
    heads = [texts(name) for name in ("file", "kind", *numbers, "rejected", "seconds")]
    rows = table(*heads, right=heads[2:])
    for report in reports:
        values = {"rows": report.rows, "valid": report.accepted, "applied": report.counts.applied}
        values |= {"unchanged": report.counts.unchanged, "stale": report.counts.stale}
        cells = [texts.number(values[name]) for name in numbers]
        rows.add_row(
            report.path.name, report.kind, *cells, texts.number(report.rejected), texts.number(report.seconds, 1)
        )
    to.print(rows)
    for report in reports:
        _render_trouble(to, report, texts)
    if dry_run:
        for report in reports:
            _render_differences(to, report, texts)
        to.print(texts("dry_run"))


def _render_differences(to: Any, report: FileReport, texts: Texts) -> None:
    """What stock would change: how much of it, and the first rows."""
    from promessa.cli.importer import SHOWN_MAX

    counts = report.counts
    if not (counts.changed or counts.unchanged or counts.stale):
        return
    numbers = {name: texts.number(getattr(counts, name)) for name in ("changed", "unchanged", "stale")}
    to.print(texts("would", file=report.path.name, **numbers), soft_wrap=True)
    for each in sorted(counts.differences)[:SHOWN_MAX]:
        before, after = texts.number(each.before), texts.number(each.after)
        to.print(f"  {texts('line')} {each.line}: {each.sku} @ {each.node_id}: {before} → {after}", markup=False)
    if counts.changed > SHOWN_MAX:
        to.print("  …")


def _render_trouble(to: Any, report: FileReport, texts: Texts) -> None:
    from rich.markup import escape

    if report.failure:
        to.print(f"[red]{escape(report.path.name)}[/]: {escape(report.failure)}", soft_wrap=True)
    for line, reason in report.shown:
        to.print(f"{escape(report.path.name)}, {texts('line')} {line}: {escape(reason)}", soft_wrap=True)
    if report.rejected > len(report.shown):
        to.print("…")
    if report.rejects_path is not None:
        to.print(texts("rejects_file", path=report.rejects_path), soft_wrap=True)
    if report.counts.stale:
        to.print(texts("stale_note"))
