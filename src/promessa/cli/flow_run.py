"""Telling a flow: against a server that is there, or one of its own that ends with the story."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from promessa.cli.channel import open_aio_channel
from promessa.cli.demo_server import serving
from promessa.demo.flows.book import Flow
from promessa.demo.flows.shop import Forward, Shop
from promessa.demo.flows.telling import sentence
from promessa.server.clock import set_forward

if TYPE_CHECKING:
    from rich.console import Console


class Where(NamedTuple):
    """A server, and the file of its clock, if that can be set."""

    address: str
    clock_file: Path | None


def run_flow(flow: Flow, screen: Console, lang: int, *, address: str, clock_file: Path | None) -> None:
    """Tell a flow. Raises Failure, grpc.RpcError, AssertionError where it is not as the story needs it."""
    screen.print(f"[bold]{flow.title[lang]}[/]")
    if address:
        asyncio.run(_tell(flow, screen, lang, Where(address, clock_file)))
        return
    with _own_server() as where:
        asyncio.run(_tell(flow, screen, lang, where))


async def _tell(flow: Flow, screen: Console, lang: int, where: Where) -> None:
    async with open_aio_channel(where.address) as channel:
        shop = Shop(channel, f"flow-{secrets.token_hex(4)}", _forward(where.clock_file))
        await shop.open()
        async for fact in flow.tell(shop):
            screen.print(f"  {sentence(fact, flow.sentences, lang)}", soft_wrap=True, markup=False)


def _forward(clock_file: Path | None) -> Forward | None:
    return None if clock_file is None else partial(set_forward, clock_file)


@contextmanager
def _own_server() -> Iterator[Where]:
    with tempfile.TemporaryDirectory(prefix="promessa-flow-") as directory:
        clock_file = Path(directory) / "clock"
        with serving(Path(directory) / "data", 0, CLOCK_FILE=clock_file) as (address, _):
            yield Where(address, clock_file)
