//! The service as people meet it: gRPC on one side, a mail server on the other, and a clock between.

use std::{sync::Arc, time::Duration};

use csp_api::Api;
use csp_domain::{
    Act, Scope,
    chance::{SeededChance, SharedChance},
    clock::SharedClock,
    id::RegionId,
    person::{NewPerson, Role, RoleGrant},
    token::{NewToken, Secret, TokenKind},
};
use csp_mail::{
    carrier::{Carrier, Smtp},
    sink::{Received, Script, Sink},
};
use csp_proto::v1;
use csp_scheduler::{Post, Scheduler};
use csp_store::Store;
use csp_tests::{Bed, line, slug};
use tonic::{Request, Status, transport::Channel};

/// The members of the committee, by address.
pub(crate) const MEMBERS: [&str; 3] = ["amara@example.org", "zoe@example.org", "rowan@example.org"];

/// A running service with one region set up, all of it over gRPC.
pub(crate) struct World {
    pub(crate) bed: Bed,
    pub(crate) sink: Sink,
    pub(crate) channel: Channel,
    pub(crate) scheduler: Scheduler,
    /// Runs the service.
    pub(crate) system: Who,
    /// Runs Northumbria.
    pub(crate) administrator: Who,
    pub(crate) editor: Who,
    pub(crate) approver: Who,
    /// The officers of Gateshead, Newcastle and Sunderland.
    pub(crate) officers: Vec<Who>,
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) person: String,
    pub(crate) token: String,
}

impl Who {
    /// A call of theirs.
    pub(crate) fn call<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token).parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", bearer);
        request
    }
}

pub(crate) const REGION: &str = "regions/northumbria";
pub(crate) const COMMITTEE: &str = "regions/northumbria/committees/citizen-focus";
pub(crate) const CYCLE: &str = "regions/northumbria/committees/citizen-focus/cycles/2021-q3";
pub(crate) const PARTNERSHIPS: [&str; 3] = ["gateshead", "newcastle", "sunderland"];

pub(crate) fn partnership(n: usize) -> String {
    format!("{REGION}/partnerships/{}", PARTNERSHIPS[n])
}

/// A gRPC channel to the services over `store`, without a port.
pub(crate) async fn channel(store: &Store, clock: SharedClock, chance: SharedChance) -> Channel {
    let routes = Api::new(store.clone(), clock, chance).routes();
    let (client, server) = tokio::io::duplex(1 << 20);
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(server));
    tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(incoming));
    let mut client = Some(client);
    let connector = tower::service_fn(move |_| {
        let client = client.take();
        async move { client.map(hyper_util::rt::TokioIo::new).ok_or_else(|| std::io::Error::other("connected once")) }
    });
    tonic::transport::Endpoint::from_static("http://service").connect_with_connector(connector).await.expect("the service answers")
}

/// Another scheduler over the same database, as a second server has one.
pub(crate) fn scheduler(store: &Store, clock: SharedClock, seed: u64, sink: &Sink) -> Scheduler {
    let post = Post {
        from_name: line("Northumbria community safety digest"),
        from: "digest@mail.example.org".parse().expect("an address"),
        reply_to: None,
        domain: "mail.example.org".to_owned(),
        connections: 2,
    };
    let carrier = Carrier::Smtp(Smtp::new(sink.settings()).expect("the sink's settings are settings"));
    Scheduler::new(store.clone(), clock, Arc::new(SeededChance::new(seed)), carrier, post)
}

impl World {
    /// A world on `bed`, at its clock's hour. The committee recurs from 2021-q3.
    pub(crate) async fn on(bed: Bed) -> Self {
        let clock: SharedClock = Arc::new(bed.clock.clone());
        let sink = Sink::start(Script::accepting()).await;
        let channel = channel(&bed.store, clock.clone(), bed.chance.clone()).await;
        let scheduler = scheduler(&bed.store, clock, 7, &sink);
        let system = first_administrator(&bed).await;
        let nobody = Who { person: String::new(), token: String::new() };
        let mut world = Self {
            bed,
            sink,
            channel,
            scheduler,
            system,
            administrator: nobody.clone(),
            editor: nobody.clone(),
            approver: nobody,
            officers: Vec::new(),
        };
        world.set_up().await.expect("a region can be set up over gRPC");
        world
    }

    async fn set_up(&mut self) -> Result<(), Status> {
        let region = v1::Region { display_name: "Northumbria".into(), ..Default::default() };
        let create = v1::CreateRegionRequest { region: Some(region), region_id: "northumbria".into(), request_id: String::new() };
        self.regions().create_region(self.system.call(create)).await?;
        let system = self.system.clone();
        self.administrator = self.person(&system, "administrator", v1::Role::Administrator, "").await?;
        let administrator = self.administrator.clone();
        for (slug, name, ons_code) in [
            ("gateshead", "Gateshead", "E22000244"),
            ("newcastle", "Newcastle upon Tyne", "E22000245"),
            ("sunderland", "Sunderland", "E22000248"),
        ] {
            let partnership = v1::Partnership { display_name: name.into(), ons_code: ons_code.into(), ..Default::default() };
            let create = v1::CreatePartnershipRequest {
                parent: REGION.into(),
                partnership: Some(partnership),
                partnership_id: slug.into(),
                request_id: String::new(),
            };
            self.partnerships().create_partnership(administrator.call(create)).await?;
            let officer = self
                .person(&administrator, &format!("officer-{slug}"), v1::Role::Officer, &format!("{REGION}/partnerships/{slug}"))
                .await?;
            self.officers.push(officer);
        }
        for (slug, name) in [("burglary", "Burglary"), ("vehicle-crime", "Vehicle crime")] {
            let indicator = v1::Indicator {
                display_name: name.into(),
                unit: v1::Unit::Count.into(),
                polarity: v1::Polarity::LowerIsBetter.into(),
                source: "Police-recorded crime".into(),
                ..Default::default()
            };
            let create = v1::CreateIndicatorRequest {
                parent: REGION.into(),
                indicator: Some(indicator),
                indicator_id: slug.into(),
                request_id: String::new(),
            };
            self.indicators().create_indicator(administrator.call(create)).await?;
        }
        let committee = v1::Committee {
            display_name: "Citizen Focus Committee".into(),
            partnerships: (0..3).map(partnership).collect(),
            indicators: vec![format!("{REGION}/indicators/burglary"), format!("{REGION}/indicators/vehicle-crime")],
            recurrence: Some(v1::Recurrence { first_quarter: "2021-q3".into(), ..Default::default() }),
            ..Default::default()
        };
        let create = v1::CreateCommitteeRequest {
            parent: REGION.into(),
            committee: Some(committee),
            committee_id: "citizen-focus".into(),
            request_id: String::new(),
        };
        self.committees().create_committee(administrator.call(create)).await?;
        self.editor = self.person(&administrator, "editor", v1::Role::Editor, COMMITTEE).await?;
        self.approver = self.person(&administrator, "approver", v1::Role::Approver, COMMITTEE).await?;
        let import = v1::ImportMembersRequest {
            parent: COMMITTEE.into(),
            csv: "name,email\nCouncillor Amara Example,amara@example.org\n\"Councillor Zoë Ünseen, MBE\",zoe@example.org\nRowan O'Thistle,rowan@example.org\n".into(),
            validate_only: false,
            request_id: String::new(),
        };
        let imported = self.committees().import_members(administrator.call(import)).await?.into_inner();
        assert_eq!(imported.members.len(), MEMBERS.len());
        Ok(())
    }

    /// Enters a person with a role and gives them a token.
    pub(crate) async fn person(&self, by: &Who, slug: &str, role: v1::Role, of: &str) -> Result<Who, Status> {
        let person = v1::Person { display_name: slug.replace('-', " "), email: format!("{slug}@example.org"), ..Default::default() };
        let create =
            v1::CreatePersonRequest { parent: REGION.into(), person: Some(person), person_id: slug.into(), request_id: String::new() };
        let person = self.persons().create_person(by.call(create)).await?.into_inner().name;
        let (committee, partnership) = match role {
            v1::Role::Editor | v1::Role::Approver => (of.to_owned(), String::new()),
            v1::Role::Officer | v1::Role::Lead => (String::new(), of.to_owned()),
            _ => (String::new(), String::new()),
        };
        let role_grant = v1::RoleGrant { role: role.into(), committee, partnership, ..Default::default() };
        let grant = v1::CreateRoleGrantRequest { parent: person.clone(), role_grant: Some(role_grant), request_id: String::new() };
        self.persons().create_role_grant(by.call(grant)).await?;
        self.token(by, &person).await
    }

    /// Gives a person another token, for 400 days.
    pub(crate) async fn token(&self, by: &Who, person: &str) -> Result<Who, Status> {
        use csp_domain::clock::Clock as _;
        let end = self.bed.clock.now() + chrono::TimeDelta::days(400);
        let token = v1::Token {
            label: "laptop".into(),
            expire_time: Some(prost_types::Timestamp { seconds: end.timestamp(), nanos: 0 }),
            ..Default::default()
        };
        let create = v1::CreateTokenRequest { parent: person.to_owned(), token: Some(token), request_id: String::new() };
        let made = self.persons().create_token(by.call(create)).await?.into_inner();
        Ok(Who { person: person.to_owned(), token: made.secret })
    }

    /// Reads the newest version and approves exactly what was read.
    pub(crate) async fn approve(&self, cycle: &str) -> Result<v1::Digest, Status> {
        let get = v1::GetDigestRequest { name: format!("{cycle}/digests/-") };
        let digest = self.digests().get_digest(self.approver.call(get)).await?.into_inner();
        let approve = v1::ApproveDigestRequest { name: digest.name, hashes: digest.hashes };
        Ok(self.digests().approve_digest(self.approver.call(approve)).await?.into_inner())
    }

    /// The papers that were mailed: what belongs to a list. The rest are reminders and notices.
    pub(crate) fn papers(&self) -> Vec<Received> {
        let is_of_a_list = |mail: &Received| {
            let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("mail reads as mail");
            parsed.header("List-Id").is_some()
        };
        self.sink.messages().into_iter().filter(is_of_a_list).collect()
    }

    /// Moves the clock, lets the schedule look at the table, and carries what is due.
    pub(crate) async fn at(&self, moment: &str) -> csp_scheduler::Tick {
        self.bed.clock.set(csp_tests::at(moment));
        let tick = self.scheduler.tick().await.expect("the store answers");
        assert_eq!(tick.failed, 0, "nothing that is due fails");
        self.scheduler.deliver().await.expect("the store answers");
        tick
    }
}

macro_rules! clients {
    ($($name:ident $client:path;)*) => {
        impl World {
            $(pub(crate) fn $name(&self) -> $client {
                <$client>::new(self.channel.clone()).max_decoding_message_size(32 << 20)
            })*
        }
    };
}
clients! {
    regions v1::region_service_client::RegionServiceClient<Channel>;
    partnerships v1::partnership_service_client::PartnershipServiceClient<Channel>;
    persons v1::person_service_client::PersonServiceClient<Channel>;
    identity v1::identity_service_client::IdentityServiceClient<Channel>;
    committees v1::committee_service_client::CommitteeServiceClient<Channel>;
    calendars v1::calendar_service_client::CalendarServiceClient<Channel>;
    indicators v1::indicator_service_client::IndicatorServiceClient<Channel>;
    news v1::news_service_client::NewsServiceClient<Channel>;
    returns v1::return_service_client::ReturnServiceClient<Channel>;
    checks v1::check_service_client::CheckServiceClient<Channel>;
    joint v1::joint_service_client::JointServiceClient<Channel>;
    wordings v1::wording_service_client::WordingServiceClient<Channel>;
    digests v1::digest_service_client::DigestServiceClient<Channel>;
    schedule v1::schedule_service_client::ScheduleServiceClient<Channel>;
    diary v1::diary_service_client::DiaryServiceClient<Channel>;
    messages v1::message_service_client::MessageServiceClient<Channel>;
    audit v1::audit_service_client::AuditServiceClient<Channel>;
}

/// What `cspd init` does.
async fn first_administrator(bed: &Bed) -> Who {
    let scope = Scope::Region(RegionId::SYSTEM);
    let act = Act::by_system(bed.now());
    let new =
        NewPerson { id: bed.id(), slug: slug("keeper"), name: line("Keeper"), email: "keeper@example.org".parse().expect("an address") };
    let person = bed.store.create_person(scope, &act, new).await.expect("a person can be entered");
    let grant = RoleGrant {
        id: bed.id(),
        person: person.id,
        role: Role::SystemAdministrator,
        deputy: false,
        starts_on: bed.today(),
        ends_on: None,
    };
    bed.store.create_role_grant(scope, &act, grant).await.expect("a role can be granted");
    let secret = Secret::generate(TokenKind::Person, bed.chance.as_ref());
    let expires_at = bed.now() + chrono::TimeDelta::days(1000);
    let new = NewToken::whole(bed.id(), &secret, person.id, line("first"), expires_at);
    bed.store.create_token(scope, &act, new).await.expect("a token can be made");
    Who { person: "regions/system/persons/keeper".into(), token: secret.reveal() }
}

/// Long enough for a loaded machine, short enough to see that something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A return with this quarter's two figures.
pub(crate) fn two_figures(n: usize, cycle: &str, period: &str, burglary: &str, vehicle: &str) -> v1::CreateReturnRequest {
    let figure = |indicator: &str, value: &str| v1::Figure {
        indicator: format!("{REGION}/indicators/{indicator}"),
        period: period.into(),
        answer: Some(v1::figure::Answer::Value(value.into())),
        ..Default::default()
    };
    let figures = vec![figure("burglary", burglary), figure("vehicle-crime", vehicle)];
    let content = v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures: Vec::new() });
    let answer = v1::Return { cycle: cycle.into(), content: Some(content), ..Default::default() };
    v1::CreateReturnRequest {
        parent: partnership(n),
        answer: Some(answer),
        request_id: String::new(),
        validate_only: false,
        on_behalf: String::new(),
        mail_receipt: false,
    }
}
