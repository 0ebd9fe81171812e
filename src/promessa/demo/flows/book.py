"""The stories by name, as `promessa flow` lists and tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from promessa.demo.flows import (
    boleto_unpaid,
    click_and_collect,
    endless_aisle,
    first_to_accept,
    marketplace_order,
    omnichannel_exchange,
    partial_pick,
    ship_from_store,
    ship_to_store,
    store_refuses,
    uncollected_pickup,
)
from promessa.demo.flows.sentences import COMMON
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Sentences, Story

_MODULES = (
    ship_from_store,
    click_and_collect,
    ship_to_store,
    uncollected_pickup,
    store_refuses,
    first_to_accept,
    partial_pick,
    omnichannel_exchange,
    endless_aisle,
    marketplace_order,
    boleto_unpaid,
)


class Flow(NamedTuple):
    """A story: its name, its title and sentences in both languages, and whether it needs a clock that can be set forward."""

    name: str
    title: tuple[str, str]
    sentences: Sentences
    needs_clock: bool
    tell: Callable[[Shop], Story]


def _flow(module: object) -> Flow:
    """A module of TITLE, SENTENCES, NEEDS_CLOCK where it does, and `story`."""
    name = cast(str, module.__name__).rpartition(".")[2].replace("_", "-")  # type: ignore[attr-defined]
    needs_clock = getattr(module, "NEEDS_CLOCK", False)
    return Flow(name, module.TITLE, {**COMMON, **module.SENTENCES}, needs_clock, module.story)  # type: ignore[attr-defined]


FLOWS: dict[str, Flow] = {flow.name: flow for flow in map(_flow, _MODULES)}
"""In the order in which they are listed."""
