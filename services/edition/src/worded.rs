//! Where the lead has accepted another wording, the paper prints that in place of what was sent in. A wording is of one version of
//! a text, and counts for no other.

use std::collections::HashMap;

use csp_domain::{
    news::NewsItem,
    returns::{Content, Return},
    wording::{Subject, Wording, Words},
};

/// Puts what was accepted into what is printed.
pub(crate) fn apply(worded: Vec<Wording>, news: &mut [NewsItem], returns: &mut [Return]) {
    let mut accepted: HashMap<Subject, Wording> = worded.into_iter().map(|wording| (wording.subject, wording)).collect();
    if accepted.is_empty() {
        return;
    }
    for item in news {
        if let Some(Wording { of_revision, proposed: Words::News { headline, body }, .. }) = accepted.remove(&Subject::News(item.id))
            && of_revision == item.revision
        {
            (item.headline, item.body) = (headline, body);
        }
    }
    for answer in returns {
        if let Some(Wording { of_revision, proposed: Words::Nil { statement }, .. }) = accepted.remove(&Subject::Return(answer.id))
            && of_revision == answer.sent
            && let Content::Nil { statement: said } = &mut answer.content
        {
            *said = statement;
        }
    }
}
