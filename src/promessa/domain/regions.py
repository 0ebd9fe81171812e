"""The region of a postal code (ISO 3166-2), where it can be told: the states of Brazil by their ranges of CEPs (Correios)."""

from __future__ import annotations

from bisect import bisect_right

_BRAZIL = (
    (1_000, "SP"), (20_000, "RJ"), (29_000, "ES"), (30_000, "MG"), (40_000, "BA"), (49_000, "SE"), (50_000, "PE"),
    (57_000, "AL"), (58_000, "PB"), (59_000, "RN"), (60_000, "CE"), (64_000, "PI"), (65_000, "MA"), (66_000, "PA"),
    (68_900, "AP"), (69_000, "AM"), (69_300, "RR"), (69_400, "AM"), (69_900, "AC"), (70_000, "DF"), (72_800, "GO"),
    (73_000, "DF"), (73_700, "GO"), (76_800, "RO"), (77_000, "TO"), (78_000, "MT"), (79_000, "MS"), (80_000, "PR"),
    (88_000, "SC"), (90_000, "RS"),
)  # fmt: skip
"""The first five digits from which on codes are of a state."""
_STARTS = [start for start, _ in _BRAZIL]
_REGIONS = [f"BR-{state}" for _, state in _BRAZIL]


def region_of(country_code: str, postal_code: str) -> str:
    """The region, empty if it cannot be told."""
    head = postal_code[:5]
    if country_code != "BR" or len(head) < 5 or not head.isdecimal():
        return ""
    after = bisect_right(_STARTS, int(head))
    return _REGIONS[after - 1] if after else ""
