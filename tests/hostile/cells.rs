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

/// Places that requests have because resources have them, and that the server alone writes. What stands
/// there is neither read nor kept.
fn is_servers_own(method: &str, place: &str) -> bool {
    let of_resource = place.split_once('.').map_or("", |(_, rest)| rest);
    match (method, of_resource) {
        // What is made has no name and no state yet.
        (method, "name" | "etag") if method.starts_with("Create") => true,
        // Cannot be changed, or says in another way what something else says.
        ("UpdatePartnership", "ons_code")
        | ("UpdateNewsItem" | "UpdateReturn", "cycle")
        | ("CreateNewsItem" | "UpdateNewsItem" | "CreateReturn" | "UpdateReturn", "submitter")
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
    let mut others = all.iter().cycle().skip(few.len());
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
                let strings: Vec<&Hostile> =
                    if long() { all.iter().collect() } else { few.iter().chain(others.by_ref().take(2)).collect() };
                for hostile in strings {
                    n += 1;
                    let valid = stage.valid(&path, n).await.expect("it had a row before");
                    let outcome = cell(&stage, &method, &place, hostile, valid).await;
                    *tried.entry(outcome).or_default() += 1;
                }
                // The last letters may come broken in two, and nobody's string is UTF-8 by right.
                n += 1;
                let valid = stage.valid(&path, n).await.expect("it had a row before");
                not_utf8(&stage, &method, &place, valid).await;
                *tried.entry(Outcome::Refused).or_default() += 1;
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
            assert!(answer.is_ok(), "{path} refuses what should be valid: {answer:?}");
        }
    }
    assert_eq!(panics(), 0, "something panicked on the way");
    println!("{engine}: {} cells: {tried:?}", tried.values().sum::<usize>());
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

async fn cell(stage: &Stage, method: &MethodDescriptor, place: &Place, hostile: &Hostile, valid: Valid) -> Outcome {
    let path = path_of(method);
    let at = || format!("{path}, {}, {}", place.name(), hostile.what);
    let mut message = DynamicMessage::decode(method.input(), valid.bytes).expect("a valid request is of the method's type");
    place.put(&mut message, &hostile.text);
    let answer = call(&stage.world.channel, &path, valid.who.call(Bytes::from(message.encode_to_vec()))).await;
    let system = valid.who.person == stage.world.system.person;
    match answer {
        Err(status) => {
            assert!(!status.message().contains(ELSEWHERE), "{}: tells of another region", at());
            refusal(place, &status).unwrap_or_else(|| panic!("{}: {status:?}", at()))
        }
        Ok(bytes) => {
            assert!(system || !contains(&bytes, ELSEWHERE.as_bytes()), "{}: tells of another region", at());
            let answer = DynamicMessage::decode(method.output(), bytes).expect("an answer is of the method's type");
            if is_servers_own(method.name(), &place.name()) {
                assert!(hostile.text.trim().len() < 6 || !texts(&answer).contains(&hostile.text), "{}: is kept", at());
                return Outcome::Ignored;
            }
            assert!(carries(place, &message, &answer, &hostile.text), "{}: taken, and not carried: {:?}", at(), texts(&answer));
            read_again(stage, &valid.who, &answer, &at()).await;
            Outcome::Carried
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
        Code::Aborted if place.leaf() == "etag" => Some(Outcome::Refused),
        // A word that is short enough to be a short name, and is taken.
        Code::AlreadyExists if place.leaf().ends_with("_id") => Some(Outcome::Refused),
        _ => None,
    }
}

/// Fields that name something.
const NAMES: [&str; 10] =
    ["committee", "cycle", "digest", "indicator", "indicators", "name", "parent", "partnership", "partnerships", "person"];

/// Whether an answer has what was sent, byte for byte but for white space at its ends.
fn carries(place: &Place, sent: &DynamicMessage, answer: &DynamicMessage, text: &str) -> bool {
    let found = texts(answer);
    match place.leaf() {
        // Text is parsed when it comes in, and answered as Markdown.
        "body" => {
            let Some(Value::Message(item)) = sent.get_field_by_name("news_item").map(std::borrow::Cow::into_owned) else { return false };
            let was_markdown = item.get_field_by_name("body_format").is_some_and(|format| *format == Value::EnumNumber(1));
            let sent = if was_markdown { Narrative::from_markdown(text) } else { Narrative::from_plain_text(text) };
            let shown = answer.get_field_by_name("body").and_then(|body| body.as_str().map(Narrative::from_markdown));
            shown.is_some_and(|shown| shown.is_ok() && shown == sent)
        }
        // The last part of the name of what was made.
        leaf if leaf.ends_with("_id") && leaf != "request_id" => found.iter().any(|name| name.ends_with(&format!("/{text}"))),
        // Says again what was said, or nothing.
        "request_id" | "page_token" => true,
        _ => found.iter().any(|kept| kept == text.trim()),
    }
}

/// What is answered when it is read a second time is what was answered the first time.
async fn read_again(stage: &Stage, who: &crate::world::Who, answer: &DynamicMessage, at: &str) {
    let kind = answer.descriptor().name().to_owned();
    let get = methods().into_iter().find(|method| method.name() == format!("Get{kind}") && method.output() == answer.descriptor());
    let name = answer.get_field_by_name("name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let (Some(get), false) = (get, name.is_empty()) else { return };
    let mut request = DynamicMessage::new(get.input());
    request.set_field_by_name("name", Value::String(name));
    let bytes = call(&stage.world.channel, &path_of(&get), who.call(Bytes::from(request.encode_to_vec()))).await;
    let again = bytes.map(|bytes| DynamicMessage::decode(get.output(), bytes).expect("an answer is of the method's type"));
    assert_eq!(again.as_ref().ok(), Some(answer), "{at}: reads back otherwise: {:?}", again.as_ref().err());
}

/// Letters that are not UTF-8 are told with their field, by every method.
async fn not_utf8(stage: &Stage, method: &MethodDescriptor, place: &Place, valid: Valid) {
    const MARK: &str = "@@HOSTILE@@";
    let path = path_of(method);
    let mut message = DynamicMessage::decode(method.input(), valid.bytes).expect("a valid request is of the method's type");
    place.put(&mut message, MARK);
    let mut bytes = message.encode_to_vec();
    let start = bytes.windows(MARK.len()).position(|window| window == MARK.as_bytes()).expect("what was put there is there");
    bytes[start..start + MARK.len()].copy_from_slice(b"surr\xED\xA0\x80\xFF\xFE\xC0\xAF");
    let status = call(&stage.world.channel, &path, valid.who.call(Bytes::from(bytes))).await.expect_err("this is no text");
    assert_eq!(status.code(), Code::InvalidArgument, "{path}, {}: {status:?}", place.name());
    let told = status.get_details_bad_request().expect("it says which").field_violations;
    assert_eq!(told[0].field, place.undecoded(), "{path}");
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
