"""SourcingService.Quote: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.quote import DEFAULT_DAY_VALUE_MICROS, Option
from promessa.domain.sourcing import Order
from promessa.server import validate
from promessa.server.convert_sourcing import option_message, order_of
from promessa.server.convert_why import relaxation_messages
from promessa.server.replica_reader import ReplicaReader
from promessa.server.substitutes import Substitutes
from promessa.server.validate import InvalidFields
from promessa.service.pickup_options import PickupOptions
from promessa.service.quoting import Quoting
from promessa.service.sourcing import Sourcing
from promessa.v1 import sourcing_service_pb2 as messages
from promessa.v1.availability_service_pb2 import GetAvailabilityRequest


class QuoteServicer:
    """The options of an order; `catalogue` turns indices into ids."""

    def __init__(
        self,
        quoting: Quoting,
        pickups: PickupOptions,
        sourcing: Sourcing,
        catalogue: Catalogue,
        replica: ReplicaReader,
        substitutes: Substitutes,
    ) -> None:
        self._quoting = quoting
        self._pickups = pickups
        self._sourcing = sourcing
        self._catalogue = catalogue
        self._replica = replica
        self._substitutes = substitutes

    async def Quote(self, request: messages.QuoteRequest, context: Any) -> messages.QuoteResponse:
        validate.check(request)
        order = order_of(request.order)
        _check_pickup(request, order)
        options = await self._quoting.quote(
            order,
            alternatives=request.alternative_count,
            day_value_micros=request.day_value_micros or DEFAULT_DAY_VALUE_MICROS,
        )
        answer = messages.QuoteResponse(
            options=[option_message(option, self._catalogue) for option in options], freshness=self._replica.freshness()
        )
        if request.pickup_option_count:
            collected = await self._pickups.of(
                order, count=request.pickup_option_count, node_ids=request.pickup_option_node_ids
            )
            answer.pickup_options.extend(option_message(option, self._catalogue) for option in collected)
        if request.explain_relaxations and (not options or options[0].plan.unserved):
            why = await self._sourcing.relaxations(order)
            answer.relaxations.extend(relaxation_messages(why, self._catalogue))
        if request.offer_substitutes:
            answer.line_substitutes.extend(await self._instead(request, options, context))
        return answer

    async def _instead(self, request: messages.QuoteRequest, options: Sequence[Option], context: Any) -> Any:
        """What could be sold instead of what the first option does not serve."""
        skus = [line.sku for line in request.order.lines]
        unserved = options[0].plan.unserved if options else ()
        short_skus = {self._catalogue.skus.ids[sku_ix] for _, sku_ix, _ in unserved} if options else set(skus)
        short = [(i, sku) for i, sku in enumerate(skus) if sku in short_skus]
        wanted = request.order
        everywhere = GetAvailabilityRequest(
            node_group_id=wanted.constraints.node_group_id,
            channel=wanted.channel,
            fulfillment_method=wanted.fulfillment_method,
        )
        return await self._substitutes.of_lines(short, everywhere, context)


def _check_pickup(request: messages.QuoteRequest, order: Order) -> None:
    """Raises InvalidFields for an order that says already where it is collected, and for nodes that nobody asks about."""
    if request.pickup_option_count and order.ways.pickups:
        raise InvalidFields([("pickup_option_count", "must be 0 for an order that says where it is collected")])
    if request.pickup_option_node_ids and not request.pickup_option_count:
        raise InvalidFields([("pickup_option_node_ids", "is for a request with pickup_option_count")])
