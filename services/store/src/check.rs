//! Checks: how a region means the rules, what earlier returns told, and the notes that answer queries.
//!
//! What is asked about a return is worked out anew whenever somebody wants to know, from what is stored then; only the notes and
//! the region's decisions are kept.

use std::collections::HashMap;

use chrono::NaiveDate;
use csp_domain::{
    Act, Scope,
    calendar::civil_day,
    check::{self, Case, Explanation, Finding, FindingId, Rule, Setting, Strength, Strengths, Told, Unexplained},
    clock::Instant,
    committee::Committee,
    cycle::{Cycle, CycleState},
    document::Hash,
    id::{CycleId, IndicatorId, PartnershipId, PersonId, ReturnId},
    indicator::Indicator,
    measure::population::Populations,
    period::Period,
    returns::{Content, Return, ReturnState},
    signoff::{self, Deed, Hand, Who},
    target::Target,
    text::Line,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Page, Refusal, Store, StoreError, audit::Facts, engine::on, error, known::Catalogue, statement::statements, stored_return::FigureRow,
    unit::Tx,
};

statements! {
    LIST_CHECK_SETTINGS = "SELECT rule, strength, reason, set_by, set_at FROM check_settings WHERE region_id = $1 ORDER BY rule";
    SET_CHECK_RULE = "INSERT INTO check_settings (region_id, rule, strength, reason, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (region_id, rule) DO UPDATE SET strength = excluded.strength, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at";
    LIST_EXPLANATIONS = "SELECT finding, about, note, explained_by, explained_at FROM explanations \
        WHERE region_id = $1 AND return_id = $2 ORDER BY explained_at, finding, about";
    LIST_EXPLANATIONS_OF_CYCLE = "SELECT e.return_id, e.finding, e.about, e.note, e.explained_by, e.explained_at FROM explanations e \
        JOIN returns r ON r.region_id = e.region_id AND r.return_id = e.return_id \
        WHERE e.region_id = $1 AND r.cycle_id = $2 ORDER BY e.explained_at, e.finding, e.about";
    KEEP_EXPLANATION = "INSERT INTO explanations (region_id, return_id, finding, about, partnership_id, note, explained_by, explained_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (region_id, return_id, finding, about) DO UPDATE SET note = excluded.note, explained_by = excluded.explained_by, \
        explained_at = excluded.explained_at";
    /// What one partnership told within some time, in any return that counts but those of one cycle: as `LIST_EARLIER`, and
    /// whether a paper that is out printed it.
    LIST_TOLD = "SELECT o.indicator_id, o.period_start, o.period_end, o.status, o.value, o.expected_on, o.reason, o.provisional, o.note, \
        (r.state = 'frozen' AND c.state = 'published') AS published FROM observations o \
        JOIN returns r ON r.region_id = o.region_id AND r.return_id = o.return_id AND r.content = o.revision AND r.cycle_id <> $3 \
        JOIN cycles c ON c.region_id = r.region_id AND c.cycle_id = r.cycle_id \
        JOIN committees k ON k.region_id = c.region_id AND k.committee_id = c.committee_id \
        WHERE o.region_id = $1 AND o.partnership_id = $2 AND o.period_start >= $4 AND o.period_end <= $5 \
        AND (r.state IN ('signed', 'accepted', 'frozen') OR (r.state = 'submitted' AND c.state <> 'published' AND (k.sign_off = 'not_required' \
            OR (k.sign_off = 'where_led' AND NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.region_id = r.region_id \
                AND g.partnership_id = r.partnership_id AND g.role = 'lead' AND g.starts_on <= $6 AND (g.ends_on IS NULL OR g.ends_on >= $6)))))) \
        ORDER BY o.return_id DESC, o.line DESC LIMIT $7";
}

/// So many figures of earlier returns are looked at, the newest first. Sixty months of three hundred measures.
const MOST_TOLD: i64 = 20_000;

/// A note that answers a query.
#[derive(Debug, Clone)]
pub struct NewExplanation {
    /// Whose return.
    pub partnership: PartnershipId,
    /// For which cycle.
    pub cycle: CycleId,
    /// What it answers.
    pub finding: FindingId,
    /// In the partnership's words.
    pub note: Line,
    /// The revision of the return that was looked at, if the caller minds.
    pub revision: Option<i64>,
}

/// A finding, with the note that answers it.
pub type Answered = (Finding, Option<Explanation>);

#[derive(sqlx::FromRow)]
struct SettingRow {
    rule: String,
    strength: String,
    reason: String,
    set_by: Option<Uuid>,
    set_at: Instant,
}

#[derive(sqlx::FromRow)]
struct ExplanationRow {
    finding: String,
    about: String,
    note: String,
    explained_by: Uuid,
    explained_at: Instant,
}

#[derive(sqlx::FromRow)]
struct OfReturnRow {
    return_id: Uuid,
    #[sqlx(flatten)]
    explanation: ExplanationRow,
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    published: bool,
    #[sqlx(flatten)]
    figure: FigureRow,
}

impl TryFrom<ExplanationRow> for Explanation {
    type Error = StoreError;

    fn try_from(row: ExplanationRow) -> Result<Self, StoreError> {
        let bad = |column| error::inconsistent("explanations", column);
        Ok(Self {
            finding: row.finding,
            about: Hash::parse(&row.about).ok_or_else(|| bad("about"))?,
            note: Line::parse(&row.note, Line::SENTENCE).map_err(|_| bad("note"))?,
            by: PersonId(row.explained_by),
            at: row.explained_at,
        })
    }
}

fn facts(setting: &Setting) -> Facts {
    Facts::open(json!({ "rule": setting.rule.id(), "strength": setting.strength.word() }))
        .and_personal(json!({ "reason": setting.reason.as_str() }))
}

/// What the returns for one cycle are judged by.
struct Yardstick {
    strengths: Strengths,
    committee: Committee,
    /// On which leads are looked for.
    day: NaiveDate,
    catalogue: Catalogue,
    populations: Populations,
    targets: Vec<Target>,
}

impl Tx {
    /// What the region decided. Of a rule that is gone nothing is known any more.
    pub(crate) async fn check_settings(&mut self) -> Result<Vec<Setting>, StoreError> {
        let region = self.region();
        let rows: Vec<SettingRow> = on!(self, |c| sqlx::query_as(LIST_CHECK_SETTINGS).bind(region.0).fetch_all(c).await)?;
        let bad = |column| error::inconsistent("check_settings", column);
        let mut settings = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(rule) = Rule::from_id(&row.rule) else { continue };
            settings.push(Setting {
                rule,
                strength: Strength::from_word(&row.strength).ok_or_else(|| bad("strength"))?,
                reason: Line::parse(&row.reason, Line::SENTENCE).map_err(|_| bad("reason"))?,
                by: row.set_by.map(PersonId),
                at: row.set_at,
            });
        }
        Ok(settings)
    }

    /// What was imported about one partnership within a time, and what its returns for other cycles told, the newest word last.
    async fn told(&mut self, partnership: PartnershipId, cycle: CycleId, within: Period, day: NaiveDate) -> Result<Vec<Told>, StoreError> {
        let region = self.region();
        let rows: Vec<ToldRow> = on!(self, |c| sqlx::query_as(LIST_TOLD)
            .bind(region.0)
            .bind(partnership.0)
            .bind(cycle.0)
            .bind(within.start())
            .bind(within.end())
            .bind(day)
            .bind(MOST_TOLD)
            .fetch_all(c)
            .await)?;
        let imported = self.history(within, Some(partnership)).await?.remove(&partnership).unwrap_or_default();
        let imported = imported.into_iter().map(|earlier| Ok(Told { figure: earlier.figure, published: false, imported: true }));
        let returned =
            rows.into_iter().rev().map(|row| Ok(Told { figure: row.figure.try_into()?, published: row.published, imported: false }));
        imported.chain(returned).collect()
    }

    /// What returns for a cycle are judged by, whosever they are.
    async fn yardstick(&mut self, cycle: &Cycle) -> Result<Yardstick, StoreError> {
        let region = self.region();
        let zone = self.get_region(region).await?.zone;
        let indicators = self.all_indicators().await?;
        Ok(Yardstick {
            strengths: Strengths::of_settings(&self.check_settings().await?),
            committee: self.get_committee(cycle.committee).await?,
            day: civil_day(cycle.timetable.deadline_at, zone),
            catalogue: indicators.into_iter().map(|indicator| (indicator.id, indicator)).collect(),
            populations: Populations::of(self.list_populations(Page::all()).await?),
            targets: self.list_targets(Page::all()).await?,
        })
    }

    /// Everything that is asked about what a return carries or would carry.
    async fn judge_content(&mut self, partnership: PartnershipId, cycle: &Cycle, content: &Content) -> Result<Vec<Finding>, StoreError> {
        if content.figures().is_empty() && content.quoted().is_empty() {
            return Ok(Vec::new());
        }
        let yardstick = self.yardstick(cycle).await?;
        self.judge_by(&yardstick, partnership, cycle, content).await
    }

    async fn judge_by(
        &mut self,
        by: &Yardstick,
        partnership: PartnershipId,
        cycle: &Cycle,
        content: &Content,
    ) -> Result<Vec<Finding>, StoreError> {
        let told = self.told(partnership, cycle.id, cycle.period.looking_back(), by.day).await?;
        let area = self.get_partnership(partnership).await?.ons_code;
        let targets: Vec<Target> = by.targets.iter().filter(|target| target.terms.partnership == Some(partnership)).cloned().collect();
        let own = by.catalogue.values().filter(|known| known.is_own_in(partnership, cycle)).map(|known| known.id);
        let by_committee = by.committee.indicators.iter().copied().filter(|id| !by.committee.exempts(partnership, *id));
        let asked: Vec<IndicatorId> = by_committee.chain(own).collect();
        let case = Case {
            catalogue: &by.catalogue,
            asked: &asked,
            reported: cycle.period,
            content,
            told: &told,
            targets: &targets,
            beside: by.committee.template.heading(),
            rules: by.committee.template.rules(),
            residents: Some((&area, &by.populations)),
        };
        Ok(check::findings(&case, &by.strengths))
    }

    /// Every note that was ever written about a return, the oldest first.
    pub(crate) async fn explanations(&mut self, id: ReturnId) -> Result<Vec<Explanation>, StoreError> {
        let region = self.region();
        let rows: Vec<ExplanationRow> = on!(self, |c| sqlx::query_as(LIST_EXPLANATIONS).bind(region.0).bind(id.0).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The reasons that the returns of a cycle give for their exceptions, as far as they answer what stands.
    pub(crate) async fn reasons(&mut self, cycle: &Cycle, returns: &[Return], catalogue: &[Indicator]) -> Result<Vec<Reason>, StoreError> {
        let region = self.region();
        let rows: Vec<OfReturnRow> =
            on!(self, |c| sqlx::query_as(LIST_EXPLANATIONS_OF_CYCLE).bind(region.0).bind(cycle.id.0).fetch_all(c).await)?;
        let mut found = Vec::new();
        for row in rows {
            let (id, note): (ReturnId, Explanation) = (ReturnId(row.return_id), row.explanation.try_into()?);
            let answer = returns.iter().find(|answer| answer.id == id);
            found.extend(answer.and_then(|answer| reason(answer, &note, cycle.period, catalogue)));
        }
        Ok(found)
    }

    /// What is asked about a return as it stands, and what was answered.
    async fn answered(&mut self, answer: &Return, cycle: &Cycle) -> Result<Vec<Answered>, StoreError> {
        let findings = self.judge_content(answer.partnership, cycle, &answer.content).await?;
        self.with_notes(answer, findings).await
    }

    async fn with_notes(&mut self, answer: &Return, findings: Vec<Finding>) -> Result<Vec<Answered>, StoreError> {
        let notes = if findings.is_empty() { Vec::new() } else { self.explanations(answer.id).await? };
        let with_note = |finding: Finding| {
            let note = notes.iter().rev().find(|note| note.answers(&finding)).cloned();
            (finding, note)
        };
        Ok(findings.into_iter().map(with_note).collect())
    }

    /// The notes that answer what is asked about a return now; refuses where any query is open. They are signed with it.
    pub(crate) async fn all_explained(&mut self, answer: &Return, cycle: &Cycle) -> Result<Vec<Explanation>, StoreError> {
        let found = self.answered(answer, cycle).await?;
        Unexplained::none_of(&found).map_err(Refusal::Unexplained)?;
        Ok(found.into_iter().filter_map(|(_, note)| note).collect())
    }
}

impl Store {
    /// How a region means the rules, where it decided so.
    pub async fn list_check_settings(&self, scope: Scope) -> Result<Vec<Setting>, StoreError> {
        self.read(scope, move |tx| Box::pin(async move { tx.check_settings().await })).await
    }

    /// Makes a rule stronger, weaker or silent for a region.
    pub async fn set_check_rule(
        &self,
        scope: Scope,
        act: &Act,
        rule: Rule,
        strength: Strength,
        reason: Line,
    ) -> Result<Setting, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                let region = tx.region();
                let old = tx.check_settings().await?.into_iter().find(|setting| setting.rule == rule);
                let new = Setting { rule, strength, reason, by: act.actor.person(), at: act.at };
                on!(tx, |c| sqlx::query(SET_CHECK_RULE)
                    .bind(region.0)
                    .bind(rule.id())
                    .bind(strength.word())
                    .bind(new.reason.as_str())
                    .bind(new.by.map(|id| id.0))
                    .bind(new.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                tx.audit(&act, "set_check_rule", "region", region.0, old.as_ref().map(facts), Some(facts(&new))).await?;
                Ok(new)
            })
        })
        .await
    }

    /// Everything that would be asked about a return that carried this.
    pub async fn check_content(
        &self,
        scope: Scope,
        partnership: PartnershipId,
        cycle: CycleId,
        content: Content,
    ) -> Result<Vec<Finding>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                tx.check_partnership(partnership)?;
                let cycle = tx.get_cycle(cycle).await?;
                tx.judge_content(partnership, &cycle, &content).await
            })
        })
        .await
    }

    /// What is asked about a return as it stands, and what was answered.
    pub async fn list_findings(&self, scope: Scope, partnership: PartnershipId, cycle: CycleId) -> Result<Vec<Answered>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let cycle = tx.get_cycle(cycle).await?;
                let answer = tx.find_return(partnership, cycle.id).await?.ok_or(StoreError::NotFound("return"))?;
                tx.answered(&answer, &cycle).await
            })
        })
        .await
    }

    /// What is asked about the returns of a cycle as they stand, and nobody has answered: of one partnership or of all. Of what is signed
    /// nothing is open.
    pub async fn open_queries(
        &self,
        scope: Scope,
        cycle: CycleId,
        of: Option<PartnershipId>,
    ) -> Result<HashMap<PartnershipId, Vec<FindingId>>, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                let cycle = tx.get_cycle(cycle).await?;
                let mut returns = match of {
                    Some(partnership) => tx.find_return(partnership, cycle.id).await?.into_iter().collect(),
                    None => tx.returns_of_cycle(cycle.id).await?,
                };
                returns.retain(|answer| matches!(answer.state, ReturnState::Submitted | ReturnState::SentBack));
                returns.retain(|answer| !answer.content.figures().is_empty() || !answer.content.quoted().is_empty());
                let mut open = HashMap::new();
                if returns.is_empty() {
                    return Ok(open);
                }
                let yardstick = tx.yardstick(&cycle).await?;
                for answer in returns {
                    let findings = tx.judge_by(&yardstick, answer.partnership, &cycle, &answer.content).await?;
                    let found = tx.with_notes(&answer, findings).await?;
                    if let Err(Unexplained(asked)) = Unexplained::none_of(&found) {
                        open.insert(answer.partnership, asked);
                    }
                }
                Ok(open)
            })
        })
        .await
    }

    /// Answers a query, until the paper is out. What the lead signed is then not what stands.
    pub async fn explain(&self, scope: Scope, act: &Act, by: PersonId, new: NewExplanation) -> Result<Answered, StoreError> {
        let act = act.clone();
        self.apply(scope, act.dry_run, move |tx| {
            Box::pin(async move {
                tx.check_partnership(new.partnership)?;
                let cycle = tx.cycle_for_signing(new.cycle).await?;
                let answer = tx.find_return(new.partnership, new.cycle).await?.ok_or(StoreError::NotFound("return"))?;
                error::check_revision("return", new.revision, answer.revision)?;
                match cycle.state {
                    CycleState::Published => return Err(Refusal::AlreadyReleased.into()),
                    CycleState::Cancelled => return Err(Refusal::CycleCancelled.into()),
                    CycleState::Planned | CycleState::Open | CycleState::Closed => {}
                }
                let found = tx.answered(&answer, &cycle).await?;
                let (finding, old) =
                    found.into_iter().find(|(finding, _)| finding.id == new.finding).ok_or(StoreError::NotFound("finding"))?;
                let state = signoff::after(answer.state, Deed::Alter, &Who::apart(Hand::Officer), true)?;
                let region = tx.region();
                let note = Explanation { finding: finding.id.to_string(), about: finding.about, note: new.note, by, at: act.at };
                on!(tx, |c| sqlx::query(KEEP_EXPLANATION)
                    .bind(region.0)
                    .bind(answer.id.0)
                    .bind(&note.finding)
                    .bind(note.about.to_string())
                    .bind(answer.partnership.0)
                    .bind(note.note.as_str())
                    .bind(by.0)
                    .bind(act.at)
                    .execute(c)
                    .await
                    .map(|_| ()))?;
                tx.take_step(&act, &answer, Deed::Alter, state, None, None).await?;
                let told = |note: &Explanation| {
                    Facts::open(json!({ "finding": note.finding, "about": note.about })).and_personal(json!({ "note": note.note.as_str() }))
                };
                tx.audit(&act, "explain", "return", answer.id.0, old.as_ref().map(told), Some(told(&note))).await?;
                Ok((finding, Some(note)))
            })
        })
        .await
    }
}

/// A reason that a partnership gave for an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which partnership.
    pub partnership: PartnershipId,
    /// Of which indicator.
    pub indicator: IndicatorId,
    /// By which rule it is one.
    pub rule: Rule,
    /// In its words.
    pub note: Line,
    /// Who wrote it.
    pub by: PersonId,
}

/// The reason that a note gives for an exception, if it answers what stands.
fn reason(answer: &Return, note: &Explanation, reported: Period, catalogue: &[Indicator]) -> Option<Reason> {
    let FindingId { rule, indicator } = note.id().filter(|id| id.rule.is_exception())?;
    let indicator = catalogue.iter().find(|known| Some(&known.slug) == indicator.as_ref())?;
    let of = check::case::concerned(indicator, catalogue.iter());
    (check::about(rule, &of, reported, &answer.content) == note.about).then(|| Reason {
        partnership: answer.partnership,
        indicator: indicator.id,
        rule,
        note: note.note.clone(),
        by: note.by,
    })
}
