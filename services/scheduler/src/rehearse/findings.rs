//! What a rehearsal looks at besides the paper itself: who would get it, who must act before it goes, and in whose name it goes.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use csp_domain::{
    Scope,
    calendar::civil_day,
    committee::SignOff,
    message::MessageState,
    person::{Person, Role},
};
use csp_edition::Edition;
use csp_mail::carrier::Carrier;
use csp_store::{Gathered, MessageFilter, Page};

use crate::{ScheduleError, Scheduler};

/// Many mail servers take nothing that is larger.
const LARGE: usize = 10 << 20;

/// Whether mail arrives is news for so long.
const NEWS_FOR: TimeDelta = TimeDelta::days(120);

/// `45 KB`, `1.2 MB`.
pub(super) fn size(bytes: usize) -> String {
    let kilobytes = bytes.div_ceil(1024);
    if kilobytes < 1024 { format!("{kilobytes} KB") } else { format!("{}.{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024) }
}

pub(super) fn of_size(largest: usize) -> Option<String> {
    let said = size(largest);
    (largest > LARGE)
        .then(|| format!("Each message would be {said}, and many mail servers take no more than 10 MB. Shorten what is in the paper."))
}

impl Scheduler {
    /// Is there anybody who gets it, and does mail to them arrive?
    pub(super) async fn look_at_recipients(
        &self,
        scope: Scope,
        gathered: &Gathered,
        members: &[Person],
        findings: &mut Vec<String>,
    ) -> Result<(), ScheduleError> {
        if members.is_empty() {
            let name = &gathered.committee.name;
            findings.push(format!("The {name} has no member in term on the day of publication: nobody would get the paper."));
        }
        let since = self.clock.now() - NEWS_FOR;
        let mut undelivered: BTreeSet<&str> = BTreeSet::new();
        for state in [MessageState::Failed, MessageState::Bounced, MessageState::Suppressed] {
            let filter = MessageFilter { matter: None, state: Some(state) };
            for message in self.store.list_messages(scope, filter, Page::all()).await?.items {
                let member = members.iter().find(|member| member.id == message.recipient && member.email == message.address);
                undelivered.extend(member.filter(|_| message.created_at > since).map(|member| member.name.as_str()));
            }
        }
        if !undelivered.is_empty() {
            let names: Vec<&str> = undelivered.into_iter().collect();
            findings.push(format!("Mail to these members did not arrive lately, see csp messages: {}.", names.join(", ")));
        }
        Ok(())
    }

    /// Is there anybody who sends in, signs, edits, and may approve?
    pub(super) async fn look_at_roles(
        &self,
        scope: Scope,
        gathered: &Gathered,
        edition: Option<&Edition>,
        findings: &mut Vec<String>,
    ) -> Result<(), ScheduleError> {
        let Gathered { region, committee, cycle, partnerships, signing, .. } = gathered;
        for partnership in partnerships {
            let officers = self.holders(scope, Role::Officer(partnership.id), region, &[]).await?;
            let leads = self.holders(scope, Role::Lead(partnership.id), region, &[]).await?;
            let name = &partnership.name;
            if leads.is_empty() && (committee.sign_off == SignOff::Required || signing.contains(&partnership.id)) {
                findings.push(format!("{name} has no lead, and nothing of it is printed that no lead has signed."));
            }
            let waits = gathered.joint.iter().any(|one| one.owner.partnership == partnership.id && !one.owner.state.stands());
            if leads.is_empty() && waits {
                findings.push(format!("{name} owns a joint item and has no lead who could sign it: the item is held out."));
            }
            if officers.is_empty() && leads.is_empty() {
                findings.push(format!("{name} has neither officer nor lead: nobody is asked for its return."));
            }
        }
        let day = civil_day(cycle.timetable.publication_at, region.zone);
        let (editors, approvers) = self.store.list_editors_and_approvers(scope, committee.id, day).await?;
        if editors.is_empty() {
            findings.push(format!("The {} has no editor: nobody hears who is missing, or writes the national part.", committee.name));
        }
        let authors = edition.map_or(&[][..], |edition| edition.authors.as_slice());
        let free = approvers.iter().filter(|approver| !editors.contains(approver) && !authors.contains(approver)).count();
        if approvers.is_empty() {
            findings.push(format!("The {} has no approver on that day: its paper cannot go.", committee.name));
        } else if free == 0 {
            findings.push(
                "Everybody who approves the paper also edits it, or wrote part of it: nobody may approve it as it stands. It needs a second \
                 person."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Does mail leave the house, and in a name that answers reach?
    pub(super) fn look_at_sender(&self, findings: &mut Vec<String>) {
        if matches!(self.carrier, Carrier::Folder(_)) {
            findings.push(
                "The server writes its mail into a folder, and none of it reaches anybody. Whoever runs the service sets mail.transport to \
                 \"smtp\"."
                    .to_owned(),
            );
        }
        if self.post.from.domain() == "example.org" {
            findings.push(
                "The sender's address is the one for trying out, and answers to it reach nobody. Whoever runs the service sets \
                 mail.from_address."
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (bytes, said) in [(0, "0 KB"), (1, "1 KB"), (45_000, "44 KB"), (1 << 20, "1.0 MB"), (12_900_000, "12.3 MB")] {
            assert_eq!(size(bytes), said);
        }
        assert_eq!(of_size(LARGE), None);
        assert!(of_size(LARGE + 1).unwrap().contains("10.0 MB"));
    }
}
