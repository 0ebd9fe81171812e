"""Fixtures of the store's tests, over those of all tests."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

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


@pytest.fixture(scope="module")
def own_module_process(store_process):  # type: ignore[no-untyped-def]
    """A store whose library a module may change."""
    directory = Path(tempfile.mkdtemp(prefix="promessa-"))
    process = type(store_process)(directory, "--appendonly", "no")
    yield process
    process.kill()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def guarded(own_module_process):  # type: ignore[no-untyped-def]
    """The socket of a store whose library is changed."""
    return own_module_process.socket
