//! Targets and baselines.

use csp_domain::{
    id::TargetId,
    indicator::Indicator,
    measure::target::{Aim, Milestone, Trajectory},
    observation::parse_amount,
    partnership::Partnership,
    period::Period,
    region::Region,
    target::{NewTarget, Target, Terms},
    text::{Fault, Line},
};
use csp_proto::v1;
use tonic::Status;

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names, status,
};

const PATTERN: [&str; 2] = ["regions", "targets"];

/// What is wanted, and by when; none where nothing was said of either.
fn trajectory(aim: i32, way: i32, milestones: &[v1::Milestone], faults: &mut Faults) -> Option<Trajectory> {
    if milestones.is_empty() {
        for (field, said) in [("aim", aim), ("way", way)] {
            if said != 0 {
                faults.add(format!("target.{field}"), "must not be said without milestones");
            }
        }
        return None;
    }
    let aim = match v1::Aim::try_from(aim) {
        Ok(v1::Aim::AtMost) => Some(Aim::AtMost),
        Ok(v1::Aim::AtLeast) => Some(Aim::AtLeast),
        Ok(v1::Aim::Unspecified) | Err(_) => {
            faults.add("target.aim", "must be at most or at least");
            None
        }
    };
    if milestones.len() > Trajectory::MOST {
        faults.add("target.milestones", format!("must be at most {}", Trajectory::MOST));
    }
    let mut known = Vec::new();
    for (n, v1::Milestone { period, value }) in milestones.iter().enumerate().take(Trajectory::MOST) {
        let period = faults.take(&format!("target.milestones[{n}].period"), period.parse::<Period>());
        let value = faults.take(&format!("target.milestones[{n}].value"), parse_amount(value, Trajectory::DECIMALS));
        if let (Some(period), Some(value)) = (period, value) {
            known.push(Milestone { period, value });
        }
    }
    let all = known.len() == milestones.len();
    let made = match v1::Way::try_from(way) {
        Ok(v1::Way::Straight) if all => match known.as_slice() {
            [from, to] => Trajectory::straight(aim?, *from, *to),
            _ => {
                faults.add("target.milestones", "must be two of a straight way: from where, and to where");
                return None;
            }
        },
        Ok(v1::Way::Unspecified | v1::Way::Steps) if all => match known.as_slice() {
            [only] => Ok(Trajectory::standing(aim?, *only)),
            _ => Trajectory::steps(aim?, known),
        },
        Ok(_) => return None,
        Err(_) => {
            faults.add("target.way", "must be in steps or straight, or not said");
            return None;
        }
    };
    faults.take("target.milestones", made)
}

fn to_proto(region: &Region, target: &Target, indicator: &Indicator, partnership: Option<&Partnership>) -> v1::Target {
    let Terms { indicator: _, partnership: _, trajectory, baseline, reason } = &target.terms;
    let aim = trajectory.as_ref().map_or(v1::Aim::Unspecified, |trajectory| match trajectory.aim() {
        Aim::AtMost => v1::Aim::AtMost,
        Aim::AtLeast => v1::Aim::AtLeast,
    });
    let way =
        trajectory.as_ref().map_or(v1::Way::Unspecified, |known| if known.is_straight() { v1::Way::Straight } else { v1::Way::Steps });
    let milestones = trajectory.iter().flat_map(Trajectory::milestones);
    v1::Target {
        name: format!("{}/targets/{}", names::region(region), target.id),
        indicator: names::indicator(region, indicator),
        partnership: partnership.map(|partnership| names::partnership(region, partnership)).unwrap_or_default(),
        aim: aim.into(),
        milestones: milestones.map(|m| v1::Milestone { period: m.period.to_string(), value: m.value.normalize().to_string() }).collect(),
        way: way.into(),
        baseline: baseline.map(|period| period.to_string()).unwrap_or_default(),
        reason: reason.to_string(),
        end_date: target.ends_on.map(|day| day.to_string()).unwrap_or_default(),
        end_reason: target.end_reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        create_time: Some(convert::timestamp(target.created_at)),
        etag: target.revision.to_string(),
    }
}

impl Api {
    /// The target with the names of what it is about.
    async fn target_told(&self, caller: &Caller, region: &Region, target: &Target) -> Result<v1::Target, Status> {
        let seen = self.seen(caller, region);
        let catalogue = seen.catalogue().await.map_err(|e| self.refuse(e))?;
        let indicator = catalogue.get(&target.terms.indicator).ok_or_else(|| status::not_found("indicator"))?;
        let partnership = match target.terms.partnership {
            Some(id) => Some(seen.partnership_by_id(id).await.map_err(|e| self.refuse(e))?),
            None => None,
        };
        Ok(to_proto(region, target, indicator, partnership.as_deref()))
    }

    /// `regions/{region}/targets/{id}`.
    async fn target_of(&self, caller: &Caller, name: &str) -> Result<(Region, Target), Status> {
        let parts = names::pattern("name", name, &PATTERN)?;
        let region = self.region_named(caller, parts[0]).await?;
        let scope = caller.may(About::Region(region.id))?;
        let id = TargetId(names::uuid("target", parts[1])?);
        let found = self.store.get_target(scope, id).await.map_err(|e| self.refuse(e))?;
        // Whose district one does not know, their targets neither.
        let seen = self.partnerships_seen(caller, &region).await?;
        match (found.terms.partnership, seen) {
            (Some(partnership), Some(seen)) if !seen.contains(&partnership) => Err(status::not_found("target")),
            _ => Ok((region, found)),
        }
    }

    pub(crate) async fn create_target(&self, caller: &Caller, mut message: v1::CreateTargetRequest) -> Result<v1::Target, Status> {
        let request_id = std::mem::take(&mut message.request_id);
        let body = message.clone();
        let v1::CreateTargetRequest { parent, target, request_id: _ } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let v1::Target {
            name: _,
            indicator,
            partnership,
            aim,
            milestones,
            way,
            baseline,
            reason,
            end_date,
            end_reason: _,
            create_time: _,
            etag: _,
        } = target.unwrap_or_default();
        let mut faults = Faults::default();
        let id = faults.request_id(&request_id);
        let trajectory = trajectory(aim, way, &milestones, &mut faults);
        let started = if baseline.is_empty() { None } else { faults.take("target.baseline", baseline.parse::<Period>()) };
        if baseline.is_empty() && milestones.is_empty() {
            faults.add("target.milestones", "must say what is wanted, such as 180 of 2022-q4; or set a baseline");
        }
        let reason = faults.line("target.reason", &reason, Line::SENTENCE);
        let ends_on = faults.optional_date("target.end_date", &end_date);
        let reason = faults.all(reason)?;
        let (found_in, indicator) = self.indicator_of(caller, "target.indicator", &indicator).await?;
        if found_in.id != region.id {
            return Err(status::invalid(&[Fault::new("target.indicator", "must be an indicator of the same region")]));
        }
        if !baseline.is_empty() && !partnership.is_empty() && indicator.owner.is_none() {
            let why = "must not be set of one partnership; it is of all, and stands beside each";
            return Err(status::invalid(&[Fault::new("target.baseline", why)]));
        }
        let partnership = if partnership.is_empty() {
            None
        } else {
            let (found_in, found) = self.partnership_of(caller, "target.partnership", &partnership).await?;
            if found_in.id != region.id {
                return Err(status::invalid(&[Fault::new("target.partnership", "must be a partnership of the same region")]));
            }
            Some(found.id)
        };
        let terms = Terms { indicator: indicator.id, partnership, trajectory, baseline: started, reason };
        let new = NewTarget { id: TargetId(self.chance.id(caller.now)), terms, ends_on };
        let act = caller.create(convert::request(id, caller.call.path(), &body), false);
        let made = self.store.create_target(scope, &act, new).await.map_err(|e| self.refuse(e))?;
        self.target_told(caller, &region, &made).await
    }

    pub(crate) async fn get_target(&self, caller: &Caller, message: v1::GetTargetRequest) -> Result<v1::Target, Status> {
        let (region, found) = self.target_of(caller, &message.name).await?;
        self.target_told(caller, &region, &found).await
    }

    pub(crate) async fn list_targets(&self, caller: &Caller, message: v1::ListTargetsRequest) -> Result<v1::ListTargetsResponse, Status> {
        let v1::ListTargetsRequest { parent, page_size, page_token } = message;
        let region = self.region_of(caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let page = convert::page(page_size, &page_token)?;
        let seen = self.partnerships_seen(caller, &region).await?;
        let listing = self.store.list_targets(scope, page).await.map_err(|e| self.refuse(e))?;
        let next_page_token = convert::next_page_token(&listing);
        let known = |target: &&Target| target.terms.partnership.is_none_or(|of| seen.as_ref().is_none_or(|seen| seen.contains(&of)));
        let mut targets = Vec::with_capacity(listing.items.len());
        for target in listing.items.iter().filter(known) {
            targets.push(self.target_told(caller, &region, target).await?);
        }
        Ok(v1::ListTargetsResponse { targets, next_page_token })
    }

    pub(crate) async fn end_target(&self, caller: &Caller, message: v1::EndTargetRequest) -> Result<v1::Target, Status> {
        let v1::EndTargetRequest { name, end_date, reason, etag } = message;
        let (region, found) = self.target_of(caller, &name).await?;
        let scope = caller.may(About::Region(region.id))?;
        let mut faults = Faults::default();
        let ends_on = faults.date("end_date", &end_date);
        let reason = faults.line("reason", &reason, Line::SENTENCE);
        let revision = faults.etag("etag", &etag);
        let ended = faults.all(ends_on.zip(reason))?;
        let changed = self.store.end_target(scope, &caller.act(), found.id, ended, revision).await.map_err(|e| self.refuse(e))?;
        self.target_told(caller, &region, &changed).await
    }
}
