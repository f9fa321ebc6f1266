-- What servers remember of a region, they remember under its `known_revision`: it rises with every change of what they remember,
-- in the same transaction as the change, whoever makes it. A server asks for it before it uses what it remembers
-- (services/store/src/known.rs). A table that is made anew loses its triggers: they have to be made anew with it.
ALTER TABLE regions ADD COLUMN known_revision BIGINT NOT NULL DEFAULT 1;

CREATE TRIGGER regions_known_changed AFTER UPDATE OF slug, name, zone ON regions BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;

-- That a token was used changes nothing that it opens.
CREATE TRIGGER tokens_known_made AFTER INSERT ON tokens BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER tokens_known_changed AFTER UPDATE OF region_id, token_id, public_id, secret_hash, person_id, label, created_at, expires_at, revoked_at, kind, reading, role, committee_id,
    partnership_id, previous_hash, previous_until ON tokens BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER tokens_known_gone AFTER DELETE ON tokens BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER persons_known_made AFTER INSERT ON persons BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER persons_known_changed AFTER UPDATE ON persons BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER persons_known_gone AFTER DELETE ON persons BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER role_grants_known_made AFTER INSERT ON role_grants BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER role_grants_known_changed AFTER UPDATE ON role_grants BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER role_grants_known_gone AFTER DELETE ON role_grants BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER partnerships_known_made AFTER INSERT ON partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER partnerships_known_changed AFTER UPDATE ON partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER partnerships_known_gone AFTER DELETE ON partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER committees_known_made AFTER INSERT ON committees BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committees_known_changed AFTER UPDATE ON committees BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committees_known_gone AFTER DELETE ON committees BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER committee_partnerships_known_made AFTER INSERT ON committee_partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_partnerships_known_changed AFTER UPDATE ON committee_partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_partnerships_known_gone AFTER DELETE ON committee_partnerships BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER committee_indicators_known_made AFTER INSERT ON committee_indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_indicators_known_changed AFTER UPDATE ON committee_indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_indicators_known_gone AFTER DELETE ON committee_indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER indicators_known_made AFTER INSERT ON indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER indicators_known_changed AFTER UPDATE ON indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER indicators_known_gone AFTER DELETE ON indicators BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;

CREATE TRIGGER cycles_known_made AFTER INSERT ON cycles BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER cycles_known_changed AFTER UPDATE ON cycles BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER cycles_known_gone AFTER DELETE ON cycles BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;
