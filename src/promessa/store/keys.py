"""The keys of a data set: the only place where a key is built.

========================  =======  ==================================================================================
key                       type     holds
========================  =======  ==================================================================================
``{ns}:meta``             hash     layout version, number of partitions, id, epoch and plan keys of the data set
``{ns}:consumers``        hash     how far each consumer of the event logs has come, see `consumers.py`
``{ns}:fence``            string   nothing; what is written so that a WAITAOF waits, see `group_commit.py`
``{ns}:p:cells``          hash     counts, node states, sequence and clock of partition p
``{ns}:p:res``            hash     reservation records and answers of request ids whose home is p
``{ns}:p:due``            zset     when a member of ``res`` expires or may be forgotten
``{ns}:p:moves``          hash     what came to the cells of ``cells`` and left them since their last count
``{ns}:p:deficits``       hash     since when cells promise more than they have because a feed said so
``{ns}:p:supply``         hash     what is to come to the cells of partition p
``{ns}:p:pools``          hash     allocation pools of the cells of partition p
``{ns}:p:bound:...``      zset     records bound to an inbound of partition p
``{ns}:p:capacity``       hash     what nodes of partition p take on in a day
``{ns}:p:unavailable``    hash     why units of cells of partition p cannot be sold
``{ns}:p:safety``         hash     rules of safety stock (in the catalogue), and which cells follow none
``{ns}:p:owners``         hash     what owners hold under rules that limit them, of the owners whose home is p
``{ns}:p:confidence``     hash     what was found where somebody looked for units at the nodes of partition p
``{ns}:p:orders``         hash     orders whose home is p
``{ns}:p:work:...``       zset     ids of orders that a node of partition p has something to do for, by when they were placed
``{ns}:p:log``            stream   the event log of partition p, contiguous ids ``<seq>-0``
``{ns}:shadow:...``       hash     what versions of a policy in the shadow would have done, by `<version>:<what>`
``{ns}:catalogue:placed``  zset    ids of all orders, by when they were placed
``{ns}:catalogue:unsourced``  zset  ids of orders of which units are to be sourced again, by when
``{ns}:catalogue:history``  stream  what records of the catalogue were before they changed
``{ns}:catalogue:loads``  stream   how full the days of nodes were when decisions counted with it
``{ns}:catalogue:...``    as above nodes, groups, skus, rate cards, lanes, policies, and their log
========================  =======  ==================================================================================

The braces are the hash tag: all keys of a data set live in one cluster slot, for one call must reach them all.
`lua/header.lua` explains the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one data set.

    `namespace` is 1 to 32 letters, digits, ``-`` or ``_``; `partitions` is fixed when the data set is created.
    """

    namespace: str
    partitions: int

    @property
    def meta(self) -> str:
        return f"{{{self.namespace}}}:meta"

    @property
    def fence(self) -> str:
        return f"{{{self.namespace}}}:fence"

    @property
    def consumers(self) -> str:
        return f"{{{self.namespace}}}:consumers"

    @property
    def catalogue(self) -> int:
        """The number that stands for the catalogue where a partition is asked for."""
        return self.partitions

    def prefix(self, partition: int) -> str:
        name = "catalogue" if partition == self.partitions else str(partition)
        return f"{{{self.namespace}}}:{name}"

    def cells(self, partition: int) -> str:
        return f"{self.prefix(partition)}:cells"

    def res(self, partition: int) -> str:
        return f"{self.prefix(partition)}:res"

    def due(self, partition: int) -> str:
        return f"{self.prefix(partition)}:due"

    def deficits(self, partition: int) -> str:
        return f"{self.prefix(partition)}:deficits"

    def log(self, partition: int) -> str:
        return f"{self.prefix(partition)}:log"

    def supply(self, partition: int) -> str:
        return f"{self.prefix(partition)}:supply"

    def owners(self, partition: int) -> str:
        return f"{self.prefix(partition)}:owners"

    def unavailable(self, partition: int) -> str:
        return f"{self.prefix(partition)}:unavailable"

    def capacity(self, partition: int) -> str:
        return f"{self.prefix(partition)}:capacity"

    def confidence(self, partition: int) -> str:
        return f"{self.prefix(partition)}:confidence"

    def pools(self, partition: int) -> str:
        return f"{self.prefix(partition)}:pools"

    def orders(self, partition: int) -> str:
        return f"{self.prefix(partition)}:orders"

    def work(self, node_ix: int) -> str:
        return f"{self.prefix(self.partition_of(node_ix))}:work:{node_ix}"

    @property
    def placed(self) -> str:
        return f"{self.prefix(self.catalogue)}:placed"

    @property
    def unsourced(self) -> str:
        return f"{self.prefix(self.catalogue)}:unsourced"

    def shadow(self, policy_id: str) -> str:
        return f"{{{self.namespace}}}:shadow:{policy_id}"

    @property
    def history(self) -> str:
        return f"{self.prefix(self.catalogue)}:history"

    @property
    def loads(self) -> str:
        return f"{self.prefix(self.catalogue)}:loads"

    def all_cells(self) -> tuple[str, ...]:
        """What every write declares: the cells of all partitions in order, then the catalogue's."""
        return tuple(self.cells(p) for p in range(self.partitions + 1))

    def partition_of(self, node_ix: int) -> int:
        """Node indices are dense, so the remainder spreads nodes evenly."""
        return node_ix % self.partitions

    def home_of(self, request_id: str) -> int:
        """The partition that keeps the record of a request id, whatever the request touches."""
        return crc32(request_id.encode()) % self.partitions


def cell_field(node_ix: int, sku_ix: int) -> bytes:
    """The field of a cell in its partition's hash."""
    return b"%d:%d" % (node_ix, sku_ix)


def pools_field(node_ix: int, sku_ix: int) -> bytes:
    """The field of a cell's allocation pools, in their hash and in the log."""
    return b"a:%d:%d" % (node_ix, sku_ix)


def cell_of_field(field: bytes) -> tuple[int, int]:
    """Node and sku of a cell's field."""
    node_ix, _, sku_ix = field.partition(b":")
    return int(node_ix), int(sku_ix)


def record_member(request_id: str) -> bytes:
    """The member of `res` and `due` that is the reservation made by a request."""
    return b"r:" + request_id.encode()


def source_member(source_id: str) -> bytes:
    """The member of `res` that is a source of deltas; its home is that of its id."""
    return b"s:" + source_id.encode()


def answer_member(request_id: str) -> bytes:
    """The same of any other request, which has its answer there; empty for a request without an id."""
    return record_member(request_id) if request_id else b""


def promise_member(request_id: str) -> bytes:
    """The member of `res` and `due` that is the first answer of a promise: its record changes as supply comes."""
    return b"q:" + request_id.encode()
