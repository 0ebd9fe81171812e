"""Quantities as people write them, in the smallest units that a sku is counted in: 0.350kg of ham is 350 grams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from promessa.cli.failure import usage
from promessa.cli.parsing import Amount

if TYPE_CHECKING:
    from promessa.cli.client import Client


class Amounts:
    """Asks the server how a sku is counted, once each, and only for amounts that are not written in its smallest units."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._skus: dict[str, Any] = {}

    def units(self, sku: str, amount: Amount) -> int:
        """Smallest units. Raises Failure for one finer than the sku is counted in, or in another unit."""
        if amount.is_units:
            return int(amount.whole)
        known = self._sku(sku)
        self._check_unit(known, amount)
        part = amount.part.rstrip("0")
        if len(part) > known.decimals:
            raise usage(f"{amount} of {sku} is too fine: it is counted with {known.decimals} decimals.")
        units = int(amount.whole + part.ljust(known.decimals, "0"))
        if not units:
            raise usage(f"{amount} of {sku} is nothing. Name a quantity above zero.")
        return units

    def _sku(self, sku: str) -> Any:
        from promessa.v1.network_service_pb2 import GetSkuRequest

        if sku not in self._skus:
            self._skus[sku] = self._client.call(self._client.network.GetSku, GetSkuRequest(sku=sku)).sku
        return self._skus[sku]

    def _check_unit(self, known: Any, amount: Amount) -> None:
        from promessa.cli.output import unit_of

        if amount.unit and amount.unit.lower() not in (unit_of(known).lower(), known.unit_code.lower()):
            counted = f"in {unit_of(known)}" if unit_of(known) else "in pieces"
            raise usage(f"{amount} of {known.sku} is in another unit than the sku, which is counted {counted}.")
