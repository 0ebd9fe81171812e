"""The price of taking a unit from a cell, from its weeks of supply: dearer where it would soon be missed, cheaper where it
would be marked down.

    weeks = available / (weekly demand of the sku x share of the node)
    stock-out risk  = margin   x max(0, 1 - weeks / least healthy weeks)
    markdown relief = markdown x min(1, max(0, weeks / most healthy weeks - 1))

The thresholds are those of weeks-of-supply routing; the prices are the two sides of the newsvendor's marginal unit, the margin
lost if it is missed and the markdown saved if it is not left over (Arrow, Harris and Marschak 1951), with weeks of supply in
place of the distribution of demand. All units of an order are priced at what is available before it.
"""

from __future__ import annotations

from typing import NamedTuple

from promessa.domain.rate_cards import BASIS_POINTS


class StockHealth(NamedTuple):
    """What a unit is worth here and later: micros a unit, units a week over all nodes, and weeks."""

    margin_micros: int
    markdown_micros: int
    weekly_demand: int
    weeks_min: int
    weeks_max: int

    def prices(self, available: int, share_basis_points: int) -> tuple[int, int]:
        """Stock-out risk and markdown relief of a unit, in micros, at a node with a share of the demand."""
        weekly = self.weekly_demand * share_basis_points  # in ten-thousandths of units, as `supply`
        supply, least, most = available * BASIS_POINTS, self.weeks_min * weekly, self.weeks_max * weekly
        risk = self.margin_micros * (least - supply) // least if supply < least else 0
        if not most:
            return risk, self.markdown_micros if self.weeks_max else 0
        return risk, self.markdown_micros * min(max(supply - most, 0), most) // most
