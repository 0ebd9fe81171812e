-- Maintenance: sweep and repair.

-- sweep, limit -> [ok, members taken]: due holds back to stock, old records forgotten, at most `limit` a partition.
function needs.sweep() end
function run.sweep(op)
  return { 'ok', reap_all(op[2], op[2] * partitions) }
end

-- settle_deficits, limit -> [ok, cells in deficit]: takes those that came out of it off the list, of `limit` a partition.
function needs.settle_deficits() end
function run.settle_deficits(op)
  local left = 0
  for p = 0, partitions - 1 do
    local part = head_of(p)
    local key = names_of(p).deficits
    local fields = call('HRANDFIELD', key, op[2])
    left = left + call('HLEN', key)
    for _, field in ipairs(fields) do want_cell(p, field) end
    load_cells(p, part)
    for _, field in ipairs(fields) do
      if deficit(cell_of(p, field)) == 0 then
        stage_deficit(p, field, false)
        left = left - 1
      end
    end
  end
  return { 'ok', left }
end

-- repair, reference, partition, field, version, held, committed -> [ok] | [changed]: the two sums of a cell as they
-- should be, if nothing has changed the cell since it was found wrong (its version says so).
function needs.repair(op) want_cell(op[3], op[4]) end
function run.repair(op)
  local cell = cell_of(op[3], op[4])
  if cell[6] ~= op[5] then return { 'changed' } end
  local short = deficit(cell)
  cell[4], cell[5] = op[6], op[7]
  stage_cell(op[3], op[4], cell, 'repair', op[2])
  note_deficit(op[3], op[4], short, cell)
  return { 'ok' }
end

-- repair_pool, reference, partition, field, channel, found, drawn -> [ok] | [changed]: what is drawn of a pool, if it is still
-- what was found wrong. A pool that reservations draw from and that is not there is made, closed.
function needs.repair_pool(op) want_cell(op[3], op[4]) end
function run.repair_pool(op)
  local p, field, channel = op[3], op[4], op[5]
  local pools, cell = Pools.of(p, field), cell_of(p, field)
  local pool = Pools.find(pools, channel)
  if (pool and pool[POOL.drawn] or 0) ~= op[6] then return { 'changed' } end
  if not pool then
    pool = { channel, CLOSED, 0, 0, 0, 0 }
    Pools.insert(pools, pool)
  end
  pool[POOL.drawn] = op[7]
  Pools.stage(p, field, cell, 'repair', op[2])
  return { 'ok' }
end

-- repair_owner, reference, partition, field, found, count -> [ok] | [changed]: what is counted for an owner, if it is still
-- what was found wrong.
function needs.repair_owner() end
function run.repair_owner(op)
  if Owners.count(op[3], op[4]) ~= op[5] then return { 'changed' } end
  log_change(op[3], 'repair', op[2])
  Owners.add(op[3], op[4], op[6] - op[5])
  return { 'ok' }
end

-- repair_due, reference, home, member -> [ok] | [changed]: a hold back into the due index, at the end its record says.
function needs.repair_due(op) want_res(op[3], op[4]) end
function run.repair_due(op)
  local record = record_of(op[3], op[4])
  if not record or record[RECORD.state] ~= HELD then return { 'changed' } end
  log_change(op[3], 'repair', op[2])
  stage_record(op[3], op[4], record, record[RECORD.expires])
  return { 'ok' }
end

-- repair_order, reference, home, id, version (0: there is none), next_ms, [home, id, node_ix, 1 | 0 ...] -> [ok] | [changed]: an order
-- to where its indexes should have it, as it is at this version; see Orders.index and Orders.note_work.
function needs.repair_order() end
function run.repair_order(op)
  local home, id = op[3], op[4]
  local order = Orders.of(home, id)
  if (order and order[1] or 0) ~= op[5] then return { 'changed' } end
  log_change(home, 'repair', op[2])
  Orders.index(home, id, op[6])
  Orders.note_work(op[7])
  return { 'ok' }
end
