//! Every field of what is sent in, printed, mailed and put on record comes back as it was put in, on each way back there is.

use std::slice::from_ref;

use chrono::TimeDelta;
use csp_domain::{
    Act, Scope,
    act::Actor,
    digest::{CoolingOff, Digest, DigestState, RenditionKind, cooling_off_until},
    document::Hash,
    message::{ClaimedMessage, Message, MessageKind, MessageState, Outcome},
    narrative::Narrative,
    news::{NewNewsItem, NewsItem, NewsKind, NewsOwner, NewsState},
    observation::{Answer, Figure, QuotedFigure},
    returns::{Content, NewReturn, Return, ReturnState},
};
use csp_store::{AuditRow, MessageFilter, NewsChange, NewsFilter, Page, ReturnFilter};
use csp_tests::{Bed, at, day, line, quarter};

use crate::verdict::Verdict as _;

const MARKDOWN: &str = "## Beth ddigwyddodd

The *new* scheme **began** in [Gateshead](https://example.org/a?b=c&d=%20e): “all” is well – said Zoë.

- One
  1. and a half
- Two

> A partner said
>
> > that they agree.
";

pub(crate) async fn a_news_item_keeps_every_field_and_its_tree(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let owners = [(county.scope_of(0), county.owner(0)), (county.scope(), NewsOwner::Committee(county.committee.id))];
    for (scope, owner) in owners {
        for kind in NewsKind::ALL {
            let body = Narrative::from_markdown(MARKDOWN).expect("this is Markdown");
            let happened_on = (kind != NewsKind::News).then(|| day("2021-12-24"));
            let new = NewNewsItem {
                id: bed.id(),
                owner,
                cycle: county.cycle.id,
                kind,
                headline: line("Newyddion ‘da’ £5"),
                body,
                happened_on,
                joint: Vec::new(),
            };
            let by = &county.officers[0];
            let wanted = NewsItem {
                id: new.id,
                owner,
                cycle: new.cycle,
                kind,
                state: NewsState::Submitted,
                headline: new.headline.clone(),
                body: new.body.clone(),
                happened_on,
                joint: Vec::new(),
                submitted_by: by.id,
                submitted_at: bed.now(),
                revision: 1,
            };
            assert_eq!(bed.store.create_news_item(scope, &bed.by(by), by.id, new).await.done(), wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);
            for cycle in [None, Some(county.cycle.id)] {
                let filter = NewsFilter { owner: Some(owner), cycle };
                assert!(bed.store.list_news_items(scope, filter, Page::all()).await.done().items.contains(&wanted));
            }
            assert!(bed.store.gather(county.scope(), county.cycle.id).await.done().news.contains(&wanted));

            let (body, by) = (Narrative::from_plain_text("It went well.").expect("this is plain text"), &county.editor);
            let change = NewsChange {
                kind: Some(NewsKind::Award),
                headline: Some(line("Good news")),
                body: Some(body.clone()),
                happened_on: Some(None),
                joint: None,
                as_editor: false,
            };
            let changed = bed.store.update_news_item(scope, &bed.by(by), by.id, owner, wanted.id, change, Some(1)).await.done();
            let (kind, headline) = (NewsKind::Award, line("Good news"));
            let wanted = NewsItem { kind, headline, body, happened_on: None, submitted_by: by.id, revision: 2, ..wanted };
            assert_eq!(changed, wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);

            let withdrawn = bed.store.withdraw_news_item(scope, &bed.by(by), owner, wanted.id, Some(2)).await.done();
            let wanted = NewsItem { state: NewsState::Withdrawn, revision: 3, ..wanted };
            assert_eq!(withdrawn, wanted);
            assert_eq!(bed.store.get_news_item(scope, owner, wanted.id).await.done(), wanted);
            assert!(!bed.store.gather(county.scope(), county.cycle.id).await.done().news.contains(&wanted));
        }
    }
    let of_all = NewsFilter { owner: None, cycle: None };
    let listed = bed.store.list_news_items(county.scope(), of_all, Page::all()).await.done().items;
    assert_eq!(listed.len(), NewsKind::ALL.len(), "of every partnership, without the national part");
}

pub(crate) async fn a_return_keeps_all_five_answers_and_its_quoted_figures(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (burglary, costs) = (county.indicators[0].id, county.indicators[1].id);
    let value = |text: &str| Answer::Reported { value: text.parse().expect("this is a number") };
    let figure = |indicator, period: &str, answer| Figure { indicator, period: quarter(period), answer, provisional: false, note: None };
    let figures = vec![
        figure(costs, "2021-q3", value("96466.50")),
        figure(burglary, "2021-q3", value("0")),
        Figure { provisional: true, note: Some(line("cyfyngiadau mewn grym")), ..figure(burglary, "2020-q3", value("1000000000000")) },
        figure(burglary, "2021-10", Answer::Nil),
        figure(burglary, "2021-11", Answer::Late { expected_on: day("2022-02-28") }),
        figure(burglary, "2021-12", Answer::Withheld { reason: line("fewer than “five”") }),
        figure(burglary, "2021-fy", Answer::NotApplicable),
        figure(costs, "2021-10-02..2021-10-03", value("0.01")),
    ];
    let quoted = vec![
        QuotedFigure { subject: line("Satisfaction"), value: line("30%"), source: line("Home Office"), period: quarter("2021-q2") },
        QuotedFigure { subject: line("Satisfaction"), value: line("30%"), source: line("Home Office"), period: quarter("2021-q2") },
    ];
    let new = NewReturn {
        id: bed.id(),
        partnership: county.partnerships[0].id,
        cycle: county.cycle.id,
        content: Content::Full { figures, quoted },
        remark: Some(line("Sorry – late “again”.")),
    };
    let by = &county.officers[0];
    let wanted = Return {
        id: new.id,
        partnership: new.partnership,
        cycle: new.cycle,
        state: ReturnState::Submitted,
        content: new.content.clone(),
        remark: new.remark.clone(),
        submitted_by: by.id,
        submitted_at: bed.now(),
        revision: 1,
        sent: 1,
    };
    assert_eq!(bed.store.create_return(county.scope_of(0), &bed.by(by), by.id, new).await.done(), wanted);
    assert_eq!(bed.store.find_return(county.scope_of(0), wanted.partnership, wanted.cycle).await.done(), Some(wanted.clone()));
    for partnership in [None, Some(wanted.partnership)] {
        for cycle in [None, Some(wanted.cycle)] {
            let listed = bed.store.list_returns(county.scope(), ReturnFilter { partnership, cycle }, Page::all()).await.done();
            assert_eq!(listed.items, from_ref(&wanted));
        }
    }
    assert_eq!(bed.store.gather(county.scope(), wanted.cycle).await.done().returns, [wanted]);
}

pub(crate) async fn a_nil_return_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let content = Content::Nil { statement: line("Dim i’w adrodd.") };
    let new = NewReturn { id: bed.id(), partnership: county.partnerships[2].id, cycle: county.cycle.id, content, remark: None };
    let by = &county.officers[2];
    let made = bed.store.create_return(county.scope_of(2), &bed.by(by), by.id, new.clone()).await.done();
    assert_eq!((made.id, made.content.clone(), made.remark.clone(), made.revision), (new.id, new.content.clone(), None, 1));
    assert_eq!(bed.store.find_return(county.scope_of(2), new.partnership, new.cycle).await.done(), Some(made));

    // A return that had figures after all, and then had none.
    let figures = Content::Full { figures: vec![county.burglary(7)], quoted: Vec::new() };
    for (content, revision) in [(figures, 2), (new.content.clone(), 3)] {
        let corrected = NewReturn { content: content.clone(), ..new.clone() };
        let made = bed.store.update_return(county.scope_of(2), &bed.by(by), by.id, corrected, None).await.done();
        assert_eq!((made.content, made.revision), (content, revision));
    }
}

pub(crate) async fn a_digest_keeps_its_bytes_and_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    bed.close(&county).await;
    bed.clock.set(at("2022-01-13T08:00:00.000007Z"));
    let mut new = bed.new_digest(&county, "Diweddariad – ‘CSP’ update");
    new.authors.push(county.administrator.id);
    let mut wanted = Digest {
        id: new.id,
        cycle: county.cycle.id,
        version: 1,
        state: DigestState::Frozen,
        subject: new.subject.clone(),
        document_hash: Hash::of(&new.document),
        rendition_hashes: new.renditions.iter().map(|rendition| (rendition.kind, rendition.hash)).collect(),
        frozen_by: Actor::Person(county.editor.id),
        frozen_at: bed.now(),
        authors: new.authors.clone(),
        approved_by: None,
        approved_at: None,
        cooling_off: None,
        released_at: None,
        revision: 1,
    };
    assert_eq!(bed.store.freeze_digest(county.scope(), &bed.by(&county.editor), new.clone()).await.done(), wanted);
    assert_eq!(bed.store.get_digest(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.list_digests(county.scope(), wanted.cycle).await.done().items, from_ref(&wanted));
    assert_eq!(bed.store.get_public_document(county.scope(), wanted.id).await.done(), new.document);
    for rendition in &new.renditions {
        assert_eq!(bed.store.get_rendition(county.scope(), wanted.id, rendition.kind).await.done(), *rendition);
    }

    bed.clock.advance(TimeDelta::microseconds(1));
    let office = bed.store.get_office(county.scope(), county.committee.id).await.done();
    let until = cooling_off_until(bed.now(), county.region.zone, office.days(), 1);
    let kept = Some(CoolingOff { until, ended: None });
    wanted = Digest {
        state: DigestState::Approved,
        approved_by: Some(county.approver.id),
        approved_at: Some(bed.now()),
        cooling_off: kept,
        revision: 2,
        ..wanted
    };
    assert_eq!(bed.approve(&county, &wanted).await, wanted);
    bed.release(&county, &wanted).await;
    wanted = Digest { state: DigestState::Released, released_at: Some(bed.now()), revision: 3, ..wanted };
    assert_eq!(bed.store.get_digest(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.get_rendition(county.scope(), wanted.id, RenditionKind::Text).await.done(), new.renditions[1]);
}

pub(crate) async fn a_digest_frozen_by_schedule_names_nobody(bed: &Bed) {
    let county = bed.county("northumbria").await;
    bed.close(&county).await;
    let mut new = bed.new_digest(&county, "Update");
    new.authors.clear();
    let due_at = county.cycle.timetable.deadline_at;
    let made = bed.store.freeze_first_digest(county.scope(), &bed.by_schedule(), new, due_at).await.done().expect("nobody was faster");
    assert_eq!((made.frozen_by, made.authors.clone(), made.version), (Actor::System, Vec::new(), 1));
    assert_eq!(bed.store.get_digest(county.scope(), made.id).await.done(), made);
}

pub(crate) async fn a_message_keeps_its_bytes_and_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let recipient = &county.members[0];
    let body: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for (step, kind) in (0..).zip(MessageKind::ALL) {
        let mut new = bed.new_message(kind, bed.id(), recipient);
        new.head = vec![0, 10, 13, 255, 128];
        new.body = Hash::of(&body);
        new.mime_hash = Hash::of(b"the whole");
        new.step = step * 1000;
        "Diweddariad – ‘CSP’".clone_into(&mut new.subject);
        new.not_before = at("2022-01-05T09:59:59.999999Z");
        let mut wanted = Message {
            id: new.id,
            kind,
            matter: new.matter,
            recipient: recipient.id,
            step: new.step,
            address: recipient.email.clone(),
            subject: new.subject.clone(),
            message_id: new.message_id.clone(),
            state: MessageState::Queued,
            attempts: 0,
            next_attempt_at: new.not_before,
            accepted_at: None,
            last_outcome: None,
            created_at: bed.now(),
        };
        bed.store.queue_messages(county.scope(), &bed.by_schedule(), body.clone(), vec![new.clone()]).await.done();
        assert_eq!(bed.store.get_message(county.scope(), wanted.id).await.done(), wanted);
        assert_eq!(bed.store.message_body(county.scope(), new.body).await.done(), body);
        let about = MessageFilter { matter: Some(new.matter), state: None };
        assert_eq!(bed.store.list_messages(county.scope(), about, Page::all()).await.done().items, from_ref(&wanted));
        assert_eq!(
            bed.store.tally_messages().await.done().iter().find(|(state, _)| *state == MessageState::Queued),
            Some(&(MessageState::Queued, 1))
        );

        let claimed = bed.store.claim_messages(bed.now(), bed.now() + TimeDelta::minutes(10), 10).await.done();
        let wanted_claim = ClaimedMessage {
            id: new.id,
            region: county.region.id,
            epoch: 1,
            attempts: 1,
            address: new.address,
            message_id: new.message_id,
            head: new.head,
            body: new.body,
            mime_hash: new.mime_hash,
            created_at: bed.now(),
        };
        assert_eq!(claimed, [wanted_claim]);
        let act = Act::by_system(at("2022-01-05T10:00:01.000001Z"));
        assert!(bed.store.settle(&claimed[0], &act, Outcome::Accepted { reply: "250 2.0.0 Iawn ‘ok’".to_owned() }).await.done());
        wanted.state = MessageState::Accepted;
        wanted.attempts = 1;
        wanted.next_attempt_at = act.at;
        wanted.accepted_at = Some(act.at);
        wanted.last_outcome = Some("250 2.0.0 Iawn ‘ok’".to_owned());
        assert_eq!(bed.store.get_message(county.scope(), wanted.id).await.done(), wanted);
        let accepted = MessageFilter { matter: None, state: Some(MessageState::Accepted) };
        assert!(bed.store.list_messages(county.scope(), accepted, Page::all()).await.done().items.contains(&wanted));
    }
}

pub(crate) async fn an_audit_row_keeps_every_field(bed: &Bed) {
    let region = bed.region("northumbria").await;
    let scope = Scope::Region(region.id);
    let administrator = bed.person(scope, "administrator").await;
    bed.clock.set(at("2022-01-05T10:00:00.000009Z"));
    let (token, _) = bed.token(scope, &administrator).await;
    let act = Act { origin: Some("2001:db8::1".to_owned()), token: Some(token.id), ..bed.by(&administrator) };
    let place = bed.partnership(scope, "gateshead").await;
    bed.store.update_partnership(scope, &act, place.id, Some(line("Porth y Gogledd ‘G’")), None).await.done();
    let rows = bed.store.list_audit(scope, csp_store::AuditFilter::default(), Page::all()).await.done().items;
    let row = rows.iter().find(|row| row.action == "update").expect("the change is on record").clone();
    let told = |value: &Option<String>, text: &str| value.as_deref().is_some_and(|json| json.contains(text));
    assert!(told(&row.old_value, "\"gateshead\"") && told(&row.new_value, "Porth y Gogledd ‘G’"), "{row:?}");
    let wanted = AuditRow {
        id: row.id,
        at: bed.now(),
        actor: Some(administrator.id),
        token: Some(token.id),
        origin: act.origin,
        action: "update".to_owned(),
        subject: "partnership".to_owned(),
        subject_id: place.id.0,
        ..row.clone()
    };
    assert_eq!(row, wanted);
    assert!(rows.iter().any(|row| row.actor.is_none() && row.origin.is_none() && row.old_value.is_none()), "the schedule has no name");
}
