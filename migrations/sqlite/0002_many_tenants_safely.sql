-- Tokens that may do less than their owner, and that are renewed without a gap; personal data apart from the record of deeds.

-- What a token may do: nothing more than its owner, and less where it says so. SQLite adds no foreign key to a table that
-- stands, so the table is made anew; nothing refers to it.
CREATE TABLE tokens_renewed (
    region_id       BLOB NOT NULL,
    token_id        BLOB NOT NULL,
    public_id       TEXT NOT NULL,      -- the part of the token that finds this row
    secret_hash     TEXT NOT NULL,      -- SHA-256 of the secret part
    person_id       BLOB NOT NULL,
    label           TEXT NOT NULL,      -- what the token is for
    created_at      TEXT NOT NULL,
    expires_at      TEXT NOT NULL,
    revoked_at      TEXT,
    last_used_at    TEXT,               -- written at most once a minute
    kind            TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'machine')),
    reading         BOOLEAN NOT NULL DEFAULT FALSE, -- changes nothing
    role            TEXT,               -- of its owner's roles only this one; NULL: all of them
    committee_id    BLOB,               -- of that role
    partnership_id  BLOB,
    previous_hash   TEXT,               -- of the secret before the last rotation
    previous_until  TEXT,               -- how long that one opens doors too
    CONSTRAINT tokens_key PRIMARY KEY (region_id, token_id),
    CONSTRAINT tokens_public_id UNIQUE (region_id, public_id),
    CONSTRAINT tokens_role CHECK (
        (role IS NULL AND committee_id IS NULL AND partnership_id IS NULL)
        OR (role IN ('system_administrator', 'administrator') AND committee_id IS NULL AND partnership_id IS NULL)
        OR (role IN ('editor', 'approver') AND committee_id IS NOT NULL AND partnership_id IS NULL)
        OR (role IN ('officer', 'lead') AND committee_id IS NULL AND partnership_id IS NOT NULL)
    ),
    CONSTRAINT tokens_machine CHECK (kind = 'person' OR role IS NOT NULL),
    CONSTRAINT tokens_previous CHECK ((previous_hash IS NULL) = (previous_until IS NULL)),
    CONSTRAINT tokens_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id),
    CONSTRAINT tokens_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT tokens_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);
INSERT INTO tokens_renewed (region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at)
    SELECT region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, last_used_at FROM tokens;
DROP TABLE tokens;
ALTER TABLE tokens_renewed RENAME TO tokens;
-- Signing in knows the token and not yet the region.
CREATE INDEX tokens_by_public_id ON tokens (public_id);
-- Whose token ends soon?
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- Of a deed, what names, locates or describes a person: names, addresses, free text, the network address. It is kept apart, so that
-- it can be erased while the record of the deed stands.
CREATE TABLE audit_personal (
    region_id   BLOB NOT NULL,
    audit_id    BLOB NOT NULL,
    origin      TEXT,                   -- network address
    old_value   TEXT,                   -- JSON
    new_value   TEXT,                   -- JSON
    CONSTRAINT audit_personal_key PRIMARY KEY (region_id, audit_id),
    CONSTRAINT audit_personal_audit FOREIGN KEY (region_id, audit_id) REFERENCES audit (region_id, audit_id)
);

-- Earlier rows did not tell the two apart: of the subjects that have such values, all of them go over.
INSERT INTO audit_personal (region_id, audit_id, origin, old_value, new_value)
    SELECT region_id, audit_id, origin,
        CASE WHEN subject IN ('person', 'token', 'news_item', 'return') THEN old_value END,
        CASE WHEN subject IN ('person', 'token', 'news_item', 'return') THEN new_value END
    FROM audit WHERE origin IS NOT NULL OR subject IN ('person', 'token', 'news_item', 'return');
UPDATE audit SET old_value = NULL, new_value = NULL WHERE subject IN ('person', 'token', 'news_item', 'return');
ALTER TABLE audit DROP COLUMN origin;
ALTER TABLE audit ADD COLUMN token_id BLOB; -- the token by which a person acted, as it was called then
-- What happened to this thing?
CREATE INDEX audit_by_subject ON audit (region_id, subject_id, audit_id);
