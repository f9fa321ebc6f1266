-- What a figure is set beside: how many live in an area, whether it is a state or a sum, and who is most like whom.

-- Mid-year estimates of residents. Each region keeps its own: two regions may have taken theirs on different days, before and after
-- a census changed them, and a paper must be able to say which it used. Areas need not be partnerships of the region, since a
-- comparison group may have others.
CREATE TABLE populations (
    region_id       BLOB NOT NULL,
    population_id   BLOB NOT NULL,
    ons_code        TEXT NOT NULL,          -- Office for National Statistics
    mid_year        BIGINT NOT NULL CHECK (mid_year BETWEEN 1990 AND 2200), -- of 30 June
    people          BIGINT NOT NULL CHECK (people > 0),
    source          TEXT NOT NULL,          -- who says so
    entered_at      TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    CONSTRAINT populations_key PRIMARY KEY (region_id, population_id),
    CONSTRAINT populations_year UNIQUE (region_id, ons_code, mid_year),
    CONSTRAINT populations_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- What was promised of a measure. A target that is set anew is another row, and the old one ends.
CREATE TABLE targets (
    region_id       BLOB NOT NULL,
    target_id       BLOB NOT NULL,
    indicator_id    BLOB NOT NULL,
    partnership_id  BLOB,               -- NULL: of all who report to a committee, together
    trajectory      TEXT,               -- JSON: on which side is good, and what is wanted of which period; NULL: a baseline alone
    baseline        TEXT,               -- the period the plan started from
    reason          TEXT NOT NULL,      -- who set it, and why
    ends_on         TEXT,               -- the last day it holds; NULL: until further notice
    end_reason      TEXT,               -- why somebody ended it
    created_at      TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    CONSTRAINT targets_key PRIMARY KEY (region_id, target_id),
    CONSTRAINT targets_say_something CHECK (trajectory IS NOT NULL OR baseline IS NOT NULL),
    CONSTRAINT targets_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id),
    CONSTRAINT targets_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);

-- A state at the end of a period (a case load, a waiting list), which is never added up over months.
ALTER TABLE indicators ADD COLUMN stock BOOLEAN NOT NULL DEFAULT FALSE;

-- The partnerships most like one of them: JSON, a name and ONS codes; NULL: none was named.
ALTER TABLE partnerships ADD COLUMN comparison_group TEXT;
