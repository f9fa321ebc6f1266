-- Rounds of reminders are scheduled work too, of a region and not of a cycle. SQLite changes no condition of a table that stands,
-- so the table is made anew; nothing refers to it.
CREATE TABLE job_runs_renewed (
    region_id   BLOB NOT NULL,
    job         TEXT NOT NULL CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind')),
    subject_id  BLOB NOT NULL,          -- the cycle; of a round of reminders the region
    due_at      TEXT NOT NULL,
    done_at     TEXT NOT NULL,
    CONSTRAINT job_runs_key PRIMARY KEY (region_id, job, subject_id, due_at),
    CONSTRAINT job_runs_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);
INSERT INTO job_runs_renewed (region_id, job, subject_id, due_at, done_at)
    SELECT region_id, job, subject_id, due_at, done_at FROM job_runs;
DROP TABLE job_runs;
ALTER TABLE job_runs_renewed RENAME TO job_runs;
