//! Partnerships send in what they have: in full, after a slip, late, nil; and one sends nothing.

use chrono::TimeDelta;
use csp_domain::Instant;
use csp_proto::v1::{self, figure::Answer};

use super::{
    asking,
    caller::{Caller, Refusal, request_id},
    data, joint,
    setup::Cast,
    signing,
    stage::Stage,
    telling::{Telling, date, instant},
    wording,
};
use crate::Failure;

/// Wednesday 12 January 2022, a moment after 17:00.
pub(super) const AFTER_THE_DEADLINE: &str = "2022-01-12T17:00:00.000001Z";

pub(super) fn at(text: &str) -> Instant {
    text.parse().expect("the story's dates read")
}

pub(super) async fn collect(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    open(stage, cast, tell).await?;
    letters(stage, cast, tell).await?;
    gateshead(stage, cast, tell).await?;
    newcastle(stage, cast, tell).await?;
    north_tyneside(stage, cast, tell).await?;
    the_others(stage, cast, tell).await?;
    editor(stage, cast, tell).await
}

async fn open(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-01T09:00:00Z")).await?;
    tell.scene(stage.now(), "Collecting opens by itself");
    let duties = cast.officer("gateshead").identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    let duty = duties.first().ok_or_else(|| Failure::new("nothing is due from Gateshead, though collecting is open"))?;
    tell.done("Gateshead's officer asks what is due");
    tell.detail(&format!("{}, by {}", duty.period_label, date(instant(duty.due_time))));
    tell.command("csp due");
    Ok(())
}

/// Four days later offices are open again, and the release is two weeks away.
async fn letters(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-04T09:00:00Z")).await?;
    tell.scene(stage.now(), "The first working day: letters go by themselves");
    let told = reminders(&cast.administrator).await?.len();
    tell.done(&format!("{told} officers read that collecting is open; with each letter comes the workbook to fill in"));
    tell.command("csp return template --to figures.xlsx");
    let list = v1::ListMessagesRequest { parent: data::region_name(), page_size: 500, ..Default::default() };
    let all = cast.administrator.messages().list_messages(list).await?.into_inner().messages;
    let rehearsal = all.iter().find(|message| message.kind() == v1::MessageKind::Notice && message.subject.starts_with("REHEARSAL"));
    let rehearsal = rehearsal.ok_or_else(|| Failure::new("the release was not rehearsed two weeks before it"))?;
    tell.done("The release is rehearsed: the administrator alone hears what to see to");
    tell.detail(&format!("“{}”", rehearsal.subject));
    tell.command("csp admin schedule list citizen-focus/2021-q3");
    Ok(())
}

async fn gateshead(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-04T10:12:00Z")).await?;
    tell.scene(stage.now(), "Gateshead sends in its figures and news");
    let officer = cast.officer("gateshead");
    let create = v1::CreateReturnRequest { mail_receipt: true, ..to_send("gateshead", figures("gateshead")) };
    let sent = officer.returns().create_return(create).await?.into_inner();
    tell.done(&format!("{} figures received: this quarter's, the year before's with a note, each month since May 2020", count(&sent)));
    tell.command("csp return submit gateshead.csv --receipt-by-mail");
    stage.ring().await?;
    let receipt = officer.returns().get_receipt(v1::GetReceiptRequest { name: sent.name }).await?.into_inner();
    tell.done("The receipt is mailed, as the officer asked: each item, its number, hash and time");
    tell.detail(&format!("receipt {}, SHA-256 {}…", receipt.number, receipt.sha256.chars().take(16).collect::<String>()));
    joint::send_in(cast, tell).await?;
    send_news(officer, "gateshead", tell).await?;
    signing::sign(cast, "gateshead", tell).await
}

async fn newcastle(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-06T15:40:00Z")).await?;
    tell.scene(stage.now(), "Newcastle sends in a file with slips in it");
    let officer = cast.officer("newcastle-upon-tyne");
    match officer.returns().create_return(to_send("newcastle-upon-tyne", v1::r#return::Content::Figures(with_slips()))).await {
        Ok(_) => return Err(Failure::new("a return full of slips was taken")),
        Err(status) => {
            let refusal = Refusal::from(&status);
            tell.refused(&format!("Refused, and every slip is named at once ({}); nothing was changed:", refusal.faults.len()));
            for (place, fault) in &refusal.faults {
                tell.detail(&format!("{:<22}{}", in_file(place), without_names(fault)));
            }
            tell.command("csp return submit newcastle-with-slips.csv");
        }
    }
    let sent = send(officer, "newcastle-upon-tyne", figures("newcastle-upon-tyne")).await?;
    tell.done(&format!("The file is put right: {} figures received", count(&sent)));
    tell.command("csp return submit newcastle-upon-tyne.csv");
    send_news(officer, "newcastle-upon-tyne", tell).await?;

    let why = "Please look at robbery once more: I remember another count.";
    signing::send_back(cast, "newcastle-upon-tyne", why, tell).await?;
    send(officer, "newcastle-upon-tyne", figures("newcastle-upon-tyne")).await?;
    tell.done("The officer has looked: the count is as the police recorded it, and is sent in again");
    tell.command("csp return submit newcastle-upon-tyne.csv");
    signing::sign(cast, "newcastle-upon-tyne", tell).await?;
    joint::sign(cast, tell).await
}

async fn north_tyneside(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-10T09:05:00Z")).await?;
    tell.scene(stage.now(), "North Tyneside sends in its figures, and corrects one");
    let officer = cast.officer("north-tyneside");
    let (wrong, was, is) = with_digits_swapped();
    let mut sent = send(officer, "north-tyneside", v1::r#return::Content::Figures(wrong)).await?;
    tell.done(&format!("{} figures received", count(&sent)));
    tell.command("csp return submit north-tyneside.csv");
    asking::sees_a_slip(cast, "north-tyneside", "months-differ", tell).await?;
    sent.content = Some(figures("north-tyneside"));
    let update = v1::UpdateReturnRequest { answer: Some(sent), ..Default::default() };
    let corrected = officer.returns().update_return(update).await?.into_inner();
    tell.done(&format!(
        "Corrected while collecting is open: vehicle crime is {is}, not {was}; the return is now revision {}",
        corrected.revision
    ));
    tell.command("csp return correct north-tyneside.csv");
    send_news(officer, "north-tyneside", tell).await?;

    signing::recall(cast, "north-tyneside", tell).await?;
    send(officer, "north-tyneside", figures("north-tyneside")).await?;
    tell.done("It is as it should be, and is sent in again");
    tell.command("csp return submit north-tyneside.csv");
    signing::sign(cast, "north-tyneside", tell).await
}

async fn the_others(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-11T11:30:00Z")).await?;
    tell.scene(stage.now(), "Northumberland is late, South Tyneside has nothing to report");
    let officer = cast.officer("northumberland");
    send(officer, "northumberland", figures("northumberland")).await?;
    tell.done("Northumberland: this quarter's figures are late, expected on 31 January 2022");
    tell.command("csp return submit northumberland.csv");
    send_news(officer, "northumberland", tell).await?;
    signing::sign(cast, "northumberland", tell).await?;

    let nil = v1::NilReturn { statement: data::nil_statement("south-tyneside") };
    let statement = nil.statement.clone();
    send(cast.officer("south-tyneside"), "south-tyneside", v1::r#return::Content::Nil(nil)).await?;
    tell.done("South Tyneside: a nil return, which is neither zero nor silence");
    tell.command(&format!("csp return submit --nil \"{statement}\""));
    signing::sign(cast, "south-tyneside", tell).await
}

async fn editor(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at("2022-01-12T11:00:00Z")).await?;
    tell.scene(stage.now(), "The editor writes the national part and looks who is missing");
    let mut client = cast.editor.news();
    let items = data::news("national");
    for news in &items {
        let create = v1::CreateNewsItemRequest {
            parent: data::committee_name(),
            news_item: Some(news_item(news)),
            request_id: request_id(),
            validate_only: false,
        };
        client.create_news_item(create).await?;
    }
    tell.done(&format!("{} national developments, written once for all partnerships", items.len()));
    tell.command("csp news submit national-probation.md --national");

    let duties = cast.editor.identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    let summary = duties.iter().find(|duty| duty.kind() == v1::DutyKind::Edit).map(|duty| duty.summary.clone()).unwrap_or_default();
    let received = returns(&cast.editor).await?;
    let missing: Vec<_> = data::partnerships()
        .into_iter()
        .filter(|partnership| {
            !received.iter().any(|answer| answer.name.starts_with(&format!("{}/", data::partnership_name(&partnership.slug))))
        })
        .map(|partnership| partnership.name)
        .collect();
    tell.done(&format!("So far: {summary}. Still missing: {}", missing.join(", ")));
    tell.command("csp return list --cycle citizen-focus/2021-q3 --partnership -");

    let reminders = reminders(&cast.administrator).await?;
    let today: Vec<_> = reminders.iter().filter(|message| seconds(message.create_time) >= at("2022-01-12T00:00:00Z").timestamp()).collect();
    tell.done(&format!(
        "{} reminders have gone by themselves, each while something was outstanding; this morning's {}:",
        reminders.len(),
        today.len()
    ));
    for message in today {
        tell.detail(&format!("to {}: {}", message.recipient_display_name, message.subject));
    }
    tell.command("csp messages");
    wording::propose_and_accept(cast, "gateshead", tell).await?;
    signing::accept(cast, tell).await?;

    let preview = cast.editor.digests().preview_digest(v1::PreviewDigestRequest { parent: data::cycle_name() }).await?.into_inner();
    tell.done("A preview of the paper as it stands");
    tell.detail(&format!("“{}”", preview.subject));
    tell.command("csp digest preview --html preview.html");
    Ok(())
}

/// The deadline passes; a return that comes after it is refused and told why.
pub(super) async fn close(stage: &Stage, cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    stage.move_to(at(AFTER_THE_DEADLINE)).await?;
    tell.scene(stage.now(), "The deadline passes");
    let digest =
        cast.editor.digests().get_digest(v1::GetDigestRequest { name: format!("{}/digests/-", data::cycle_name()) }).await?.into_inner();
    tell.done(&format!("Collecting closes by itself, and the paper is frozen: version {}, byte for byte", digest.version));

    stage.move_to(at(AFTER_THE_DEADLINE) + TimeDelta::minutes(4)).await?;
    match cast.officer("sunderland").returns().create_return(to_send("sunderland", figures("sunderland"))).await {
        Ok(_) => Err(Failure::new("a return was taken after the deadline")),
        Err(status) => {
            let refusal = Refusal::from(&status);
            if refusal.reason != "CYCLE_CLOSED" {
                return Err(status.into());
            }
            let since = refusal.moment.map(date).unwrap_or_default();
            tell.refused("Sunderland, four minutes later, is refused, and told why:");
            tell.detail(&format!("{}, since {since}", refusal.sentence));
            tell.command("csp return submit sunderland.csv");
            Ok(())
        }
    }
}

/// What was sent in for the cycle, as the editor sees it.
pub(super) async fn returns(editor: &Caller) -> Result<Vec<v1::Return>, Failure> {
    let list = v1::ListReturnsRequest {
        parent: data::partnership_name("-"),
        cycle: data::cycle_name(),
        page_size: 500,
        page_token: String::new(),
    };
    Ok(editor.returns().list_returns(list).await?.into_inner().returns)
}

/// The reminders that were queued, as the administrator sees them, in order.
async fn reminders(administrator: &Caller) -> Result<Vec<v1::Message>, Failure> {
    let list = v1::ListMessagesRequest { parent: data::region_name(), page_size: 500, ..Default::default() };
    let all = administrator.messages().list_messages(list).await?.into_inner().messages;
    Ok(all.into_iter().filter(|message| message.kind() == v1::MessageKind::Reminder).collect())
}

fn seconds(at: Option<prost_types::Timestamp>) -> i64 {
    at.map_or(0, |at| at.seconds)
}

/// How many figures a return holds.
pub(super) fn count(answer: &v1::Return) -> usize {
    match &answer.content {
        Some(v1::r#return::Content::Figures(figures)) => figures.figures.len(),
        _ => 0,
    }
}

async fn send(officer: &Caller, partnership: &str, content: v1::r#return::Content) -> Result<v1::Return, Failure> {
    Ok(officer.returns().create_return(to_send(partnership, content)).await?.into_inner())
}

fn to_send(partnership: &str, content: v1::r#return::Content) -> v1::CreateReturnRequest {
    let answer = v1::Return { cycle: data::cycle_name(), content: Some(content), ..Default::default() };
    v1::CreateReturnRequest {
        parent: data::partnership_name(partnership),
        answer: Some(answer),
        request_id: request_id(),
        validate_only: false,
        on_behalf: String::new(),
        mail_receipt: false,
    }
}

fn figures(partnership: &str) -> v1::r#return::Content {
    v1::r#return::Content::Figures(v1::Figures { figures: data::figures(partnership), quoted_figures: Vec::new() })
}

async fn send_news(officer: &Caller, partnership: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let mut client = officer.news();
    for news in data::news(partnership) {
        let create = v1::CreateNewsItemRequest {
            parent: data::partnership_name(partnership),
            news_item: Some(news_item(&news)),
            request_id: request_id(),
            validate_only: false,
        };
        client.create_news_item(create).await?;
        tell.done(&format!("News received: “{}”", news.headline));
        tell.command(&format!("csp news submit {} --kind {}", news.file, news.kind_word()));
    }
    Ok(())
}

fn news_item(news: &data::News) -> v1::NewsItem {
    v1::NewsItem {
        cycle: data::cycle_name(),
        kind: news.kind().into(),
        headline: news.headline.clone(),
        body: news.body().to_owned(),
        body_format: v1::BodyFormat::Markdown.into(),
        happened_on: news.happened_on.clone(),
        ..Default::default()
    }
}

/// Newcastle's figures with four slips: a count below zero, an indicator nobody knows, a quarter that is not over, an answer
/// given twice.
pub(super) fn with_slips() -> v1::Figures {
    let mut figures = data::figures("newcastle-upon-tyne");
    figures[1].answer = Some(Answer::Value("-1040".to_owned()));
    figures[2].indicator = data::indicator_name("burglaries");
    "2021-q4".clone_into(&mut figures[4].period);
    figures.insert(2 * data::asked_for().len(), figures[3].clone());
    v1::Figures { figures, quoted_figures: Vec::new() }
}

/// North Tyneside's figures with two digits of one count swapped: the figures, the wrong value and the right one.
fn with_digits_swapped() -> (v1::Figures, String, String) {
    let mut figures = data::figures("north-tyneside");
    let slip = figures.iter_mut().find(|figure| figure.indicator.ends_with("/vehicle-crime") && figure.period == data::QUARTER);
    let mut told = (String::new(), String::new());
    if let Some(Answer::Value(value)) = slip.and_then(|figure| figure.answer.as_mut()) {
        let right = value.clone();
        let mut digits: Vec<char> = right.chars().collect();
        let last = digits.len() - 1;
        digits.swap(last - 1, last);
        *value = digits.into_iter().collect();
        told = (value.clone(), right);
    }
    (v1::Figures { figures, quoted_figures: Vec::new() }, told.0, told.1)
}

/// Where a fault stands in the file, as `csp` says it: `line 4, value`.
fn in_file(place: &str) -> String {
    let found = place.rsplit_once("figures[").and_then(|(_, rest)| rest.split_once(']'));
    let Some((index, column)) = found.and_then(|(index, column)| Some((index.parse::<usize>().ok()?, column.trim_start_matches('.'))))
    else {
        return place.to_owned();
    };
    // The head line is the first.
    let line = index + 2;
    if column.is_empty() { format!("line {line}") } else { format!("line {line}, {column}") }
}

/// A fault in the words of a person, who calls an indicator `burglary`, and a line of the file a line.
fn without_names(fault: &str) -> String {
    let short = fault.replace(&format!("{}/indicators/", data::region_name()), "");
    match short.split_once("figures[").and_then(|(before, rest)| Some((before, rest.split_once(']')?))) {
        Some((before, (index, after))) => match index.parse::<usize>() {
            Ok(index) => format!("{before}line {}{after}", index + 2),
            Err(_) => short,
        },
        None => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_by_line() {
        assert_eq!(in_file("answer.figures.figures[2].value"), "line 4, value");
        assert_eq!(in_file("answer.figures.figures[10]"), "line 12");
        assert_eq!(in_file("parent"), "parent");
        assert_eq!(
            without_names("answers Anti-social behaviour incidents for Q3 2021/22 a second time; figures[0] does already"),
            "answers Anti-social behaviour incidents for Q3 2021/22 a second time; line 2 does already"
        );
    }

    #[test]
    fn two_digits_are_swapped() {
        let (_, was, is) = with_digits_swapped();
        assert_eq!((was.as_str(), is.as_str()), ("330", "303"));
    }
}
