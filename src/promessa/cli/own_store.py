"""The store of the server on this machine, asked directly: for who runs it, not for who calls its API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from promessa.cli.doctor_health import HEALTH_SECONDS
from promessa.server.run_file import RunFile
from promessa.server.settings import Settings


def asked(settings: Settings, run: RunFile | None, question: Callable[[Any], Any]) -> Any:
    """The store's answer, wherever it is. Raises ConnectionError, TimeoutError, and what the store's client raises."""
    from promessa.server.store_connection import connect

    url = settings.redis_url
    if url is None:
        if run is None or run.store_socket is None:
            raise ConnectionError("the embedded store runs only while the server does")
        url = f"unix://{quote(str(run.store_socket))}"

    async def ask() -> Any:
        redis = connect(url, namespace=settings.namespace)
        try:
            return await asyncio.wait_for(question(redis), HEALTH_SECONDS)
        except TimeoutError:
            raise TimeoutError("it is silent") from None
        finally:
            await redis.aclose()

    return asyncio.run(ask())
