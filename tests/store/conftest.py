"""Fixtures of the store's tests, over those of all tests."""

from __future__ import annotations

import pytest
from store_kit import START_MS, Shop

from promessa.store.store import Store


@pytest.fixture
def shop(store: Store) -> Shop:
    """The store with terse operations."""
    return Shop(store)


@pytest.fixture
def fixed(clock):  # type: ignore[no-untyped-def]
    """The store's clock, turned by hand."""
    clock.now_ms = START_MS
    return clock
