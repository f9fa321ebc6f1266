-- What an indicator means, how it is printed, and what may be done with it. What was entered before keeps its unit and says
-- nothing more: not sensitive, in no crime total, a plain amount.
ALTER TABLE indicators ADD COLUMN meaning TEXT;                 -- what is counted, in a sentence
ALTER TABLE indicators ADD COLUMN per BIGINT CHECK (per > 0);   -- a share or rate: so many of each 100, 1,000 …; the value stored is always the count
ALTER TABLE indicators ADD COLUMN denominator TEXT;             -- of which: the short name of the indicator that counts the whole, or 'residents'
ALTER TABLE indicators ADD COLUMN decimals BIGINT CHECK (decimals BETWEEN 0 AND 3); -- of a share or rate
ALTER TABLE indicators ADD COLUMN frequency TEXT CHECK (frequency IN ('month', 'quarter', 'year'));
ALTER TABLE indicators ADD COLUMN sensitive BOOLEAN NOT NULL DEFAULT FALSE;   -- small numbers are not printed
ALTER TABLE indicators ADD COLUMN crime BOOLEAN NOT NULL DEFAULT FALSE;       -- belongs into a total of crime
ALTER TABLE indicators ADD COLUMN valid_from DATE;              -- the first day of the definition as it is now
ALTER TABLE indicators ADD COLUMN breaks TEXT NOT NULL DEFAULT '[]';          -- JSON: days on which what is counted changed, and how
