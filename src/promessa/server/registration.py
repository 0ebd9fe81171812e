"""Adding services to a server: every method of the contract, parsed, bounded and serialised the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from promessa.server.boundary import Boundary, parser


def register(
    server: grpc.aio.Server,
    service: ServiceDescriptor,
    methods: Mapping[str, Callable[..., Any]],
    boundary: Boundary,
    *,
    parsers: Mapping[str, Callable[[bytes], Any]] = MappingProxyType({}),
) -> None:
    """Add all methods of a service. Raises KeyError if one of the contract is not implemented.

    `parsers` are deserializers by method name, for those that do not take their message as protobuf reads it.
    """
    handlers = {
        method.name: _handler(method, methods[method.name], boundary, parsers.get(method.name) or _parser(method))
        for method in service.methods
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))


def methods_of(service: ServiceDescriptor, *servicers: object) -> dict[str, Callable[..., Any]]:
    """The methods of servicers that bear the names of the contract."""
    return {
        each.name: getattr(part, each.name)
        for each in service.methods
        for part in servicers
        if hasattr(part, each.name)
    }


def _parser(method: MethodDescriptor) -> Callable[[bytes], Any]:
    return parser(message_factory.GetMessageClass(method.input_type))


def _handler(
    method: MethodDescriptor, act: Callable[..., Any], boundary: Boundary, parse: Callable[[bytes], Any]
) -> grpc.RpcMethodHandler[Any, Any]:
    name = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming and method.server_streaming:
        return grpc.stream_stream_rpc_method_handler(boundary.streaming(name, act), parse, _serialize)
    if method.client_streaming:
        return grpc.stream_unary_rpc_method_handler(boundary.collecting(name, act), parse, _serialize)
    if method.server_streaming:
        return grpc.unary_stream_rpc_method_handler(boundary.watching(name, act), parse, _serialize)
    return grpc.unary_unary_rpc_method_handler(boundary.unary(name, act), parse, _serialize)


def _serialize(message: Message | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()
