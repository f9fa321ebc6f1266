-- Receipts that somebody wants by mail: the wish stands here until the letter is queued.

CREATE TABLE receipt_wishes (
    region_id       UUID NOT NULL,
    return_id       UUID NOT NULL,
    revision        BIGINT NOT NULL,        -- which of its revisions was sent in
    partnership_id  UUID NOT NULL,
    person_id       UUID NOT NULL,          -- who sent it in, and gets the letter
    wished_at       TIMESTAMPTZ NOT NULL,
    CONSTRAINT receipt_wishes_key PRIMARY KEY (region_id, return_id, revision),
    CONSTRAINT receipt_wishes_revision FOREIGN KEY (region_id, return_id, revision) REFERENCES return_revisions (region_id, return_id, revision),
    CONSTRAINT receipt_wishes_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id)
);
ALTER TABLE receipt_wishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipt_wishes FORCE ROW LEVEL SECURITY;
CREATE POLICY receipt_wishes_scope ON receipt_wishes USING (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id)) WITH CHECK (csp_sees_region(region_id) AND csp_sees_partnership(partnership_id));

-- The serving role: the new table too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_wishes TO csp_app;
    END IF;
END
$$;
