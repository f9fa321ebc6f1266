//! What somebody should see to in how a committee is set up.

use csp_domain::{
    Scope, calendar,
    committee::Committee,
    cycle::CycleState,
    id::{CommitteeId, PartnershipId},
    region::Region,
    returns::ReturnState,
};
use csp_proto::v1;
use tonic::Status;

use crate::{Api, auth::Caller};

impl Api {
    /// A committee with what somebody should see to, and whether its meetings are planned by rules.
    pub(crate) async fn committee_with_warnings(
        &self,
        caller: &Caller,
        region: &Region,
        committee: &Committee,
    ) -> Result<v1::Committee, Status> {
        let mut made = self.committee_to_proto(region, committee).await?;
        made.warnings = self.warnings(caller, region, committee.id).await?;
        made.planned_by_rules = self.is_planned_by_rules(region, committee.id).await?;
        Ok(made)
    }

    /// Whether a committee has rules to plan its meetings by.
    pub(crate) async fn is_planned_by_rules(&self, region: &Region, committee: CommitteeId) -> Result<bool, Status> {
        let office = self.store.get_office(Scope::Region(region.id), committee).await.map_err(|e| self.refuse(e))?;
        Ok(office.rules.is_some())
    }

    /// Somebody has to write the national part and see who is missing; and whoever edits a paper cannot approve it, so a committee
    /// needs an approver who is nobody's editor.
    async fn warnings(&self, caller: &Caller, region: &Region, id: CommitteeId) -> Result<Vec<String>, Status> {
        let today = calendar::civil_day(caller.now, region.zone);
        let (editors, approvers) =
            self.store.list_editors_and_approvers(Scope::Region(region.id), id, today).await.map_err(|e| self.refuse(e))?;
        let apart = approvers.iter().filter(|approver| !editors.contains(approver)).count();
        let editor =
            editors.is_empty().then_some("It has no editor: nobody writes its own part, accepts returns or is told who is missing.");
        let approver = match (approvers.len(), apart) {
            (0, _) => Some("It has no approver: its paper cannot be released."),
            (_, 0) => {
                Some("Everybody who approves its paper also edits it: nobody can approve what they froze, so it needs a second person.")
            }
            (1, _) => Some("It has one approver: when they are away, or wrote part of the paper, nobody can approve it."),
            _ => None,
        };
        Ok(editor.into_iter().chain(approver).map(str::to_owned).collect())
    }

    /// Partnerships that no longer report to a committee, in the middle of cycles: what they had sent in, and what becomes of it.
    pub(crate) async fn left_out(&self, region: &Region, before: &Committee, after: &Committee) -> Result<Vec<String>, Status> {
        let gone: Vec<PartnershipId> = before.partnerships.iter().filter(|id| !after.partnerships.contains(id)).copied().collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let scope = Scope::Region(region.id);
        let cycles = self.store.list_current_cycles(scope).await.map_err(|e| self.refuse(e))?;
        let running = |state| matches!(state, CycleState::Open | CycleState::Closed);
        let mut warnings = Vec::new();
        for cycle in cycles.iter().filter(|cycle| cycle.committee == after.id && running(cycle.state)) {
            for id in &gone {
                let name = self.store.get_partnership(scope, *id).await.map_err(|e| self.refuse(e))?.name;
                let answer = self.store.find_return(scope, *id, cycle.id).await.map_err(|e| self.refuse(e))?;
                let sent = match answer.map(|answer| answer.state).filter(|state| state.received()) {
                    None => "Nothing had been received from it.".to_owned(),
                    Some(ReturnState::Submitted) => kept("Its return had been received"),
                    Some(ReturnState::SentBack) => kept("Its return had been sent back to it"),
                    Some(ReturnState::Frozen) => {
                        "Its return is in a frozen paper, and stays in it until the editor freezes anew.".to_owned()
                    }
                    Some(state) => kept(&format!("Its return had been {}", state.word())),
                };
                let window = if cycle.state == CycleState::Open { "is collecting" } else { "has closed, and is not published" };
                warnings.push(format!("{name} no longer owes a return for {}, which {window}. {sent}", cycle.slug));
            }
        }
        Ok(warnings)
    }
}

fn kept(what: &str) -> String {
    format!("{what}: it stays on record, but is neither counted nor printed; add the partnership again to bring it back.")
}
