-- Receipts that somebody wants by mail: the wish stands here until the letter is queued.

CREATE TABLE receipt_wishes (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    revision        BIGINT NOT NULL,        -- which of its revisions was sent in
    partnership_id  BLOB NOT NULL,
    person_id       BLOB NOT NULL,          -- who sent it in, and gets the letter
    wished_at       TEXT NOT NULL,
    CONSTRAINT receipt_wishes_key PRIMARY KEY (region_id, return_id, revision),
    CONSTRAINT receipt_wishes_revision FOREIGN KEY (region_id, return_id, revision) REFERENCES return_revisions (region_id, return_id, revision),
    CONSTRAINT receipt_wishes_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id)
);
