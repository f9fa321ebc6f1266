//! Nothing of another region's, anywhere: in replies, refusals, letters, papers, the record or the log, over calls made at random.
//!
//! Kent's every text holds a string that is nowhere else. People of Northumbria then call whatever there is, about their own
//! things and Kent's, by names, identifiers and page tokens of both, and whatever comes back is searched for it. The seed is
//! printed; `CSP_TEST_LONG=1` makes a hundred times as many calls.

use std::sync::{
    Mutex, Once, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use csp_domain::chance::{Chance as _, SeededChance};
use csp_proto::v1;
use csp_tests::Bed;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    cells::reach,
    long, panics,
    raw::call,
    requests::{Phase, Stage},
    walk::{methods, path_of},
    world::{CYCLE, REGION, Who, World, partnership, two_figures},
};

/// In every text of Kent's, and in none of Northumbria's.
pub(crate) const CANARY: &str = "Kt7Q9";
const KENT: &str = "regions/kent";

/// What our own crates log, on every level, from now on. Of lines there are many: those with the canary are kept, the rest counted.
pub(crate) fn listen() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    static ONCE: Once = Once::new();
    let log = LOG.get_or_init(Log::default);
    ONCE.call_once(|| {
        let ours = tracing_subscriber::filter::Targets::new().with_targets(
            ["csp_api", "csp_store", "csp_scheduler", "csp_edition", "csp_mail", "cspd"].map(|target| (target, tracing::Level::TRACE)),
        );
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Writer(LOG.get_or_init(Log::default)));
        // Whoever came first keeps it; then there is nothing to listen to, and the test that counts lines says so.
        let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    });
    log
}

/// What was logged.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: AtomicUsize,
    with_canary: Mutex<Vec<String>>,
}

struct Writer(&'static Log);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lines.fetch_add(1, Ordering::Relaxed);
        let line = String::from_utf8_lossy(bytes);
        if line.contains(CANARY) {
            self.0.with_canary.lock().unwrap().push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Dice(SeededChance);

impl Dice {
    fn below(&self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % bound.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Fills Kent with everything that can be said there, and answers the names of what was made.
async fn kent(world: &World) -> Vec<String> {
    let system = &world.system;
    let said = |what: &str| format!("{CANARY} {what}");
    let mut names = vec![KENT.to_owned(), format!("{KENT}/partnerships/gateshead")];
    for (slug, role) in [("officer-kent", v1::Role::Officer), ("editor-kent", v1::Role::Editor)] {
        let person = v1::Person { display_name: said(slug), email: format!("{CANARY}.{slug}@example.org"), ..Default::default() };
        let create =
            v1::CreatePersonRequest { parent: KENT.into(), person: Some(person), person_id: slug.into(), request_id: String::new() };
        let person = world.persons().create_person(system.call(create)).await.unwrap().into_inner().name;
        names.push(person.clone());
        if role == v1::Role::Officer {
            let indicator = v1::Indicator {
                display_name: said("burglary"),
                unit: v1::Unit::Count.into(),
                polarity: v1::Polarity::LowerIsBetter.into(),
                source: said("source"),
                ..Default::default()
            };
            let create = v1::CreateIndicatorRequest {
                parent: KENT.into(),
                indicator: Some(indicator),
                indicator_id: "burglary".into(),
                request_id: String::new(),
            };
            names.push(world.indicators().create_indicator(system.call(create)).await.unwrap().into_inner().name);
            let committee = v1::Committee {
                display_name: said("committee"),
                partnerships: vec![format!("{KENT}/partnerships/gateshead")],
                indicators: vec![format!("{KENT}/indicators/burglary")],
                recurrence: Some(v1::Recurrence { first_quarter: "2021-q3".into(), ..Default::default() }),
                ..Default::default()
            };
            let create = v1::CreateCommitteeRequest {
                parent: KENT.into(),
                committee: Some(committee),
                committee_id: "citizen-focus".into(),
                request_id: String::new(),
            };
            names.push(world.committees().create_committee(system.call(create)).await.unwrap().into_inner().name);
        }
        let (committee, partnership) = match role {
            v1::Role::Editor => (format!("{KENT}/committees/citizen-focus"), String::new()),
            _ => (String::new(), format!("{KENT}/partnerships/gateshead")),
        };
        let role_grant = Some(v1::RoleGrant { role: role.into(), committee, partnership, ..Default::default() });
        let grant = v1::CreateRoleGrantRequest { parent: person.clone(), role_grant, request_id: String::new() };
        names.push(world.persons().create_role_grant(system.call(grant)).await.unwrap().into_inner().name);
        let token = Some(v1::Token { label: said("laptop"), ..Default::default() });
        let create = v1::CreateTokenRequest { parent: person.clone(), token, request_id: String::new() };
        let made = world.persons().create_token(system.call(create)).await.unwrap().into_inner();
        names.push(made.token.unwrap().name);
        let who = Who { person, token: made.secret };
        match role {
            v1::Role::Officer => send_in(world, &who, &mut names).await,
            _ => names.push(word(world, &who, &names).await),
        }
    }
    names
}

/// News, a return and a member of Kent's, in the words of the canary.
async fn send_in(world: &World, officer: &Who, names: &mut Vec<String>) {
    world.at("2022-01-05T10:00:00Z").await;
    let there = |name: &str| name.replace(REGION, KENT);
    let item = v1::NewsItem {
        cycle: there(CYCLE),
        kind: v1::NewsKind::News.into(),
        headline: format!("{CANARY} headline"),
        body: format!("{CANARY} body"),
        body_format: v1::BodyFormat::Markdown.into(),
        ..Default::default()
    };
    let create = v1::CreateNewsItemRequest { parent: there(&partnership(0)), news_item: Some(item), ..Default::default() };
    names.push(world.news().create_news_item(officer.call(create)).await.unwrap().into_inner().name);
    let figure = v1::Figure {
        indicator: format!("{KENT}/indicators/burglary"),
        period: "2021-q3".into(),
        note: format!("{CANARY} note"),
        answer: Some(v1::figure::Answer::Value("7".into())),
        ..Default::default()
    };
    let content = v1::r#return::Content::Figures(v1::Figures { figures: vec![figure], quoted_figures: Vec::new() });
    let answer = v1::Return { cycle: there(CYCLE), content: Some(content), remark: format!("{CANARY} remark"), ..Default::default() };
    let create = v1::CreateReturnRequest { parent: there(&partnership(0)), answer: Some(answer), ..Default::default() };
    names.push(world.returns().create_return(officer.call(create)).await.unwrap().into_inner().name);
    let import = v1::ImportMembersRequest {
        parent: format!("{KENT}/committees/citizen-focus"),
        csv: format!("name,email\n{CANARY} Member,{CANARY}.member@example.org\n"),
        ..Default::default()
    };
    let members = world.committees().import_members(world.system.call(import)).await.unwrap().into_inner().members;
    names.extend(members.into_iter().map(|member| member.name));
    names.extend([there(CYCLE), format!("{}/digests/1", there(CYCLE)), format!("{}/digests/-", there(CYCLE))]);
}

/// Kent's editor would put Kent's news otherwise.
async fn word(world: &World, editor: &Who, names: &[String]) -> String {
    let subject = names.iter().find(|name| name.contains("/newsItems/")).expect("Kent has sent in news").clone();
    let proposed = v1::WordedText {
        headline: format!("{CANARY} other headline"),
        body: format!("{CANARY} other body"),
        body_format: v1::BodyFormat::Markdown.into(),
        statement: String::new(),
    };
    let wording = v1::Wording { subject, proposed: Some(proposed), note: format!("{CANARY} why"), ..Default::default() };
    let create =
        v1::CreateWordingRequest { parent: format!("{KENT}/partnerships/gateshead"), wording: Some(wording), ..Default::default() };
    world.wordings().create_wording(editor.call(create)).await.unwrap().into_inner().name
}

/// Puts names of both regions where a request has names, at random.
fn scrambled(method: &MethodDescriptor, bytes: &Bytes, names: &[String], dice: &Dice) -> Bytes {
    fn walk(message: &mut DynamicMessage, names: &[String], dice: &Dice) {
        let fields: Vec<_> = message.fields().map(|(field, _)| field).collect();
        for field in fields {
            change(message.get_field_mut(&field), names, dice);
        }
    }
    fn change(value: &mut Value, names: &[String], dice: &Dice) {
        match value {
            Value::String(text) if text.starts_with("regions/") => match dice.below(4) {
                0 => {}
                1 => *text = text.replace(REGION, KENT),
                2 => text.clone_from(dice.pick(names)),
                // A name of ours with an identifier of theirs.
                _ => {
                    let theirs = dice.pick(names).rsplit('/').next().unwrap_or_default().to_owned();
                    let ours = text.rsplit_once('/').map_or("", |(ours, _)| ours).to_owned();
                    *text = format!("{ours}/{theirs}");
                }
            },
            Value::Message(inner) => walk(inner, names, dice),
            Value::List(list) => list.iter_mut().for_each(|value| change(value, names, dice)),
            _ => {}
        }
    }
    let mut message = DynamicMessage::decode(method.input(), bytes.clone()).expect("a valid request is of the method's type");
    walk(&mut message, names, dice);
    // A page token is an identifier too.
    if dice.below(3) == 0
        && let Some(field) = method.input().get_field_by_name("page_token")
    {
        let id: String = dice.pick(names).rsplit('/').next().unwrap_or_default().chars().filter(|c| *c != '-').collect();
        message.set_field(&field, Value::String(id));
    }
    Bytes::from(message.encode_to_vec())
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

pub(crate) async fn nothing_of_another_region_is_ever_seen(bed: Bed) {
    let engine = format!("{:?}", bed.engine());
    let seed = 20_261_125;
    let dice = Dice(SeededChance::new(seed));
    let mut stage = Stage::on(bed).await;
    let names = kent(&stage.world).await;
    assert!(names.len() > 12, "{names:?}");
    let world = &stage.world;
    let callers: Vec<Who> =
        [world.administrator.clone(), world.editor.clone(), world.approver.clone()].into_iter().chain(world.officers.clone()).collect();
    // Something of their own to look at.
    world.returns().create_return(world.officers[1].call(two_figures(1, CYCLE, "2021-q3", "3", "4"))).await.unwrap();
    let rounds = if long() { 50_000 } else { 500 };
    let (mut answered, mut refused, mut n) = (0, 0, 2_000_000);
    for phase in [Phase::Collecting, Phase::Frozen, Phase::Released] {
        if phase == Phase::Released {
            // A meeting that was moved on the way has had the paper made anew.
            stage.world.at("2022-01-13T09:00:00Z").await;
            stage.world.approve(CYCLE).await.unwrap();
        }
        reach(&mut stage, phase).await;
        for _ in 0..rounds {
            n += 1;
            let every = methods();
            let method = dice.pick(&every);
            let path = path_of(method);
            let Some(valid) = stage.valid(&path, n).await else { continue };
            if valid.last {
                // What takes things away would leave nothing to look at.
                continue;
            }
            let bytes = scrambled(method, &valid.bytes, &names, &dice);
            match call(&stage.world.channel, &path, dice.pick(&callers).call(bytes)).await {
                Ok(bytes) => {
                    assert!(!holds(&bytes), "seed {seed}, call {n}: {path} answers what is Kent's");
                    answered += 1;
                }
                Err(status) => {
                    let all = [status.message().as_bytes(), status.details()].concat();
                    assert!(!holds(&all), "seed {seed}, call {n}: {path} refuses with what is Kent's: {status:?}");
                    refused += 1;
                }
            }
        }
        if phase == Phase::Frozen {
            // Nothing goes out that nobody has approved, and the calls above may have made what was frozen obsolete.
            for path in ["csp.v1.DigestService/FreezeDigest", "csp.v1.DigestService/ApproveDigest"] {
                let valid = stage.valid(path, n).await.expect("the method has a row among the valid requests");
                call(&stage.world.channel, path, valid.who.call(valid.bytes)).await.expect("a paper can be frozen and approved");
            }
        }
    }
    let mut letters = 0;
    for mail in stage.world.sink.messages() {
        if !mail.to.contains(CANARY) {
            assert!(!holds(&mail.bytes), "a letter to {} holds what is Kent's", mail.to);
            letters += 1;
        }
    }
    // The record and the exports of Northumbria, whole.
    let list = v1::ListAuditEntriesRequest { parent: REGION.into(), page_size: 500, ..Default::default() };
    let mut page_token = String::new();
    let mut entries = 0;
    loop {
        let list = v1::ListAuditEntriesRequest { page_token, ..list.clone() };
        let page = stage.world.audit().list_audit_entries(stage.world.administrator.call(list)).await.unwrap().into_inner();
        entries += page.audit_entries.len();
        assert!(!holds(&page.encode_to_vec()), "the record of Northumbria holds what is Kent's");
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(panics(), 0, "something panicked on the way");
    println!(
        "{engine}: seed {seed}: {answered} answers, {refused} refusals, {letters} letters and {entries} entries of the record, no canary"
    );
    assert!(answered > 100 && refused > 100 && letters >= 2 && entries > 10, "{answered} {refused} {letters} {entries}");
}
