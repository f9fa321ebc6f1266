-- Joint items: which partnerships own an item of news besides the one that sent it in, and their signatures.

-- The first owner answers for an item by the signature of its return; each of the others by its row here. Who is no owner any more
-- keeps the row, as dropped, and sees the item no more.
CREATE TABLE joint_owners (
    region_id       BLOB NOT NULL,
    news_item_id    BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,      -- an owner, not the first
    first_id        BLOB NOT NULL,      -- the first owner, in whose name the item stands: it sees and writes these rows too
    cycle_id        BLOB NOT NULL,
    place           BIGINT NOT NULL,    -- in the order in which they were named
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'signed', 'sent_back', 'dropped', 'frozen')),
    changed_by      BLOB,               -- the person of the last step; NULL: the schedule
    changed_at      TEXT NOT NULL,
    reason          TEXT,               -- why it was sent back
    told_at         TEXT,               -- when the morning's round last spoke of it as it stands; NULL: not yet
    revision        BIGINT NOT NULL,
    CONSTRAINT joint_owners_key PRIMARY KEY (region_id, news_item_id, partnership_id),
    CONSTRAINT joint_owners_reason CHECK ((state = 'sent_back') = (reason IS NOT NULL)),
    CONSTRAINT joint_owners_another CHECK (partnership_id <> first_id),
    CONSTRAINT joint_owners_news FOREIGN KEY (region_id, news_item_id) REFERENCES news_items (region_id, news_item_id),
    CONSTRAINT joint_owners_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT joint_owners_first FOREIGN KEY (region_id, first_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT joint_owners_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
CREATE INDEX joint_owners_by_cycle ON joint_owners (region_id, cycle_id);
CREATE INDEX joint_owners_by_owner ON joint_owners (region_id, partnership_id);
-- What the morning's round asks: who has something to sign, or to mend?
CREATE INDEX joint_owners_open ON joint_owners (region_id) WHERE state IN ('waiting', 'sent_back');

-- A wording that is proposed while reminders are held is told when they go on.
ALTER TABLE wordings ADD COLUMN told_at TEXT;
