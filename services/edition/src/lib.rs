//! The use cases of one digest: gather, assemble, render, freeze.
//!
//! Called by the services and by the schedule alike, so that what an editor previews is what the
//! schedule freezes. Nothing is rendered again after a freeze: approval and release handle stored bytes.
//!
//! Where to start: [`preview`] is the whole pipeline without its last step.

mod joint;
mod signing;
mod worded;

use std::collections::HashMap;

use csp_digest::{Contribution, Earlier, Material, Reason};
use csp_domain::{
    Act, Scope,
    check::Rule,
    clock::Instant,
    cycle::CycleState,
    digest::{Digest, NewDigest, Rendition},
    document::PublicDocument,
    id::{CycleId, DigestId, NewsItemId, PartnershipId, PersonId, ReturnId, WordingId},
    measure::population::Populations,
    news::{NewsItem, NewsOwner},
    returns::Return,
    text::Line,
};
use csp_store::{Gathered, Refusal, Store, StoreError};
use signing::Withheld;

/// Why there is no edition.
#[derive(Debug, thiserror::Error)]
pub enum EditionError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The renderer broke on material that the parsers had let through.
    #[error("assembling or rendering the digest failed")]
    Broken(#[from] tokio::task::JoinError),
    /// What would be stored would not open again.
    #[error("the assembled digest would not open again")]
    Unreadable(#[from] csp_domain::document::Unreadable),
}

/// A paper, assembled and rendered.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The subject of its mail.
    pub subject: String,
    /// The tree.
    pub document: PublicDocument,
    /// The tree as it would be stored.
    pub bytes: Vec<u8>,
    /// One of each kind.
    pub renditions: Vec<Rendition>,
    /// Who wrote any of it.
    pub authors: Vec<PersonId>,
    /// The cycle's revision as it was gathered.
    pub cycle_revision: i64,
    /// The returns that are printed, each in the revision that was gathered.
    pub printed: Vec<(ReturnId, i64)>,
    /// The wordings that were accepted as it was gathered, in order.
    pub worded: Vec<WordingId>,
    /// The signatures of other owners of joint items as they were gathered, in order.
    pub joint: Vec<(NewsItemId, PartnershipId, i64)>,
    /// The joint items that are printed.
    pub joint_printed: Vec<NewsItemId>,
}

/// The paper of a cycle as it would be now. With `only`, the parts of those partnerships alone, marked as such.
pub async fn preview(store: &Store, scope: Scope, cycle: CycleId, only: Option<Vec<PartnershipId>>) -> Result<Edition, EditionError> {
    let mut gathered = store.gather(scope, cycle).await?;
    match only {
        // Before they are signed off: how they will print is what is to be signed.
        Some(only) => {
            narrow(&mut gathered, &only);
            make(gathered, Withheld::default(), true).await
        }
        None => make_signed(gathered).await,
    }
}

/// The paper as a freeze would make it of what was gathered, under a notice that says what it is. Nothing of it is kept.
pub async fn rehearse(mut gathered: Gathered, notice: Line) -> Result<Edition, EditionError> {
    gathered.committee.template.notice = Some(notice);
    make_signed(gathered).await
}

/// Freezes a new version for an editor, who thereby counts among its authors.
pub async fn freeze(store: &Store, scope: Scope, act: &Act, id: DigestId, cycle: CycleId) -> Result<Digest, EditionError> {
    let edition = make_signed(closed(store.gather(scope, cycle).await?)?).await?;
    Ok(store.freeze_digest(scope, act, to_freeze(edition, id, cycle, act)).await?)
}

/// Freezes the first version by schedule, once. None when that was done already.
pub async fn freeze_first(
    store: &Store,
    scope: Scope,
    act: &Act,
    id: DigestId,
    cycle: CycleId,
    due_at: Instant,
) -> Result<Option<Digest>, EditionError> {
    let edition = make_signed(closed(store.gather(scope, cycle).await?)?).await?;
    Ok(store.freeze_first_digest(scope, act, to_freeze(edition, id, cycle, act), due_at).await?)
}

/// What is gathered while a cycle still collects may miss what comes in before it closes, so it is never
/// frozen, however late the freezing itself.
fn closed(gathered: Gathered) -> Result<Gathered, StoreError> {
    match gathered.cycle.state {
        CycleState::Planned | CycleState::Open => Err(Refusal::CycleStillOpen { freeze_at: gathered.cycle.timetable.freeze_at }.into()),
        CycleState::Closed | CycleState::Published | CycleState::Cancelled => Ok(gathered),
    }
}

fn to_freeze(edition: Edition, id: DigestId, cycle: CycleId, act: &Act) -> NewDigest {
    let mut authors = edition.authors;
    if let Some(editor) = act.actor.person()
        && !authors.contains(&editor)
    {
        authors.push(editor);
    }
    NewDigest {
        id,
        cycle,
        cycle_revision: edition.cycle_revision,
        subject: edition.subject,
        document: edition.bytes,
        renditions: edition.renditions,
        authors,
        printed: edition.printed,
        worded: edition.worded,
        joint: edition.joint,
        joint_printed: edition.joint_printed,
    }
}

/// Leaves out what no lead has signed where a signature is asked for.
async fn make_signed(mut gathered: Gathered) -> Result<Edition, EditionError> {
    let withheld = signing::withhold(&mut gathered);
    make(gathered, withheld, false).await
}

/// Assembles and renders away from the tasks that answer callers: a large paper takes a while.
async fn make(gathered: Gathered, withheld: Withheld, own_part: bool) -> Result<Edition, EditionError> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| make_now(gathered, &withheld, own_part))).await?
}

/// The tree of a paper as it would be signed off now, without its renditions.
pub fn assemble(mut gathered: Gathered) -> PublicDocument {
    let withheld = signing::withhold(&mut gathered);
    csp_digest::assemble(&material(gathered, &withheld, false))
}

fn make_now(gathered: Gathered, withheld: &Withheld, own_part: bool) -> Result<Edition, EditionError> {
    let worded = gathered.worded.iter().map(|wording| wording.id).collect();
    let cycle_revision = gathered.cycle.revision;
    let printed = gathered.returns.iter().map(|answer| (answer.id, answer.revision)).collect();
    let joint = gathered.joint.iter().map(|one| (one.owner.item, one.owner.partnership, one.owner.revision)).collect();
    let joint_printed = joint::printed(&gathered);
    let held_out = |id| gathered.joint.iter().any(|one| one.owner.item == id) && !joint_printed.contains(&id);
    let mut authors = gathered.authors.clone();
    authors.extend(worded::authors(&gathered, held_out));
    authors.sort_unstable();
    authors.dedup();
    let material = material(gathered, withheld, own_part);
    let document = csp_digest::assemble(&material);
    let bytes = document.to_bytes();
    // What is frozen must open for ever; better to hear of it now.
    PublicDocument::from_bytes(&bytes)?;
    Ok(Edition {
        subject: csp_digest::subject(&material),
        renditions: csp_render::renditions(&document),
        document,
        bytes,
        authors,
        cycle_revision,
        printed,
        worded,
        joint,
        joint_printed,
    })
}

/// `own_part`: for whoever has to read their own part before it is signed.
fn material(gathered: Gathered, withheld: &Withheld, own_part: bool) -> Material {
    let Gathered {
        region,
        committee,
        cycle,
        partnerships,
        indicators,
        mut news,
        authors: _,
        mut returns,
        signing: _,
        entered,
        tallies,
        reasons,
        worded,
        joint,
        targets,
        context,
        populations,
        mut earlier,
    } = gathered;
    worded::apply(worded, &mut news, &mut returns);
    let held = joint::withheld(&joint, &withheld.joint);
    let mut joint = joint::sort(&joint, &partnerships, own_part, &mut news);
    for (first, held_out) in held {
        joint.entry(first).or_default().held_out.push(held_out);
    }
    let populations = Populations::of(populations);
    let (national, local): (Vec<NewsItem>, Vec<NewsItem>) =
        news.into_iter().partition(|item| matches!(item.owner, NewsOwner::Committee(_)));
    let mut told: HashMap<PartnershipId, Vec<NewsItem>> = HashMap::new();
    for item in local {
        if let NewsOwner::Partnership(id) = item.owner {
            told.entry(id).or_default().push(item);
        }
    }
    let mut returns: HashMap<PartnershipId, Return> = returns.into_iter().map(|answer| (answer.partnership, answer)).collect();
    let contributions = partnerships
        .into_iter()
        .map(|partnership| {
            let news = told.remove(&partnership.id).unwrap_or_default();
            let answer = returns.remove(&partnership.id);
            let earlier = earlier.remove(&partnership.id).unwrap_or_default();
            let earlier = earlier.into_iter().map(|e| Earlier { origin: e.origin, figure: e.figure }).collect();
            let unsigned = withheld.unsigned.contains(&partnership.id);
            let entered = answer.is_some() && entered.contains(&partnership.id);
            // Of what is not printed the reasons are not printed either.
            let own = reasons.iter().filter(|reason| answer.is_some() && reason.partnership == partnership.id);
            let reasons = own
                .map(|reason| {
                    let of_target = reason.rule == Rule::MissedTarget;
                    Reason { indicator: reason.indicator, of_target, text: reason.note.clone() }
                })
                .collect();
            let joint::Of { joint, held_out, shared } = joint.remove(&partnership.id).unwrap_or_default();
            Contribution { partnership, news, joint, held_out, shared, answer, unsigned, entered, reasons, earlier }
        })
        .collect();
    Material {
        zone: region.zone,
        region: region.name,
        committee,
        cycle,
        national,
        indicators,
        targets,
        context,
        populations,
        contributions,
        tallies,
    }
}

/// Leaves of the material only what some partnerships sent in, and says so above everything.
fn narrow(gathered: &mut Gathered, only: &[PartnershipId]) {
    gathered.partnerships.retain(|partnership| only.contains(&partnership.id));
    gathered.committee.partnerships.retain(|id| only.contains(id));
    // What one owns with others is a part of it, in whosever name it stands.
    gathered.news.retain(|item| {
        matches!(item.owner, NewsOwner::Partnership(id) if only.contains(&id)) || item.joint.iter().any(|owner| only.contains(owner))
    });
    gathered.returns.retain(|answer| only.contains(&answer.partnership));
    // How often returns came stays as it will be printed: it names nobody, and whom it is about reads it first.
    gathered.context.retain(|matter| matter.partnership.is_none_or(|of| only.contains(&of)));
    gathered.earlier.retain(|id, _| only.contains(id));
    // What all are to reach together is not held against some. A baseline stands beside each.
    gathered.targets.retain(|target| match target.terms.partnership {
        Some(of) => only.contains(&of),
        None => target.terms.trajectory.is_none(),
    });
    let names: Vec<&str> = gathered.partnerships.iter().map(|partnership| partnership.name.as_str()).collect();
    let text = format!("PREVIEW of what {} sent in. Other partnerships and the national part are left out.", names.join(", "));
    let short = "PREVIEW of your partnerships' part. Other partnerships and the national part are left out.";
    gathered.committee.template.notice = Line::parse(&text, Line::SENTENCE).or_else(|_| Line::parse(short, Line::SENTENCE)).ok();
}
