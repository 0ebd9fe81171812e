"""docs/calls.md names every call of every service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SERVICE = re.compile(r"^service (\w+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
VERBS = ("Put", "Get", "List", "Delete")


def services() -> dict[str, list[str]]:
    """The calls of each service, as the protos have them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "protos/promessa/v1").glob("*.proto"))]
    found = {
        name: re.findall(r"^  rpc (\w+)", body, re.MULTILINE) for text in texts for name, body in SERVICE.findall(text)
    }
    assert found
    return found


def told(service: str) -> set[str]:
    """The calls that the page tells of a service; `Put, Get, List and Delete of Node` is four of them."""
    page = (ROOT / "docs/calls.md").read_text(encoding="utf-8")
    words: set[str] = set()
    for cell in re.findall(rf"`{service}`: ([^|]*)", page):
        words |= set(re.findall(r"\w+", cell))
    return (
        words
        | {verb + noun for verb in VERBS for noun in words}
        | {verb + noun + "s" for verb in VERBS for noun in words}
    )


@pytest.mark.parametrize("service", services())
def test_every_call_of_a_service_is_on_the_page(service: str) -> None:
    assert set(services()[service]) - told(service) == set()
