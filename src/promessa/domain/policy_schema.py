"""The JSON Schema of policy documents, made from the classes they are read into."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from promessa.domain.policy import MEANINGS, Fact, Policy
from promessa.domain.policy_checks import MICROS
from promessa.domain.policy_fields import Field, fields_of

SCHEMA_ID = "https://promessa.dev/schemas/policy.schema.json"


def policy_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a policy document. What fields mean together only the linter can tell."""
    definitions: dict[str, Any] = {}
    whole = _object(Policy, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "promessa policy",
        "description": "How orders are sourced: which nodes, within which limits, by which order of plans.",
        **whole,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(owner: type, definitions: dict[str, Any]) -> dict[str, Any]:
    fields = fields_of(owner)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [each.key for each in fields if each.required],
        "properties": {each.key: _property(each, definitions) for each in fields},
    }


def _property(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    one = _one(field, definitions)
    doc = {"description": field.rules["doc"]}
    if not field.many:
        return {**doc, **one}
    most = {"maxItems": field.rules["max_items"]}
    least = {"minItems": field.rules["min_items"]} if "min_items" in field.rules else {}
    return {**doc, "type": "array", "items": one, **least, **most}


def _one(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    if field.nested:
        name = field.type.__name__
        if name not in definitions:
            definitions[name] = {}  # before its fields, should they mention it
            definitions[name] = _object(field.type, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if issubclass(field.type, IntEnum):
        return _words(field)
    if field.type is bool:
        return {"type": "boolean"}
    if field.rules.get("instant"):
        return {"type": "string", "format": "date-time"}
    if field.type is int:
        return _number(field.rules)
    return {"type": "string", "pattern": f"^{field.rules['pattern']}$", "maxLength": field.rules.get("max_length", 200)}


def _words(field: Field) -> dict[str, Any]:
    if field.type is not Fact:
        return {"enum": list(field.words)}
    return {"oneOf": [{"const": word, "description": f"{MEANINGS[Fact[word.upper()]]}."} for word in field.words]}


def _number(rules: Mapping[str, Any]) -> dict[str, Any]:
    least, most = rules.get("least", 0), rules.get("most", 0)
    if rules.get("money"):
        return {"type": "number", "minimum": least / MICROS if least else 0, "maximum": most // MICROS or MICROS}
    kind = "number" if "of_fact" in rules else "integer"  # money has decimals
    return {"type": kind, "minimum": 0 if kind == "number" else least, "maximum": most}
