"""Lists that come in pages, whole."""

from __future__ import annotations

from typing import Any

from promessa.cli.client import Client

PAGE = 1_000


def whole(client: Client, method: Any, request: Any, answer: Any, items: str) -> Any:
    """The answers of all pages as one; `items` is the field that lists them."""
    request.page_size = PAGE
    while True:
        page = client.call(method, request)
        getattr(answer, items).extend(getattr(page, items))
        request.page_token = page.next_page_token
        if not request.page_token:
            return answer
