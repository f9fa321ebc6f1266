-- Who owes which part: of whom a committee does not ask some of its figures. Everybody else owes all of them.

CREATE TABLE committee_exemptions (
    region_id       UUID NOT NULL,
    committee_id    UUID NOT NULL,
    partnership_id  UUID NOT NULL,
    indicator_id    UUID NOT NULL,
    CONSTRAINT committee_exemptions_key PRIMARY KEY (region_id, committee_id, partnership_id, indicator_id),
    CONSTRAINT committee_exemptions_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT committee_exemptions_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT committee_exemptions_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id)
);

CREATE CONSTRAINT TRIGGER committee_exemptions_known AFTER INSERT OR UPDATE OR DELETE ON committee_exemptions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();

ALTER TABLE committee_exemptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE committee_exemptions FORCE ROW LEVEL SECURITY;
CREATE POLICY committee_exemptions_scope ON committee_exemptions USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- The serving role: the new table too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON committee_exemptions TO csp_app;
    END IF;
END
$$;
