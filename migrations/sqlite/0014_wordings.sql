-- Another wording: what an editor proposes for a partnership's words, and what became of it.

-- What was sent in is kept beside it: a news item's own row has the text that stands now. Words, dates and who are never changed
-- afterwards; where it stands is.
CREATE TABLE wordings (
    region_id       BLOB NOT NULL,
    wording_id      BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    news_item_id    BLOB,               -- which item of news; NULL: a nil return
    return_id       BLOB,               -- whose statement; NULL: an item of news
    of_revision     BIGINT NOT NULL,    -- of the item, or of the return's content, as it was read
    original        TEXT NOT NULL,      -- JSON: the words as they were sent in
    proposed        TEXT NOT NULL,      -- JSON: the words as the editor would put them
    note            TEXT,               -- why, for the lead
    state           TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'refused', 'withdrawn', 'replaced', 'lapsed', 'unanswered')),
    proposed_by     BLOB NOT NULL,      -- a person
    proposed_at     TEXT NOT NULL,
    ended_by        BLOB,               -- who took the last step; NULL: nobody yet, or the schedule
    ended_at        TEXT,
    reason          TEXT,               -- why it was refused
    revision        BIGINT NOT NULL,
    CONSTRAINT wordings_key PRIMARY KEY (region_id, wording_id),
    CONSTRAINT wordings_subject CHECK ((news_item_id IS NULL) <> (return_id IS NULL)),
    CONSTRAINT wordings_reason CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT wordings_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT wordings_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id),
    CONSTRAINT wordings_news FOREIGN KEY (region_id, news_item_id) REFERENCES news_items (region_id, news_item_id),
    CONSTRAINT wordings_return FOREIGN KEY (region_id, return_id) REFERENCES returns (region_id, return_id)
);
CREATE INDEX wordings_by_cycle ON wordings (region_id, cycle_id, partnership_id);
-- What the morning's round asks: who has something to answer?
CREATE INDEX wordings_waiting ON wordings (region_id) WHERE state = 'proposed';
