"""What nodes take on in a day, once more in plain Python: what `store/lua/capacity.lua` must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from promessa.domain.capacity import CapacityUnit, OnFull, WorkDay
from promessa.domain.limits import CAPACITY_DAYS_AHEAD
from promessa.domain.reservation import ReservationState, ShortfallReason

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY_UNITS = 1 << 60
DAY_MS, MINUTE_MS = 86_400_000, 60_000
ACTIVE, FULL = 1, 4


@dataclass
class Config:
    """A node's capacity, and the node's clock."""

    limit: int
    unit: int
    on_full: int
    weekdays: int
    cutoff: int
    offsets: Sequence[int]

    def ahead(self, ms: int) -> int:
        found = self.offsets[0]
        for at, minutes in zip(self.offsets[1::2], self.offsets[2::2], strict=True):
            if at <= ms:
                found = minutes
        return found * MINUTE_MS

    def today(self, now: int) -> int:
        day, rest = divmod(now + self.ahead(now), DAY_MS)
        return day + 1 if 0 <= self.cutoff * MINUTE_MS <= rest else day

    def working_days(self, now: int) -> list[int]:
        day = self.today(now)
        works = [d for d in range(day, day + 7 * CAPACITY_DAYS_AHEAD) if self.weekdays >> (d + 3) % 7 & 1]
        return works[: CAPACITY_DAYS_AHEAD if self.on_full == OnFull.NEXT_DAY else 1]

    def end_of_day(self, day: int, now: int) -> int:
        at = day * DAY_MS + (self.cutoff * MINUTE_MS if self.cutoff >= 0 else DAY_MS)
        return max(at - self.ahead(at - self.offsets[0] * MINUTE_MS), now + 1)


@dataclass
class Tie:
    """What a record takes of a day."""

    node_ix: int
    day: int
    unit: int
    open: int
    done: int
    slip_days: int

    def frozen(self) -> WorkDay:
        return WorkDay(**vars(self))


class Plan:
    """What an operation takes on, as it is decided."""

    def __init__(self, model: CapacityModel, has: Sequence[int] = (), slips: Sequence[int] = ()) -> None:
        self._model, self._has = model, has
        self._slips = dict(zip(slips[::2], slips[1::2], strict=True))
        self._left: dict[int, int] = {}

    def left(self, node: int, take: int = 0) -> int:
        model, config = self._model, self._model.capacities.get(node)
        if config is None:
            return ANY_UNITS
        if node not in self._left:
            today = config.today(model.now)
            days = [d for d in config.working_days(model.now) if d - today <= self.slip(node)]
            room = sum(model.room(node, day) for day in days)
            if config.unit == CapacityUnit.ORDERS:
                room = ANY_UNITS if room or node in self._has else 0
            self._left[node] = room
        self._left[node] -= take
        return self._left[node]

    def slip(self, node: int) -> int:
        return self._slips.get(node, ANY_UNITS)


class CapacityModel:
    """The part of the model that knows of days."""

    capacities: dict[int, Config]
    days: dict[int, dict[int, list[int]]]
    published: dict[int, int]
    entries: dict[str, list[Any]]
    due: dict[str, int]
    now: int

    def room(self, node: int, day: int) -> int:
        return max(self.capacities[node].limit - sum(self.days.get(node, {}).get(day, (0, 0))), 0)

    def take_on(self, record: Any, units: dict[int, int], plan: Plan | None = None) -> None:
        for node, wanted in units.items():
            config = self.capacities.get(node)
            if config is None or not wanted:
                continue
            left = 1 if config.unit == CapacityUnit.ORDERS else wanted
            today = config.today(self.now)
            for day in config.working_days(self.now):
                taking = min(left, self.room(node, day)) if plan is None or day - today <= plan.slip(node) else 0
                if taking:
                    record.ties.append(Tie(node, day, config.unit, taking, 0, day - today))
                    self._count(node, day, taking, 0)
                    left -= taking
            assert not left
            self.publish(node)

    def settle(self, record: Any, fulfilled_before: dict[int, int]) -> None:
        for node in {tie.node_ix for tie in record.ties}:
            lines = [line for line in record.lines if line.node_ix == node and line.inbound_id is None]
            over_ = record.state == ReservationState.EXPIRED
            still_open = 0 if over_ else sum(line.open * line.parts for line in lines)
            fulfilled = sum(line.fulfilled * line.parts for line in lines)
            new = fulfilled - fulfilled_before.get(node, fulfilled)
            ties = [tie for tie in record.ties if tie.node_ix == node]
            for tie in reversed(ties):
                taken = sum(tie.open for tie in ties)
                if tie.unit == CapacityUnit.ORDERS:
                    over = tie.open if not still_open else 0
                    done = over if fulfilled else 0
                else:
                    over = min(max(taken - still_open, 0), tie.open)
                    done = min(over, new)
                    new -= done
                tie.open, tie.done = tie.open - over, tie.done + done
                self._count(node, tie.day, -over, done)
            self.publish(node)

    def fulfilled_at(self, record: Any) -> dict[int, int]:
        found: dict[int, int] = {tie.node_ix: 0 for tie in record.ties}
        for line in record.lines:
            if line.node_ix in found:
                found[line.node_ix] += line.fulfilled * line.parts
        return found

    def publish(self, node: int, *, again: bool = False) -> None:
        config, full, ends = self.capacities.get(node), 0, None
        if config is not None and config.on_full == OnFull.PAUSE:
            (day,) = config.working_days(self.now)
            if not self.room(node, day):
                full, ends = 1, config.end_of_day(day, self.now)
        if self.published.get(node, 0) == full and not again:
            return
        self.published[node] = full
        self.due.pop(f"n:{node}", None)
        if ends is not None:
            self.due[f"n:{node}"] = ends
        for name, entry in self.entries.items():
            if name.startswith("node:") and entry[0] == node and entry[1] and entry[2] in (ACTIVE, FULL):
                entry[2] = FULL if full else ACTIVE

    def turn_day(self, node: int) -> None:
        if node in self.capacities:
            self.publish(node, again=True)
        else:
            self.due.pop(f"n:{node}", None)

    def _count(self, node: int, day: int, open_: int, done: int) -> None:
        at = self.days.setdefault(node, {}).setdefault(day, [0, 0])
        at[0], at[1] = at[0] + open_, at[1] + done

    def states(self) -> dict[str, int]:
        """What is published of live nodes."""
        return {name[5:]: entry[2] for name, entry in self.entries.items() if name.startswith("node:") and entry[1]}

    def open_on_days(self) -> dict[tuple[int, int], int]:
        """Open units or orders by node and day."""
        return {(node, day): at[0] for node, days in self.days.items() for day, at in days.items() if at[0]}


def cut_to(line: Any, left: int) -> None:
    """No more of a line than its node takes on."""
    if left < line.available:
        line.granted = line.open = min(left, line.requested)
        line.available = left
        line.reason = 0 if left >= line.requested else ShortfallReason.CAPACITY_FULL
