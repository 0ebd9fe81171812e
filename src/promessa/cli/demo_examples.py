"""What to try on the demo's server once its story is told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rich.console import Console

from promessa.cli.demo_archive import period_of
from promessa.cli.demo_books import Seen


def print_examples(console: Console, address: str, seen: Seen) -> None:
    """Commands that work as they are, for a person who looks on."""
    program = _program("promessa") or f"{sys.executable} -m promessa.cli.main"
    console.print("\nThe server stays up until Ctrl-C. Try, in another terminal:")
    curl, sku = _program("buf"), seen.chain.skus[0]["sku"]
    lines = [
        f"promessa availability {sku}",
        f"promessa basket {sku}=2",
        f"promessa source --to 01310100 {sku}=2 --explain",
        f"promessa source --to 69005070 {sku}=3 --quote 3",
        f"promessa reserve {sku}@{seen.chain.nodes[0]['node_id']}=1 --ttl 600",
        *_about_orders(seen),
        "promessa audit",
    ]
    if curl:
        lines.append(
            f'{curl} curl --protocol grpc --http2-prior-knowledge --data \'{{"sku": "{sku}"}}\' '
            f"http://{address}/promessa.v1.AvailabilityService/GetAvailability"
        )
    for line in lines:
        if line.startswith("promessa"):
            line = f"PROMESSA_ADDRESS={address} {program}{line.removeprefix('promessa')}"
        console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)


def _about_orders(seen: Seen) -> list[str]:
    """The order that most happened to, and a report; nothing where no order was placed."""
    if not seen.orders:
        return []
    most = max(seen.orders.values(), key=lambda order: order.version)
    found = [f"promessa order show {most.order_id}"]
    if seen.checks is not None:
        period = period_of(seen)
        found.append(f"promessa report nodes --from {period.first_day} --to {period.last_day}")
    return found


def _program(name: str) -> str | None:
    """A program beside our own, or on PATH; None where there is none, as in an installation without the tools."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)
