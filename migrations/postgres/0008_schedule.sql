-- Scheduled work that can be held, skipped and ordered by a person, with a reason; links by which diaries follow its dates.

-- A job that was skipped will never be done: its row stands in the place of the one that says it was. Rehearsals are scheduled
-- work too.
ALTER TABLE job_runs DROP CONSTRAINT job_runs_job_check;
ALTER TABLE job_runs ADD CONSTRAINT job_runs_job_check CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind', 'rehearse'));
ALTER TABLE job_runs
    ADD COLUMN outcome     TEXT NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'skipped')),
    ADD COLUMN reason      TEXT,            -- why it was skipped
    ADD COLUMN decided_by  UUID,            -- who skipped it
    ADD CONSTRAINT job_runs_skipped CHECK ((outcome = 'skipped') = (reason IS NOT NULL) AND (outcome = 'skipped') = (decided_by IS NOT NULL));

-- What a person has ordered about a job that is still to be done: to leave it, or to do it although its time is over.
CREATE TABLE job_orders (
    region_id   UUID NOT NULL,
    cycle_id    UUID NOT NULL,
    job         TEXT NOT NULL CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind', 'rehearse')),
    kind        TEXT NOT NULL CHECK (kind IN ('hold', 'run')),
    due_at      TIMESTAMPTZ NOT NULL,       -- when the job was due as the order was given
    reason      TEXT NOT NULL,
    ordered_by  UUID NOT NULL,
    ordered_at  TIMESTAMPTZ NOT NULL,
    CONSTRAINT job_orders_key PRIMARY KEY (region_id, cycle_id, job),
    CONSTRAINT job_orders_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
ALTER TABLE job_orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_orders FORCE ROW LEVEL SECURITY;
CREATE POLICY job_orders_scope ON job_orders USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- Links by which a diary subscribes to a partnership's or a committee's dates. Of the secret in the address only a hash is kept.
CREATE TABLE diary_links (
    region_id       UUID NOT NULL,
    link_id         UUID NOT NULL,
    public_id       TEXT NOT NULL,          -- the part of the secret that finds the row
    secret_hash     TEXT NOT NULL,
    partnership_id  UUID,                   -- whose dates: either this
    committee_id    UUID,                   -- or this
    created_by      UUID NOT NULL,          -- a person
    created_at      TIMESTAMPTZ NOT NULL,
    revoked_at      TIMESTAMPTZ,
    CONSTRAINT diary_links_key PRIMARY KEY (region_id, link_id),
    CONSTRAINT diary_links_public_id UNIQUE (region_id, public_id),
    CONSTRAINT diary_links_whose CHECK ((partnership_id IS NULL) <> (committee_id IS NULL)),
    CONSTRAINT diary_links_region FOREIGN KEY (region_id) REFERENCES regions (region_id),
    CONSTRAINT diary_links_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT diary_links_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id)
);
-- Whose link is this address? Before anybody is known.
CREATE INDEX diary_links_by_public_id ON diary_links (public_id);
ALTER TABLE diary_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE diary_links FORCE ROW LEVEL SECURITY;
CREATE POLICY diary_links_scope ON diary_links USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- The serving role: the new tables too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON job_orders, diary_links TO csp_app;
    END IF;
END
$$;
