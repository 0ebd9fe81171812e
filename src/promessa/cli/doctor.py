"""`promessa doctor`: what is wrong with this machine or the running server, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from promessa.cli.client import Client, ServerError, find_address
from promessa.cli.output import console
from promessa.server.settings import Settings, unknown_variables
from promessa.store.embedded.binary import find_binary
from promessa.v1 import network_service_pb2

HEALTH_SECONDS = 2.0
FREE_BYTES_MIN = 1 << 30

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what to do."""


def check_health(address: str | None) -> int:
    """0 if the server serves."""
    channel = grpc.insecure_channel(find_address(address))
    try:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=HEALTH_SECONDS)
    except grpc.RpcError as error:
        print(f"not serving: {error.code().name}", file=sys.stderr)
        return 1
    serving = answer.status == health_pb2.HealthCheckResponse.SERVING
    print("serving" if serving else "not serving")
    return 0 if serving else 1


def run_doctor(address: str | None) -> int:
    """Print every finding; 1 if any is bad."""
    code = 0
    for check in (_python, _settings, _store_binary, _shared_memory, _disk, lambda: _server(address)):
        for well, what, advice in check():
            console.print(f"{'ok     ' if well else 'PROBLEM'} {what}{'' if well else f'. {advice}'}", highlight=False)
            code = code if well else 1
    return code


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 11), f"Python {version}", "promessa needs Python 3.11 or newer."


def _settings() -> Iterator[Finding]:
    settings = Settings.load()
    changed = [line for line in settings.describe() if line.origin != "default"]
    yield True, f"settings: {', '.join(f'{x.variable}={x.value}' for x in changed) or 'all defaults'}", ""
    for variable in unknown_variables():
        yield False, f"{variable} is no setting", "Check its spelling; `promessa serve --help` lists the settings."


def _store_binary() -> Iterator[Finding]:
    if Settings.load().redis_url:
        yield True, "store: by URL", ""
        return
    try:
        found = find_binary(Settings.load().store_binary)
    except Exception as error:
        yield False, "no store program", str(error)
    else:
        yield True, f"store program {found.path}", ""


def _shared_memory() -> Iterator[Finding]:
    path = Path("/dev/shm")
    yield (
        os.access(path, os.W_OK),
        "shared memory in /dev/shm",
        "The replica goes to the data directory, which is slower.",
    )


def _disk() -> Iterator[Finding]:
    directory = Settings.load().data_dir
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    yield (
        free > FREE_BYTES_MIN,
        f"{free // (1 << 20):,} MiB free for {directory}",
        "Make room: the store logs every change.",
    )


def _server(address: str | None) -> Iterator[Finding]:
    found = find_address(address)
    client = Client(found)
    advice = "Start it with `promessa serve`, or name it with --address."
    if check_quietly(lambda: check_health(found)):
        yield False, f"no server serves at {found}", advice
        return
    try:
        client.call(client.stubs.network.ListNodes, network_service_pb2.ListNodesRequest(page_size=1))
    except ServerError as error:
        yield False, f"the server at {found} does not answer", str(error)
    else:
        yield True, f"the server at {found} serves", ""


def check_quietly(check: Callable[[], int]) -> int:
    """Run a check whose own words are not wanted."""
    with open(os.devnull, "w") as nowhere:
        out, err = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = nowhere
        try:
            return check()
        finally:
            sys.stdout, sys.stderr = out, err
