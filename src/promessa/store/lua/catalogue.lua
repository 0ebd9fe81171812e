-- The catalogue: nodes, skus, groups, rate cards, lanes.

-- put, home, member, fingerprint, kind, id, json, [kind:id that must exist ...], state, and of a kit its recipe, of a node its
-- clock (see CAPACITY), of a safety rule [method, quantity, permille, by confidence]; then the stock class of a sku, [scope ...]
-- that it belongs to, [scope, sequence ...] that the caller checked it against: all that changed there up to this sequence
-- -> [ok | replayed, index, json, state] | [reused, fingerprint] | [moved, sequence] | [missing, kind:id] | [nested, kind:id] |
-- [in_use, field]. Moved: something of a scope has changed since, and is known to whoever knows all up to this sequence.
-- The state is that of a new node: the one a node has is not Put's to change; or that of a sku, new or not. A kit has neither
-- units nor promises of its own, contains no kits, and is in none.
local function needs_entry(op)
  want_request(op[2], op[3])
  want_cell(partitions, op[5] .. ':' .. op[6])
end

local function stage_entry(name, kind, entry)
  stage_value(partitions, name, pack(entry), kind, name)
end

local function set_sku_state(index, state)
  local field, part = 's:' .. index, head_of(partitions)
  local before = field_of(partitions, field) or '1'
  stage_value(partitions, field, state, 'state', field)
  if before == '1' and state ~= '1' then part.inactive = part.inactive + 1 end
  if before ~= '1' and state == '1' then part.inactive = part.inactive - 1 end
end

local function references_to(name)
  return tonumber(field_of(partitions, 'ref:' .. name) or 0)
end

local function count_references(names, change)
  for _, name in ipairs(names) do
    stage_value(partitions, 'ref:' .. name, tostring(references_to(name) + change), 'reference', name)
  end
end

local function next_index(kind)
  local counter = 'next:' .. kind
  local index = tonumber(field_of(partitions, counter) or 0)
  stage_value(partitions, counter, tostring(index + 1), 'index', counter)
  return index
end

-- The capacity of a node keeps to the node's own time, whatever it is put to.
local function set_clock(node, clock)
  local part = head_of(node % partitions)
  if not part.capped or not part.capped[node] then return end
  Capacity.of(node).config[CAPACITY.clock] = clock
  Capacity.stage(node)
  Capacity.turn_day(node)
end

local function indices_of(names)
  local found = {}
  for i, name in ipairs(names) do found[i] = entry_of(name)[1] end
  return table.concat(found, ' ')
end

-- A rule as the book knows it; false takes it away.
local function set_rule(name, refs, terms)
  local packed = terms and pack({ refs, terms[1], terms[2], terms[3], terms[4] })
  Safety.stage_mark(partitions, name, packed)
  Safety.renew(name, packed and packed .. indices_of(refs) or '')
end

local function in_use(cell)
  return cell[1] ~= 0 or cell[4] ~= 0 or cell[5] ~= 0 or cell[RING_FENCED]
end

-- The first cell of a node that has units, promises or pools, as this call leaves it.
local function used_cell_of_node(index)
  local p, prefix, cursor = index % partitions, index .. ':', '0'
  local staged = head_of(p).cells
  for field, cell in pairs(staged) do
    if type(cell) == 'table' and sub(field, 1, #prefix) == prefix and in_use(cell) then return field end
  end
  repeat
    local page = call('HSCAN', cells_keys[p + 1], cursor, 'MATCH', prefix .. '*', 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      local field = page[2][i]
      if type(staged[field]) ~= 'table' and in_use({ unpack_one(page[2][i + 1]) }) then return field end
    end
  until cursor == '0'
end

local function used_cell_of_sku(index)
  local nodes = tonumber(field_of(partitions, 'next:node') or 0)
  for node = 0, nodes - 1 do want_cell(node % partitions, node .. ':' .. index) end
  load_all(load_cells)
  for node = 0, nodes - 1 do
    local field = node .. ':' .. index
    if in_use(cell_of(node % partitions, field)) then return field end
  end
end

-- Why a sku cannot become a kit, nil if it can.
local function no_kit(op, name, entry)
  for _, required in ipairs(op[8]) do
    if required == name or entry_of(required)[3] == tonumber(KIT_SKU) then return { 'nested', required } end
  end
  if references_to(name) > 0 then return { 'nested', name } end
  local used = entry and (used_cell_of_sku(entry[1]) or awaited_cell_of_sku(entry[1]))
  return used and { 'in_use', used }
end

-- Units of a sku are counted from now on, or no more: each of its cells says so.
local function set_supply_mode(index, mode, name)
  local nodes = tonumber(field_of(partitions, 'next:node') or 0)
  for node = 0, nodes - 1 do want_cell(node % partitions, node .. ':' .. index) end
  load_all(load_cells)
  for node = 0, nodes - 1 do
    local p, field = node % partitions, node .. ':' .. index
    local cell = parts[p].cells[field] and cell_of(p, field)
    if cell and cell[6] > 0 and (cell[8] or nil) ~= mode then
      local short = deficit(cell)
      cell[8] = mode or cell[COUNT_SOURCE] and false
      stage_cell(p, field, cell, 'mode', name)
      note_deficit(p, field, short, cell)
    end
  end
end

local BELONGS, CHECKED = 12, 13

function needs.put(op)
  needs_entry(op)
  for i = 1, #op[CHECKED], 2 do want_cell(partitions, 'at:' .. op[CHECKED][i]) end
end

-- Whether anything of a scope has changed that the caller did not know.
local function has_moved(checked)
  for i = 1, #checked, 2 do
    if tonumber(field_of(partitions, 'at:' .. checked[i]) or 0) > checked[i + 1] then return true end
  end
end

function run.put(op)
  local first = first_answer(op)
  if first then return first end
  if has_moved(op[CHECKED]) then return { 'moved', head_of(partitions).seq } end
  local kind, name, state = op[5], op[5] .. ':' .. op[6], op[9]
  if kind == 'sku' then state = max(state, 1) end
  for _, required in ipairs(op[8]) do
    local entry = entry_of(required)
    if not entry or not entry[2] then return { 'missing', required } end
  end
  local entry = entry_of(name)
  if kind == 'sku' and state == tonumber(KIT_SKU) then
    local problem = no_kit(op, name, entry)
    if problem then return problem end
  end
  local index = entry and entry[1] or next_index(kind)
  if kind == 'node' then
    set_clock(index, op[10])
    entry = entry_of(name) -- the clock may have ended a day on which it was full
    if entry and entry[2] then state = entry[3] else Nodes.set_state(index, state) end
  end
  if kind == 'sku' and (entry and entry[3] or 1) ~= state then
    set_sku_state(index, tostring(state))
    set_supply_mode(index, mode_of(tostring(state)), name)
  end
  count_references(entry and entry[4] or {}, -1)
  count_references(op[8], 1)
  if kind == 'safety_rule' then set_rule(name, op[8], op[10]) end
  if kind == 'sku' and (field_of(partitions, 'c:' .. index) or '') ~= op[11] then Safety.stage('c:' .. index, op[11]) end
  local fifth
  if kind == 'sku' then fifth = op[10] ~= '' and op[10] or nil end
  if kind == 'node' and entry and entry[2] then fifth = entry[5] end
  stage_entry(name, 'put', { index, op[7], state, op[8], fifth })
  for _, scope in ipairs(op[BELONGS]) do stage_value(partitions, 'at:' .. scope, instant(head_of(partitions).seq), 'put', name) end
  if kind == 'node_group' and references_to(name) > 0 then Safety.renew(name, indices_of(op[8])) end
  return remember(op, { 'ok', index, op[7], state, kind == 'node' and fifth or 0 })
end

-- node_state, home, member, fingerprint, 'node', id, state, until_ms (0: for good)
-- -> [ok | replayed, index, json, state, until_ms] | [not_found]
needs.node_state = needs_entry
function run.node_state(op)
  local first = first_answer(op)
  if first then return first end
  local name, state, until_ms = 'node:' .. op[6], op[7], op[8]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  head_of(entry[1] % partitions) -- its clock may be ahead
  if until_ms > 0 and until_ms <= now then state, until_ms = ACTIVE, 0 end -- that pause is over
  Nodes.set_state(entry[1], state)
  if state == ACTIVE and Capacity.of(entry[1]).days[1] == 1 then state = FULL end
  Nodes.pause_until(entry[1], op[6], until_ms)
  stage_entry(name, 'put', { entry[1], entry[2], state, entry[4], until_ms > 0 and until_ms or nil })
  return remember(op, { 'ok', entry[1], entry[2], state, until_ms })
end

-- Whether a node has a capacity (true or nil), in the head of its partition.
local function list_capped(node, capped)
  local part = dirty(node % partitions)
  local nodes, list = { [node] = capped }, { capped and node }
  for other in pairs(part.capped or {}) do
    if other ~= node then nodes[other], list[#list + 1] = true, other end
  end
  part.capped, part.capped_out = #list > 0 and nodes or nil, pack(list)
end

-- capacity, home, member, fingerprint, 'node', id, json of the node as the caller knows it, limit (0: none from now on), unit,
-- on_full, weekdays, clock -> [ok | replayed, index] | [not_found] | [changed, json]: another one, so the clock may be wrong.
-- What is open goes on to count on the days it was taken on for; what is reserved already is not counted.
needs.capacity = needs_entry
function run.capacity(op)
  local first = first_answer(op)
  if first then return first end
  local id, limit, name = op[6], op[8], op[5] .. ':' .. op[6]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  if entry[2] ~= op[7] then return { 'changed', entry[2] } end
  local node = entry[1]
  local found = Capacity.of(node)
  found.before = found.config
  found.config = limit > 0 and { limit, op[9], op[10], op[11], id, op[12] }
  list_capped(node, limit > 0 or nil)
  Capacity.stage(node)
  log_change(node % partitions, 'capacity', name)
  if found.config or found.before then Capacity.publish(node) end
  return remember(op, { 'ok', node })
end

-- delete, home, member, fingerprint, kind, id -> [ok | replayed, index] | [not_found] | [in_use, field of a cell, or
-- `references`]
needs.delete = needs_entry

local function forget_capacity(node)
  local part = head_of(node % partitions)
  if not part.capped or not part.capped[node] then return end
  local found = Capacity.of(node)
  found.config, found.days = false, { 0 }
  Capacity.stage(node)
  Capacity.tell(node, 0)
  stage_turn(node % partitions, 'n:' .. node)
  list_capped(node, nil)
end

function run.delete(op)
  local first = first_answer(op)
  if first then return first end
  local kind, name = op[5], op[5] .. ':' .. op[6]
  local entry = entry_of(name)
  if not entry or not entry[2] then return { 'not_found' } end
  if references_to(name) > 0 then return { 'in_use', 'references' } end
  local used
  if kind == 'node' then used = used_cell_of_node(entry[1]) or awaited_cell_of_node(entry[1]) end
  if kind == 'sku' then used = used_cell_of_sku(entry[1]) or awaited_cell_of_sku(entry[1]) end
  if used then return { 'in_use', used } end
  if kind == 'node' then
    Nodes.set_state(entry[1], 3)
    Nodes.pause_until(entry[1], op[6], 0)
    forget_capacity(entry[1])
  end
  if kind == 'sku' then set_sku_state(entry[1], '3') end
  if kind == 'safety_rule' then set_rule(name, {}, false) end
  count_references(entry[4], -1)
  stage_entry(name, 'delete', { entry[1], false, 3, {} })
  return remember(op, { 'ok', entry[1], '', 3 })
end

-- loads, [node, per cent, node, per cent ...] as one string -> [ok, id]: how full the days of nodes are as a worker saw it, kept
-- for decisions that were made with it. It is written at once: nothing else of the call depends on it, and its id is the answer.
local LOADS_KEPT = 20000 -- entries; limits.py says why
function needs.loads() end
function run.loads(op)
  head_of(partitions)
  return { 'ok', call('XADD', names_of(partitions).loads, 'MAXLEN', '~', LOADS_KEPT, '*', 'l', op[2]) }
end

-- Versions of policies. `policy:<id>` is a record whose state is the number of its active version, 0 for none, and whose fifth
-- place says how many there are; instead of JSON it has `<number>:<per cent>` of the version that decides in the shadow of what
-- is active, empty for none. The version itself is `policy_version:<id>@<number>`, whose state is DRAFT, POLICY_ACTIVE or
-- ARCHIVED; its fifth place says when it was made, its sixth for how many per cent of the orders it decides in the shadow. Its
-- JSON never changes, and it is never deleted.
local DRAFT, POLICY_ACTIVE, ARCHIVED = 1, 2, 3

local function needs_policy(op)
  want_request(op[2], op[3])
  want_cell(partitions, 'policy:' .. op[6])
end

-- How many versions a policy has, the active one, and the one in the shadow with its per cent.
local function versions_of(id)
  local head = entry_of('policy:' .. id)
  if not head then return 0, 0, '' end
  return head[5], head[3], head[2]
end

local function stage_versions(id, count, active, shadow)
  local head = entry_of('policy:' .. id)
  stage_entry('policy:' .. id, 'put', { head and head[1] or next_index('policy'), shadow, active, {}, count })
end

-- Which version a shadow is of, 0 for none.
local function version_in(shadow)
  return tonumber(string.match(shadow, '^%d+') or 0)
end

-- Lets a version decide in the shadow for so many per cent of the orders; 0 ends that.
local function set_shadow_of(id, version, percent)
  local name = 'policy_version:' .. id .. '@' .. version
  local entry = entry_of(name)
  entry[6] = percent > 0 and percent or nil
  stage_entry(name, 'put', entry)
end

-- Gives a version another state; its record afterwards.
local function set_version_state(id, version, state)
  local name = 'policy_version:' .. id .. '@' .. version
  local entry = entry_of(name)
  if entry[3] == state then return entry end
  entry[3] = state
  stage_entry(name, 'put', entry)
  return entry
end

-- policy_put, home, member, fingerprint, 'policy_version', id, json, most versions
-- -> [ok | replayed, index, json, state, version, now, active version] | [reused, fingerprint] | [full]
needs.policy_put = needs_policy
function run.policy_put(op)
  local first = first_answer(op)
  if first then return first end
  local id = op[6]
  local count, active, shadow = versions_of(id)
  if count >= op[8] then return { 'full' } end
  local version, index = count + 1, next_index(op[5])
  stage_entry(op[5] .. ':' .. id .. '@' .. version, 'put', { index, op[7], DRAFT, {}, now })
  stage_versions(id, version, active, shadow)
  return remember(op, { 'ok', index, op[7], DRAFT, version, now, active })
end

-- policy_state, home, member, fingerprint, 'policy_version', id, version, state: active, or archived. A version that becomes
-- active archives the one that was.
-- -> [ok | replayed, index, json, state, version, made, version active before] | [reused, fingerprint] | [not_found]
needs.policy_state = needs_policy
function run.policy_state(op)
  local first = first_answer(op)
  if first then return first end
  local id, version, state = op[6], op[7], op[8]
  local count, active, shadow = versions_of(id)
  if version < 1 or version > count then return { 'not_found' } end
  local before = shadow
  if version_in(shadow) == version then -- whoever decides, or no more, casts no shadow
    set_shadow_of(id, version, 0)
    shadow = ''
  end
  if state == POLICY_ACTIVE and active ~= 0 and active ~= version then set_version_state(id, active, ARCHIVED) end
  local entry = set_version_state(id, version, state)
  local after = active
  if state == POLICY_ACTIVE then after = version elseif active == version then after = 0 end
  if after ~= active or shadow ~= before then stage_versions(id, count, after, shadow) end
  return remember(op, { 'ok', entry[1], entry[2], state, version, entry[5], active })
end

-- policy_shadow, home, member, fingerprint, 'policy_version', id, version, per cent of the orders it decides in the shadow of
-- what is active: the version that did so before ends doing so. 0: it ends doing so itself.
-- -> [ok | replayed, index, json, state, version, made, active version, per cent, version in the shadow before]
-- | [reused, fingerprint] | [not_found]
needs.policy_shadow = needs_policy
function run.policy_shadow(op)
  local first = first_answer(op)
  if first then return first end
  local id, version, percent = op[6], op[7], op[8]
  local count, active, shadow = versions_of(id)
  if version < 1 or version > count then return { 'not_found' } end
  local before = version_in(shadow)
  if before ~= 0 and before ~= version and percent > 0 then set_shadow_of(id, before, 0) end
  if percent > 0 or before == version then
    set_shadow_of(id, version, percent)
    stage_versions(id, count, active, percent > 0 and version .. ':' .. percent or '')
  end
  local entry = entry_of('policy_version:' .. id .. '@' .. version)
  return remember(op, { 'ok', entry[1], entry[2], entry[3], version, entry[5], active, percent, before })
end
