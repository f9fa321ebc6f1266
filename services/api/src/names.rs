//! Resource names: `regions/northumbria/partnerships/gateshead/newsItems/…`.
//!
//! Names begin with the region. Two regions may each have a `newcastle`, and an administrator of the
//! whole service must be able to say which is meant without a word outside the name.
//!
//! A name of something the caller does not know of is found by nobody, whatever it is for.

use std::{collections::BTreeSet, sync::Arc};

use csp_domain::{
    Scope,
    committee::Committee,
    cycle::Cycle,
    id::{CommitteeId, PartnershipId, Slug},
    indicator::Indicator,
    partnership::Partnership,
    person::{Person, Role},
    region::Region,
    text::{Fault, Refused},
};
use csp_store::Seen;
use tonic::Status;
use uuid::Uuid;

use crate::{Api, auth::Caller, status};

/// The parts of a name that follow the pattern `a/{}/b/{}`. None when it does not.
pub(crate) fn split<'n>(name: &'n str, collections: &[&str]) -> Option<Vec<&'n str>> {
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() != collections.len() * 2 {
        return None;
    }
    let fits = parts.chunks(2).zip(collections).all(|(pair, collection)| pair[0] == *collection && !pair[1].is_empty());
    fits.then(|| parts.chunks(2).map(|pair| pair[1]).collect())
}

/// A name that does not fit its pattern is a fault of the field; one that does and names nothing is
/// not found.
pub(crate) fn pattern<'n>(field: &str, name: &'n str, collections: &[&str]) -> Result<Vec<&'n str>, Status> {
    split(name, collections).ok_or_else(|| {
        let shape: Vec<String> = collections.iter().map(|c| format!("{c}/…")).collect();
        status::invalid(&[Fault::new(field, Refused::new(format!("must be a name like {}", shape.join("/"))))])
    })
}

pub(crate) fn uuid(what: &'static str, text: &str) -> Result<Uuid, Status> {
    Uuid::parse_str(text).map_err(|_| status::not_found(what))
}

fn slug(what: &'static str, text: &str) -> Result<Slug, Status> {
    text.parse().map_err(|_| status::not_found(what))
}

pub(crate) fn region(region: &Region) -> String {
    format!("regions/{}", region.slug)
}

pub(crate) fn partnership(region: &Region, partnership: &Partnership) -> String {
    format!("regions/{}/partnerships/{}", region.slug, partnership.slug)
}

pub(crate) fn person(region: &Region, person: &Person) -> String {
    format!("regions/{}/persons/{}", region.slug, person.slug)
}

pub(crate) fn committee(region: &Region, committee: &Committee) -> String {
    format!("regions/{}/committees/{}", region.slug, committee.slug)
}

pub(crate) fn indicator(region: &Region, indicator: &Indicator) -> String {
    indicator_called(region, &indicator.slug)
}

pub(crate) fn indicator_called(region: &Region, slug: &Slug) -> String {
    format!("regions/{}/indicators/{slug}", region.slug)
}

pub(crate) fn cycle(region: &Region, committee: &Committee, cycle: &Cycle) -> String {
    format!("regions/{}/committees/{}/cycles/{}", region.slug, committee.slug, cycle.slug)
}

/// A region and something in it, as a name spelled them.
pub(crate) type Found<T> = (Region, T);

impl Api {
    /// What a call reads of a region. It does not see what the call itself has changed: this is for what names mean, and for
    /// what they are looked up for, before the work begins.
    pub(crate) fn seen<'c>(&'c self, caller: &'c Caller, region: &Region) -> Seen<'c> {
        self.store.seen(region.id, Some(&caller.sight))
    }

    /// The region a name begins with, if the caller may know of it.
    pub(crate) async fn region_named(&self, caller: &Caller, text: &str) -> Result<Region, Status> {
        if caller.region.slug.as_str() == text {
            return Ok(caller.region.clone());
        }
        if caller.roles().any(|role| role == Role::SystemAdministrator) {
            let slug = slug("region", text)?;
            return self.store.find_region(Scope::System, &slug).await.map_err(|e| self.refuse(e));
        }
        Err(status::not_found("region"))
    }

    /// `regions/{region}`.
    pub(crate) async fn region_of(&self, caller: &Caller, field: &str, name: &str) -> Result<Region, Status> {
        let parts = pattern(field, name, &["regions"])?;
        self.region_named(caller, parts[0]).await
    }

    /// `regions/{region}/partnerships/{partnership}`.
    pub(crate) async fn partnership_of(&self, caller: &Caller, field: &str, name: &str) -> Result<Found<Partnership>, Status> {
        let parts = pattern(field, name, &["regions", "partnerships"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let found = self.partnership_in(caller, &region, parts[1]).await?;
        Ok((region, found))
    }

    pub(crate) async fn partnership_in(&self, caller: &Caller, region: &Region, text: &str) -> Result<Partnership, Status> {
        let slug = slug("partnership", text)?;
        let found = self.seen(caller, region).partnership(&slug).await.map_err(|e| self.refuse(e))?;
        match self.partnerships_seen(caller, region).await? {
            Some(seen) if !seen.contains(&found.id) => Err(status::not_found("partnership")),
            _ => Ok(Arc::unwrap_or_clone(found)),
        }
    }

    /// The partnerships a caller knows of; none: all of the region. One's own, and those that report to a committee whose paper
    /// one edits or approves: the editor of one council's Cabinet sees no other district.
    pub(crate) async fn partnerships_seen(&self, caller: &Caller, region: &Region) -> Result<Option<BTreeSet<PartnershipId>>, Status> {
        if caller.sees_all(region) {
            return Ok(None);
        }
        let mut seen: BTreeSet<PartnershipId> = caller.roles().filter_map(Role::partnership).collect();
        for id in caller.roles().filter_map(Role::committee).collect::<BTreeSet<CommitteeId>>() {
            seen.extend(self.seen(caller, region).committee_by_id(id).await.map_err(|e| self.refuse(e))?.partnerships.iter().copied());
        }
        Ok(Some(seen))
    }

    /// `regions/{region}/persons/{person}`.
    pub(crate) async fn person_of(&self, caller: &Caller, field: &str, name: &str) -> Result<Found<Person>, Status> {
        let parts = pattern(field, name, &["regions", "persons"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let found = self.person_in(&region, parts[1]).await?;
        Ok((region, found))
    }

    pub(crate) async fn person_in(&self, region: &Region, text: &str) -> Result<Person, Status> {
        let slug = slug("person", text)?;
        self.store.find_person(Scope::Region(region.id), &slug).await.map_err(|e| self.refuse(e))
    }

    /// `regions/{region}/committees/{committee}`.
    pub(crate) async fn committee_of(&self, caller: &Caller, field: &str, name: &str) -> Result<Found<Committee>, Status> {
        let parts = pattern(field, name, &["regions", "committees"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let found = self.committee_in(caller, &region, parts[1]).await?;
        Ok((region, found))
    }

    pub(crate) async fn committee_in(&self, caller: &Caller, region: &Region, text: &str) -> Result<Committee, Status> {
        let slug = slug("committee", text)?;
        let found = self.seen(caller, region).committee(&slug).await.map_err(|e| self.refuse(e))?;
        if caller.sees_committee(region, &found) { Ok(Arc::unwrap_or_clone(found)) } else { Err(status::not_found("committee")) }
    }

    /// `regions/{region}/committees/{committee}/cycles/{cycle}`.
    pub(crate) async fn cycle_of(&self, caller: &Caller, field: &str, name: &str) -> Result<(Region, Committee, Cycle), Status> {
        let parts = pattern(field, name, &["regions", "committees", "cycles"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let committee = self.committee_in(caller, &region, parts[1]).await?;
        let cycle = self.cycle_in(caller, &region, &committee, parts[2]).await?;
        Ok((region, committee, cycle))
    }

    pub(crate) async fn cycle_in(&self, caller: &Caller, region: &Region, committee: &Committee, text: &str) -> Result<Cycle, Status> {
        let slug = slug("cycle", text)?;
        let found = self.seen(caller, region).cycle(committee.id, &slug).await.map_err(|e| self.refuse(e))?;
        Ok(Arc::unwrap_or_clone(found))
    }

    /// `regions/{region}/indicators/{indicator}`.
    pub(crate) async fn indicator_of(&self, caller: &Caller, field: &str, name: &str) -> Result<Found<Indicator>, Status> {
        let parts = pattern(field, name, &["regions", "indicators"])?;
        let region = self.region_named(caller, parts[0]).await?;
        let slug = Slug::plain_or_within(parts[1]).map_err(|_| status::not_found("indicator"))?;
        let found = self.store.find_indicator(Scope::Region(region.id), &slug).await.map_err(|e| self.refuse(e))?;
        // Whose district one does not know, what it measures for itself neither.
        match (found.owner, self.partnerships_seen(caller, &region).await?) {
            (Some(owner), Some(seen)) if !seen.contains(&owner) => Err(status::not_found("indicator")),
            _ => Ok((region, found)),
        }
    }
}
