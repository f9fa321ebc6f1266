//! Every hostile string in every string of every request.

use std::collections::BTreeMap;

use bytes::Bytes;
use csp_domain::narrative::Narrative;
use csp_mail::sink::{Act, Script, Step};
use csp_tests::Bed;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage as _, Value};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{
    long, panics,
    raw::call,
    requests::{ELSEWHERE, Phase, Stage, Valid},
    strings::{self, Hostile},
    walk::{Place, methods, path_of, texts},
    world::REGION,
};

/// What came of a cell: a string in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Refused, with the field's name.
    Refused,
    /// There is no such thing.
    NotFound,
    /// Taken, and read back as it was sent.
    Carried,
    /// In a place that the server writes and nobody else.
    Ignored,
}

/// How many of the kinds of strings each place has when there is little time.
const KINDS: usize = 4;

/// Places that requests have because resources have them, and that the server alone writes. What stands
/// there is neither read nor kept.
fn is_servers_own(method: &str, place: &str) -> bool {
    let of_resource = place.split_once('.').map_or("", |(_, rest)| rest);
    match (method, of_resource) {
        // What is made has no name and no state yet.
        (method, "name" | "etag") if method.starts_with("Create") || method == "CheckReturn" => true,
        // Cannot be changed, or says in another way what something else says.
        ("UpdatePartnership", "ons_code")
        | ("UpdateNewsItem" | "UpdateReturn", "cycle")
        | ("CreateNewsItem" | "UpdateNewsItem" | "CreateReturn" | "UpdateReturn", "submitter")
        | ("CreateReturn" | "UpdateReturn", "reasons")
        | ("CheckReturn", "submitter" | "reasons")
        | ("CreateTarget", "end_reason")
        | ("CreateContextNote", "remove_reason")
        | ("CreateIndicator" | "CreateOwnIndicator" | "UpdateIndicator" | "UpdateOwnIndicator", "partnership")
        | ("CreateIndicator" | "CreateOwnIndicator" | "UpdateIndicator", "end_date")
        | ("CreateWording", "original.headline" | "original.body" | "original.statement" | "cycle" | "proposer" | "answerer" | "reason")
        | ("CreateCommittee" | "UpdateCommittee", "warnings[0]")
        | ("CreateMember" | "UpdateMember", "display_name" | "email")
        | ("UpdateMember", "person")
        | ("UpdateCycle", "period")
        | ("CreateCycle" | "UpdateCycle", "period_label") => true,
        _ => false,
    }
}

pub(crate) async fn every_field_refuses_or_carries_every_string(bed: Bed) {
    let engine = format!("{:?}", bed.engine());
    let mut stage = Stage::on(bed).await;
    let mut tried: BTreeMap<Outcome, usize> = BTreeMap::new();
    let (all, few) = (strings::all(), strings::few());
    // With little time each place has some kinds and a string of its own, in turn, and on the other engine others.
    let turn = usize::from(engine == "Postgres");
    let mut kinds = few.iter().cycle().skip(turn * KINDS);
    let mut others = all.iter().cycle().skip(few.len() + turn * all.len() / 2);
    // Of several that are broken all are told.
    let mut broken: Vec<String> = Vec::new();
    let mut n = 0;
    for phase in [Phase::Collecting, Phase::Frozen, Phase::Released] {
        reach(&mut stage, phase).await;
        for method in methods() {
            let path = path_of(&method);
            let valid = stage.valid(&path, n).await.unwrap_or_else(|| panic!("{path} has no row among the valid requests"));
            if valid.phase != phase {
                continue;
            }
            for place in Place::all_in(&method.input()) {
                let strangers = strangers(&method, &place, valid.bytes.clone());
                let strings: Vec<&Hostile> =
                    if long() { all.iter().collect() } else { kinds.by_ref().take(KINDS).chain(others.by_ref().take(1)).collect() };
                for hostile in strings.into_iter().chain(&strangers) {
                    n += 1;
                    let valid = stage.valid(&path, n).await.expect("it had a row before");
                    match cell(&stage, &method, &place, hostile, valid).await {
                        Ok(outcome) => *tried.entry(outcome).or_default() += 1,
                        Err(wrong) => broken.push(format!("{path}, {}, {}: {wrong}", place.name(), hostile.what)),
                    }
                }
                // The last letters may come broken in two, and nobody's string is UTF-8 by right.
                n += 1;
                let valid = stage.valid(&path, n).await.expect("it had a row before");
                match not_utf8(&stage, &method, &place, valid).await {
                    Ok(outcome) => *tried.entry(outcome).or_default() += 1,
                    Err(wrong) => broken.push(format!("{path}, {}, not UTF-8: {wrong}", place.name())),
                }
            }
        }
        // What the strings were put into was valid indeed.
        let mut rows = Vec::new();
        for method in methods() {
            n += 1;
            let valid = stage.valid(&path_of(&method), n).await.expect("it had a row before");
            if valid.phase == phase {
                rows.push((valid.last, path_of(&method), n));
            }
        }
        rows.sort();
        for (_, path, n) in rows {
            let valid = stage.valid(&path, n).await.expect("it had a row before");
            let answer = call(&stage.world.channel, &path, valid.who.call(valid.bytes)).await;
            if let Err(status) = answer {
                broken.push(format!("{path} refuses what should be valid: {status:?}"));
            }
        }
    }
    println!("{engine}: {} cells: {tried:?}", tried.values().sum::<usize>());
    assert!(broken.is_empty(), "{} cells are wrong:\n{}", broken.len(), broken.join("\n"));
    assert_eq!(panics(), 0, "something panicked on the way");
    assert!(tried.len() == 4 && tried.values().all(|count| *count > 20), "{tried:?}");
}

/// Moves the world on, until what the phase needs is there.
pub(crate) async fn reach(stage: &mut Stage, phase: Phase) {
    match phase {
        Phase::Collecting => {}
        Phase::Frozen => drop(stage.world.at("2022-01-12T17:00:01Z").await),
        Phase::Released => {
            stage.world.sink.set_script(Script::accepting().always_for(
                "rowan@example.org",
                Step::Rcpt,
                Act::reply("550 5.1.1 no such user"),
            ));
            stage.world.at("2022-01-18T09:00:00Z").await;
        }
    }
}

/// Puts a string into its place and sends it; what is wrong, when it is neither refused by name nor carried.
async fn cell(stage: &Stage, method: &MethodDescriptor, place: &Place, hostile: &Hostile, valid: Valid) -> Result<Outcome, String> {
    let path = path_of(method);
    let mut message = DynamicMessage::decode(method.input(), valid.bytes).expect("a valid request is of the method's type");
    place.put(&mut message, &hostile.text);
    let answer = call(&stage.world.channel, &path, valid.who.call(Bytes::from(message.encode_to_vec()))).await;
    let system = valid.who.person == stage.world.system.person;
    match answer {
        Err(status) if status.message().contains(ELSEWHERE) => Err("is refused with what is another region's".to_owned()),
        Err(status) => refusal(place, &status).ok_or_else(|| format!("{status:?}")),
        Ok(bytes) if !system && contains(&bytes, ELSEWHERE.as_bytes()) => Err("is answered with what is another region's".to_owned()),
        Ok(bytes) => {
            let answer = DynamicMessage::decode(method.output(), bytes).expect("an answer is of the method's type");
            if is_servers_own(method.name(), &place.name()) {
                let kept = hostile.text.trim().len() >= 6 && texts(&answer).contains(&hostile.text);
                return if kept { Err("is kept, in a place that the server alone writes".to_owned()) } else { Ok(Outcome::Ignored) };
            }
            if !carries(place, &message, &answer, &hostile.text) {
                return Err(format!("is taken, and not carried: {:?}", texts(&answer)));
            }
            // What was only tried is not there to be read.
            if message.get_field_by_name("validate_only").is_none_or(|only| only.as_bool() != Some(true)) {
                read_again(stage, &valid.who, &answer).await?;
            }
            Ok(Outcome::Carried)
        }
    }
}

/// What a refusal amounts to; none for one that no string should meet.
fn refusal(place: &Place, status: &Status) -> Option<Outcome> {
    let named = || {
        let told = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
        told.iter().any(|v| !v.field.is_empty() && (v.field.starts_with(&place.name()) || place.name().starts_with(&v.field)))
    };
    match status.code() {
        Code::InvalidArgument => named().then_some(Outcome::Refused),
        // A word that is short enough to be a name, and names nothing.
        Code::NotFound if NAMES.contains(&place.leaf()) => Some(Outcome::NotFound),
        // A number that is not the revision that was read.
        Code::Aborted if place.leaf().ends_with("etag") => Some(Outcome::Refused),
        // A word that is short enough to be a short name, and is taken.
        Code::AlreadyExists if place.leaf().ends_with("_id") => Some(Outcome::Refused),
        _ => None,
    }
}

/// Fields that name something.
const NAMES: [&str; 12] = [
    "committee",
    "cycle",
    "denominator",
    "digest",
    "indicator",
    "indicators",
    "name",
    "parent",
    "partnership",
    "partnerships",
    "person",
    "subject",
];

/// Where a place names something of Northumbria: the same of another region, and of none.
fn strangers(method: &MethodDescriptor, place: &Place, valid: Bytes) -> Vec<Hostile> {
    let message = DynamicMessage::decode(method.input(), valid).expect("a valid request is of the method's type");
    let name = place.text(&message);
    if !name.starts_with(REGION) {
        return Vec::new();
    }
    let of = |region: &str| Hostile { what: format!("of {region}"), text: name.replacen(REGION, region, 1) };
    vec![of("regions/kent"), of("regions/nowhere")]
}

/// Whether an answer has what was sent, byte for byte but for white space at its ends.
fn carries(place: &Place, sent: &DynamicMessage, answer: &DynamicMessage, text: &str) -> bool {
    let found = texts(answer);
    match place.leaf() {
        // Text is parsed when it comes in, and answered as Markdown.
        "body" => {
            let inner = |message: &DynamicMessage, name: &str| match message.get_field_by_name(name).map(std::borrow::Cow::into_owned) {
                Some(Value::Message(inner)) => Some(inner),
                _ => None,
            };
            let proposed = inner(sent, "wording").and_then(|wording| inner(&wording, "proposed"));
            let Some(item) = inner(sent, "news_item").or(proposed) else { return false };
            let answer = inner(answer, "proposed").unwrap_or_else(|| answer.clone());
            let was_markdown = item.get_field_by_name("body_format").is_some_and(|format| *format == Value::EnumNumber(1));
            let sent = if was_markdown { Narrative::from_markdown(text) } else { Narrative::from_plain_text(text) };
            let shown = answer.get_field_by_name("body").and_then(|body| body.as_str().map(Narrative::from_markdown));
            shown.is_some_and(|shown| shown.is_ok() && shown == sent)
        }
        // The last part of the name of what was made.
        leaf if leaf.ends_with("_id") && leaf != "request_id" => {
            found.iter().any(|name| name.ends_with(&format!("/{text}")) || name.ends_with(&format!(".{text}")))
        }
        // Says again what was said, or nothing.
        "request_id" | "page_token" => true,
        // What is only checked is answered with what is asked about it, and is kept nowhere.
        _ if sent.descriptor().name() == "CheckReturnRequest" => true,
        _ => found.iter().any(|kept| kept == text.trim()),
    }
}

/// What is answered when it is read a second time is what was answered the first time.
async fn read_again(stage: &Stage, who: &crate::world::Who, answer: &DynamicMessage) -> Result<(), String> {
    let kind = answer.descriptor().name().to_owned();
    let get = methods().into_iter().find(|method| method.name() == format!("Get{kind}") && method.output() == answer.descriptor());
    let name = answer.get_field_by_name("name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let (Some(get), false) = (get, name.is_empty()) else { return Ok(()) };
    let mut request = DynamicMessage::new(get.input());
    request.set_field_by_name("name", Value::String(name));
    let bytes = call(&stage.world.channel, &path_of(&get), who.call(Bytes::from(request.encode_to_vec()))).await;
    let again = bytes.map(|bytes| DynamicMessage::decode(get.output(), bytes).expect("an answer is of the method's type"));
    match again {
        Ok(again) if again == *answer => Ok(()),
        Ok(again) => Err(format!("reads back otherwise: {:?}", texts(&again))),
        Err(status) => Err(format!("does not read back: {status:?}")),
    }
}

/// Letters that are not UTF-8 are told with their field, by every method.
async fn not_utf8(stage: &Stage, method: &MethodDescriptor, place: &Place, valid: Valid) -> Result<Outcome, String> {
    const MARK: &str = "@@HOSTILE@@";
    let path = path_of(method);
    let mut message = DynamicMessage::decode(method.input(), valid.bytes).expect("a valid request is of the method's type");
    place.put(&mut message, MARK);
    let mut bytes = message.encode_to_vec();
    let start = bytes.windows(MARK.len()).position(|window| window == MARK.as_bytes()).expect("what was put there is there");
    bytes[start..start + MARK.len()].copy_from_slice(b"surr\xED\xA0\x80\xFF\xFE\xC0\xAF");
    let Err(status) = call(&stage.world.channel, &path, valid.who.call(Bytes::from(bytes))).await else {
        return Err("is taken".to_owned());
    };
    let told = status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
    let named = told.first().is_some_and(|violation| violation.field == place.undecoded());
    if status.code() == Code::InvalidArgument && named { Ok(Outcome::Refused) } else { Err(format!("{status:?}")) }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
