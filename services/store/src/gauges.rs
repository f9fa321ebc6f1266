//! What whoever runs the service watches: time to deadlines, and what has not arrived. Over all regions, counts and slugs
//! only; and whether the database takes writing at all.

use chrono_tz::Tz;
use csp_domain::{
    Scope, calendar,
    clock::Instant,
    cycle::CycleState,
    digest::DigestState,
    id::Slug,
    message::{MessageKind, MessageState},
};

use crate::{Store, StoreError, engine::on, error, statement::statements};

statements! {
    /// Only what is not settled: the index on (state, next_attempt_at) finds it among years of delivered mail.
    UNSETTLED_MESSAGES = "SELECT r.slug AS region, m.kind, m.state, COUNT(*) AS messages, MIN(m.created_at) AS oldest \
        FROM messages m JOIN regions r ON r.region_id = m.region_id \
        WHERE m.state IN ('queued', 'claimed', 'in_doubt', 'held', 'failed', 'bounced', 'suppressed') \
        GROUP BY r.slug, m.kind, m.state ORDER BY r.slug, m.kind, m.state";
    /// Every cycle before its meeting, with what stands between it and its members. Of a digest counts the latest version.
    LIVING_CYCLES = "SELECT r.slug AS region, r.zone, k.slug AS committee, c.slug AS cycle, c.state, c.deadline_at, c.publication_at, c.meeting_at, \
        (SELECT d.state FROM digests d WHERE d.region_id = c.region_id AND d.cycle_id = c.cycle_id ORDER BY d.version DESC LIMIT 1) AS digest, \
        (SELECT COUNT(*) FROM committee_partnerships p WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id) AS expected, \
        (SELECT COUNT(*) FROM committee_partnerships p WHERE p.region_id = c.region_id AND p.committee_id = c.committee_id \
            AND NOT EXISTS (SELECT 1 FROM returns t WHERE t.region_id = p.region_id AND t.partnership_id = p.partnership_id \
                AND t.cycle_id = c.cycle_id AND t.state NOT IN ('draft', 'withdrawn'))) AS missing, \
        (SELECT COUNT(*) FROM digests d JOIN messages m ON m.region_id = d.region_id AND m.matter_id = d.digest_id \
            WHERE d.region_id = c.region_id AND d.cycle_id = c.cycle_id AND m.kind = 'digest' \
                AND m.state NOT IN ('accepted', 'delivered', 'cancelled')) AS undelivered \
        FROM cycles c JOIN committees k ON k.region_id = c.region_id AND k.committee_id = c.committee_id JOIN regions r ON r.region_id = c.region_id \
        WHERE c.state IN ('planned', 'open', 'closed') OR (c.state = 'published' AND c.meeting_at > $1) \
        ORDER BY r.slug, k.slug, c.slug";
    EXPIRING_TOKENS = "SELECT r.slug AS region, COUNT(*) AS tokens FROM tokens t JOIN regions r ON r.region_id = t.region_id \
        WHERE t.revoked_at IS NULL AND t.expires_at > $1 AND t.expires_at <= $2 GROUP BY r.slug ORDER BY r.slug";
}

/// Everything that is watched, from one consistent view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Messages that are not settled, for each region, kind and state that has any.
    pub messages: Vec<MessageGauge>,
    /// Cycles whose meeting lies ahead, and those that are overdue.
    pub cycles: Vec<CycleGauge>,
    /// Tokens that end before long, for each region that has any.
    pub tokens: Vec<TokenGauge>,
}

/// Messages of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageGauge {
    /// Whose.
    pub region: Slug,
    /// What kind.
    pub kind: MessageKind,
    /// In which state.
    pub state: MessageState,
    /// How many.
    pub messages: i64,
    /// Since when the oldest of them has been there.
    pub oldest: Instant,
}

/// One cycle, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleGauge {
    /// Whose.
    pub region: Slug,
    /// For whom.
    pub committee: Slug,
    /// Which.
    pub cycle: Slug,
    /// Where it stands.
    pub state: CycleState,
    /// When returns are due.
    pub deadline_at: Instant,
    /// When the digest goes out.
    pub publication_at: Instant,
    /// The end of the day of publication, where the committee is: whoever has the digest by then has it as many clear days
    /// before the meeting as the timetable gives.
    pub notice_ends_at: Instant,
    /// When the committee meets.
    pub meeting_at: Instant,
    /// The state of the latest version of its digest, if there is one.
    pub digest: Option<DigestState>,
    /// How many partnerships report to the committee.
    pub expected: i64,
    /// How many of them have not sent their return.
    pub missing: i64,
    /// How many members' copies no mail server has taken.
    pub undelivered: i64,
}

/// Tokens that end before long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGauge {
    /// Whose.
    pub region: Slug,
    /// How many.
    pub tokens: i64,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    region: String,
    kind: String,
    state: String,
    messages: i64,
    oldest: Instant,
}

#[derive(sqlx::FromRow)]
struct CycleRow {
    region: String,
    zone: String,
    committee: String,
    cycle: String,
    state: String,
    deadline_at: Instant,
    publication_at: Instant,
    meeting_at: Instant,
    digest: Option<String>,
    expected: i64,
    missing: i64,
    undelivered: i64,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    region: String,
    tokens: i64,
}

impl Store {
    /// What is to be watched now. Of tokens, those that end before `tokens_until`.
    pub async fn gauges(&self, now: Instant, tokens_until: Instant) -> Result<Gauges, StoreError> {
        self.read(Scope::System, move |tx| {
            Box::pin(async move {
                let messages: Vec<MessageRow> = on!(tx, |c| sqlx::query_as(UNSETTLED_MESSAGES).fetch_all(c).await)?;
                let cycles: Vec<CycleRow> = on!(tx, |c| sqlx::query_as(LIVING_CYCLES).bind(now).fetch_all(c).await)?;
                let tokens: Vec<TokenRow> = on!(tx, |c| sqlx::query_as(EXPIRING_TOKENS).bind(now).bind(tokens_until).fetch_all(c).await)?;
                Ok(Gauges {
                    messages: messages.into_iter().map(MessageRow::gauge).collect::<Result<_, _>>()?,
                    cycles: cycles.into_iter().map(CycleRow::gauge).collect::<Result<_, _>>()?,
                    tokens: tokens.into_iter().map(TokenRow::gauge).collect::<Result<_, _>>()?,
                })
            })
        })
        .await
    }
}

impl MessageRow {
    fn gauge(self) -> Result<MessageGauge, StoreError> {
        Ok(MessageGauge {
            region: slug(self.region, "regions")?,
            kind: MessageKind::from_word(&self.kind).ok_or_else(|| error::inconsistent("messages", "kind"))?,
            state: MessageState::from_word(&self.state).ok_or_else(|| error::inconsistent("messages", "state"))?,
            messages: self.messages,
            oldest: self.oldest,
        })
    }
}

impl CycleRow {
    fn gauge(self) -> Result<CycleGauge, StoreError> {
        let zone: Tz = self.zone.parse().map_err(|_| error::inconsistent("regions", "zone"))?;
        let day_after = calendar::civil_day(self.publication_at, zone) + chrono::Days::new(1);
        Ok(CycleGauge {
            region: slug(self.region, "regions")?,
            committee: slug(self.committee, "committees")?,
            cycle: slug(self.cycle, "cycles")?,
            state: CycleState::from_word(&self.state).ok_or_else(|| error::inconsistent("cycles", "state"))?,
            deadline_at: self.deadline_at,
            publication_at: self.publication_at,
            notice_ends_at: calendar::instant(day_after.and_time(chrono::NaiveTime::MIN), zone),
            meeting_at: self.meeting_at,
            digest: match self.digest {
                None => None,
                Some(word) => Some(DigestState::from_word(&word).ok_or_else(|| error::inconsistent("digests", "state"))?),
            },
            expected: self.expected,
            missing: self.missing,
            undelivered: self.undelivered,
        })
    }
}

impl TokenRow {
    fn gauge(self) -> Result<TokenGauge, StoreError> {
        Ok(TokenGauge { region: slug(self.region, "regions")?, tokens: self.tokens })
    }
}

fn slug(text: String, table: &'static str) -> Result<Slug, StoreError> {
    text.parse().map_err(|_| error::inconsistent(table, "slug"))
}
