//! A joint item is printed once, under its first owner and with the names of all, when every other owner has signed; until then it is
//! held out, and the paper says who has not signed. The first owner answers for it with its return, like for all its news.

use std::collections::{BTreeMap, HashMap};

use csp_digest::{HeldOut, Joint, Shared};
use csp_domain::{
    id::{NewsItemId, PartnershipId},
    news::{NewsItem, NewsOwner},
    partnership::Partnership,
    text::Line,
};
use csp_store::{Gathered, GatheredJoint};

/// What one partnership has of joint items.
#[derive(Debug, Default)]
pub(crate) struct Of {
    /// Which of its own news is printed with others.
    pub(crate) joint: Vec<Joint>,
    /// What of its own is not.
    pub(crate) held_out: Vec<HeldOut>,
    /// What it owns and is printed under another.
    pub(crate) shared: Vec<Shared>,
}

fn by_item(joint: &[GatheredJoint]) -> BTreeMap<NewsItemId, Vec<&GatheredJoint>> {
    let mut by_item: BTreeMap<NewsItemId, Vec<&GatheredJoint>> = BTreeMap::new();
    for owner in joint {
        by_item.entry(owner.owner.item).or_default().push(owner);
    }
    by_item
}

/// The joint items that a paper made of this prints.
pub(crate) fn printed(gathered: &Gathered) -> Vec<NewsItemId> {
    let by_item = by_item(&gathered.joint);
    let reports = |id: PartnershipId| gathered.partnerships.iter().any(|partnership| partnership.id == id);
    let prints = |item: &&NewsItem| {
        matches!(item.owner, NewsOwner::Partnership(first) if reports(first))
            && by_item.get(&item.id).is_some_and(|owners| owners.iter().all(|one| one.owner.state.stands()))
    };
    gathered.news.iter().filter(prints).map(|item| item.id).collect()
}

/// What is not printed because its first owner's lead has not signed the return that it comes with.
pub(crate) fn withheld(joint: &[GatheredJoint], items: &[(NewsItemId, PartnershipId)]) -> Vec<(PartnershipId, HeldOut)> {
    let by_item = by_item(joint);
    let told = |(item, first): &(NewsItemId, PartnershipId)| {
        let owners = by_item.get(item)?;
        let with = owners.iter().map(|one| one.name.clone()).collect();
        let others = owners.iter().filter(|one| !one.owner.state.stands()).map(|one| one.name.clone());
        let unsigned = std::iter::once(owners.first()?.first.clone()).chain(others).collect();
        Some((*first, HeldOut { with, unsigned }))
    };
    items.iter().filter_map(told).collect()
}

/// Takes out of the news what an owner has not signed. Answers, by partnership, what is printed with whom, and what is held out.
/// Whoever looks at their own part before it is signed sees all of it, and that it would be held out.
pub(crate) fn sort(
    joint: &[GatheredJoint],
    reporting: &[Partnership],
    own_part: bool,
    news: &mut Vec<NewsItem>,
) -> HashMap<PartnershipId, Of> {
    let by_item = by_item(joint);
    let mut of: HashMap<PartnershipId, Of> = HashMap::new();
    news.retain(|item| {
        let (Some(owners), NewsOwner::Partnership(first)) = (by_item.get(&item.id), item.owner) else { return true };
        // Who reports no more has no place in the paper under which it could stand.
        if !own_part && !reporting.iter().any(|partnership| partnership.id == first) {
            return false;
        }
        let others: Vec<Line> = owners.iter().map(|one| one.name.clone()).collect();
        let unsigned: Vec<Line> = owners.iter().filter(|one| !one.owner.state.stands()).map(|one| one.name.clone()).collect();
        let prints = unsigned.is_empty() || own_part;
        let Some(of_first) = owners.first().map(|one| one.first.clone()) else { return true };
        if !unsigned.is_empty() {
            of.entry(first).or_default().held_out.push(HeldOut { with: others.clone(), unsigned: unsigned.clone() });
        }
        if prints {
            let all: Vec<Line> = std::iter::once(of_first.clone()).chain(others).collect();
            for one in owners {
                let whole = own_part.then(|| Box::new(item.clone()));
                let (first, headline, owners, unsigned) = (of_first.clone(), item.headline.clone(), all.clone(), unsigned.clone());
                of.entry(one.owner.partnership).or_default().shared.push(Shared { first, headline, owners, whole, unsigned });
            }
            of.entry(first).or_default().joint.push(Joint { item: item.id, owners: all });
        }
        prints
    });
    of
}
