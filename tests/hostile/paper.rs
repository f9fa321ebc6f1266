//! What was taken is printed: a whole quarter in which every text is hostile, read in the mailboxes.

use std::collections::{BTreeMap, BTreeSet};

use csp_domain::text::Line;
use csp_proto::v1;
use csp_tests::{Bed, properties::Page};
use mail_parser::MessageParser;

use crate::{
    long, panics, strings,
    world::{COMMITTEE, CYCLE, REGION, World, partnership},
};

/// How many committees, partnerships and indicators have hostile names.
const COMMITTEES: usize = 4;
const PARTNERSHIPS: usize = 8;
const INDICATORS: usize = 6;

/// The strings, dealt in turn.
struct Deal {
    strings: Vec<String>,
    next: usize,
}

impl Deal {
    /// Every string that a name may be, beginning with the `first`.
    fn from(first: usize) -> Self {
        let mut strings: Vec<String> =
            strings::all().into_iter().filter(|s| Line::parse(&s.text, Line::NAME).is_ok()).map(|s| s.text.trim().to_owned()).collect();
        let middle = first % strings.len();
        strings.rotate_left(middle);
        Self { strings, next: 0 }
    }

    fn next(&mut self) -> String {
        self.next += 1;
        self.strings[(self.next - 1) % self.strings.len()].clone()
    }
}

/// Words, whatever white space stood between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words without the isolates that the paper puts around what runs the other way.
fn bare(text: &str) -> String {
    words(&text.replace(['\u{2068}', '\u{2069}'], ""))
}

pub(crate) async fn what_was_taken_is_read_in_every_mailbox_and_does_nothing_else(bed: Bed) {
    let count = Deal::from(0).strings.len();
    assert!(count > 80, "{count} strings are taken as names");
    one_paper(bed, 0).await;
    if long() {
        for first in (7..count).step_by(7) {
            one_paper(Bed::sqlite().await, first).await;
        }
    }
    assert_eq!(panics(), 0, "something panicked on the way");
}

async fn one_paper(bed: Bed, first: usize) {
    let world = World::on(bed).await;
    let mut deal = Deal::from(first);
    let expected = set_up(&world, &mut deal).await;
    world.at("2022-01-05T10:00:00Z").await;
    let sent_in = send_in(&world, &mut deal).await;
    world.at("2022-01-12T17:00:01Z").await;
    let mut subjects = BTreeMap::new();
    for committee in expected.keys() {
        let digest = world.approve(&format!("{committee}/cycles/2021-q3")).await.unwrap();
        subjects.insert(committee.clone(), digest.subject);
    }
    world.at("2022-01-18T09:00:00Z").await;

    // Of its rehearsal, administrators hear as well.
    let rehearsal =
        |bytes: &[u8]| MessageParser::default().parse(bytes).is_some_and(|m| m.subject().is_some_and(|s| s.starts_with("REHEARSAL")));
    let mails: Vec<_> =
        world.sink.messages().into_iter().filter(|mail| !(mail.to.starts_with("administrator") && rehearsal(&mail.bytes))).collect();
    let mut copies = 0;
    for (committee, mut texts) in expected {
        if committee == COMMITTEE {
            texts.extend(sent_in.iter().cloned());
        }
        let list = v1::ListMembersRequest { parent: committee.clone(), page_size: 500, ..Default::default() };
        let members = world.committees().list_members(world.administrator.call(list)).await.unwrap().into_inner().members;
        for (n, member) in members.iter().enumerate() {
            let own: Vec<_> = mails
                .iter()
                .filter(|mail| mail.to == member.email)
                .filter(|mail| MessageParser::default().parse(&mail.bytes).is_some_and(|m| m.subject() == Some(&*subjects[&committee])))
                .collect();
            assert_eq!(own.len(), 1, "one copy for {:?} under {:?}", member.display_name, subjects[&committee]);
            // The body is the same for all: the first is read whole.
            check(&own[0].bytes, member, if n == 0 { &texts } else { &[] });
            copies += 1;
        }
    }
    assert_eq!(copies, mails.len(), "nobody else gets anything");
    println!("{} strings printed, {copies} mails read", deal.next);
}

/// Names and standing texts. Answers what each committee's paper must say.
async fn set_up(world: &World, deal: &mut Deal) -> BTreeMap<String, Vec<String>> {
    let administrator = &world.administrator;
    let mut names = Vec::new();
    for n in 0..PARTNERSHIPS {
        let display_name = deal.next();
        names.push(display_name.clone());
        if n < 3 {
            let changed = v1::Partnership { name: partnership(n), display_name, ..Default::default() };
            let mask = prost_types::FieldMask { paths: vec!["display_name".into()] };
            let update = v1::UpdatePartnershipRequest { partnership: Some(changed), update_mask: Some(mask) };
            world.partnerships().update_partnership(administrator.call(update)).await.unwrap();
        } else {
            let made = v1::Partnership { display_name, ons_code: format!("E2200050{n}"), ..Default::default() };
            let create = v1::CreatePartnershipRequest {
                parent: REGION.into(),
                partnership: Some(made),
                partnership_id: format!("p-{n}"),
                ..Default::default()
            };
            world.partnerships().create_partnership(administrator.call(create)).await.unwrap();
        }
    }
    let mut indicators = vec![format!("{REGION}/indicators/burglary"), format!("{REGION}/indicators/vehicle-crime")];
    for n in 0..INDICATORS {
        let indicator = v1::Indicator {
            display_name: deal.next(),
            unit: v1::Unit::Count.into(),
            polarity: v1::Polarity::Neither.into(),
            source: deal.next(),
            ..Default::default()
        };
        names.extend([indicator.display_name.clone(), indicator.source.clone()]);
        let create = v1::CreateIndicatorRequest {
            parent: REGION.into(),
            indicator: Some(indicator),
            indicator_id: format!("i-{n}"),
            ..Default::default()
        };
        indicators.push(world.indicators().create_indicator(administrator.call(create)).await.unwrap().into_inner().name);
    }
    let partnerships: Vec<String> =
        (0..3).map(partnership).chain((3..PARTNERSHIPS).map(|n| format!("{REGION}/partnerships/p-{n}"))).collect();
    let mut expected = BTreeMap::new();
    for n in 0..COMMITTEES {
        let template = v1::CommitteeTemplate {
            report_of: deal.next(),
            title: deal.next(),
            purpose: deal.next(),
            recommendations: (0..10).map(|_| deal.next()).collect(),
            implications: (0..10).map(|_| v1::Implication { heading: deal.next(), statement: deal.next() }).collect(),
            notice: deal.next(),
            ..Default::default()
        };
        let display_name = deal.next();
        let mut texts = vec![
            template.report_of.clone(),
            template.title.clone(),
            template.purpose.clone(),
            template.notice.clone(),
            display_name.clone(),
        ];
        texts.extend(template.recommendations.iter().cloned());
        texts.extend(template.implications.iter().flat_map(|i| [i.heading.clone(), i.statement.clone()]));
        texts.extend(names.iter().cloned());
        let committee = v1::Committee {
            name: if n == 0 { COMMITTEE.to_owned() } else { String::new() },
            display_name,
            partnerships: partnerships.clone(),
            indicators: indicators.clone(),
            recurrence: Some(v1::Recurrence { first_quarter: "2021-q3".into(), ..Default::default() }),
            template: Some(template),
            ..Default::default()
        };
        let name = if n == 0 {
            let update = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask: None };
            world.committees().update_committee(administrator.call(update)).await.unwrap().into_inner().name
        } else {
            let create = v1::CreateCommitteeRequest {
                parent: REGION.into(),
                committee: Some(committee),
                committee_id: format!("c-{n}"),
                ..Default::default()
            };
            let name = world.committees().create_committee(administrator.call(create)).await.unwrap().into_inner().name;
            let role_grant = v1::RoleGrant { role: v1::Role::Approver.into(), committee: name.clone(), ..Default::default() };
            let grant =
                v1::CreateRoleGrantRequest { parent: world.approver.person.clone(), role_grant: Some(role_grant), ..Default::default() };
            world.persons().create_role_grant(administrator.call(grant)).await.unwrap();
            name
        };
        // Each string is somebody's name, and the members of the first committee keep their own.
        let people: Vec<String> = if n == 1 { deal.strings.clone() } else { (0..3).map(|_| deal.next()).collect() };
        let mut csv = "name,email\n".to_owned();
        for (i, person) in people.iter().enumerate() {
            csv.push_str(&format!("\"{}\",m-{n}-{i}@example.org\n", person.replace('"', "\"\"")));
        }
        let import = v1::ImportMembersRequest { parent: name.clone(), csv, ..Default::default() };
        world.committees().import_members(administrator.call(import)).await.unwrap();
        expected.insert(name, texts);
    }
    expected
}

/// Figures, statements and news. Answers what the first committee's paper must say of them.
async fn send_in(world: &World, deal: &mut Deal) -> Vec<String> {
    let mut said = Vec::new();
    let mut say = |text: String| {
        said.push(text.clone());
        text
    };
    let figure = |indicator: &str, answer| v1::Figure {
        indicator: format!("{REGION}/indicators/{indicator}"),
        period: "2021-q3".into(),
        answer: Some(answer),
        ..Default::default()
    };
    let figures = vec![
        figure("burglary", v1::figure::Answer::Withheld(v1::Withheld { reason: say(deal.next()) })),
        v1::Figure { note: say(deal.next()), ..figure("vehicle-crime", v1::figure::Answer::Value("7".into())) },
    ];
    let quoted_figures = (0..5)
        .map(|_| v1::QuotedFigure {
            subject: say(deal.next()),
            value: say(deal.next()),
            source: say(deal.next()),
            period: "2021-q3".into(),
        })
        .collect();
    let full = v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures });
    let nil = v1::r#return::Content::Nil(v1::NilReturn { statement: say(deal.next()) });
    for (n, content) in [full, nil].into_iter().enumerate() {
        let answer = v1::Return { cycle: CYCLE.into(), content: Some(content), ..Default::default() };
        let create = v1::CreateReturnRequest { parent: partnership(n), answer: Some(answer), ..Default::default() };
        world.returns().create_return(world.officers[n].call(create)).await.unwrap();
    }
    for n in 0..deal.strings.len() {
        let item = v1::NewsItem {
            cycle: CYCLE.into(),
            kind: v1::NewsKind::News.into(),
            headline: say(deal.next()),
            body: format!("Said: {}", say(deal.next())),
            body_format: v1::BodyFormat::PlainText.into(),
            ..Default::default()
        };
        let create = v1::CreateNewsItemRequest { parent: partnership(n % 3), news_item: Some(item), ..Default::default() };
        world.news().create_news_item(world.officers[n % 3].call(create)).await.unwrap();
    }
    said
}

/// A member's copy: the fields we set and no other, to nobody else, and all that must be said in both forms.
fn check(bytes: &[u8], member: &v1::Member, texts: &[String]) {
    assert!(bytes.is_ascii());
    let mail = MessageParser::default().parse(bytes).unwrap();
    let fields: Vec<String> = mail.headers_raw().map(|(name, _)| name.to_lowercase()).collect();
    let once: BTreeSet<&String> = fields.iter().collect();
    assert_eq!(once.len(), fields.len(), "a field is there twice: {fields:?}");
    let ours = [
        "to",
        "message-id",
        "date",
        "from",
        "subject",
        "list-id",
        "auto-submitted",
        "x-auto-response-suppress",
        "mime-version",
        "content-type",
    ];
    assert!(fields.iter().all(|field| ours.contains(&&**field)), "{fields:?}");
    let to = mail.to().unwrap().clone().into_list();
    assert_eq!((to.len(), to[0].address(), to[0].name()), (1, Some(&*member.email), Some(&*member.display_name)));
    assert_eq!(mail.attachment_count(), 0);

    let page = Page::read(&mail.body_html(0).unwrap());
    assert_eq!(page.foreign(), Vec::<String>::new());
    let loaded = page.tags.iter().filter(|tag| tag.attributes.iter().any(|(name, _)| name == "href" || name == "src"));
    assert_eq!(loaded.count(), 0, "nobody wrote a link");
    let (seen, read) = (bare(&page.text), bare(&mail.body_text(0).unwrap()));
    for text in texts {
        assert!(seen.contains(&words(text)), "{text:?} is not in the page");
        // In a narrow column of the plain text, a name stands below itself.
        assert!(words(text).split(' ').all(|word| read.contains(word)), "{text:?} is not in the text");
    }
}
