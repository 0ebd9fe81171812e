"""The open-loop driver counts from the intended start, and keeps to its schedule while the server stalls."""

import asyncio

from open_loop import play


async def test_a_stall_is_in_the_latency_of_everything_due_meanwhile() -> None:
    gate = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, gate.set)

    async def stalled(number: int) -> bool:
        await gate.wait()
        return True

    step = await play(stalled, rate=100, seconds=0.1)
    ordered = sorted(step.latencies_ms)
    assert len(ordered) == 10
    assert ordered[0] >= 90  # due 90 ms after the start, answered after 200 ms
    assert ordered[-1] >= 190


async def test_arrivals_do_not_wait_for_answers() -> None:
    most = now = 0

    async def slow(number: int) -> bool:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.1)
        now -= 1
        return True

    await play(slow, rate=200, seconds=0.1)
    assert most >= 10


async def test_failures_are_counted_and_timed() -> None:
    async def every_other(number: int) -> bool:
        return number % 2 == 0

    step = await play(every_other, rate=1_000, seconds=0.02)
    assert step.failed == 10
    assert len(step.latencies_ms) == 20
    assert len(step.percentiles()) == 5
