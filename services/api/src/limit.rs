//! How much one caller may take from the others.
//!
//! Four bounds: requests at work in the whole server, and of these for one tenant; requests in a while for one tenant; and
//! tokens that were not valid, for one network address. Who the tenant is says the token, never a header. Nothing waits in a
//! queue: what is too much is refused at once with the time after which it is worth trying again.
//!
//! The time is the caller's. No table grows without bound: what has run out is forgotten first, and then whoever weighs least.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use csp_domain::{
    clock::Instant,
    document::Hash as Digest,
    id::{PartnershipId, RegionId},
    person::Role,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Caller;

/// How many tenants, addresses or tokens one table remembers.
const REMEMBERED: usize = 10_000;

/// What one caller may take from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests at work at once, from the first word of their token to the last byte of their answer.
    pub requests: u32,
    /// Of these, for one tenant.
    pub requests_per_tenant: u32,
    /// Requests of one tenant in a second, in the long run.
    pub tenant_per_second: u32,
    /// Requests of one tenant at once, after a rest.
    pub tenant_burst: u32,
    /// Tokens that were not valid, from one network address in a minute.
    pub failures_per_minute: u32,
    /// A larger request is refused before it is read.
    pub request_bytes: usize,
    /// A larger answer is not sent.
    pub answer_bytes: usize,
}

impl Limits {
    /// Only sizes are limited. For who stops the clock: a bucket does not refill while it stands.
    pub const OF_SIZE: Self = Self {
        requests: u32::MAX,
        requests_per_tenant: u32::MAX,
        tenant_per_second: 1_000_000,
        tenant_burst: u32::MAX,
        failures_per_minute: u32::MAX,
        // A return of 2,000 figures has a tenth, and so has a digest of 300 partnerships.
        request_bytes: 4 * 1024 * 1024,
        answer_bytes: 16 * 1024 * 1024,
    };
}

/// On whose account a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tenant {
    /// Of a partnership.
    Partnership(RegionId, PartnershipId),
    /// Of a region.
    Region(RegionId),
}

impl Tenant {
    /// The partnership, for whoever holds roles for one and nothing else; else the region.
    pub(crate) fn of(caller: &Caller) -> Self {
        let region = caller.region.id;
        let mut own = None;
        for role in caller.roles() {
            match role {
                Role::Officer(partnership) | Role::Lead(partnership) if own.is_none_or(|own| own == partnership) => own = Some(partnership),
                _ => return Self::Region(region),
            }
        }
        own.map_or(Self::Region(region), |own| Self::Partnership(region, own))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Partnership(..) => "partnership",
            Self::Region(_) => "region",
        }
    }
}

/// Why a request is refused before it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMuch {
    /// The whole server is at work.
    Busy,
    /// The tenant asks too much.
    Tenant(&'static str),
    /// The address presents tokens that are not valid.
    Failures,
}

/// The same, and when it is worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: TooMuch,
    pub(crate) wait: Duration,
}

/// Room for one request; free again when dropped.
#[derive(Debug)]
pub(crate) struct Room {
    _of_all: OwnedSemaphorePermit,
}

/// Room for one request of a tenant; free again when dropped.
#[derive(Debug)]
pub(crate) struct TenantRoom {
    tenant: Tenant,
    tables: Arc<Mutex<Tables>>,
}

/// Counts everything that is limited. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Limiter {
    limits: Limits,
    room: Arc<Semaphore>,
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug)]
struct Tables {
    at_work: HashMap<Tenant, u32>,
    tenants: Buckets<Tenant>,
    failures: Buckets<IpAddr>,
    /// Tokens that opened doors a while ago, by the hash of their secret. Behind one address there may be a whole council:
    /// somebody's script with a token that has ended must not lock out their colleagues.
    good: Buckets<Digest>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        let tables = Tables {
            at_work: HashMap::new(),
            tenants: Buckets::new(limits.tenant_burst, 1_000_000 / i64::from(limits.tenant_per_second.max(1))),
            failures: Buckets::new(limits.failures_per_minute, 60_000_000 / i64::from(limits.failures_per_minute.max(1))),
            // Not to refuse anything, only to be forgotten after a day.
            good: Buckets::new(1, TimeDelta::days(1).num_microseconds().unwrap_or(i64::MAX)),
        };
        Self { limits, room: Arc::new(Semaphore::new(limits.requests as usize)), tables: Arc::new(Mutex::new(tables)) }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one more request, of whomever. Those who are refused together are told different times (`spread` is up to
    /// one second), or they would come back together.
    pub(crate) fn enter(&self, spread: impl FnOnce() -> Duration) -> Result<Room, Refused> {
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(permit) => Ok(Room { _of_all: permit }),
            Err(_) => Err(Refused { why: TooMuch::Busy, wait: Duration::from_secs(1) + spread() }),
        }
    }

    /// Whether somebody at `address` may try the token they present. Asked before the store is.
    pub(crate) fn may_try(&self, address: Option<IpAddr>, secret: Option<&Digest>, now: Instant) -> Result<(), Refused> {
        let Some(address) = address.map(household) else { return Ok(()) };
        let mut guard = self.tables();
        let tables = &mut *guard;
        match tables.failures.wait(&address, now) {
            Some(wait) if secret.is_none_or(|secret| tables.good.wait(secret, now).is_none()) => {
                Err(Refused { why: TooMuch::Failures, wait })
            }
            _ => Ok(()),
        }
    }

    /// The token was not valid.
    pub(crate) fn failed(&self, address: Option<IpAddr>, secret: Option<&Digest>, now: Instant) {
        let mut tables = self.tables();
        if let Some(secret) = secret {
            tables.good.forget(secret);
        }
        if let Some(address) = address.map(household) {
            tables.failures.add(address, now);
        }
    }

    /// The token opened a door.
    pub(crate) fn succeeded(&self, secret: Digest, now: Instant) {
        let mut tables = self.tables();
        if tables.good.wait(&secret, now).is_none() {
            tables.good.add(secret, now);
        }
    }

    /// Room for one more request of a tenant, now.
    pub(crate) fn take(&self, tenant: Tenant, now: Instant) -> Result<TenantRoom, Refused> {
        let why = TooMuch::Tenant(tenant.word());
        let mut tables = self.tables();
        if let Some(wait) = tables.tenants.wait(&tenant, now) {
            return Err(Refused { why, wait });
        }
        let at_work = tables.at_work.entry(tenant).or_default();
        if *at_work >= self.limits.requests_per_tenant {
            return Err(Refused { why, wait: Duration::from_secs(1) });
        }
        *at_work += 1;
        tables.tenants.add(tenant, now);
        Ok(TenantRoom { tenant, tables: Arc::clone(&self.tables) })
    }
}

impl Drop for TenantRoom {
    fn drop(&mut self) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at_work) = tables.at_work.get_mut(&self.tenant) {
            *at_work -= 1;
            if *at_work == 0 {
                tables.at_work.remove(&self.tenant);
            }
        }
    }
}

/// Whoever has one address of IPv6 usually has 2^64 of them, so these count as one.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A leaky bucket for each key, kept as the one moment at which it is empty again; one that is empty is not kept.
#[derive(Debug)]
struct Buckets<K> {
    /// In microseconds: what one drop takes to run out.
    drop: i64,
    /// How much of that fits in.
    full: i64,
    empty_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(burst: u32, drop: i64) -> Self {
        let drop = drop.max(1);
        Self { drop, full: drop.saturating_mul(burst.into()), empty_at: HashMap::new() }
    }

    /// What is in a bucket. A clock that was put back must not lock anybody out for as long.
    fn level(&self, key: &K, now: Instant) -> i64 {
        let level = |empty_at: &Instant| (*empty_at - now).num_microseconds().unwrap_or(i64::MAX);
        self.empty_at.get(key).map_or(0, level).clamp(0, self.full.saturating_mul(2))
    }

    /// How long until one more drop fits in; none if it does now.
    fn wait(&mut self, key: &K, now: Instant) -> Option<Duration> {
        // No bucket is ever fuller than this: the clock was put back, and counting begins anew from there.
        let fullest = now.checked_add_signed(TimeDelta::microseconds(self.full.saturating_mul(2)));
        if let Some((empty_at, fullest)) = self.empty_at.get_mut(key).zip(fullest) {
            *empty_at = (*empty_at).min(fullest);
        }
        let over = self.level(key, now) - (self.full - self.drop);
        u64::try_from(over).ok().filter(|over| *over > 0).map(Duration::from_micros)
    }

    /// One drop more, whether it fits in or not: many may have asked before the first was added.
    fn add(&mut self, key: K, now: Instant) {
        let level = self.level(&key, now).saturating_add(self.drop).min(self.full.saturating_mul(2));
        if self.empty_at.len() >= REMEMBERED && !self.empty_at.contains_key(&key) {
            self.make_room(now);
        }
        if let Some(empty_at) = now.checked_add_signed(TimeDelta::microseconds(level)) {
            self.empty_at.insert(key, empty_at);
        }
    }

    fn forget(&mut self, key: &K) {
        self.empty_at.remove(key);
    }

    /// Forgets what has run out; and if that is not enough, the emptier half, so that whoever fills the table does not pay
    /// for their own forgetting each time.
    fn make_room(&mut self, now: Instant) {
        self.empty_at.retain(|_, empty_at| *empty_at > now);
        if self.empty_at.len() >= REMEMBERED {
            let mut all: Vec<Instant> = self.empty_at.values().copied().collect();
            let (_, median, _) = all.select_nth_unstable(REMEMBERED / 2);
            let median = *median;
            self.empty_at.retain(|_, empty_at| *empty_at > median);
        }
    }
}

#[cfg(test)]
mod tests;
