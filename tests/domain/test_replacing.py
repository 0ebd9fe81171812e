"""Other values of fields of named tuples."""

from __future__ import annotations

import pytest

from promessa.domain.order import PlacedOrder, Standing
from promessa.domain.replacing import replacing


def test_it_is_what_replace_gives() -> None:
    order = PlacedOrder("o-1", (), (), channel="web")
    found = replacing(PlacedOrder, "stands", "order_id")(order, Standing(3), "o-2")
    assert found == order._replace(stands=Standing(3), order_id="o-2")
    assert type(found) is PlacedOrder and order.order_id == "o-1"


def test_a_field_that_is_not_there_and_a_value_too_few_are_defects() -> None:
    with pytest.raises(ValueError, match="not in"):
        replacing(PlacedOrder, "nothing")
    with pytest.raises(ValueError, match="shorter"):
        replacing(Standing, "state", "alerts")(Standing(), 1)
