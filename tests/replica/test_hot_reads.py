"""Hot reads answer what the readable rules say, in protobuf's own encoding, and never crash."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import PARTITIONS, World, reading, replica

from promessa.domain.catalogue import NodeState
from promessa.replica import Code, Reader
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages

NODES = ["a", "node-2", "loja:3", "d/4"]
SKUS = ["cup", "POT_1", "x" * 64]
ids = st.sampled_from([*NODES, "nowhere"])
skus = st.sampled_from([*SKUS, "unheard-of"])
worlds = st.builds(
    World,
    nodes=st.tuples(*[st.sampled_from(list(NodeState)) for _ in NODES]).map(lambda s: dict(zip(NODES, s, strict=True))),
    skus=st.just(SKUS),
    cells=st.dictionaries(
        st.tuples(st.sampled_from(SKUS), st.sampled_from(NODES)), st.sampled_from([0, 1, 2, 5, 300, 10**12])
    ),
    applied=st.lists(st.integers(0, 2**40), min_size=PARTITIONS, max_size=PARTITIONS),
)
lines = st.lists(
    st.builds(messages.BasketLine, sku=skus, quantity=st.integers(1, 6) | st.just(10**9)), min_size=1, max_size=6
)


def without_freshness(answer: object, kind: type) -> object:
    assert isinstance(answer, bytes)
    response = kind.FromString(answer)
    assert response.SerializeToString() == answer, "the encoding is protobuf's own"
    assert response.freshness.source == nouns.READ_SOURCE_REPLICA
    assert response.freshness.epoch == 7
    response.ClearField("freshness")
    return response


@given(worlds, skus, st.lists(ids, max_size=6))
@settings(max_examples=200, deadline=None)
def test_get_availability_answers_as_the_rules_do(world: World, sku: str, node_ids: list[str]) -> None:
    request = messages.GetAvailabilityRequest(sku=sku, node_ids=node_ids)
    with reading(world) as reader:
        answer = reader.get_availability(request.SerializeToString())
        assert list(messages.GetAvailabilityResponse.FromString(answer).freshness.applied_sequences) == world.applied
        assert without_freshness(answer, messages.GetAvailabilityResponse) == world.get(request)


@given(worlds, st.lists(st.builds(messages.SkuAtNode, sku=skus, node_id=ids), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_batch_answers_every_pair_in_order(world: World, pairs: list[messages.SkuAtNode]) -> None:
    request = messages.BatchGetAvailabilityRequest(pairs=pairs)
    with reading(world) as reader:
        answer = reader.batch_get_availability(request.SerializeToString())
        assert without_freshness(answer, messages.BatchGetAvailabilityResponse) == world.batch(request)


@given(worlds, lines, st.integers(0, 3), st.lists(ids, max_size=5), st.booleans())
@settings(max_examples=300, deadline=None)
def test_check_basket_answers_as_the_rules_do(
    world: World, basket: list[messages.BasketLine], mode: int, node_ids: list[str], omit: bool
) -> None:
    request = messages.CheckBasketRequest(lines=basket, mode=mode, node_ids=node_ids, omit_rejected=omit)
    with reading(world) as reader:
        answer = reader.check_basket(request.SerializeToString())
        assert without_freshness(answer, messages.CheckBasketResponse) == world.basket(request)


WORLD = World({"a": NodeState.ACTIVE}, ["cup"], {("cup", "a"): 5}, [9] * PARTITIONS)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"sku": ""}, Code.INVALID),
        ({"sku": "x" * 65}, Code.INVALID),
        ({"sku": "a b"}, Code.INVALID),
        ({"sku": "cup\n"}, Code.INVALID),
        ({"sku": "cup", "node_ids": ["a"] * 1001}, Code.INVALID),
        ({"sku": "cup", "node_ids": ["ä"]}, Code.INVALID),
        ({"sku": "cup", "node_group_id": "g"}, Code.NEEDS_GROUP),
        ({"sku": "cup", "consistency": {"authoritative": True}}, Code.NEEDS_STORE),
        ({"sku": "cup", "consistency": {"at_least_token": "7.0-9"}}, 0),
        ({"sku": "cup", "consistency": {"at_least_token": "7.0-9,4-10"}}, Code.NEEDS_WAIT),
        ({"sku": "cup", "consistency": {"at_least_token": "6.0-9"}}, Code.EPOCH_CHANGED),
        ({"sku": "cup", "consistency": {"at_least_token": "7.5-9"}}, Code.INVALID_TOKEN),
        ({"sku": "cup", "consistency": {"at_least_token": "x"}}, Code.INVALID_TOKEN),
        ({"sku": "cup", "consistency": {"at_least_token": "7.0-"}}, Code.INVALID_TOKEN),
        ({"sku": "cup", "consistency": {"at_least_token": "x" * 2001}}, Code.INVALID),
        ({"sku": "cup", "consistency": {"max_staleness_ms": -1}}, Code.INVALID),
        ({"sku": "cup", "consistency": {"max_staleness_ms": 3_600_001}}, Code.INVALID),
        ({"sku": "cup", "consistency": {"max_staleness_ms": 3_600_000, "stale_policy": 3}}, 0),
        ({"sku": "cup", "quantity": 1_000_000_001}, Code.INVALID),
        ({"sku": "cup", "offer_substitutes": True, "quantity": 9}, Code.SUBSTITUTES),
        ({"sku": "cup", "offer_substitutes": False, "quantity": 9}, 0),
    ],
)
def test_what_the_replica_cannot_answer_has_a_code(request_: dict[str, object], code: int) -> None:
    with reading(WORLD) as reader:
        answer = reader.get_availability(messages.GetAvailabilityRequest(**request_).SerializeToString())
        assert (answer if isinstance(answer, int) else 0) == code


@pytest.mark.parametrize(("policy", "code"), [(0, 0), (1, 0), (2, Code.STALE_READ_THROUGH), (3, Code.STALE_FAIL)])
def test_an_old_replica_does_what_the_caller_chose(policy: int, code: int) -> None:
    with replica() as (writer, path):
        WORLD.write(writer)
        writer.caught_up(2, 1)
        request = messages.GetAvailabilityRequest(
            sku="cup", consistency={"max_staleness_ms": 50, "stale_policy": policy}
        )
        answer = Reader(path).get_availability(request.SerializeToString())
        assert (answer if isinstance(answer, int) else 0) == code
        if isinstance(answer, bytes):
            assert messages.GetAvailabilityResponse.FromString(answer).freshness.staleness_ms > 50


def test_a_replica_that_is_loading_answers_nothing() -> None:
    with replica() as (writer, path):
        WORLD.write(writer)
        writer.set_ready(False)
        reader = Reader(path)
        pair = messages.BatchGetAvailabilityRequest(pairs=[{"sku": "cup", "node_id": "a"}])
        line = messages.CheckBasketRequest(lines=[{"sku": "cup", "quantity": 1}])
        get = messages.GetAvailabilityRequest(sku="cup")
        assert reader.get_availability(get.SerializeToString()) == Code.NOT_READY
        assert reader.batch_get_availability(pair.SerializeToString()) == Code.NOT_READY
        assert reader.check_basket(line.SerializeToString()) == Code.NOT_READY


def test_fields_that_nobody_knows_are_skipped_and_later_values_win() -> None:
    first = messages.GetAvailabilityRequest(sku="other", consistency={"authoritative": True}).SerializeToString()
    second = messages.GetAvailabilityRequest(sku="cup").SerializeToString()
    unknown = b"\xf8\x07\x01" + b"\xf2\x07\x03abc" + b"\xf5\x07\x00\x00\x00\x00" + b"\xf1\x07" + b"\x00" * 8
    undo = b"\x22\x02\x20\x00"  # consistency { authoritative: false }, merged into the first
    with reading(WORLD) as reader:
        answer = reader.get_availability(first + unknown + second + undo)
        assert messages.GetAvailabilityResponse.FromString(answer).available_quantity == 5


def test_random_and_broken_bytes_get_an_answer_or_a_code() -> None:
    randomness = random.Random(5)
    seeds = [
        messages.GetAvailabilityRequest(sku="cup", node_ids=["a", "b"], consistency={"at_least_token": "7.0-1"}),
        messages.BatchGetAvailabilityRequest(pairs=[{"sku": "cup", "node_id": "a"}] * 3),
        messages.CheckBasketRequest(lines=[{"sku": "cup", "quantity": 2}, {"sku": "pot", "quantity": 1}], mode=2),
    ]
    raw = [seed.SerializeToString() for seed in seeds]
    with reading(WORLD) as reader:
        reads = [reader.get_availability, reader.batch_get_availability, reader.check_basket]
        for _ in range(60_000):
            body = bytearray(randomness.choice(raw))
            for _ in range(randomness.randrange(1, 4)):
                at = randomness.randrange(len(body))
                match randomness.randrange(3):
                    case 0:
                        body[at] = randomness.randrange(256)
                    case 1:
                        del body[at : at + randomness.randrange(4)]
                    case _:
                        body[at:at] = randomness.randbytes(3)
                if not body:
                    body = bytearray(b"\x00")
            for read in reads:
                answer = read(bytes(body))
                assert isinstance(answer, bytes) or 1 <= answer <= 10 or answer == Code.SUBSTITUTES


@given(st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_what_protobuf_cannot_read_is_never_answered(body: bytes) -> None:
    with reading(WORLD) as reader:
        answer = reader.get_availability(body)
    if isinstance(answer, bytes):
        messages.GetAvailabilityRequest.FromString(body)
