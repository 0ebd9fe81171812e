"""Why so many units can be promised: the waterfall from on hand to the answer, in numbers and in a sentence."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.availability import AvailabilityStatus, Promise, promise
from promessa.domain.catalogue import NodeState
from promessa.domain.stock import EMPTY_CELL, StockCell, SupplyMode


class StepKind(IntEnum):
    """One step of the waterfall."""

    ON_HAND = 1
    UNAVAILABLE = 2
    SAFETY_STOCK = 3
    HELD = 4
    COMMITTED = 5
    CLAMPED = 6
    NODE_PAUSED = 7
    CAPACITY_FULL = 11
    RING_FENCED = 40


class Step(NamedTuple):
    """`units` are added, taken away where negative; `left` is what is left after it."""

    kind: StepKind
    units: int
    left: int


def waterfall(cell: StockCell | None, state: NodeState) -> list[Step]:
    """From on hand to what can be promised; steps of no units are left out, but for the first."""
    counts = cell or EMPTY_CELL
    if counts.mode != SupplyMode.STOCKED:
        return _not_counted(state)
    left = counts.on_hand
    steps = [Step(StepKind.ON_HAND, left, left)]
    for kind, units in (
        (StepKind.UNAVAILABLE, -counts.unavailable),
        (StepKind.SAFETY_STOCK, -counts.safety_stock),
        (StepKind.HELD, -counts.held),
        (StepKind.COMMITTED, -counts.committed),
    ):
        if units:
            left += units
            steps.append(Step(kind, units, left))
    if left < 0:
        steps.append(Step(StepKind.CLAMPED, -left, 0))
    if counts.available < max(0, left):
        steps.append(Step(StepKind.RING_FENCED, counts.available - left, counts.available))
    promised = promise(cell, state).available
    if steps[-1].left > promised:
        kind = StepKind.CAPACITY_FULL if state == NodeState.FULL else StepKind.NODE_PAUSED
        steps.append(Step(kind, promised - steps[-1].left, promised))
    return steps


def _not_counted(state: NodeState) -> list[Step]:
    """There are no numbers where units are not counted."""
    steps = [Step(StepKind.ON_HAND, 0, 0)]
    return steps if state == NodeState.ACTIVE else [*steps, Step(StepKind.NODE_PAUSED, 0, 0)]


class _Words(NamedTuple):
    """The words of one language. `{n}` stands for units."""

    never: str
    steps: dict[StepKind, str]
    less: str
    last: str
    clamped: str
    paused: str
    full: str
    answer: str
    thousands: str
    infinite: str
    made_to_order: str
    limited: str


_ENGLISH = _Words(
    never="{node} has never had {sku}, so nothing can be promised there.",
    steps={
        StepKind.ON_HAND: "{node} has {n} of {sku} on hand",
        StepKind.UNAVAILABLE: "{n} that cannot be sold",
        StepKind.SAFETY_STOCK: "{n} of safety stock",
        StepKind.HELD: "{n} held",
        StepKind.COMMITTED: "{n} committed to orders",
        StepKind.RING_FENCED: "{n} kept for other channels",
    },
    less=", less ",
    last=" and ",
    clamped="; more is promised or withheld than is there, by {n}",
    paused="; the node does not take orders now",
    full="; the node takes on no more today",
    answer=": {n} can be promised.",
    thousands=",",
    infinite="Units of {sku} are not counted: {node} can promise any quantity.",
    made_to_order="{sku} is made after it is ordered: {node} can promise any quantity, after the lead time.",
    limited="A {sku} at {node} is limited by its component {part}, of which {units} can be promised",
)
_PORTUGUESE = _Words(
    never="{node} nunca teve {sku}, portanto nada pode ser prometido lá.",
    steps={
        StepKind.ON_HAND: "{node} tem {n} de {sku} em estoque",
        StepKind.UNAVAILABLE: "{n} que não podem ser vendidas",
        StepKind.SAFETY_STOCK: "{n} de estoque de segurança",
        StepKind.HELD: "{n} reservadas",
        StepKind.COMMITTED: "{n} comprometidas com pedidos",
        StepKind.RING_FENCED: "{n} guardadas para outros canais",
    },
    less=", menos ",
    last=" e ",
    clamped="; há {n} a mais prometidas ou retidas do que existem",
    paused="; o local não recebe pedidos agora",
    full="; o local não assume mais pedidos hoje",
    answer=": {n} podem ser prometidas.",
    thousands=".",
    infinite="As unidades de {sku} não são contadas: {node} pode prometer qualquer quantidade.",
    made_to_order="{sku} é feito sob encomenda: {node} pode prometer qualquer quantidade, após o prazo de produção.",
    limited="Um {sku} em {node} é limitado pelo seu componente {part}, do qual {units} podem ser prometidas",
)
_WORDS = {"en": _ENGLISH, "pt-BR": _PORTUGUESE}
LANGUAGES = tuple(_WORDS)


def sentence_of_kit(sku: str, node_id: str, limiting: str, units: int, promised: Promise, language: str) -> str:
    """What limits a kit, in a sentence; `units` of its scarcest component can be promised."""
    words = _WORDS[language]
    if promised.endless:
        made = promised.status == AvailabilityStatus.MADE_TO_ORDER
        return (words.made_to_order if made else words.infinite).format(node=node_id, sku=sku)
    text = words.limited.format(sku=sku, node=node_id, part=limiting, units=_number(units, words))
    if promised.status == AvailabilityStatus.NODE_PAUSED:
        text += words.paused
    return text + words.answer.format(n=_number(promised.available, words))


def _number(units: int, words: _Words) -> str:
    return f"{abs(units):,}".replace(",", words.thousands)


def sentence(sku: str, node_id: str, cell: StockCell | None, steps: list[Step], language: str) -> str:
    """The waterfall in a sentence, in one of LANGUAGES."""
    words = _WORDS[language]

    def said(pattern: str, units: int) -> str:
        return pattern.format(node=node_id, sku=sku, n=_number(units, words))

    if cell is None:
        return said(words.never, 0)
    if cell.mode != SupplyMode.STOCKED:
        told = words.infinite if cell.mode == SupplyMode.INFINITE else words.made_to_order
        paused = steps[-1].kind == StepKind.NODE_PAUSED
        return said(told, 0).removesuffix(".") + (words.paused + said(words.answer, 0) if paused else ".")
    text = said(words.steps[StepKind.ON_HAND], steps[0].units)
    taken = [said(words.steps[step.kind], step.units) for step in steps[1:] if step.kind in words.steps]
    if taken:
        text += words.less + ", ".join(taken[:-1]) + (words.last if taken[1:] else "") + taken[-1]
    for step in steps:
        if step.kind == StepKind.CLAMPED:
            text += said(words.clamped, step.units)
        if step.kind == StepKind.NODE_PAUSED:
            text += words.paused
        if step.kind == StepKind.CAPACITY_FULL:
            text += words.full
    return text + said(words.answer, steps[-1].left)
