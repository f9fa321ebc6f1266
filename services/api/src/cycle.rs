//! Cycles set by hand, moved and cancelled.

use csp_domain::{calendar::Timetable, cycle::NewCycle, id::CycleId, period::Period};
use csp_proto::v1;
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults, committee as shape},
};

/// What can be moved of a cycle.
const MOVABLE: [&str; 6] = ["open_time", "deadline_time", "closed_to_new_time", "freeze_time", "publication_time", "meeting_time"];

impl Api {
    pub(crate) async fn create_cycle(&self, caller: &Caller, mut message: v1::CreateCycleRequest) -> Result<v1::Cycle, Status> {
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateCycleRequest { parent, cycle, cycle_id, request_id: _ } = message;
        let (region, committee) = self.committee_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let v1::Cycle {
            name: _,
            period,
            period_label: _,
            state: _,
            open_time,
            deadline_time,
            publication_time,
            meeting_time,
            create_time: _,
            etag: _,
            closed_to_new_time,
            freeze_time,
        } = cycle.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let slug = faults.slug("cycle_id", &cycle_id);
        let period = faults.take("cycle.period", period.parse::<Period>());
        let opens_at = faults.instant("cycle.open_time", open_time);
        let deadline_at = faults.instant("cycle.deadline_time", deadline_time);
        let publication_at = faults.instant("cycle.publication_time", publication_time);
        let meeting_at = faults.instant("cycle.meeting_time", meeting_time);
        // Where the window has one end, it is the deadline.
        let closed_to_new_at = closed_to_new_time.map_or(deadline_at, |time| faults.instant("cycle.closed_to_new_time", Some(time)));
        let freeze_at = freeze_time.map_or(closed_to_new_at, |time| faults.instant("cycle.freeze_time", Some(time)));
        let timetable = (|| {
            Some(Timetable {
                opens_at: opens_at?,
                deadline_at: deadline_at?,
                closed_to_new_at: closed_to_new_at?,
                freeze_at: freeze_at?,
                publication_at: publication_at?,
                meeting_at: meeting_at?,
            })
        })();
        if let Some(timetable) = &timetable {
            shape::check_timetable("cycle", timetable, &mut faults);
            if timetable.deadline_at <= caller.now {
                faults.add("cycle.deadline_time", "must lie ahead: nobody could send anything in");
            }
        }
        if let (Some(slug), Some(period)) = (&slug, period)
            && slug.as_str().parse::<Period>().is_ok_and(|named| named != period)
        {
            faults.add("cycle_id", format!("reads as another period than {}", period.label()));
        }
        let new = (|| {
            Some(NewCycle {
                id: CycleId(self.chance.id(caller.now)),
                committee: committee.id,
                slug: slug?,
                period: period?,
                timetable: timetable?,
            })
        })();
        let new = faults.all(new)?;
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let made = self.store.create_cycle(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        Ok(shape::cycle_to_proto(&region, &committee, &made))
    }

    pub(crate) async fn get_cycle(&self, caller: &Caller, message: v1::GetCycleRequest) -> Result<v1::Cycle, Status> {
        let v1::GetCycleRequest { name } = message;
        let (region, committee, cycle) = self.cycle_of(caller, "name", &name).await?;
        caller.may(About::Region(region.id))?;
        Ok(shape::cycle_to_proto(&region, &committee, &cycle))
    }

    pub(crate) async fn list_cycles(&self, caller: &Caller, message: v1::ListCyclesRequest) -> Result<v1::ListCyclesResponse, Status> {
        let v1::ListCyclesRequest { parent, page_size, page_token } = message;
        let (region, committee) = self.committee_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let listing = self.store.list_cycles(scope, committee.id, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let cycles = listing.items.iter().map(|cycle| shape::cycle_to_proto(&region, &committee, cycle)).collect();
        Ok(v1::ListCyclesResponse { cycles, next_page_token })
    }

    pub(crate) async fn update_cycle(&self, caller: &Caller, message: v1::UpdateCycleRequest) -> Result<v1::Cycle, Status> {
        let v1::UpdateCycleRequest { cycle, update_mask } = message;
        let v1::Cycle {
            name,
            period: _,
            period_label: _,
            state: _,
            open_time,
            deadline_time,
            publication_time,
            meeting_time,
            create_time: _,
            etag,
            closed_to_new_time,
            freeze_time,
        } = cycle.unwrap_or_default();
        let (region, committee, found) = self.cycle_of(caller, "cycle.name", &name).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let explicit = update_mask.as_ref().map(|mask| mask.paths.clone()).unwrap_or_default();
        let mask = convert::mask(update_mask, &MOVABLE)?;
        let mut faults = Faults::default();
        let mut timetable = found.timetable;
        let before = found.timetable;
        for path in &mask {
            let (field, stamp, place) = match path.as_str() {
                "open_time" => ("cycle.open_time", open_time, &mut timetable.opens_at),
                "deadline_time" => ("cycle.deadline_time", deadline_time, &mut timetable.deadline_at),
                // The two other ends of the window need not be said.
                "closed_to_new_time" if closed_to_new_time.is_none() => continue,
                "closed_to_new_time" => ("cycle.closed_to_new_time", closed_to_new_time, &mut timetable.closed_to_new_at),
                "freeze_time" if freeze_time.is_none() => continue,
                "freeze_time" => ("cycle.freeze_time", freeze_time, &mut timetable.freeze_at),
                "publication_time" => ("cycle.publication_time", publication_time, &mut timetable.publication_at),
                _ => ("cycle.meeting_time", meeting_time, &mut timetable.meeting_at),
            };
            if let Some(at) = faults.instant(field, stamp) {
                *place = at;
            }
        }
        // An end that was not named goes with the one before it where they were the same.
        let named = |path: &str| explicit.iter().any(|named| named == path);
        let (closed_named, freeze_named) =
            (named("closed_to_new_time") && closed_to_new_time.is_some(), named("freeze_time") && freeze_time.is_some());
        if !closed_named && timetable.closed_to_new_at == before.closed_to_new_at && before.closed_to_new_at == before.deadline_at {
            timetable.closed_to_new_at = timetable.deadline_at;
        }
        if !freeze_named && timetable.freeze_at == before.freeze_at && before.freeze_at == before.closed_to_new_at {
            timetable.freeze_at = timetable.closed_to_new_at;
        }
        shape::check_timetable("cycle", &timetable, &mut faults);
        let revision = faults.etag("cycle.etag", &etag).or(Some(found.revision));
        faults.check()?;
        let changed = self.store.update_timetable(scope, &caller.act(), found.id, timetable, revision).await.map_err(|e| self.refuse(e))?;
        Ok(shape::cycle_to_proto(&region, &committee, &changed))
    }

    pub(crate) async fn cancel_cycle(&self, caller: &Caller, message: v1::CancelCycleRequest) -> Result<v1::Cycle, Status> {
        let v1::CancelCycleRequest { name, etag } = message;
        let (region, committee, found) = self.cycle_of(caller, "name", &name).await?;
        let scope = caller.may(About::Committee(region.id, committee.id))?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        faults.check()?;
        let changed = self.store.cancel_cycle(scope, &caller.act(), found.id, revision).await.map_err(|e| self.refuse(e))?;
        Ok(shape::cycle_to_proto(&region, &committee, &changed))
    }
}
