//! What is received and not signed off is not printed: neither the figures nor the news.

use std::collections::{HashMap, HashSet};

use csp_domain::{id::PartnershipId, news::NewsOwner};
use csp_store::Gathered;

/// Takes out of the material what a paper frozen now may not print. Answers whose returns are among it.
pub(crate) fn withhold(gathered: &mut Gathered) -> Vec<PartnershipId> {
    let Gathered { partnerships, returns, news, signing, .. } = gathered;
    let signing: HashSet<PartnershipId> = signing.iter().copied().collect();
    let prints: HashMap<PartnershipId, bool> =
        returns.iter().map(|answer| (answer.partnership, answer.state.prints(signing.contains(&answer.partnership)))).collect();
    // News without a return has nobody's signature either. It is no return, though: of that, none was received.
    news.retain(|item| match item.owner {
        NewsOwner::Partnership(id) => !signing.contains(&id) || prints.get(&id).copied().unwrap_or(false),
        NewsOwner::Committee(_) => true,
    });
    returns.retain(|answer| prints.get(&answer.partnership).copied().unwrap_or(false));
    partnerships.iter().map(|partnership| partnership.id).filter(|id| prints.get(id) == Some(&false)).collect()
}
