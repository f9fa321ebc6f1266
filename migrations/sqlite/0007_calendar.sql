-- The server plans by a committee's rules: what they are, on which days offices are shut, how a meeting became the dates of its
-- cycle, what moved since and who was told, and who was given more time.

-- The window for returns has three ends: the deadline, which was there, and these. NULL: as the deadline.
ALTER TABLE cycles ADD COLUMN closed_to_new_at TEXT;
ALTER TABLE cycles ADD COLUMN freeze_at TEXT;

-- What an editor has entered for a partnership: how it came. NULL: the partnership sent it in itself.
ALTER TABLE return_steps ADD COLUMN on_behalf TEXT;

CREATE TABLE committee_rules (
    region_id       BLOB NOT NULL,
    committee_id    BLOB NOT NULL,
    rules           TEXT NOT NULL,      -- JSON
    revision        BIGINT NOT NULL,
    CONSTRAINT committee_rules_key PRIMARY KEY (region_id, committee_id),
    CONSTRAINT committee_rules_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id)
);

CREATE TABLE closed_days (
    region_id       BLOB NOT NULL,
    owner_id        BLOB NOT NULL,      -- a committee; the region itself: of all its committees
    day             DATE NOT NULL,
    reason          TEXT NOT NULL,
    CONSTRAINT closed_days_key PRIMARY KEY (region_id, owner_id, day),
    CONSTRAINT closed_days_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Of cycles that were planned by rules. One that somebody has set a date of by hand has no row any more.
CREATE TABLE cycle_plans (
    region_id       BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    plan            TEXT NOT NULL,      -- JSON: the meeting, and each date with its reason
    CONSTRAINT cycle_plans_key PRIMARY KEY (region_id, cycle_id),
    CONSTRAINT cycle_plans_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);

-- Dates that moved. Never changed afterwards, but for when those concerned were told.
CREATE TABLE cycle_moves (
    region_id       BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    revision        BIGINT NOT NULL,    -- of the cycle, that the move made
    moves           TEXT NOT NULL,      -- JSON: which date, from when to when
    why             TEXT NOT NULL,
    moved_by        BLOB,               -- a person; NULL: the schedule
    moved_at        TEXT NOT NULL,
    told_at         TEXT,               -- NULL: nobody was told yet
    CONSTRAINT cycle_moves_key PRIMARY KEY (region_id, cycle_id, revision),
    CONSTRAINT cycle_moves_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
-- What the tick asks: who has not been told yet?
CREATE INDEX cycle_moves_untold ON cycle_moves (region_id) WHERE told_at IS NULL;

-- More time for one partnership in one cycle, and why.
CREATE TABLE extensions (
    region_id       BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    until_at        TEXT NOT NULL,      -- its deadline now; something new is taken as long
    reason          TEXT NOT NULL,
    granted_by      BLOB NOT NULL,      -- a person
    granted_at      TEXT NOT NULL,
    CONSTRAINT extensions_key PRIMARY KEY (region_id, cycle_id, partnership_id),
    CONSTRAINT extensions_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id),
    CONSTRAINT extensions_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);
