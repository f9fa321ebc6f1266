//! What is known of a region without being read again: who may come in, and what rarely changes.
//!
//! Nearly all that a call asks for before its work begins is as it was at the call before: token, person, roles, partnership,
//! committee, cycle, catalogue. It is remembered under the revision of its region, which rises with every change of it, in the same
//! transaction (`migrations/…/0003_region_revisions.sql`). A call learns the revision after it has come in ([`crate::look`]) and
//! then uses what is remembered under that revision and no other. So a token that was taken away opens nothing at the next call,
//! on every server, and a new name is seen at the next call, just as if everything had been read again.
//!
//! * What is remembered under a revision was read in one view together with that revision.
//! * Nothing is remembered of what is not there.
//! * Memory is bounded, and forgotten after a minute in any case: whatever might change rows past the triggers counts then.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use csp_domain::{
    Scope,
    check::Strengths,
    committee::Committee,
    cycle::Cycle,
    id::{CommitteeId, CycleId, IndicatorId, PartnershipId, PersonId, RegionId, Slug},
    indicator::Indicator,
    partnership::Partnership,
    person::Person,
    returns::Return,
};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::{Store, StoreError, engine::on, statement::statements, token::Credential, unit::Tx};

statements! {
    KNOWN_REVISION = "SELECT known_revision FROM regions WHERE region_id = $1";
}

/// Memory is given up after this time, whatever its revision.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);
/// So many regions are remembered, so many tokens have their region known, and so many things of a kind are remembered of one region.
const REGIONS: usize = 256;
const TOKENS: usize = 16_384;
const OF_A_KIND: usize = 4_096;
/// So many returns, of so many figures at most.
const RETURNS: usize = 1_024;
const FIGURES: usize = 64;

/// The indicators of a region.
pub type Catalogue = HashMap<IndicatorId, Indicator>;

/// A look at a region: its revision at one moment, and what is remembered under it. A call has one of its own, taken after it came
/// in. It does not see what the call itself changes later.
#[derive(Debug, Clone)]
pub struct Sight(Arc<Memory>);

/// What was read of a region at one revision.
#[derive(Debug)]
struct Memory {
    region: RegionId,
    revision: i64,
    since: Instant,
    things: Mutex<Things>,
}

#[derive(Debug, Default)]
struct Things {
    credentials: HashMap<String, Arc<Credential>>,
    persons: HashMap<Uuid, Arc<Person>>,
    partnerships: HashMap<Named, Arc<Partnership>>,
    committees: HashMap<Named, Arc<Committee>>,
    cycles: HashMap<Named, Arc<Cycle>>,
    catalogues: HashMap<(), Arc<Catalogue>>,
    strengths: HashMap<(), Arc<Strengths>>,
}

/// How a thing is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Named {
    Id(Uuid),
    Slug(Slug),
    Under(Uuid, Slug),
}

/// Where things of a kind are remembered.
type Shelf<K, T> = fn(&mut Things) -> &mut HashMap<K, Arc<T>>;

/// Everything that one server remembers.
#[derive(Debug, Default)]
pub(crate) struct Known {
    regions: Mutex<HashMap<RegionId, Arc<Memory>>>,
    /// A token stays in its region for as long as it lives.
    tokens: Mutex<HashMap<String, RegionId>>,
    returns: Mutex<HashMap<Asked, Answered>>,
}

/// Whose return for which cycle, and who asks.
type Asked = (Scope, PartnershipId, CycleId);

/// When a return was read, so that somebody can tell whether it is still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// When so many writes of anything had been made: where all of them are known, which is on SQLite.
    Writes(u64),
    /// At this revision of its own. On PostgreSQL submissions of a region would have to wait for each other to be counted.
    Revision(i64),
}

/// A return as it was read.
#[derive(Debug)]
struct Answered {
    mark: Mark,
    since: Instant,
    found: Arc<Return>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room by beginning anew: simple, and rare.
fn put<K: Eq + Hash, V>(shelf: &mut HashMap<K, V>, most: usize, key: K, value: V) {
    if shelf.len() >= most && !shelf.contains_key(&key) {
        shelf.clear();
    }
    shelf.insert(key, value);
}

impl Known {
    /// What is remembered of a region at a revision; what was remembered at another is forgotten.
    fn at(&self, region: RegionId, revision: i64) -> Sight {
        let mut regions = held(&self.regions);
        if let Some(memory) = regions.get(&region)
            && memory.revision == revision
            && memory.since.elapsed() < FORGOTTEN_AFTER
        {
            return Sight(memory.clone());
        }
        let memory = Arc::new(Memory { region, revision, since: Instant::now(), things: Mutex::default() });
        put(&mut regions, REGIONS, region, memory.clone());
        Sight(memory)
    }

    fn region_of(&self, public_id: &str) -> Option<RegionId> {
        held(&self.tokens).get(public_id).copied()
    }

    /// Whether anything is remembered of a return that may still be so.
    pub(crate) fn knows_return(&self, asked: &Asked) -> bool {
        held(&self.returns).get(asked).is_some_and(|answered| answered.since.elapsed() < FORGOTTEN_AFTER)
    }

    /// A return that was read at exactly this mark.
    pub(crate) fn recall_return(&self, asked: &Asked, mark: Mark) -> Option<Return> {
        let found = {
            let returns = held(&self.returns);
            let answered = returns.get(asked)?;
            (answered.mark == mark && answered.since.elapsed() < FORGOTTEN_AFTER).then(|| answered.found.clone())?
        };
        Some((*found).clone())
    }

    /// Remembers a return. How much was written was asked before it was read.
    pub(crate) fn remember_return(&self, asked: Asked, mark: Mark, found: &Return) {
        if found.content.figures().len() + found.content.quoted().len() <= FIGURES {
            let answered = Answered { mark, since: Instant::now(), found: Arc::new(found.clone()) };
            put(&mut held(&self.returns), RETURNS, asked, answered);
        }
    }

    /// Forgets everything. After the way to the database was lost nobody knows what is at its other end now.
    pub(crate) fn forget(&self) {
        held(&self.regions).clear();
        held(&self.returns).clear();
    }
}

impl Sight {
    fn recall<K: Eq + Hash, T>(&self, shelf: Shelf<K, T>, key: &K) -> Option<Arc<T>> {
        shelf(&mut held(&self.0.things)).get(key).cloned()
    }

    fn remember<K: Eq + Hash, T>(&self, shelf: Shelf<K, T>, key: K, thing: &Arc<T>) {
        put(shelf(&mut held(&self.0.things)), OF_A_KIND, key, thing.clone());
    }
}

impl Tx {
    /// The revision under which what this unit reads of its region may be remembered. None where there is no such region.
    pub(crate) async fn known_revision(&mut self) -> Result<Option<i64>, StoreError> {
        let region = self.region();
        Ok(on!(self, |c| sqlx::query_scalar(KNOWN_REVISION).bind(region.0).fetch_optional(c).await)?)
    }
}

impl Store {
    /// Whose token this is, and a look at their region. None for a stranger's token.
    pub async fn recognise(&self, public_id: &str) -> Result<Option<(Arc<Credential>, Sight)>, StoreError> {
        // Without a look everything is read, in the revision at which it is read.
        if let Some(region) = self.known.region_of(public_id)
            && let Some(revision) = self.lookout.look(region).await.inspect_err(|error| self.hear(error))?
        {
            let sight = self.known.at(region, revision);
            if let Some(found) = sight.recall(|things| &mut things.credentials, &public_id.to_owned()) {
                return Ok(Some((found, sight)));
            }
        }
        let Some((credential, revision)) = self.credential_at(public_id).await? else { return Ok(None) };
        let (sight, credential) = (self.known.at(credential.region.id, revision), Arc::new(credential));
        sight.remember(|things| &mut things.credentials, public_id.to_owned(), &credential);
        put(&mut held(&self.known.tokens), TOKENS, public_id.to_owned(), sight.0.region);
        Ok(Some((credential, sight)))
    }

    /// What a call may read of a region, out of memory where it has a look at it.
    pub fn seen<'s>(&'s self, region: RegionId, sight: Option<&'s Sight>) -> Seen<'s> {
        Seen { store: self, region, sight: sight.filter(|sight| sight.0.region == region) }
    }
}

/// A region as a call sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    store: &'s Store,
    region: RegionId,
    sight: Option<&'s Sight>,
}

impl Seen<'_> {
    /// Answers from memory, or reads, and remembers what was read if it was read at the revision of the look.
    async fn read<K, T, F>(&self, shelf: Shelf<K, T>, key: K, unit: F) -> Result<Arc<T>, StoreError>
    where
        K: Eq + Hash,
        T: Send + Sync + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let scope = Scope::Region(self.region);
        let Some(sight) = self.sight else { return Ok(Arc::new(self.store.read(scope, unit).await?)) };
        if let Some(found) = sight.recall(shelf, &key) {
            return Ok(found);
        }
        let (revision, found) =
            self.store.read(scope, |tx| Box::pin(async move { Ok((tx.known_revision().await?, unit(tx).await?)) })).await?;
        let found = Arc::new(found);
        if revision == Some(sight.0.revision) {
            sight.remember(shelf, key, &found);
        }
        Ok(found)
    }

    /// The partnership with a short name.
    pub async fn partnership(&self, slug: &Slug) -> Result<Arc<Partnership>, StoreError> {
        let name = slug.clone();
        self.read(
            |things| &mut things.partnerships,
            Named::Slug(slug.clone()),
            move |tx| Box::pin(async move { tx.find_partnership(&name).await }),
        )
        .await
    }

    /// One partnership.
    pub async fn partnership_by_id(&self, id: PartnershipId) -> Result<Arc<Partnership>, StoreError> {
        self.read(|things| &mut things.partnerships, Named::Id(id.0), move |tx| Box::pin(async move { tx.get_partnership(id).await })).await
    }

    /// The committee with a short name.
    pub async fn committee(&self, slug: &Slug) -> Result<Arc<Committee>, StoreError> {
        let name = slug.clone();
        self.read(
            |things| &mut things.committees,
            Named::Slug(slug.clone()),
            move |tx| Box::pin(async move { tx.find_committee(&name).await }),
        )
        .await
    }

    /// One committee.
    pub async fn committee_by_id(&self, id: CommitteeId) -> Result<Arc<Committee>, StoreError> {
        self.read(|things| &mut things.committees, Named::Id(id.0), move |tx| Box::pin(async move { tx.get_committee(id).await })).await
    }

    /// A committee's cycle with a short name.
    pub async fn cycle(&self, committee: CommitteeId, slug: &Slug) -> Result<Arc<Cycle>, StoreError> {
        let name = slug.clone();
        self.read(
            |things| &mut things.cycles,
            Named::Under(committee.0, slug.clone()),
            move |tx| Box::pin(async move { tx.find_cycle(committee, &name).await?.ok_or(StoreError::NotFound("cycle")) }),
        )
        .await
    }

    /// One cycle.
    pub async fn cycle_by_id(&self, id: CycleId) -> Result<Arc<Cycle>, StoreError> {
        self.read(|things| &mut things.cycles, Named::Id(id.0), move |tx| Box::pin(async move { tx.get_cycle(id).await })).await
    }

    /// One person.
    pub async fn person(&self, id: PersonId) -> Result<Arc<Person>, StoreError> {
        self.read(|things| &mut things.persons, id.0, move |tx| Box::pin(async move { tx.get_person(id).await })).await
    }

    /// How the region means the rules that returns are checked by.
    pub async fn strengths(&self) -> Result<Arc<Strengths>, StoreError> {
        self.read(
            |things| &mut things.strengths,
            (),
            move |tx| Box::pin(async move { Ok(Strengths::of_settings(&tx.check_settings().await?)) }),
        )
        .await
    }

    /// The catalogue of indicators.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>, StoreError> {
        self.read(
            |things| &mut things.catalogues,
            (),
            move |tx| {
                Box::pin(async move {
                    let all = tx.all_indicators().await?;
                    Ok(all.into_iter().map(|indicator| (indicator.id, indicator)).collect())
                })
            },
        )
        .await
    }
}
