//! The workbook that comes by mail: nobody has to fetch it.

use std::io::{Cursor, Read as _, Write as _};

use csp_proto::v1;
use csp_tests::{Bed, at};
use mail_parser::{MessageParser, MimeHeaders as _};

use crate::{
    folder::{csp, dialled},
    reminders::SPRING,
    world::{World, partnership, two_figures},
};

/// The files that came with the last letter to somebody: what each is called, what it is, and what is in it.
pub(crate) fn files(world: &World, to: &str) -> Vec<(String, String, Vec<u8>)> {
    let mails = world.sink.messages();
    let mail = mails.iter().rfind(|mail| mail.to.starts_with(to)).expect("was written to");
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    let file = |part: &mail_parser::MessagePart<'_>| {
        let kind = part.content_type().unwrap();
        let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        (part.attachment_name().unwrap().to_owned(), kind, part.contents().to_vec())
    };
    parsed.attachments().map(file).collect()
}

/// The workbook with numbers typed into some of its white cells, and nothing else of it touched.
fn filled_in(workbook: &[u8], cells: &[(&str, &str)]) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut part = old.by_index(index).unwrap();
        let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut bytes).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            let mut sheet = String::from_utf8(bytes).unwrap();
            for (cell, value) in cells {
                let begin = sheet.find(&format!("<c r=\"{cell}\"")).expect("the cell is there");
                let end = begin + sheet[begin..].find("/>").expect("the cell is empty");
                assert!(!sheet[begin..end].contains('>'), "{cell} is filled in already");
                sheet.replace_range(end..end + 2, &format!("><v>{value}</v></c>"));
            }
            bytes = sheet.into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap().into_inner()
}

pub(crate) async fn the_letter_that_opens_collecting_brings_the_workbook_that_is_filled_in_and_sent_in(bed: Bed) {
    let world = World::on(bed).await;
    // What Gateshead said of the quarter before stands beside what is asked now.
    world.at("2022-01-05T10:00:00Z").await;
    world.returns().create_return(world.officers[0].call(two_figures(0, crate::world::CYCLE, "2021-q3", "206", "291"))).await.unwrap();
    world.at("2022-02-01T09:00:00Z").await;
    // Gateshead measures more for itself: something now, something until the day before the quarter ended, something from the next on.
    for (id, until, from) in [("dog-fouling", "", ""), ("ended", "2022-03-30", ""), ("later", "", "2022-04-01")] {
        let definition = Some(v1::Definition { valid_from: from.into(), ..Default::default() });
        let mut own = crate::own::create(0, id);
        own.indicator.as_mut().unwrap().definition = definition;
        let made = world.indicators().create_own_indicator(world.officers[0].call(own)).await.unwrap().into_inner();
        let update_mask = Some(prost_types::FieldMask { paths: vec!["end_date".into()] });
        let update = v1::UpdateOwnIndicatorRequest { indicator: Some(v1::Indicator { end_date: until.into(), ..made }), update_mask };
        world.indicators().update_own_indicator(world.officers[0].call(update)).await.unwrap();
    }
    // Sunderland is so quick that it owes nothing by the time that letters are written.
    world.bed.clock.set(at("2022-04-01T08:00:00Z"));
    world.returns().create_return(world.officers[2].call(two_figures(2, SPRING, "2021-q4", "1", "2"))).await.unwrap();
    let before = world.sink.messages().len();
    world.at("2022-04-01T08:00:00Z").await;
    let new = &world.sink.messages()[before..];
    assert!(!new.iter().any(|mail| mail.to.starts_with("officer-sunderland")), "who owes nothing gets no letter and no workbook");

    let got = files(&world, "officer-gateshead");
    let names: Vec<&str> = got.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(names, ["returns-due.ics", "gateshead-citizen-focus-2021-q4.xlsx"]);
    let (name, kind, bytes) = &got[1];
    assert_eq!(kind, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(bytes.len() < 50_000, "{} bytes", bytes.len());
    assert_eq!(files(&world, "officer-newcastle")[1].0, "newcastle-citizen-focus-2021-q4.xlsx");

    // It is the file that csp would write, to the last byte.
    let url = dialled(&world).await;
    let token = &world.officers[0].token;
    let desk = tempfile::tempdir().unwrap();
    let own = desk.path().join("own.xlsx").display().to_string();
    let (code, _, talk) = csp(&url, token, &["return", "template", "--cycle", "citizen-focus/2021-q4", "--to", &own]).await;
    assert_eq!(code, 0, "{talk}");
    assert!(std::fs::read(&own).unwrap() == *bytes, "one form, whoever makes it");
    let read = csp_sheet::xlsx::read(bytes).unwrap();
    let cells = |row: usize| read.sheets[0].rows[row].cells.iter().map(|cell| cell.value.text().to_owned()).collect::<Vec<_>>();
    assert_eq!(cells(0), ["Figures of Gateshead for Citizen Focus Committee, Q4 2021/22 (January to March 2022)"]);
    assert!(cells(1)[0].ends_with("Due by Tue 12 Apr 2022, 17:00."), "{:?}", cells(1));
    assert_eq!(cells(3), ["burglary", "Burglary", "count", "2021-q4", "yes", "206"]);
    let rows = read.sheets[0].rows.iter().map(|row| row.cells.first().map(|cell| cell.value.text().to_owned()).unwrap_or_default());
    let own: Vec<String> = rows.filter(|id| id.contains('.') && id.starts_with("gateshead")).collect();
    assert!(!own.is_empty() && own.iter().all(|id| id == "gateshead.dog-fouling"), "{own:?}");

    // Saved from the letter, filled in, and sent in by the command that stands in it.
    let file = desk.path().join(name).display().to_string();
    std::fs::write(&file, filled_in(bytes, &[("H5", "139"), ("H7", "0"), ("H9", "4")])).unwrap();
    let (code, _, talk) = csp(&url, token, &["return", "submit", &file, "--cycle", "citizen-focus/2021-q4"]).await;
    assert_eq!(code, 0, "{talk}");
    let get = v1::GetReturnRequest { name: format!("{}/returns/citizen-focus.2021-q4", partnership(0)) };
    let sent = world.returns().get_return(world.officers[0].call(get)).await.unwrap().into_inner();
    let Some(v1::r#return::Content::Figures(figures)) = sent.content else { panic!("figures were sent in") };
    let values: Vec<_> = figures.figures.iter().map(|figure| (figure.period.as_str(), figure.answer.clone())).collect();
    let value = |text: &str| Some(v1::figure::Answer::Value(text.into()));
    assert_eq!(values, [("2021-q4", value("139")), ("2021-q4", value("0")), ("2021-q4", value("4"))]);
    // It has come with the first letter, and does not come again.
    world.at("2022-04-05T08:00:00Z").await;
    assert_eq!(files(&world, "officer-newcastle").len(), 1, "the dates alone");
}

pub(crate) async fn the_first_letter_brings_it_however_late_and_once(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-02-01T09:00:00Z").await;
    // Nobody looked on the morning of the opening, nor the week after.
    world.at("2022-04-11T08:00:00Z").await;
    let got = files(&world, "officer-newcastle");
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].0, "newcastle-citizen-focus-2021-q4.xlsx");
    world.at("2022-04-12T08:00:00Z").await;
    assert_eq!(files(&world, "officer-newcastle").len(), 1, "not with each letter");
    // After the deadline there is nothing to fill in.
    world.at("2022-04-13T08:00:00Z").await;
    assert_eq!(files(&world, "officer-newcastle").len(), 0);
    // Whoever has lost it writes one, or has somebody order the reminder.
    let reason = "Newcastle's mail was lost.".to_owned();
    world.at("2022-07-01T08:00:00Z").await;
    world.at("2022-07-04T10:00:00Z").await;
    let name = "regions/northumbria/committees/citizen-focus/cycles/2022-q1/jobs/remind".to_owned();
    world.schedule().run_job(world.administrator.call(v1::RunJobRequest { name, reason })).await.unwrap();
    world.at("2022-07-04T10:00:30Z").await;
    assert_eq!(files(&world, "officer-newcastle")[1].0, "newcastle-citizen-focus-2022-q1.xlsx");
}

pub(crate) async fn a_letter_carries_ten_workbooks_and_says_of_how_many_more_it_has_none(bed: Bed) {
    let world = World::on(bed).await;
    let (administrator, officer) = (&world.administrator, &world.officers[0]);
    let mut partnerships: Vec<String> = (0..3).map(partnership).collect();
    for n in 0..10 {
        let new = v1::Partnership { display_name: format!("Town {n}"), ons_code: format!("E220009{n:02}"), ..Default::default() };
        let create = v1::CreatePartnershipRequest {
            parent: crate::world::REGION.into(),
            partnership: Some(new),
            partnership_id: format!("town-{n}"),
            request_id: String::new(),
        };
        let made = world.partnerships().create_partnership(administrator.call(create)).await.unwrap().into_inner();
        let role_grant = Some(v1::RoleGrant { role: v1::Role::Officer.into(), partnership: made.name.clone(), ..Default::default() });
        let grant = v1::CreateRoleGrantRequest { parent: officer.person.clone(), role_grant, request_id: String::new() };
        world.persons().create_role_grant(administrator.call(grant)).await.unwrap();
        partnerships.push(made.name);
    }
    let committee = Some(v1::Committee { name: crate::world::COMMITTEE.into(), partnerships, ..Default::default() });
    let update_mask = Some(prost_types::FieldMask { paths: vec!["partnerships".into()] });
    world.committees().update_committee(administrator.call(v1::UpdateCommitteeRequest { committee, update_mask })).await.unwrap();
    world.at("2022-02-01T09:00:00Z").await;
    world.at("2022-04-01T08:00:00Z").await;
    let names: Vec<String> = files(&world, "officer-gateshead").into_iter().map(|(name, _, _)| name).collect();
    assert_eq!(names.iter().filter(|name| name.contains(".xlsx")).count(), 10, "{names:?}");
    let mails = world.sink.messages();
    let mail = mails.iter().rfind(|mail| mail.to.starts_with("officer-gateshead")).unwrap();
    let said = MessageParser::default().parse(&mail.bytes).unwrap().body_text(0).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("as many as one letter carries: gateshead-citizen-focus-2021-q4.xlsx, "), "{said}");
    assert!(said.contains("send them in. For one more, csp start writes them."), "{said}");
}
