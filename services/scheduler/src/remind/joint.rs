//! Joint items: another owner's lead is asked for a signature; whoever sent one in hears that it came back.

use std::collections::BTreeMap;

use csp_domain::{Scope, cycle::Sent, id::PersonId, joint::JointState, person::Role};
use csp_store::{Gathered, OpenJoint};

use super::{
    Matters,
    letter::{Matter, Place},
};
use crate::{ScheduleError, Scheduler};

impl Scheduler {
    pub(super) async fn about_joint(
        &self,
        scope: Scope,
        gathered: &Gathered,
        place: &Place,
        open: &[OpenJoint],
        matters: &mut Matters,
    ) -> Result<(), ScheduleError> {
        let open: Vec<&OpenJoint> = open.iter().filter(|joint| joint.cycle == gathered.cycle.id).collect();
        let frozen = self.clock.now() > gathered.cycle.timetable.freeze_at;
        let changeable = gathered.cycle.accepts(Sent::Correction, None, self.clock.now()).is_ok();
        for partnership in &gathered.partnerships {
            // Of each somebody else is asked than who wrote any of it.
            let mut counts: BTreeMap<PersonId, usize> = BTreeMap::new();
            let waits = |joint: &&&OpenJoint| joint.owner.partnership == partnership.id && joint.owner.state == JointState::Waiting;
            for joint in open.iter().filter(waits) {
                for person in self.holders(scope, Role::Lead(partnership.id), &gathered.region, &joint.writers).await? {
                    *counts.entry(person).or_default() += 1;
                }
            }
            for (person, count) in counts {
                let (name, slug) = (partnership.name.clone(), partnership.slug.clone());
                matters.entry(person).or_default().push(Matter::SignJoint { place: place.clone(), partnership: name, slug, count, frozen });
            }
            let back = |joint: &&&OpenJoint| joint.owner.first == partnership.id && joint.owner.state == JointState::SentBack;
            let mut returned = Vec::new();
            for joint in open.iter().filter(back) {
                let owner = self.store.get_partnership(scope, joint.owner.partnership).await?.name;
                returned.extend(joint.owner.reason.clone().map(|reason| (joint.headline.clone(), owner, reason)));
            }
            if returned.is_empty() || !changeable {
                continue;
            }
            let mut people = self.holders(scope, Role::Officer(partnership.id), &gathered.region, &[]).await?;
            let lead = people.is_empty();
            if lead {
                people = self.holders(scope, Role::Lead(partnership.id), &gathered.region, &[]).await?;
            }
            for person in people {
                let (place, partnership, slug) = (place.clone(), partnership.name.clone(), partnership.slug.clone());
                let returned = returned.clone();
                matters.entry(person).or_default().push(Matter::MendJoint { place, partnership, slug, returned, lead });
            }
        }
        Ok(())
    }
}
