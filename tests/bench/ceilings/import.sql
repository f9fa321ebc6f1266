-- A table of the shape of the server's, with nothing but its key; COPY is the fastest way in that PostgreSQL has.
CREATE TABLE history (region UUID, partnership UUID, indicator UUID, period_start DATE, period_end DATE, import UUID, value TEXT,
    PRIMARY KEY (region, partnership, indicator, period_start, period_end, import));
