#!lua name=promessa_v1
--[[
The write side of promessa: every change of stock, reservations and catalogue is one call of promessa_v1_apply.

KEYS      KEYS[p + 1] is `{<ns>}:<p>:cells` of partition p, for p = 0 .. P-1; KEYS[P + 1] is the catalogue's. Declared
          are always all of them; the other keys of a partition share its prefix and end in res, due, log, supply, confidence,
          moves, deficits, owners, capacity, safety, unavailable, pools, orders, history, loads, placed or unsourced, or begin
          with bound or work.
  cells   hash   `<node_ix>:<sku_ix>` -> cell: on_hand, unavailable, safety_stock, held, committed, version,
                 counted_at_ms, as consecutive MessagePack integers, and where units are not counted the supply mode (false
                 where they are), and of a cell with allocation pools the units they keep (false of others), and
                 the source of the last count, if it was named;
                 `n:<node_ix>` -> state of a node (1 active,
                 2 paused, 3 deleted); `f:<node_ix>` -> whether it is FULL for today (1 no, 4 FULL); `inactive` -> how many nodes of the partition are not active; `capped` -> list of
                 the node_ix that have a capacity; `seq` -> sequence of the last log entry; `clock` -> ms of the last
                 change. In the catalogue: `<kind>:<id>` -> [index,
                 JSON or false once deleted, state of a node (4: active, but FULL) or sku, list of the kind:id it refers to, and
                 of a kit what it consists of, of a node when its pause is over]; `next:<kind>` -> next index;
                 of policies see catalogue.lua, of cool-downs cooling.lua;
                 `at:<scope>` -> sequence of the last change there (see put);
                 `ref:<kind>:<id>` -> how many live records refer to it; `s:<sku_ix>` -> state of a sku (1 stocked, 2 a kit,
                 3 deleted, 4 infinite, 5 made to order), and `inactive` -> how many are not 1.
  res     hash   `r:<request_id>` -> what a request made: a reservation record (see RECORD) or [fingerprint, answer];
                 `q:<request_id>` -> [fingerprint, answer] of a promise, whose record changes as supply comes;
                 `s:<source_id>` -> a source of deltas, `p:<source_id>:<sequence>` -> what it parked (see deltas.lua).
  moves   hash   field of a cell -> what came to it and left it since its last count (see moves.lua).
  deficits  hash, field of a cell that feeds put into deficit -> since when, ms (see deficits.lua).
  due     zset   member of res -> ms when it expires (a hold) or may be forgotten (anything final); member of pools -> ms
                 when the first of them gives back; `n:<node_ix>` -> when the day is over on which a node is FULL;
                 `u:<node id>` -> when its pause is over.
  supply  hash   field of a cell -> what is to come of it (see INBOUND).
  capacity  hash, how much nodes take on in a day (see capacity.lua).
  unavailable  hash, why units of cells cannot be sold (see unavailable.lua).
  safety  hash   rules of safety stock, and which cells follow none (see safety.lua).
  owners  hash   what owners hold under rules that limit them (see owners.lua).
  confidence  hash, what was found where somebody looked for units (see confidence.lua).
  pools   hash   `a:<field of a cell>` -> its allocation pools (see POOL).
  orders  hash   id of an order -> the order; placed and unsourced of the catalogue are zsets of such ids (see orders.lua).
  history stream, of the catalogue alone: what its records were before (see history.lua).
  loads   stream, of the catalogue alone: how full the days of nodes were (see `loads` in catalogue.lua).
  log     stream `<seq>-0`, contiguous. t: ms. Then changes in order: a pair of kind and what the change refers to, and
                 a pair of field and after-value for every cell (or catalogue record) it touched. Kinds are words
                 without a colon. `about:` says whom a reservation is for (see ABOUT). One entry per partition and call, so
                 that nobody ever sees half a call; more only where one would be very long.
ARGV      ARGV[1] is one MessagePack array: now_ms or 0, retention_ms, then one string an operation: its consecutive
          MessagePack values, the first its name. A cell is named by its partition (node_ix mod P) and its field. Members of res come ready made;
          `home` is the partition of a request id.
RETURNS   one MessagePack array with one answer per operation: [word, ...]. The words are mapped in store/answers.py.

INVARIANTS
  held and committed of a cell are the sums of open units of the HELD and CONFIRMED records that name it; so are those of an
  inbound, of the lines bound to it, and together they are never more than are to come.
  What is counted for an owner is the sum of the HELD records whose ties say so; what is open of a node's day is the sum of
  the ties of HELD and CONFIRMED records. No more is taken on for a day than its capacity was at that instant.
  A hold of q is granted only if on_hand - unavailable - safety_stock - held - committed >= q at that instant.
  Of a cell with pools, a hold takes what is common, and what the pools on the path of its channel keep; what is common is
  what could be promised less all that pools keep. What is drawn of a pool is the sum of the DRAWS of HELD and CONFIRMED records.
  A hold is refused for want of stock only after every due hold has been returned to stock.
  Redis does not roll back: an operation reads and decides on tables, and the call writes once, at its end, with
  commands that cannot fail.
VERSION   The library's name is its contract. A change of meaning is promessa_v2 beside it.
--]]

-- A record is six consecutive MessagePack values, and up to three more: a seventh, its ties, says what it takes besides units of cells
-- (see TIES; false if it takes nothing), an eighth, its DRAWS, for which channel it was made (see draws.lua), a ninth, 1, that it is part of the order it names: its steps
-- alone change it then (see order_steps.lua). The sixth, its
-- body, is an array of five values and then eight a line:
-- partition, field, requested (0 in a line that Transfer added), granted, open (in an EXPIRED record: what went back),
-- fulfilled, available (0 where all was granted), reason. The field of a line bound to an inbound is that inbound's name.
-- A kit has a line for each of its components, whose units only move together: `k:<node_ix>:<sku_ix of the component>:
-- <units of it in one kit>:<sku_ix of the kit>`, in one word.
local RECORD = { state = 1, created = 2, updated = 3, expires = 4, outcome = 5, body = 6, ties = 7, draws = 8, adopted = 9 }
local BODY = { fingerprint = 1, ttl = 2, owner = 3, order = 4, extra = 5 }
local FIRST, LINE = 6, 8
local HELD, CONFIRMED, FULFILLED, RELEASED, EXPIRED = 1, 2, 3, 4, 5
local RESERVED, PARTIAL, REFUSED = 1, 2, 3
local NO_STOCK, NODE_PAUSED, HOLD_LIMIT, OWNER_LIMIT, CAPACITY_FULL, KEPT_FOR_OTHERS = 1, 2, 4, 10, 11, 20
local APPLIED, UNCHANGED, STALE, INSUFFICIENT, UNKNOWN_SKU, UNKNOWN_NODE, CONFLICT, OVERFLOW, IS_KIT = 1, 2, 3, 4, 5, 6, 8, 9, 20
local ABSORBED, TOO_OLD, IN_FUTURE = 10, 11, 12
local STOCKED_SKU, KIT_SKU, DELETED_SKU, INFINITE_SKU, MADE_TO_ORDER_SKU = '1', '2', '3', '4', '5'
local MAX_QUANTITY = 1000000000000
local CLOCK_ALLOWANCE = 5000 -- ms that the clock of who tells of an instant may be ahead of ours
local CHUNK = 2000 -- values in one command: well below what Lua can pass
local REAP_MAX = 2000 -- members of due taken by one call before a refusal: some milliseconds

-- What the sandbox offers, set by begin(): while the library loads there is none of it, and later each global is a slow
-- look-up.
local call, pack, unpack_one, unpack, ipairs, pairs, type, tonumber, byte, sub, format, min, max, floor

-- The call under way: a function runs alone, and begin() sets these first. `now` only ever rises.
local cells_keys, partitions, parts, now, retention, texts, heads, reap_left, reaped
