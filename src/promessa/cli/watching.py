"""Watching from the command line: batches for ever, over restarts of the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from promessa.cli.client import RETRIED, RETRY_SECONDS_MAX, Client
from promessa.cli.failure import of_rpc
from promessa.cli.output import console


def batches(
    client: Client, watch: Any, request: Any, *, begin_anew: Callable[[], None] = lambda: None
) -> Iterator[Any]:
    """Batches of a method that watches; `request` goes on with the token of the last. What breaks the call is waited out for as
    long as a call may take. A watch that has no token yet is begun again after `begin_anew`. Raises Failure.
    """
    deadline = time.monotonic() + client.timeout_seconds
    while True:
        try:
            for batch in watch(request):
                request.resume_token = batch.resume_token
                deadline = 0.0
                yield batch
        except grpc.RpcError as error:
            deadline = deadline or time.monotonic() + client.timeout_seconds
            if error.code() not in RETRIED or time.monotonic() + RETRY_SECONDS_MAX > deadline:
                raise of_rpc(error, address=client.address) from None
        time.sleep(RETRY_SECONDS_MAX)
        if not request.resume_token:
            begin_anew()


def say_how_to_go_on(token: str) -> None:
    """How to go on where a watch ended."""
    if token:
        console(error=True).print(f"Go on from here with --resume {token}", soft_wrap=True, highlight=False)
