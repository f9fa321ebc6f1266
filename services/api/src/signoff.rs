//! Sign-off over the wire: steps of a return, its receipt, and who is missing.

use csp_domain::{
    Scope,
    completeness::{Counts, Rate, complete, on_time},
    indicator::Indicator,
    person::Role,
    receipt::{self, Receipt},
    returns::Return,
    signoff::{Deed, Hand},
    text::Line,
};
use csp_proto::v1;
use csp_store::{ReturnStep, StepRecord};
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, joint, returns as shape, wording},
    names,
    news::Referred,
    returns::{Place, name_of},
    status,
};

/// As what the caller may act on a return.
pub(crate) fn hands(caller: &Caller, place: &Place) -> Vec<Hand> {
    let (partnership, committee) = (place.partnership.id, place.committee.id);
    let hand = |role: Role| match role {
        Role::Officer(own) if own == partnership => Some(Hand::Officer),
        Role::Lead(own) if own == partnership => Some(Hand::Lead),
        Role::Editor(own) if own == committee => Some(Hand::Editor),
        _ => None,
    };
    caller.roles().filter_map(hand).collect()
}

fn deed_to(deed: Deed) -> v1::ReturnDeed {
    match deed {
        Deed::Submit => v1::ReturnDeed::Submit,
        Deed::Correct => v1::ReturnDeed::Correct,
        Deed::Alter => v1::ReturnDeed::Alter,
        Deed::Sign => v1::ReturnDeed::Sign,
        Deed::SendBack => v1::ReturnDeed::SendBack,
        Deed::Accept => v1::ReturnDeed::Accept,
        Deed::Recall => v1::ReturnDeed::Recall,
        Deed::Withdraw => v1::ReturnDeed::Withdraw,
        Deed::Freeze => v1::ReturnDeed::Freeze,
    }
}

/// So many missing figures of one partnership are named; of all their number.
const MOST_NAMED: usize = 50;

fn whole(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn narrow(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

pub(crate) fn rate_to(rate: Rate) -> v1::Rate {
    v1::Rate { part: narrow(rate.part), whole: narrow(rate.whole), cycles: whole(rate.cycles), percent: rate.percent().map(narrow) }
}

impl Api {
    /// One step of a return.
    pub(crate) async fn step(
        &self,
        caller: &Caller,
        deed: Deed,
        name: &str,
        etag: &str,
        reasons: Option<&str>,
    ) -> Result<v1::Return, Status> {
        let (place, scope) = self.return_place(caller, "name", name).await?;
        let mut faults = Faults::default();
        // A signature is for what was read, and for nothing that came after.
        if deed == Deed::Sign && etag.is_empty() {
            faults.add("etag", "must be set: that of the return that was read");
        }
        let revision = faults.etag("etag", etag);
        let reasons = reasons.and_then(|given| faults.line("reasons", given, Line::SENTENCE));
        faults.check()?;
        let step =
            ReturnStep { partnership: place.partnership.id, cycle: place.cycle.id, deed, hands: hands(caller, &place), reasons, revision };
        let made = self.store.step_return(scope, &caller.act(), caller.person.id, step).await.map_err(|e| self.refuse(e))?;
        self.return_to_proto(&place, &made, &mut Referred::by(caller, &place.region)).await
    }

    /// Why a return was sent back the last time.
    pub(crate) async fn reasons(&self, scope: Scope, answer: &Return) -> Result<String, Status> {
        let steps = self.store.list_return_steps(scope, answer.partnership, answer.cycle).await.map_err(|e| self.refuse(e))?;
        Ok(steps.into_iter().rev().find_map(|step| step.reasons).map(|reasons| reasons.to_string()).unwrap_or_default())
    }

    /// What was received, as it stands.
    pub(crate) async fn receipt(&self, caller: &Caller, question: v1::GetReceiptRequest) -> Result<v1::Receipt, Status> {
        let (place, scope) = self.return_place(caller, "name", &question.name).await?;
        let answer = self.store.find_return(scope, place.partnership.id, place.cycle.id).await.map_err(|e| self.refuse(e))?;
        let answer = answer.ok_or_else(|| status::not_found("return"))?;
        let records = self.store.list_return_steps(scope, place.partnership.id, place.cycle.id).await.map_err(|e| self.refuse(e))?;
        let mut referred = Referred::by(caller, &place.region);
        let mut steps = Vec::with_capacity(records.len());
        for record in &records {
            steps.push(self.step_to_proto(&place, record, &mut referred).await?);
        }
        let submitter = self.person_name(&place.region, answer.submitted_by, &mut referred).await?;
        let entered = records.iter().find(|record| record.revision == answer.sent).and_then(|record| record.on_behalf.clone());
        let catalogue = self.catalogue(&place.region, &mut referred).await?;
        let of = receipt::Place { partnership: &place.partnership, committee: &place.committee, cycle: &place.cycle };
        let made = Receipt::of(of, &answer, entered, |id| catalogue.get(&id));
        let text = made.text(place.region.zone);
        let item = |item: receipt::Item| v1::ReceiptItem {
            number: narrow(item.number),
            subject: item.subject,
            period: item.period,
            answer: item.answer,
        };
        Ok(v1::Receipt {
            number: made.number,
            return_name: name_of(&place.region, &place.partnership, &place.committee, &place.cycle),
            revision: answer.sent,
            submitter,
            submit_time: Some(convert::timestamp(answer.submitted_at)),
            items: made.items.into_iter().map(item).collect(),
            sha256: made.sha256.to_string(),
            stored_text: made.stored_text,
            text,
            state: shape::state_to(answer.state).into(),
            steps,
        })
    }

    async fn step_to_proto(&self, place: &Place, record: &StepRecord, referred: &mut Referred) -> Result<v1::ReturnStep, Status> {
        Ok(v1::ReturnStep {
            revision: record.revision,
            deed: deed_to(record.deed).into(),
            state: shape::state_to(record.state).into(),
            reasons: record.reasons.as_ref().map(ToString::to_string).unwrap_or_default(),
            sha256: record.content_hash.map(|hash| hash.to_string()).unwrap_or_default(),
            person: match record.by {
                None => String::new(),
                Some(id) => self.person_name(&place.region, id, referred).await?,
            },
            time: Some(convert::timestamp(record.at)),
            on_behalf: record.on_behalf.as_ref().map(ToString::to_string).unwrap_or_default(),
        })
    }

    /// Who is missing from a cycle.
    pub(crate) async fn cycle_status(&self, caller: &Caller, question: v1::GetCycleStatusRequest) -> Result<v1::CycleStatus, Status> {
        let (region, committee, cycle) = self.cycle_of(caller, "name", &question.name).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let (standings, tallies) = self.store.cycle_standing(scope, cycle.id).await.map_err(|e| self.refuse(e))?;
        let open = self.store.open_queries(scope, cycle.id, None).await.map_err(|e| self.refuse(e))?;
        // By the same question that reminders ask, so that a page and a letter name the same figures.
        let gathered = self.store.gather(scope, cycle.id).await.map_err(|e| self.refuse(e))?;
        let deadline = cycle.timetable.deadline_at;
        let mut partnerships = Vec::with_capacity(standings.len());
        for standing in &standings {
            let found = self.store.get_partnership(Scope::Region(region.id), standing.partnership).await.map_err(|e| self.refuse(e))?;
            let awaits = match standing.awaits() {
                Some(Hand::Officer) => v1::Role::Officer,
                Some(Hand::Lead) => v1::Role::Lead,
                Some(Hand::Editor) => v1::Role::Editor,
                Some(Hand::Schedule) | None => v1::Role::Unspecified,
            };
            let missing = gathered.unanswered(standing.partnership);
            let named = |indicator: &&Indicator| v1::MissingFigure {
                indicator: names::indicator(&region, indicator),
                display_name: indicator.name.to_string(),
            };
            let own = |part| rate_to(Rate { part, whole: standing.cycles, cycles: standing.cycles as usize });
            partnerships.push(v1::PartnershipStatus {
                partnership: names::partnership(&region, &found),
                display_name: found.name.to_string(),
                state: standing.state().map_or(v1::ReturnState::Unspecified, shape::state_to).into(),
                nil: standing.nil(),
                late: standing.late(deadline),
                signing: standing.signing,
                news_items: narrow(standing.news),
                submit_time: standing.answer.as_ref().map(|answer| convert::timestamp(answer.submitted_at)),
                awaits: awaits.into(),
                complete: Some(own(standing.received)),
                on_time: Some(own(standing.on_time)),
                extended_time: standing.extension.as_ref().map(|extension| convert::timestamp(extension.until)),
                extension_reason: standing.extension.as_ref().map(|extension| extension.reason.to_string()).unwrap_or_default(),
                open_queries: open.get(&standing.partnership).into_iter().flatten().map(ToString::to_string).collect(),
                wordings: Some(wording::tally_to(standing.wordings)),
                joint_items: Some(joint::tally_to(standing.joint)),
                figures_asked: whole(gathered.asked_of(standing.partnership).count()),
                figures_missing: whole(missing.len()),
                missing_figures: missing.iter().take(MOST_NAMED).map(named).collect(),
            });
        }
        let counts = Counts::of(&standings, deadline);
        Ok(v1::CycleStatus {
            cycle: names::cycle(&region, &committee, &cycle),
            period_label: cycle.period.label(),
            deadline_time: Some(convert::timestamp(deadline)),
            expected: whole(counts.expected),
            received: whole(counts.received),
            signed: whole(counts.signed),
            accepted: whole(counts.accepted),
            nil: whole(counts.nil),
            late: whole(counts.late),
            unsigned: whole(counts.unsigned),
            partnerships,
            complete: Some(rate_to(complete(&tallies))),
            on_time: Some(rate_to(on_time(&tallies))),
            closed_to_new_time: Some(convert::timestamp(cycle.timetable.closed_to_new_at)),
            freeze_time: Some(convert::timestamp(cycle.timetable.freeze_at)),
            extended: whole(counts.extended),
        })
    }
}
