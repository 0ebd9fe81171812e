"""The writer: cells, log entries, growth, and files that are none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import PARTITIONS, cell_value, replica

from promessa.replica import Gap, Reader, Renamed, Writer

cells = st.tuples(st.integers(0, 40), st.integers(0, 5), st.integers(-5, 10**12), st.integers(0, 3))


@given(st.lists(cells, max_size=300))
@settings(max_examples=60, deadline=None)
def test_after_any_history_the_replica_is_the_last_value_of_every_cell(history: list[tuple[int, ...]]) -> None:
    expected: dict[tuple[int, int], int] = {}
    with replica() as (writer, path):
        name_all(writer, nodes=41, skus=6)
        for number, (node, sku, on_hand, held) in enumerate(history, 1):
            writer.apply(0, [[b"%d-0" % number, [b"k", b"x", b"%d:%d" % (node, sku), cell_value(on_hand, 0, 0, held)]]])
            expected[node, sku] = max(0, on_hand - held)
        reader = Reader(path)
        assert {key: reader.get(key[1], key[0]) for key in expected} == expected
        for sku in range(6):
            nodes, atps = reader.row(sku)
            assert list(zip(nodes, atps, strict=True)) == sorted(
                (node, units) for (node, of_sku), units in expected.items() if of_sku == sku
            )
        assert reader.applied(0) == len(history)
        assert reader.stats()["cells"] == len(expected)


def test_entries_known_already_are_passed_over_and_a_gap_stops_before_it() -> None:
    with replica() as (writer, path):
        name_all(writer, nodes=1, skus=1)
        entry = lambda n, units: [b"%d-0" % n, [b"0:0", cell_value(units)]]
        writer.apply(1, [entry(1, 10), entry(2, 20)])
        assert writer.apply(1, [entry(1, 99), entry(2, 99)]) == 0
        with pytest.raises(Gap) as caught:
            writer.apply(1, [entry(3, 30), entry(5, 50)])
        assert (caught.value.partition, caught.value.expected, caught.value.found) == (1, 4, 5)
        assert (Reader(path).get(0, 0), writer.applied(1)) == (30, 3)


def test_entries_come_as_lists_or_as_dicts() -> None:
    with replica() as (writer, path):
        name_all(writer, nodes=1, skus=1)
        writer.apply(0, [(b"1-0", {b"t": b"1", b"0:0": cell_value(4)})])
        assert Reader(path).get(0, 0) == 4


@pytest.mark.parametrize(
    ("value", "error"),
    [(b"", ValueError), (b"\x01\x02", ValueError), (b"\xc0" * 7, ValueError), (b"\xcf\x01", ValueError)],
)
def test_a_value_that_is_no_cell_is_refused(value: bytes, error: type[Exception]) -> None:
    with replica() as (writer, _):
        name_all(writer, nodes=1, skus=1)
        with pytest.raises(error, match="value that is none"):
            writer.load_cells([b"0:0", value])


def test_a_sku_that_was_never_named_is_refused_and_other_fields_are_passed_over() -> None:
    with replica() as (writer, _):
        name_all(writer, nodes=1, skus=1)
        with pytest.raises(KeyError):
            writer.load_cells([b"0:1", cell_value(1)])
        assert writer.load_cells([b"seq", b"1", b"n:0", b"1", b"0:", b"x", b":0", b"x", b"0:0:0", b"x"]) == 0


def test_a_full_file_is_said_and_not_run_over() -> None:
    with replica(max_bytes=1 << 21) as (writer, _), pytest.raises(MemoryError, match="replica_max_bytes"):
        name_all(writer, nodes=1, skus=1_000_000)


def test_ids_have_one_to_sixty_four_bytes() -> None:
    with replica() as (writer, _):
        for bad in (b"", b"x" * 65):
            with pytest.raises(ValueError, match="1 to 64 bytes"):
                writer.put_sku(0, bad)


def test_thousands_of_ids_are_found_after_the_tables_grew() -> None:
    with replica() as (writer, path):
        name_all(writer, nodes=3_000, skus=5_000)
        reader = Reader(path)
        assert [reader.sku_index(f"sku-{i}") for i in range(5_000)] == list(range(5_000))
        assert [reader.node_index(f"node-{i}") for i in range(3_000)] == list(range(3_000))
        assert reader.sku_index("sku-5000") == -1


def test_a_deleted_sku_is_unknown_and_known_again_when_put_back() -> None:
    with replica() as (writer, path):
        name_all(writer, nodes=1, skus=1)
        reader = Reader(path)
        writer.put_sku(0, b"sku-0", 3)
        assert reader.sku_index("sku-0") == -1
        writer.put_sku(0, b"sku-0", 1)
        assert reader.sku_index("sku-0") == 0


def test_rows_leave_out_what_is_empty_or_paused() -> None:
    with replica() as (writer, path):
        name_all(writer, nodes=4, skus=2)
        writer.put_node(2, b"node-2", 2)
        for node, units in enumerate((5, 0, 7, 9)):
            writer.load_cells([b"%d:1" % node, cell_value(units)])
        start, nodes, atps = Reader(path).rows([0, 1])
        assert (list(start), list(nodes), list(atps)) == ([0, 0, 2], [0, 3], [5, 9])


def test_a_million_cells_take_at_most_twenty_four_bytes_each() -> None:
    with replica(max_bytes=1 << 30) as (writer, _):
        name_all(writer, nodes=1_000, skus=1_000)
        value = cell_value(7)
        for node in range(1_000):
            writer.load_cells([x for sku in range(1_000) for x in (b"%d:%d" % (node, sku), value)])
        stats = writer.stats()
        assert stats["cells"] == 1_000_000
        assert stats["bytes"] / stats["cells"] <= 24


def test_a_new_writer_tells_readers_of_the_old_file() -> None:
    with replica() as (writer, path):
        reader = Reader(path)
        assert writer.partitions == PARTITIONS
        assert not reader.superseded
        second = Writer(path, PARTITIONS, max_bytes=1 << 24)
        assert reader.superseded
        assert not Reader(path).superseded
        second.close()


def test_a_file_that_is_no_replica_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path / "missing")
    (tmp_path / "short").write_bytes(b"x")
    (tmp_path / "foreign").write_bytes(b"x" * 200_000)
    with pytest.raises(ValueError, match="too short"):
        Reader(tmp_path / "short")
    with pytest.raises(ValueError, match="no replica"):
        Reader(tmp_path / "foreign")


def test_a_replica_that_was_cut_short_or_has_another_layout_is_refused() -> None:
    with replica(max_bytes=1 << 24) as (_, path):
        with open(path, "r+b") as file:
            file.seek(8)
            file.write(b"\xff")
        with pytest.raises(ValueError, match="layout 255"):
            Reader(path)
        os.truncate(path, 1 << 20)
        with pytest.raises(ValueError, match="cut short"):
            Reader(path)


@given(st.tuples(*[st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 300)] * 5), st.sampled_from([None, float]))
@settings(max_examples=300, deadline=None)
def test_units_are_exact_for_every_width_of_integer_and_stop_at_the_ends(
    numbers: tuple[int, ...], kind: object
) -> None:
    if kind is float:
        numbers = tuple(n if abs(n) < 2**53 else 2**62 for n in numbers)
    packed = b"".join(msgpack.packb(float(n) if kind is float else n) for n in (*numbers, 1, 0))
    with replica(max_bytes=1 << 22) as (writer, path):
        name_all(writer, nodes=1, skus=1)
        writer.load_cells({b"0:0": packed, b"clock": b"5"})
        on_hand, *taken = numbers
        assert Reader(path).get(0, 0) == min(max(0, on_hand - sum(taken)), 2**63 - 3)


@pytest.mark.parametrize("wrong", [1.5, float("nan"), float("inf"), 2.0**63, 2**63, "5", None, True])
def test_a_number_that_is_no_integer_is_refused(wrong: object) -> None:
    with replica(max_bytes=1 << 22) as (writer, _):
        name_all(writer, nodes=1, skus=1)
        with pytest.raises(ValueError, match="value that is none"):
            writer.load_cells([b"0:0", msgpack.packb(9) + msgpack.packb(wrong) + msgpack.packb(0) * 5])


def test_an_index_keeps_its_id_and_says_it() -> None:
    with replica(max_bytes=1 << 22) as (writer, path):
        name_all(writer, nodes=2, skus=2)
        writer.put_node(5, b"later", 2)
        reader = Reader(path)
        assert (reader.node_count, reader.sku_count) == (6, 2)
        assert (reader.node_id(1), reader.node_id(5), reader.sku_id(1)) == ("node-1", "later", "sku-1")
        for ask in (reader.node_id, reader.sku_id):
            with pytest.raises(IndexError):
                ask(4)
        with pytest.raises(Renamed, match="'node-1'"):
            writer.put_node(1, b"another", 1)
        with pytest.raises(Renamed, match="'sku-0'"):
            writer.put_sku(0, b"another")
        with pytest.raises(ValueError, match="Indices end"):
            writer.put_sku(1 << 22, b"too many")


def test_reset_begins_an_empty_file_and_leaves_the_old_one_to_its_readers() -> None:
    with replica(max_bytes=1 << 22) as (writer, path):
        name_all(writer, nodes=2, skus=1)
        writer.load_cells([b"1:0", cell_value(5)])
        writer.set_ready(False)
        old = Reader(path)
        writer.reset()
        assert (old.superseded, old.ready, old.get(0, 1)) == (True, False, 5)
        writer.put_node(0, b"another", 1)
        writer.put_sku(0, b"other")
        writer.load_cells([b"0:0", cell_value(6)])
        new = Reader(path)
        assert (new.node_index("another"), new.sku_index("sku-0"), new.get(0, 0), new.stats()["cells"]) == (0, -1, 6, 1)
        assert not new.superseded


@pytest.mark.parametrize("partitions", [1, 257])
def test_all_partitions_and_the_catalogue_have_their_place(tmp_path: Path, partitions: int) -> None:
    writer = Writer(tmp_path / "replica", partitions, max_bytes=1 << 22)
    writer.set_position(partitions - 1, 7)
    assert Reader(tmp_path / "replica").applied(partitions - 1) == 7
    with pytest.raises(IndexError):
        writer.applied(partitions)
    for wrong in (0, 258):
        with pytest.raises(ValueError, match="1 to 257 partitions"):
            Writer(tmp_path / "other", wrong)
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_cannot_be_taken_leaves_the_position_and_may_come_again() -> None:
    with replica(max_bytes=1 << 22) as (writer, path):
        name_all(writer, nodes=1, skus=1)
        entries = [[b"1-0", [b"0:0", cell_value(1)]], [b"2-0", [b"0:1", cell_value(2)]]]
        with pytest.raises(KeyError):
            writer.apply(0, entries)
        assert writer.applied(0) == 0
        writer.put_sku(1, b"sku-1")
        assert writer.apply(0, entries) == 2
        assert (Reader(path).get(0, 0), Reader(path).get(1, 0), writer.applied(0)) == (1, 2, 2)


def test_entries_out_of_order_are_a_gap() -> None:
    with replica(max_bytes=1 << 22) as (writer, _):
        name_all(writer, nodes=1, skus=1)
        entry = lambda n: [b"%d-0" % n, [b"0:0", cell_value(n)]]
        with pytest.raises(Gap):
            writer.apply(0, [entry(2), entry(1)])
        assert writer.apply(0, [entry(1), entry(1), entry(2), entry(1), entry(3)]) == 3
        assert writer.apply(0, []) == 0
        for id_ in (b"", b"x-0", b"12"):
            with pytest.raises(ValueError, match="no id of a log entry"):
                writer.apply(0, [[id_, []]])


def test_a_file_system_without_room_is_said_and_kills_nobody(tmp_path: Path) -> None:
    """A touch of memory that is not there would be a SIGBUS; so the file takes its memory before it uses it."""
    program = tmp_path / "fill.py"
    program.write_text(f"""
from promessa.replica import Reader, Writer
writer = Writer({str(tmp_path / "small/replica")!r}, 1, max_bytes=64 << 20)
try:
    for ix in range(1_000_000):
        writer.put_sku(ix, b"sku-%d" % ix)
except MemoryError as error:
    print(error)
known = Reader({str(tmp_path / "small/replica")!r}).sku_count
assert known > 10_000 and writer.sku_id(known - 1) == f"sku-{{known - 1}}"
""")
    (tmp_path / "small").mkdir()
    mount = f"mount -t tmpfs -o size=4m none '{tmp_path}/small'"
    apart = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*apart, mount], capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    command = f"{mount} && '{sys.executable}' '{program}'"
    done = subprocess.run([*apart, command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "no room left" in done.stdout


def name_all(writer: Writer, *, nodes: int, skus: int) -> None:
    for ix in range(nodes):
        writer.put_node(ix, b"node-%d" % ix, 1)
    for ix in range(skus):
        writer.put_sku(ix, b"sku-%d" % ix)
    writer.set_ready(True)
