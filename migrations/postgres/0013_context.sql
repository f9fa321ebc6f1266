-- What must be known beside a figure, whose measure it is, and over how long a survey asked.

-- What was so in certain days and is printed beside every figure about them. What was printed stays printed: a note that is taken
-- back keeps its row, and is not printed again.
CREATE TABLE context_notes (
    region_id        UUID NOT NULL,
    context_note_id  UUID NOT NULL,
    indicator_id     UUID,               -- NULL: of every measure
    partnership_id   UUID,               -- NULL: in the whole region
    starts_on        DATE NOT NULL,
    ends_on          DATE NOT NULL,
    sentence         TEXT NOT NULL,      -- as it is printed
    remove_reason    TEXT,               -- why it was taken back
    removed_at       TIMESTAMPTZ,
    created_at       TIMESTAMPTZ NOT NULL,
    revision         BIGINT NOT NULL,
    CONSTRAINT context_notes_key PRIMARY KEY (region_id, context_note_id),
    CONSTRAINT context_notes_days CHECK (starts_on <= ends_on),
    CONSTRAINT context_notes_removed CHECK ((remove_reason IS NULL) = (removed_at IS NULL)),
    CONSTRAINT context_notes_region FOREIGN KEY (region_id) REFERENCES regions (region_id),
    CONSTRAINT context_notes_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id),
    CONSTRAINT context_notes_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);
ALTER TABLE context_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE context_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY context_notes_scope ON context_notes USING (csp_sees_region(region_id)) WITH CHECK (csp_sees_region(region_id));

-- A measure of one partnership alone. Its short name is in a space of its own, `gateshead.dog-fouling`: no shared one has a dot.
ALTER TABLE indicators ADD COLUMN partnership_id UUID;          -- whose it is; NULL: the region's, shared by all
ALTER TABLE indicators ADD COLUMN ends_on DATE;                 -- the last day it is asked for; NULL: until further notice
ALTER TABLE indicators ADD CONSTRAINT indicators_partnership
    FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id);
-- Within the scope of a partnership only its own are seen, and none can be made of another.
DROP POLICY indicators_scope ON indicators;
CREATE POLICY indicators_scope ON indicators
    USING (csp_sees_region(region_id) AND (partnership_id IS NULL OR csp_sees_partnership(partnership_id)))
    WITH CHECK (csp_sees_region(region_id) AND (partnership_id IS NULL OR csp_sees_partnership(partnership_id)));

-- A result of a survey: over how many months up to the end of each period people were asked; NULL: it is none.
ALTER TABLE indicators ADD COLUMN survey_months BIGINT CHECK (survey_months BETWEEN 1 AND 60);

-- The serving role: the new table too.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'csp_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON context_notes TO csp_app;
    END IF;
END
$$;
