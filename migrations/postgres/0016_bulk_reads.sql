-- Whose rows these are is asked of every row. The settings that tell for whom a transaction works were read anew each time, which for
-- a million figures took as long as reading them; as a query of its own each is read once.
CREATE FUNCTION csp_sees_every_region() RETURNS BOOLEAN
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN current_setting('csp.scope', TRUE) = 'system';

CREATE FUNCTION csp_own_region() RETURNS UUID
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN CASE WHEN current_setting('csp.scope', TRUE) IN ('region', 'partnership') THEN NULLIF(current_setting('csp.region', TRUE), '')::UUID END;

CREATE FUNCTION csp_sees_every_partnership() RETURNS BOOLEAN
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN current_setting('csp.scope', TRUE) IN ('system', 'region');

CREATE FUNCTION csp_own_partnership() RETURNS UUID
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('csp.partnership', TRUE), '')::UUID;

ALTER POLICY history_scope ON history USING (
    ((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region()))
    AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership()))
) WITH CHECK (
    ((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region()))
    AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership()))
);
ALTER POLICY observations_scope ON observations USING (
    ((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region()))
    AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership()))
) WITH CHECK (
    ((SELECT csp_sees_every_region()) OR region_id = (SELECT csp_own_region()))
    AND ((SELECT csp_sees_every_partnership()) OR partnership_id = (SELECT csp_own_partnership()))
);
