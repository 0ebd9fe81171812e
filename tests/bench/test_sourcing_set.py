"""The published instances are the same everywhere, and are what they say."""

from __future__ import annotations

import gzip
import json
from itertools import product

import pytest
from sourcing_set import CENTRES, COUNT, HASHES, LINES, RULES, SUPPLY, Cell, Chain, Hash, write

from promessa.kernel import plan


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(100)


def test_the_instances_of_a_hundred_nodes_are_the_published_ones(chain):
    hashed = Hash()
    for lines, supply in product(LINES, SUPPLY):
        for instance in chain.instances(lines, supply):
            hashed.add(instance)
    assert hashed.hex() == HASHES[100]


def test_another_instance_has_another_hash(chain):
    def hash_of(*numbers: int) -> str:
        instances, hashed = list(chain.instances("5", "all", count=3)), Hash()
        for number in numbers:
            hashed.add(instances[number])
        return hashed.hex()

    assert len({hash_of(0, 1), hash_of(1, 0), hash_of(0, 2), hash_of(0), hash_of()}) == 5
    assert hash_of(0, 1) == hash_of(0, 1)


@pytest.mark.parametrize("supply", SUPPLY)
@pytest.mark.parametrize("lines", LINES)
def test_every_order_can_be_served_whole_by_who_may_serve(chain, lines, supply):
    instances = list(chain.instances(lines, supply))
    assert len(instances) == COUNT == len({instance.name for instance in instances})
    for instance in instances:
        basket = instance.basket
        assert lines == "consumer" or basket.lines == int(lines)
        assert min(basket.row_node) >= (CENTRES if supply == "stores" else 0)
        assert plan(instance.toward.network, basket, RULES)[0] == 0, "units are left out"


def test_stores_alone_get_the_same_orders(chain):
    both = [list(chain.instances("5", supply, count=20)) for supply in SUPPLY]
    for everywhere, stores in zip(*both, strict=True):
        assert everywhere.basket.quantities == stores.basket.quantities
        assert everywhere.metres == stores.metres
        assert set(stores.basket.row_node) < set(everywhere.basket.row_node)


def test_a_written_instance_has_the_numbers_of_the_kernel(chain, tmp_path):
    instances = list(chain.instances("5", "all", count=3))
    path = write(tmp_path, Cell(100, "5", "all"), instances, Hash())
    with gzip.open(path, "rt") as file:
        lines = [json.loads(line) for line in file]
    networks = {line["network"]: line for line in lines if "instance" not in line}
    written = [line for line in lines if "instance" in line]
    assert [line["instance"] for line in written] == [instance.name for instance in instances]
    for line, instance in zip(written, instances, strict=True):
        network = networks[line["network"]]
        assert network["bracket_price"] == list(instance.toward.network.bracket_price)
        assert network["days"] == list(instance.toward.days)
        assert line["row_atp"] == list(instance.basket.row_atp)
        assert line["split_cost"] == RULES.split_cost
