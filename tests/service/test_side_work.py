"""How much a decision with side rules does: bounded whatever its size, by what is counted and not by the clock."""

from __future__ import annotations

from typing import Any

import pytest
from side_kit import REAL, Asked, asked, broken

from promessa.domain.limits import SIDE_QUESTION_WORK, SIDE_QUESTIONS_MAX, SIDE_WORK_MAX
from promessa.kernel import DEFAULT_BUDGET_STEPS, plan
from promessa.service import side_search
from promessa.service.side_rules import best, explained
from promessa.service.side_search import Work

HOSTILE = {
    "lines that share": {"lines": 64, "nodes": 1_000},
    "least values": {"lines": 64, "nodes": 1_000, "least": 90 * REAL},
    "lines together": {"lines": 64, "nodes": 1_000, "together": 0.5, "least": 60 * REAL},
    "little stock": {"lines": 64, "nodes": 1_000, "units": 0.2, "ways": 1},
    "more ways": {"lines": 64, "nodes": 300, "ways": 4, "least": 60 * REAL, "units": 0.5},
    "two days": {"lines": 20, "nodes": 4, "later": 5, "units": 6},
    "everything from few": {"lines": 60, "nodes": 150, "ways": 1, "units": 1.0},
}


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Steps and rows of each question to the kernel from now on."""
    found: list[int] = []

    def counting(*question: Any) -> Any:
        answer = plan(*question)
        found.append(answer[4] + len(question[1].row_node))
        return answer

    monkeypatch.setattr(side_search, "plan", counting)
    return found


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("seed", range(2))
def test_no_order_takes_more_than_its_work_and_one_question(
    monkeypatch: pytest.MonkeyPatch, name: str, seed: int
) -> None:
    order: Asked = asked(seed, **HOSTILE[name])  # type: ignore[arg-type]
    network, basket, rules, side = order
    questions, work = counted(monkeypatch), Work()
    found = best(*order, work)
    entries = len(basket.row_node)
    last = DEFAULT_BUDGET_STEPS + 3 * entries + 70 * (SIDE_QUESTION_WORK + DEFAULT_BUDGET_STEPS // 10)
    assert sum(questions) <= SIDE_WORK_MAX - work.left <= SIDE_WORK_MAX + last
    assert len(questions) <= SIDE_QUESTIONS_MAX + 70
    assert not list(broken(side, found[5]))
    root = plan(network, basket, rules)
    assert (found[0], found[1]) >= (root[0], root[2]) and found[2] <= found[1], "its bound is one"
    again = best(*order, Work())
    assert again == found, "the same work finds the same"


@pytest.mark.parametrize("name", HOSTILE)
def test_without_any_work_there_is_still_a_plan_that_keeps_to_the_rules(name: str) -> None:
    order: Asked = asked(3, **HOSTILE[name])  # type: ignore[arg-type]
    found = best(*order, Work(0))
    assert not list(broken(order[3], found[5]))
    assert found[6], "it is what of the first plan keeps to them"
    more = best(*order, Work())
    assert more[:2] <= found[:2] and not (found[3] and more[:2] < found[:2])


@pytest.mark.parametrize("left", [0, 5_000, 20_000, 60_000, 150_000])
def test_what_is_proven_with_little_work_is_true(left: int) -> None:
    wrong, proven = [], 0
    for seed in range(60):
        order = asked(seed, 4, 12, least=40 * REAL, units=0.8, split=False)
        found, best_of_all = best(*order, Work(left)), best(*order, Work(1 << 40))
        assert not list(broken(order[3], found[5]))
        proven += found[3]
        if found[3] and found[:2] != best_of_all[:2]:
            wrong.append(seed)
        if best_of_all[3] and found[0] == best_of_all[0] and found[2] > best_of_all[1]:
            wrong.append(seed)
    assert not wrong and proven > 10


def test_what_was_decided_is_explained_not_what_more_work_would_find() -> None:
    order = asked(1, 20, 40, units=0.6, ways=1)
    decided = best(*order, Work(0))
    assert best(*order, Work()) != decided
    told = explained(*order, decided, explain=True)
    assert (told.total_cost, told.lower_bound, told.proven_optimal) == decided[1:4]
    assert tuple(told.assignments) == decided[5]
    assert explained(*order).total_cost == best(*order, Work())[1]


def test_as_much_is_proven_and_served_as_without_a_limit_at_ordinary_sizes() -> None:
    """The sizes of most orders: what bounds large ones costs these nothing."""
    told = {"bounded": [0, 0], "unbounded": [0, 0]}
    for lines, nodes in ((2, 10), (3, 20), (4, 30), (5, 12)):
        for seed in range(20):
            for least in (0, 40 * REAL):
                order = asked(seed, lines, nodes, least=least, units=1.2)
                for name, work in (("bounded", Work()), ("unbounded", Work(1 << 40))):
                    found = best(*order, work)
                    told[name][0] += found[3]
                    told[name][1] += found[0]
    assert told["bounded"][0] == told["unbounded"][0] > 80
    assert told["bounded"][1] == told["unbounded"][1]
