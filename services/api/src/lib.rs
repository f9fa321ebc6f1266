//! The gRPC services: authenticate, convert, authorise, call, map errors.
//!
//! Every request passes `gate`: who calls, and whether there is room (`limit`), before a byte of it is read. Then every
//! handler reads the same way: who calls ([`auth`]), what they mean (`convert`: wire types end
//! there), whether they may ([`authorise`], one table), the store's answer, and back. [`status`] is the
//! only module that makes a `tonic::Status`.
//!
//! Where to start: `news.rs` shows every step once.

mod audit;
mod auth;
pub mod authorise;
mod calendar;
mod check;
mod committee;
mod context_note;
mod convert;
mod cycle;
mod diary;
mod digest;
mod gate;
mod held;
mod history;
mod identity;
mod indicator;
mod joint;
mod lifted;
mod limit;
mod member;
mod message;
mod meter;
mod names;
mod news;
#[cfg(feature = "outside")]
pub mod outside;
mod partnership;
mod person;
mod population;
mod region;
mod returns;
mod schedule;
mod signoff;
mod status;
mod target;
mod trace;
mod unreadable;
mod warnings;
mod wording;

use csp_domain::{chance::SharedChance, clock::SharedClock};
use csp_proto::v1;
use csp_store::Store;

pub use crate::{
    held::Held,
    limit::{Limits, household},
};

/// Only returns, sent in or checked, may be as large as the settings allow: 2,000 figures may each have a reason and a note, and are bounded while they
/// are read. The largest that anybody needs elsewhere has half of this: a file of members, or a committee of as many partnerships
/// and indicators as it may have. Empty entries take up to 24 times as much in memory.
const MAX_REQUEST_BYTES: usize = 512 * 1024;

/// All services of `csp.v1` over one store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    store: Store,
    clock: SharedClock,
    chance: SharedChance,
    limits: Limits,
    limiter: limit::Limiter,
    meter: meter::Meter,
    /// The web address under which the world finds this service; none: nobody said.
    web_address: Option<String>,
}

impl Api {
    /// The services, over `store`; only sizes are limited.
    pub fn new(store: Store, clock: SharedClock, chance: SharedChance) -> Self {
        let limiter = limit::Limiter::new(Limits::OF_SIZE);
        Self { store, clock, chance, limits: Limits::OF_SIZE, limiter, meter: meter::Meter::new(), web_address: None }
    }

    /// The same, known to the world by this web address, which has no slash at its end.
    #[must_use]
    pub fn at(self, web_address: Option<String>) -> Self {
        Self { web_address, ..self }
    }

    /// Hands the numbers about requests to a registry.
    pub fn register(&self, registry: &mut prometheus_client::registry::Registry) {
        self.meter.register(registry);
    }

    /// The same within `limits`.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, limiter: limit::Limiter::new(limits), ..self }
    }

    /// The full names of all services, in the order of the contract: `csp.v1.RegionService` …
    pub fn services() -> Vec<&'static str> {
        let mut names: Vec<&str> =
            authorise::Call::ALL.iter().filter_map(|call| call.path().split_once('/')).map(|(service, _)| service).collect();
        names.dedup();
        names
    }

    /// The services as routes, with the gate before them and a span around each request.
    pub fn routes(&self) -> tonic::service::Routes {
        let Limits { request_bytes, answer_bytes, .. } = self.limits;
        macro_rules! service {
            ($server:path) => {
                service!($server, MAX_REQUEST_BYTES.min(request_bytes))
            };
            ($server:path, $most:expr) => {{
                use $server as Server;
                Server::new(self.clone()).max_decoding_message_size($most).max_encoding_message_size(answer_bytes)
            }};
        }
        let routes = tonic::service::Routes::new(service!(v1::region_service_server::RegionServiceServer))
            .add_service(service!(v1::partnership_service_server::PartnershipServiceServer))
            .add_service(service!(v1::person_service_server::PersonServiceServer))
            .add_service(service!(v1::identity_service_server::IdentityServiceServer))
            .add_service(service!(v1::committee_service_server::CommitteeServiceServer))
            .add_service(service!(v1::calendar_service_server::CalendarServiceServer))
            .add_service(service!(v1::indicator_service_server::IndicatorServiceServer))
            .add_service(service!(v1::history_service_server::HistoryServiceServer))
            .add_service(service!(v1::news_service_server::NewsServiceServer))
            .add_service(service!(v1::return_service_server::ReturnServiceServer, request_bytes))
            .add_service(service!(v1::check_service_server::CheckServiceServer, request_bytes))
            .add_service(service!(v1::wording_service_server::WordingServiceServer))
            .add_service(service!(v1::joint_service_server::JointServiceServer))
            .add_service(service!(v1::digest_service_server::DigestServiceServer))
            .add_service(service!(v1::schedule_service_server::ScheduleServiceServer))
            .add_service(service!(v1::diary_service_server::DiaryServiceServer))
            .add_service(service!(v1::message_service_server::MessageServiceServer))
            .add_service(service!(v1::audit_service_server::AuditServiceServer));
        let routes = unreadable::around(routes);
        trace::around(gate::before(routes, self.clone()), self.clock.clone(), self.chance.clone(), self.meter.clone())
    }
}
