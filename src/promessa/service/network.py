"""The catalogue's use cases: put, get, list and delete resources, and a node's state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from promessa.domain.calendar import Calendar
from promessa.domain.capacity import offsets
from promessa.domain.catalogue import Catalogue, Lane, Node, NodeGroup, NodeState, Resource, Sku
from promessa.domain.errors import Exhausted, FailedPrecondition, InvalidRequest, NotFound, PromessaError
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.hold_rules import HoldRule
from promessa.domain.limits import PAUSE_MS_MAX, PUT_ATTEMPTS_MAX, VOLUME_MM3_MAX
from promessa.domain.pair_rules import CommissionRule, TaxRule, problem_of
from promessa.domain.rate_cards import CardBook, RateCard
from promessa.domain.refusal import Cooling
from promessa.domain.safety_stock import SafetyStockRule
from promessa.domain.stock import SupplyMode
from promessa.domain.validity import overlap
from promessa.service.business_days import holidays_known
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.rivals import checked_against, scopes_of
from promessa.store import catalogue_codec
from promessa.store.store import Filed, Moved, Store

_DAY_MS = 24 * 3600 * 1000
_SHAPE_SAFETY = ("safety_rule", "node_group")
_NOT_FOUND = {"node": "NODE_NOT_FOUND", "sku": "SKU_NOT_FOUND"}
_METHODS = {
    "calendar": "Calendar",
    "node": "Node",
    "node_group": "NodeGroup",
    "sku": "Sku",
    "rate_card": "RateCard",
    "lane": "Lane",
    "tax_rule": "TaxRule",
    "commission_rule": "CommissionRule",
    "hold_rule": "HoldRule",
    "safety_rule": "SafetyStockRule",
    "unavailable_reason": "UnavailableReason",
}


@dataclass(slots=True)
class Network:
    """The use cases of NetworkService. `kind` is node, node_group, sku, rate_card, lane, hold_rule or safety_rule."""

    keeper: CatalogueKeeper
    store: Store
    now_ms: Callable[[], int]
    settle_rules: Callable[[], Awaitable[None]]
    """Brings every cell to the rules of safety stock that are in force."""

    async def put(
        self, request_id: str, kind: str, resource_id: str, resource: Resource, *, state: int = 0
    ) -> tuple[Resource, int, bool]:
        """Create or replace a resource. Returns it as stored, a node's state, and whether this is a replay.

        Raises InvalidRequest (INVALID_FIELD, REFERENCE_NOT_FOUND), AlreadyExists.
        """
        if state == NodeState.FULL:  # as it was read; whether it is full is the store's to say
            state = int(NodeState.ACTIVE)
        for _ in range(PUT_ATTEMPTS_MAX):
            try:
                filed = await self._checked_and_put(request_id, kind, resource_id, resource, state)
                break
            except Moved as moved:
                await self.keeper.reach(moved.sequence)
        else:
            raise Exhausted(
                "OVERLOADED", "Others change what this must agree with, again and again. Retry in a moment."
            )
        if kind in _SHAPE_SAFETY:
            await self.settle_rules()
        stored = _stored(kind, filed)
        if not filed.replayed:
            self.keeper.take((kind, resource_id, filed.index, stored, filed.state))
        return stored, filed.state, filed.replayed

    async def _checked_and_put(
        self, request_id: str, kind: str, resource_id: str, resource: Resource, state: int
    ) -> Filed:
        """Put what agrees with the catalogue as it is known here. Raises Moved if another worker has changed that."""
        checked_at = self.keeper.position
        value = catalogue_codec.encode(resource)
        request = fingerprint(("method", kind), f"Put{_METHODS[kind]}", (value, state))
        problem = self._problem(resource) or await self._unknown(resource)
        return await self._unless_answered(request_id, request, problem) or await self.store.put_resource(
            request_id,
            request,
            kind=kind,
            resource_id=resource_id,
            value=value,
            requires=_requires(resource),
            state=resource.state if isinstance(resource, Sku) else state or NodeState.ACTIVE,
            clock=clock_of(resource, self.now_ms()) if isinstance(resource, Node) else (),
            terms=_terms(resource),
            recipe=catalogue_codec.recipe(resource) if isinstance(resource, Sku) else b"",
            stock_class=resource.stock_class if isinstance(resource, Sku) else "",
            scopes=scopes_of(resource),
            checked=checked_against(resource, self.keeper.catalogue),
            checked_at=checked_at,
        )

    async def get(self, kind: str, resource_id: str) -> tuple[Resource, int]:
        """A resource and its state. Raises NotFound."""
        directory = self.keeper.catalogue.directory(kind)
        if resource_id not in directory.by_id:
            await self.keeper.refresh(kind, resource_id)
        found = directory.by_id.get(resource_id)
        if found is None:
            raise _not_found(kind, resource_id)
        return found, self._state(kind, directory.index_of[resource_id])

    def coolings(self, node_id: str, now_ms: int) -> tuple[Cooling, ...]:
        """For what decisions leave a node alone at an instant."""
        found = self.keeper.catalogue.coolings.by_id.get(node_id)
        return tuple(found.at(now_ms)) if found else ()

    def list(self, kind: str, *, page_size: int, page_token: str) -> tuple[list[tuple[Resource, int]], str]:
        """A page of resources in order of creation, and the token of the next. Raises InvalidRequest."""
        directory = self.keeper.catalogue.directory(kind)
        start = _page_start(page_token)
        page: list[tuple[Resource, int]] = []
        for index in range(start, len(directory.ids)):
            found = directory.by_id.get(directory.ids[index])
            if found is None:
                continue
            if len(page) == page_size:
                return page, str(index)
            page.append((found, self._state(kind, index)))
        return page, ""

    async def delete(self, request_id: str, kind: str, resource_id: str) -> bool:
        """Delete a resource; whether this is a replay. Raises NotFound, FailedPrecondition (RESOURCE_IN_USE)."""
        request = fingerprint(("method", "id"), f"Delete{_METHODS[kind]}", resource_id)
        filed = await self._unless_answered(request_id, request, self._in_use(kind, resource_id))
        if filed is None:
            filed = await self.store.delete_resource(request_id, request, kind=kind, resource_id=resource_id)
        if filed is None:
            raise _not_found(kind, resource_id)
        if kind in _SHAPE_SAFETY:
            await self.settle_rules()
        if not filed.replayed:
            self.keeper.take((kind, resource_id, filed.index, None, NodeState.DELETED))
        return filed.replayed

    async def set_node_state(
        self, request_id: str, node_id: str, state: int, until_ms: int = 0
    ) -> tuple[Resource, int, bool]:
        """Pause a node, until an instant or for good (0), or let it take orders again.

        Raises InvalidRequest (INVALID_FIELD), NotFound (NODE_NOT_FOUND), AlreadyExists.
        """
        if state == NodeState.FULL:
            raise _invalid("state", "must be ACTIVE or PAUSED; FULL is the store's to say")
        request = fingerprint(("method", "node_id", "state", "until_time"), "SetNodeState", node_id, state, until_ms)
        filed = await self._unless_answered(request_id, request, self._problem_of_pause(state, until_ms))
        if filed is None:
            filed = await self.store.set_node_state(
                request_id, request, node_id=node_id, state=state, until_ms=until_ms
            )
        if filed is None:
            raise _not_found("node", node_id)
        node = _stored("node", filed)
        if not filed.replayed:
            self.keeper.take(("node", node_id, filed.index, node, filed.state))
        return node, filed.state, filed.replayed

    def _problem_of_pause(self, state: int, until_ms: int) -> PromessaError | None:
        if until_ms and state != NodeState.PAUSED:
            return _invalid("until_time", "is for a pause: leave it out with ACTIVE")
        if until_ms and not self.now_ms() < until_ms <= self.now_ms() + PAUSE_MS_MAX:
            return _invalid("until_time", f"must be later than now, and at most {PAUSE_MS_MAX // _DAY_MS} days")
        return None

    async def _unless_answered(
        self, request_id: str, request: Fingerprint, problem: PromessaError | None
    ) -> Filed | None:
        """Raise the problem, unless this request was answered before there was one: then the first answer."""
        if problem is None:
            return None
        first = await self.store.recall_filed(request_id, request)
        if first is None:
            raise problem
        return first

    def _in_use(self, kind: str, resource_id: str) -> PromessaError | None:
        used_by = self.keeper.catalogue.used_by(kind, resource_id)
        if not used_by:
            return None
        return FailedPrecondition(
            "RESOURCE_IN_USE",
            f"The {_words(kind)} {resource_id!r} is used by {used_by}. Delete or change that first.",
            kind=kind,
            id=resource_id,
            used_by=used_by,
        )

    def _problem(self, resource: Resource) -> PromessaError | None:
        """What the rules next to the fields cannot say."""
        if isinstance(resource, RateCard):
            return problem_of_rate_card(self.keeper.catalogue, resource)
        if isinstance(resource, Node) and resource.time_zone:
            return _problem_of_time_zone("node", resource.time_zone)
        if isinstance(resource, Calendar):
            return _problem_of_calendar(resource)
        if isinstance(resource, TaxRule):
            problem = problem_of(resource, self.keeper.catalogue.tax_rules.by_id, resource.tax_rule_id)
            return _invalid(f"tax_rule.{problem[0]}", problem[1]) if problem else None
        if isinstance(resource, CommissionRule):
            rules = self.keeper.catalogue.commission_rules.by_id
            problem = problem_of(resource, rules, resource.commission_rule_id)
            return _invalid(f"commission_rule.{problem[0]}", problem[1]) if problem else None
        if isinstance(resource, Lane):
            problem = resource.problem()
            return _invalid(f"lane.{problem[0]}", problem[1]) if problem else _problem_of_lane_zone(resource)
        if isinstance(resource, HoldRule):
            return _problem_of_hold_rule(resource)
        if isinstance(resource, SafetyStockRule):
            problem = resource.problem() or self._problem_of_kit(resource)
            return _invalid(f"safety_rule.{problem[0]}", problem[1]) if problem else None
        if isinstance(resource, Sku):
            return _problem_of_sku(resource)
        return None

    def _problem_of_kit(self, rule: SafetyStockRule) -> tuple[str, str] | None:
        found = self.keeper.catalogue.skus.by_id.get(rule.sku)
        return ("sku", "must not be a kit; make rules for its components") if found and found.kit else None

    async def _unknown(self, resource: Resource) -> PromessaError | None:
        """What does not exist: a substitute, a zone. What the store itself keeps an eye on is its to refuse."""
        if isinstance(resource, Lane):
            return await self._problem_of_lane(resource)
        for sku in resource.substitutes if isinstance(resource, Sku) else ():
            if await self.keeper.find_sku(sku) is None:
                message = f"There is no sku {sku!r} to offer instead. Put it first."
                return InvalidRequest("REFERENCE_NOT_FOUND", message, kind="sku", id=sku)
        return None

    async def _problem_of_lane(self, lane: Lane) -> PromessaError | None:
        """A zone that its rate card does not have."""
        cards = self.keeper.catalogue.rate_cards.by_id
        if lane.rate_card_id not in cards:
            await self.keeper.refresh("rate_card", lane.rate_card_id)
        card = cards.get(lane.rate_card_id)
        if card is None:
            return None  # the store's to say
        if card.tariff(lane.zone):
            if not any(each.insurance_basis_points for each in cards.values()):
                return None
            others = [
                x for x in self.keeper.catalogue.lanes_of.get(lane.node_id, {}).values() if x.lane_id != lane.lane_id
            ]
            problem = _insurance_clash(CardBook(cards.values()), [lane, *others])
            return _invalid("lane.rate_card_id", problem) if problem else None
        zones = ", ".join(each.zone for each in card.zones)
        return _invalid(
            "lane.zone", f"must be one of {zones}" if zones else "must be empty: its rate card has no zones"
        )

    def _state(self, kind: str, index: int) -> int:
        return int(self.keeper.catalogue.node_states[index]) if kind == "node" else 0


def problem_of_rate_card(catalogue: Catalogue, card: RateCard) -> PromessaError | None:
    """What is wrong with a card beside those of the catalogue and their lanes, None if all is right."""
    problem = card.problem() or CardBook(catalogue.rate_cards.by_id.values()).problem_of(card)
    if problem:
        return _invalid(f"rate_card.{problem[0]}", problem[1])
    lanes = [lane for lane in catalogue.lanes.by_id.values() if lane.rate_card_id == card.rate_card_id]
    for lane in lanes:
        if card.tariff(lane.zone) is None:
            return _invalid("rate_card.zones", f"must have zone {lane.zone!r}, which lane {lane.lane_id!r} uses")
    return _problem_of_insurance(catalogue, card)


def _problem_of_insurance(catalogue: Catalogue, card: RateCard) -> PromessaError | None:
    """Insurance is a part of the value at the node, whatever lane is taken, so all lanes of a node insure alike."""
    before = catalogue.rate_cards.by_id.get(card.rate_card_id)
    if before is None and not card.succeeds_id:
        return None  # no lane uses it yet
    if before and before.insurance_basis_points == card.insurance_basis_points:
        return None
    book = CardBook([*(x for x in catalogue.rate_cards.by_id.values() if x is not before), card])
    concerned = {lane.node_id for lane in catalogue.lanes.by_id.values() if card in _cards_of(book, lane)}
    for node_id in sorted(concerned):
        problem = _insurance_clash(book, list(catalogue.lanes_of[node_id].values()))
        if problem:
            return _invalid("rate_card.insurance_basis_points", problem)
    return None


def _cards_of(book: CardBook, lane: Lane) -> list[RateCard]:
    """The cards that price a lane, one after another."""
    return [each.card for each in book.line_of(lane.rate_card_id)]


def _insurance_clash(book: CardBook, lanes: Sequence[Lane]) -> str | None:
    """The rule that lanes of one node break; None if they insure alike whenever several are valid."""
    first: dict[tuple[str, int, int], Lane] = {}
    for lane in lanes:
        for other in first.values():
            if overlap(lane, other) and (found := book.insures_otherwise(lane.rate_card_id, other.rate_card_id)):
                rate = found.card.insurance_basis_points
                return f"must insure at {rate} basis points, as lane {other.lane_id!r} of node {lane.node_id!r} does"
        first.setdefault((lane.rate_card_id, lane.valid_from_ms, lane.valid_until_ms), lane)
    return None


def _stored(kind: str, filed: Filed) -> Resource:
    """A resource as the store answered."""
    found = catalogue_codec.decode(kind, filed.value)
    return catalogue_codec.paused_until(found, filed.paused_until_ms) if isinstance(found, Node) else found


def clock_of(node: Node, now_ms: int) -> list[int]:
    """The clock of a node as the store keeps it: minute of the cut-off (-1: none), then its offsets from UTC."""
    cutoff = -1 if node.cutoff_minute is None else node.cutoff_minute
    return [cutoff, *offsets(node.time_zone, now_ms // _DAY_MS)]


def _requires(resource: Resource) -> Sequence[str]:
    if isinstance(resource, Lane):
        return [f"node:{resource.node_id}", f"rate_card:{resource.rate_card_id}", *_calendar(resource.calendar_id)]
    if isinstance(resource, Node):
        return _calendar(resource.calendar_id)
    if isinstance(resource, RateCard) and resource.succeeds_id:
        return [f"rate_card:{resource.succeeds_id}"]
    if isinstance(resource, NodeGroup):
        return [f"node:{node_id}" for node_id in resource.node_ids]
    if isinstance(resource, SafetyStockRule):
        about = (("sku", resource.sku), ("node", resource.node_id), ("node_group", resource.node_group_id))
        return [f"{kind}:{resource_id}" for kind, resource_id in about if resource_id]
    if isinstance(resource, Sku):
        return [f"sku:{part.sku}" for part in resource.kit]
    return []


def _calendar(calendar_id: str) -> list[str]:
    return [f"calendar:{calendar_id}"] if calendar_id else []


def _terms(resource: Resource) -> Sequence[Any]:
    """The terms of a safety rule as the store keeps them; none of anything else."""
    if not isinstance(resource, SafetyStockRule):
        return ()
    return (resource.fulfillment_method, resource.quantity, resource.share_permille, int(resource.by_confidence))


def _problem_of_sku(sku: Sku) -> PromessaError | None:
    components = [part.sku for part in sku.kit]
    if sku.sku in components:
        return _invalid("sku.kit", "must not make cyclic kits: a kit is not in itself")
    if len(set(components)) < len(components):
        return _invalid("sku.kit", "must name each component once; its quantity says how many there are")
    if sku.kit and sku.supply_mode > SupplyMode.STOCKED:
        return _invalid("sku.supply_mode", "must be STOCKED for a kit, whose units come from its components")
    if sku.kit and sku.decimals:
        return _invalid("sku.decimals", "must be 0 for a kit: there are no parts of kits")
    made = sku.supply_mode == SupplyMode.MADE_TO_ORDER
    if made != (sku.lead_time_days > 0):
        return _invalid(
            "sku.lead_time_days", "must be at least 1 with MADE_TO_ORDER" if made else "needs MADE_TO_ORDER"
        )
    if sku.volume_mm3 > VOLUME_MM3_MAX:
        return _invalid("sku.length_mm", f"must make a box of at most {VOLUME_MM3_MAX // 10**9} cubic metres")
    if any((sku.length_mm, sku.width_mm, sku.height_mm)) and not sku.volume_mm3:
        return _invalid("sku.height_mm", "must be given with length_mm and width_mm, all three or none")
    if 0 < sku.healthy_weeks_max < sku.healthy_weeks_min:
        return _invalid("sku.healthy_weeks_max", "must not be less than healthy_weeks_min")
    if sku.markdown_micros and not (sku.weekly_demand_quantity and sku.healthy_weeks_max):
        return _invalid("sku.healthy_weeks_max", "must be given with markdown_micros, and weekly_demand_quantity, too")
    if sku.margin_micros and not (sku.weekly_demand_quantity and sku.healthy_weeks_min):
        return _invalid("sku.healthy_weeks_min", "must be given with margin_micros, and weekly_demand_quantity, too")
    if sku.sku in sku.substitutes:
        return _invalid("sku.substitutes", "must be other skus")
    return None


def _problem_of_calendar(calendar: Calendar) -> PromessaError | None:
    problem = calendar.problem()
    if problem:
        return _invalid(f"calendar.{problem[0]}", problem[1])
    country, region = calendar.holiday_country_code, calendar.holiday_region_code
    if country and not holidays_known(country, ""):
        return _invalid("calendar.holiday_country_code", f"must be a country whose holidays are known, not {country}")
    if region and not holidays_known(country, region):
        return _invalid("calendar.holiday_region_code", f"must be a region whose holidays are known, not {region}")
    return None


def _problem_of_lane_zone(lane: Lane) -> PromessaError | None:
    return _problem_of_time_zone("lane", lane.time_zone) if lane.time_zone else None


def _problem_of_hold_rule(rule: HoldRule) -> PromessaError | None:
    problem = rule.problem()
    if problem:
        return _invalid(f"hold_rule.{problem[0]}", problem[1])
    return _problem_of_time_zone("hold_rule", rule.time_zone) if rule.time_zone else None


def _problem_of_time_zone(kind: str, name: str) -> PromessaError | None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return _invalid(f"{kind}.time_zone", f"must be an IANA time zone, and {name!r} is none")
    return None


def _page_start(token: str) -> int:
    if token and not (token.isascii() and token.isdigit() and len(token) < 12):
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return int(token or 0)


def _invalid(name: str, rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"{name} {rule}.", field=name, rule=rule)


def _not_found(kind: str, resource_id: str) -> NotFound:
    message = f"There is no {_words(kind)} {resource_id!r}. Put it first, or correct the id."
    if kind in _NOT_FOUND:
        return NotFound(_NOT_FOUND[kind], message, **{"sku" if kind == "sku" else "node_id": resource_id})
    return NotFound("RESOURCE_NOT_FOUND", message, kind=kind, id=resource_id)


def _words(kind: str) -> str:
    return kind.replace("_", " ")
