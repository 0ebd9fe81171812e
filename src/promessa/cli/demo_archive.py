"""The last act: what the reports say of it all, as one page, and compared with the demo's own books.

Reports come from the archive of the event log, which knows nothing of the client: two accounts of the same days.
"""

from __future__ import annotations

import time
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from promessa.cli.client import Client
from promessa.cli.demo_books import Seen
from promessa.cli.demo_checks import checks_of
from promessa.cli.failure import Failure
from promessa.cli.report_asking import Period, ask_all
from promessa.cli.report_page import made
from promessa.cli.report_texts import words_of
from promessa.v1 import event_log_service_pb2 as el

ZONE = "America/Sao_Paulo"
"""The company's: days of reports are days there."""

ARCHIVE = "archive"
ARCHIVE_SECONDS = 2.0
CAUGHT_UP_SECONDS, LOOK_SECONDS = 120.0, 0.2
REPORT_SECONDS = 60.0
ROWS_MAX = 10_000
COMPARED_ORDERS = 300
"""Orders that are decided by other rules, too, for the report on sourcing."""


def can_report() -> bool:
    """Whether what reports need is installed: the extra `reports`."""
    return find_spec("duckdb") is not None


def period_of(seen: Seen) -> Period:
    """The days from the first order to the last, by the server's clock."""
    days = [datetime.fromtimestamp(ms / 1000, ZoneInfo(ZONE)).date() for ms in (seen.first_ms, seen.last_ms)]
    return Period(days[0].isoformat(), days[1].isoformat(), ZONE)


def tell_reports(address: str, seen: Seen, page: Path, lang: str) -> None:
    """Wait until all is archived, write the reports as one page, and put their figures beside our own. Raises Failure."""
    with Client(address, timeout_seconds=REPORT_SECONDS) as client:
        _wait_until_archived(client)
    period = period_of(seen)
    found = ask_all(period, address, REPORT_SECONDS, rows=ROWS_MAX, compared_orders_max=COMPARED_ORDERS)
    page.write_text(made(found, period, words_of(lang)), encoding="utf-8")
    seen.page = page
    seen.checks = checks_of(seen, {asked.shape.name: asked.answer for asked in found})


def _wait_until_archived(client: Client) -> None:
    """Until the archiver has done every entry there is. Raises Failure if it does not come so far."""
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while time.monotonic() < deadline:
        found = client.call(client.event_log.ListConsumers, el.ListConsumersRequest())
        if any(each.consumer == ARCHIVE and each.lag_entries == 0 for each in found.consumers):
            return
        time.sleep(LOOK_SECONDS)
    raise Failure("The archive did not catch up with the event log. The demo's serve.log says why.")
