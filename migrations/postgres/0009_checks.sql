-- Checks: how a region means the rules, and the notes that answer queries about a return.

-- What a region decided otherwise than the list in services/domain/src/check/rule.rs; what is not here is as it is there.
CREATE TABLE check_settings (
    region_id   UUID NOT NULL,
    rule        TEXT NOT NULL,          -- its identifier, such as outside-limits
    strength    TEXT NOT NULL CHECK (strength IN ('error', 'query', 'off')),
    reason      TEXT NOT NULL,
    set_by      UUID,                   -- a person; NULL: the service
    set_at      TIMESTAMPTZ NOT NULL,
    CONSTRAINT check_settings_key PRIMARY KEY (region_id, rule),
    CONSTRAINT check_settings_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);
ALTER TABLE check_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE check_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY check_settings_scope ON check_settings USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- Notes that answer queries. A note answers what was asked when it was written: a new value has another `about`, and asks anew.
CREATE TABLE explanations (
    region_id       UUID NOT NULL,
    return_id       UUID NOT NULL,
    finding         TEXT NOT NULL,      -- the rule, and of which indicator: outside-limits.burglary
    about           TEXT NOT NULL,      -- SHA-256 of the figures that were asked about
    partnership_id  UUID NOT NULL,
    note            TEXT NOT NULL,      -- in the partnership's words
    explained_by    UUID NOT NULL,
    explained_at    TIMESTAMPTZ NOT NULL,
    CONSTRAINT explanations_key PRIMARY KEY (region_id, return_id, finding, about),
    CONSTRAINT explanations_return FOREIGN KEY (region_id, return_id) REFERENCES returns (region_id, return_id)
);
ALTER TABLE explanations ENABLE ROW LEVEL SECURITY;
ALTER TABLE explanations FORCE ROW LEVEL SECURITY;
CREATE POLICY explanations_scope ON explanations USING (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id)) WITH CHECK (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id));

-- Servers remember how a region means its rules (0003).
CREATE CONSTRAINT TRIGGER check_settings_known AFTER INSERT OR UPDATE OR DELETE ON check_settings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();

-- The serving role: the new tables too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON check_settings, explanations TO csp_app;
    END IF;
END
$$;
