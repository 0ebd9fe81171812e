from buf.validate import validate_pb2 as _validate_pb2
from promessa.v1 import policy_pb2 as _policy_pb2
from promessa.v1 import shadow_pb2 as _shadow_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreatePolicyVersionRequest(_message.Message):
    __slots__ = ("request_id", "document", "policy", "comment")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    document: str
    policy: _policy_pb2.Policy
    comment: str
    def __init__(self, request_id: _Optional[str] = ..., document: _Optional[str] = ..., policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ..., comment: _Optional[str] = ...) -> None: ...

class CreatePolicyVersionResponse(_message.Message):
    __slots__ = ("version", "doubts", "replayed")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    version: _policy_pb2.PolicyVersion
    doubts: _containers.RepeatedCompositeFieldContainer[_policy_pb2.PolicyDoubt]
    replayed: bool
    def __init__(self, version: _Optional[_Union[_policy_pb2.PolicyVersion, _Mapping]] = ..., doubts: _Optional[_Iterable[_Union[_policy_pb2.PolicyDoubt, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ActivatePolicyVersionRequest(_message.Message):
    __slots__ = ("request_id", "policy_id", "version", "shadow_percent")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHADOW_PERCENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    policy_id: str
    version: int
    shadow_percent: int
    def __init__(self, request_id: _Optional[str] = ..., policy_id: _Optional[str] = ..., version: _Optional[int] = ..., shadow_percent: _Optional[int] = ...) -> None: ...

class ActivatePolicyVersionResponse(_message.Message):
    __slots__ = ("version", "active_version_before", "doubts", "replayed")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_VERSION_BEFORE_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    version: _policy_pb2.PolicyVersion
    active_version_before: int
    doubts: _containers.RepeatedCompositeFieldContainer[_policy_pb2.PolicyDoubt]
    replayed: bool
    def __init__(self, version: _Optional[_Union[_policy_pb2.PolicyVersion, _Mapping]] = ..., active_version_before: _Optional[int] = ..., doubts: _Optional[_Iterable[_Union[_policy_pb2.PolicyDoubt, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ArchivePolicyVersionRequest(_message.Message):
    __slots__ = ("request_id", "policy_id", "version")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    policy_id: str
    version: int
    def __init__(self, request_id: _Optional[str] = ..., policy_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class ArchivePolicyVersionResponse(_message.Message):
    __slots__ = ("version", "replayed")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    version: _policy_pb2.PolicyVersion
    replayed: bool
    def __init__(self, version: _Optional[_Union[_policy_pb2.PolicyVersion, _Mapping]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("policy_id", "version")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("version", "shadow")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    version: _policy_pb2.PolicyVersion
    shadow: _shadow_pb2.ShadowResults
    def __init__(self, version: _Optional[_Union[_policy_pb2.PolicyVersion, _Mapping]] = ..., shadow: _Optional[_Union[_shadow_pb2.ShadowResults, _Mapping]] = ...) -> None: ...

class ListPoliciesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPoliciesResponse(_message.Message):
    __slots__ = ("policies", "next_page_token")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.PolicySummary]
    next_page_token: str
    def __init__(self, policies: _Optional[_Iterable[_Union[_policy_pb2.PolicySummary, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListPolicyVersionsRequest(_message.Message):
    __slots__ = ("policy_id", "page_size", "page_token")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    page_size: int
    page_token: str
    def __init__(self, policy_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPolicyVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token", "shadows")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SHADOWS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[_policy_pb2.PolicyVersion]
    next_page_token: str
    shadows: _containers.RepeatedCompositeFieldContainer[_shadow_pb2.ShadowResults]
    def __init__(self, versions: _Optional[_Iterable[_Union[_policy_pb2.PolicyVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., shadows: _Optional[_Iterable[_Union[_shadow_pb2.ShadowResults, _Mapping]]] = ...) -> None: ...

class LintPolicyRequest(_message.Message):
    __slots__ = ("document", "policy", "version")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    document: str
    policy: _policy_pb2.Policy
    version: PolicyVersionName
    def __init__(self, document: _Optional[str] = ..., policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ..., version: _Optional[_Union[PolicyVersionName, _Mapping]] = ...) -> None: ...

class PolicyVersionName(_message.Message):
    __slots__ = ("policy_id", "version")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class LintPolicyResponse(_message.Message):
    __slots__ = ("doubts",)
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    doubts: _containers.RepeatedCompositeFieldContainer[_policy_pb2.PolicyDoubt]
    def __init__(self, doubts: _Optional[_Iterable[_Union[_policy_pb2.PolicyDoubt, _Mapping]]] = ...) -> None: ...
