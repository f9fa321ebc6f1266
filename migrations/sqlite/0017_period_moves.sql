-- What a cycle reports on may move with its dates, as long as collecting has not begun.

ALTER TABLE cycle_moves ADD COLUMN period_move TEXT;    -- JSON: what it reported on until then, and now; NULL: the same
