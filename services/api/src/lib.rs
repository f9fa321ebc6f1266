//! The gRPC services: authenticate, convert, authorise, call, map errors.
//!
//! Every handler reads the same way: who calls ([`auth`]), what they mean (`convert`: wire types end
//! there), whether they may ([`authorise`], one table), the store's answer, and back. [`status`] is the
//! only module that makes a `tonic::Status`.
//!
//! Where to start: `news.rs` shows every step once.

mod audit;
mod auth;
pub mod authorise;
mod committee;
mod convert;
mod cycle;
mod digest;
mod identity;
mod indicator;
mod member;
mod message;
mod names;
mod news;
#[cfg(feature = "outside")]
pub mod outside;
mod partnership;
mod person;
mod region;
mod returns;
mod status;
mod trace;
mod unreadable;

use csp_domain::{chance::SharedChance, clock::SharedClock};
use csp_proto::v1;
use csp_store::Store;

/// Requests larger than this are refused before they are read. The largest that anybody needs has half of it: a file of members, or
/// a committee of as many partnerships and indicators as it may have. Empty entries take up to 24 times as much in memory.
const MAX_REQUEST_BYTES: usize = 512 * 1024;
/// Returns alone may be larger: 2,000 figures may each have a reason and a note. Their figures are bounded while they are read.
const MAX_RETURN_BYTES: usize = 4 * 1024 * 1024;
/// Answers larger than this are not sent: a digest of 300 partnerships has a tenth.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// All services of `csp.v1` over one store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    store: Store,
    clock: SharedClock,
    chance: SharedChance,
}

impl Api {
    /// The services, over `store`.
    pub fn new(store: Store, clock: SharedClock, chance: SharedChance) -> Self {
        Self { store, clock, chance }
    }

    /// The services as routes, with a span around each request.
    pub fn routes(&self) -> tonic::service::Routes {
        macro_rules! service {
            ($server:path) => {
                service!($server, MAX_REQUEST_BYTES)
            };
            ($server:path, $most:expr) => {{
                use $server as Server;
                Server::new(self.clone()).max_decoding_message_size($most).max_encoding_message_size(MAX_ANSWER_BYTES)
            }};
        }
        let routes = tonic::service::Routes::new(service!(v1::region_service_server::RegionServiceServer))
            .add_service(service!(v1::partnership_service_server::PartnershipServiceServer))
            .add_service(service!(v1::person_service_server::PersonServiceServer))
            .add_service(service!(v1::identity_service_server::IdentityServiceServer))
            .add_service(service!(v1::committee_service_server::CommitteeServiceServer))
            .add_service(service!(v1::indicator_service_server::IndicatorServiceServer))
            .add_service(service!(v1::news_service_server::NewsServiceServer))
            .add_service(service!(v1::return_service_server::ReturnServiceServer, MAX_RETURN_BYTES))
            .add_service(service!(v1::digest_service_server::DigestServiceServer))
            .add_service(service!(v1::message_service_server::MessageServiceServer))
            .add_service(service!(v1::audit_service_server::AuditServiceServer));
        let routes = unreadable::around(routes);
        trace::around(routes, self.clock.clone(), self.chance.clone())
    }
}
