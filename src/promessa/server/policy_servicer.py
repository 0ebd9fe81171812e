"""PolicyService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.policy import PolicyVersion
from promessa.server import validate
from promessa.server.convert_policy import doubt_message, policy_of, shadow_message, summary_message, version_message
from promessa.server.paging import page_position, page_token
from promessa.service.policies import Draft, Policies, draft_of_document, draft_of_policy
from promessa.store.shadow_store import ShadowStore
from promessa.v1 import policy_service_pb2 as messages
from promessa.v1 import shadow_pb2


class PolicyServicer:
    """The methods of PolicyService."""

    def __init__(self, policies: Policies, shadows: ShadowStore) -> None:
        self._policies = policies
        self._shadows = shadows

    async def CreatePolicyVersion(
        self, request: messages.CreatePolicyVersionRequest, context: Any
    ) -> messages.CreatePolicyVersionResponse:
        validate.check(request)
        filed, doubts = await self._policies.create(request.request_id, _draft(request), request.comment)
        return messages.CreatePolicyVersionResponse(
            version=version_message(filed.version),
            doubts=[doubt_message(each) for each in doubts],
            replayed=filed.replayed,
        )

    async def ActivatePolicyVersion(
        self, request: messages.ActivatePolicyVersionRequest, context: Any
    ) -> messages.ActivatePolicyVersionResponse:
        validate.check(request)
        wanted = (request.request_id, request.policy_id, request.version)
        if request.HasField("shadow_percent"):
            filed, doubts = await self._policies.shadow(*wanted, request.shadow_percent)
        else:
            filed, doubts = await self._policies.activate(*wanted)
        return messages.ActivatePolicyVersionResponse(
            version=version_message(filed.version),
            active_version_before=filed.active_before,
            doubts=[doubt_message(each) for each in doubts],
            replayed=filed.replayed,
        )

    async def ArchivePolicyVersion(
        self, request: messages.ArchivePolicyVersionRequest, context: Any
    ) -> messages.ArchivePolicyVersionResponse:
        validate.check(request)
        filed = await self._policies.archive(request.request_id, request.policy_id, request.version)
        return messages.ArchivePolicyVersionResponse(version=version_message(filed.version), replayed=filed.replayed)

    async def GetPolicy(self, request: messages.GetPolicyRequest, context: Any) -> messages.GetPolicyResponse:
        validate.check(request)
        found = await self._policies.get(request.policy_id, request.version)
        answer = messages.GetPolicyResponse(version=version_message(found))
        for shadow in await self._shadows_of([found]):
            answer.shadow.CopyFrom(shadow)
        return answer

    async def ListPolicies(self, request: messages.ListPoliciesRequest, context: Any) -> messages.ListPoliciesResponse:
        validate.check(request)
        page, position = self._policies.list_policies(
            page_size=request.page_size or PAGE_SIZE_DEFAULT, position=page_position(request)
        )
        return messages.ListPoliciesResponse(
            policies=[summary_message(head, active) for head, active in page],
            next_page_token=page_token(request, position),
        )

    async def ListPolicyVersions(
        self, request: messages.ListPolicyVersionsRequest, context: Any
    ) -> messages.ListPolicyVersionsResponse:
        validate.check(request)
        page, position = await self._policies.list_versions(
            request.policy_id, page_size=request.page_size or PAGE_SIZE_DEFAULT, position=page_position(request)
        )
        return messages.ListPolicyVersionsResponse(
            versions=[version_message(each, whole=False) for each in page],
            next_page_token=page_token(request, position),
            shadows=await self._shadows_of(page),
        )

    async def _shadows_of(self, versions: Sequence[PolicyVersion]) -> list[shadow_pb2.ShadowResults]:
        """What versions of one policy did in the shadow, of those that were in it."""
        counts = await self._shadows.read(versions[0].policy_id) if versions else {}
        return [
            shadow_message(each, counts.get(each.version, {}))
            for each in versions
            if each.version in counts or each.shadow_percent
        ]

    async def LintPolicy(self, request: messages.LintPolicyRequest, context: Any) -> messages.LintPolicyResponse:
        validate.check(request)
        if request.WhichOneof("source") == "version":
            doubts = await self._policies.lint_version(request.version.policy_id, request.version.version)
        else:
            doubts = await self._policies.lint(_draft(request))
        return messages.LintPolicyResponse(doubts=[doubt_message(each) for each in doubts])


def _draft(request: messages.CreatePolicyVersionRequest | messages.LintPolicyRequest) -> Draft:
    if request.WhichOneof("source") == "document":
        return draft_of_document(request.document)
    return draft_of_policy(policy_of(request.policy))
