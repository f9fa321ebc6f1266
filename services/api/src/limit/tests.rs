use std::net::Ipv4Addr;

use csp_domain::clock::{Clock as _, ManualClock};

use super::*;

const LIMITS: Limits =
    Limits { requests: 3, requests_per_tenant: 2, tenant_per_second: 10, tenant_burst: 4, failures_per_minute: 10, ..Limits::OF_SIZE };

fn clock() -> ManualClock {
    ManualClock::new("2022-01-05T10:00:00Z".parse().unwrap())
}

fn gateshead() -> Tenant {
    Tenant::Partnership(RegionId::SYSTEM, PartnershipId(uuid::Uuid::from_u128(1)))
}

fn sunderland() -> Tenant {
    Tenant::Partnership(RegionId::SYSTEM, PartnershipId(uuid::Uuid::from_u128(2)))
}

const ADDRESS: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
const ANOTHER: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));

#[test]
fn a_full_server_says_so_and_has_room_again_when_a_request_ends() {
    let limiter = Limiter::new(LIMITS);
    let spread = || Duration::from_millis(300);
    let mut rooms: Vec<Room> = (0..3).map(|_| limiter.enter(spread).unwrap()).collect();
    assert_eq!(limiter.enter(spread).unwrap_err(), Refused { why: TooMuch::Busy, wait: Duration::from_millis(1_300) });
    rooms.pop();
    assert!(limiter.enter(spread).is_ok());
}

#[test]
fn one_tenants_haste_is_its_own_and_passes() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for _ in 0..4 {
        limiter.take(gateshead(), clock.now()).unwrap();
    }
    let refused = limiter.take(gateshead(), clock.now()).unwrap_err();
    assert_eq!(refused, Refused { why: TooMuch::Tenant("partnership"), wait: Duration::from_millis(100) });
    assert!(limiter.take(sunderland(), clock.now()).is_ok(), "the neighbour is not concerned");
    clock.advance(TimeDelta::milliseconds(99));
    assert_eq!(limiter.take(gateshead(), clock.now()).unwrap_err().wait, Duration::from_millis(1));
    clock.advance(TimeDelta::milliseconds(1));
    assert!(limiter.take(gateshead(), clock.now()).is_ok());
    assert!(limiter.take(gateshead(), clock.now()).is_err(), "one in a tenth of a second");
    clock.advance(TimeDelta::seconds(10));
    for _ in 0..4 {
        limiter.take(gateshead(), clock.now()).unwrap();
    }
}

#[test]
fn one_tenant_cannot_have_all_the_room_there_is() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    let rooms = [limiter.take(gateshead(), clock.now()).unwrap(), limiter.take(gateshead(), clock.now()).unwrap()];
    assert!(limiter.take(gateshead(), clock.now()).is_err());
    assert!(limiter.take(sunderland(), clock.now()).is_ok());
    drop(rooms);
    assert!(limiter.take(gateshead(), clock.now()).is_ok());
    assert!(limiter.tables().at_work.is_empty(), "nobody is counted who is not there");
}

#[test]
fn whoever_tries_tokens_is_slowed_to_one_in_six_seconds() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for _ in 0..10 {
        limiter.may_try(ADDRESS, None, clock.now()).unwrap();
        limiter.failed(ADDRESS, None, clock.now());
    }
    let refused = limiter.may_try(ADDRESS, None, clock.now()).unwrap_err();
    assert_eq!(refused, Refused { why: TooMuch::Failures, wait: Duration::from_secs(6) });
    assert!(limiter.may_try(ANOTHER, None, clock.now()).is_ok(), "another address is not concerned");
    clock.advance(TimeDelta::seconds(6));
    limiter.may_try(ADDRESS, None, clock.now()).unwrap();
    limiter.failed(ADDRESS, None, clock.now());
    assert!(limiter.may_try(ADDRESS, None, clock.now()).is_err());
}

#[test]
fn a_thousand_tries_at_once_are_paid_for() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for _ in 0..1_000 {
        limiter.failed(ADDRESS, None, clock.now());
    }
    // As much again as fits in, and no more, or a moment's mistake would be remembered for days.
    assert_eq!(limiter.may_try(ADDRESS, None, clock.now()).unwrap_err().wait, Duration::from_secs(66));
}

#[test]
fn colleagues_behind_the_same_address_go_on_working() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    let (theirs, wrong) = (Digest::of(b"theirs"), Digest::of(b"wrong"));
    limiter.succeeded(theirs, clock.now());
    for _ in 0..20 {
        limiter.failed(ADDRESS, Some(&wrong), clock.now());
    }
    assert!(limiter.may_try(ADDRESS, Some(&wrong), clock.now()).is_err());
    assert!(limiter.may_try(ADDRESS, Some(&theirs), clock.now()).is_ok());
    // Once it was taken away it is a token like any other.
    limiter.failed(ADDRESS, Some(&theirs), clock.now());
    assert!(limiter.may_try(ADDRESS, Some(&theirs), clock.now()).is_err());
}

#[test]
fn neighbours_in_one_ipv6_network_are_slowed_together() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for last in 1..=10_u16 {
        limiter.failed(format!("2001:db8:1:2::{last:x}").parse().ok(), None, clock.now());
    }
    assert!(limiter.may_try("2001:db8:1:2:ffff::1".parse().ok(), None, clock.now()).is_err());
    assert!(limiter.may_try("2001:db8:1:3::1".parse().ok(), None, clock.now()).is_ok());
}

#[test]
fn no_table_grows_without_bound_and_the_worst_are_remembered() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for _ in 0..10 {
        limiter.failed(ADDRESS, None, clock.now());
    }
    for n in 0..100_000_u32 {
        limiter.failed(Some(IpAddr::from((0x0a00_0000 + n).to_be_bytes())), None, clock.now());
        limiter.succeeded(Digest::of(&n.to_be_bytes()), clock.now());
    }
    let tables = limiter.tables();
    assert!(tables.failures.empty_at.len() <= REMEMBERED && tables.good.empty_at.len() <= REMEMBERED);
    drop(tables);
    assert!(limiter.may_try(ADDRESS, None, clock.now()).is_err());
}

#[test]
fn a_clock_put_back_locks_nobody_out() {
    let (limiter, clock) = (Limiter::new(LIMITS), clock());
    for _ in 0..4 {
        limiter.take(gateshead(), clock.now()).unwrap();
    }
    clock.advance(TimeDelta::days(-400));
    assert!(limiter.take(gateshead(), clock.now()).unwrap_err().wait < Duration::from_secs(1));
    clock.advance(TimeDelta::seconds(1));
    assert!(limiter.take(gateshead(), clock.now()).is_ok());
}
