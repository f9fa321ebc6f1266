//! What need not be typed when there is only one of it: the partnership somebody reports for, the cycle that is open.

use std::collections::BTreeSet;

use csp_proto::v1::{self, DutyKind, DutyState, Role};

use crate::{
    error::Error,
    names::short,
    session::{Session, all_pages},
};

/// Whose part of the paper a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A partnership's, by full name.
    Partnership(&'a str),
    /// The national part.
    National,
    /// The whole paper.
    Paper,
}

impl Session<'_> {
    /// All that is due from the caller.
    pub(crate) async fn duties(&self) -> Result<Vec<v1::Duty>, Error> {
        all_pages(async |page_token| {
            let answer = self.list_duties(v1::ListDutiesRequest { page_size: 500, page_token }).await?;
            Ok((answer.duties, answer.next_page_token))
        })
        .await
    }

    /// The partnership typed, or else the only one the caller reports for.
    pub(crate) async fn partnership(&self, typed: Option<&str>) -> Result<String, Error> {
        if let Some(typed) = typed {
            return self.names_within().await?.partnership(typed);
        }
        let mine: BTreeSet<&str> = self
            .me()
            .await?
            .role_grants
            .iter()
            .filter(|grant| [Role::Officer as i32, Role::Lead as i32].contains(&grant.role))
            .map(|grant| grant.partnership.as_str())
            .collect();
        only(
            mine,
            "You report for more than one partnership. Which one?",
            "You report for no partnership. Name the one you mean:",
            "--partnership",
            "gateshead",
        )
    }

    /// Whether the caller runs the region or the service.
    pub(crate) async fn is_administrator(&self) -> Result<bool, Error> {
        let runs = [Role::Administrator as i32, Role::SystemAdministrator as i32];
        Ok(self.me().await?.role_grants.iter().any(|grant| runs.contains(&grant.role)))
    }

    /// The committees in whose work the caller has a part, by full name.
    pub(crate) async fn committees(&self) -> Result<BTreeSet<String>, Error> {
        let grants = &self.me().await?.role_grants;
        Ok(grants.iter().filter(|grant| !grant.committee.is_empty()).map(|grant| grant.committee.clone()).collect())
    }

    /// The partnership typed, or else the only one the caller reports for, or all for those who report for none.
    pub(crate) async fn partnership_or_all(&self, typed: Option<&str>) -> Result<String, Error> {
        let reports = typed.is_some() || self.me().await?.role_grants.iter().any(|grant| !grant.partnership.is_empty());
        self.partnership(if reports { typed } else { Some("-") }).await
    }

    /// Whose submissions are to be listed, and for which cycle: the caller's own, for any. Who reports for nobody sees everybody's: an
    /// administrator for any cycle, others of the one that they work on.
    pub(crate) async fn listed(&self, partnership: Option<&str>, cycle: Option<&str>) -> Result<(String, String), Error> {
        let parent = self.partnership_or_all(partnership).await?;
        let cycle = match cycle {
            Some(typed) => self.names_within().await?.cycle(typed)?,
            None if parent.ends_with("/-") && !self.is_administrator().await? => self.worked_on().await?,
            None => String::new(),
        };
        Ok((parent, cycle))
    }

    /// The cycle whose submissions somebody reads who works for a committee: the one in which something is to be done now, or else the
    /// last that was opened. Between two cycles, too, what was sent in can be read.
    async fn worked_on(&self) -> Result<String, Error> {
        let duties = self.duties().await?;
        let now = |duty: &&v1::Duty| [DutyState::Due as i32, DutyState::Done as i32].contains(&duty.state);
        let mut found: BTreeSet<String> = duties.iter().filter(now).map(|duty| duty.cycle.clone()).collect();
        if found.is_empty() {
            for committee in self.committees().await? {
                let cycles = all_pages(async |page_token| {
                    let parent = committee.clone();
                    let answer = self.list_cycles(v1::ListCyclesRequest { parent, page_size: 500, page_token }).await?;
                    Ok((answer.cycles, answer.next_page_token))
                })
                .await?;
                let passed_over = [v1::CycleState::Planned as i32, v1::CycleState::Cancelled as i32];
                let opened = cycles.into_iter().filter(|cycle| !passed_over.contains(&cycle.state));
                found.extend(opened.max_by_key(|cycle| cycle.deadline_time.map(|time| time.seconds)).map(|cycle| cycle.name));
            }
        }
        if found.is_empty() {
            return Err(Error::usage("No cycle of a committee that you work for has been opened yet, so nothing was sent in."));
        }
        only(found.iter().map(String::as_str).collect(), "More than one cycle is open. Which one?", "", "--cycle", "")
    }

    /// The cycle typed, or else the only one in which something is to be done for `part` now.
    pub(crate) async fn cycle(&self, typed: Option<&str>, part: Part<'_>, option: &str) -> Result<String, Error> {
        if let Some(typed) = typed {
            return self.names_within().await?.cycle(typed);
        }
        let duties = self.duties().await?;
        let open_for = |part: Part<'_>| -> BTreeSet<&str> {
            let theirs = duties.iter().filter(|duty| match part {
                Part::Partnership(name) => {
                    let theirs = [DutyKind::Submit, DutyKind::Sign, DutyKind::Answer, DutyKind::SignJoint, DutyKind::MendJoint];
                    theirs.iter().any(|kind| *kind as i32 == duty.kind) && duty.partnership == name
                }
                Part::National => duty.kind == DutyKind::Edit as i32,
                Part::Paper => true,
            });
            theirs
                .filter(|duty| [DutyState::Due as i32, DutyState::Done as i32].contains(&duty.state))
                .map(|duty| duty.cycle.as_str())
                .collect()
        };
        let mut open = open_for(part);
        // An editor enters what somebody else's partnership sent by e-mail: into the cycle that they edit.
        if open.is_empty() && matches!(part, Part::Partnership(name) if !duties.iter().any(|duty| duty.partnership == name)) {
            open = open_for(Part::Paper);
        }
        only(
            open,
            "More than one cycle is open. Which one?",
            "No cycle is open for you now. Name the one you mean:",
            option,
            "citizen-focus/2021-q3",
        )
    }

    /// The digest typed, or else the newest version of the only cycle in which the caller has something to do.
    pub(crate) async fn digest(&self, typed: Option<&str>) -> Result<String, Error> {
        match typed {
            Some(typed) => self.names_within().await?.digest(typed),
            None => Ok(format!("{}/digests/-", self.cycle(None, Part::Paper, "").await?)),
        }
    }
}

/// The only one, or a question that lists them as they are typed.
pub(crate) fn only(found: BTreeSet<&str>, many: &str, none: &str, option: &str, example: &str) -> Result<String, Error> {
    let mut names = found.iter();
    let typed = |name: &str| if option.is_empty() { format!("  {name}") } else { format!("  {option} {name}") };
    match (names.next(), names.next()) {
        (Some(one), None) => Ok((*one).to_owned()),
        (None, _) => Err(Error::usage(none).hint(typed(example))),
        _ => Err(found.iter().fold(Error::usage(many), |error, name| error.hint(typed(&short(name))))),
    }
}
