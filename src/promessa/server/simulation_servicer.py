"""Simulate: orders are gathered, then decided; progress, problems, decisions and the report go out as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import Exhausted, InvalidRequest, PromessaError
from promessa.domain.limits import SIMULATION_ORDERS_MAX, SIMULATION_STALLED_SECONDS
from promessa.domain.policy import PolicyVersion
from promessa.server import validate
from promessa.server.convert import instant_ms
from promessa.server.convert_policy import policy_of
from promessa.server.convert_simulation import (
    decision_message,
    problem_message,
    report_message,
    simulated_order,
    what_if_of,
)
from promessa.service.policies import draft_of_document, draft_of_policy
from promessa.service.simulation import (
    LEAST_COST,
    OrderDecisions,
    OrderProblem,
    Progress,
    Report,
    Scenario,
    SimulatedOrder,
    SimulatedPolicy,
    Simulations,
)
from promessa.v1 import simulation_pb2 as nouns
from promessa.v1 import sourcing_service_pb2 as messages

_DETAIL_DIFFERENT, _DETAIL_ALL = nouns.SIMULATION_DETAIL_DIFFERENT, nouns.SIMULATION_DETAIL_ALL


class SimulationServicer:
    """The simulating part of SourcingService. `now_ms` is the wall clock, for dates only."""

    def __init__(self, simulations: Simulations, catalogue: Catalogue, now_ms: Callable[[], int]) -> None:
        self._simulations = simulations
        self._catalogue = catalogue
        self._now_ms = now_ms

    async def Simulate(
        self, requests: AsyncIterator[messages.SimulateRequest], context: Any
    ) -> AsyncIterator[messages.SimulateResponse]:
        with self._simulations.admit():
            first = await _next(requests)
            if first is None or not first.HasField("settings"):
                raise validate.InvalidFields([("settings", "must be given in the first message")])
            now_ms, settings = self._now_ms(), first.settings
            scenarios = [await self._scenario(settings.scenario, now_ms)]
            if settings.HasField("baseline"):
                scenarios.append(await self._scenario(settings.baseline, now_ms))
            orders: list[SimulatedOrder | OrderProblem] = []
            if settings.HasField("recorded"):
                orders += await self._recorded(settings.recorded)
            request: messages.SimulateRequest | None = first
            while request is not None:
                _take(request, orders, now_ms)
                request = await _next(requests)
                if request is not None and request.HasField("settings"):
                    raise validate.InvalidFields([("settings", "must be given in the first message alone")])
            run = self._simulations.run(orders, scenarios, deplete=settings.deplete)
            async with aclosing(run) as events:
                async for told in events:
                    answer = self._answer(told, settings.detail, now_ms)
                    if answer is not None:
                        yield answer

    async def _scenario(self, message: nouns.SimulationScenario, now_ms: int) -> Scenario:
        return Scenario(await self._policy(message.policy, now_ms), what_if_of(message.what_if))

    async def _policy(self, message: nouns.SimulatedPolicy, now_ms: int) -> SimulatedPolicy:
        source, version = message.WhichOneof("source"), message.version
        found: PolicyVersion
        if source is None:
            return LEAST_COST
        if source == "as_now":
            if not message.as_now:
                raise validate.InvalidFields([("policy.as_now", "must be true, or left out")])
            return SimulatedPolicy(as_now=True)
        if source == "version":
            found = await self._simulations.version(version.policy_id, version.version)
        elif source == "document":
            found = self._simulations.inline(draft_of_document(message.document), now_ms)
        else:
            found = self._simulations.inline(draft_of_policy(policy_of(message.policy)), now_ms)
        return SimulatedPolicy(found, as_if_active=message.as_if_active)

    async def _recorded(self, message: nouns.RecordedOrders) -> list[SimulatedOrder]:
        since_ms = instant_ms(message.since_time, "settings.recorded.since_time")
        until_ms = instant_ms(message.until_time, "settings.recorded.until_time") or self._now_ms() + 1
        return await self._simulations.recorded(since_ms, until_ms, message.orders_max or SIMULATION_ORDERS_MAX)

    def _answer(self, told: object, detail: int, stock_ms: int) -> messages.SimulateResponse | None:
        """What is told of an event; None for a decision that nobody asked for."""
        if isinstance(told, OrderDecisions):
            if detail == _DETAIL_ALL or (detail == _DETAIL_DIFFERENT and told.differs):
                return messages.SimulateResponse(decision=decision_message(told, self._catalogue))
            return None
        if isinstance(told, Progress):
            progress = nouns.SimulationProgress(done_count=told.done, total_count=told.total)
            return messages.SimulateResponse(progress=progress)
        if isinstance(told, OrderProblem):
            return messages.SimulateResponse(problem=problem_message(told))
        assert isinstance(told, Report)
        return messages.SimulateResponse(report=report_message(told, stock_ms))


async def _next(requests: AsyncIterator[messages.SimulateRequest]) -> messages.SimulateRequest | None:
    """The next message, None if there is none. Raises Exhausted (SIMULATION_STALLED)."""
    try:
        async with asyncio.timeout(SIMULATION_STALLED_SECONDS):
            return await anext(requests, None)
    except TimeoutError:
        raise Exhausted(
            "SIMULATION_STALLED",
            f"No order came for {SIMULATION_STALLED_SECONDS:.0f} seconds, so the simulation ends. Send orders one after "
            "the other, and close the stream after the last.",
        ) from None


def _take(request: messages.SimulateRequest, orders: list[SimulatedOrder | OrderProblem], now_ms: int) -> None:
    """Add the orders of a message; one that breaks a rule is a problem in its place.

    Raises InvalidRequest (SIMULATION_TOO_LARGE), and InvalidFields for the rest of the message.
    """
    problems = validate.item_problems(request, "orders")
    if len(orders) + len(request.orders) > SIMULATION_ORDERS_MAX:
        raise InvalidRequest(
            "SIMULATION_TOO_LARGE",
            f"A simulation has at most {SIMULATION_ORDERS_MAX:,} orders. Simulate a part of them, or fewer at a time.",
            orders_max=SIMULATION_ORDERS_MAX,
        )
    for i, message in enumerate(request.orders):
        if i in problems:
            field, _, rule = problems[i].partition(": ")
            error: PromessaError = validate.InvalidFields([(field, rule)])
        else:
            try:
                orders.append(simulated_order(message, now_ms))
                continue
            except InvalidRequest as found:  # an instant that is none
                error = found
        orders.append(OrderProblem(len(orders), message.order.order_id, error))
