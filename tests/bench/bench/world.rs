//! A region as its users set one up: through the API, with a token for each.

use std::sync::Arc;

use csp_proto::v1::{
    self, committee_service_client::CommitteeServiceClient, identity_service_client::IdentityServiceClient,
    indicator_service_client::IndicatorServiceClient, partnership_service_client::PartnershipServiceClient,
    person_service_client::PersonServiceClient, region_service_client::RegionServiceClient,
};
use prost_types::Timestamp;
use serde_json::json;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
    transport::Channel,
};

use crate::{Outcome, grpc::connect, process::Listening};

/// Partnerships, each with an officer of its own.
pub(crate) const PARTNERSHIPS: usize = 64;
const REGION: &str = "regions/bench";
const COMMITTEE: &str = "regions/bench/committees/citizen-focus";
const INDICATORS: [&str; 2] = ["incidents", "offences"];
const QUARTER: &str = "2021-q3";
const REMARK: &str = "Counted by the month and checked with the police.";
const DAY: i64 = 86_400;

/// Every submission that can be made in a region: each partnership's return for each cycle, once.
#[derive(Debug, Clone)]
pub(crate) struct Plan(Arc<Setting>);

#[derive(Debug)]
struct Setting {
    officers: Vec<Officer>,
    cycles: Vec<String>,
}

#[derive(Debug)]
struct Officer {
    person: String,
    name: String,
    partnership: String,
    secret: String,
    bearer: MetadataValue<Ascii>,
}

/// Whoever sets the region up.
struct Founder {
    channel: Channel,
    bearer: MetadataValue<Ascii>,
    asked: usize,
}

impl Founder {
    fn ask<T>(&self, message: T) -> Request<T> {
        signed(&self.bearer, message)
    }

    /// Each create has a request id of its own, far from those of submissions.
    fn id(&mut self) -> String {
        self.asked += 1;
        request_id(1 << 40 | self.asked)
    }
}

fn signed<T>(bearer: &MetadataValue<Ascii>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", bearer.clone());
    request
}

fn bearer(secret: &str) -> Outcome<MetadataValue<Ascii>> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {secret}").parse()?;
    value.set_sensitive(true);
    Ok(value)
}

fn request_id(number: usize) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}

/// Sets up a region with so many open cycles that `submissions` returns can be sent in.
pub(crate) async fn set_up(server: &Listening, token: &str, submissions: usize) -> Outcome<Plan> {
    let mut founder = Founder { channel: connect(&server.address).await?, bearer: bearer(token)?, asked: 0 };
    let region = v1::Region { display_name: "Bench".to_owned(), ..Default::default() };
    let create = v1::CreateRegionRequest { region: Some(region), region_id: "bench".to_owned(), request_id: founder.id() };
    RegionServiceClient::new(founder.channel.clone()).create_region(founder.ask(create)).await?;

    let mut client = IndicatorServiceClient::new(founder.channel.clone());
    for indicator_id in INDICATORS.map(str::to_owned) {
        let indicator = v1::Indicator {
            display_name: indicator_id.clone(),
            unit: v1::Unit::Count.into(),
            polarity: v1::Polarity::LowerIsBetter.into(),
            source: "Police-recorded crime, invented for the benchmark".to_owned(),
            ..Default::default()
        };
        let create =
            v1::CreateIndicatorRequest { parent: REGION.to_owned(), indicator: Some(indicator), indicator_id, request_id: founder.id() };
        client.create_indicator(founder.ask(create)).await?;
    }
    let mut officers = Vec::with_capacity(PARTNERSHIPS);
    for number in 0..PARTNERSHIPS {
        officers.push(enter(&mut founder, number).await?);
    }
    let cycles = open_cycles(server, &mut founder, &officers, submissions.div_ceil(PARTNERSHIPS)).await?;
    Ok(Plan(Arc::new(Setting { officers, cycles })))
}

/// A partnership, and the officer who sends its returns in.
async fn enter(founder: &mut Founder, number: usize) -> Outcome<Officer> {
    let (partnership_id, person_id) = (format!("partnership-{number}"), format!("officer-{number}"));
    let (partnership, name) = (format!("{REGION}/partnerships/{partnership_id}"), format!("Officer {number}"));
    let entered =
        v1::Partnership { display_name: format!("Partnership {number}"), ons_code: format!("E22{number:06}"), ..Default::default() };
    let create =
        v1::CreatePartnershipRequest { parent: REGION.to_owned(), partnership: Some(entered), partnership_id, request_id: founder.id() };
    PartnershipServiceClient::new(founder.channel.clone()).create_partnership(founder.ask(create)).await?;

    let mut client = PersonServiceClient::new(founder.channel.clone());
    let entered = v1::Person { display_name: name.clone(), email: format!("{person_id}@example.org"), ..Default::default() };
    let create = v1::CreatePersonRequest { parent: REGION.to_owned(), person: Some(entered), person_id, request_id: founder.id() };
    let person = client.create_person(founder.ask(create)).await?.into_inner().name;
    let grant = v1::RoleGrant { role: v1::Role::Officer.into(), partnership: partnership.clone(), ..Default::default() };
    let create = v1::CreateRoleGrantRequest { parent: person.clone(), role_grant: Some(grant), request_id: founder.id() };
    client.create_role_grant(founder.ask(create)).await?;
    let token = v1::Token { label: "bench".to_owned(), ..Default::default() };
    let create = v1::CreateTokenRequest { parent: person.clone(), token: Some(token), request_id: founder.id() };
    let secret = client.create_token(founder.ask(create)).await?.into_inner().secret;
    Ok(Officer { person, name, partnership, bearer: bearer(&secret)?, secret })
}

/// A committee that every partnership reports to, with cycles that the schedule has opened.
async fn open_cycles(server: &Listening, founder: &mut Founder, officers: &[Officer], count: usize) -> Outcome<Vec<String>> {
    let mut client = CommitteeServiceClient::new(founder.channel.clone());
    let committee = v1::Committee {
        display_name: "Citizen Focus Committee".to_owned(),
        partnerships: officers.iter().map(|officer| officer.partnership.clone()).collect(),
        indicators: INDICATORS.iter().map(|indicator| format!("{REGION}/indicators/{indicator}")).collect(),
        ..Default::default()
    };
    let create = v1::CreateCommitteeRequest {
        parent: REGION.to_owned(),
        committee: Some(committee),
        committee_id: "citizen-focus".to_owned(),
        request_id: founder.id(),
    };
    client.create_committee(founder.ask(create)).await?;

    let now = server_time(founder).await?;
    let after = |days: i64| Some(Timestamp { seconds: now + days * DAY, nanos: 0 });
    let mut cycles = Vec::with_capacity(count);
    for number in 0..count {
        let cycle = v1::Cycle {
            period: QUARTER.to_owned(),
            open_time: after(-1),
            deadline_time: after(30),
            publication_time: after(40),
            meeting_time: after(50),
            ..Default::default()
        };
        let create = v1::CreateCycleRequest {
            parent: COMMITTEE.to_owned(),
            cycle: Some(cycle),
            cycle_id: format!("round-{number}"),
            request_id: founder.id(),
        };
        cycles.push(client.create_cycle(founder.ask(create)).await?.into_inner().name);
    }
    // The schedule opens them by itself; what it has to do for that is not to fall into a round.
    for name in &cycles {
        loop {
            let cycle = client.get_cycle(founder.ask(v1::GetCycleRequest { name: name.clone() })).await?.into_inner();
            if cycle.state() == v1::CycleState::Open {
                break;
            }
            // Each that it opens it tells its log of.
            server.says_more().await?;
        }
    }
    Ok(cycles)
}

/// By this, deadlines are judged.
async fn server_time(founder: &Founder) -> Outcome<i64> {
    let answer = IdentityServiceClient::new(founder.channel.clone()).who_am_i(founder.ask(v1::WhoAmIRequest {})).await?.into_inner();
    Ok(answer.server_time.ok_or("the server does not know the time")?.seconds)
}

impl Plan {
    fn officer(&self, number: usize) -> &Officer {
        &self.0.officers[number % PARTNERSHIPS]
    }

    fn cycle(&self, number: usize) -> &str {
        &self.0.cycles[number / PARTNERSHIPS]
    }

    /// A message under the token of whoever sends submission `number`.
    pub(crate) fn signed<T>(&self, number: usize, message: T) -> Request<T> {
        signed(&self.officer(number).bearer, message)
    }

    /// A return with two figures.
    pub(crate) fn submission(&self, number: usize) -> Request<v1::CreateReturnRequest> {
        let figures = INDICATORS.map(|indicator| v1::Figure {
            indicator: format!("{REGION}/indicators/{indicator}"),
            period: QUARTER.to_owned(),
            answer: Some(v1::figure::Answer::Value((1000 + number).to_string())),
            ..Default::default()
        });
        let answer = v1::Return {
            cycle: self.cycle(number).to_owned(),
            content: Some(v1::r#return::Content::Figures(v1::Figures { figures: figures.to_vec(), quoted_figures: Vec::new() })),
            remark: REMARK.to_owned(),
            ..Default::default()
        };
        let create = v1::CreateReturnRequest {
            parent: self.officer(number).partnership.clone(),
            answer: Some(answer),
            request_id: request_id(number),
            validate_only: false,
            on_behalf: String::new(),
            mail_receipt: false,
        };
        self.signed(number, create)
    }

    /// The same, for a rival.
    pub(crate) fn http(&self, number: usize) -> Outcome<String> {
        let officer = self.officer(number);
        let figures =
            INDICATORS.map(|indicator| json!({ "indicator": indicator, "period": QUARTER, "value": (1000 + number).to_string() }));
        let body = serde_json::to_string(&json!({
            "partnership": officer.partnership, "cycle": self.cycle(number), "figures": figures, "remark": REMARK, "request_id": request_id(number),
        }))?;
        Ok(format!(
            "POST /returns HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            officer.secret,
            body.len()
        ))
    }

    /// Asks for a return of the first cycle.
    pub(crate) fn question(&self, number: usize) -> Request<v1::GetReturnRequest> {
        let name = format!("{}/returns/citizen-focus.round-0", self.officer(number).partnership);
        self.signed(number, v1::GetReturnRequest { name })
    }

    /// What a rival has to know before it can judge submissions.
    pub(crate) fn told(&self) -> serde_json::Value {
        let officers: Vec<_> = self
            .0
            .officers
            .iter()
            .map(|o| json!({ "person": o.person, "name": o.name, "partnership": o.partnership, "token": o.secret }))
            .collect();
        json!({ "officers": officers, "indicators": INDICATORS, "cycles": self.0.cycles })
    }
}
