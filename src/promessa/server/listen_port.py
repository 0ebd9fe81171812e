"""Holding the gRPC port before the first worker is there, and while workers come and go.

Workers share the port with SO_REUSEPORT, which would also let them share it with a stranger's server of the same user.
So the port is tried without that option first, and then held by a socket that never listens: it takes no connection.
"""

from __future__ import annotations

import errno
import socket


class PortError(Exception):
    """A port cannot be had. The message says why and what to do."""


def hold_port(host: str, port: int, *, variable: str = "PROMESSA_PORT") -> socket.socket:
    """A bound socket that keeps the port ours until it is closed; port 0 takes a free one.

    Raises PortError when the port is taken, not allowed, or not on this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if port != 0:
            with socket.socket(family, kind) as probe:
                # Connections of a server that has just ended do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        held = socket.socket(family, kind)
        try:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind(address)
        except OSError:
            held.close()
            raise
    except OSError as error:
        raise port_error(host, port, variable, error) from error
    return held


def port_error(host: str, port: int, variable: str, error: OSError) -> PortError:
    """The sentence for a failed bind."""
    if error.errno == errno.EADDRINUSE:
        why = f"another program uses it. Stop that program, or choose another port with {variable}"
    elif error.errno == errno.EACCES:
        why = f"this user may not use it. Choose a port above 1023 with {variable}"
    elif error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        why = "that is no address of this machine. Set PROMESSA_HOST to one that is"
    else:
        why = f"{error.strerror or error}. Check PROMESSA_HOST and {variable}"
    return PortError(f"Port {port} on {host} cannot be used: {why}.")
