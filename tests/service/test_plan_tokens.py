"""Plan tokens: what they say comes back as it was, and whatever is not exactly what was signed is refused."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from promessa.domain.errors import FailedPrecondition, InvalidRequest, PromessaError
from promessa.domain.kinds import Ways
from promessa.domain.limits import PLAN_TOKEN_LENGTH_MAX, PLAN_TOKEN_SECONDS_MAX
from promessa.domain.plan_token import NO_INDEX, IssuedToken
from promessa.domain.sourcing import NO_TRAITS, Constraints, CostTerm, Order, Plan, PlannedShipment, PolicyDecision
from promessa.server.store_connection import connect
from promessa.service.plan_tokens import PlanTokens
from promessa.store.keys import Keys
from promessa.store.plan_keys import KEY_MS_MAX, KNOWN_MS_MAX, REPLACED_MS_MIN, RETRY_MS, KeyRing, PlanKey, PlanKeys
from promessa.store.store import Store

NOON = 1_700_000_000_000
MINUTE = 60_000
NODES = ["near", "corner", "far"]
SKUS = {"mug": 0, "clock": 1}
ORDER = Order("o-1", (("mug", 2), ("clock", 1)), "BR", "01310100")
PLAN = Plan(
    (
        PlannedShipment(0, "lane-near", "road", 760, 10_700_000, 1_600_000, 3_100_000, NOON + 5, NOON + 9, ((0, 0, 2),)),
        PlannedShipment(
            2, "lane-far", "air", 850, 10, 20, 30, NOON + 6, NOON + 8, ((1, 1, 1),), NOON + 1, NOON + 2,
            terms=((CostTerm.FUEL, 7), (CostTerm.MARKDOWN, -3)), kind=7, collected_ix=1, supply_day=20_000,
        ),
    ),
    ((1, 1, 3),),
    "BRL",
    17_400_064,
    2_000_000,
    17_000_000,
    False,
    PolicyDecision("web", 3, "rest", ("filters[0]",), 5, 2, "queue", 4, 1, 30),
)  # fmt: skip


class FixedKeys(PlanKeys):
    """Keys that no store is asked for."""

    def __init__(self, *secrets: bytes, data_set: str = "one") -> None:
        self.ring = KeyRing(data_set, tuple([PlanKey(secret) for secret in secrets or (b"k" * 32,)]))

    async def signing(self) -> KeyRing:
        return self.ring

    async def naming(self, key_id: bytes) -> KeyRing:
        return self.ring


async def issued(keys: PlanKeys | None = None, order: Order = ORDER, plan: Plan = PLAN) -> IssuedToken:
    return (await PlanTokens(keys or FixedKeys(), NODES).issuer())(order, plan, NOON)


async def read(text: str, keys: PlanKeys | None = None, order: Order = ORDER, now_ms: int = NOON) -> Any:
    return await PlanTokens(keys or FixedKeys(), NODES).read(text, order, now_ms)


async def refusal(*args: Any, **more: Any) -> PromessaError:
    with pytest.raises(PromessaError) as caught:
        await read(*args, **more)
    return caught.value


async def test_a_plan_comes_back_as_it_was_quoted() -> None:
    token = await issued()
    found = await read(token.text)
    assert found.quoted_ms == NOON and token.expires_ms == NOON + 15 * MINUTE
    again = found.plan(ORDER, {name: i for i, name in enumerate(NODES)}, SKUS)
    assert again == PLAN
    assert len(token.text) < 700
    assert "corner" not in token.text, "it is no plain text"


async def test_a_node_that_is_gone_has_no_index() -> None:
    found = await read((await issued()).text)
    again = found.plan(ORDER, {"far": 2, "corner": 1}, SKUS)
    assert [ship.node_ix for ship in again.shipments] == [NO_INDEX, 2]


@given(st.data())
async def test_a_token_with_any_bit_flipped_is_refused(data: st.DataObject) -> None:
    text = (await issued()).text
    raw = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    altered = urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    error = await refusal(altered)
    assert isinstance(error, InvalidRequest) and error.reason == "PLAN_TOKEN_INVALID"


@given(st.data())
async def test_a_token_with_any_character_replaced_added_or_lost_is_refused(data: st.DataObject) -> None:
    text = (await issued()).text
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(alphabet.replace(text[at], "")))
    altered = data.draw(
        st.sampled_from([text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:]])
    )
    assert (await refusal(altered)).reason == "PLAN_TOKEN_INVALID"


@pytest.mark.parametrize("lane_id", ["l", "ll", "lll"])
async def test_no_two_texts_stand_for_one_token(lane_id: str) -> None:
    """Whatever its length, and however many bits of its last character say nothing."""
    text = (await issued(plan=PLAN._replace(shipments=(PLAN.shipments[0]._replace(lane_id=lane_id),)))).text
    assert await read(text)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for other in alphabet.replace(text[-1], ""):
        assert (await refusal(text[:-1] + other)).reason == "PLAN_TOKEN_INVALID"


@pytest.mark.parametrize("text", ["x", "A" * 47, "_" * 100, "A" * PLAN_TOKEN_LENGTH_MAX])
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert (await refusal(text)).reason == "PLAN_TOKEN_INVALID"


async def test_a_token_counts_until_its_time_is_over() -> None:
    token = await issued()
    assert await read(token.text, now_ms=token.expires_ms - 1)
    error = await refusal(token.text, now_ms=token.expires_ms)
    assert isinstance(error, FailedPrecondition)
    assert (error.reason, error.metadata) == ("PLAN_TOKEN_EXPIRED", {"expire_time_ms": str(token.expires_ms)})


async def test_a_token_of_another_data_set_or_key_is_refused() -> None:
    shared = (await issued(FixedKeys(b"s" * 32, data_set="one"))).text
    error = await refusal(shared, FixedKeys(b"s" * 32, data_set="two"))
    assert error.metadata["why"] == "DATA_SET"
    error = await refusal(shared, FixedKeys(b"t" * 32, data_set="one"))
    assert error.metadata["why"] == "SIGNATURE"
    assert await read(shared, FixedKeys(b"t" * 32, b"s" * 32, data_set="one")), "the key before still counts"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (ORDER._replace(lines=(("mug", 2), ("clock", 2))), "order.lines"),
        (ORDER._replace(postal_code="01310101"), "order.destination"),
        (ORDER._replace(country_code="AR"), "order.destination"),
        (ORDER._replace(constraints=Constraints(max_shipments=3)), "order.constraints"),
        (ORDER._replace(constraints=Constraints(min_shipment_value_micros=3)), "order.constraints"),
        (ORDER._replace(channel="web"), "order.channel"),
        (ORDER._replace(channel="\nship"), "order.fulfillment_method"),
        (ORDER._replace(region_code="BR-RJ"), "order.destination.region_code"),
        (ORDER._replace(seller_code="other"), "order.seller_code"),
        (ORDER._replace(traits=NO_TRAITS._replace(priority=1)), "order.traits"),
        (ORDER._replace(policy_id="p"), "order.policy_id"),
        (ORDER._replace(ways=Ways(pickups=("near", "near"))), "order.pickup_node_id"),
        (ORDER._replace(ways=Ways(ship_to_store=True)), "order.allow_ship_to_store"),
        (ORDER._replace(ways=Ways(sold_at="near")), "order.sold_at_node_id"),
    ],
)
async def test_a_token_of_another_order_names_the_field_that_differs(other: Order, field: str) -> None:
    error = await refusal((await issued()).text, order=other)
    assert (error.reason, error.metadata) == ("PLAN_TOKEN_MISMATCH", {"field": field})


async def test_who_has_no_key_cannot_look_for_another_order_with_the_digest_of_one() -> None:
    """It has eight bytes: enough where nobody can try orders against it."""

    async def digest(secret: bytes) -> bytes:
        text = (await issued(FixedKeys(secret))).text
        body = urlsafe_b64decode(text + "=" * (-len(text) % 4))[36:]
        return bytes(msgspec.msgpack.decode(body)[3])

    one, other = await digest(b"o" * 32), await digest(b"p" * 32)
    assert one == await digest(b"o" * 32) and one[:8] != other[:8]


async def test_the_same_order_by_another_id_is_the_same_quote() -> None:
    same = ORDER._replace(order_id="o-2", traits=NO_TRAITS._replace(priority=0), ways=Ways())
    assert await read((await issued()).text, order=same)


async def test_what_serves_nothing_and_what_is_too_large_have_no_token() -> None:
    assert (await issued(plan=PLAN._replace(shipments=()))).text == ""
    longest = PLAN.shipments[1]._replace(lane_id="l" * 64, carrier_service="c" * 64)
    large = PLAN._replace(shipments=(longest,) * 64)
    assert (await issued(plan=large)).text == ""
    fits = PLAN._replace(shipments=(longest,) * 30)
    assert 0 < len((await issued(plan=fits)).text) <= PLAN_TOKEN_LENGTH_MAX


class Clock:
    def __init__(self) -> None:
        self.now_ms = NOON

    def __call__(self) -> int:
        return self.now_ms


async def test_all_servers_of_a_data_set_have_one_key_that_no_one_else_has(redis: Redis, store: Store) -> None:
    clock = Clock()
    one, two = [PlanKeys(redis, store.keys, now_ms=clock) for _ in range(2)]
    token = (await issued(one)).text
    assert await read(token, two)
    assert str(one) and "secret" not in repr((await one.signing()).keys[0])
    other = PlanKeys(redis, Keys("other", 4), now_ms=clock)
    assert (await refusal(token, other)).reason == "PLAN_TOKEN_INVALID"


async def test_no_key_is_shown_by_what_has_it_even_when_something_fails(redis: Redis, store: Store) -> None:
    keys = PlanKeys(redis, store.keys, now_ms=Clock())
    ring = await keys.signing()
    await redis.hset(store.keys.meta, "plan_key:x", "no number")
    assert (await PlanKeys(redis, store.keys, now_ms=Clock()).signing()).keys == ring.keys
    secret = ring.keys[0].secret
    assert str(secret) not in repr(vars(keys)) and secret.hex() not in repr(vars(keys))


async def test_workers_that_need_a_key_at_once_make_one(redis: Redis, store: Store) -> None:
    workers = [PlanKeys(redis, store.keys, now_ms=Clock()) for _ in range(16)]
    rings = await asyncio.gather(*[each.signing() for each in workers])
    assert len({ring.keys for ring in rings}) == 1
    assert len(await redis.hgetall(store.keys.meta)) == 5, "layout, partitions, id, epoch, and one key"


async def test_a_worker_that_is_late_does_not_replace_a_key(redis: Redis, store: Store) -> None:
    keys = PlanKeys(redis, store.keys, now_ms=Clock())
    none_yet = await keys._fields()
    token = (await issued(keys)).text
    await keys._make(none_yet, NOON)
    assert await read(token, PlanKeys(redis, store.keys, now_ms=Clock()))


async def test_a_worker_that_has_not_heard_of_a_new_key_asks_for_it(redis: Redis, store: Store) -> None:
    slow, clock = PlanKeys(redis, store.keys, now_ms=Clock()), Clock()
    await slow.signing()
    clock.now_ms += KEY_MS_MAX
    assert await read((await issued(PlanKeys(redis, store.keys, now_ms=clock))).text, slow)


async def test_keys_change_by_themselves_and_the_one_before_still_counts(redis: Redis, store: Store) -> None:
    clock = Clock()
    keys = PlanKeys(redis, store.keys, now_ms=clock)
    first = (await issued(keys)).text
    clock.now_ms += KEY_MS_MAX
    second = (await issued(keys)).text
    assert first[:5] != second[:5]
    slow = PlanKeys(redis, store.keys, now_ms=clock)
    assert await read(first, slow) and await read(second, slow)
    clock.now_ms += KEY_MS_MAX
    await issued(keys)
    assert (await refusal(first, keys)).metadata["why"] == "SIGNATURE"
    assert await read(second, keys)


async def test_a_key_taken_out_of_the_store_counts_for_a_minute_at_most(redis: Redis, store: Store) -> None:
    clock = Clock()
    keys = PlanKeys(redis, store.keys, now_ms=clock)
    token = (await issued(keys)).text
    await redis.hdel(store.keys.meta, "plan_key:1")
    assert await read(token, keys)
    clock.now_ms += KNOWN_MS_MAX
    assert (await refusal(token, keys)).reason == "PLAN_TOKEN_INVALID"


async def test_who_rotates_keys_has_the_next_quote_signed_anew_and_honours_the_one_before(
    redis: Redis, store: Store
) -> None:
    clock = Clock()
    operator = PlanKeys(redis, store.keys, now_ms=lambda: clock.now_ms + 7)
    assert await operator.rotate() == [], "there is none to replace"
    keys = PlanKeys(redis, store.keys, now_ms=clock)
    first = (await issued(keys)).text
    new, old = await operator.rotate()
    assert (new.made_ms, new.signs, old.made_ms, old.signs) == (NOON + 7, True, NOON, False)
    assert new.key_id != old.key_id == urlsafe_b64decode(first[:8])[:4].hex()
    clock.now_ms += KNOWN_MS_MAX
    second = (await issued(keys)).text
    assert urlsafe_b64decode(second[:8])[:4].hex() == new.key_id
    assert await read(first, keys) and await read(second, keys)
    clock.now_ms += REPLACED_MS_MIN
    assert [each.key_id for each in await operator.rotate()][1:] == [new.key_id]
    clock.now_ms += KNOWN_MS_MAX
    assert (await refusal(first, keys)).metadata["why"] == "SIGNATURE"
    assert await read(second, keys)


async def test_however_often_keys_are_rotated_none_goes_while_a_token_of_it_may_live(
    redis: Redis, store: Store
) -> None:
    clock = Clock()
    operator, worker = [PlanKeys(redis, store.keys, now_ms=clock) for _ in range(2)]
    await worker.signing()
    clock.now_ms += KEY_MS_MAX - 1  # however old a key is, its tokens are as young as the one that replaces it
    await worker.signing()
    for _ in range(3):
        await operator.rotate()
    clock.now_ms += KNOWN_MS_MAX - 1
    long_lived = PlanTokens(worker, NODES, lifetime_ms=PLAN_TOKEN_SECONDS_MAX * 1000)
    token, expires_ms = (await long_lived.issuer())(ORDER, PLAN, clock.now_ms)
    clock.now_ms = expires_ms - 1
    made = await operator.rotate()
    assert len(made) == 5 and urlsafe_b64decode(token[:8])[:4].hex() == made[-1].key_id
    assert await read(token, PlanKeys(redis, store.keys, now_ms=clock), now_ms=clock.now_ms)
    clock.now_ms += 2
    assert [each.key_id for each in await operator.rotate()][1:] == [each.key_id for each in made[:2]]
    assert (await refusal(token, PlanKeys(redis, store.keys, now_ms=clock))).metadata["why"] == "SIGNATURE"


class RevokedMeanwhile(PlanKeys):
    """Somebody revokes keys as often as `times` says, each time one was just made."""

    times = 1

    async def _make(self, *args: Any) -> None:
        await super()._make(*args)
        if self.times:
            self.times -= 1
            await self.revoke()


async def test_a_key_revoked_as_soon_as_it_was_made_is_made_again(redis: Redis, store: Store) -> None:
    keys = RevokedMeanwhile(redis, store.keys, now_ms=Clock())
    token = (await issued(keys)).text
    assert await read(token, PlanKeys(redis, store.keys, now_ms=Clock()))


async def test_while_keys_are_revoked_again_and_again_no_plan_has_a_token_and_then_they_have(
    redis: Redis, store: Store
) -> None:
    keys = RevokedMeanwhile(redis, store.keys, now_ms=Clock())
    token = (await issued(PlanKeys(redis, Keys("other", 4), now_ms=Clock()))).text
    keys.times = 1_000
    assert (await issued(keys)).text == ""
    assert (await refusal(token, keys)).reason == "STORE_UNAVAILABLE"
    keys.times = 0
    assert await read((await issued(keys)).text, keys)


async def test_who_revokes_keys_has_all_tokens_refused(redis: Redis, store: Store) -> None:
    clock = Clock()
    keys = PlanKeys(redis, store.keys, now_ms=clock)
    first = (await issued(keys)).text
    await keys.rotate()
    second = (await issued(PlanKeys(redis, store.keys, now_ms=clock))).text
    assert await keys.revoke() == []
    clock.now_ms += KNOWN_MS_MAX
    for text in (first, second):
        assert (await refusal(text, keys)).metadata["why"] == "SIGNATURE"
    third = (await issued(keys)).text
    assert await read(third, keys) and len(await keys.facts()) == 1


async def test_quotes_do_not_wait_for_a_store_that_is_gone(own_store_process: Any) -> None:
    process, clock = own_store_process(), Clock()
    redis = connect(process.url)
    keys = PlanKeys(redis, Keys("test", 4), now_ms=clock)
    token = await issued(keys)
    process.kill()
    clock.now_ms += KNOWN_MS_MAX
    assert (await issued(keys)).text == token.text and await read(token.text, keys)
    asked_ms = keys._read_ms
    clock.now_ms += RETRY_MS - 1
    await issued(keys)
    assert keys._read_ms == asked_ms, "it was not asked again"
    unknowing = PlanKeys(redis, Keys("test", 4), now_ms=clock)
    assert (await issued(unknowing)).text == ""
    assert (await refusal(token.text, unknowing)).reason == "STORE_UNAVAILABLE"
    await redis.aclose()


async def test_keys_from_outside_are_not_in_the_store(redis: Redis, store: Store) -> None:
    keys = PlanKeys(redis, store.keys, now_ms=Clock(), given=[b"a" * 32, b"b" * 32])
    token = (await issued(keys)).text
    assert not [name for name in await redis.hgetall(store.keys.meta) if name.startswith(b"plan_key")]
    assert await read(token, PlanKeys(redis, store.keys, now_ms=Clock(), given=[b"c" * 32, b"a" * 32]))
    assert (await refusal(token, PlanKeys(redis, store.keys, now_ms=Clock(), given=[b"c" * 32]))).metadata[
        "why"
    ] == "SIGNATURE"
