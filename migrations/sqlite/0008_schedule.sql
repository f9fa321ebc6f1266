-- Scheduled work that can be held, skipped and ordered by a person, with a reason; links by which diaries follow its dates.

-- A job that was skipped will never be done: its row stands in the place of the one that says it was. Rehearsals are scheduled
-- work too. SQLite changes no condition of a table that stands, so the table is made anew; nothing refers to it.
CREATE TABLE job_runs_renewed (
    region_id   BLOB NOT NULL,
    job         TEXT NOT NULL CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind', 'rehearse')),
    subject_id  BLOB NOT NULL,          -- the cycle; of a round of reminders the region
    due_at      TEXT NOT NULL,
    done_at     TEXT NOT NULL,
    outcome     TEXT NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'skipped')),
    reason      TEXT,                   -- why it was skipped
    decided_by  BLOB,                   -- who skipped it
    CONSTRAINT job_runs_key PRIMARY KEY (region_id, job, subject_id, due_at),
    CONSTRAINT job_runs_skipped CHECK ((outcome = 'skipped') = (reason IS NOT NULL) AND (outcome = 'skipped') = (decided_by IS NOT NULL)),
    CONSTRAINT job_runs_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);
INSERT INTO job_runs_renewed (region_id, job, subject_id, due_at, done_at)
    SELECT region_id, job, subject_id, due_at, done_at FROM job_runs;
DROP TABLE job_runs;
ALTER TABLE job_runs_renewed RENAME TO job_runs;

-- What a person has ordered about a job that is still to be done: to leave it, or to do it although its time is over.
CREATE TABLE job_orders (
    region_id   BLOB NOT NULL,
    cycle_id    BLOB NOT NULL,
    job         TEXT NOT NULL CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind', 'rehearse')),
    kind        TEXT NOT NULL CHECK (kind IN ('hold', 'run')),
    due_at      TEXT NOT NULL,          -- when the job was due as the order was given
    reason      TEXT NOT NULL,
    ordered_by  BLOB NOT NULL,
    ordered_at  TEXT NOT NULL,
    CONSTRAINT job_orders_key PRIMARY KEY (region_id, cycle_id, job),
    CONSTRAINT job_orders_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);

-- Links by which a diary subscribes to a partnership's or a committee's dates. Of the secret in the address only a hash is kept.
CREATE TABLE diary_links (
    region_id       BLOB NOT NULL,
    link_id         BLOB NOT NULL,
    public_id       TEXT NOT NULL,          -- the part of the secret that finds the row
    secret_hash     TEXT NOT NULL,
    partnership_id  BLOB,                   -- whose dates: either this
    committee_id    BLOB,                   -- or this
    created_by      BLOB NOT NULL,          -- a person
    created_at      TEXT NOT NULL,
    revoked_at      TEXT,
    CONSTRAINT diary_links_key PRIMARY KEY (region_id, link_id),
    CONSTRAINT diary_links_public_id UNIQUE (region_id, public_id),
    CONSTRAINT diary_links_whose CHECK ((partnership_id IS NULL) <> (committee_id IS NULL)),
    CONSTRAINT diary_links_region FOREIGN KEY (region_id) REFERENCES regions (region_id),
    CONSTRAINT diary_links_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT diary_links_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id)
);
-- Whose link is this address? Before anybody is known.
CREATE INDEX diary_links_by_public_id ON diary_links (public_id);
