"""docs/flows.md and docs/fluxos.md have the flows that there are, in their order, and how to run each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promessa.demo.flows.book import FLOWS

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = {"flows.md": "promessa flow {name}", "fluxos.md": "promessa flow {name} --lang pt-BR"}


def sections(page: str) -> dict[str, str]:
    """The text below each heading of a page."""
    found = re.split(r"^## (.+)\n", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_a_section_for_every_flow_with_its_command(page: str) -> None:
    found = sections(page)
    assert list(found) == list(FLOWS)
    for name, text in found.items():
        assert f"\n    {PAGES[page].format(name=name)}\n" in text, name


def test_the_titles_are_those_of_the_stories() -> None:
    for name, text in sections("fluxos.md").items():
        assert text.strip().startswith(f"**{FLOWS[name].title[1]}.**"), name
