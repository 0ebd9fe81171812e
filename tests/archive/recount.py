"""Reports made again from the raw log, in plain Python: no Parquet, no SQL, no code of the archive.

Entries are read as Redis has them, and units that moved are told by remembering what every cell counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import msgpack

from promessa.domain.reservation import ShortfallReason

Rows = list[dict[str, Any]]


def values_of(packed: bytes) -> list[Any]:
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(packed)
    return list(unpacker)


@dataclass
class Move:
    """Units that a change held or committed of one cell or inbound; less than none where it let them go."""

    at_ms: int
    kind: str
    reservation: str
    node: str
    sku: str
    inbound: bool
    held: int
    committed: int


@dataclass
class Recount:
    """Everything that the log says of reservations."""

    nodes: Sequence[str]
    skus: Sequence[str]
    moves: list[Move] = field(default_factory=list)
    channels: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    refused: dict[str, int] = field(default_factory=dict)
    short: list[tuple[int, str, str, str, str, int, int, int]] = field(default_factory=list)

    def read(self, log: Iterable[tuple[int, int, list[bytes]]]) -> Recount:
        last: dict[bytes, tuple[int, int]] = {}
        for _, _, flat in log:
            at_ms, kind, reference = int(flat[1]), "", ""
            for name, value in zip(flat[2::2], flat[3::2], strict=True):
                if b":" not in name:
                    kind, reference = name.decode(), value.decode()
                    if kind == "refuse":
                        self.refused[reference[2:]] = at_ms
                elif name == b"about:":
                    self._about(at_ms, reference[2:], values_of(value))
                elif name[:1].isdigit() or name[:2] == b"i:":
                    counts = values_of(value) if name[:1].isdigit() else values_of(value)[0]
                    before = last.get(name, (0, 0))
                    last[name] = (counts[3], counts[4])
                    node_ix, sku_ix = name.removeprefix(b"i:").split(b":")[:2]
                    node, sku = self.nodes[int(node_ix)], self.skus[int(sku_ix)]
                    if reference.startswith("r:"):
                        move = Move(
                            at_ms,
                            kind,
                            reference[2:],
                            node,
                            sku,
                            name[:2] == b"i:",
                            counts[3] - before[0],
                            counts[4] - before[1],
                        )
                        self.moves.append(move)
        return self

    def _about(self, at_ms: int, reservation: str, values: list[Any]) -> None:
        channel = values[2].decode().split("\n")[0]
        self.channels[reservation] = max(self.channels[reservation], channel)
        flat = values[3] if len(values) > 3 else []
        for i in range(0, len(flat), 5):
            place, requested, granted, available, reason = flat[i : i + 5]
            parts = place.split(b":")
            node, sku = parts[1:3] if place[:2] in (b"k:", b"i:") else parts
            node_id = "" if node == b"-1" else self.nodes[int(node)]
            self.short.append(
                (
                    at_ms,
                    reservation,
                    self.skus[int(sku)],
                    node_id,
                    ShortfallReason(reason).name,
                    requested,
                    granted,
                    available,
                )
            )

    def stockouts(self, start: int, end: int, by: Sequence[str] = ("sku", "node_id", "reason")) -> Rows:
        """Losses by some dimensions, beside the demand of those that are no reason."""
        shared = [each for each in by if each != "reason"]
        demand: Counter[tuple[str, ...]] = Counter()
        rows: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        requests = defaultdict(set)
        for move in self.moves:
            if move.kind in ("hold", "bind") and move.held > 0 and start <= move.at_ms < end:
                told = {"sku": move.sku, "node_id": move.node, "channel": self.channels[move.reservation]}
                demand[tuple(told[each] for each in shared)] += move.held
                if "reason" not in by:
                    rows[tuple(told[each] for each in by)]["line"] += 0
        for at_ms, reservation, sku, node, reason, requested, granted, available in self.short:
            if start <= at_ms < end:
                told = {"sku": sku, "node_id": node, "reason": reason, "channel": self.channels[reservation]}
                key = tuple(told[each] for each in by)
                demand[tuple(told[each] for each in shared)] += requested - granted
                requests[key].add(reservation)
                rows[key].update(line=1, requested=requested, granted=granted, lost=requested - granted)
                rows[key]["missing"] += max(requested - available, 0)
        found = []
        for key, row in rows.items():
            told = dict(zip(by, key, strict=True))
            units = demand[tuple(told[each] for each in shared)]
            found.append(
                told
                | {"line_count": row["line"], "request_count": len(requests[key])}
                | {f"{each}_quantity": row[each] for each in ("requested", "granted", "missing")}
                | {"demand_quantity": units, "lost_quantity": row["lost"], "lost_value_micros": 0}
                | {
                    "unvalued_quantity": row["lost"],
                    "rupture_basis_points": (20_000 * row["lost"] + units) // (2 * units),
                }
            )
        return sorted(found, key=lambda r: (-r["lost_quantity"], *(r[each] for each in by)))

    def journeys(self) -> dict[str, dict[str, Any]]:
        """What has become of every reservation."""
        found: dict[str, dict[str, Any]] = {}
        by_reservation = defaultdict(list)
        for move in self.moves:
            by_reservation[move.reservation].append(move)
        for reservation, moves in by_reservation.items():
            units: Counter[str] = Counter()
            for move in moves:
                _count(units, move, bound_too=True)
            held, committed = sum(move.held for move in moves), sum(move.committed for move in moves)
            held_at = [move.at_ms for move in moves if move.kind in ("hold", "bind") and move.held > 0]
            confirmed_at = [move.at_ms for move in moves if move.kind in ("hold", "confirm") and move.committed > 0]
            fulfilled_at = [move.at_ms for move in moves if move.kind == "fulfill"]
            ended = "EXPIRED" if not confirmed_at and units["expired"] else "FULFILLED" if fulfilled_at else "RELEASED"
            found[reservation] = {
                "channel": self.channels[reservation],
                "outcome": "CONFIRMED" if committed else "HELD" if held else ended,
                "held_ms": min(held_at, default=None),
                "confirmed_ms": min(confirmed_at, default=None),
                "fulfilled_ms": max(fulfilled_at, default=None),
                "units": units,
            }
        return found

    def reservations(self, start: int, end: int) -> Rows:
        by_channel: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for each in self.journeys().values():
            if each["held_ms"] is not None and start <= each["held_ms"] < end:
                by_channel[each["channel"]].append(each)
        refused = Counter(self.channels[name] for name, at_ms in self.refused.items() if start <= at_ms < end)
        rows = []
        for channel in {*by_channel, *refused}:
            all_ = by_channel[channel]
            outcomes, units = Counter(each["outcome"] for each in all_), Counter[str]()
            for each in all_:
                units.update(each["units"])
            row = {"channel": channel, "reservation_count": len(all_), "refused_count": refused[channel]}
            row |= {
                f"{o.lower()}_count": outcomes[o] for o in ("HELD", "CONFIRMED", "FULFILLED", "RELEASED", "EXPIRED")
            }
            row |= {f"{name}_quantity": units[name] for name in ("held", "fulfilled", "released", "expired")}
            row["confirm_time"] = _spread(
                [e["confirmed_ms"] - e["held_ms"] for e in all_ if e["confirmed_ms"] is not None]
            )
            row["fulfill_time"] = _spread(
                [e["fulfilled_ms"] - e["confirmed_ms"] for e in all_ if e["fulfilled_ms"] is not None]
            )
            rows.append(row)
        return sorted(rows, key=lambda r: (-r["reservation_count"], r["channel"]))


def _count(units: Counter[str], move: Move, *, bound_too: bool = False) -> None:
    net = move.held + move.committed
    match move.kind:
        case "hold":
            units["held"] += max(move.held, 0)
        case "bind" if bound_too:
            units["held"] += max(move.held, 0)
        case "fulfill":
            units["fulfilled"] -= net
        case "release" | "confirm":
            units["released"] -= net
        case "expire":
            units["expired"] -= net
    if move.kind in ("hold", "confirm"):
        units["confirmed"] += max(move.committed, 0)


def _spread(values: list[int]) -> list[int]:
    """The least value that so many per cent do not exceed."""
    ordered = sorted(values)
    return [ordered[ceil(len(ordered) * share / 100) - 1] if ordered else 0 for share in (50, 90, 99)]
