-- What must be known beside a figure, whose measure it is, and over how long a survey asked.

-- What was so in certain days and is printed beside every figure about them. What was printed stays printed: a note that is taken
-- back keeps its row, and is not printed again.
CREATE TABLE context_notes (
    region_id        BLOB NOT NULL,
    context_note_id  BLOB NOT NULL,
    indicator_id     BLOB,               -- NULL: of every measure
    partnership_id   BLOB,               -- NULL: in the whole region
    starts_on        TEXT NOT NULL,
    ends_on          TEXT NOT NULL,
    sentence         TEXT NOT NULL,      -- as it is printed
    remove_reason    TEXT,               -- why it was taken back
    removed_at       TEXT,
    created_at       TEXT NOT NULL,
    revision         BIGINT NOT NULL,
    CONSTRAINT context_notes_key PRIMARY KEY (region_id, context_note_id),
    CONSTRAINT context_notes_days CHECK (starts_on <= ends_on),
    CONSTRAINT context_notes_removed CHECK ((remove_reason IS NULL) = (removed_at IS NULL)),
    CONSTRAINT context_notes_region FOREIGN KEY (region_id) REFERENCES regions (region_id),
    CONSTRAINT context_notes_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id),
    CONSTRAINT context_notes_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);

-- A measure of one partnership alone. Its short name is in a space of its own, `gateshead.dog-fouling`: no shared one has a dot.
-- SQLite cannot add a foreign key of two columns to a table that is there; that the partnership is one of the region is asked by
-- the statement that enters it.
ALTER TABLE indicators ADD COLUMN partnership_id BLOB;          -- whose it is; NULL: the region's, shared by all
ALTER TABLE indicators ADD COLUMN ends_on TEXT;                 -- the last day it is asked for; NULL: until further notice

-- A result of a survey: over how many months up to the end of each period people were asked; NULL: it is none.
ALTER TABLE indicators ADD COLUMN survey_months BIGINT CHECK (survey_months BETWEEN 1 AND 60);
