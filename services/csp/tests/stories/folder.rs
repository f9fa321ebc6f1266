//! A folder for a cycle: made, filled in, sent, changed, sent again; and the line breaking at the worst moment.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use csp_proto::v1::{self, r#return::Content};
use csp_sheet::form::{Column, Fill, Form};
use serde_json::Value;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    support::{Desk, Outcome, Server},
    world::{self, CYCLE, GATESHEAD},
};

/// What the pretended server has taken, and how it misbehaves.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) answer: Option<v1::Return>,
    pub(crate) news: Vec<(String, v1::NewsItem)>,
    /// So many answers to creations and corrections are lost on their way back, once the change is made.
    lose: usize,
    /// The cycle closes.
    closed: bool,
}

pub(crate) type Shared = Arc<Mutex<Taken>>;

const TIME: &str = "2022-01-10T09:30:00Z";

fn settled<T>(taken: &mut Taken, answer: T) -> Result<T, Status> {
    if taken.lose > 0 {
        taken.lose -= 1;
        return Err(Status::deadline_exceeded("no answer"));
    }
    Ok(answer)
}

fn faults_of(item: &v1::NewsItem) -> Result<(), Status> {
    let mut details = ErrorDetails::new();
    if item.body.contains("![") {
        let line = item.body.lines().position(|line| line.contains("![")).unwrap() + 1;
        details.add_bad_request_violation("news_item.body", format!("line {line}: pictures are not taken"));
    }
    match details.bad_request() {
        Some(_) => Err(Status::with_error_details(Code::InvalidArgument, "the news item was refused", details)),
        None => Ok(()),
    }
}

/// A server that takes returns and news as the real one does.
pub(crate) async fn server() -> (Server, Shared) {
    let server = world::officer().await;
    let shared = Shared::default();
    let taken = shared.clone();
    server.on("ReturnService/GetReturn", move |_: v1::GetReturnRequest| {
        taken.lock().unwrap().answer.clone().ok_or_else(|| Status::not_found("there is no such return"))
    });
    let taken = shared.clone();
    server.on("ReturnService/CreateReturn", move |q: v1::CreateReturnRequest| {
        let mut taken = taken.lock().unwrap();
        if taken.closed {
            return Err(Status::failed_precondition("the cycle is closed"));
        }
        let answer = v1::Return {
            name: format!("{GATESHEAD}/returns/citizen-focus.2021-q3"),
            submitter: "regions/northumbria/persons/jo-brown".into(),
            submit_time: world::time(TIME),
            state: v1::ReturnState::Submitted as i32,
            revision: 1,
            etag: "r1".into(),
            ..q.answer.unwrap()
        };
        if q.validate_only {
            return Ok(answer);
        }
        if taken.answer.as_ref().is_some_and(|answer| answer.state != v1::ReturnState::Withdrawn as i32) {
            return Err(Status::already_exists("there is a return for this cycle"));
        }
        taken.answer = Some(answer.clone());
        settled(&mut taken, answer)
    });
    let taken = shared.clone();
    server.on("ReturnService/UpdateReturn", move |q: v1::UpdateReturnRequest| {
        let mut taken = taken.lock().unwrap();
        let mut answer = q.answer.unwrap();
        if q.validate_only {
            return Ok(answer);
        }
        answer.revision += 1;
        answer.state = v1::ReturnState::Submitted as i32;
        answer.etag = format!("r{}", answer.revision);
        taken.answer = Some(answer.clone());
        settled(&mut taken, answer)
    });
    let taken = shared.clone();
    server.on("NewsService/CreateNewsItem", move |q: v1::CreateNewsItemRequest| {
        let mut taken = taken.lock().unwrap();
        let item = q.news_item.unwrap();
        faults_of(&item)?;
        if q.validate_only {
            return Ok(item);
        }
        if let Some((_, item)) = taken.news.iter().find(|(id, _)| *id == q.request_id) {
            return Ok(item.clone());
        }
        let number = taken.news.len() + 1;
        let item = v1::NewsItem {
            name: format!("{}/newsItems/{number}", q.parent),
            submitter: "regions/northumbria/persons/jo-brown".into(),
            submit_time: world::time(TIME),
            state: v1::NewsState::Submitted as i32,
            revision: 1,
            etag: "n1".into(),
            ..item
        };
        taken.news.push((q.request_id, item.clone()));
        settled(&mut taken, item)
    });
    let taken = shared.clone();
    server.on("NewsService/GetNewsItem", move |q: v1::GetNewsItemRequest| {
        let taken = taken.lock().unwrap();
        taken.news.iter().map(|(_, item)| item).find(|item| item.name == q.name).cloned().ok_or_else(|| Status::not_found("no item"))
    });
    let taken = shared.clone();
    server.on("NewsService/UpdateNewsItem", move |q: v1::UpdateNewsItemRequest| {
        let mut taken = taken.lock().unwrap();
        let mut item = q.news_item.unwrap();
        faults_of(&item)?;
        if q.validate_only {
            return Ok(item);
        }
        let kept = taken.news.iter_mut().map(|(_, item)| item).find(|kept| kept.name == item.name).unwrap();
        assert_eq!(kept.etag, item.etag, "what somebody else changed is not written over");
        item.revision = kept.revision + 1;
        item.etag = format!("n{}", item.revision);
        item.submitter.clone_from(&kept.submitter);
        item.state = kept.state;
        *kept = item.clone();
        settled(&mut taken, item)
    });
    server.on("CommitteeService/ListCycles", |_: v1::ListCyclesRequest| {
        let before = v1::Cycle { name: CYCLE.replace("q3", "q2"), deadline_time: world::time("2021-10-12T17:00:00Z"), ..world::cycle() };
        Ok(v1::ListCyclesResponse { cycles: vec![before, world::cycle()], next_page_token: String::new() })
    });
    server.on("NewsService/ListNewsItems", |q: v1::ListNewsItemsRequest| {
        assert!(q.cycle.ends_with("2021-q2"), "{}", q.cycle);
        let item = |headline: &str, state: v1::NewsState| v1::NewsItem {
            headline: headline.into(),
            body: "Last quarter's text.".into(),
            state: state as i32,
            ..Default::default()
        };
        let news_items = vec![item("Bonfire night: a/b\\c", v1::NewsState::Submitted), item("Gone", v1::NewsState::Withdrawn)];
        Ok(v1::ListNewsItemsResponse { news_items, next_page_token: String::new() })
    });
    (server, shared)
}

/// A desk with a folder on it.
pub(crate) async fn started(server: &Server) -> (Desk, PathBuf) {
    let desk = Desk::at(server);
    let folder = desk.folder.path().join("autumn");
    let outcome = desk.run(["start", "--to", &folder.display().to_string()]).await;
    assert!(outcome.stderr.contains("is ready."), "{}", outcome.stderr);
    outcome.ok();
    (desk, folder)
}

pub(crate) fn fill_in(folder: &std::path::Path, value: &str) {
    let column = |head: &str| Column { head: head.into(), width: 10, fill: Fill::Words(300) };
    let rows = vec![vec!["burglary".to_owned(), value.to_owned()], vec!["robbery".to_owned(), "nil".to_owned()]];
    let (sheet, explanation_sheet) = ("Figures".to_owned(), "Help".to_owned());
    let form = Form { sheet, explanation_sheet, columns: ["Indicator", "Value"].map(column).to_vec(), rows, ..Form::default() };
    fs::write(folder.join("figures.xlsx"), form.write().unwrap()).unwrap();
}

pub(crate) async fn submit(desk: &Desk, folder: &std::path::Path) -> Outcome {
    desk.run(["submit", &folder.display().to_string(), "--yes"]).await
}

pub(crate) fn sent(folder: &std::path::Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("sent.json")).unwrap()).unwrap()
}

#[tokio::test]
async fn start_lays_out_everything_and_touches_nothing_that_is_there() {
    let (server, _) = server().await;
    let (desk, folder) = started(&server).await;
    let mut names: Vec<String> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["READ ME.txt", "csp.json", "figures.xlsx", "last quarter"]);
    let text = fs::read_to_string(folder.join("last quarter/01 Bonfire night a b c.md")).unwrap();
    assert_eq!(text, "# Bonfire night: a/b\\c\n\nLast quarter's text.\n");
    assert_eq!(fs::read_dir(folder.join("last quarter")).unwrap().count(), 1, "what was withdrawn was not said");
    let said = desk.run(["start", "--to", &folder.display().to_string()]).await.failed(2);
    assert!(said.contains("is there already. Nothing in it was touched."), "{said}");
    // As it was written, nothing is filled in, and nothing goes.
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("figures.xlsx: not filled in yet"), "{}", outcome.stderr);
    let said = outcome.failed(2);
    assert!(said.contains("Nothing was sent: there is nothing in the folder to send yet."), "{said}");
    assert!(!folder.join("receipt.txt").exists(), "nothing was received");
}

#[tokio::test]
async fn news_that_was_withdrawn_is_not_said_to_be_received() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("award 2022-01-05 wardens.md"), "# Wardens win award\n\nThey won.\n").unwrap();
    submit(&desk, &folder).await.ok();
    taken.lock().unwrap().news[0].1.state = v1::NewsState::Withdrawn as i32;
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("it was withdrawn at the server, and is sent in again"), "{}", outcome.stderr);
    outcome.ok();
    assert_eq!(taken.lock().unwrap().news.len(), 2);
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("Nothing is left to send"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_receipt_of_news_alone_is_not_mailed_and_that_is_said() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("award 2022-01-05 wardens.md"), "# Wardens win award\n\nThey won.\n").unwrap();
    let path = folder.display().to_string();
    let outcome = desk.run(["submit", &path, "--yes", "--receipt-by-mail"]).await;
    let said = "No receipt is mailed: there was no return among it, and what was received is in the folder's receipt.";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    outcome.ok();
    assert!(fs::read_to_string(folder.join("receipt.txt")).unwrap().contains("gateshead/1"));
    // With a return among it, it is asked for, and nothing of the kind is said.
    fill_in(&folder, "12");
    let outcome = desk.run(["submit", &path, "--yes", "--receipt-by-mail"]).await;
    assert!(outcome.stderr.contains("mailed to you as well") && !outcome.stderr.contains("No receipt is mailed"), "{}", outcome.stderr);
    let asked: v1::CreateReturnRequest = server.asked("ReturnService/CreateReturn").pop().unwrap().message();
    assert!(asked.mail_receipt && taken.lock().unwrap().answer.is_some());
}

#[tokio::test]
async fn a_folder_is_sent_once_and_what_changed_as_a_correction() {
    let (server, taken) = server().await;
    let (mut desk, folder) = started(&server).await;
    fill_in(&folder, "1,234");
    fs::write(folder.join("award 2022-01-05 wardens.md"), "# Wardens win award\n\nThey won.\n").unwrap();
    fs::write(folder.join("plain.txt"), "\n\nA short headline\n\nAnd its text.\n").unwrap();
    fs::write(folder.join("photo.jpg"), "not sent").unwrap();
    let path = folder.display().to_string();

    // Looked at first, and asked about.
    let outcome = desk.run(["submit", &path, "--dry-run"]).await;
    for line in [
        "new         figures.xlsx",
        "burglary for 2021-q3: 1234",
        "award, 5 Jan 2022, “Wardens win award”",
        "news, “A short headline”",
        "left alone  photo.jpg",
    ] {
        assert!(outcome.stderr.contains(line), "{line}: {}", outcome.stderr);
    }
    outcome.ok();
    desk.typing("no\n").run(["submit", &path]).await.failed(2);
    assert!(taken.lock().unwrap().answer.is_none());
    assert!(!folder.join("sent.json").exists() && !folder.join("receipt.txt").exists(), "looking leaves nothing behind");

    let outcome = desk.typing("yes\n").run(["submit", &path]).await;
    assert!(outcome.stderr.contains("3 things go in for gateshead"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("Everything was received."), "{}", outcome.stderr);
    outcome.ok();
    {
        let taken = taken.lock().unwrap();
        let (_, award) = &taken.news[0];
        assert_eq!((award.kind, award.happened_on.as_str()), (v1::NewsKind::Award as i32, "2022-01-05"));
        // No line of a text moves.
        assert_eq!(taken.news[1].1.body, "\n\n\n\nAnd its text.\n");
    }
    let receipt = fs::read_to_string(folder.join("receipt.txt")).unwrap();
    assert!(receipt.contains("Mon 10 Jan 2022, 09:30") && receipt.contains("gateshead/1") && receipt.contains("SHA-256"), "{receipt}");
    let receipt: Value = serde_json::from_str(&fs::read_to_string(folder.join("receipt.json")).unwrap()).unwrap();
    assert_eq!(receipt["received"].as_array().unwrap().len(), 3);
    let figures = fs::read(folder.join("figures.xlsx")).unwrap();
    assert_eq!(receipt["received"][0]["sha256"], world::hash(&figures), "as sha256sum would print it");

    // Again: nothing goes. Renamed: nothing goes. Changed: a correction goes.
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("Nothing is left to send"), "{}", outcome.stderr);
    fs::rename(folder.join("plain.txt"), folder.join("another name.txt")).unwrap();
    fill_in(&folder, "1,235");
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("another name.txt, sent before as plain.txt"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("changed  burglary for 2021-q3: 1234 → 1235"), "{}", outcome.stderr);
    outcome.ok();
    fs::write(folder.join("another name.txt"), "A short headline\n\nAnd a better text.\n").unwrap();
    fs::remove_file(folder.join("award 2022-01-05 wardens.md")).unwrap();
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("correction  another name.txt"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("stays sent (csp news withdraw gateshead/1)"), "{}", outcome.stderr);
    outcome.ok();
    let taken = taken.lock().unwrap();
    assert_eq!(taken.news.len(), 2);
    assert_eq!((taken.news[1].1.revision, taken.answer.as_ref().unwrap().revision), (2, 2));
    // What was sent earlier keeps its time and name.
    let entries = sent(&folder)["entries"].clone();
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["time"] == TIME && entry["under_way"].is_null()), "{entries:#}");
}

#[tokio::test]
async fn everything_wrong_in_a_folder_is_told_at_once_and_nothing_is_sent() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "3-4");
    fs::write(folder.join("a.md"), "\n\n# A picture\n\n![x](y)\n").unwrap();
    fs::write(folder.join("b.md"), "no heading\n").unwrap();
    fs::write(folder.join("c.md"), "# The same\n\nText\n").unwrap();
    fs::write(folder.join("d.md"), "# The same\n\nText\n").unwrap();
    fs::write(folder.join("e.docx"), "not Word").unwrap();
    let said = submit(&desk, &folder).await.failed(3);
    for fault in [
        "figures.xlsx:Figures!B5: “3-4” is two numbers",
        "a.md: line 5: pictures are not taken",
        "b.md: has no heading",
        "d.md: is the same as c.md",
        "e.docx: is not a file of Word",
    ] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
    assert!(said.contains("because of 5 faults"), "{said}");
    assert!(taken.lock().unwrap().news.is_empty() && taken.lock().unwrap().answer.is_none());
    // Two files that could both be the figures, and a nil return beside figures.
    fs::write(folder.join("figures.csv"), "indicator,value\n").unwrap();
    fs::write(folder.join("nil.txt"), "Nothing to report.\n").unwrap();
    let said = submit(&desk, &folder).await.failed(3);
    assert!(
        said.contains("is there beside figures.csv. Which one counts?") && said.contains("nil.txt: says that there is nothing"),
        "{said}"
    );
}

#[tokio::test]
async fn a_nil_return_is_a_sentence_in_a_file() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("nil.txt"), "No incidents\nwere recorded.\n").unwrap();
    submit(&desk, &folder).await.ok();
    let statement = "No incidents were recorded.".to_owned();
    assert_eq!(taken.lock().unwrap().answer.as_ref().unwrap().content, Some(Content::Nil(v1::NilReturn { statement })));
}

#[tokio::test]
async fn an_answer_that_is_lost_sends_nothing_twice() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    fs::write(folder.join("b.md"), "# Second\n\nText\n").unwrap();
    submit_losing(&desk, &folder, &taken, 0).await.ok();
    fs::write(folder.join("c.md"), "# Third\n\nText\n").unwrap();
    fs::write(folder.join("d.md"), "# Fourth\n\nText\n").unwrap();
    // The third is made, and its answer lost, however often it is asked.
    let said = submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    assert!(said.contains("Type the same command again to go on: nothing is sent twice."), "{said}");
    let receipt: Value = serde_json::from_str(&fs::read_to_string(folder.join("receipt.json")).unwrap()).unwrap();
    assert_eq!((receipt["received"].as_array().unwrap().len(), receipt["uncertain"][0]["file"].as_str()), (3, Some("c.md")));
    assert_eq!(receipt["not_sent"].as_array().unwrap(), &[Value::from("d.md")]);
    assert_eq!(receipt["received"][0]["time"], TIME, "what came earlier keeps its time");
    let outcome = desk.run(["submit", &folder.display().to_string(), "--dry-run"]).await;
    assert!(outcome.stderr.contains("under way   c.md"), "{}", outcome.stderr);
    outcome.ok();
    // Meanwhile its text was changed: what arrived is found out first, and then corrected.
    fs::write(folder.join("c.md"), "# Third\n\nBetter text\n").unwrap();
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("c.md: no answer had come. It is asked about."), "{}", outcome.stderr);
    outcome.ok();
    let taken = taken.lock().unwrap();
    let headlines: Vec<&str> = taken.news.iter().map(|(_, item)| item.headline.as_str()).collect();
    assert_eq!(headlines, ["First", "Second", "Third", "Fourth"]);
    assert!(taken.news[2].1.body.contains("Better"));
}

#[tokio::test]
async fn what_was_under_way_and_is_gone_from_the_folder_is_asked_about() {
    let (server, taken) = server().await;
    let (mut desk, folder) = started(&server).await;
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    fs::remove_file(folder.join("a.md")).unwrap();
    let path = folder.display().to_string();
    let said = desk.typing("no\n").run(["submit", &path]).await.failed(2);
    assert!(said.contains("a.md is not in the folder any more."), "{said}");
    let outcome = desk.typing("yes\n").run(["submit", &path]).await;
    assert!(outcome.stderr.contains("stays sent (csp news withdraw gateshead/1)"), "{}", outcome.stderr);
    outcome.ok();
    assert_eq!(taken.lock().unwrap().news.len(), 1);
}

#[tokio::test]
async fn a_correction_whose_answer_is_lost_is_looked_after() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    submit(&desk, &folder).await.ok();
    fill_in(&folder, "2");
    fs::write(folder.join("a.md"), "# First\n\nBetter text\n").unwrap();
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    assert_eq!(taken.lock().unwrap().answer.as_ref().unwrap().revision, 2);
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    submit(&desk, &folder).await.ok();
    let taken = taken.lock().unwrap();
    assert_eq!((taken.answer.as_ref().unwrap().revision, taken.news[0].1.revision), (2, 2), "each correction arrived once");
}

/// Sends, with so many answers lost.
pub(crate) async fn submit_losing(desk: &Desk, folder: &std::path::Path, taken: &Shared, lose: usize) -> Outcome {
    taken.lock().unwrap().lose = lose;
    submit(desk, folder).await
}

#[tokio::test]
async fn an_end_half_way_is_in_the_receipt_and_what_went_before_stands() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    fill_in(&folder, "1");
    submit(&desk, &folder).await.ok();
    fs::write(folder.join("b.md"), "# Second\n\nText\n").unwrap();
    // Another hand is at it.
    let path = folder.display().to_string();
    let held = fs::File::open(folder.join("csp.json")).unwrap();
    held.lock().unwrap();
    let said = desk.run(["submit", &path, "--yes"]).await.failed(2);
    assert!(said.contains("Somebody is sending from"), "{said}");
    drop(held);
    // What cannot be read is not taken for nothing.
    let kept = fs::read(folder.join("sent.json")).unwrap();
    fs::write(folder.join("sent.json"), &kept[..kept.len() / 2]).unwrap();
    let said = desk.run(["submit", &path, "--yes"]).await.failed(2);
    assert!(said.contains("sent.json says what was sent from this folder, and cannot be read"), "{said}");
    fs::write(folder.join("sent.json"), kept).unwrap();
    assert_eq!(taken.lock().unwrap().news.len(), 1);
    submit(&desk, &folder).await.ok();
    assert_eq!(taken.lock().unwrap().news.len(), 2);
}

#[tokio::test]
async fn without_what_was_sent_the_server_still_knows_the_return() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    submit(&desk, &folder).await.ok();
    fs::remove_file(folder.join("sent.json")).unwrap();
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("the server has the same answers"), "{}", outcome.stderr);
    outcome.ok();
    assert_eq!(taken.lock().unwrap().answer.as_ref().unwrap().revision, 1);
    assert!(sent(&folder)["entries"][0]["name"].as_str().unwrap().ends_with("returns/citizen-focus.2021-q3"));
    taken.lock().unwrap().closed = true;
    taken.lock().unwrap().answer = None;
    fill_in(&folder, "2");
    let said = submit(&desk, &folder).await.failed(7);
    assert!(said.contains("cycle is closed"), "{said}");
}

#[tokio::test]
async fn a_joint_item_that_was_withdrawn_is_not_sent_in_as_ones_own_alone() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("award 2022-01-05 wardens.md"), "# Wardens win award\n\nThey won.\n").unwrap();
    submit(&desk, &folder).await.ok();
    {
        let item = &mut taken.lock().unwrap().news[0].1;
        item.state = v1::NewsState::Withdrawn as i32;
        item.joint_owners = vec!["regions/northumbria/partnerships/newcastle".into()];
    }
    let before = server.asked("NewsService/CreateNewsItem").len();
    let outcome = submit(&desk, &folder).await;
    let said = outcome.stderr.clone();
    assert!(said.contains("left alone  award 2022-01-05 wardens.md: it was a joint item with newcastle, and was withdrawn"), "{said}");
    assert!(said.contains("csp news update gateshead/") && said.contains("--again"), "{said}");
    assert_eq!(server.asked("NewsService/CreateNewsItem").len(), before);
}
