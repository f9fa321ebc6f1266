//! Many at once: two servers, impatient callers, and a bell that rings for all of them.

use chrono::TimeDelta;
use csp_domain::{
    Act,
    act::Actor,
    cycle::{CycleState, NewCycle},
    digest::DigestState,
    returns::ReturnState,
};
use csp_store::{CommitteeChange, Job, NewsChange, Page, Refusal, StoreError};
use csp_tests::{Bed, County, line, number};

use crate::verdict::{Verdict as _, at_once};

/// Of those who changed the same thing at once, one did and the others were told.
#[track_caller]
fn one_wins<T: std::fmt::Debug>(what: &str, ended: Vec<Result<T, StoreError>>) {
    let won = ended.iter().filter(|one| one.is_ok()).count();
    assert_eq!(won, 1, "{what}: {ended:?}");
    for one in ended {
        assert!(matches!(one, Ok(_) | Err(StoreError::Changed(_))), "{what}: {one:?}");
    }
}

pub(crate) async fn of_those_who_change_a_thing_at_once_one_does(bed: &Bed) {
    let county = bed.county("north").await;
    let (scope, own, act) = (county.scope(), county.scope_of(0), bed.by(&county.administrator));
    let officer = county.officers[0].clone();
    let sent = bed.submit(&county, 0, 1).await;
    let item = bed.tell(&county, 0, "News").await;
    let member = bed.member(scope, &county.committee, &officer).await;
    let other = bed.server(1).await;
    macro_rules! one_of_eight {
        ($what:literal, |$store:ident, $n:ident| $call:expr) => {{
            let mut calls = Vec::new();
            for $n in 0..8_u32 {
                let $store = if $n % 2 == 0 { bed.store.clone() } else { other.clone() };
                let (act, county, sent) = (act.clone(), county.clone(), sent.clone());
                let (officer, item) = (officer.id, item.id);
                // Not every call needs all of them.
                let _ = (&act, &county, &sent, officer, item);
                let (own_return, renamed) = (bed.new_return(&county, 0, vec![county.burglary($n)]), Some(line(&format!("Name {}", $n))));
                let _ = (&own_return, &renamed);
                calls.push({
                    let (act, county, renamed) = (act, county, renamed);
                    let own_return = own_return;
                    async move {
                        let (act, county) = (&act, &county);
                        let _ = (act, county, &renamed, &own_return);
                        bed_call!($store, act, county, renamed, own_return, officer, item, $call)
                    }
                });
            }
            one_wins($what, at_once(calls).await);
        }};
    }
    let _ = (own, &other, member);
    todo!()
}
