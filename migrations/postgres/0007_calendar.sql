-- The server plans by a committee's rules: what they are, on which days offices are shut, how a meeting became the dates of its
-- cycle, what moved since and who was told, and who was given more time.

-- The window for returns has three ends: the deadline, which was there, and these. NULL: as the deadline.
ALTER TABLE cycles ADD COLUMN closed_to_new_at TIMESTAMPTZ;
ALTER TABLE cycles ADD COLUMN freeze_at TIMESTAMPTZ;
ALTER TABLE cycles ADD CONSTRAINT cycles_ends CHECK (
    deadline_at <= COALESCE(closed_to_new_at, deadline_at) AND COALESCE(closed_to_new_at, deadline_at) <= COALESCE(freeze_at, deadline_at)
    AND COALESCE(freeze_at, deadline_at) <= publication_at
);

-- What an editor has entered for a partnership: how it came. NULL: the partnership sent it in itself.
ALTER TABLE return_steps ADD COLUMN on_behalf TEXT;

CREATE TABLE committee_rules (
    region_id       UUID NOT NULL,
    committee_id    UUID NOT NULL,
    rules           TEXT NOT NULL,      -- JSON
    revision        BIGINT NOT NULL,
    CONSTRAINT committee_rules_key PRIMARY KEY (region_id, committee_id),
    CONSTRAINT committee_rules_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id)
);

CREATE TABLE closed_days (
    region_id       UUID NOT NULL,
    owner_id        UUID NOT NULL,      -- a committee; the region itself: of all its committees
    day             DATE NOT NULL,
    reason          TEXT NOT NULL,
    CONSTRAINT closed_days_key PRIMARY KEY (region_id, owner_id, day),
    CONSTRAINT closed_days_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Of cycles that were planned by rules. One that somebody has set a date of by hand has no row any more.
CREATE TABLE cycle_plans (
    region_id       UUID NOT NULL,
    cycle_id        UUID NOT NULL,
    plan            TEXT NOT NULL,      -- JSON: the meeting, and each date with its reason
    CONSTRAINT cycle_plans_key PRIMARY KEY (region_id, cycle_id),
    CONSTRAINT cycle_plans_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);

-- Dates that moved. Never changed afterwards, but for when those concerned were told.
CREATE TABLE cycle_moves (
    region_id       UUID NOT NULL,
    cycle_id        UUID NOT NULL,
    revision        BIGINT NOT NULL,    -- of the cycle, that the move made
    moves           TEXT NOT NULL,      -- JSON: which date, from when to when
    why             TEXT NOT NULL,
    moved_by        UUID,               -- a person; NULL: the schedule
    moved_at        TIMESTAMPTZ NOT NULL,
    told_at         TIMESTAMPTZ,               -- NULL: nobody was told yet
    CONSTRAINT cycle_moves_key PRIMARY KEY (region_id, cycle_id, revision),
    CONSTRAINT cycle_moves_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
-- What the tick asks: who has not been told yet?
CREATE INDEX cycle_moves_untold ON cycle_moves (region_id) WHERE told_at IS NULL;

-- More time for one partnership in one cycle, and why.
CREATE TABLE extensions (
    region_id       UUID NOT NULL,
    cycle_id        UUID NOT NULL,
    partnership_id  UUID NOT NULL,
    until_at        TIMESTAMPTZ NOT NULL,      -- its deadline now; something new is taken as long
    reason          TEXT NOT NULL,
    granted_by      UUID NOT NULL,      -- a person
    granted_at      TIMESTAMPTZ NOT NULL,
    CONSTRAINT extensions_key PRIMARY KEY (region_id, cycle_id, partnership_id),
    CONSTRAINT extensions_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id),
    CONSTRAINT extensions_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);

ALTER TABLE extensions ENABLE ROW LEVEL SECURITY;
ALTER TABLE extensions FORCE ROW LEVEL SECURITY;
CREATE POLICY extensions_scope ON extensions USING (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id)) WITH CHECK (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id));
ALTER TABLE committee_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE committee_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY committee_rules_scope ON committee_rules USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));
ALTER TABLE closed_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE closed_days FORCE ROW LEVEL SECURITY;
CREATE POLICY closed_days_scope ON closed_days USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));
ALTER TABLE cycle_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE cycle_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY cycle_plans_scope ON cycle_plans USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));
ALTER TABLE cycle_moves ENABLE ROW LEVEL SECURITY;
ALTER TABLE cycle_moves FORCE ROW LEVEL SECURITY;
CREATE POLICY cycle_moves_scope ON cycle_moves USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- The serving role: the new tables too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON committee_rules, closed_days, cycle_plans, cycle_moves, extensions TO csp_app;
    END IF;
END
$$;
