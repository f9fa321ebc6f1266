//! Callers who walk away in the middle: their deadline is over, or they are simply gone. The real server, real sockets.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use csp_proto::v1::{
    self, committee_service_client::CommitteeServiceClient, indicator_service_client::IndicatorServiceClient,
    partnership_service_client::PartnershipServiceClient, person_service_client::PersonServiceClient,
};
use csp_store::Engine;
use csp_tests::{Bed, Raw};
use tokio::{task::JoinSet, time::timeout};
use tonic::{Code, Status, transport::Channel};
use uuid::Uuid;

use crate::house::{House, PATIENCE, keeper, with_token};

const REGION: &str = "regions/northumbria";
/// At once, over so many connections.
const AT_ONCE: usize = 40;
const CONNECTIONS: usize = 5;
/// What four calls in turn make: the table, its key, and the word for it on record.
const MADE: [(&str, &str); 4] =
    [("persons", "person_id"), ("indicators", "indicator_id"), ("partnerships", "partnership_id"), ("committees", "committee_id")];

/// One create, the same whenever it is made.
#[derive(Clone)]
struct Create {
    number: usize,
    request: Uuid,
    token: String,
}

/// How long a caller waits.
#[derive(Clone, Copy)]
enum Wait {
    /// For the answer.
    Out,
    /// As long as the request says, which the server hears.
    Deadline(Duration),
    /// So long; then they are gone without a word.
    Gone(Duration),
}

/// What became of a call.
enum End {
    Answered(String),
    WalkedAway,
    Fault(Status),
}

impl Create {
    /// Makes the call; what was made.
    async fn call(self, channel: Channel, deadline: Option<Duration>) -> Result<String, Status> {
        let Self { number, request, token } = self;
        let (slug, name, parent, request_id) =
            (format!("walk-{number}"), format!("Number {number}"), REGION.to_owned(), request.to_string());
        macro_rules! make {
            ($client:ident.$method:ident($question:expr)) => {{
                let mut request = with_token(&token, $question);
                if let Some(deadline) = deadline {
                    request.set_timeout(deadline);
                }
                Ok($client::new(channel).$method(request).await?.into_inner().name)
            }};
        }
        match number % MADE.len() {
            0 => {
                let person = v1::Person { display_name: name, email: format!("{slug}@example.org"), ..Default::default() };
                make!(PersonServiceClient.create_person(v1::CreatePersonRequest {
                    parent,
                    person: Some(person),
                    person_id: slug,
                    request_id
                }))
            }
            1 => {
                let (unit, polarity) = (v1::Unit::Count.into(), v1::Polarity::LowerIsBetter.into());
                let indicator = v1::Indicator { display_name: name, unit, polarity, source: "Returns".into(), ..Default::default() };
                make!(IndicatorServiceClient.create_indicator(v1::CreateIndicatorRequest {
                    parent,
                    indicator: Some(indicator),
                    indicator_id: slug,
                    request_id
                }))
            }
            2 => {
                let partnership = v1::Partnership { display_name: name, ons_code: format!("E22{number:06}"), ..Default::default() };
                make!(PartnershipServiceClient.create_partnership(v1::CreatePartnershipRequest {
                    parent,
                    partnership: Some(partnership),
                    partnership_id: slug,
                    request_id
                }))
            }
            // The only one of several rows besides its record and its name.
            _ => {
                let partnerships = ["gateshead", "newcastle", "sunderland"].map(|of| format!("{REGION}/partnerships/{of}")).to_vec();
                let committee = v1::Committee { display_name: name, partnerships, ..Default::default() };
                make!(CommitteeServiceClient.create_committee(v1::CreateCommitteeRequest {
                    parent,
                    committee: Some(committee),
                    committee_id: slug,
                    request_id
                }))
            }
        }
    }

    async fn make(self, channel: Channel, wait: Wait) -> End {
        let answer = match wait {
            Wait::Out => timeout(PATIENCE, self.call(channel, None)).await.expect("there is an answer"),
            Wait::Deadline(time) => self.call(channel, Some(time)).await,
            Wait::Gone(time) => match timeout(time, self.call(channel, None)).await {
                Ok(answer) => answer,
                Err(_) => return End::WalkedAway,
            },
        };
        match answer {
            Ok(name) => End::Answered(name),
            Err(status) if matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled) => End::WalkedAway,
            Err(status) => End::Fault(status),
        }
    }
}

/// Makes all calls, so many at once; what became of each.
async fn make_all(house: &House, calls: Vec<(Create, Wait)>) -> BTreeMap<usize, End> {
    let mut ends = BTreeMap::new();
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        channels.push(house.channel().await);
    }
    let mut under_way = JoinSet::new();
    for (create, wait) in calls {
        if under_way.len() == AT_ONCE {
            let (number, end) = under_way.join_next().await.unwrap().unwrap();
            ends.insert(number, end);
        }
        let (number, channel) = (create.number, channels[create.number % CONNECTIONS].clone());
        under_way.spawn(async move { (number, create.make(channel, wait).await) });
    }
    while let Some(ended) = under_way.join_next().await {
        let (number, end) = ended.unwrap();
        ends.insert(number, end);
    }
    ends
}

/// Whatever was made is there as a whole. Answers how many were.
async fn count_whole(raw: &Raw) -> i64 {
    let mut whole = 0;
    for (table, key) in MADE {
        let ours = format!("FROM {table} WHERE slug LIKE 'walk-%'");
        whole += raw.number(&format!("SELECT COUNT(*) {ours}")).await;
        for (what, query) in [
            ("its name", format!("SELECT COUNT(*) {ours} AND {key} NOT IN (SELECT resource_id FROM requests)")),
            ("its record", format!("SELECT COUNT(*) {ours} AND {key} NOT IN (SELECT subject_id FROM audit WHERE action = 'create')")),
        ] {
            assert_eq!(raw.number(&query).await, 0, "{table} without {what}");
        }
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM requests").await, whole, "every name has what it made");
    for (table, column, which) in [("requests", "resource_id", "1 = 1"), ("audit", "subject_id", "action = 'create'")] {
        let twice =
            format!("SELECT COUNT(*) FROM (SELECT {column} FROM {table} WHERE {which} GROUP BY {column} HAVING COUNT(*) > 1) AS twice");
        assert_eq!(raw.number(&twice).await, 0, "{table}: twice");
    }
    let seats =
        "SELECT COUNT(*) FROM committee_partnerships WHERE committee_id IN (SELECT committee_id FROM committees WHERE slug LIKE 'walk-%')";
    let committees = "SELECT COUNT(*) FROM committees WHERE slug LIKE 'walk-%'";
    assert_eq!(raw.number(seats).await, 3 * raw.number(committees).await, "a committee has all its partnerships");
    whole
}

/// Waits until nothing is under way in the database. On PostgreSQL no connection may be left in a transaction: one that
/// nobody ends would be ended by the engine after fifteen seconds, which is too late to pass here.
async fn all_quiet(bed: &Bed, raw: &Raw) {
    if bed.engine() == Engine::Postgres {
        let busy =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cspd' AND state <> 'idle'";
        timeout(Duration::from_secs(10), async { while raw.number(busy).await > 0 {} }).await.expect("no transaction is left open");
    }
}

pub(crate) async fn thousands_of_callers_who_walk_away_leave_nothing_half_done(bed: Bed) {
    let long = std::env::var_os("CSP_TEST_LONG").is_some_and(|value| value == "1");
    let calls: usize = if long { 20_000 } else { 2_000 };
    let token = keeper(&bed).await;
    let region = bed.region("northumbria").await;
    for place in ["gateshead", "newcastle", "sunderland"] {
        bed.partnership(csp_domain::Scope::Region(region.id), place).await;
    }
    let raw = bed.raw();
    let house = House::open(&bed, |_| ()).await;
    let creates: Vec<Create> = (0..calls).map(|number| Create { number, request: bed.id(), token: token.clone() }).collect();

    // How long a call takes here and today, so that callers walk away before, during and after.
    // The first few find nothing prepared, and say nothing about the others.
    let few = 2 * AT_ONCE;
    let patiently = |creates: &[Create]| creates.iter().map(|create| (create.clone(), Wait::Out)).collect();
    let mut first = make_all(&house, patiently(&creates[..AT_ONCE])).await;
    let began = Instant::now();
    first.extend(make_all(&house, patiently(&creates[AT_ONCE..few])).await);
    let usual = began.elapsed();
    assert!(first.values().all(|end| matches!(end, End::Answered(_))));

    let drawn = |longest: Duration| {
        let mut drawn = [0; 2];
        bed.chance.fill(&mut drawn);
        longest.mul_f64(f64::from(u16::from_be_bytes(drawn)) / f64::from(u16::MAX))
    };
    let hasty = creates[few..].iter().map(|create| {
        let time = drawn(if create.number % 8 < 4 { Duration::from_millis(5) } else { usual * 2 });
        (create.clone(), if create.number % 16 < 8 { Wait::Deadline(time) } else { Wait::Gone(time) })
    });
    let mut ends = make_all(&house, hasty.collect()).await;
    ends.extend(first);
    all_quiet(&bed, &raw).await;
    // Whoever comes now waits behind everything that was begun; SQLite has one queue.
    bed.store.list_regions(csp_store::Page::all()).await.expect("the store answers");
    let quiet = Create { number: calls * 4, request: bed.id(), token: token.clone() };
    assert!(matches!(quiet.make(house.channel().await, Wait::Out).await, End::Answered(_)));
    all_quiet(&bed, &raw).await;

    let applied = count_whole(&raw).await - 1;
    let faults: Vec<&Status> = ends.values().filter_map(|end| if let End::Fault(status) = end { Some(status) } else { None }).collect();
    let answered = ends.values().filter(|end| matches!(end, End::Answered(_))).count();
    let walked = ends.values().filter(|end| matches!(end, End::WalkedAway)).count();
    println!(
        "{:?}: {calls} tried, {answered} answered, {walked} walked away, {applied} applied, {} faults; a call took {usual:?}",
        bed.engine(),
        faults.len()
    );
    assert!(faults.is_empty(), "{faults:?}");
    assert!(walked >= calls / 10, "some did walk away");
    let applied = usize::try_from(applied).unwrap();
    assert!(applied >= answered && answered >= few, "what was answered was done");

    // Each once more under its own name: what was done is answered, what was not is done now.
    let again = make_all(&house, patiently(&creates)).await;
    for (number, end) in &again {
        let name = match end {
            End::Answered(name) => name,
            End::WalkedAway => panic!("call {number} was not answered"),
            End::Fault(status) => panic!("call {number}: {status}"),
        };
        assert!(name.ends_with(&format!("/walk-{number}")), "{name}");
        if let Some(End::Answered(before)) = ends.get(number) {
            assert_eq!(name, before);
        }
    }
    assert_eq!(again.len(), calls);
    assert_eq!(count_whole(&raw).await, i64::try_from(calls + 1).unwrap(), "each exactly once");
    all_quiet(&bed, &raw).await;
    house.close().await;
}
