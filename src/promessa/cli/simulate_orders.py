"""Orders to simulate: from a file, or those of the demonstration.

A CSV file has a row for each line of an order; rows with one order_id that follow each other are one order. JSON lines have a
SourcingOrder of the API in each line, or a SimulatedOrder, which says when it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promessa.cli.failure import Failure

if TYPE_CHECKING:
    from promessa.cli.texts import Texts

NEEDED = ("order_id", "sku", "postal_code")
COLUMNS = (*NEEDED, "quantity", "country_code", "channel", "fulfillment_method", "customer_tier", "order_time")
REJECTS_SHOWN = 20


class OrderFile:
    """The orders of a file. `rejects` are numbers of lines with what is wrong with them; an order that has one is left out."""

    def __init__(self, path: Path, texts: Texts) -> None:
        from promessa.cli.import_readers import Reader

        self._texts = texts
        self._reader = Reader(path)
        self.rejects: list[tuple[int, str]] = []
        missing = [] if self._reader.is_json else [name for name in NEEDED if name not in self._reader.columns]
        if missing:
            raise Failure(
                f"{path} has no column {', '.join(missing)}. Its columns may be {', '.join(COLUMNS)}; a row is a line of an "
                "order.",
                reason="FILE_UNUSABLE",
            )

    def orders(self) -> Iterator[Any]:
        """Messages, in the order of the file."""
        yield from self._of_objects() if self._reader.is_json else self._of_lines()

    def _of_objects(self) -> Iterator[Any]:
        from google.protobuf.json_format import ParseDict, ParseError

        from promessa.v1.simulation_pb2 import SimulatedOrder

        for row in self._reader.rows():
            if row.problem is not None:
                self._reject(row.line, row.problem.key, **row.problem.values)
                continue
            values: dict[str, Any] = row.values or {}
            said = values if "order" in values else {"order": values}
            try:
                yield ParseDict(said, SimulatedOrder())
            except ParseError as error:
                self._reject(row.line, "json", detail=error)

    def _of_lines(self) -> Iterator[Any]:
        from promessa.v1.simulation_pb2 import SimulatedOrder

        rows = ((row, (row.values or {}).get("order_id", "")) for row in self._reader.rows())
        for order_id, lines in groupby(rows, key=lambda entry: entry[1]):
            message, good = SimulatedOrder(), True
            message.order.order_id = order_id
            for row, _ in lines:
                good = self._line(message, row) and good
            if good and message.order.lines:
                yield message

    def _line(self, message: Any, row: Any) -> bool:
        """Add a row to its order; whether it is one."""
        if row.problem is not None:
            return self._reject(row.line, row.problem.key, **row.problem.values)
        values: dict[str, str] = {name: text.strip() for name, text in row.values.items()}
        for name in NEEDED:
            if not values[name]:
                return self._reject(row.line, "missing", field=name)
        unknown = next((name for name in values if name not in COLUMNS), None)
        if unknown:
            return self._reject(row.line, "unknown_field", field=unknown)
        quantity = values.get("quantity") or "1"
        if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 10):
            return self._reject(row.line, "not_a_number", field="quantity", value=quantity[:40])
        order = message.order
        order.lines.add(sku=values["sku"], quantity=int(quantity))
        order.destination.postal_code = values["postal_code"].replace("-", "").replace(".", "").replace(" ", "")
        order.destination.country_code = values.get("country_code", "")
        order.channel = values.get("channel", "")
        order.fulfillment_method = values.get("fulfillment_method", "")
        if values.get("customer_tier"):
            order.traits.customer_tier = values["customer_tier"]
        if values.get("order_time"):
            from promessa.cli.parsing import instant

            try:
                message.order_time.FromDatetime(instant(values["order_time"]))
            except Failure:
                return self._reject(row.line, "not_an_instant", field="order_time", value=values["order_time"][:40])
        return True

    def _reject(self, line: int, key: str, **values: object) -> bool:
        self.rejects.append((line, self._texts(key, **values)))
        return False


def demo_orders(count: int) -> Iterator[Any]:
    """Orders of the demonstration: real lines, in baskets as consumers fill them, to real places."""
    from promessa.demo.orders import replay_orders
    from promessa.v1.simulation_pb2 import SimulatedOrder

    for each in replay_orders(count=count):
        yield SimulatedOrder(
            order={
                "order_id": each.order_id,
                "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in each.lines],
                "destination": {
                    "postal_code": each.postal_code,
                    "position": {
                        "latitude_e6": round(each.latitude * 1e6),
                        "longitude_e6": round(each.longitude * 1e6),
                    },
                },
            }
        )
