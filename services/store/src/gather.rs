//! What is gathered for a digest, in one consistent view.

use std::collections::{HashMap, HashSet};

use csp_domain::{
    Scope,
    calendar::civil_day,
    committee::Committee,
    completeness::Tally,
    context_note::Matter,
    cycle::Cycle,
    id::{CycleId, IndicatorId, PartnershipId, PersonId},
    indicator::Indicator,
    measure::population::Estimate,
    news::NewsItem,
    partnership::{OnsCode, Partnership},
    region::Region,
    returns::Return,
    target::Target,
    wording::Wording,
};

use crate::{
    EarlierFigure, GatheredJoint, Page, Reason, Store, StoreError,
    engine::{Conn, SET_PLANNING},
    unit::Tx,
};

/// Everything a digest is assembled from, as it stood at one moment.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// The region, for its zone.
    pub region: Region,
    /// The committee.
    pub committee: Committee,
    /// The cycle.
    pub cycle: Cycle,
    /// The committee's partnerships, in its order.
    pub partnerships: Vec<Partnership>,
    /// The indicators the committee asks for, in its order, then its partnerships' own, then all others that returns speak of.
    pub indicators: Vec<Indicator>,
    /// What is printed: submitted news of the cycle, in order.
    pub news: Vec<NewsItem>,
    /// Everyone who wrote or sent in any of what may be printed. Whoever proposed a wording wrote what of it is printed indeed.
    pub authors: Vec<PersonId>,
    /// Returns received for the cycle, whether or not a paper prints them.
    pub returns: Vec<Return>,
    /// Partnerships whose lead must have signed before a paper prints what they sent.
    pub signing: Vec<PartnershipId>,
    /// For which partnerships an editor has entered the return that stands.
    pub entered: Vec<PartnershipId>,
    /// How many returns came, and came in time, for this cycle and those before it, the latest first.
    pub tallies: Vec<Tally>,
    /// The reasons that partnerships gave for their exceptions.
    pub reasons: Vec<Reason>,
    /// The wordings that were accepted, and are printed in place of what was sent in.
    pub worded: Vec<Wording>,
    /// Who owns joint items besides their first owners, and where their signatures stand.
    pub joint: Vec<GatheredJoint>,
    /// What was promised of these indicators.
    pub targets: Vec<Target>,
    /// What must be known beside figures of these indicators and partnerships.
    pub context: Vec<Matter>,
    /// How many live in the areas of these partnerships.
    pub populations: Vec<Estimate>,
    /// What other returns said of these indicators, up to the end of the period and five years back.
    pub earlier: HashMap<PartnershipId, Vec<EarlierFigure>>,
}

impl Gathered {
    /// What one partnership is asked for: by the committee, in its order, and by itself.
    pub fn asked_of(&self, partnership: PartnershipId) -> impl Iterator<Item = &Indicator> {
        let by_committee = move |id: IndicatorId| self.committee.indicators.contains(&id) && !self.committee.exempts(partnership, id);
        let asked = move |known: &&Indicator| by_committee(known.id) || known.is_own_in(partnership, &self.cycle);
        self.indicators.iter().filter(asked)
    }
}

/// How PostgreSQL plans statements that it has prepared.
enum Planning {
    /// Once, whatever is asked for: right for what is found by its key, where thinking anew takes longer than reading.
    Once,
    /// As it thinks best: right for what may be a few rows of a large table or nearly all of it.
    Freely,
}

impl Tx {
    async fn plan(&mut self, how: Planning) -> Result<(), StoreError> {
        let Conn::Postgres(line) = &mut self.conn else { return Ok(()) };
        let mode = match how {
            Planning::Once => "force_generic_plan",
            Planning::Freely => "auto",
        };
        sqlx::query(SET_PLANNING.postgres).bind(mode).execute(&mut ***line).await?;
        Ok(())
    }
}

impl Store {
    /// Everything a digest of this cycle is assembled from, in one consistent view. Not for a partnership's
    /// scope: the others' submissions are part of it.
    pub async fn gather(&self, scope: Scope, cycle: CycleId) -> Result<Gathered, StoreError> {
        self.read(scope, move |tx| {
            Box::pin(async move {
                if tx.scope().partnership().is_some() {
                    return Err(StoreError::NotFound("cycle"));
                }
                tx.plan(Planning::Once).await?;
                let id = tx.region();
                let region = tx.get_region(id).await?;
                let cycle = tx.get_cycle(cycle).await?;
                let committee = tx.get_committee(cycle.committee).await?;
                let partnerships = tx.partnerships_of(committee.id).await?;
                let reporting: HashSet<PartnershipId> = committee.partnerships.iter().copied().collect();
                let news = tx.news_of_cycle(cycle.id).await?;
                let returns = tx.returns_of_cycle(cycle.id).await?;
                let mut authors = tx.writers_of(cycle.id).await?;
                authors.extend(tx.submitters_of(cycle.id).await?);
                let mut wanted: Vec<IndicatorId> = committee.indicators.clone();
                // As many as partnerships may have of their own: more than a page.
                let catalogue = tx.all_indicators().await?;
                let own =
                    |known: &&Indicator| known.owner.is_some_and(|owner| reporting.contains(&owner) && known.is_own_in(owner, &cycle));
                wanted.extend(catalogue.iter().filter(own).map(|known| known.id));
                let asked = wanted.len();
                let mut seen: HashSet<IndicatorId> = wanted.iter().copied().collect();
                let told = returns.iter().flat_map(|answer| answer.content.figures()).map(|figure| figure.indicator);
                wanted.extend(told.filter(|id| seen.insert(*id)));
                let by_id: HashMap<IndicatorId, Indicator> = catalogue.into_iter().map(|known| (known.id, known)).collect();
                let of_id = |id: &IndicatorId| by_id.get(id).cloned().ok_or(StoreError::NotFound("indicator"));
                let mut indicators: Vec<Indicator> = wanted.iter().map(of_id).collect::<Result<_, _>>()?;
                // A share is told of its whole, whether or not the committee asks for that.
                for at in 0..asked {
                    if let Some(whole) = indicators[at].whole_in(by_id.values())
                        && !indicators.iter().any(|known| known.id == whole.id)
                    {
                        indicators.push(whole.clone());
                    }
                }
                let reasons = tx.reasons(&cycle, &returns, &indicators).await?;
                // What they wrote is printed, so they wrote a part of the paper.
                authors.extend(reasons.iter().map(|reason| reason.by));
                let worded = tx.accepted_wordings(cycle.id).await?;
                let joint = tx.gather_joint(cycle.id).await?;
                authors.sort_unstable();
                authors.dedup();
                let day = civil_day(cycle.timetable.deadline_at, region.zone);
                let returned = tx.earlier_figures(cycle.id, cycle.period.looking_back(), day).await?;
                let mut populations = tx.list_populations(Page::all()).await?;
                let areas: HashSet<&OnsCode> = partnerships.iter().map(|partnership| &partnership.ons_code).collect();
                populations.retain(|estimate| areas.contains(&estimate.ons_code));
                let mut targets = tx.list_targets(Page::all()).await?;
                targets.retain(|target| indicators.iter().any(|known| known.id == target.terms.indicator));
                let mut context = tx.list_context_notes(Page::all()).await?;
                context.retain(|note| {
                    note.removed.is_none()
                        && note.matter.indicator.is_none_or(|of| indicators.iter().any(|known| known.id == of))
                        && note.matter.partnership.is_none_or(|of| reporting.contains(&of))
                });
                let context = context.into_iter().map(|note| note.matter).collect();
                let signing = tx.signing(&committee, day).await?;
                let tallies = tx.tallies(committee.id, cycle.timetable.deadline_at).await?;
                let entered = tx.entered(cycle.id).await?;
                tx.plan(Planning::Freely).await?;
                let mut earlier = tx.history(cycle.period.looking_back(), None).await?;
                for (partnership, figures) in returned {
                    earlier.entry(partnership).or_default().extend(figures);
                }
                earlier.retain(|partnership, _| reporting.contains(partnership));
                let known: HashSet<IndicatorId> = indicators.iter().map(|known| known.id).collect();
                for figures in earlier.values_mut() {
                    figures.retain(|earlier| known.contains(&earlier.figure.indicator));
                }
                Ok(Gathered {
                    region,
                    committee,
                    cycle,
                    partnerships,
                    indicators,
                    news,
                    authors,
                    returns,
                    signing,
                    entered,
                    tallies,
                    reasons,
                    worded,
                    joint,
                    targets,
                    context,
                    populations,
                    earlier,
                })
            })
        })
        .await
    }
}
