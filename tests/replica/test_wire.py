"""The hot reads read requests as protobuf does: the same bytes are refused, and the rest means the same."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from world import PARTITIONS, World, reading, replica

from promessa.domain.catalogue import NodeState
from promessa.replica import Code, Reader
from promessa.v1 import availability_service_pb2 as messages

WORLD = World(
    {"a": NodeState.ACTIVE, "b": NodeState.PAUSED, "c": NodeState.ACTIVE, "d": NodeState.DELETED},
    ["cup", "pot"],
    {("cup", "a"): 5, ("cup", "c"): 1, ("pot", "c"): 9, ("pot", "d"): 3},
    [9] * PARTITIONS,
)
KINDS = {
    "get_availability": (messages.GetAvailabilityRequest, messages.GetAvailabilityResponse),
    "batch_get_availability": (messages.BatchGetAvailabilityRequest, messages.BatchGetAvailabilityResponse),
    "check_basket": (messages.CheckBasketRequest, messages.CheckBasketResponse),
}
ID = re.compile(r"[0-9A-Za-z._:/-]{1,64}", re.ASCII)
TOKEN = re.compile(r"(\d{1,18})\.(\d{1,18}-\d{1,18}(?:,\d{1,18}-\d{1,18})*)", re.ASCII)
TEXTS = [b"cup", b"pot", b"a", b"b", b"c", b"d", b"who", b"7.0-9", b"7.1-10", b"6.0-1", b"7.", b"7.0-9,", b"", b"a b",
         b"\xff", b"\xc3\xa9", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"x" * 65]  # fmt: skip
NUMBERS = [
    0,
    1,
    2,
    3,
    4,
    5,
    127,
    128,
    300,
    3_600_000,
    3_600_001,
    10**9,
    10**9 + 1,
    1 << 31,
    (1 << 32) + 1,
    (1 << 64) - 1,
]


def varint(value: int, more: int = 0) -> bytes:
    """A varint, `more` bytes longer than it must be."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value]) if not more else bytes([*out, value | 0x80, *[0x80] * (more - 1), 0])


def soup(r: random.Random, depth: int = 0) -> bytes:
    """Fields as no client would write them: any number and wire type, too long, cut short, groups, messages within."""
    out = bytearray()
    for _ in range(r.randrange(1, 6)):
        field = r.choice((1, 1, 1, 2, 2, 3, 4, 4, 5, 6, 15, (1 << 29) - 1)) if r.random() > 0.005 else 0
        kind = r.choice((0, 0, 2, 2, 2, 2, 2, 2, 1, 5, 3)) if r.random() > 0.01 else r.choice((4, 6, 7))
        out += varint(field << 3 | kind, r.choice((0, 0, 0, 0, 0, 0, 1, 4, 5)) if r.random() < 0.05 else 0)
        match kind:
            case 0:
                out += varint(r.choice(NUMBERS), r.choice((0, 0, 0, 0, 1)))
            case 1:
                out += r.randbytes(8)
            case 2:
                body = soup(r, depth + 1) if depth < 3 and r.random() < 0.5 else r.choice(TEXTS)
                out += varint(len(body), r.choice((0, 0, 0, 0, 0, 3))) + body
            case 3 if depth < 3:
                out += soup(r, depth + 1) + (varint(field << 3 | 4) if r.random() > 0.05 else b"")
            case 5:
                out += r.randbytes(4)
    return bytes(out if r.random() > 0.03 else out[: r.randrange(len(out))])


def expected(request: Any) -> int:
    """The code for a request that protobuf could read; 0 for an answer."""
    skus, nodes, lines_good = [], [], True
    match request:
        case messages.GetAvailabilityRequest():
            skus, nodes = [request.sku], list(request.node_ids)
        case messages.BatchGetAvailabilityRequest():
            skus, nodes = [p.sku for p in request.pairs], [p.node_id for p in request.pairs]
        case messages.CheckBasketRequest():
            skus, nodes = [line.sku for line in request.lines], list(request.node_ids)
            lines_good = len(skus) <= 64 and all(1 <= line.quantity <= 10**9 for line in request.lines)
            lines_good = lines_good and 0 <= request.mode <= 3
    asked = request.consistency
    good = skus and lines_good and all(ID.fullmatch(x) for x in [*skus, *nodes])
    good = good and 0 <= asked.max_staleness_ms <= 3_600_000 and 0 <= asked.stale_policy <= 3
    if not good or len(asked.at_least_token) > 2_000:
        return Code.INVALID
    if getattr(request, "node_group_id", ""):
        return Code.NEEDS_GROUP
    return Code.NEEDS_STORE if asked.authoritative else token_code(asked.at_least_token)


def token_code(token: str) -> int:
    match = TOKEN.fullmatch(token)
    if not token:
        return 0
    pairs = [tuple(map(int, pair.split("-"))) for pair in match[2].split(",")] if match else []
    if match is None or any(partition >= PARTITIONS for partition, _ in pairs):
        return Code.INVALID_TOKEN
    if int(match[1]) != 7:
        return Code.EPOCH_CHANGED
    return Code.NEEDS_WAIT if any(sequence > 9 for _, sequence in pairs) else 0


def check(name: str, read: Callable[[bytes], bytes | int], body: bytes) -> str:
    """One request, read by both. Returns what became of it."""
    answer = read(body)
    request_kind, response_kind = KINDS[name]
    try:
        request = request_kind.FromString(body)
    except Exception:
        assert answer == Code.MALFORMED, (name, body)
        return "malformed"
    code = expected(request)
    if code:
        assert answer == code, (name, body)
        return "code"
    assert isinstance(answer, bytes), (name, body, answer)
    response = response_kind.FromString(answer)
    assert response.SerializeToString() == answer
    response.ClearField("freshness")
    model = {"get_availability": WORLD.get, "batch_get_availability": WORLD.batch, "check_basket": WORLD.basket}[name]
    assert response == model(request), (name, body)
    return "answered"


def consistency(r: random.Random) -> bytes:
    """A consistency that is often good, its fields in any order and more than once."""
    parts = [b"\x08" + varint(r.choice((0, 3_600_000, 1_000_000))), b"\x10" + varint(r.randrange(4)), b"\x20\x00",
             b"\x1a" + bytes([len(x := r.choice(TEXTS[7:13]))]) + x, b"\x78\x01"]  # fmt: skip
    return b"".join(r.choices(parts, k=r.randrange(4)))


def plausible(r: random.Random, name: str) -> bytes:
    """A request that is often good, with repeats, unknown fields and messages in parts."""
    message = KINDS[name][0]()
    text = lambda: r.choice(("cup", "pot", "a", "b", "c", "d", "who"))
    match name:
        case "get_availability":
            message.sku = text()
            message.node_ids.extend(text() for _ in range(r.randrange(4)))
        case "batch_get_availability":
            for _ in range(r.randrange(1, 4)):
                message.pairs.add(sku=text(), node_id=text())
        case _:
            message.mode = r.randrange(4)
            message.omit_rejected = r.random() < 0.3
            message.node_ids.extend(text() for _ in range(r.randrange(4)))
            for _ in range(r.randrange(1, 5)):
                message.lines.add(sku=text(), quantity=r.randrange(1, 12))
    body = bytearray(message.SerializeToString())
    number = {"get_availability": 4, "batch_get_availability": 2, "check_basket": 5}[name]
    for _ in range(r.randrange(3)):
        part = consistency(r)
        body += bytes([number << 3 | 2, len(part)]) + part
    if r.random() < 0.2:
        body += r.choice((b"\x7b\x08\x01\x7c", b"\x78\x05", b"\x7a\x01x", b"\x7d\x01\x02\x03\x04", b"\x0b\x0c"))
    return bytes(body)


@pytest.mark.parametrize("name", KINDS)
def test_seventy_thousand_requests_are_read_as_protobuf_reads_them(name: str) -> None:
    r = random.Random(f"wire {name}")
    seen: dict[str, int] = {}
    with replica() as (writer, path):
        WORLD.write(writer)
        for partition in range(PARTITIONS):
            writer.caught_up(partition, time.monotonic_ns() + 10**12)  # never too old for any request
        read = getattr(Reader(path), name)
        for number in range(70_000):
            body = soup(r) if number % 2 else plausible(r, name)
            if number % 10 == 0 and body:
                at = r.randrange(len(body))
                body = body[:at] + r.randbytes(r.randrange(3)) + body[at + r.randrange(3) :]
            outcome = check(name, read, body)
            seen[outcome] = seen.get(outcome, 0) + 1
    assert min(seen.get(outcome, 0) for outcome in ("malformed", "code", "answered")) > 2_000, seen


@pytest.mark.parametrize("depth", [99, 100, 101])
def test_groups_may_nest_as_deep_as_protobuf_allows(depth: int) -> None:
    group = b"\x7b" * depth + b"\x7c" * depth
    inner = b"\x7b" * (depth - 1) + b"\x7c" * (depth - 1)
    with reading(WORLD) as reader:
        check("get_availability", reader.get_availability, b"\x0a\x03cup" + group)
        check("get_availability", reader.get_availability, b"\x0a\x03cup\x22" + varint(len(inner)) + inner)
        line = b"\x0a\x03cup\x10\x01" + inner
        check("check_basket", reader.check_basket, b"\x0a" + varint(len(line)) + line)


def test_every_maximum_is_kept_exactly() -> None:
    with reading(WORLD) as reader:
        for name, body in [
            ("get_availability", messages.GetAvailabilityRequest(sku="cup", node_ids=["a"] * 1_000)),
            (
                "batch_get_availability",
                messages.BatchGetAvailabilityRequest(pairs=[{"sku": "cup", "node_id": "a"}] * 1_000),
            ),
            ("check_basket", messages.CheckBasketRequest(lines=[{"sku": "cup", "quantity": 10**9}] * 64)),
            ("check_basket", messages.CheckBasketRequest(lines=[{"sku": f"s{i}", "quantity": 1} for i in range(64)])),
            (
                "get_availability",
                messages.GetAvailabilityRequest(sku="cup", consistency={"at_least_token": "é" * 2_000}),
            ),
        ]:
            assert check(name, getattr(reader, name), body.SerializeToString()) in ("answered", "code")


@pytest.mark.parametrize("units", [2**62, 2**63 - 3])
def test_a_sum_that_is_too_large_stops_at_the_largest_number(units: int) -> None:
    world = World(dict.fromkeys("abc", NodeState.ACTIVE), ["cup"], {("cup", x): units for x in "abc"})
    with reading(world) as reader:
        for node_ids in ([], ["a", "b", "c"]):
            request = messages.GetAvailabilityRequest(sku="cup", node_ids=node_ids)
            answer = messages.GetAvailabilityResponse.FromString(reader.get_availability(request.SerializeToString()))
            assert answer.available_quantity == 2**63 - 1
            assert [node.available_quantity for node in answer.nodes] == [units] * 3


def test_nodes_asked_about_in_any_order_come_oldest_first() -> None:
    request = messages.CheckBasketRequest(
        lines=[{"sku": "pot", "quantity": 1}], mode=1, node_ids=["who", "d", "c", "b", "a", "what"]
    )
    with reading(WORLD) as reader:
        answer = messages.CheckBasketResponse.FromString(reader.check_basket(request.SerializeToString()))
    assert [node.node_id for node in answer.nodes] == ["c"]
    assert [node.node_id for node in answer.rejected_nodes] == ["a", "b", "who", "d", "what"]
