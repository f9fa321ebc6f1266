//! Clients of the contract, each on a connection of its own, as officers in different town halls are.

use csp_proto::v1::{WhoAmIRequest, identity_service_client::IdentityServiceClient, return_service_client::ReturnServiceClient};
use tonic::transport::{Channel, Endpoint};

use crate::{Outcome, load::Lane, world::Plan};

pub(crate) async fn connect(address: &str) -> Outcome<Channel> {
    Ok(Endpoint::try_from(format!("http://{address}"))?.tcp_nodelay(true).connect().await?)
}

/// Sends in the returns of a plan.
#[derive(Debug)]
pub(crate) struct Submitter {
    pub(crate) client: ReturnServiceClient<Channel>,
    pub(crate) plan: Plan,
}

impl Lane for Submitter {
    async fn call(&mut self, number: usize) -> Outcome<()> {
        let answer = self.client.create_return(self.plan.submission(number)).await?.into_inner();
        if answer.revision == 1 { Ok(()) } else { Err("a submission was answered with an older one".into()) }
    }
}

/// Asks for the first returns of a plan, again and again.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) client: ReturnServiceClient<Channel>,
    pub(crate) plan: Plan,
}

impl Lane for Reader {
    async fn call(&mut self, number: usize) -> Outcome<()> {
        let answer = self.client.get_return(self.plan.question(number)).await?.into_inner();
        if answer.content.is_some() { Ok(()) } else { Err("a return without its figures".into()) }
    }
}

/// Asks who it is.
#[derive(Debug)]
pub(crate) struct Oneself {
    pub(crate) client: IdentityServiceClient<Channel>,
    pub(crate) plan: Plan,
}

impl Lane for Oneself {
    async fn call(&mut self, number: usize) -> Outcome<()> {
        let answer = self.client.who_am_i(self.plan.signed(number, WhoAmIRequest {})).await?.into_inner();
        if answer.person.is_some() { Ok(()) } else { Err("nobody".into()) }
    }
}

macro_rules! lanes {
    ($($lane:ident, $client:ident;)*) => {
        $(impl $lane {
            /// `count` of them, connected.
            pub(crate) async fn connect(address: &str, plan: &Plan, count: usize) -> Outcome<Vec<Option<Self>>> {
                let mut lanes = Vec::with_capacity(count);
                for _ in 0..count {
                    lanes.push(Some(Self { client: $client::new(connect(address).await?), plan: plan.clone() }));
                }
                Ok(lanes)
            }
        })*
    };
}
lanes! {
    Submitter, ReturnServiceClient;
    Reader, ReturnServiceClient;
    Oneself, IdentityServiceClient;
}
