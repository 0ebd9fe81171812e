"""Which policy decides about an order: the one it names, or of the active ones that apply the one of the lowest precedence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import claim_of
from promessa.domain.errors import NotFound
from promessa.domain.policy import DEFAULT_POLICY_ID, PolicyVersion
from promessa.domain.policy_match import OrderProfile, deciding, promise_days, rules_for
from promessa.domain.regions import region_of
from promessa.domain.sourcing import Order
from promessa.service.guided import Guide
from promessa.store.catalogue_codec import version_name


class Guides:
    """Finds the policy of an order. `read` gets a version from the store: one that is not active is not known here."""

    def __init__(self, catalogue: Catalogue, read: Callable[[str, int], Awaitable[PolicyVersion]]) -> None:
        self._catalogue = catalogue
        self._read = read

    async def find(self, order: Order, now_ms: int) -> Guide | None:
        """The policy that decides, None if none does.

        Raises NotFound (POLICY_NOT_FOUND) for one that the order names.
        """
        if order.policy_id == DEFAULT_POLICY_ID:
            return None
        profile = self._profile(order, now_ms)
        if order.policy_id:
            version = await self._named(order.policy_id, order.policy_version)
            return Guide(version, rules_for(version.policy, profile))
        found = deciding(self._catalogue.policy_versions.by_id.values(), profile, now_ms)
        return Guide(found, rules_for(found.policy, profile)) if found else None

    def beside(self, order: Order, now_ms: int, version: PolicyVersion) -> Guide | None:
        """How a version guides an order that it would decide if it were active instead of its policy's active version; None if
        it would not."""
        profile = self._profile(order, now_ms)
        if order.policy_id:
            named = order.policy_id == version.policy_id and not order.policy_version
            return Guide(version, rules_for(version.policy, profile)) if named else None
        active = self._catalogue.policy_versions.by_id.values()
        others = [each for each in active if each.policy_id != version.policy_id]
        found = deciding([*others, version], profile, now_ms)
        return Guide(version, rules_for(version.policy, profile)) if found is version else None

    async def _named(self, policy_id: str, number: int) -> PolicyVersion:
        active = self._catalogue.policies.by_id.get(policy_id)
        if active and active.active_version and number in (0, active.active_version):
            known = self._catalogue.policy_versions.by_id.get(version_name(policy_id, active.active_version))
            if known:
                return known
        found = await self._read(policy_id, number)
        if not number and found.state != found.state.ACTIVE:
            raise NotFound(
                "POLICY_NOT_FOUND",
                f"No version of policy {policy_id!r} is active. Activate one, or name a version.",
                policy_id=policy_id,
                version=0,
            )
        return found

    def _profile(self, order: Order, now_ms: int) -> OrderProfile:
        """The order as filters see it; what it does not say of itself may follow from its lines and its claim."""
        traits, claim = order.traits, claim_of(order.channel)
        if not traits.value_micros:
            traits = traits._replace(value_micros=self._value(order))
        if not traits.ship_method and claim.method:
            traits = traits._replace(ship_method=claim.method)
        region = order.region_code or region_of(order.country_code, order.postal_code)
        days = promise_days(order.constraints.latest_delivery_ms, now_ms)
        return OrderProfile(traits, claim.channel, order.country_code, region, days)

    def _value(self, order: Order) -> int:
        skus = self._catalogue.skus.by_id
        known = [(skus[sku], quantity) for sku, quantity in order.lines if sku in skus]
        return sum(sku.value_micros * quantity // 10**sku.decimals for sku, quantity in known)
