-- Who owes which part: of whom a committee does not ask some of its figures. Everybody else owes all of them.

CREATE TABLE committee_exemptions (
    region_id       BLOB NOT NULL,
    committee_id    BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    indicator_id    BLOB NOT NULL,
    CONSTRAINT committee_exemptions_key PRIMARY KEY (region_id, committee_id, partnership_id, indicator_id),
    CONSTRAINT committee_exemptions_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT committee_exemptions_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT committee_exemptions_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id)
);

CREATE TRIGGER committee_exemptions_known_made AFTER INSERT ON committee_exemptions BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_exemptions_known_changed AFTER UPDATE ON committee_exemptions BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = NEW.region_id;
END;
CREATE TRIGGER committee_exemptions_known_gone AFTER DELETE ON committee_exemptions BEGIN
    UPDATE regions SET known_revision = known_revision + 1 WHERE region_id = OLD.region_id;
END;
