"""PolicyService over a real channel: both forms of a policy, versions, refusals that say where and what is allowed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import fields as fields_of_class
from dataclasses import is_dataclass
from enum import IntEnum
from typing import Any

import grpc
import pytest
from api_kit import Api, error_of, refused
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from hypothesis import given
from hypothesis import strategies as st
from serving import Serving

from promessa.domain import policy as domain
from promessa.domain.policy import Policy
from promessa.domain.policy_fields import fields_of
from promessa.domain.policy_lint import Finding
from promessa.server.convert_policy import message_field, policy_message, policy_of
from promessa.server.validate import violations_of
from promessa.service.policy_documents import policy_of as policy_of_document
from promessa.service.policy_documents import ready_made, ready_made_text
from promessa.store import policy_store
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import policy_pb2 as pb
from promessa.v1 import policy_service_pb2 as po
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import sourcing_service_pb2 as so

INVALID, FAILED, MISSING = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
)
NEAR = "policy: near\nname: Near\nmode: cost  # cheap\nrules: [{name: all}]\n"


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[Api]:
    following = asyncio.create_task(serving.parts.keeper.follow())
    api = Api(serving.channel)
    await api.shop(units=100)
    yield api
    following.cancel()


async def create(api: Api, document: str = NEAR, **more: Any) -> po.CreatePolicyVersionResponse:
    more.setdefault("request_id", api.new_id())
    return await api.policies.CreatePolicyVersion(po.CreatePolicyVersionRequest(document=document, **more))


async def activate(api: Api, version: int, policy_id: str = "near", request_id: str = "") -> Any:
    request = po.ActivatePolicyVersionRequest(
        request_id=request_id or api.new_id(), policy_id=policy_id, version=version
    )
    return await api.policies.ActivatePolicyVersion(request)


async def archive(api: Api, version: int, policy_id: str = "near") -> Any:
    request = po.ArchivePolicyVersionRequest(request_id=api.new_id(), policy_id=policy_id, version=version)
    return await api.policies.ArchivePolicyVersion(request)


async def lint(api: Api, **source: Any) -> list[pb.PolicyDoubt]:
    return list((await api.policies.LintPolicy(po.LintPolicyRequest(**source))).doubts)


# The two forms ------------------------------------------------------------------------------------------------------------

PARTS = [each for each in vars(domain).values() if isinstance(each, type) and is_dataclass(each)]
KEPT_BESIDE = {"PolicyVersion", "PolicyHead"}
MESSAGES = {"Policy": "Policy"}
ENUMS = {"Mode", "Fact", "OrderFact", "Limit", "Otherwise", "UnservedAction", "PolicyState"}


def enum_of(name: str) -> Any:
    return getattr(pb, {"WeightedTerm": "PolicyTerm", "PolicyState": "PolicyState"}.get(name, f"Policy{name}"))


@pytest.mark.parametrize(
    "owner", [each for each in PARTS if each.__name__ not in KEPT_BESIDE], ids=lambda x: x.__name__
)
def test_every_field_of_the_classes_is_one_of_the_messages(owner: type) -> None:
    message = getattr(pb, MESSAGES.get(owner.__name__, f"Policy{owner.__name__}"))
    assert [message_field(each) for each in fields_of(owner)] == [each.name for each in message.DESCRIPTOR.fields]
    assert len(fields_of_class(owner)) == len(message.DESCRIPTOR.fields)


@pytest.mark.parametrize("name", [*sorted(ENUMS), "WeightedTerm", "Finding"])
def test_every_word_has_the_same_number_in_the_messages(name: str) -> None:
    owner: type[IntEnum] = Finding if name == "Finding" else getattr(domain, name)
    words = enum_of(name)
    prefix = words.keys()[0].removesuffix("UNSPECIFIED")
    assert dict(words.items()) == {f"{prefix}UNSPECIFIED": 0} | {f"{prefix}{each.name}": each.value for each in owner}


@pytest.mark.parametrize("name", ready_made())
def test_a_policy_is_the_same_in_both_forms(name: str) -> None:
    policy = policy_of_document(ready_made_text(name))
    assert violations_of(policy_message(policy)) == []
    assert policy_of(policy_message(policy)) == policy


def test_a_part_that_says_nothing_but_defaults_is_kept_where_it_matters_that_it_is_there() -> None:
    policy = policy_of_document("policy: x\nmode: cost\nrules: [{name: r, offer: {}}]")
    assert policy.rules[0].offer == domain.Offer()
    assert policy_of(policy_message(policy)) == policy


words = st.lists(st.sampled_from(["a", "b/c", "d e"]), max_size=2).map(tuple)
numbers = st.none() | st.integers(0, 9)


def parts(owner: type) -> st.SearchStrategy[Any]:
    """Any instance of a class, whether it makes sense or not."""
    return st.builds(owner, **{each.name: values(each) for each in fields_of(owner)})


def values(field: Any) -> st.SearchStrategy[Any]:
    one: st.SearchStrategy[Any]
    if field.nested:
        one = parts(field.type)
    elif issubclass(field.type, IntEnum):
        one = st.sampled_from(list(field.type))
    else:
        one = {bool: st.booleans(), int: st.integers(1, 50), str: st.sampled_from(["a", "b c"])}[field.type]
    if field.many:
        return st.lists(one, max_size=2).map(tuple)
    return st.none() | one if field.optional else one


@given(parts(Policy))
def test_no_field_is_lost_on_the_way_through_a_message(policy: Policy) -> None:
    assert policy_of(policy_message(policy)) == policy


# Versions -----------------------------------------------------------------------------------------------------------------


async def test_a_version_is_made_read_activated_and_archived(api: Api) -> None:
    created = await create(api, comment="first")
    assert (created.version.version, created.version.state) == (1, pb.POLICY_STATE_DRAFT)
    message = policy_message(policy_of_document(NEAR.replace("Near", "Nearer")))
    second = await api.policies.CreatePolicyVersion(
        po.CreatePolicyVersionRequest(request_id=api.new_id(), policy=message, comment="second")
    )
    assert (second.version.version, second.version.document, second.version.policy) == (2, "", message)
    read = (await api.policies.GetPolicy(po.GetPolicyRequest(policy_id="near", version=1))).version
    assert (read.document, read.comment, read.policy.name) == (NEAR, "first", "Near")
    assert (await api.policies.GetPolicy(po.GetPolicyRequest(policy_id="near"))).version.version == 2, "the newest"
    await activate(api, 1)
    assert (await api.policies.GetPolicy(po.GetPolicyRequest(policy_id="near"))).version.version == 1, "the active one"
    assert (await activate(api, 2)).active_version_before == 1
    (listed,) = (await api.policies.ListPolicies(po.ListPoliciesRequest())).policies
    assert (listed.policy_id, listed.version_count, listed.active_version, listed.name) == ("near", 2, 2, "Nearer")
    versions = (await api.policies.ListPolicyVersions(po.ListPolicyVersionsRequest(policy_id="near"))).versions
    assert [(each.version, each.state, each.comment) for each in versions] == [
        (2, pb.POLICY_STATE_ACTIVE, "second"),
        (1, pb.POLICY_STATE_ARCHIVED, "first"),
    ]
    assert (await archive(api, 2)).version.state == pb.POLICY_STATE_ARCHIVED
    (listed,) = (await api.policies.ListPolicies(po.ListPoliciesRequest())).policies
    assert (listed.active_version, listed.version_count) == (0, 2)


async def test_lists_come_in_pages(api: Api) -> None:
    for n in range(5):
        await create(api)
        await create(api, NEAR.replace("policy: near", f"policy: p{n}"))
    seen: list[str] = []
    request = po.ListPoliciesRequest(page_size=4)
    while not seen or request.page_token:
        page = await api.policies.ListPolicies(request)
        seen += [each.policy_id for each in page.policies]
        request.page_token = page.next_page_token
    assert seen == ["near", "p0", "p1", "p2", "p3", "p4"]
    numbers: list[int] = []
    listing = po.ListPolicyVersionsRequest(policy_id="near", page_size=2)
    while not numbers or listing.page_token:
        found = await api.policies.ListPolicyVersions(listing)
        numbers += [each.version for each in found.versions]
        listing.page_token = found.next_page_token
    assert numbers == [5, 4, 3, 2, 1]
    forged = po.ListPolicyVersionsRequest(policy_id="near", page_token="1.x")
    await refused(api.policies.ListPolicyVersions(forged), INVALID, "INVALID_PAGE_TOKEN")


async def test_every_change_is_made_once(api: Api) -> None:
    first = await create(api, request_id="edit-0001")
    activated = await activate(api, 1, request_id="edit-0002")
    await create(api)
    await activate(api, 2)
    again = await create(api, request_id="edit-0001")
    assert (again.replayed, again.version) == (True, first.version)
    assert (await activate(api, 1, request_id="edit-0002")).version == activated.version
    (listed,) = (await api.policies.ListPolicies(po.ListPoliciesRequest())).policies
    assert (listed.version_count, listed.active_version) == (2, 2), "a replay changes nothing"
    reused = (create(api, request_id="edit-0001", comment="other"), activate(api, 2, request_id="edit-0002"))
    for call, field in zip(reused, ("comment", "version"), strict=True):
        await refused(call, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field=field)


# Refusals -----------------------------------------------------------------------------------------------------------------


async def test_a_document_that_is_wrong_is_refused_by_line_and_field(api: Api) -> None:
    document = NEAR + "applies_to:\n  chanels: [web]\nprecedence: -1\n"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await create(api, document)
    reason, metadata = error_of(caught.value)
    assert (reason, metadata["field"], metadata["line"]) == ("INVALID_POLICY", "applies_to.chanels", "6")
    assert "Did you mean channels?" in metadata["rule"]
    assert "Allowed: channels, order_kinds" in (caught.value.details() or "")
    status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]
    bad = error_details_pb2.BadRequest()
    assert any(detail.Unpack(bad) for detail in status.details)  # type: ignore[union-attr]
    assert [each.field for each in bad.field_violations] == ["applies_to.chanels"]
    assert not (await api.policies.ListPolicies(po.ListPoliciesRequest())).policies, "nothing half written"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{", "the document"),
        ("policy: near\nmode: rules\nrules: [{name: a}]\n", "rules[0].sorts"),
        (NEAR.replace("policy: near", "policy: default"), "policy"),
        ("policy: x\nmode: cost\nrules: []\n", "rules"),
    ],
)
async def test_what_is_no_policy_is_refused(api: Api, document: str, field: str) -> None:
    await refused(create(api, document), INVALID, "INVALID_POLICY", field=field)
    doubts = await lint(api, document=document)
    assert {(each.finding, each.error) for each in doubts} == {(pb.POLICY_FINDING_INVALID, True)}
    assert doubts[0].field == field


async def test_a_message_that_is_wrong_is_refused_by_field(api: Api) -> None:
    message = policy_message(policy_of_document(NEAR))
    message.rules[0].sorts.add(by=pb.POLICY_FACT_COST)
    request = po.CreatePolicyVersionRequest(request_id=api.new_id(), policy=message)
    await refused(api.policies.CreatePolicyVersion(request), INVALID, "INVALID_POLICY", field="rules[0].sorts")
    message.precedence = -1
    request = po.CreatePolicyVersionRequest(request_id=api.new_id(), policy=message)
    await refused(api.policies.CreatePolicyVersion(request), INVALID, "INVALID_FIELD", field="policy.precedence")
    nothing = po.CreatePolicyVersionRequest(request_id=api.new_id())
    await refused(api.policies.CreatePolicyVersion(nothing), INVALID, "INVALID_FIELD")


async def test_what_is_not_there_is_told(api: Api) -> None:
    await create(api)
    for call in (
        activate(api, 2),
        archive(api, 2),
        activate(api, 1, "far"),
        api.policies.GetPolicy(po.GetPolicyRequest(policy_id="far")),
        api.policies.GetPolicy(po.GetPolicyRequest(policy_id="near", version=2)),
        api.policies.ListPolicyVersions(po.ListPolicyVersionsRequest(policy_id="far")),
        api.policies.LintPolicy(po.LintPolicyRequest(version={"policy_id": "far"})),
    ):
        await refused(call, MISSING, "POLICY_NOT_FOUND")


async def test_a_version_that_contradicts_itself_is_kept_but_cannot_decide(api: Api) -> None:
    created = await create(api, NEAR + "except_for: {min_priority: 0}\napplies_to: {min_priority: 3}\n")
    assert [(each.error, each.field, each.line) for each in created.doubts] == [(True, "except_for", 5)]
    await refused(activate(api, 1), FAILED, "POLICY_UNFIT", field="except_for")
    assert (await lint(api, version={"policy_id": "near", "version": 1}))[0].error


async def test_the_linter_looks_at_the_network_as_it_is(api: Api) -> None:
    document = NEAR.replace("{name: all}", "{name: all, filters: [{where: node, any_of: [a, z]}]}")
    (doubt,) = await lint(api, document=document)
    assert (doubt.finding, doubt.line, doubt.error) == (pb.POLICY_FINDING_UNKNOWN_NAME, 4, False)
    assert "'z'" in doubt.message
    json_form = json.dumps({"policy": "near", "mode": "cost", "rules": [{"name": "all"}]})
    assert await lint(api, document=json_form) == []
    assert await lint(api, policy=policy_message(policy_of_document(NEAR))) == []
    await create(api)
    await activate(api, 1)
    (shadowed,) = await lint(api, document=NEAR.replace("policy: near", "policy: other\nprecedence: 200"))
    assert shadowed.finding == pb.POLICY_FINDING_SHADOWED_POLICY


# Decisions ----------------------------------------------------------------------------------------------------------------

B_ALONE = "policy: near\nmode: cost\nrules: [{name: b alone, filters: [{where: node, any_of: [b]}]}]\n"


def order(**more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "cup", "quantity": 2}], "destination": {"postal_code": "01310100"}, **more}


async def test_an_active_policy_decides_and_every_answer_names_it(api: Api) -> None:
    plain = await api.sourcing.Source(so.SourceRequest(order=order()))
    assert not plain.plan.HasField("policy")
    await create(api, B_ALONE)
    assert not (await api.sourcing.Source(so.SourceRequest(order=order()))).plan.HasField("policy"), "a draft"
    await activate(api, 1)
    sourced = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
    (option,) = (await api.sourcing.Quote(so.QuoteRequest(order=order()))).options
    request = so.SourceAndReserveRequest(request_id="order-0001", order=order())
    held = await api.sourcing.SourceAndReserve(request)
    for plan in (sourced, option.plan, held.plan):
        assert [shipment.node_id for shipment in plan.shipments] == ["b"]
        assert (plan.policy.policy_id, plan.policy.version, plan.policy.rule) == ("near", 1, "b alone")
        assert plan.policy.objective_micros == plan.cost.total_micros
    await archive(api, 1)
    again = await api.sourcing.SourceAndReserve(request)
    assert (again.replayed, again.plan) == (True, held.plan)
    assert not (await api.sourcing.Source(so.SourceRequest(order=order()))).plan.HasField("policy")


async def test_the_worker_that_activates_a_version_decides_by_it_at_once(serving: Serving) -> None:
    api = Api(serving.channel)  # nobody follows the log here
    await api.shop(units=100)
    await create(api, B_ALONE)
    await create(api, B_ALONE.replace("any_of: [b]", "any_of: [a]"))
    for version, node_id in ((1, "b"), (2, "a")):
        await activate(api, version)
        plan = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
        assert ([shipment.node_id for shipment in plan.shipments], plan.policy.version) == ([node_id], version)
    await archive(api, 2)
    assert not (await api.sourcing.Source(so.SourceRequest(order=order()))).plan.HasField("policy")


async def test_the_load_of_all_nodes_is_looked_up_while_a_policy_asks_for_it(api: Api, serving: Serving) -> None:
    capacity = nw.SetNodeCapacityRequest(
        request_id=api.new_id(), node_id="a", capacity={"limit_quantity": 10, "unit": 2, "on_full": 1}
    )
    await api.network.SetNodeCapacity(capacity)
    await api.reserve(7)
    await serving.parts.loads.look()
    document = B_ALONE.replace("where: node, any_of: [b]", "where: free_capacity_percent, min: 50")
    await create(api, document)
    await activate(api, 1)
    for looked_up, expected in ((False, "a"), (True, "b")):
        if looked_up:
            await serving.parts.loads.look()
        plan = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
        assert [shipment.node_id for shipment in plan.shipments] == [expected]


async def test_what_an_order_says_of_itself_reaches_the_policy(api: Api) -> None:
    document = (
        "policy: near\nmode: cost\nrules:\n"
        "  - {name: gold, when: {customer_tiers: [gold], tags: [gift], min_priority: 3, categories: [cups]}}\n"
        "  - {name: close, filters: [{where: distance_km, max: 100}, {where: refusals, max: 0}]}\n"
        "unserved: {action: park, queue: night}\n"
    )
    for node_id, latitude in (("a", -23_500_000), ("b", -23_600_000)):
        node = {"node_id": node_id, "latitude_e6": latitude, "longitude_e6": -46_600_000}
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    await create(api, document)
    await activate(api, 1)
    traits = {"customer_tier": "gold", "tags": ["gift"], "priority": 3, "categories": ["x", "cups"]}
    gold = (await api.sourcing.Source(so.SourceRequest(order=order(traits=traits)))).plan
    assert gold.policy.rule == "gold"
    destination = {"postal_code": "01310100", "position": {"latitude_e6": -23_550_000, "longitude_e6": -46_630_000}}
    close = order(destination=destination, traits={"refused_by_node_ids": ["a"]})
    plan = (await api.sourcing.Source(so.SourceRequest(order=close))).plan
    assert ([shipment.node_id for shipment in plan.shipments], plan.policy.rule) == (["b"], "close")
    refused_order = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="order-0001", order=order())
    )
    assert refused_order.outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (refused_order.policy.policy_id, refused_order.policy.rule) == ("near", "")
    assert (refused_order.policy.unserved.action, refused_order.policy.unserved.queue) == (
        pb.POLICY_UNSERVED_ACTION_PARK,
        "night",
    )


async def test_an_order_may_name_its_policy(api: Api) -> None:
    await create(api, B_ALONE)
    named = order(policy_id="near", policy_version=1)
    plan = (await api.sourcing.Source(so.SourceRequest(order=named))).plan
    assert plan.policy.rule == "b alone", "a draft can be tried"
    holding = so.SourceAndReserveRequest(request_id="order-0001", order=named)
    await refused(api.sourcing.SourceAndReserve(holding), FAILED, "POLICY_NOT_ACTIVE", policy_id="near", version="1")
    for wanted in (order(policy_id="near"), order(policy_id="near", policy_version=2), order(policy_id="far")):
        await refused(api.sourcing.Source(so.SourceRequest(order=wanted)), MISSING, "POLICY_NOT_FOUND")
    await activate(api, 1)
    assert (await api.sourcing.SourceAndReserve(holding)).plan.policy.version == 1
    plan = (await api.sourcing.Source(so.SourceRequest(order=order(policy_id="default")))).plan
    assert not plan.HasField("policy")


async def test_attributes_of_nodes_are_kept_and_asked_for(api: Api) -> None:
    node = {"node_id": "b", "attributes": [{"name": "gift wrap", "value": "yes"}]}
    put = await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    assert [(each.name, each.value) for each in put.node.attributes] == [("gift wrap", "yes")]
    document = B_ALONE.replace("where: node, any_of: [b]", "where: attribute, name: gift wrap, any_of: ['yes']")
    assert (await create(api, document)).doubts == []
    await activate(api, 1)
    plan = (await api.sourcing.Source(so.SourceRequest(order=order()))).plan
    assert [shipment.node_id for shipment in plan.shipments] == ["b"]


DECIDES = {
    "fastest": "b",
    "fewest-shipments": "b",
    "franchise-fair": "b",
    "nearest-first": "b",
    "protect-store-stock": "a",
}
"""Of a, a distribution centre 340 km away whose lane takes two days more, and b, a shop in town that costs more."""


@pytest.mark.parametrize("name", [each for each in ready_made() if "mode: rules" in ready_made_text(each)])
async def test_a_policy_of_sorts_decides_what_is_held(api: Api, name: str) -> None:
    for node_id, kind, latitude, cost in (("a", 1, -20_500_000, 0), ("b", 2, -23_600_000, 9_000_000)):
        node = {"node_id": node_id, "type": kind, "latitude_e6": latitude, "longitude_e6": -46_600_000}
        node["shipment_cost_micros"] = cost
        await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    lane = {"lane_id": "lane-a", "node_id": "a", "country_code": "BR", "postal_code_prefixes": ["0"]}
    lane |= {"rate_card_id": "card", "transit_days": 2}
    await api.network.PutLane(nw.PutLaneRequest(request_id=api.new_id(), lane=lane))
    await create(api, ready_made_text(name))
    destination = {"postal_code": "01310100", "position": {"latitude_e6": -23_550_000, "longitude_e6": -46_630_000}}
    wanted = order(destination=destination)
    cheapest = (await api.sourcing.Source(so.SourceRequest(order=wanted))).plan
    assert [shipment.node_id for shipment in cheapest.shipments] == ["a"]
    await activate(api, 1, name)
    request = so.SourceAndReserveRequest(request_id="order-0001", order=wanted)
    held = await api.sourcing.SourceAndReserve(request)
    assert held.plan.policy.policy_id == name
    assert [shipment.node_id for shipment in held.plan.shipments] == [DECIDES[name]]
    assert held.plan.proven_optimal
    assert [line.node_id for line in held.reservation.lines] == [DECIDES[name]]
    assert (await api.sourcing.SourceAndReserve(request)).plan == held.plan
    (option,) = (await api.sourcing.Quote(so.QuoteRequest(order=wanted))).options
    assert [shipment.node_id for shipment in option.plan.shipments] == [DECIDES[name]]


async def test_a_policy_has_no_more_versions_than_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_store, "POLICY_VERSIONS_MAX", 2)
    for _ in range(2):
        await create(api)
    one_more = create(api)
    reason = "TOO_MANY_POLICY_VERSIONS"
    await refused(one_more, grpc.StatusCode.FAILED_PRECONDITION, reason, policy_id="near", versions_max="2")
