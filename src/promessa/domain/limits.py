"""Every maximum of promessa, with its reason. The rules in the protos repeat those a caller must keep to."""

ID_LENGTH_MAX = 64
"""Characters of a sku or node id: longer than any GTIN, GLN or ERP key, short enough for a fixed slot in the replica."""

REQUEST_ID_LENGTH_MIN, REQUEST_ID_LENGTH_MAX = 8, 64
"""A UUID has 36; shorter than 8 is no unique id."""

QUANTITY_MAX = 1_000_000_000
"""Units in one request: any real stock in grams, and far from the sum limit below."""

CELL_QUANTITY_MAX = 1_000_000_000_000
"""Units in one cell: sums of a thousand of these still are exact in the 53 bits of a Lua number."""

RESERVATION_LINES_MAX = 200
"""Lines of one reservation: a wholesale order, and one atomic call well below a millisecond."""

BASKET_LINES_MAX = 64
"""Lines of a basket or order under decision: the width of a coverage mask."""

BATCH_PAIRS_MAX = 1_000
"""Questions in one batch read, and nodes in a filter."""

STREAM_RESERVATIONS_MAX = 256
"""Reservations in one stream message: one atomic call of the store."""

DELTAS_MAX = 1_000
"""Changes in one message of a feed."""

SNAPSHOT_COUNTS_MAX = 5_000
"""Counts in one message of a snapshot: with 4 MiB messages there is room to spare."""

CLOCK_ALLOWANCE_MS = 5_000
"""How far the clock of a feed may be ahead of the store's: more is a clock that nobody sets."""

MOVES_MAX, MOVES_MS = 32, 48 * 3600 * 1000
"""Moves a cell remembers until its next count: eight hours of sales in every quarter; a count of the day before yesterday
is no news."""

PARKED_MAX, PARKED_DELTAS_MAX = 64, 8_000
"""Messages, and their deltas, that one source may have parked: one call of the store applies them all, in some 40 ms."""

KIT_COMPONENTS_MAX = 20
"""Skus in one kit: with 200 lines of kits, one atomic call still touches a few thousand cells."""

DECIMALS_MAX = 6
"""Decimals of a sku: milligrams of something sold in kilograms; a cell then still holds a thousand tonnes."""

SUBSTITUTES_MAX = 10
"""Skus to offer instead of one: more is a search, not an offer; each is read when it is offered."""

LEAD_DAYS_MAX = 365
"""Days to make something: later ones are no promise."""

CLOSED_DAYS_MAX = 60
"""Days in a row on which nobody works: longer is no holiday but an end, and a pause says so."""

PROMISE_DAYS_MAX = 730
"""Days looked ahead for a promise: what takes longer is no promise."""

WORK_SLIP_DAYS_MAX = 20
"""Days that a promise is known beforehand for work done later: 14 working days of a five-day week. Later ones come on top."""

VOLUMETRIC_DIVISOR_MIN, VOLUME_MM3_MAX = 1_000, 10_000_000_000
"""Divisors of carriers are from 3,000 to 6,000; with these two no unit counts as more than 10 tonnes."""

TTL_MS_DEFAULT = 15 * 60 * 1000
"""A checkout with a card."""

TTL_MS_MAX = 30 * 24 * 3600 * 1000
"""Longer promises are confirmed orders."""

RETENTION_MS = 25 * 3600 * 1000
"""How long answers of request ids are kept after the last change: 24 hours are promised, one is for clocks."""

PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX = 100, 1_000
"""Entries of a list page."""

QUOTE_ALTERNATIVES_MAX = 5
"""Plans besides the cheapest in a quote."""

QUOTE_WALK_MAX = 100
"""Plans that one walk of a quote looks at, from the latest arrival to the earliest: real networks have some ten arrivals worth
paying for; beyond this a quote would keep other calls waiting, and says that it has not seen all."""

SOURCING_ATTEMPTS_MAX = 64
"""Decisions for one order before it is told to come again: each lost race means that somebody else was served."""

PLACES_MAX = 20_000
"""Pairs of a line and a node of its group in one reservation: some tens of milliseconds to choose from."""

ORDER_UNITS_MAX = 1_000_000
"""Units of one sku in an order to source, over all its lines: what the kernel counts exactly."""

SIDE_QUESTIONS_MAX, SIDE_DIVES_MAX = 120, 16
"""Questions to the kernel, and those on the first way to any plan, for an order with rules that the kernel does not know."""
SIDE_CELLS_ONE_BY_ONE = 3
"""Cells that a plan overdraws of which the first is looked at alone on the way to some plan: of more, all at once."""
SIDE_STEPS_LEAST = 2_500
"""Steps of the kernel that each question may take at least: after a first one that was not proven, large ones take fewer."""
SIDE_WORK_MAX, SIDE_QUESTION_WORK = 700_000, 1_000
"""What all these questions of one decision may take together, see side_search.py, and what each takes besides the steps of the
kernel and the entries of rows: some 40 ns a unit, so some 30 ms, whatever the size of the order."""

SUPPLY_NODES_MAX, SUPPLY_DAYS_MAX = 2_000, 8
"""Nodes on days to come that an order may wait for, and days of one node: more make the decision slower and no better."""

STORE_SECONDS_MAX = 10.0
"""A store that does not answer a call for so long is taken for dead; fsync stalls of some seconds happen."""

PARTITIONS_DEFAULT = 4
"""Parts of a new data set: each costs every commit some commands of the store; see decisions.md."""

BOUND_MAX = 1_000
"""Reservations bound to one inbound: when it comes, one atomic call hands its units over to all of them."""

HORIZON_DAYS_DEFAULT, HORIZON_DAYS_MAX = 180, 400
"""Days of a schedule: half a year of purchase orders, and a year with a season to compare."""

SLIP_DAYS_MAX = 365
"""Days an overdue inbound may slip: later ones are no promise."""

INBOUND_PAST_DAYS_MAX, INBOUND_AHEAD_DAYS_MAX = 365, 3_650
"""How long ago, and how far ahead, the day of an inbound may be that is put: what else it says is a typing error."""

CAPACITY_DAYS_AHEAD = 14
"""Working days looked at where a node's day is full: who has no room for two weeks has none."""

CLOCK_YEARS = 10
"""Years for which the store knows a node's clock changes; putting the node again begins them anew."""

PAUSE_MS_MAX = 366 * 24 * 3600 * 1000
"""A pause with an end is at most a year long: a later one is a typing error."""

INBOUND_MAX = 64
"""Inbound open in one cell: a year of weekly deliveries, and a value of some kilobytes that is written as a whole."""

POOLS_MAX = 64
"""Allocation pools of one cell: every hold of a channel looks at all of them, and they are written as a whole."""

CHANNEL_LENGTH_MAX, CHANNEL_LEVELS_MAX = 64, 8
"""Characters and levels of a channel: a read looks for its pools level by level."""

COMMIT_OPERATIONS_MAX = 256
"""Operations in one call of the store: beyond this the call gets longer, not cheaper."""

COMMIT_WEIGHT_MAX = 2_000
"""Cells touched by one call of the store: keeps a call, which nothing else can overtake, within some milliseconds."""

GATHER_OPERATIONS, GATHER_MS_MAX = 32, 4
"""A busy worker lets a call of the store wait for so many operations, as long as they keep coming, and no longer."""

COMMIT_QUEUE_MAX = 20_000
"""Operations waiting in one worker before it refuses more: a few seconds of work."""

LOG_ENTRIES_KEPT = 200_000
"""Entries of a partition's log kept behind the applier: some days of a busy store, some ten megabytes a partition."""

CONSUMERS_MAX = 32
"""Consumers of the event logs: each may keep them from being trimmed, and all are looked at every ten seconds."""

ARCHIVE_SEGMENT_ROWS_MAX = 500_000
"""Rows of one file of the archive: some ten megabytes, written in a few seconds."""

ARCHIVE_STATE_ROWS = 2_000_000
"""Rows after which the archiver keeps what it remembers: a restart reads so many at most, in a second or two."""

ARCHIVE_OPEN_DAYS = 1
"""Whole days after the end of a UTC day until its files become one: by then an archiver that was away has added its rows."""

REPORT_DAYS_MAX = 400
"""Days of one report: a year to compare with the last one's same season."""

REPORT_ROWS_MAX, REPORT_ROWS_DEFAULT = 10_000, 1_000
"""Rows of one report: what fits into a message with room to spare; more is a question for a data tool."""

REPORT_SECONDS_MAX = 120.0
"""How long a report may take: one that takes longer keeps others from theirs."""

DEAD_LETTERS_MAX = 10_000
"""Entries set aside before the archiver stops: so many are no accident, and the log keeps what is not archived."""

WATCHES_MAX = 128
"""Watches of one worker: what 10,000 cells for each of 100 take in memory and time, and some more. `make bench` says what."""

WATCH_CELLS_MAX = 20_000
"""Cells of one watch: all of them in one message stay below the 4 MiB that a client takes."""

WATCH_EVENTS_UNMERGED = 2_000
"""Changes that wait for one watcher before those of one cell are merged: bounds the same message, and is more than comes
between two batches of a watcher that keeps up."""

WATCH_STALLED_SECONDS = 600.0
"""A watcher that takes no batch for so long is not there any more, and keeps its place from others."""

WATCH_LOOK_BACK_ENTRIES = 5_000
"""Entries of a partition's log read backward to find what cells promised where a watch goes on: some 25 ms."""

EXPLANATION_TRIALS_MAX = 300
"""Decisions that explain one: with 20 rules of 20 filters each could be relaxed; at 20 to 600 µs each this is below 0.2 s."""

FLIP_CANDIDATES_MAX = 12
"""Nodes outside a plan that are decided with to find the smallest change that would choose them: more than anybody reads."""

HISTORY_ENTRIES_KEPT = 500_000
"""Changes of the catalogue that a decision made before them can still be explained after: at some 300 bytes each the store
keeps 150 MB at most, which is a year of a network, or five nights on which 100,000 skus get new prices."""

LOADS_KEPT = 20_000
"""Looks at how full the days of nodes are that are kept for decisions: a day of two workers that see others each time."""

POLICY_BYTES_MAX = 64 * 1024
"""A policy document: some 50 rules with room for comments; who writes more wants several policies."""

POLICY_RULES_MAX, POLICY_TERMS_MAX, POLICY_VALUES_MAX = 20, 16, 200
"""Rules of a policy, each of which may be tried for an order; filters and terms of a rule; words of a filter."""

POLICY_NUMBER_MAX = 1_000_000_000_000
"""Any number of a policy: a million of the currency in micros, and more units than any node has."""

POLICY_VERSIONS_MAX = 1_000
"""Versions of one policy: one a day for almost three years."""

PLAN_TOKEN_LENGTH_MAX = 16_384
"""Characters of a plan token: some 30 shipments; beyond that the whole quote grows past what a client takes in one message."""

PLAN_TOKEN_SECONDS_MIN, PLAN_TOKEN_SECONDS_MAX = 60, 12 * 3600
"""How long a plan token may count: a checkout takes minutes. Less than a day, for a plan may move with the time since it was
quoted, and a missed cut-off is a day."""

COOLINGS_MAX, COOLING_SECONDS_MAX = 200, 7 * 24 * 3600
"""Cool-downs of one node, which is a bad day of a store; and the longest: what a node lacks for a week its stock should say."""

OFFERS_MAX = 20
"""Nodes that a shipment is offered to: each takes a decision to find, and is kept with the order."""

REFUSALS_MAX = 100
"""Refusals of one reservation: each is kept in its record, which is read and written as a whole."""

PICKUP_CANDIDATES_MAX = 20
"""Pickup points that a quote decides about: the nearest, at some 60 µs each."""

SIMULATION_ORDERS_MAX = 100_000
"""Orders of one simulation: the day of a large retailer; they wait in some 100 MB of a worker until all are there."""

SIMULATION_BATCH_MAX = 200
"""Orders in one message of a simulation: they are read in some five milliseconds, which no other call waits for longer."""

SIMULATIONS_MAX = 1
"""Simulations of one worker at a time: each takes all the time that calls leave."""

SIMULATION_PROBLEMS_MAX = 1_000
"""Orders that cannot be decided of which a simulation tells why; the rest are counted."""

SIMULATION_CHANGES_MAX = 1_000
"""Nodes, cells or rate cards that a simulation supposes to be otherwise: more is another network."""

SIMULATION_STALLED_SECONDS = 60.0
"""A caller that sends no order for so long keeps its place from others."""

WAVE_ORDERS_MAX = 500
"""Orders of one wave: their message stays below 4 MiB, and they are planned in a second."""

WAVE_ROWS_MAX = 8_000_000
"""Entries of stock rows of one wave, some 100 MB: orders beyond are sourced after the others, each by itself."""

WAVES_MAX, WAVES_WAITING_MAX = 1, 16
"""Waves of one worker that are planned at a time, for each takes all the time that calls leave; and those that wait for it,
with their orders, at some megabytes each."""

WAVE_ROUNDS_DEFAULT, WAVE_ROUNDS_MAX = 12, 200
"""Rounds in which a wave looks for a better plan: of what forty find, twelve find nearly all."""

WAVE_TRIES_PER_ORDER = 4
"""Times that an order of a planned wave may try to choose before another one, for each order: as much work as some rounds."""

WAVE_PRICES_MAX = 20
"""Prices of scarce units and nodes that a wave tells: the dearest, which are those to act upon."""

WAVE_ANSWER_BYTES_MAX = 1_000_000
"""Of one message of a wave's answers; clients take 4 MiB."""

SHADOW_ROWS_WAITING_MAX = 2_000_000
"""Entries of stock rows of the orders that wait in one worker for a policy in the shadow: some 24 MB, a second of orders."""

ORDER_RETENTION_MS = 400 * 24 * 3600 * 1000
"""How long an order is kept once nothing of it is under way: a year's guarantee, and a month to claim it."""

ORDER_ATTEMPTS_MAX = 64
"""Looks at an order for one step: each lost race means that another step of the same order was made."""

ORDER_SOURCINGS_MAX = 12
"""How often the rest of an order is sourced again: the pauses between grow to an hour, so half a day of trying."""

DEADLINE_MINUTES_MAX = 30 * 24 * 60
"""Minutes of a deadline of work: what a node does not do in a month it does not do."""

ORDERS_BYTES_MAX = 3_500_000
"""Of one message of several orders, each counted as large as it can be at most: clients take 4 MiB."""

ORDER_HISTORY_MAX = 5_000
"""Steps of one order, and units of lines told in them, before no more are made unit by unit: it is read and told as a whole."""

ORDER_WATCHES_MAX = 128
"""Watches of orders of one worker: an office and its screens; each has at most as many changes waiting as is said next."""

ORDER_CHANGES_WAITING_MAX = 500
"""Changes of orders that wait for one watcher, some kilobytes each: who is further behind reads them from the log."""

PICKUP_CODE_TRIES_MAX = 5
"""Wrong codes before another must be made: five guesses of 30**8 codes."""

PICKUP_CODES_MAX = 100
"""Codes made for one shipment: some a day while it waits. Each is a step, and each step keeps an answer with all before it."""

ORDER_TOTAL_MICROS_MAX = 2**63 - 1
"""What all units of an order cost together: what one field of an answer can tell, and so can every part of it."""

RETURNS_MAX = 100
"""Returns of one order: its record is read and written as a whole."""

PUT_ATTEMPTS_MAX = 200
"""Of a change that must agree with others that change, too: each time one gets through, and some dozens are under way."""

assert STREAM_RESERVATIONS_MAX <= COMMIT_OPERATIONS_MAX
assert CELL_QUANTITY_MAX * 1_000 < 2**53
assert DELTAS_MAX <= COMMIT_WEIGHT_MAX
