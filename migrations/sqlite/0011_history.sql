-- Figures from before partnerships reported here, from files that somebody else publishes.

CREATE TABLE history_imports (
    region_id    BLOB NOT NULL,
    import_id    BLOB NOT NULL,
    source       TEXT NOT NULL,         -- who counted it
    points       BIGINT NOT NULL,       -- how many figures there were
    added        BIGINT NOT NULL,       -- how many of them were new
    changed      BIGINT NOT NULL,       -- how many replaced another figure
    imported_by  BLOB NOT NULL,
    imported_at  TEXT NOT NULL,
    CONSTRAINT history_imports_key PRIMARY KEY (region_id, import_id),
    CONSTRAINT history_imports_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Of several figures for one period that of the latest import counts: identifiers are in order of time. None is changed afterwards.
CREATE TABLE history (
    region_id       BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    indicator_id    BLOB NOT NULL,
    period_start    DATE NOT NULL,
    period_end      DATE NOT NULL,
    import_id       BLOB NOT NULL,
    value           TEXT NOT NULL,      -- decimal digits, in the indicator's unit
    CONSTRAINT history_key PRIMARY KEY (region_id, partnership_id, indicator_id, period_start, period_end, import_id),
    CONSTRAINT history_import FOREIGN KEY (region_id, import_id) REFERENCES history_imports (region_id, import_id),
    CONSTRAINT history_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id),
    CONSTRAINT history_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
) WITHOUT ROWID;
