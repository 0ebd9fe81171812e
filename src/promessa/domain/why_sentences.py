"""Why an order is sourced as it is, in sentences for people: English and Brazilian Portuguese."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from promessa.domain.sourcing import Plan
from promessa.domain.why import Binding, Constraint, ConstraintKind, Flip, FlipKind, Quoted, Relaxation, Why

SENTENCES_MAX = 12
"""Sentences told: beyond these nobody reads on."""
_EACH_MAX = 3
_MICROS = 1_000_000
SYMBOLS = {"BRL": "R$", "EUR": "€", "USD": "US$"}


class Names(NamedTuple):
    """Ids by index."""

    node: Callable[[int], str]
    sku: Callable[[int], str]


class _Words(NamedTuple):
    """The words of one language; `{...}` stands for what is told."""

    nothing: str
    served: tuple[str, str]
    proven: str
    bounded: str
    unserved: tuple[str, str]
    quoted: str
    binding_saves: str
    binding_costs: str
    binding_more: str
    flip_cheaper: str
    flip_cheaper_bound: str
    flip_dearer: str
    flip_dearer_bound: str
    relax: str
    relax_later: str
    relax_earlier: str
    relax_without: str
    relax_missing: str
    relax_none: str
    cut_short: str
    last: str
    units: tuple[str, str]
    shipments: tuple[str, str]
    days: tuple[str, str]
    hours: tuple[str, str]
    minutes: tuple[str, str]
    constraints: dict[ConstraintKind, str]
    relaxed: dict[ConstraintKind, str]
    decimal: str
    thousands: str


_ENGLISH = _Words(
    nothing="Nothing of the order can be served.",
    served=(
        "{nodes} serves the order in {shipments} for {cost}.",
        "{nodes} serve the order in {shipments} for {cost}.",
    ),
    proven="No plan within the constraints is better: that is proven.",
    bounded="Better plans would cost no less than {bound}.",
    unserved=("{units} of {sku} cannot be served.",) * 2,
    quoted="It was quoted on {at} for {cost}, and held as it was quoted; when it was held it would have cost {now}.",
    binding_saves="Without {constraint} it would cost {amount} less.",
    binding_costs="Without {constraint} another plan would be chosen, which costs {amount} more.",
    binding_more="Without {constraint}, {units} more would be served.",
    flip_cheaper="{node} would serve this if its shipment cost fell by more than {amount}.",
    flip_cheaper_bound="{node} would serve this only if its shipment cost fell by {amount} or more.",
    flip_dearer="{node} would no longer serve this if its shipment cost rose by more than {amount}.",
    flip_dearer_bound="{node} would serve this until its shipment cost rose by {amount} or more.",
    relax="The whole order could be served {how}, for {cost} in {shipments}{later}.",
    relax_later=", arriving {span} later",
    relax_earlier=", arriving {span} earlier",
    relax_without="without {constraint}",
    relax_missing="with {units} more of {sku} at {node}",
    relax_none="No two constraints relaxed together would serve the whole order.",
    cut_short="There is more to try than one call tries.",
    last=" and ",
    units=("{n} unit", "{n} units"),
    shipments=("{n} shipment", "{n} shipments"),
    days=("{n} day", "{n} days"),
    hours=("{n} hour", "{n} hours"),
    minutes=("{n} minute", "{n} minutes"),
    constraints={
        ConstraintKind.MAX_SHIPMENTS: "the limit of {text} shipments",
        ConstraintKind.SHIP_COMPLETE: "ship complete",
        ConstraintKind.KEEP_LINES_WHOLE: "keeping lines whole",
        ConstraintKind.LATEST_DELIVERY: "the latest delivery {text}",
        ConstraintKind.EXCLUDED_NODES: "the exclusion of {nodes}",
        ConstraintKind.NODE_GROUP: "the node group {text}",
        ConstraintKind.POLICY_FILTER: "the filter “{text}” of rule {rule}",
        ConstraintKind.POLICY_LIMIT: "the limit “{text}” of rule {rule}",
        ConstraintKind.POLICY_RULES: "the policy {text}",
        ConstraintKind.OWNER_LIMIT: "the limit of its owner",
        ConstraintKind.ALLOWED_KINDS: "the restriction to {text}",
        ConstraintKind.OWN_STOCK: "the exclusion of the stock of {text}",
    },
    relaxed={
        ConstraintKind.MAX_SHIPMENTS: "with {text} shipments allowed",
        ConstraintKind.LATEST_DELIVERY: "with delivery by {text}",
    },
    decimal=".",
    thousands=",",
)
_PORTUGUESE = _Words(
    nothing="Nada do pedido pode ser atendido.",
    served=(
        "{nodes} atende o pedido em {shipments} por {cost}.",
        "{nodes} atendem o pedido em {shipments} por {cost}.",
    ),
    proven="Nenhum plano dentro das restrições é melhor: isso está provado.",
    bounded="Planos melhores não custariam menos de {bound}.",
    unserved=("{units} de {sku} não pode ser atendida.", "{units} de {sku} não podem ser atendidas."),
    quoted="Foi cotado em {at} por {cost} e reservado como foi cotado; ao ser reservado, custaria {now}.",
    binding_saves="Sem {constraint}, custaria {amount} a menos.",
    binding_costs="Sem {constraint}, outro plano seria escolhido, que custa {amount} a mais.",
    binding_more="Sem {constraint}, mais {units} seriam atendidas.",
    flip_cheaper="{node} atenderia este pedido se o custo da sua remessa caísse mais de {amount}.",
    flip_cheaper_bound="{node} só atenderia este pedido se o custo da sua remessa caísse {amount} ou mais.",
    flip_dearer="{node} deixaria de atender este pedido se o custo da sua remessa subisse mais de {amount}.",
    flip_dearer_bound="{node} atenderia este pedido até o custo da sua remessa subir {amount} ou mais.",
    relax="O pedido inteiro poderia ser atendido {how}, por {cost} em {shipments}{later}.",
    relax_later=", chegando {span} depois",
    relax_earlier=", chegando {span} antes",
    relax_without="sem {constraint}",
    relax_missing="com mais {units} de {sku} em {node}",
    relax_none="Nem duas restrições relaxadas juntas permitiriam atender o pedido inteiro.",
    cut_short="Há mais a tentar do que uma chamada tenta.",
    last=" e ",
    units=("{n} unidade", "{n} unidades"),
    shipments=("{n} remessa", "{n} remessas"),
    days=("{n} dia", "{n} dias"),
    hours=("{n} hora", "{n} horas"),
    minutes=("{n} minuto", "{n} minutos"),
    constraints={
        ConstraintKind.MAX_SHIPMENTS: "o limite de remessas ({text})",
        ConstraintKind.SHIP_COMPLETE: "a exigência de pedido completo",
        ConstraintKind.KEEP_LINES_WHOLE: "a exigência de linhas inteiras",
        ConstraintKind.LATEST_DELIVERY: "a entrega até {text}",
        ConstraintKind.EXCLUDED_NODES: "a exclusão de {nodes}",
        ConstraintKind.NODE_GROUP: "o grupo de locais {text}",
        ConstraintKind.POLICY_FILTER: "o filtro “{text}” da regra {rule}",
        ConstraintKind.POLICY_LIMIT: "o limite “{text}” da regra {rule}",
        ConstraintKind.POLICY_RULES: "a política {text}",
        ConstraintKind.OWNER_LIMIT: "o limite do dono da reserva",
        ConstraintKind.ALLOWED_KINDS: "a restrição a {text}",
        ConstraintKind.OWN_STOCK: "a exclusão do estoque de {text}",
    },
    relaxed={
        ConstraintKind.MAX_SHIPMENTS: "com {text} remessas permitidas",
        ConstraintKind.LATEST_DELIVERY: "com entrega até {text}",
    },
    decimal=",",
    thousands=".",
)
_WORDS = {"en": _ENGLISH, "pt-BR": _PORTUGUESE}


def sentences(why: Why, names: Names, language: str, *, asked_relaxations: bool = False) -> list[str]:
    """All that was found, the most telling first."""
    teller = _Teller(_WORDS[language], names, why.plan.currency_code)
    told = teller.plan(why.plan)
    if why.quoted:
        told.append(teller.quoted(why.quoted))
    flips = [flip for flip in why.flips if not flip.out_of_reach]
    cheaper = [flip for flip in flips if flip.kind == FlipKind.NODE_CHEAPER]
    dearer = [flip for flip in flips if flip.kind == FlipKind.CHOSEN_DEARER]
    told += [teller.flip(flip) for flip in cheaper[:_EACH_MAX]]
    told += [teller.flip(flip) for flip in dearer[:_EACH_MAX]]
    told += [teller.binding(each, why.plan) for each in why.bindings if each.plan][:_EACH_MAX]
    told += [teller.relaxation(each, why.plan) for each in why.relaxations[:_EACH_MAX]]
    if asked_relaxations and why.plan.unserved and not why.relaxations and not why.cut_short:
        told.append(teller.words.relax_none)
    if why.cut_short:
        told.append(teller.words.cut_short)
    return told[:SENTENCES_MAX]


class _Teller:
    """Makes sentences of one language."""

    def __init__(self, words: _Words, names: Names, currency_code: str) -> None:
        self.words = words
        self._names = names
        self._currency = SYMBOLS.get(currency_code, currency_code)

    def plan(self, plan: Plan) -> list[str]:
        words = self.words
        told = []
        if plan.shipments:
            nodes = [self._names.node(each.node_ix) for each in plan.shipments]
            shipments, cost = self._counted(len(plan.shipments), words.shipments), self._money(plan.total_micros)
            told.append(words.served[len(nodes) != 1].format(nodes=self._list(nodes), shipments=shipments, cost=cost))
            told.append(words.proven if plan.proven_optimal else self._bound(plan))
        else:
            told.append(words.nothing)
        for _, sku_ix, units in plan.unserved[:_EACH_MAX]:
            told.append(
                words.unserved[units != 1].format(units=self._counted(units, words.units), sku=self._names.sku(sku_ix))
            )
        return told

    def quoted(self, quoted: Quoted) -> str:
        return self.words.quoted.format(
            at=quoted.at, cost=self._money(quoted.micros), now=self._money(quoted.now_micros)
        )

    def _bound(self, plan: Plan) -> str:
        least = plan.lower_bound_micros
        if plan.policy is not None:  # the bound is of what the policy minimises
            least = plan.total_micros - (plan.policy.objective_micros - least)
        return self.words.bounded.format(bound=self._money(least))

    def flip(self, flip: Flip) -> str:
        exactly, at_least = {
            FlipKind.NODE_CHEAPER: (self.words.flip_cheaper, self.words.flip_cheaper_bound),
            FlipKind.CHOSEN_DEARER: (self.words.flip_dearer, self.words.flip_dearer_bound),
        }[flip.kind]
        pattern = exactly if flip.exact else at_least
        return pattern.format(node=self._names.node(flip.node_ix), amount=self._money(flip.micros))

    def binding(self, binding: Binding, plan: Plan) -> str:
        words, other = self.words, binding.plan
        assert other is not None
        constraint = self._constraint(binding.constraint)
        more = served(other) - served(plan)
        if more > 0:
            return words.binding_more.format(constraint=constraint, units=self._counted(more, words.units))
        saves = plan.total_micros - other.total_micros
        pattern = words.binding_saves if saves >= 0 else words.binding_costs
        return pattern.format(constraint=constraint, amount=self._money(abs(saves)))

    def relaxation(self, relaxation: Relaxation, plan: Plan) -> str:
        words, other = self.words, relaxation.plan
        how = [self._relaxed(each) for each in relaxation.constraints if each.kind != ConstraintKind.STOCK]
        how += [
            words.relax_missing.format(
                units=self._counted(each.units, words.units),
                sku=self._names.sku(each.sku_ix),
                node=self._names.node(each.node_ix),
            )
            for each in relaxation.missing
        ]
        shipments = self._counted(len(other.shipments), words.shipments)
        later = self._later(other.promise_ms - plan.promise_ms) if plan.shipments else ""
        cost = self._money(other.total_micros)
        return words.relax.format(how=self._list(how), cost=cost, shipments=shipments, later=later)

    def _relaxed(self, constraint: Constraint) -> str:
        pattern = self.words.relaxed.get(constraint.kind)
        if pattern:
            return pattern.format(text=constraint.text)
        return self.words.relax_without.format(constraint=self._constraint(constraint))

    def _constraint(self, constraint: Constraint) -> str:
        nodes = self._list([self._names.node(each) for each in constraint.nodes])
        pattern = self.words.constraints[constraint.kind]
        return pattern.format(text=constraint.text, rule=constraint.rule, nodes=nodes)

    def _later(self, ms: int) -> str:
        words = self.words
        minutes = abs(ms) // 60_000
        if not minutes:
            return ""
        for size, forms in ((1_440, words.days), (60, words.hours), (1, words.minutes)):
            if minutes >= size:
                span = self._counted(round(minutes / size), forms)
                return (words.relax_later if ms > 0 else words.relax_earlier).format(span=span)
        return ""

    def _list(self, texts: Sequence[str]) -> str:
        return ", ".join(texts[:-1]) + (self.words.last if texts[1:] else "") + texts[-1] if texts else ""

    def _counted(self, number: int, forms: tuple[str, str]) -> str:
        return forms[number != 1].format(n=f"{number:,}".replace(",", self.words.thousands))

    def _money(self, micros: int) -> str:
        """An amount with two places, with more where it has them: 1.20, but 0.000007."""
        places = next((n for n in (2, 4) if micros % 10 ** (6 - n) == 0), 6)
        text = f"{micros / _MICROS:,.{places}f}"
        if self.words.decimal == ",":
            text = text.translate(str.maketrans(",.", ".,"))
        return f"{self._currency}\N{NO-BREAK SPACE}{text}" if self._currency else text


def served(plan: Plan) -> int:
    """Units that a plan serves."""
    return sum(units for shipment in plan.shipments for _, _, units in shipment.lines)
