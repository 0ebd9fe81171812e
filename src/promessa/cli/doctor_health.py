"""What the services of a server say of themselves, for `promessa doctor`."""

from __future__ import annotations

from typing import Any

from promessa.cli.address import resolve_address
from promessa.cli.doctor_finding import Finding

HEALTH_SECONDS = 2.0


def health_finding(address: str | None, service: str) -> Finding:
    """What grpc.health.v1 says of a service; of the whole server for ""."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    from promessa.cli.channel import open_channel

    where = resolve_address(address)
    name = f"health of {service.removeprefix('promessa.v1.')}" if service else "health of the server"
    with open_channel(where) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=HEALTH_SECONDS)
        except grpc.RpcError as error:
            return Finding(
                name, False, _no_answer(error, where), _ADVICE.get(error.code().name, _ADVICE["UNAVAILABLE"])
            )
    state = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    ok = answer.status == health_pb2.HealthCheckResponse.SERVING
    return Finding(
        name, ok, f"{state} at {where}", "" if ok else "The store does not answer, or the server is stopping."
    )


_ADVICE = {
    "UNAVAILABLE": "Start a server with `promessa serve`, or name another with --address or PROMESSA_ADDRESS. One that "
    "speaks TLS needs PROMESSA_TLS_CA_FILE here.",
    "DEADLINE_EXCEEDED": "It is overloaded or hangs; its log and metrics page say more.",
    "NOT_FOUND": "The server there does not have this service: is it a promessa of this version?",
    "UNIMPLEMENTED": "The server there is no promessa.",
}


def _no_answer(error: Any, where: str) -> str:
    code = error.code().name
    return f"no server answers at {where}" if code == "UNAVAILABLE" else f"{code} at {where}: {error.details()}"
