"""The last act: what the reports say of it all, compared with the demo's own books.

Reports come from the archive of the event log, which knows nothing of the client: two accounts of the same days.
"""

from __future__ import annotations

import time
from datetime import datetime
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo

from promessa.cli.client import Client
from promessa.cli.demo_books import Check, Seen
from promessa.cli.demo_checks import checks_of
from promessa.cli.failure import Failure
from promessa.v1 import event_log_service_pb2 as el
from promessa.v1 import report_service_pb2 as rp

ZONE = "America/Sao_Paulo"
ARCHIVE = "archive"
ARCHIVE_SECONDS = 2.0
CAUGHT_UP_SECONDS, LOOK_SECONDS = 120.0, 0.2
REPORT_SECONDS = 60.0
ROWS_MAX = 10_000
REPORTS = {
    "stockouts": "GetStockoutReport",
    "reservations": "GetReservationReport",
    "channels": "GetChannelPerformance",
    "nodes": "GetNodePerformance",
    "journey": "GetJourneyReport",
    "settlement": "GetFranchiseSettlement",
}


def can_report() -> bool:
    """Whether what reports need is installed: the extra `reports`."""
    return find_spec("duckdb") is not None


def period_of(seen: Seen) -> dict[str, str]:
    """The days from the first order to the last, by the server's clock."""
    days = [datetime.fromtimestamp(ms / 1000, ZoneInfo(ZONE)).date() for ms in (seen.first_ms, seen.last_ms)]
    return {"first_day": days[0].isoformat(), "last_day": days[1].isoformat(), "time_zone": ZONE}


def check_reports(address: str, seen: Seen) -> list[Check]:
    """Wait until everything is archived, ask for the reports, and put their figures beside our own. Raises Failure."""
    with Client(address, timeout_seconds=REPORT_SECONDS) as client:
        _wait_until_archived(client)
        answers = {name: _ask(client, method, period_of(seen)) for name, method in REPORTS.items()}
    return checks_of(seen, answers)


def _wait_until_archived(client: Client) -> None:
    """Until the archiver has done every entry there is. Raises Failure if it does not come so far."""
    deadline = time.monotonic() + CAUGHT_UP_SECONDS
    while time.monotonic() < deadline:
        found = client.call(client.event_log.ListConsumers, el.ListConsumersRequest())
        if any(each.consumer == ARCHIVE and each.lag_entries == 0 for each in found.consumers):
            return
        time.sleep(LOOK_SECONDS)
    raise Failure("The archive did not catch up with the event log. The demo's serve.log says why.")


def _ask(client: Client, method: str, period: dict[str, str]) -> Any:
    request = getattr(rp, f"{method}Request")(period=period, rows_max=ROWS_MAX)
    return client.call(getattr(client.reports, method), request)
