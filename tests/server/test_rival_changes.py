"""Records that must agree with each other, put at the same instant through two workers: one of them is told so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of
from redis.asyncio import Redis
from serving import Serving, StoreProcess, serving_on

from promessa.store.store import Store
from promessa.v1 import network_service_pb2 as nw

BRACKETS = [{"max_weight_grams": 1_000, "price_micros": 8_000_000}]
SOUTH, NORTH = {"zone": "south", "brackets": BRACKETS}, {"zone": "north", "brackets": BRACKETS}
LANE = {"node_id": "a", "country_code": "BR", "rate_card_id": "zoned"}
Put = tuple[str, dict[str, Any]]

CARDS_OF_TWO_CURRENCIES = (
    ("rate_card", {"rate_card_id": "one", "currency_code": "BRL", "brackets": BRACKETS}),
    ("rate_card", {"rate_card_id": "two", "currency_code": "USD", "brackets": BRACKETS}),
)
A_LANE_AND_THE_END_OF_ITS_ZONE = (
    ("lane", {"lane_id": "up", "zone": "north", **LANE}),
    ("rate_card", {"rate_card_id": "zoned", "currency_code": "BRL", "zones": [SOUTH]}),
)
LANES_OF_A_NODE_THAT_INSURE_OTHERWISE = (
    ("lane", {"lane_id": "up", "zone": "north", **LANE}),
    ("lane", {"lane_id": "sure", **LANE, "rate_card_id": "insured"}),
)
RULES_OF_ONE_PAIR = (
    ("tax_rule", {"tax_rule_id": "one", "origin_region_code": "BR-SP", "rate_basis_points": 700}),
    ("tax_rule", {"tax_rule_id": "two", "origin_region_code": "BR-SP", "rate_basis_points": 1_200}),
)


@pytest.fixture
async def workers(
    serving: Serving, store: Store, redis: Redis, store_process: StoreProcess
) -> AsyncIterator[tuple[Api, Api]]:
    """Two workers over one store, each with a catalogue of its own that follows the log."""
    async with serving_on(store, redis, store_process.url) as second:
        tasks = [asyncio.create_task(each.parts.keeper.follow()) for each in (serving, second)]
        yield Api(serving.channel), Api(second.channel)
        for task in tasks:
            task.cancel()


async def put(api: Api, kind: str, fields: dict[str, Any], request_id: str = "") -> Any:
    name = "".join(word.capitalize() for word in kind.split("_"))
    request = getattr(nw, f"Put{name}Request")(request_id=request_id or api.new_id(), **{kind: fields})
    return await getattr(api.network, f"Put{name}")(request)


async def network(api: Api, rivals: tuple[Put, Put]) -> None:
    """What the rivals refer to."""
    if rivals[0][0] != "lane":
        return
    await put(api, "node", {"node_id": "a"})
    await put(api, "rate_card", {"rate_card_id": "zoned", "currency_code": "BRL", "zones": [SOUTH, NORTH]})
    if rivals is LANES_OF_A_NODE_THAT_INSURE_OTHERWISE:
        insured = {"rate_card_id": "insured", "currency_code": "BRL", "brackets": BRACKETS}
        await put(api, "rate_card", {**insured, "insurance_basis_points": 50})


@pytest.mark.parametrize(
    "rivals",
    [
        CARDS_OF_TWO_CURRENCIES,
        A_LANE_AND_THE_END_OF_ITS_ZONE,
        LANES_OF_A_NODE_THAT_INSURE_OTHERWISE,
        RULES_OF_ONE_PAIR,
    ],
    ids=["currencies", "zones", "insurance", "rules"],
)
async def test_of_two_that_contradict_each_other_one_is_put(workers: tuple[Api, Api], rivals: tuple[Put, Put]) -> None:
    await network(workers[0], rivals)
    answers = await asyncio.gather(
        *[put(api, *rival, f"rival-{i:04d}") for i, (api, rival) in enumerate(zip(workers, rivals, strict=True))],
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert len(refused) == 1, answers
    assert error_of(refused[0])[0] == "INVALID_FIELD"


async def test_those_that_agree_are_all_put_however_many_come_at_once(workers: tuple[Api, Api]) -> None:
    cards = [{"rate_card_id": f"card-{i}", "currency_code": "BRL", "brackets": BRACKETS} for i in range(40)]
    await asyncio.gather(*[put(workers[i % 2], "rate_card", each, f"card-{i:04d}") for i, each in enumerate(cards)])
    for api in workers:
        again = await put(api, "rate_card", cards[0], "card-0000")
        assert again.replayed
