"""The book of flows: each can be told in both languages, and says all that it knows."""

from __future__ import annotations

import string

import pytest
from flow_kit import Hear, documented_calls

from promessa.demo.flows.book import FLOWS
from promessa.demo.flows.telling import DAY_MS, ENGLISH, HOUR_MS, PORTUGUESE, Money, Span, Word, sentence, told


@pytest.mark.parametrize("name", FLOWS)
async def test_a_story_is_told_in_both_languages(hear: Hear, name: str) -> None:
    heard, flow = await hear(name), FLOWS[name]
    for lang in (ENGLISH, PORTUGUESE):
        said = [sentence(fact, flow.sentences, lang) for fact in heard.facts]
        assert all(x[0] not in string.whitespace and x.endswith(".") for x in said), said
    assert heard.of("stock"), "a story has figures"
    assert heard.shop.calls == documented_calls(name)


def test_both_languages_have_the_same_values() -> None:
    def values(text: str) -> set[str | None]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}

    for flow in FLOWS.values():
        assert all(flow.title)
        for english, portuguese in flow.sentences.values():
            assert values(english) == values(portuguese), english


@pytest.mark.parametrize(
    ("ms", "english", "portuguese"),
    [
        (2 * DAY_MS, "2 days", "2 dias"),
        (DAY_MS + 40_000, "1 day", "1 dia"),
        (62.8 * HOUR_MS, "62.8 hours", "62,8 horas"),
        (90 * HOUR_MS, "90 hours", "90 horas"),
    ],
)
def test_a_time_is_told_in_days_or_hours(ms: float, english: str, portuguese: str) -> None:
    sentences = {"time": ("{span}", "{span}")}
    assert sentence(told("time", span=Span(round(ms))), sentences, ENGLISH) == english
    assert sentence(told("time", span=Span(round(ms))), sentences, PORTUGUESE) == portuguese


def test_money_and_words_are_those_of_the_language() -> None:
    sentences = {"paid": ("{who} pays {what}: {why}.", "{who} paga {what}: {why}."), "TAX": ("tax", "imposto")}
    fact = told("paid", who="Ana", what=Money(1_234_500_000), why=(Word("TAX"), Word("TAX")))
    assert sentence(fact, sentences, ENGLISH) == "Ana pays BRL 1,234.50: tax; tax."
    assert sentence(fact, sentences, PORTUGUESE) == "Ana paga R$ 1.234,50: imposto; imposto."
