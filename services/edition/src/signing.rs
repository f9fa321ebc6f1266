//! What is received and not signed off is not printed: neither the figures nor the news.

use csp_domain::{id::PartnershipId, news::NewsOwner};
use csp_store::Gathered;

/// Takes out of the material what a paper frozen now may not print. Answers whose returns are among it.
pub(crate) fn withhold(gathered: &mut Gathered) -> Vec<PartnershipId> {
    let Gathered { partnerships, returns, news, signing, .. } = gathered;
    let mut unsigned = Vec::new();
    for partnership in partnerships {
        let id = partnership.id;
        let must_sign = signing.contains(&id);
        let answer = returns.iter().find(|answer| answer.partnership == id);
        let own = NewsOwner::Partnership(id);
        let printed = answer.is_some_and(|answer| answer.state.prints(must_sign));
        // News without a return has nobody's signature either. It is no return, though: of that, none was received.
        if must_sign && !printed {
            news.retain(|item| item.owner != own);
        }
        if answer.is_some() && !printed {
            returns.retain(|answer| answer.partnership != id);
            unsigned.push(id);
        }
    }
    unsigned
}
