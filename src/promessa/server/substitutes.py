"""What could be sold instead of something short: the sku's substitutes that can be promised, read as the sku itself was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from promessa.domain.availability import AvailabilityStatus
from promessa.domain.catalogue import Catalogue
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages

Read = Callable[[bytes, Any], Awaitable[bytes]]
"""GetAvailability, from request bytes to response bytes."""


class Substitutes:
    """Offers by sku. They are never taken by themselves."""

    def __init__(self, catalogue: Catalogue, read: Read) -> None:
        self._catalogue = catalogue
        self._read = read

    async def offers(self, asked: messages.GetAvailabilityRequest, context: Any) -> list[nouns.Substitute]:
        """Substitutes of the sku asked about that can be promised at the same nodes, as fresh as that, the best first."""
        found = self._catalogue.skus.by_id.get(asked.sku)
        offers = []
        for sku in found.substitutes if found else ():
            ask = messages.GetAvailabilityRequest(
                sku=sku,
                node_ids=asked.node_ids,
                node_group_id=asked.node_group_id,
                consistency=asked.consistency if asked.HasField("consistency") else None,
                channel=asked.channel,
                fulfillment_method=asked.fulfillment_method,
            )
            answer = messages.GetAvailabilityResponse.FromString(await self._read(ask.SerializeToString(), context))
            if answer.available_quantity or answer.status >= AvailabilityStatus.INFINITE:
                offers.append(
                    nouns.Substitute(
                        sku=sku,
                        available_quantity=answer.available_quantity,
                        status=answer.status,
                        nodes=answer.nodes,
                    )
                )
        return offers

    async def of_lines(
        self, lines: Iterable[tuple[int, str]], like: messages.GetAvailabilityRequest, context: Any
    ) -> list[nouns.LineSubstitutes]:
        """Offers for the lines (position and sku) that are short, asked as `like`; lines without any are left out."""
        found = []
        for position, sku in lines:
            ask = messages.GetAvailabilityRequest()
            ask.CopyFrom(like)
            ask.sku = sku
            offers = await self.offers(ask, context)
            if offers:
                found.append(nouns.LineSubstitutes(line=position, substitutes=offers))
        return found
