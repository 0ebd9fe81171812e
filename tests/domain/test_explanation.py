"""The waterfall ends at what is promised, and its sentence says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.availability import promise
from promessa.domain.catalogue import NodeState
from promessa.domain.explanation import LANGUAGES, StepKind, sentence, waterfall
from promessa.domain.stock import StockCell

units = st.integers(0, 10**12)
cells = st.builds(StockCell, units, units, units, units, units, st.just(1), st.just(0))


@given(st.one_of(st.none(), cells), st.sampled_from([NodeState.ACTIVE, NodeState.PAUSED]))
def test_the_waterfall_ends_at_what_is_promised(cell: StockCell | None, state: NodeState) -> None:
    steps = waterfall(cell, state)
    left = 0
    for step in steps:
        left += step.units
        assert step.left == left
    assert left == promise(cell, state).available
    assert all(step.units for step in steps[1:])


def test_the_sentence_names_every_step() -> None:
    cell = StockCell(1_012, 2, 1, 3, 4, 7, 0)
    steps = waterfall(cell, NodeState.ACTIVE)
    assert sentence("mug", "centro", cell, steps, "en") == (
        "centro has 1,012 of mug on hand, less 2 that cannot be sold, 1 of safety stock, 3 held and 4 committed to "
        "orders: 1,002 can be promised."
    )
    assert sentence("mug", "centro", cell, steps, "pt-BR") == (
        "centro tem 1.012 de mug em estoque, menos 2 que não podem ser vendidas, 1 de estoque de segurança, 3 "
        "reservadas e 4 comprometidas com pedidos: 1.002 podem ser prometidas."
    )


def test_deficits_pauses_and_what_was_never_there_are_said() -> None:
    short = StockCell(1, 0, 0, 3, 0, 2, 0)
    said = sentence("mug", "n", short, waterfall(short, NodeState.ACTIVE), "en")
    assert said.endswith("more is promised or withheld than is there, by 2: 0 can be promised.")
    paused = StockCell(5, 0, 0, 0, 0, 1, 0)
    steps = waterfall(paused, NodeState.PAUSED)
    assert [step.kind for step in steps] == [StepKind.ON_HAND, StepKind.NODE_PAUSED]
    assert sentence("mug", "n", paused, steps, "en").endswith("does not take orders now: 0 can be promised.")
    for language in LANGUAGES:
        assert "n" in sentence("mug", "n", None, waterfall(None, NodeState.ACTIVE), language)
