"""A real server that all stories are told to, whose clock can be set forward."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import grpc
import pytest
from flow_kit import Hear, Heard

from promessa.cli.demo_server import serving as a_server
from promessa.demo.flows.book import FLOWS
from promessa.demo.flows.shop import Shop
from promessa.server.clock import set_forward

RUNS = count()
"""Each story that is told has a chain of its own."""


@pytest.fixture(scope="session")
def clocked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Its address, and the file of its clock."""
    directory = tmp_path_factory.mktemp("flows")
    with a_server(directory / "data", 0, CLOCK_FILE=directory / "clock") as (address, _):
        yield address, directory / "clock"


@pytest.fixture
async def hear(clocked_server: tuple[str, Path]) -> AsyncIterator[Hear]:
    """Hears a story by name to its end; the books agree then."""
    address, clock = clocked_server
    channel = grpc.aio.insecure_channel(address)

    async def heard(name: str) -> Heard:
        shop = Shop(channel, f"t{next(RUNS)}-{name}", partial(set_forward, clock))
        await shop.open()
        facts = [fact async for fact in FLOWS[name].tell(shop)]
        assert (await shop.audit()).values["violations"] == 0
        return Heard(facts, shop)

    yield heard
    await channel.close()
