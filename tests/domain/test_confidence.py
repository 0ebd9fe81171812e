"""Stock confidence: what a check teaches, how it fades, and what may be expected."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.confidence import CHECK_UNITS_MAX, HALF_LIFE_MS, Evidence, expected_sellable, weight_of

checks = st.integers(1, 10**9).flatmap(lambda looked: st.tuples(st.just(looked), st.integers(0, looked)))


def test_a_node_nobody_looked_at_has_the_prior():
    assert Evidence().confidence == 950
    assert expected_sellable(10, 950) == 9
    assert expected_sellable(0, 950) == 0


def test_evidence_outweighs_the_prior_and_fades_by_half():
    evidence = Evidence().with_check(*weight_of(20, 10), now_ms=0)
    assert evidence == Evidence(10_000, 10_000, 0)
    assert evidence.confidence == 725  # (10 + 19) of (20 + 20)
    later = evidence.at(HALF_LIFE_MS)
    assert later == Evidence(5_000, 5_000, HALF_LIFE_MS)
    assert later.confidence == 800  # (5 + 19) of (10 + 20)


def test_one_large_count_weighs_as_much_as_the_largest_check():
    assert weight_of(10_000, 5_000) == weight_of(CHECK_UNITS_MAX, CHECK_UNITS_MAX // 2)


@given(st.lists(st.tuples(checks, st.integers(0, HALF_LIFE_MS * 3)), max_size=30))
def test_confidence_is_a_share_and_follows_what_is_found(history: list[tuple[tuple[int, int], int]]):
    evidence, now_ms = Evidence(), 0
    for (looked, found), passed_ms in history:
        now_ms += passed_ms
        before = evidence.at(now_ms)
        evidence = evidence.with_check(*weight_of(looked, found), now_ms)
        assert 0 <= evidence.confidence <= 1_000
        assert evidence.found + evidence.missing <= before.found + before.missing + CHECK_UNITS_MAX * 1_000
        if found == looked:
            assert evidence.confidence >= before.confidence
        if found == 0:
            assert evidence.confidence <= before.confidence


@given(st.integers(0, 10**12), st.integers(0, 1_000))
def test_no_more_is_expected_than_may_be_promised(available: int, confidence: int):
    assert 0 <= expected_sellable(available, confidence) <= available
