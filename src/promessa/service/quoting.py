"""Quotes: the ways to serve an order that are worth choosing between, found in one go and nothing held.

Recipe: ask (asking.py) -> the front of cost, date and shipments (plan_front.py) -> its named points, dressed (deciding.py),
each with a token that has it held (plan_tokens.py). Options to collect all of it are questions of their own: pickup_options.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from promessa.domain.policy import PolicyState
from promessa.domain.quote import Merit, Option
from promessa.domain.sourcing import Order
from promessa.kernel import Basket, Decision, Network, Rules
from promessa.service.asking import Questions
from promessa.service.deciding import Decider, ask_with_supply, countable, found_of
from promessa.service.guided import Guided, decide_again
from promessa.service.plan_front import Front, Named, Point
from promessa.service.plan_tokens import PlanTokens
from promessa.service.question import Question
from promessa.service.side_rules import best

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found


class Quoting:
    """The use case of Quote. `now_ms` is the wall clock, for dates."""

    def __init__(
        self, questions: Questions, decider: Decider, tokens: PlanTokens | None = None, *, now_ms: Callable[[], int]
    ) -> None:
        self._questions = questions
        self._decider = decider
        self._tokens = tokens
        self._now_ms = now_ms

    async def quote(self, order: Order, *, alternatives: int, day_value_micros: int) -> list[Option]:
        """The options of an order, the best first, and up to `alternatives` plans with other nodes than the cheapest.

        Of plans that serve as many units as can be: the cheapest, the one that arrives first, the one with the fewest
        shipments, and the balanced one, which costs least when each day until it arrives costs `day_value_micros`. No option
        is better than another in cost, date and shipments, but for the alternatives. Where a policy decides, all keep to the
        rule that decides, and cost is what the policy minimises. Raises as Sourcing.source.
        """
        issue = await self._tokens.issuer() if self._tokens else None
        question = await ask_with_supply(self._questions, self._decider, order, self._now_ms())
        with countable():
            options = await self._options(question, alternatives, day_value_micros)
        if issue is None or is_draft(question):
            return options
        return [option._replace(token=issue(order, option.plan, question.now_ms)) for option in options]

    async def _options(self, question: Question, alternatives: int, day_value_micros: int) -> list[Option]:
        """The options of one way of delivery."""
        guided, network, basket, rules = self._decider.asked(question)
        if guided and not guided.decision.rule:
            return []
        front = await self.front(question, guided, network, basket, rules)
        if not front.served:
            return []
        points = await front.walk()
        cheapest = front.cheapest(points)
        fewest, is_cheapest_of_so_few = await front.fewest(cheapest)
        named = {
            Merit.CHEAPEST: cheapest,
            Merit.FASTEST: await self._fastest(question, front),
            Merit.FEWEST_SHIPMENTS: fewest,
            Merit.BALANCED: front.balanced(points, day_value_micros),
        }
        offered = _distinct([each.point for each in named.values()])
        if alternatives:
            offered += _others(
                self._decider.explained(question, alternatives=alternatives)[0].alternatives, front, offered
            )
        options = []
        for point in offered:
            merits = _merits(point, named)
            proven = tuple(merit for merit in merits if named[merit].proven)
            options.append(
                Option(
                    self._decider.dressed(question, _as_part_of(point, front), guided),
                    merits,
                    proven,
                    Merit.CHEAPEST in proven or await front.is_cheapest_by_date(point),
                    Merit.CHEAPEST in proven or (point.sizes == fewest.point.sizes and is_cheapest_of_so_few),
                )
            )
        return sorted(options, key=lambda each: (Merit.CHEAPEST not in each.merits, *_by_cost(each)))

    async def front(
        self, question: Question, guided: Guided | None, network: Network, basket: Basket, rules: Rules
    ) -> Front:
        """All plans for a question as Decider.asked has it."""
        destination = question.destination
        arrivals = destination.arrivals(question.now_ms, question.longest_lead_ms)
        if guided:
            return await Front.of(
                lambda asked: decide_again(guided, asked), destination.columns, basket, rules, arrivals
            )
        side = question.side
        return await Front.of(
            lambda asked: best(network, basket, asked, side), destination.columns, basket, rules, arrivals
        )

    @staticmethod
    async def _fastest(question: Question, front: Front) -> Named:
        """With lines that are made first in spans of their own, lanes are taken to leave as late as the last of them."""
        found = await front.fastest()
        return found._replace(proven=found.proven and len(set(question.lead_days)) < 2)


def is_draft(question: Question) -> bool:
    """Whether a draft decides, by which nothing can be held."""
    return question.guide is not None and question.guide.version.state == PolicyState.DRAFT


def _distinct(points: list[Point]) -> list[Point]:
    """Without those as good as one before in everything."""
    return list({point.sizes: point for point in reversed(points)}.values())[::-1]


def _others(decisions: Sequence[Decision], front: Front, offered: Sequence[Point]) -> list[Point]:
    """Further plans that are not among those offered."""
    known = {(point.found[5], point.found[6]) for point in offered}
    found = [front.point(found_of(each)) for each in decisions]
    return [point for point in found if (point.found[5], point.found[6]) not in known]


def _merits(point: Point, named: dict[Merit, Named]) -> tuple[Merit, ...]:
    best = {merit: each.point for merit, each in named.items()}
    if point.unfilled > best[Merit.CHEAPEST].unfilled:
        return ()
    has = {
        Merit.CHEAPEST: point.cost == best[Merit.CHEAPEST].cost,
        Merit.FASTEST: point.arrives_ms == best[Merit.FASTEST].arrives_ms,
        Merit.FEWEST_SHIPMENTS: point.shipments == best[Merit.FEWEST_SHIPMENTS].shipments,
        Merit.BALANCED: point.sizes == best[Merit.BALANCED].sizes,
    }
    return tuple(merit for merit, holds in has.items() if holds)


def _as_part_of(point: Point, front: Front) -> Found:
    """A plan with the certificate that it has among all plans, not only among those that arrive as early."""
    unfilled, total, _, _, steps, assignments, shipments = point.found
    bound = front.lower_bound
    return unfilled, total, bound or 0, total == bound, steps, assignments, shipments


def _by_cost(option: Option) -> tuple[int, int]:
    return len(option.plan.unserved), option.plan.total_micros
