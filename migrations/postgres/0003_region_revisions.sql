-- What servers remember of a region, they remember under its `known_revision`: it rises with every change of what they remember,
-- in the same transaction as the change, whoever makes it. A server asks for it before it uses what it remembers
-- (services/store/src/known.rs). A table that is made anew loses its triggers: they have to be made anew with it.
ALTER TABLE regions ADD COLUMN known_revision BIGINT NOT NULL DEFAULT 1;

-- Once for each transaction, however many rows it changes: the number of the transaction is one that no other has. The rights are
-- those of whoever changes something, and so is what they see.
CREATE FUNCTION csp_region_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    changed UUID;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD.region_id; ELSE changed := NEW.region_id; END IF;
    UPDATE regions SET known_revision = txid_current() WHERE region_id = changed AND known_revision <> txid_current();
    RETURN NULL;
END
$$;

-- At the end of the transaction: the region's row is held for no longer than the commit takes, and nobody waits for anybody
-- with a row of it in hand.
CREATE CONSTRAINT TRIGGER regions_known AFTER UPDATE OF slug, name, zone ON regions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
-- That a token was used changes nothing that it opens.
CREATE CONSTRAINT TRIGGER tokens_known AFTER INSERT OR DELETE OR UPDATE OF region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, kind, reading, role, committee_id,
    partnership_id, previous_hash, previous_until ON tokens
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER persons_known AFTER INSERT OR UPDATE OR DELETE ON persons
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER role_grants_known AFTER INSERT OR UPDATE OR DELETE ON role_grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER partnerships_known AFTER INSERT OR UPDATE OR DELETE ON partnerships
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER committees_known AFTER INSERT OR UPDATE OR DELETE ON committees
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER committee_partnerships_known AFTER INSERT OR UPDATE OR DELETE ON committee_partnerships
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER committee_indicators_known AFTER INSERT OR UPDATE OR DELETE ON committee_indicators
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER indicators_known AFTER INSERT OR UPDATE OR DELETE ON indicators
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
CREATE CONSTRAINT TRIGGER cycles_known AFTER INSERT OR UPDATE OR DELETE ON cycles
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION csp_region_changed();
