-- What PostgreSQL itself can do is measured on tables of the same shape as the server's, with nothing but their keys:
-- no foreign key, no row-level security, no other index.
CREATE TABLE returns (region UUID, id UUID, partnership UUID, cycle UUID, state TEXT, revision BIGINT, content BIGINT, PRIMARY KEY (region, id));
CREATE TABLE revisions (region UUID, id UUID, revision BIGINT, partnership UUID, kind TEXT, remark TEXT, by UUID, at TIMESTAMPTZ, PRIMARY KEY (region, id, revision));
CREATE TABLE figures (region UUID, id UUID, revision BIGINT, line BIGINT, partnership UUID, indicator UUID, period_start DATE, period_end DATE,
    status TEXT, value TEXT, provisional BOOLEAN, PRIMARY KEY (region, id, revision, line));
CREATE TABLE audit (region UUID, id UUID, at TIMESTAMPTZ, actor UUID, action TEXT, subject TEXT, subject_id UUID, new_value TEXT, token UUID, PRIMARY KEY (region, id));
CREATE TABLE audit_personal (region UUID, id UUID, origin TEXT, new_value TEXT, PRIMARY KEY (region, id));
CREATE TABLE requests (region UUID, person UUID, id UUID, fingerprint TEXT, resource UUID, at TIMESTAMPTZ, PRIMARY KEY (region, person, id));
