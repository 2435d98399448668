-- What is held, and what is only remembered, are looked for apart: of the one there is little that is due, and of the other
-- there may be much.
DROP INDEX quota_reservations_due;
CREATE INDEX quota_reservations_held ON quota_reservations (due_at) WHERE state = 'held';
CREATE INDEX quota_reservations_over ON quota_reservations (due_at) WHERE state <> 'held';

-- Usage is taken away by its age.
CREATE INDEX usage_hours_hour ON usage_hours (hour);
CREATE INDEX usage_days_day ON usage_days (day);
