-- Stock confidence: learning from checks of shelves.

-- checks, home, member, fingerprint, then for each check partition, field of the evidence, found, missing (thousandths),
-- field of the cell looked at -> [ok | replayed] | [reused, fingerprint]
-- The cells looked at have the safety stock of their rules when this is over; others of their node and class get it with their
-- next change, or once a day.
local CHECKS, CHECK = 5, 5

function needs.checks(op)
  want_request(op[2], op[3])
end

function run.checks(op)
  local first = first_answer(op)
  if first then return first end
  for i = CHECKS, #op, CHECK do Evidence.add(op[i], op[i + 1], op[i + 2], op[i + 3]) end
  local book = Safety.book()
  for i = CHECKS, book and book.by_confidence and #op or 0, CHECK do
    local p, field = op[i], op[i + 4]
    local cell = cell_of(p, field)
    if cell[6] > 0 and Safety.follows_rules(p, field, cell) and Safety.apply_rules(book, p, field, cell) then
      stage_cell(p, field, cell, 'safety', 'confidence')
    end
  end
  return remember(op, { 'ok' })
end
