-- Safety stock by rule: which rule a cell follows, and which cells follow none.

-- `safety` of the catalogue: name of a rule -> [list of the kind:id it is about, method, quantity, permille, 1 if it withholds by
-- confidence]. Fields of the catalogue's cells hash: `safety` -> version of the rules, a digest of all that made them, nothing
-- before the first; `aged` -> the day for which cells were last looked at anew because confidence changes with time;
-- `settled` -> the version that every cell has been looked at with; `adopted` -> 1 once one was settled. `safety` of another
-- partition: field of a cell -> MARKED, its safety stock was set for itself, or RULED. Cells without a mark follow the
-- rules; but until a version is settled those with a safety stock had it before there were rules, and keep it.
-- Of the rules about a cell the most specific count, see RANKS; of these the one that withholds most. Those with a method
-- are asked for by what is fulfilled by it (see kept_from); a cell's safety stock comes from the others.
local MARKED, RULED = 'x', 'r'
local Safety = {} -- what the operations on rules use
local entry_of, write_marks, follow_rules, safety_after, mark_own, kept_from

do -- the rest is this file's own: one chunk of Lua may have 200 local names alive
local RANKS = 6 -- sku and node, sku and group, sku, node, group, all
local books = {} -- by key of the catalogue's cells hash, the rules read last

function entry_of(name)
  local packed = field_of(partitions, name)
  return packed and unpack_one(packed)
end

function Safety.mark_of(p, field)
  local part = head_of(p)
  part.marks, part.marks_out = part.marks or {}, part.marks_out or {}
  if part.marks[field] == nil then part.marks[field] = call('HGET', names_of(p).safety, field) end
  return part.marks[field]
end

function Safety.stage_mark(p, field, mark)
  Safety.mark_of(p, field)
  local part = dirty(p)
  part.marks[field], part.marks_out[field] = mark, true
end

function write_marks(names, part)
  for field in pairs(part.marks_out) do
    local mark = part.marks[field]
    if mark then call('HSET', names.safety, field, mark) else call('HDEL', names.safety, field) end
  end
end

-- A field of the catalogue that says something of all rules; it is no record, so the log does not have it.
function Safety.stage(field, value)
  local part = dirty(partitions)
  part.cells[field], part.out[part.out_n + 1], part.out[part.out_n + 2] = value, field, value
  part.out_n = part.out_n + 2
end

local function add_rule(book, rank, key, rule)
  local rules = book[rank][key] or {}
  book[rank][key] = rules
  rules[#rules + 1] = rule
end

local function read_rule(book, packed)
  local refs, method, quantity, permille, by_confidence = unpack(unpack_one(packed))
  local rule, about = { method = method, quantity = quantity, permille = permille, by_confidence = by_confidence == 1 }, {}
  for _, ref in ipairs(refs) do about[string.match(ref, '^[^:]+')] = entry_of(ref) end
  local sku, node = about.sku and about.sku[1], about.node and about.node[1]
  book.by_confidence = book.by_confidence or rule.by_confidence
  book.shares = book.shares or permille > 0 or rule.by_confidence
  if node then add_rule(book, sku and 1 or 4, sku and node .. ':' .. sku or node, rule) end
  if about.node_group then
    for _, member in ipairs(about.node_group[4]) do
      node = entry_of(member)[1]
      add_rule(book, sku and 2 or 5, sku and node .. ':' .. sku or node, rule)
    end
  end
  if not node then add_rule(book, sku and 3 or 6, sku or '', rule) end
end

local function read_book()
  local part, version = head_of(partitions), field_of(partitions, 'safety')
  if not version then return false end
  local known = books[cells_keys[partitions + 1]]
  if known and known.version == version then return known end
  local book, rules, all = { version = version }, {}, call('HGETALL', names_of(partitions).safety)
  for rank = 1, RANKS do book[rank] = {} end
  for i = 1, #all, 2 do rules[all[i]] = all[i + 1] end
  for name in pairs(part.marks_out or {}) do rules[name] = part.marks[name] or nil end
  for _, packed in pairs(rules) do read_rule(book, packed) end
  books[cells_keys[partitions + 1]] = book
  return book
end

-- All rules by rank and by what they are about; false if there never was one. Every item of a feed asks, so this call
-- looks once, and again when it has made a version.
function Safety.book()
  local part = head_of(partitions)
  if part.book == nil then part.book = read_book() end
  return part.book
end

local function withholds(rule, on_hand, field)
  local permille = rule.by_confidence and 1000 - Evidence.confidence(field) or rule.permille
  return max(rule.quantity, math.floor((on_hand * permille + 999) / 1000))
end

-- What rules of one method withhold of so many units on hand, nil if there are none.
local function withheld(rules, method, on_hand, field)
  local most
  for _, rule in ipairs(rules or {}) do
    if rule.method == method then
      most = max(most or 0, withholds(rule, on_hand, field))
    end
  end
  return most
end

-- What the rules of a method ('': the safety stock of the cell) withhold of so many units on hand at a cell.
function Safety.units_for(book, field, method, on_hand)
  local node, sku = string.match(field, '^(%d+):(%d+)$')
  local keys = { field, field, tonumber(sku), tonumber(node), tonumber(node), '' }
  for rank = 1, RANKS do
    local units = withheld(book[rank][keys[rank]], method, on_hand, field)
    if units then return units end
  end
  return 0
end

-- Units of a cell, beyond its safety stock, that are withheld from what is fulfilled by a method.
function kept_from(field, cell, method)
  local book = Safety.book()
  return book and max(Safety.units_for(book, field, method, cell[1]) - cell[3], 0) or 0
end

function Safety.follows_rules(p, field, cell)
  local mark = Safety.mark_of(p, field)
  if mark then return mark == RULED end
  return field_of(partitions, 'adopted') or cell[3] == 0 or cell[6] == 0
end

-- Gives a cell the safety stock of the rules; whether that is another one.
function Safety.apply_rules(book, p, field, cell)
  local units = Safety.units_for(book, field, '', cell[1])
  if units > 0 and not field_of(partitions, 'adopted') then Safety.stage_mark(p, field, RULED) end
  if units == cell[3] then return false end
  cell[3] = units
  return true
end

-- After a change of units on hand: a new cell gets the safety stock of the rules, and a share is of what is there now.
function follow_rules(p, field, cell)
  local book = Safety.book()
  if book and (book.shares or cell[6] == 0) and Safety.follows_rules(p, field, cell) then Safety.apply_rules(book, p, field, cell) end
end

-- The safety stock of a cell that a count with so many units on hand leaves to it.
function safety_after(p, field, cell, on_hand)
  local book = Safety.book()
  if not book or not (book.shares or cell[6] == 0) or not Safety.follows_rules(p, field, cell) then return cell[3] end
  return Safety.units_for(book, field, '', on_hand)
end

-- A cell's safety stock was set for itself. Before there are rules nothing needs to be known of that.
function mark_own(p, field)
  if Safety.book() then Safety.stage_mark(p, field, MARKED) end
end

-- The rules are others from now on.
function Safety.renew(what, how)
  Safety.stage('safety', redis.sha1hex((field_of(partitions, 'safety') or '') .. what .. ' ' .. how))
  head_of(partitions).book = nil
end
end
