"""Keys of plan tokens changed under running servers: the old one counts while it is listed, and not after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from api_kit import refused
from redis.asyncio import Redis
from serving import Serving, StoreProcess, WallClock, serving_on
from test_plan_tokens_api import HONOURED, INVALID, NINE_MS, TokenApi, order

from promessa.store.plan_keys import KNOWN_MS_MAX, PlanKeys
from promessa.store.store import Store

OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[TokenApi]:
    wall_clock.now_ms = NINE_MS
    following = asyncio.create_task(serving.parts.keeper.follow())
    made = TokenApi(serving.channel)
    await made.chain()
    yield made
    following.cancel()


async def test_a_file_with_two_keys_lets_the_old_one_run_out(
    api: TokenApi, store: Store, redis: Redis, store_process: StoreProcess, wall_clock: WallClock, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def started(*keys: str) -> AsyncIterator[TokenApi]:
        """Another server of the chain, started with a file of these keys."""
        file = tmp_path / f"keys-{len(list(tmp_path.iterdir()))}"
        file.write_text("\n".join(keys))
        async with serving_on(store, redis, store_process.url, now_ms=wall_clock, plan_key_file=file) as found:
            yield api.at(found.channel)

    async with started(OLD) as before:
        token = (await before.quote(order())).options[0].plan_token
        async with started(OLD, NEW) as knowing, started(NEW, OLD) as signing:
            fresh = (await signing.quote(order())).options[0].plan_token
            assert fresh[:5] != token[:5], "the first key signs"
            for each in (token, fresh):
                for server in (knowing, signing):
                    assert (await server.redeem(order(), each)).plan_token_result.outcome == HONOURED
        await refused(before.redeem(order(), fresh), INVALID, "PLAN_TOKEN_INVALID", why="SIGNATURE")
    async with started(NEW) as after:
        assert (await after.redeem(order(), fresh)).plan_token_result.outcome == HONOURED
        await refused(after.redeem(order(), token), INVALID, "PLAN_TOKEN_INVALID", why="SIGNATURE")


async def test_keys_of_the_store_are_rotated_and_revoked_under_running_servers(
    api: TokenApi, store: Store, redis: Redis, wall_clock: WallClock
) -> None:
    operator = PlanKeys(redis, store.keys, now_ms=wall_clock)
    token = (await api.quote(order())).options[0].plan_token
    await operator.rotate()
    wall_clock.now_ms += KNOWN_MS_MAX
    fresh = (await api.quote(order())).options[0].plan_token
    assert fresh[:5] != token[:5]
    for each in (token, fresh):
        assert (await api.redeem(order(), each)).plan_token_result.outcome == HONOURED
    for _ in range(2):
        await operator.rotate()
    wall_clock.now_ms += KNOWN_MS_MAX - 1
    unheard = (await api.quote(order())).options[0].plan_token
    assert unheard[:5] == fresh[:5], "the server has not looked since"
    wall_clock.now_ms += 1
    assert (await api.quote(order())).options[0].plan_token[:5] != fresh[:5]
    assert (await api.redeem(order(), unheard)).plan_token_result.outcome == HONOURED
    await operator.revoke()
    wall_clock.now_ms += KNOWN_MS_MAX
    for each in (token, fresh):
        await refused(api.redeem(order(), each), INVALID, "PLAN_TOKEN_INVALID", why="SIGNATURE")
