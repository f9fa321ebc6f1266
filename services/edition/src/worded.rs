//! Where the lead has accepted another wording, the paper prints that in place of what was sent in. A wording is of one version of
//! a text, and counts for no other.

use std::collections::HashMap;

use csp_domain::{
    id::{NewsItemId, PersonId},
    news::NewsItem,
    returns::{Content, Return},
    wording::{Subject, Wording, Words},
};
use csp_store::Gathered;

/// Who proposed the wordings that a paper of this prints; what nobody reads makes nobody an author. `held_out`: of joint items, that
/// this one is not printed.
pub(crate) fn authors(gathered: &Gathered, held_out: impl Fn(NewsItemId) -> bool) -> Vec<PersonId> {
    let printed = |wording: &&Wording| match wording.subject {
        Subject::News(id) => gathered.news.iter().any(|item| item.id == id && item.revision == wording.of_revision) && !held_out(id),
        Subject::Return(id) => gathered.returns.iter().any(|answer| answer.id == id && answer.sent == wording.of_revision),
    };
    gathered.worded.iter().filter(printed).map(|wording| wording.by).collect()
}

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
