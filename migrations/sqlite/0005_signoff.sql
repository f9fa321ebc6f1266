-- Sign-off: where a return stands, every step that led there, and whether a committee's paper waits for a signature.

-- What was sent in before this stands as sent in; what is in a frozen paper as frozen.
ALTER TABLE returns ADD COLUMN standing TEXT NOT NULL DEFAULT 'submitted'
    CHECK (standing IN ('draft', 'submitted', 'sent_back', 'signed', 'accepted', 'frozen', 'withdrawn'));
UPDATE returns SET standing = 'withdrawn' WHERE state = 'withdrawn';
UPDATE returns SET standing = 'frozen' WHERE state = 'submitted' AND EXISTS (
    SELECT 1 FROM digests d WHERE d.region_id = returns.region_id AND d.cycle_id = returns.cycle_id AND d.state <> 'superseded'
);
ALTER TABLE returns DROP COLUMN state;
ALTER TABLE returns RENAME COLUMN standing TO state;

-- Every step of a return: who, when, and why where a reason is owed. Never changed afterwards.
CREATE TABLE return_steps (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    revision        BIGINT NOT NULL,    -- of the return, that the step made
    partnership_id  BLOB NOT NULL,
    deed            TEXT NOT NULL CHECK (deed IN ('submit', 'correct', 'alter', 'sign', 'send_back', 'accept', 'recall', 'withdraw', 'freeze')),
    state           TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'sent_back', 'signed', 'accepted', 'frozen', 'withdrawn')), -- where it then stood
    reasons         TEXT,               -- why it was sent back
    content_hash    TEXT,               -- of what was sent in, or of what was signed; NULL where nothing was, or before there were receipts
    done_by         BLOB,               -- a person; NULL: the schedule
    done_at         TEXT NOT NULL,
    CONSTRAINT return_steps_key PRIMARY KEY (region_id, return_id, revision),
    CONSTRAINT return_steps_reasons CHECK ((deed = 'send_back') = (reasons IS NOT NULL)),
    CONSTRAINT return_steps_return FOREIGN KEY (region_id, return_id) REFERENCES returns (region_id, return_id)
);
INSERT INTO return_steps (region_id, return_id, revision, partnership_id, deed, state, done_by, done_at)
    SELECT region_id, return_id, revision, partnership_id, CASE WHEN revision = 1 THEN 'submit' ELSE 'correct' END, 'submitted', submitted_by, submitted_at
    FROM return_revisions;

-- Committees that stand go on as they did until somebody says otherwise; new ones ask for a signature where there is a lead.
ALTER TABLE committees ADD COLUMN sign_off TEXT NOT NULL DEFAULT 'not_required' CHECK (sign_off IN ('required', 'where_led', 'not_required'));

-- Cooling-off: how long an approved paper is kept back, and who ended that early, and why. NULL: approved before there was any.
ALTER TABLE digests ADD COLUMN cooling_off_until TEXT;
ALTER TABLE digests ADD COLUMN cooling_off_ended_by BLOB;
ALTER TABLE digests ADD COLUMN cooling_off_reason TEXT;
