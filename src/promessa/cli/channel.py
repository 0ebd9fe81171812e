"""How to reach the server: in the clear, or by TLS when PROMESSA_TLS_CA_FILE names the certificates to trust."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from promessa.cli.failure import usage

CA_VARIABLE = "PROMESSA_TLS_CA_FILE"
NAME_VARIABLE = "PROMESSA_TLS_SERVER_NAME"
"""The name in the server's certificate, where it is not the one in the address."""

CLIENT_VARIABLES = (CA_VARIABLE, NAME_VARIABLE, "PROMESSA_ADDRESS", "PROMESSA_LANG")
"""Variables that the command line reads, besides the server's settings."""

OPTIONS: list[tuple[str, Any]] = [("grpc.max_receive_message_length", 64 * 1024 * 1024)]


def open_channel(address: str) -> grpc.Channel:
    """A channel for one call after another."""
    credentials, options = _credentials()
    if credentials is None:
        return grpc.insecure_channel(address, options=options)
    return grpc.secure_channel(address, credentials, options=options)


def open_aio_channel(address: str) -> grpc.aio.Channel:
    """A channel for many calls at once, with a connection of its own."""
    credentials, options = _credentials()
    options.append(("grpc.use_local_subchannel_pool", 1))
    if credentials is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, credentials, options=options)


def _credentials() -> tuple[grpc.ChannelCredentials | None, list[tuple[str, Any]]]:
    options = list(OPTIONS)
    named = os.environ.get(CA_VARIABLE)
    if not named:
        return None, options
    if os.environ.get(NAME_VARIABLE):
        options.append(("grpc.ssl_target_name_override", os.environ[NAME_VARIABLE]))
    try:
        return grpc.ssl_channel_credentials(Path(named).read_bytes()), options
    except OSError as error:
        raise usage(f"{CA_VARIABLE} names {named}, which cannot be read: {error.strerror}.") from None
