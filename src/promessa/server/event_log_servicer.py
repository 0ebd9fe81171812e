"""EventLogService: validate, call, convert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.server import validate
from promessa.server.convert import set_instant
from promessa.service.log_consumers import LogConsumers
from promessa.store.consumers import Consumer
from promessa.v1 import event_log_service_pb2 as messages


class EventLogServicer:
    """The methods of EventLogService."""

    def __init__(self, consumers: LogConsumers) -> None:
        self._consumers = consumers

    async def ListConsumers(
        self, request: messages.ListConsumersRequest, context: Any
    ) -> messages.ListConsumersResponse:
        found, heads = await self._consumers.all()
        return messages.ListConsumersResponse(consumers=[_message(each, heads) for each in found])

    async def RemoveConsumer(
        self, request: messages.RemoveConsumerRequest, context: Any
    ) -> messages.RemoveConsumerResponse:
        validate.check(request)
        await self._consumers.remove(request.consumer)
        return messages.RemoveConsumerResponse()


def _message(consumer: Consumer, heads: Sequence[int]) -> messages.Consumer:
    message = messages.Consumer(
        consumer=consumer.name,
        lag_entries=consumer.lag(heads),
        commit_count=consumer.revision,
        positions=[
            messages.ConsumerPosition(done_sequence=done, head_sequence=head)
            for done, head in zip(consumer.positions, heads, strict=True)
        ],
    )
    set_instant(message.caught_up_time, consumer.caught_up_ms)
    set_instant(message.register_time, consumer.registered_ms)
    return message
