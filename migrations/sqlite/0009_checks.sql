-- Checks: how a region means the rules, and the notes that answer queries about a return.

-- What a region decided otherwise than the list in services/domain/src/check/rule.rs; what is not here is as it is there.
CREATE TABLE check_settings (
    region_id   BLOB NOT NULL,
    rule        TEXT NOT NULL,          -- its identifier, such as outside-limits
    strength    TEXT NOT NULL CHECK (strength IN ('error', 'query', 'off')),
    reason      TEXT NOT NULL,
    set_by      BLOB,                   -- a person; NULL: the service
    set_at      TEXT NOT NULL,
    CONSTRAINT check_settings_key PRIMARY KEY (region_id, rule),
    CONSTRAINT check_settings_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Notes that answer queries. A note answers what was asked when it was written: a new value has another `about`, and asks anew.
CREATE TABLE explanations (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    finding         TEXT NOT NULL,      -- the rule, and of which indicator: outside-limits.burglary
    about           TEXT NOT NULL,      -- SHA-256 of the figures that were asked about
    partnership_id  BLOB NOT NULL,
    note            TEXT NOT NULL,      -- in the partnership's words
    explained_by    BLOB NOT NULL,
    explained_at    TEXT NOT NULL,
    CONSTRAINT explanations_key PRIMARY KEY (region_id, return_id, finding, about),
    CONSTRAINT explanations_return FOREIGN KEY (region_id, return_id) REFERENCES returns (region_id, return_id)
);

-- Servers remember how a region means its rules (0003).
CREATE TRIGGER check_settings_known_made AFTER INSERT ON check_settings BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER check_settings_known_changed AFTER UPDATE ON check_settings BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER check_settings_known_gone AFTER DELETE ON check_settings BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;
