"""ExplainAvailability over a real channel: numbers, sentences, and what is asked wrongly."""

from __future__ import annotations

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


async def explain(api: Api, *node_ids: str, sku: str = "cup", language: str = "") -> av.ExplainAvailabilityResponse:
    request = av.ExplainAvailabilityRequest(sku=sku, node_ids=node_ids, language=language)
    return await api.availability.ExplainAvailability(request)


async def test_the_way_from_on_hand_to_the_answer(api: Api) -> None:
    await api.shop(units=9)
    await api.reserve(2)
    safety = iv.SetSafetyStockRequest(request_id=api.new_id(), sku="cup", node_id="a", safety_stock_quantity=3)
    await api.inventory.SetSafetyStock(safety)
    answer = await explain(api, "a", "z")
    here, nowhere = answer.nodes
    assert [(step.kind, step.quantity, step.left_quantity) for step in here.steps] == [
        (nouns.AVAILABILITY_STEP_KIND_ON_HAND, 9, 9),
        (nouns.AVAILABILITY_STEP_KIND_SAFETY_STOCK, -3, 6),
        (nouns.AVAILABILITY_STEP_KIND_HELD, -2, 4),
    ]
    assert here.sentence == "a has 9 of cup on hand, less 3 of safety stock and 2 held: 4 can be promised."
    assert (answer.available_quantity, here.available_quantity, here.version) == (4, 4, 3)
    assert here.count_time.seconds > 0
    assert nowhere.status == nouns.AVAILABILITY_STATUS_UNKNOWN_NODE
    said = (await explain(api, "a", language="pt-BR")).nodes[0].sentence
    assert said == "a tem 9 de cup em estoque, menos 3 de estoque de segurança e 2 reservadas: 4 podem ser prometidas."


async def test_without_nodes_every_node_that_ever_had_the_sku_explains_itself(api: Api) -> None:
    await api.shop(units=9)
    await api.count("b", 0)
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node={"node_id": "new"}))
    assert [node.node_id for node in (await explain(api)).nodes] == ["a", "b"]


async def test_what_is_asked_wrongly_is_refused(api: Api) -> None:
    await api.shop()
    await refused(explain(api, sku="nix"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND", sku="nix")
    await refused(explain(api, language="la"), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="language")
    await refused(explain(api, ""), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="node_ids[0]")
