//! What is due about joint items: a signature from those who own one, a change from whoever has it back.

use csp_domain::{
    committee::Committee,
    cycle::{Cycle, Sent},
    id::PartnershipId,
    joint::JointState,
    region::Region,
    text::list,
};
use csp_proto::v1;
use csp_store::OpenJoint;
use tonic::Status;

use crate::{Api, auth::Caller, identity::plural};

impl Api {
    /// Joint items of others that wait for a lead's signature; none of those that the lead wrote a part of.
    pub(crate) async fn joint_signatures(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        open: &[OpenJoint],
        caller: &Caller,
    ) -> Result<Option<v1::Duty>, Status> {
        let waits = |joint: &&OpenJoint| {
            joint.owner.partnership == id
                && joint.cycle == cycle.id
                && joint.owner.state == JointState::Waiting
                && !joint.writers.contains(&caller.person.id)
        };
        let count = open.iter().filter(waits).count();
        if count == 0 {
            return Ok(None);
        }
        let mut duty = self.of_partnership(region, committee, cycle, id, cycle.timetable.freeze_at, caller).await?;
        duty.kind = v1::DutyKind::SignJoint.into();
        duty.state = v1::DutyState::Due.into();
        let (wait, is) = if count == 1 { ("waits", "it is") } else { ("wait", "they are") };
        let until = if caller.now > cycle.timetable.freeze_at {
            duty.due_time = None;
            "the paper was frozen without, and prints what is signed when its editor freezes it anew".to_owned()
        } else {
            format!("unsigned {is} not printed")
        };
        duty.summary = format!("{} {wait} for your signature; {until}", plural(count, "joint item", "joint items"));
        Ok(Some(duty))
    }

    /// Joint items that other owners have sent back, while they can be changed.
    pub(crate) async fn joint_mending(
        &self,
        region: &Region,
        committee: &Committee,
        cycle: &Cycle,
        id: PartnershipId,
        open: &[OpenJoint],
        caller: &Caller,
    ) -> Result<Option<v1::Duty>, Status> {
        let back = |joint: &&OpenJoint| joint.owner.first == id && joint.cycle == cycle.id && joint.owner.state == JointState::SentBack;
        let mut said = Vec::new();
        for joint in open.iter().filter(back) {
            let owner = self.seen(caller, region).partnership_by_id(joint.owner.partnership).await.map_err(|e| self.refuse(e))?;
            let reason = joint.owner.reason.as_ref().map(ToString::to_string).unwrap_or_default();
            said.push(format!("{} sent back the joint item “{}”: {reason}", owner.name, joint.headline));
        }
        if said.is_empty() || cycle.accepts(Sent::Correction, None, caller.now).is_err() {
            return Ok(None);
        }
        let mut duty = self.of_partnership(region, committee, cycle, id, cycle.timetable.freeze_at, caller).await?;
        duty.kind = v1::DutyKind::MendJoint.into();
        duty.state = v1::DutyState::Due.into();
        duty.summary = said.join("; ");
        Ok(Some(duty))
    }

    /// `; 1 joint item is held out: Newcastle has not signed`: of what a partnership sent in.
    pub(crate) async fn held_out(
        &self,
        region: &Region,
        cycle: &Cycle,
        id: PartnershipId,
        open: &[OpenJoint],
        caller: &Caller,
    ) -> Result<String, Status> {
        let of: Vec<&OpenJoint> = open.iter().filter(|joint| joint.owner.first == id && joint.cycle == cycle.id).collect();
        let mut owners: Vec<String> = Vec::new();
        for joint in &of {
            let owner = self.seen(caller, region).partnership_by_id(joint.owner.partnership).await.map_err(|e| self.refuse(e))?;
            if !owners.contains(&owner.name.to_string()) {
                owners.push(owner.name.to_string());
            }
        }
        let mut items: Vec<_> = of.iter().map(|joint| joint.owner.item).collect();
        items.dedup();
        let (is, have) = (if items.len() == 1 { "is" } else { "are" }, if owners.len() == 1 { "has" } else { "have" });
        Ok(match items.len() {
            0 => String::new(),
            count => {
                format!("; {} {is} held out: {} {have} not signed", plural(count, "joint item", "joint items"), list(&owners))
            }
        })
    }
}
