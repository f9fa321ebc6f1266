//! Joint items.

use csp_domain::{
    cycle::CycleState,
    joint::{JointItem, JointOwner, JointState, JointTally},
    news::NewsState,
};
use csp_proto::v1;

use super::news;

/// Whoever is no owner any more is not told of.
fn state_to(state: JointState) -> v1::JointState {
    match state {
        JointState::Waiting | JointState::Dropped => v1::JointState::Waiting,
        JointState::Signed => v1::JointState::Signed,
        JointState::SentBack => v1::JointState::SentBack,
        JointState::Frozen => v1::JointState::Frozen,
    }
}

pub(crate) fn first_to(name: String, state: JointState) -> v1::JointOwner {
    v1::JointOwner { display_name: name, first: true, state: state_to(state).into(), reason: String::new(), state_time: None }
}

pub(crate) fn owner_to(name: String, owner: &JointOwner) -> v1::JointOwner {
    v1::JointOwner {
        display_name: name,
        first: false,
        state: state_to(owner.state).into(),
        reason: owner.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        state_time: Some(super::timestamp(owner.at)),
    }
}

/// As one owner, by the name of `partnership`, sees it: the text, and who has signed; nobody's person, and nothing else of
/// another owner. `state`: of its cycle. `etag`: of that owner's signature, or of the text.
pub(crate) fn to_proto(
    partnership: &str,
    cycle: String,
    state: CycleState,
    owners: Vec<v1::JointOwner>,
    etag: i64,
    joint: &JointItem,
) -> v1::JointItem {
    let frozen = matches!(state, CycleState::Closed | CycleState::Published);
    let printed = joint.owners.iter().any(|owner| owner.state == JointState::Frozen);
    let item = news::to_proto(partnership, cycle, String::new(), Vec::new(), &joint.item);
    v1::JointItem {
        name: format!("{partnership}/jointItems/{}", joint.item.id),
        cycle: item.cycle,
        kind: item.kind,
        headline: item.headline,
        body: item.body,
        happened_on: item.happened_on,
        state: item.state,
        owners,
        signed: joint.stands(),
        etag: etag.to_string(),
        left_out: frozen && !printed && joint.item.state == NewsState::Submitted,
    }
}

pub(crate) fn tally_to(tally: JointTally) -> v1::JointTally {
    let narrow = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    v1::JointTally { waiting: narrow(tally.waiting), sent_back: narrow(tally.sent_back), held_out: narrow(tally.held_out) }
}
