-- Rounds of reminders are scheduled work too, of a region and not of a cycle.
ALTER TABLE job_runs DROP CONSTRAINT job_runs_job_check;
ALTER TABLE job_runs ADD CONSTRAINT job_runs_job_check CHECK (job IN ('open', 'close', 'freeze', 'release', 'remind'));
