"""On what terms units are held: for how long, for whom, and how much may be held at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from promessa.domain.claim import claim_of
from promessa.domain.errors import InvalidRequest
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits, IsBusinessDay
from promessa.service.catalogue_keeper import CatalogueKeeper

_RESERVE = (
    "method", "lines", "mode", "ttl", "owner_id", "order_id", "hold_rule_id", "channel", "fulfillment_method", "latest_date",
    "allow_backorder",
)  # fmt: skip


class Terms(NamedTuple):
    """What a request to hold says besides its lines.

    With a `hold_rule_id`, `ttl_ms` and `limits` are the rule's; HoldRules sets them.
    """

    all_or_nothing: bool
    ttl_ms: int
    owner_id: str
    order_id: str
    hold_rule_id: str = ""
    limits: HoldLimits = NO_LIMITS
    channel: str = ""
    """The text of a Claim."""
    latest_date: str = ""
    """With it, or with `allow_backorder`, what is to come counts, too."""
    allow_backorder: bool = False

    @property
    def count_on_inbound(self) -> bool:
        """Whether what is to come may be promised."""
        return bool(self.latest_date or self.allow_backorder)

    def fingerprint(self, lines: tuple[object, ...]) -> Fingerprint:
        """Of a request to reserve lines on these terms, before HoldRules sets anything: a rule's span depends on the day."""
        channel, method = claim_of(self.channel)
        return fingerprint(
            _RESERVE, "Reserve", lines, self.all_or_nothing, self.ttl_ms, self.owner_id, self.order_id, self.hold_rule_id,
            channel, method, self.latest_date, "yes" if self.allow_backorder else "",
        )  # fmt: skip


class HoldRules:
    """The hold rules of the catalogue. `now_ms` is the wall clock."""

    def __init__(self, keeper: CatalogueKeeper, *, now_ms: Callable[[], int], is_business_day: IsBusinessDay) -> None:
        self._keeper = keeper
        self._now_ms = now_ms
        self._is_business_day = is_business_day

    async def applied(self, terms: Terms) -> Terms:
        """The terms with what their rule says. Raises InvalidRequest (REFERENCE_NOT_FOUND; INVALID_FIELD without
        an owner under a rule that limits owners)."""
        if not terms.hold_rule_id:
            return terms
        rules = self._keeper.catalogue.hold_rules.by_id
        if terms.hold_rule_id not in rules:
            await self._keeper.refresh("hold_rule", terms.hold_rule_id)
        rule = rules.get(terms.hold_rule_id)
        if rule is None:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no hold rule {terms.hold_rule_id!r}. Put it first, or give a ttl.",
                kind="hold_rule",
                id=terms.hold_rule_id,
            )
        ttl_ms = rule.ttl_ms(self._now_ms(), self._is_business_day)
        if rule.limits.limit_owners and not terms.owner_id:
            problem = f"must be given, for hold rule {terms.hold_rule_id!r} limits what one owner holds"
            raise InvalidRequest("INVALID_FIELD", f"owner_id {problem}.", field="owner_id", rule=problem)
        return terms._replace(ttl_ms=ttl_ms, limits=rule.limits)
