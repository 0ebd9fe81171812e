"""`promessa keys`: the keys that plan tokens are signed with, as the store keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from promessa.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from promessa.store.plan_keys import KeyFacts, PlanKeys

app = typer.Typer(
    help="The keys that plan tokens are signed with, in the store of this machine's server (list, rotate, revoke). "
    "PROMESSA_DATA_DIR is the data directory of that server.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

OTHERS = "Servers with a PROMESSA_PLAN_KEY_FILE sign with the first key of that file instead."
REVOKED = "All keys of the store are forgotten: within a minute tokens signed with them are refused."
NOT_REVOKED = (
    "Servers with a PROMESSA_PLAN_KEY_FILE are not touched by this: take the key out of that file and restart them."
)


@app.command("list")
def list_keys(as_json: JsonOption = False) -> None:
    """List the keys that the store keeps: which one signs and which still count. No secret is shown."""
    _show(_ask(lambda keys: keys.facts()), as_json=as_json)


@app.command("rotate")
def rotate(as_json: JsonOption = False) -> None:
    """Make a key that signs from now on. Tokens of those before count until their time is over."""
    _show(_ask(lambda keys: keys.rotate()), as_json=as_json)


@app.command("revoke")
def revoke(
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it without asking: tokens signed with them are refused.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Forget all keys of the store: within a minute tokens signed with them are refused; the next quote makes a new key.

    Servers with a PROMESSA_PLAN_KEY_FILE are not touched by this: take the key out of that file and restart them.
    """
    from promessa.cli.output import console, print_json

    if not yes:
        typer.confirm("Every plan token signed with them is refused then. Forget all keys of the store?", abort=True)
    made_since = _ask(lambda keys: keys.revoke())
    notes = console(error=as_json)
    for note in (REVOKED, NOT_REVOKED):
        notes.print(note)
    if as_json:
        print_json([each._asdict() for each in made_since])


def _ask(question: Callable[[PlanKeys], Coroutine[Any, Any, Sequence[KeyFacts]]]) -> Sequence[KeyFacts]:
    """What the keys of the store of this machine's server answer. Raises Failure."""
    import time

    from promessa.cli.failure import Failure
    from promessa.cli.own_store import asked
    from promessa.domain.errors import Unavailable
    from promessa.server.run_file import read_run_file
    from promessa.server.settings import Settings, SettingsError
    from promessa.store.keys import Keys
    from promessa.store.plan_keys import PlanKeys

    try:
        settings = Settings.load()
    except SettingsError as error:
        raise Failure(str(error)) from None
    try:
        keys = Keys(settings.namespace, 0)
        run = read_run_file(settings.data_dir)
        now_ms = time.time_ns() // 1_000_000
        facts: Sequence[KeyFacts] = asked(settings, run, lambda r: question(PlanKeys(r, keys, now_ms=lambda: now_ms)))
        return facts
    except Unavailable as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(
            f"The store cannot be reached: {error}. PROMESSA_DATA_DIR must be the server's data directory, here it is "
            f"{settings.data_dir}; `promessa doctor` looks for the cause."
        ) from None


def _show(facts: Sequence[KeyFacts], *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from promessa.cli.output import console, print_json, table

    if as_json:
        print_json([each._asdict() for each in facts])
        return
    to = console()
    if facts:
        rows = table("key", "made", "")
        for each in facts:
            made = datetime.fromtimestamp(each.made_ms / 1000, UTC).astimezone()
            rows.add_row(each.key_id, f"{made:%Y-%m-%d %H:%M}", "signs" if each.signs else "counts")
        to.print(rows)
    else:
        to.print("The store keeps no key: none was needed so far, or none since they were revoked.")
    to.print(OTHERS)
