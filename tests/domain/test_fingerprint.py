"""Fingerprints tell whether two payloads are the same, and name the first field in which they differ."""

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.fingerprint import fingerprint

FIELDS = ("method", "lines", "ttl", "owner_id")
values = st.tuples(
    st.just("Reserve"), st.lists(st.integers(0, 2**40)).map(tuple), st.integers(0, 2**40), st.text(max_size=20)
)


@given(values)
def test_the_same_payload_has_the_same_digest(payload: tuple[object, ...]) -> None:
    assert fingerprint(FIELDS, *payload) == fingerprint(FIELDS, *payload)


@given(values, values)
def test_the_first_field_that_differs_is_named(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    mine, theirs = fingerprint(FIELDS, *one), fingerprint(FIELDS, *other)
    if one == other:
        assert mine.digest == theirs.digest
    else:
        first = next(name for name, a, b in zip(FIELDS, one, other, strict=True) if a != b)
        assert mine.digest != theirs.digest
        assert mine.first_difference(theirs.digest) == first


@given(values, st.text(max_size=3), st.text(max_size=3))
def test_what_is_left_empty_at_the_end_differs_from_what_is_said_there(
    payload: tuple[object, ...], one: str, other: str
) -> None:
    fields = (*FIELDS, "channel", "date")
    plain, said = fingerprint(FIELDS, *payload), fingerprint(fields, *payload, one, other)
    assert fingerprint(fields, *payload, "", "") == plain._replace(fields=fields)
    if one or other:
        first = "channel" if one else "date"
        assert said.first_difference(plain.digest) == first
        assert fingerprint(fields, *payload, "", "").first_difference(said.digest) == first


def test_a_request_of_another_kind_differs_in_its_method() -> None:
    reserve = fingerprint(("method", "lines"), "Reserve", 1)
    confirm = fingerprint(("method", "reservation_id", "order_id"), "Confirm", 1, 2)
    assert reserve.first_difference(confirm.digest) == "method"
