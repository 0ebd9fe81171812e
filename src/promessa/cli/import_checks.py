"""Whether a row may be imported: the rules next to the fields, references, and rows the file has twice.

The server checks all of this again. Here it is checked for the reason in the person's language, for the dry run, and
so that what is sent for a file does not depend on what else is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import protovalidate

from promessa.cli.import_kinds import CALENDARS, DELTAS, LANES, NODE_GROUPS, NODES, RATE_CARDS, SKUS, STOCK, Kind
from promessa.cli.import_readers import Problem, problem
from promessa.cli.texts import Texts

_PATTERNS = {
    "^[0-9A-Za-z._:/-]+$": "allowed_id",
    "^([A-Z]{2})?$": "allowed_country",
    "^[A-Z]{2}$": "allowed_country",
    "^[A-Z]{3}$": "allowed_currency",
    "^[0-9A-Za-z]{0,12}$": "allowed_postal",
    "^[0-9A-Za-z]{1,12}$": "allowed_postal",
    "^([0-9]{8}|[0-9]{12,14})?$": "allowed_gtin",
    r"^[^\x00-\x1f\x7f]*$": "allowed_text",
}
_REFERRED = {
    STOCK: ("node", "sku"),
    DELTAS: ("node", "sku"),
    LANES: ("node", "rate_card", "calendar"),
    NODES: ("calendar",),
    NODE_GROUPS: ("node",),
}
_ID_FIELDS = {"node": "node_id", "sku": "sku", "rate_card": "rate_card_id", "calendar": "calendar_id"}
_NAMED = {CALENDARS: "calendar", NODES: "node", SKUS: "sku", RATE_CARDS: "rate_card"}
_OPTIONAL = ("calendar",)


class Known:
    """The ids that rows may refer to: those of the server, and those of rows that came before."""

    def __init__(self) -> None:
        self.index: dict[str, dict[str, int]] = {kind: {} for kind in _ID_FIELDS}
        self.currency = ""
        self.decimals: dict[str, int] = {}
        """Of the skus that have some."""

    def add(self, kind: str, resource_id: str) -> None:
        """One more id."""
        ids = self.index[kind]
        ids.setdefault(resource_id, len(ids))

    def learn_sku(self, sku: Any) -> None:
        """A sku as it is, or will be."""
        if sku.decimals:
            self.decimals[sku.sku] = sku.decimals
        else:
            self.decimals.pop(sku.sku, None)

    def has(self, kind: str, resource_id: str) -> bool:
        return resource_id in self.index[kind]

    def learn(self, kind: Kind, message: Any) -> None:
        """A row was accepted: others may refer to it."""
        named = _NAMED.get(kind)
        if named is not None:
            self.add(named, getattr(message, kind.key[0]))
        if kind is SKUS:
            self.learn_sku(message)
        if kind is RATE_CARDS and not self.currency:
            self.currency = message.currency_code


def references(kind: Kind, message: Any) -> Iterable[tuple[str, str]]:
    """Kind and id of everything a row refers to."""
    for referred in _REFERRED.get(kind, ()):
        if kind is NODE_GROUPS:
            yield from (("node", node_id) for node_id in message.node_ids)
        elif (resource_id := getattr(message, _ID_FIELDS[referred])) or referred not in _OPTIONAL:
            yield referred, resource_id


class Seen:
    """Which rows a file has had. Cells cost one bit each: 350,000 rows stay small, and 100 million fit."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._bits: dict[int, bytearray] = {}
        self._ids: set[str] = set()

    def is_new(self, kind: Kind, message: Any) -> bool:
        """Whether this is the first row of its key; it is remembered."""
        if kind is DELTAS:
            return True  # two changes of one cell are two changes
        if kind is not STOCK:
            row_id = getattr(message, kind.key[0])
            found = row_id in self._ids
            self._ids.add(row_id)
            return not found
        sku_ix = self._known.index["sku"][message.sku]
        bits = self._bits.setdefault(self._known.index["node"][message.node_id], bytearray())
        if len(bits) <= sku_ix >> 3:
            bits.extend(bytes((sku_ix >> 3) + 1 - len(bits)))
        found = bool(bits[sku_ix >> 3] >> (sku_ix & 7) & 1)
        bits[sku_ix >> 3] |= 1 << (sku_ix & 7)
        return not found


class Checks:
    """Checks the rows of one file."""

    def __init__(self, kind: Kind, known: Known, texts: Texts) -> None:
        self._kind = kind
        self._known = known
        self._texts = texts
        self._seen = Seen(known)
        self._validator = protovalidate.Validator()

    def problem_of(self, message: Any) -> Problem | None:
        """Why a row may not be imported, None if it may; it counts as seen then."""
        return self._rules(message) or self._own_rules(message) or self._references(message) or self._again(message)

    def _rules(self, message: Any) -> Problem | None:
        try:
            self._validator.validate(message)
        except protovalidate.ValidationError as error:
            return self._sentence(error.violations[0])
        return None

    def _sentence(self, violation: Any) -> Problem:
        field = ".".join(element.field_name for element in violation.proto.field.elements)
        rule_id, value = violation.proto.rule_id, violation.field_value
        if rule_id.endswith(("min_len", "min_items")):
            return problem("missing", field=field)
        if rule_id == "string.pattern" and violation.rule_value in _PATTERNS:
            allowed = self._texts(_PATTERNS[violation.rule_value])
            return problem("characters", field=field, value=repr(value), allowed=allowed)
        bounds = re.findall(r"-?[0-9]+", violation.proto.message)
        if rule_id.startswith("int") and len(bounds) == 2:
            return problem("range", field=field, value=value, low=bounds[0], high=bounds[1])
        return problem("rule", field=field, value=value, rule=violation.proto.message)

    def _own_rules(self, message: Any) -> Problem | None:
        if self._kind is DELTAS and message.delta_quantity == 0:
            return problem("zero", field="delta_quantity")
        if self._kind is NODES and message.time_zone and not _is_time_zone(message.time_zone):
            return problem("time_zone", value=message.time_zone)
        if self._kind is RATE_CARDS:
            return self._rate_card(message)
        return None

    def _rate_card(self, card: Any) -> Problem | None:
        for tariff in (card, *card.zones):
            pairs = zip(tariff.brackets, tariff.brackets[1:], strict=False)
            if any(b.max_weight_grams <= a.max_weight_grams or b.price_micros < a.price_micros for a, b in pairs):
                return problem("brackets_rise")
        other = self._known.currency
        if other and card.currency_code != other:
            return problem("currency", value=card.currency_code, other=other)
        return None

    def _references(self, message: Any) -> Problem | None:
        for kind, resource_id in references(self._kind, message):
            if not self._known.has(kind, resource_id):
                return problem(f"unknown_{kind}", value=repr(resource_id))
        return None

    def _again(self, message: Any) -> Problem | None:
        if self._seen.is_new(self._kind, message):
            return None
        return problem("duplicate", value=" @ ".join(getattr(message, name) for name in self._kind.key))


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
