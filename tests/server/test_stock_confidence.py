"""StockConfidenceService over a real channel: what is learned, what can be expected, and every refusal."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import stock_confidence_service_pb2 as sc
from promessa.v1 import stock_confidence_service_pb2_grpc as sc_grpc


class ConfidenceApi(Api):
    """The stubs, and checks with few words."""

    def __init__(self, serving: Serving) -> None:
        super().__init__(serving.channel)
        self.confidence = sc_grpc.StockConfidenceServiceStub(serving.channel)

    async def found(self, found: int, looked_for: int, **fields: Any) -> sc.RecordStockChecksResponse:
        fields.setdefault("request_id", self.new_id())
        fields.setdefault("checks", [check(found, looked_for)])
        return await self.confidence.RecordStockChecks(sc.RecordStockChecksRequest(**fields))

    async def at(self, *node_ids: str, sku: str = "cup") -> Any:
        answer = await self.confidence.GetStockConfidence(sc.GetStockConfidenceRequest(sku=sku, node_ids=node_ids))
        return answer.nodes


def check(found: int, looked_for: int, **more: Any) -> sc.StockCheck:
    return sc.StockCheck(
        **{"sku": "cup", "node_id": "a", "found_quantity": found, "looked_for_quantity": looked_for, **more}
    )


@pytest.fixture
async def api(serving: Serving) -> ConfidenceApi:
    api = ConfidenceApi(serving)
    await api.shop(units=10)
    return api


async def test_picks_that_fail_lower_what_is_expected_there_and_nowhere_else(api: ConfidenceApi) -> None:
    (before,) = await api.at("a")
    assert (before.confidence_permille, before.available_quantity, before.expected_sellable_quantity) == (950, 10, 9)
    assert not before.HasField("last_check_time")
    answer = await api.found(10, 20)
    assert (answer.learned_count, answer.replayed) == (1, False)
    here, there = await api.at("a", "b")
    assert (here.confidence_permille, here.expected_sellable_quantity) == (725, 7)
    assert (here.found_milliunits, here.missing_milliunits) == (10_000, 10_000)
    assert here.HasField("last_check_time")
    assert there.confidence_permille == 950
    assert here.available_quantity == 10, "nothing is withheld by it"


async def test_skus_of_a_class_learn_together(api: ConfidenceApi) -> None:
    for sku, stock_class in (("mug", "boxed"), ("jar", "boxed"), ("rug", "rolled")):
        value = {"sku": sku, "stock_class": stock_class}
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=value))
    await api.found(0, 0, checks=[check(0, 5, sku="mug")])
    ((jar,), (rug,), (cup,)) = [await api.at("a", sku=sku) for sku in ("jar", "rug", "cup")]
    assert (jar.stock_class, jar.missing_milliunits) == ("boxed", 5_000)
    assert (rug.missing_milliunits, cup.missing_milliunits) == (0, 0)


async def test_a_bad_check_stops_no_other(api: ConfidenceApi) -> None:
    checks = [check(3, 2), check(1, 1, sku="who"), check(1, 1, node_id="nowhere"), check(0, 0), check(1, 2)]
    answer = await api.found(0, 0, checks=checks)
    assert answer.learned_count == 1
    details = {rejection.position: rejection.detail for rejection in answer.rejections}
    assert list(details) == [0, 1, 2, 3]
    assert details[0].startswith("found_quantity: must not be more than")
    assert "no sku 'who'" in details[1]
    assert "no node 'nowhere'" in details[2]
    assert details[3].startswith("looked_for_quantity")


async def test_the_same_request_teaches_once(api: ConfidenceApi) -> None:
    first = await api.found(0, 4, request_id="check-0001")
    again = await api.found(0, 4, request_id="check-0001")
    assert (first.replayed, again.replayed) == (False, True)
    assert (await api.at("a"))[0].missing_milliunits == 4_000
    await refused(
        api.found(1, 4, request_id="check-0001"), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="checks"
    )


async def test_what_is_unknown_or_empty_is_refused(api: ConfidenceApi) -> None:
    await refused(api.at("a", sku="who"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND", sku="who")
    await refused(api.at("nowhere"), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND", node_id="nowhere")
    await refused(api.found(0, 0, checks=[]), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="checks")
