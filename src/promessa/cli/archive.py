"""`promessa archive`: a look at the archive of the event log, and its dead letters read once more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promessa.cli.options import JsonOption

if TYPE_CHECKING:
    from promessa.archive.directory import ArchiveDirectory

app = typer.Typer(
    help="The archive of the event log that `promessa serve --archive` keeps (status, replay-dead-letters).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

DirectoryOption = Annotated[
    Path | None,
    typer.Option("--archive", show_default=False, help="Its directory. Default: the setting archive_dir."),
]
ASKED_SECONDS = 0.1


@app.command("status")
def status(archive: DirectoryOption = None, as_json: JsonOption = False) -> None:
    """Show what the archive has: days, files, bytes, dead letters. How far it is behind: `promessa consumers list`."""
    from promessa.cli.output import console, print_json

    directory = _directory(archive)
    with directory.reading():
        files = directory.all_segments()
        size = sum(path.stat().st_size for path in files)
    days = sorted({path.parent.name.removeprefix("day=") for path in files})
    of_days = Counter(path.parent for path in files)
    of_several = sum(count > 1 for count in of_days.values())
    found = {
        "directory": str(directory.path),
        "files": len(files),
        "bytes": size,
        "tables_days": len(of_days),
        "tables_days_of_several_files": of_several,
        "first_day": days[0] if days else "",
        "last_day": days[-1] if days else "",
        "dead_letters": [path.name for path in directory.letters()],
    }
    if as_json:
        print_json(found)
        return
    to = console()
    to.print(
        f"{directory.path}: {len(files):,} files, {found['bytes']:,} bytes, {' to '.join(days[:1] + days[1:][-1:]) or 'empty'}"
    )
    to.print(f"{of_several:,} of {len(of_days):,} days of tables in several files; a day that is over becomes one file")
    for name in directory.letters():
        to.print(f"dead letter: {name}")


@app.command("replay-dead-letters")
def replay_dead_letters(
    archive: DirectoryOption = None,
    as_json: JsonOption = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the archiver.")] = 60.0,
) -> None:
    """Have the running archiver read its dead letters once more. Exit code 1 if any is left."""
    import json
    import time

    from promessa.cli.failure import Failure
    from promessa.cli.output import console, counted, print_json

    directory = _directory(archive)
    directory.replayed.unlink(missing_ok=True)
    directory.replay_asked.touch()
    deadline = time.monotonic() + timeout
    while not directory.replayed.exists():
        if time.monotonic() > deadline:
            directory.replay_asked.unlink(missing_ok=True)
            raise Failure("No archiver answered. Start the server that keeps this archive, or look at its log.")
        time.sleep(ASKED_SECONDS)
    found = json.loads(directory.replayed.read_text(encoding="utf-8"))
    if as_json:
        print_json(found)
    else:
        to = console()
        to.print(f"{counted(found['count'], 'dead letter')} archived, {len(found['left'])} left")
        for name, why in found["left"].items():
            to.print(f"{name}: {why}")
    if found["left"]:
        raise typer.Exit(1)


def _directory(named: Path | None) -> ArchiveDirectory:
    from promessa.archive.directory import ArchiveDirectory
    from promessa.cli.failure import Failure, usage
    from promessa.server.settings import Settings, SettingsError

    try:
        path = named or Settings.load().archive_dir
    except SettingsError as error:
        raise usage(str(error)) from None
    if path is None:
        raise usage("Name the directory of the archive with --archive, or set PROMESSA_ARCHIVE_DIR.")
    directory = ArchiveDirectory(path)
    if directory.identity() is None:
        raise Failure(f"{path} is no archive. `promessa serve --archive {path}` makes one.")
    return directory
