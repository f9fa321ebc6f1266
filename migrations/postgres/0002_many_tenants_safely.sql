-- Tokens that may do less than their owner, and that are renewed without a gap; personal data apart from the record of deeds.

-- What a token may do: nothing more than its owner, and less where it says so.
ALTER TABLE tokens
    ADD COLUMN kind            TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'machine')),
    ADD COLUMN reading         BOOLEAN NOT NULL DEFAULT FALSE, -- changes nothing
    ADD COLUMN role            TEXT,           -- of its owner's roles only this one; NULL: all of them
    ADD COLUMN committee_id    UUID,           -- of that role
    ADD COLUMN partnership_id  UUID,
    ADD COLUMN previous_hash   TEXT,           -- of the secret before the last rotation
    ADD COLUMN previous_until  TIMESTAMPTZ,    -- how long that one opens doors too
    ADD CONSTRAINT tokens_role CHECK (
        (role IS NULL AND committee_id IS NULL AND partnership_id IS NULL)
        OR (role IN ('system_administrator', 'administrator') AND committee_id IS NULL AND partnership_id IS NULL)
        OR (role IN ('editor', 'approver') AND committee_id IS NOT NULL AND partnership_id IS NULL)
        OR (role IN ('officer', 'lead') AND committee_id IS NULL AND partnership_id IS NOT NULL)
    ),
    ADD CONSTRAINT tokens_machine CHECK (kind = 'person' OR role IS NOT NULL),
    ADD CONSTRAINT tokens_previous CHECK ((previous_hash IS NULL) = (previous_until IS NULL)),
    ADD CONSTRAINT tokens_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    ADD CONSTRAINT tokens_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id);
-- Whose token ends soon?
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- Of a deed, what names, locates or describes a person: names, addresses, free text, the network address. It is kept apart, so that
-- it can be erased while the record of the deed stands.
CREATE TABLE audit_personal (
    region_id   UUID NOT NULL,
    audit_id    UUID NOT NULL,
    origin      TEXT,                   -- network address
    old_value   TEXT,                   -- JSON
    new_value   TEXT,                   -- JSON
    CONSTRAINT audit_personal_key PRIMARY KEY (region_id, audit_id),
    CONSTRAINT audit_personal_audit FOREIGN KEY (region_id, audit_id) REFERENCES audit (region_id, audit_id)
);
ALTER TABLE audit_personal ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_personal FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_personal_scope ON audit_personal USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- Earlier rows did not tell the two apart: of the subjects that have such values, all of them go over. The owner of the tables is
-- bound by row-level security too.
SELECT set_config('csp.scope', 'system', TRUE);
INSERT INTO audit_personal (region_id, audit_id, origin, old_value, new_value)
    SELECT region_id, audit_id, origin,
        CASE WHEN subject IN ('person', 'token', 'news_item', 'return') THEN old_value END,
        CASE WHEN subject IN ('person', 'token', 'news_item', 'return') THEN new_value END
    FROM audit WHERE origin IS NOT NULL OR subject IN ('person', 'token', 'news_item', 'return');
UPDATE audit SET old_value = NULL, new_value = NULL WHERE subject IN ('person', 'token', 'news_item', 'return');
ALTER TABLE audit DROP COLUMN origin;
ALTER TABLE audit ADD COLUMN token_id UUID; -- the token by which a person acted, as it was called then
-- What happened to this thing?
CREATE INDEX audit_by_subject ON audit (region_id, subject_id, audit_id);

-- The serving role: the new table too, and of the record of migrations no more than reading.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON audit_personal TO csp_app;
        REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM csp_app;
    END IF;
END
$$;
