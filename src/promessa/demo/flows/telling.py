"""What a story tells: facts by name, and their sentences in English and Brazilian Portuguese."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from promessa.demo.resources import REAIS

ENGLISH, PORTUGUESE = 0, 1

HOUR_MS, DAY_MS = 3_600_000, 86_400_000

Sentences = Mapping[str, tuple[str, str]]
"""By name, what is said in English and in Portuguese; values stand in braces."""


class Money(NamedTuple):
    """An amount in micros of one real."""

    micros: int


class Span(NamedTuple):
    """A time that passes, in ms: told in days, if it is whole ones, and else in hours."""

    ms: int


class Word(NamedTuple):
    """A word of the contract, as SHIP_FROM_STORE, which each language has its own for."""

    name: str


class Told(NamedTuple):
    """One fact of a story: the name of its sentence, and the values that were seen."""

    name: str
    values: Mapping[str, object]


Story = AsyncIterator[Told]


def told(name: str, **values: object) -> Told:
    """A fact. Values are text, numbers, Money, Spans, Words, or other facts, which are told one after the other."""
    return Told(name, values)


def sentence(fact: Told, sentences: Sentences, lang: int) -> str:
    """A fact in a language: ENGLISH or PORTUGUESE."""
    values = {name: _said(value, sentences, lang) for name, value in fact.values.items()}
    return sentences[fact.name][lang].format(**values)


def _said(value: object, sentences: Sentences, lang: int) -> object:
    if isinstance(value, Money):
        return _amount(value.micros, lang)
    if isinstance(value, Span):
        return _span(value.ms, lang)
    if isinstance(value, Word):
        return sentences[value.name][lang]
    if isinstance(value, Told):
        return sentence(value, sentences, lang)
    if isinstance(value, tuple):
        return "; ".join([str(_said(each, sentences, lang)) for each in value])
    return value


def _span(ms: int, lang: int) -> str:
    days, rest = divmod(round(ms / HOUR_MS, 1) * HOUR_MS, DAY_MS)
    if days and not rest:
        return f"{days:.0f} {('days', 'dias')[lang] if days > 1 else ('day', 'dia')[lang]}"
    hours = f"{ms / HOUR_MS:.1f}".removesuffix(".0")
    return f"{hours.replace('.', ',')} horas" if lang == PORTUGUESE else f"{hours} hours"


def _amount(micros: int, lang: int) -> str:
    amount = f"{micros / REAIS:,.2f}"
    if lang == PORTUGUESE:
        return "R$ " + amount.translate(str.maketrans(",.", ".,"))
    return f"BRL {amount}"
