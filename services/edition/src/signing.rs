//! What is received and not signed off is not printed: neither the figures nor the news.

use csp_domain::{id::PartnershipId, news::NewsOwner};
use csp_store::Gathered;

/// Takes out of the material what a paper frozen now may not print. Answers whose that is.
pub(crate) fn withhold(gathered: &mut Gathered) -> Vec<PartnershipId> {
    let Gathered { partnerships, returns, news, signing, .. } = gathered;
    let mut unsigned = Vec::new();
    for partnership in partnerships {
        let id = partnership.id;
        let must_sign = signing.contains(&id);
        let answer = returns.iter().find(|answer| answer.partnership == id);
        let own = NewsOwner::Partnership(id);
        // News without a return has nobody's signature either.
        let withheld = match answer {
            Some(answer) => !answer.state.prints(must_sign),
            None => must_sign && news.iter().any(|item| item.owner == own),
        };
        if withheld {
            returns.retain(|answer| answer.partnership != id);
            if must_sign {
                news.retain(|item| item.owner != own);
            }
            unsigned.push(id);
        }
    }
    unsigned
}
