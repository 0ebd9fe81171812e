"""An archive of the store that the tests share; its operations are those of tests/store."""

import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from archive_kit import Kept
from archive_world import open_world
from orders_world import OrdersWorld
from serving import Clock, Serving, WallClock
from store_kit import START_MS, Shop

from promessa.store.store import Store


@pytest.fixture
async def shop(store: Store, clock: Clock) -> Shop:
    """Four nodes and three skus at a fixed instant."""
    clock.now_ms = START_MS
    return await open_world(store)


@pytest.fixture
def kept(shop: Shop, redis: Redis, tmp_path: Path) -> Kept:
    return Kept(redis, shop.store.keys, tmp_path / "archive")


@pytest.fixture
async def world(serving: Serving, clock: Clock, wall_clock: WallClock) -> OrdersWorld:
    """A chain whose orders are placed and changed over gRPC."""
    world = OrdersWorld(serving, clock, wall_clock)
    await world.open()
    return world


@pytest.fixture
def kept_orders(serving: Serving, redis: Redis, tmp_path: Path) -> Kept:
    """The archive of its log."""
    return Kept(redis, serving.parts.store.keys, tmp_path / "archive")
