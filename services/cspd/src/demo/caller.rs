//! Somebody with a token who calls the server, as any client would.

use csp_domain::{
    Clock as _,
    chance::{Chance as _, SystemChance},
    clock::SystemClock,
};
use csp_proto::v1::{
    calendar_service_client::CalendarServiceClient, check_service_client::CheckServiceClient,
    committee_service_client::CommitteeServiceClient, digest_service_client::DigestServiceClient,
    identity_service_client::IdentityServiceClient, indicator_service_client::IndicatorServiceClient,
    joint_service_client::JointServiceClient, message_service_client::MessageServiceClient, news_service_client::NewsServiceClient,
    partnership_service_client::PartnershipServiceClient, person_service_client::PersonServiceClient,
    region_service_client::RegionServiceClient, return_service_client::ReturnServiceClient, wording_service_client::WordingServiceClient,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use tonic_types::StatusExt as _;

use crate::Failure;

/// Somebody with a token.
#[derive(Clone)]
pub(super) struct Caller {
    channel: Channel,
    bearer: Bearer,
    /// What `csp` would be given with `--token-file`.
    pub(super) secret: String,
}

#[derive(Clone)]
pub(super) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

macro_rules! services {
    ($($name:ident: $client:ident;)*) => {
        impl Caller {
            $(pub(super) fn $name(&self) -> $client<InterceptedService<Channel, Bearer>> {
                $client::with_interceptor(self.channel.clone(), self.bearer.clone())
            })*
        }
    };
}
services! {
    calendars: CalendarServiceClient;
    checks: CheckServiceClient;
    committees: CommitteeServiceClient;
    digests: DigestServiceClient;
    identity: IdentityServiceClient;
    indicators: IndicatorServiceClient;
    joint: JointServiceClient;
    messages: MessageServiceClient;
    news: NewsServiceClient;
    partnerships: PartnershipServiceClient;
    persons: PersonServiceClient;
    regions: RegionServiceClient;
    returns: ReturnServiceClient;
    wordings: WordingServiceClient;
}

impl Caller {
    pub(super) fn new(channel: &Channel, secret: String) -> Result<Self, Failure> {
        let mut bearer: MetadataValue<Ascii> =
            format!("Bearer {secret}").parse().map_err(|error| Failure::new("the token is no header").because(&error))?;
        bearer.set_sensitive(true);
        Ok(Self { channel: channel.clone(), bearer: Bearer(bearer), secret })
    }
}

/// A new identifier for a request that may be repeated.
pub(super) fn request_id() -> String {
    SystemChance.id(SystemClock.now()).to_string()
}

/// A refusal, taken apart for people.
pub(super) struct Refusal {
    pub(super) sentence: String,
    /// Each fault: where, and what.
    pub(super) faults: Vec<(String, String)>,
    /// The reason for machines, and a moment that goes with it.
    pub(super) reason: String,
    pub(super) moment: Option<csp_domain::Instant>,
}

impl From<&Status> for Refusal {
    fn from(status: &Status) -> Self {
        let faults = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        let info = status.get_details_error_info();
        let moment = info.as_ref().and_then(|info| info.metadata.get("deadline_time")).and_then(|at| at.parse().ok());
        Self {
            sentence: status.message().to_owned(),
            faults: faults.into_iter().map(|fault| (fault.field, fault.description)).collect(),
            reason: info.map(|info| info.reason).unwrap_or_default(),
            moment,
        }
    }
}

impl From<Status> for Failure {
    /// What the story does not foresee ends the demonstration.
    fn from(status: Status) -> Self {
        let refusal = Refusal::from(&status);
        let faults: Vec<String> = refusal.faults.into_iter().map(|(place, fault)| format!("  {place} {fault}")).collect();
        let failure = Self::new(format!("the demonstration broke off: the server said: {}", refusal.sentence));
        faults.into_iter().fold(failure, Self::hint)
    }
}
