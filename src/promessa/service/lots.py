"""What is sold in whole lots: kits, which are reserved as their components, and skus sold in packs or steps.

Kits are known from the catalogue as this process has it; the store holds units only if the kit is still the same, and else
the catalogue is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil

from promessa.domain.catalogue import Sku
from promessa.domain.errors import InvalidRequest
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.limits import SOURCING_ATTEMPTS_MAX
from promessa.domain.rate_cards import chargeable_grams
from promessa.domain.reservation import LotLine
from promessa.domain.stock_health import StockHealth
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.catching_up import contended
from promessa.service.line_costs import LineWorth
from promessa.service.terms import Terms
from promessa.store.about import DecisionFacts
from promessa.store.catalogue_codec import recipe
from promessa.store.store import Reserved, StaleKit, Store


class Lots:
    """Reserves lines of which some come in whole lots."""

    def __init__(self, keeper: CatalogueKeeper, store: Store) -> None:
        self._keeper = keeper
        self._store = store

    def concern(self, skus: Iterable[str]) -> bool:
        """Whether any of these is a kit, or sold in steps, with decimals, or made to order."""
        shaped = self._keeper.catalogue.shaped
        return bool(shaped) and not shaped.isdisjoint(skus)

    def check(self, lines: Iterable[tuple[str, int]], prefix: str = "lines") -> None:
        """Raises InvalidRequest (INVALID_FIELD) for a quantity that is no multiple of its sku's step."""
        for i, (sku, quantity) in enumerate(lines):
            found = self._keeper.catalogue.skus.by_id.get(sku)
            if found and quantity % found.step:
                field, rule = (
                    f"{prefix}[{i}].quantity",
                    f"must be a multiple of {found.step:,}, the step of sku {sku!r}",
                )
                raise InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)

    def refuse_kits(self, skus: Iterable[str], why: str, prefix: str = "lines") -> None:
        """Raises InvalidRequest (INVALID_FIELD) for a kit among the skus of lines."""
        for i, sku in enumerate(skus):
            found = self._keeper.catalogue.skus.by_id.get(sku)
            if found and found.kit:
                field, rule = f"{prefix}[{i}].sku", f"must not be a kit {why}"
                raise InvalidRequest("INVALID_FIELD", f"{field} {rule}; name its components.", field=field, rule=rule)

    def step(self, sku_ix: int) -> int:
        """It is sold in multiples of so many units."""
        found = self._sku(sku_ix)
        return found.step if found else 1

    def grams(self, sku_ix: int, volumetric_divisor: int = 0) -> int:
        """What one lot counts as, in whole grams, rounded up: its weight, or by its box if that is more."""
        found = self._sku(sku_ix)
        return ceil(self._unit_grams(found, volumetric_divisor) * found.step) if found else 0

    def _unit_grams(self, sku: Sku, divisor: int) -> Fraction:
        if sku.kit and not sku.weight_grams and not sku.volume_mm3:
            skus = self._keeper.catalogue.skus.by_id
            parts = [(skus.get(part.sku), part.quantity) for part in sku.kit]
            return sum((self._unit_grams(part, divisor) * quantity for part, quantity in parts if part), Fraction(0))
        return Fraction(chargeable_grams(sku.weight_grams, sku.volume_mm3, divisor), 10**sku.decimals)

    def worth(self, sku_ix: int) -> LineWorth:
        """What one lot is worth; micros of a part of a whole unit are rounded down."""
        found = self._sku(sku_ix)
        if found is None:
            return LineWorth(0, 1, None)
        margin, markdown, value = [
            micros * found.step // 10**found.decimals
            for micros in (found.margin_micros, found.markdown_micros, found.value_micros)
        ]
        weekly, least, most = found.weekly_demand_quantity, found.healthy_weeks_min, found.healthy_weeks_max
        health = StockHealth(margin, markdown, weekly, least, most) if weekly and (margin or markdown) else None
        return LineWorth(value, found.step, health)

    def lead_days(self, sku_ix: int) -> int:
        """Days until one that is ordered now is made; of a kit, until its last component is."""
        found = self._sku(sku_ix)
        skus = self._keeper.catalogue.skus.by_id
        parts = [skus.get(part.sku) for part in found.kit] if found and found.kit else [found]
        return max((part.lead_time_days for part in parts if part), default=0)

    def parts(self, sku_ix: int) -> tuple[tuple[int, int], ...]:
        """What is taken for one unit: of a kit its components, with the units of each; of any other sku itself."""
        found = self._sku(sku_ix) if self._keeper.catalogue.shaped else None
        index_of = self._keeper.catalogue.skus.index_of
        return (
            tuple((index_of[part.sku], part.quantity) for part in found.kit) if found and found.kit else ((sku_ix, 1),)
        )

    def kits_first(self, cells: Sequence[int]) -> list[int]:
        """Flat node, sku, units with kits before what may share their cells: a single sku is easier found elsewhere."""
        triples = [tuple(cells[i : i + 3]) for i in range(0, len(cells), 3)]
        skus = {sku_ix: self._sku(sku_ix) for _, sku_ix, _ in triples}

        def is_single(triple: tuple[int, ...]) -> bool:
            sku = skus[triple[1]]
            return not (sku and sku.kit)

        return [x for triple in sorted(triples, key=is_single) for x in triple]

    async def reserve(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        cells: Sequence[int],
        terms: Terms,
        all_or_nothing: bool,
        extra: bytes = b"",
        keep_refusal: bool = True,
        short: Sequence[int] = (),
        unserved: Sequence[int] = (),
        slips: Sequence[int] = (),
        decision: DecisionFacts | None = None,
    ) -> Reserved:
        """As Store.reserve, for cells of which some are kits'. Raises NotFound, Unavailable (STOCK_CONTENDED)."""
        for _ in range(SOURCING_ATTEMPTS_MAX):
            lots, kits = await self._lines(cells)
            try:
                return await self._store.reserve_lots(
                    request_id,
                    request,
                    lots=lots,
                    kits=kits,
                    all_or_nothing=all_or_nothing,
                    ttl_ms=terms.ttl_ms,
                    owner_id=terms.owner_id,
                    order_id=terms.order_id,
                    extra=extra,
                    keep_refusal=keep_refusal,
                    short=short,
                    unserved=unserved,
                    limits=terms.limits,
                    slips=slips,
                    channel=terms.channel,
                    decision=decision,
                )
            except StaleKit as stale:
                await self._keeper.refresh(*stale.name.split(":", 1))
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _lines(self, cells: Sequence[int]) -> tuple[list[LotLine], list[tuple[str, bytes]]]:
        """The lots of flat node, sku, units; and the kits among them, as they are known here."""
        lots: list[LotLine] = []
        kits: dict[str, bytes] = {}
        for i in range(0, len(cells), 3):
            node_ix, sku_ix, units = cells[i : i + 3]
            sku = self._sku(sku_ix)
            step = sku.step if sku else 1
            if sku and sku.kit:
                kits[f"sku:{sku.sku}"] = recipe(sku)
            parts = [(await self._keeper.sku_index(part.sku), part.quantity) for part in (sku.kit if sku else ())]
            lots.append(LotLine(node_ix, sku_ix, units // step, step, tuple(parts)))
        return lots, list(kits.items())

    def _sku(self, sku_ix: int) -> Sku | None:
        skus = self._keeper.catalogue.skus
        return skus.by_id.get(skus.ids[sku_ix])
