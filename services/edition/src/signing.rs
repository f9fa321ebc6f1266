//! What is received and not signed off is not printed: neither the figures nor the news.

use std::collections::{HashMap, HashSet};

use csp_domain::{
    id::{NewsItemId, PartnershipId},
    news::NewsOwner,
};
use csp_store::Gathered;

/// What a paper frozen now may not print.
#[derive(Debug, Default)]
pub(crate) struct Withheld {
    /// Whose returns are among it.
    pub(crate) unsigned: Vec<PartnershipId>,
    /// News of theirs that others own too, with the owner who has not signed it.
    pub(crate) joint: Vec<(NewsItemId, PartnershipId)>,
}

/// Takes out of the material what a paper frozen now may not print.
pub(crate) fn withhold(gathered: &mut Gathered) -> Withheld {
    let Gathered { partnerships, returns, news, signing, .. } = gathered;
    let signing: HashSet<PartnershipId> = signing.iter().copied().collect();
    let prints: HashMap<PartnershipId, bool> =
        returns.iter().map(|answer| (answer.partnership, answer.state.prints(signing.contains(&answer.partnership)))).collect();
    // News without a return has nobody's signature either. It is no return, though: of that, none was received.
    let mut joint = Vec::new();
    news.retain(|item| {
        let NewsOwner::Partnership(id) = item.owner else { return true };
        let stays = !signing.contains(&id) || prints.get(&id).copied().unwrap_or(false);
        if !stays && !item.joint.is_empty() {
            joint.push((item.id, id));
        }
        stays
    });
    returns.retain(|answer| prints.get(&answer.partnership).copied().unwrap_or(false));
    let unsigned = partnerships.iter().map(|partnership| partnership.id).filter(|id| prints.get(id) == Some(&false)).collect();
    Withheld { unsigned, joint }
}
