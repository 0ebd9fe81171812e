"""Synthetic prices: heavier things cost more, give or take a third, and every price ends in 90 centavos.

The shipped extract of the real data has no prices.
"""

from __future__ import annotations

from random import Random

from promessa.demo.resources import REAIS

POWER = 0.65
"""What 300 g of something costs less than twice what 150 g cost."""

CHEAPEST_REAIS = 4


def unit_price_micros(sku: str, weight_grams: int) -> int:
    """What one unit is sold for: always the same for the same sku and weight."""
    reais = weight_grams**POWER * Random(f"price of {sku}").uniform(0.7, 1.35)
    return max(CHEAPEST_REAIS, int(reais)) * REAIS + REAIS * 9 // 10
