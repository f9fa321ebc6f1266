//! What a service knows, read through its store and written down in the domain's words: a line for each fact. What a
//! migration must not change is what these lines say.

use std::collections::BTreeMap;

use csp_domain::{
    Scope,
    committee::Committee,
    cycle::Cycle,
    digest::RenditionKind,
    document::{Hash, PublicDocument},
    news::NewsOwner,
    observation::Answer,
    person::Role,
    region::Region,
    returns::{Return, ReturnState},
};
use csp_store::{MessageFilter, NewsFilter, Page, ReturnFilter, Store};

/// Reads everything.
pub(crate) async fn read(store: &Store) -> Vec<String> {
    let mut reader = Reader { store, lines: Vec::new() };
    let regions = store.list_regions(Page::all()).await.expect("the store answers").items;
    for region in &regions {
        reader.region(region).await;
    }
    reader.lines
}

struct Reader<'s> {
    store: &'s Store,
    lines: Vec<String>,
}

impl Reader<'_> {
    fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    async fn region(&mut self, region: &Region) {
        let (store, scope, slug) = (self.store, Scope::Region(region.id), &region.slug);
        self.say(format!("region {slug}: {}, {}", region.name, region.zone));
        let partnerships = store.list_partnerships(scope, Page::all()).await.expect("the store answers").items;
        for partnership in &partnerships {
            self.say(format!("{slug}: partnership {}, {} ({})", partnership.slug, partnership.name, partnership.ons_code));
        }
        self.people(region).await;
        for indicator in store.list_indicators(scope, Page::all()).await.expect("the store answers").items {
            self.say(format!(
                "{slug}: indicator {} in {:?}, {:?}, of {}",
                indicator.slug, indicator.unit, indicator.polarity, indicator.source
            ));
        }
        for committee in store.list_committees(scope, Page::all()).await.expect("the store answers").items {
            self.committee(region, &committee).await;
        }
        let all = ReturnFilter { partnership: None, cycle: None };
        for answer in store.list_returns(scope, all, Page::all()).await.expect("the store answers").items {
            self.answer(region, &answer);
        }
        self.messages(region).await;
        let mut deeds: BTreeMap<String, usize> = BTreeMap::new();
        for row in store.list_audit(scope, csp_store::AuditFilter::default(), Page::all()).await.expect("the store answers").items {
            *deeds.entry(format!("{} {}", row.action, row.subject)).or_default() += 1;
        }
        for (deed, times) in deeds {
            self.say(format!("{slug}: on record {times} times: {deed}"));
        }
    }

    async fn people(&mut self, region: &Region) {
        let (store, scope, slug) = (self.store, Scope::Region(region.id), &region.slug);
        for person in store.list_persons(scope, Page::all()).await.expect("the store answers").items {
            self.say(format!("{slug}: person {}, {}, {}", person.slug, person.name, person.email.as_str()));
            for grant in store.list_role_grants(scope, person.id, Page::all()).await.expect("the store answers").items {
                let of = match grant.role {
                    Role::Editor(committee) | Role::Approver(committee) => committee.0.to_string(),
                    Role::Officer(partnership) | Role::Lead(partnership) => partnership.0.to_string(),
                    Role::SystemAdministrator | Role::Administrator => "everything".to_owned(),
                };
                let (from, to) = (grant.starts_on, grant.ends_on);
                self.say(format!(
                    "{slug}: {} is {} of {of} from {from} to {to:?}, deputy: {}",
                    person.slug,
                    grant.role.word(),
                    grant.deputy
                ));
            }
            for token in store.list_tokens(scope, person.id, Page::all()).await.expect("the store answers").items {
                let (end, revoked) = (token.expires_at, token.revoked_at);
                self.say(format!("{slug}: token {} of {} until {end}, revoked {revoked:?}", token.public_id, person.slug));
            }
        }
    }

    async fn committee(&mut self, region: &Region, committee: &Committee) {
        let (store, scope) = (self.store, Scope::Region(region.id));
        let name = format!("{}/{}", region.slug, committee.slug);
        let reports: Vec<String> = committee.partnerships.iter().map(|id| id.0.to_string()).collect();
        let recurs = committee.recurrence.map(|recurrence| recurrence.first.0.period().to_string());
        self.say(format!("{name}: committee {}, hears {}, recurs from {recurs:?}", committee.name, reports.join(" ")));
        self.say(format!("{name}: its paper is called {} and asks {:?}", committee.template.title, committee.template.recommendations));
        for (member, person) in store.list_members(scope, committee.id, Page::all()).await.expect("the store answers").items {
            self.say(format!("{name}: member {} from {} to {:?}", person.slug, member.starts_on, member.ends_on));
        }
        for cycle in store.list_cycles(scope, committee.id, Page::all()).await.expect("the store answers").items {
            self.cycle(region, &name, &cycle).await;
        }
    }

    async fn cycle(&mut self, region: &Region, committee: &str, cycle: &Cycle) {
        let (store, scope, times) = (self.store, Scope::Region(region.id), cycle.timetable);
        let name = format!("{committee}/{}", cycle.slug);
        self.say(format!(
            "{name}: {} on {}, opens {}, deadline {}, publication {}, meeting {}",
            cycle.state.word(),
            cycle.period,
            times.opens_at,
            times.deadline_at,
            times.publication_at,
            times.meeting_at
        ));
        for owner in [None, Some(NewsOwner::Committee(cycle.committee))] {
            let filter = NewsFilter { owner, cycle: Some(cycle.id) };
            for item in store.list_news_items(scope, filter, Page::all()).await.expect("the store answers").items {
                let body = Hash::of(serde_json::to_string(&item.body).expect("a narrative can be written").as_bytes());
                let (state, revision) = (item.state.word(), item.revision);
                self.say(format!("{name}: {state} {} at revision {revision}: {} ({body})", item.kind.word(), item.headline));
            }
        }
        for digest in store.list_digests(scope, cycle.id).await.expect("the store answers").items {
            let document = store.get_public_document(scope, digest.id).await.expect("the store answers");
            assert_eq!(Hash::of(&document), digest.document_hash, "the tree is the one that was frozen");
            let tree = PublicDocument::from_bytes(&document).expect("what was frozen opens for ever");
            let authors = digest.authors.len();
            self.say(format!("{name}: version {} is {}, by {authors} authors: {}", digest.version, digest.state.word(), digest.subject));
            self.say(format!("{name}: version {} tree {} with {} sections", digest.version, digest.document_hash, tree.sections.len()));
            for kind in RenditionKind::ALL {
                let rendition = store.get_rendition(scope, digest.id, kind).await.expect("the bytes are those that were frozen");
                self.say(format!("{name}: version {} {} {}", digest.version, kind.word(), Hash::of(&rendition.bytes)));
            }
        }
    }

    fn answer(&mut self, region: &Region, answer: &Return) {
        let name = format!("{}: return {}", region.slug, answer.id.0);
        // What was submitted and is in a frozen paper has a word of its own since there is sign-off.
        let state = if answer.state == ReturnState::Frozen { ReturnState::Submitted } else { answer.state };
        let (cycle, state) = (answer.cycle.0, state.word());
        let remark = answer.remark.as_ref().map(ToString::to_string);
        self.say(format!("{name} of {} for {cycle} is {state} at revision {}, remark {remark:?}", answer.partnership.0, answer.revision));
        if let csp_domain::returns::Content::Nil { statement } = &answer.content {
            self.say(format!("{name} says: {statement}"));
        }
        for figure in answer.content.figures() {
            let said = match &figure.answer {
                Answer::Reported { value } => value.to_string(),
                Answer::Nil => "nil".to_owned(),
                Answer::Late { expected_on } => format!("late, expected {expected_on}"),
                Answer::Withheld { reason } => format!("withheld: {reason}"),
                Answer::NotApplicable => "not applicable".to_owned(),
            };
            let note = figure.note.as_ref().map(ToString::to_string);
            let (indicator, period) = (figure.indicator.0, figure.period);
            self.say(format!("{name} on {indicator} in {period}: {said}, provisional: {}, note {note:?}", figure.provisional));
        }
        for quoted in answer.content.quoted() {
            self.say(format!("{name} quotes {}: {} of {} in {}", quoted.source, quoted.value, quoted.subject, quoted.period));
        }
    }

    async fn messages(&mut self, region: &Region) {
        let (store, scope) = (self.store, Scope::Region(region.id));
        for message in store.list_messages(scope, MessageFilter::default(), Page::all()).await.expect("the store answers").items {
            self.say(format!(
                "{}: {} {} to {} is {} after {} attempts, accepted {:?}, outcome {:?}: {}",
                region.slug,
                message.kind.word(),
                message.message_id,
                message.address.as_str(),
                message.state.word(),
                message.attempts,
                message.accepted_at,
                message.last_outcome,
                message.subject
            ));
        }
    }
}
