-- The first schema: everything a quarter needs, end to end.
--
-- Rules that hold for every table of a tenant:
--   * `region_id` comes first, in every key, every UNIQUE and every foreign key, because both engines check those
--     without regard to who is asking;
--   * instants are UTC in whole microseconds, bound by the program, never taken from the engine's clock;
--   * words of a closed list are TEXT with a CHECK; lists and trees are JSON in TEXT that no statement looks into;
--   * hashes are SHA-256 in hexadecimal.
-- SQLite has no row-level security: here the predicates of the statements keep tenants apart, alone.

-- The areas this service answers for.
CREATE TABLE regions (
    region_id   BLOB NOT NULL,          -- nil for `system`, the home of those who run the service
    slug        TEXT NOT NULL,          -- last part of the resource name
    name        TEXT NOT NULL,          -- as people call it
    zone        TEXT NOT NULL,          -- IANA time zone in which deadlines are civil times
    created_at  TEXT NOT NULL,
    revision    BIGINT NOT NULL,        -- counts changes; the etag
    CONSTRAINT regions_key PRIMARY KEY (region_id),
    CONSTRAINT regions_slug UNIQUE (slug)
);

INSERT INTO regions (region_id, slug, name, zone, created_at, revision)
VALUES (x'00000000000000000000000000000000', 'system', 'System', 'Europe/London', '1970-01-01T00:00:00+00:00', 1);

-- Community Safety Partnerships: the tenants.
CREATE TABLE partnerships (
    region_id       BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    slug            TEXT NOT NULL,
    ons_code        TEXT NOT NULL,      -- Office for National Statistics, E22…/W22…
    name            TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    CONSTRAINT partnerships_key PRIMARY KEY (region_id, partnership_id),
    CONSTRAINT partnerships_slug UNIQUE (region_id, slug),
    CONSTRAINT partnerships_ons_code UNIQUE (region_id, ons_code),
    CONSTRAINT partnerships_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- People. What they may do stands in role_grants and members.
CREATE TABLE persons (
    region_id   BLOB NOT NULL,
    person_id   BLOB NOT NULL,
    slug        TEXT NOT NULL,
    name        TEXT NOT NULL,          -- as they wish to be addressed
    email       TEXT NOT NULL,          -- domain in lower case
    created_at  TEXT NOT NULL,
    revision    BIGINT NOT NULL,
    CONSTRAINT persons_key PRIMARY KEY (region_id, person_id),
    CONSTRAINT persons_slug UNIQUE (region_id, slug),
    CONSTRAINT persons_email UNIQUE (region_id, email),
    CONSTRAINT persons_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Access tokens. The secret is not here, only its hash.
CREATE TABLE tokens (
    region_id     BLOB NOT NULL,
    token_id      BLOB NOT NULL,
    public_id     TEXT NOT NULL,        -- the part of the token that finds this row
    secret_hash   TEXT NOT NULL,        -- SHA-256 of the secret part
    person_id     BLOB NOT NULL,
    label         TEXT NOT NULL,        -- what the token is for
    created_at    TEXT NOT NULL,
    expires_at    TEXT NOT NULL,
    revoked_at    TEXT,
    last_used_at  TEXT,                 -- written at most once a minute
    CONSTRAINT tokens_key PRIMARY KEY (region_id, token_id),
    CONSTRAINT tokens_public_id UNIQUE (region_id, public_id),
    CONSTRAINT tokens_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id)
);
-- Signing in knows the token and not yet the region.
CREATE INDEX tokens_by_public_id ON tokens (public_id);

-- The catalogue of defined measures.
CREATE TABLE indicators (
    region_id     BLOB NOT NULL,
    indicator_id  BLOB NOT NULL,
    slug          TEXT NOT NULL,
    name          TEXT NOT NULL,
    unit          TEXT NOT NULL CHECK (unit IN ('count', 'pounds', 'days')),
    polarity      TEXT NOT NULL CHECK (polarity IN ('lower_is_better', 'higher_is_better', 'neither')),
    source        TEXT NOT NULL,        -- who counts it, and how
    created_at    TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    CONSTRAINT indicators_key PRIMARY KEY (region_id, indicator_id),
    CONSTRAINT indicators_slug UNIQUE (region_id, slug),
    CONSTRAINT indicators_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- The audiences.
CREATE TABLE committees (
    region_id     BLOB NOT NULL,
    committee_id  BLOB NOT NULL,
    slug          TEXT NOT NULL,
    name          TEXT NOT NULL,
    recurrence    TEXT,                 -- JSON; NULL where cycles are set by hand
    template      TEXT NOT NULL,        -- JSON: the standing text of its paper
    created_at    TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    CONSTRAINT committees_key PRIMARY KEY (region_id, committee_id),
    CONSTRAINT committees_slug UNIQUE (region_id, slug),
    CONSTRAINT committees_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Which partnerships report to a committee, in printing order.
CREATE TABLE committee_partnerships (
    region_id       BLOB NOT NULL,
    committee_id    BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    position        BIGINT NOT NULL,    -- from 0
    CONSTRAINT committee_partnerships_key PRIMARY KEY (region_id, committee_id, partnership_id),
    CONSTRAINT committee_partnerships_position UNIQUE (region_id, committee_id, position),
    CONSTRAINT committee_partnerships_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT committee_partnerships_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);

-- Which indicators a committee asks for, in printing order.
CREATE TABLE committee_indicators (
    region_id     BLOB NOT NULL,
    committee_id  BLOB NOT NULL,
    indicator_id  BLOB NOT NULL,
    position      BIGINT NOT NULL,      -- from 0
    CONSTRAINT committee_indicators_key PRIMARY KEY (region_id, committee_id, indicator_id),
    CONSTRAINT committee_indicators_position UNIQUE (region_id, committee_id, position),
    CONSTRAINT committee_indicators_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT committee_indicators_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id)
);

-- Roles, each held from one day to another.
CREATE TABLE role_grants (
    region_id       BLOB NOT NULL,
    role_grant_id   BLOB NOT NULL,
    person_id       BLOB NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('system_administrator', 'administrator', 'editor', 'approver', 'officer', 'lead')),
    committee_id    BLOB,               -- of an editor or approver
    partnership_id  BLOB,               -- of an officer or lead
    deputy          BOOLEAN NOT NULL,
    starts_on       DATE NOT NULL,
    ends_on         DATE,               -- last day; NULL until further notice
    created_at      TEXT NOT NULL,
    CONSTRAINT role_grants_key PRIMARY KEY (region_id, role_grant_id),
    CONSTRAINT role_grants_shape CHECK (
        (role IN ('system_administrator', 'administrator') AND committee_id IS NULL AND partnership_id IS NULL)
        OR (role IN ('editor', 'approver') AND committee_id IS NOT NULL AND partnership_id IS NULL)
        OR (role IN ('officer', 'lead') AND committee_id IS NULL AND partnership_id IS NOT NULL)
    ),
    CONSTRAINT role_grants_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id),
    CONSTRAINT role_grants_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT role_grants_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);
CREATE INDEX role_grants_by_person ON role_grants (region_id, person_id);

-- Terms on committees. The same person may have several, with gaps.
CREATE TABLE members (
    region_id     BLOB NOT NULL,
    member_id     BLOB NOT NULL,
    committee_id  BLOB NOT NULL,
    person_id     BLOB NOT NULL,
    starts_on     DATE NOT NULL,
    ends_on       DATE,
    created_at    TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    CONSTRAINT members_key PRIMARY KEY (region_id, member_id),
    CONSTRAINT members_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT members_person FOREIGN KEY (region_id, person_id) REFERENCES persons (region_id, person_id)
);
CREATE INDEX members_by_committee ON members (region_id, committee_id);

-- Rounds of collecting and reporting, one for each meeting.
CREATE TABLE cycles (
    region_id       BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    committee_id    BLOB NOT NULL,
    slug            TEXT NOT NULL,      -- by recurrence the quarter: 2021-q3
    period_start    DATE NOT NULL,      -- what is reported on
    period_end      DATE NOT NULL,
    opens_at        TEXT NOT NULL,
    deadline_at     TEXT NOT NULL,
    publication_at  TEXT NOT NULL,
    meeting_at      TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('planned', 'open', 'closed', 'published', 'cancelled')),
    created_at      TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    CONSTRAINT cycles_key PRIMARY KEY (region_id, cycle_id),
    CONSTRAINT cycles_slug UNIQUE (region_id, committee_id, slug),
    CONSTRAINT cycles_order CHECK (opens_at < deadline_at AND deadline_at <= publication_at AND publication_at < meeting_at AND period_start <= period_end),
    CONSTRAINT cycles_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id)
);
-- What the tick asks: which cycles are not at their end?
CREATE INDEX cycles_by_state ON cycles (state);

-- Narrative: a partnership's, or the national part of a committee's paper.
CREATE TABLE news_items (
    region_id       BLOB NOT NULL,
    news_item_id    BLOB NOT NULL,
    partnership_id  BLOB,               -- in whose name; NULL in the national part
    committee_id    BLOB,               -- of the national part; NULL otherwise
    cycle_id        BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('news', 'case_study', 'campaign', 'award', 'decision', 'event', 'national_development')),
    state           TEXT NOT NULL CHECK (state IN ('submitted', 'withdrawn')),
    headline        TEXT NOT NULL,
    body            TEXT NOT NULL,      -- JSON: the parsed tree, never markup
    happened_on     DATE,
    submitted_by    BLOB NOT NULL,      -- a person of this region or of `system`
    submitted_at    TEXT NOT NULL,
    revision        BIGINT NOT NULL,
    CONSTRAINT news_items_key PRIMARY KEY (region_id, news_item_id),
    CONSTRAINT news_items_owner CHECK ((partnership_id IS NULL) <> (committee_id IS NULL)),
    CONSTRAINT news_items_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT news_items_committee FOREIGN KEY (region_id, committee_id) REFERENCES committees (region_id, committee_id),
    CONSTRAINT news_items_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
CREATE INDEX news_items_by_cycle ON news_items (region_id, cycle_id);

-- A partnership's answer for a cycle: one row, with its revisions below.
CREATE TABLE returns (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    partnership_id  BLOB NOT NULL,
    cycle_id        BLOB NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('submitted', 'withdrawn')),
    revision        BIGINT NOT NULL,    -- counts corrections and withdrawals
    content         BIGINT NOT NULL,    -- the revision whose content counts
    CONSTRAINT returns_key PRIMARY KEY (region_id, return_id),
    CONSTRAINT returns_cycle_once UNIQUE (region_id, partnership_id, cycle_id),
    CONSTRAINT returns_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id),
    CONSTRAINT returns_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);
CREATE INDEX returns_by_cycle ON returns (region_id, cycle_id);

-- What was sent in, each time. Never changed afterwards.
CREATE TABLE return_revisions (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    revision        BIGINT NOT NULL,
    partnership_id  BLOB NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('full', 'nil')),
    statement       TEXT,               -- of a nil return, in the partnership's words
    remark          TEXT,               -- to the editor
    submitted_by    BLOB NOT NULL,
    submitted_at    TEXT NOT NULL,
    CONSTRAINT return_revisions_key PRIMARY KEY (region_id, return_id, revision),
    CONSTRAINT return_revisions_shape CHECK ((kind = 'nil') = (statement IS NOT NULL)),
    CONSTRAINT return_revisions_return FOREIGN KEY (region_id, return_id) REFERENCES returns (region_id, return_id)
);

-- Values of indicators, with the revision that carried them. Earlier revisions stay.
CREATE TABLE observations (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    revision        BIGINT NOT NULL,
    line            BIGINT NOT NULL,    -- place in what was sent, from 0
    partnership_id  BLOB NOT NULL,
    indicator_id    BLOB NOT NULL,
    period_start    DATE NOT NULL,
    period_end      DATE NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('reported', 'nil', 'late', 'withheld', 'not_applicable')),
    value           TEXT,               -- decimal digits, in the indicator's unit; of a reported value only
    expected_on     DATE,               -- of a late one
    reason          TEXT,               -- of a withheld one
    provisional     BOOLEAN NOT NULL,
    note            TEXT,               -- printed beside the figure
    CONSTRAINT observations_key PRIMARY KEY (region_id, return_id, revision, line),
    CONSTRAINT observations_once UNIQUE (region_id, return_id, revision, indicator_id, period_start, period_end),
    CONSTRAINT observations_shape CHECK (
        (status = 'reported') = (value IS NOT NULL) AND (status = 'late') = (expected_on IS NOT NULL) AND (status = 'withheld') = (reason IS NOT NULL)
    ),
    CONSTRAINT observations_revision FOREIGN KEY (region_id, return_id, revision) REFERENCES return_revisions (region_id, return_id, revision),
    CONSTRAINT observations_indicator FOREIGN KEY (region_id, indicator_id) REFERENCES indicators (region_id, indicator_id),
    CONSTRAINT observations_partnership FOREIGN KEY (region_id, partnership_id) REFERENCES partnerships (region_id, partnership_id)
);
-- Comparators: what did this partnership say about that period?
CREATE INDEX observations_by_period ON observations (region_id, partnership_id, period_start, period_end);

-- Values someone else stated.
CREATE TABLE quoted_figures (
    region_id       BLOB NOT NULL,
    return_id       BLOB NOT NULL,
    revision        BIGINT NOT NULL,
    line            BIGINT NOT NULL,
    partnership_id  BLOB NOT NULL,
    subject         TEXT NOT NULL,
    value           TEXT NOT NULL,      -- as stated
    source          TEXT NOT NULL,      -- who stated it
    period_start    DATE NOT NULL,
    period_end      DATE NOT NULL,
    CONSTRAINT quoted_figures_key PRIMARY KEY (region_id, return_id, revision, line),
    CONSTRAINT quoted_figures_revision FOREIGN KEY (region_id, return_id, revision) REFERENCES return_revisions (region_id, return_id, revision)
);

-- Versions of a committee's paper.
CREATE TABLE digests (
    region_id      BLOB NOT NULL,
    digest_id      BLOB NOT NULL,
    cycle_id       BLOB NOT NULL,
    version        BIGINT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('frozen', 'approved', 'released', 'superseded')),
    subject        TEXT NOT NULL,       -- of its mail
    document_hash  TEXT NOT NULL,
    authors        TEXT NOT NULL,       -- JSON: persons who wrote any of it and may not approve it
    frozen_by      BLOB,                -- NULL: the schedule
    frozen_at      TEXT NOT NULL,
    approved_by    BLOB,
    approved_at    TEXT,
    released_at    TEXT,
    revision       BIGINT NOT NULL,
    CONSTRAINT digests_key PRIMARY KEY (region_id, digest_id),
    CONSTRAINT digests_version UNIQUE (region_id, cycle_id, version),
    CONSTRAINT digests_approval CHECK ((approved_by IS NULL) = (approved_at IS NULL) AND (state <> 'released' OR approved_by IS NOT NULL)),
    CONSTRAINT digests_cycle FOREIGN KEY (region_id, cycle_id) REFERENCES cycles (region_id, cycle_id)
);

-- The public tree of a version, as stored bytes. What is exempt will have a table of its own.
CREATE TABLE digest_public_documents (
    region_id  BLOB NOT NULL,
    digest_id  BLOB NOT NULL,
    bytes      BLOB NOT NULL,        -- JSON that names its format
    CONSTRAINT digest_public_documents_key PRIMARY KEY (region_id, digest_id),
    CONSTRAINT digest_public_documents_digest FOREIGN KEY (region_id, digest_id) REFERENCES digests (region_id, digest_id)
);

-- The renditions of a version, as stored bytes.
CREATE TABLE digest_renditions (
    region_id  BLOB NOT NULL,
    digest_id  BLOB NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('html_mail', 'text')),
    bytes      BLOB NOT NULL,
    hash       TEXT NOT NULL,
    CONSTRAINT digest_renditions_key PRIMARY KEY (region_id, digest_id, kind),
    CONSTRAINT digest_renditions_digest FOREIGN KEY (region_id, digest_id) REFERENCES digests (region_id, digest_id)
);

-- The part of a mail that is the same for all its recipients, stored once.
CREATE TABLE message_bodies (
    region_id  BLOB NOT NULL,
    body_hash  TEXT NOT NULL,
    bytes      BLOB NOT NULL,
    CONSTRAINT message_bodies_key PRIMARY KEY (region_id, body_hash),
    CONSTRAINT message_bodies_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Any mail the system sends, from intent to outcome.
CREATE TABLE messages (
    region_id            BLOB NOT NULL,
    message_id           BLOB NOT NULL,
    kind                 TEXT NOT NULL CHECK (kind IN ('digest', 'reminder', 'receipt', 'notice')),
    matter_id            BLOB NOT NULL, -- what it is about: the digest, the return, the cycle
    recipient_id         BLOB NOT NULL,
    step                 BIGINT NOT NULL, -- which of several about the same matter
    address              TEXT NOT NULL,
    subject              TEXT NOT NULL,
    internet_message_id  TEXT NOT NULL, -- the same on every attempt
    head                 BLOB NOT NULL, -- the recipient's own header fields, ready to send
    body_hash            TEXT NOT NULL,
    mime_hash            TEXT NOT NULL, -- of head and body together: what every attempt sends
    state                TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'in_doubt', 'accepted', 'delivered', 'bounced', 'failed', 'suppressed', 'cancelled', 'held')),
    epoch                BIGINT NOT NULL, -- rises with each claim; writes with an older one are refused
    attempts             BIGINT NOT NULL,
    lease_until          TEXT,          -- of a claim
    next_attempt_at      TEXT NOT NULL,
    accepted_at          TEXT,
    last_outcome         TEXT,          -- a code and a few words, never an address
    created_at           TEXT NOT NULL,
    CONSTRAINT messages_key PRIMARY KEY (region_id, message_id),
    CONSTRAINT messages_once UNIQUE (region_id, kind, matter_id, recipient_id, step),
    CONSTRAINT messages_recipient FOREIGN KEY (region_id, recipient_id) REFERENCES persons (region_id, person_id),
    CONSTRAINT messages_body FOREIGN KEY (region_id, body_hash) REFERENCES message_bodies (region_id, body_hash)
);
-- What the courier asks: which are due?
CREATE INDEX messages_due ON messages (state, next_attempt_at);
CREATE INDEX messages_by_matter ON messages (region_id, matter_id);

-- Scheduled work that was done. The bell may ring twice; the second row is refused.
CREATE TABLE job_runs (
    region_id   BLOB NOT NULL,
    job         TEXT NOT NULL CHECK (job IN ('open', 'close', 'freeze', 'release')),
    subject_id  BLOB NOT NULL,          -- the cycle
    due_at      TEXT NOT NULL,
    done_at     TEXT NOT NULL,
    CONSTRAINT job_runs_key PRIMARY KEY (region_id, job, subject_id, due_at),
    CONSTRAINT job_runs_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Creates that name themselves, so that their repetition is harmless (AIP-155).
CREATE TABLE requests (
    region_id    BLOB NOT NULL,
    person_id    BLOB NOT NULL,         -- the caller
    request_id   BLOB NOT NULL,
    fingerprint  TEXT NOT NULL,         -- of method and message
    resource_id  BLOB NOT NULL,         -- what was made
    created_at   TEXT NOT NULL,
    CONSTRAINT requests_key PRIMARY KEY (region_id, person_id, request_id),
    CONSTRAINT requests_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);

-- Who did what, when and from where, with old and new values: written in the same unit as the change itself.
CREATE TABLE audit (
    region_id   BLOB NOT NULL,
    audit_id    BLOB NOT NULL,          -- ordered by time
    at          TEXT NOT NULL,
    actor_id    BLOB,                   -- a person; NULL: the schedule
    origin      TEXT,                   -- network address
    action      TEXT NOT NULL,          -- create, update, withdraw, approve …
    subject     TEXT NOT NULL,          -- the kind of thing
    subject_id  BLOB NOT NULL,
    old_value   TEXT,                   -- JSON
    new_value   TEXT,                   -- JSON
    CONSTRAINT audit_key PRIMARY KEY (region_id, audit_id),
    CONSTRAINT audit_region FOREIGN KEY (region_id) REFERENCES regions (region_id)
);
