"""The `promessa` command: one module per subcommand, and one place where errors become sentences and exit codes.

Exit codes: 0 done; 1 the answer is no, something is wrong, or the server cannot be asked; 2 the command line is wrong.
Only typer is imported here and at the top of the command modules: help must come at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from promessa.cli import (
    archive,
    audit,
    availability,
    basket,
    bench,
    capacity,
    clock,
    confidence,
    consumers,
    decision,
    deficits,
    demo,
    doctor,
    explain,
    flow,
    hold_rule,
    import_command,
    keys,
    node_state,
    order_exchange,
    orders,
    policy,
    pool,
    reason,
    report,
    reservation,
    reservations,
    reserve,
    resource,
    safety,
    schedule,
    serve,
    simulate,
    source,
    source_wave,
    stock,
    supply,
    unavailable,
    watch,
)
from promessa.cli.failure import Failure, as_failure, say

app = typer.Typer(
    name="promessa",
    help="What can be promised, held and shipped from where: the server, a client for people, and tools.",
    epilog="Exit codes: 0 done, 1 refused or something is wrong, 2 the command line is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("flow")(flow.flow)
app.command("import")(import_command.import_files)
app.command("availability")(availability.availability)
app.command("schedule")(schedule.schedule)
app.command("watch")(watch.watch)
app.command("explain")(explain.explain)
app.command("basket")(basket.basket)
app.command("source")(source.source)
app.command("source-wave")(source_wave.source_wave)
app.command("simulate")(simulate.simulate)
app.command("decision")(decision.decision)
app.command("resource")(resource.resource)
app.command("reserve")(reserve.reserve)
app.command("confirm")(reservation.confirm)
app.command("extend")(reservation.extend)
app.command("release")(reservation.release)
app.command("fulfill")(reservation.fulfill)
app.command("transfer")(reservation.transfer)
app.command("reservation")(reservation.reservation)
app.command("reservations")(reservations.reservations)
app.add_typer(order_exchange.app, name="order")
app.command("orders")(orders.orders)
app.add_typer(hold_rule.app, name="hold-rule")
app.command("count")(stock.count)
app.command("adjust")(stock.adjust)
app.command("reclassify")(unavailable.reclassify)
app.command("unavailable")(unavailable.unavailable)
app.add_typer(reason.app, name="reason")
app.add_typer(safety.app, name="safety")
app.command("capacity")(capacity.capacity)
app.add_typer(pool.app, name="pool")
app.add_typer(policy.app, name="policy")
app.command("pause")(node_state.pause)
app.command("resume")(node_state.resume)
app.command("deficits")(deficits.deficits)
app.add_typer(supply.app, name="supply")
app.command("audit")(audit.audit)
app.add_typer(report.app, name="report")
app.add_typer(archive.app, name="archive")
app.add_typer(consumers.app, name="consumers")
app.add_typer(keys.app, name="keys")
app.command("confidence")(confidence.confidence)
app.command("check")(confidence.check)
app.command("clock")(clock.clock)
app.command("doctor")(doctor.doctor)
app.command("bench")(bench.bench)


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        app(list(arguments), prog_name="promessa")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BrokenPipeError:  # the reader of a pipe had enough, as in `promessa … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        failure = as_failure(error)
        if failure is None:
            raise
        return _report(failure, as_json="--json" in arguments)
    return 0


def main() -> None:
    """The entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def _report(failure: Failure, *, as_json: bool) -> int:
    say(failure, as_json=as_json)
    return failure.exit_code


if __name__ == "__main__":
    main()
