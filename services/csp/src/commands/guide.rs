//! `csp` alone: who you are, what is due, and what to type next.

use csp_proto::v1::{Duty, DutyKind, DutyState, Role, WhoAmIResponse};

use crate::{
    dates::{instant, zone},
    error::Error,
    names::short,
    session::Session,
    views::identity::{Guide, NextCommand, WhoAmIView},
};

pub(crate) async fn run(session: &mut Session<'_>) -> Result<(), Error> {
    let me = session.me().await?.clone();
    let duties = session.duties().await?;
    let mut next_commands = next_commands(&me, &duties);
    if let Some(until) = ends_soon(&me) {
        next_commands.push(next(format!("Your token ends {until}: give it a new secret before then"), "csp token rotate"));
    }
    let me = WhoAmIView::new(me, session.settings.server.clone());
    let guide = Guide { me, duties: duties.into_iter().map(Into::into).collect(), next_commands };
    session.show(&guide).await
}

/// What to type for the most urgent thing, or else what fits the roles.
fn next_commands(me: &WhoAmIResponse, duties: &[Duty]) -> Vec<NextCommand> {
    let standing = |state: DutyState| duties.iter().find(move |duty| duty.state == state as i32);
    if let Some(duty) = standing(DutyState::Due).or_else(|| standing(DutyState::Done)) {
        let partnerships = me.role_grants.iter().filter(|grant| !grant.partnership.is_empty()).count();
        return for_duty(duty, partnerships > 1);
    }
    let holds = |role: Role| me.role_grants.iter().any(|grant| grant.role == role as i32);
    if holds(Role::SystemAdministrator) {
        vec![next("See the regions", "csp admin region list"), next("Set up a region", "csp admin region create --help")]
    } else if holds(Role::Administrator) {
        vec![
            next("See the committees", "csp admin committee list"),
            next("See who has been entered", "csp admin person list"),
            next("Everything an administrator can do", "csp admin --help"),
        ]
    } else if me.role_grants.is_empty() {
        vec![next("You hold no role today. Ask your administrator for one; then look again", "csp whoami")]
    } else {
        vec![next("Look again later; all commands are listed by", "csp --help")]
    }
}

fn for_duty(duty: &Duty, many_partnerships: bool) -> Vec<NextCommand> {
    let cycle = short(&duty.cycle);
    let whose = if many_partnerships { format!(" --partnership {}", short(&duty.partnership)) } else { String::new() };
    let done = duty.state == DutyState::Done as i32;
    match DutyKind::try_from(duty.kind) {
        Ok(DutyKind::Submit) if done => vec![
            next("See what was received", format!("csp return show --cycle {cycle}{whose}")),
            next("Correct it", format!("csp return correct figures.csv --cycle {cycle}{whose}")),
            next("See how it will print", format!("csp digest preview {cycle}")),
        ],
        Ok(DutyKind::Submit) => vec![
            next("Make a folder with everything to fill in", format!("csp start --cycle {cycle}{whose}")),
            next("Send in what is in the folder", format!("csp submit {}", folder(duty))),
            next("Or one at a time: the figures", format!("csp return submit figures.xlsx --cycle {cycle}{whose}")),
            next("A piece of news", format!("csp news submit news.docx --cycle {cycle}{whose}")),
            next("See how it will print", format!("csp digest preview {cycle}")),
        ],
        Ok(DutyKind::Sign) if done => vec![next("See what was signed", format!("csp return show --cycle {cycle}{whose}"))],
        Ok(DutyKind::Sign) => vec![
            next("Read the figures", format!("csp return show --cycle {cycle}{whose}")),
            next("Read how it will print, with the news", format!("csp digest preview {cycle}")),
            next("Sign it", format!("csp return sign --cycle {cycle}{whose}")),
            next("Or give it back", format!("csp return send-back --cycle {cycle}{whose} --reasons \"…\"")),
        ],
        Ok(DutyKind::SignJoint) => vec![
            next("See the joint items", format!("csp joint list --cycle {cycle}{whose}")),
            next("Read one, and who has signed", "csp joint show ITEM"),
            next("Sign it", "csp joint sign ITEM"),
            next("Or give it back", "csp joint send-back ITEM --reason \"…\""),
        ],
        Ok(DutyKind::MendJoint) => vec![
            next("See the joint items", format!("csp joint list --cycle {cycle}{whose}")),
            next("Change the text", "csp news update ITEM --file new.md"),
            next("Or withdraw it", "csp news withdraw ITEM"),
        ],
        Ok(DutyKind::Answer) => vec![
            next("See what is proposed", format!("csp wording list --cycle {cycle}{whose}")),
            next("Read one beside what was sent in", "csp wording show WORDING"),
            next("Accept it", "csp wording accept WORDING"),
            next("Or refuse it", "csp wording refuse WORDING --reason \"…\""),
        ],
        Ok(DutyKind::Edit) => vec![
            next("See who is missing, and whose turn it is", format!("csp cycle status {cycle}")),
            next("See how the paper stands", format!("csp digest preview {cycle}")),
            next("Send the national part in", format!("csp news submit national.md --national --cycle {cycle}")),
            next("Once collecting is closed: fix the paper for approval", format!("csp digest freeze {cycle}")),
        ],
        Ok(DutyKind::Approve) => {
            let digest = if duty.digest.is_empty() { cycle } else { short(&duty.digest) };
            if done {
                return vec![next("See what was approved", format!("csp digest show {digest}"))];
            }
            vec![
                next("Read the paper as members will get it", format!("csp digest open {digest}")),
                next("Approve exactly what you read", format!("csp digest approve {digest}")),
            ]
        }
        Ok(DutyKind::Decide) => vec![
            next("See what was missed or is held back", format!("csp admin schedule list {cycle}")),
            next("Have a job done, or go on without it", "csp admin schedule --help"),
        ],
        Ok(DutyKind::Unspecified) | Err(_) => vec![next("Everything that can be done", "csp --help")],
    }
}

/// As `csp start` calls the folder.
fn folder(duty: &Duty) -> String {
    format!("{}-{}", short(&duty.partnership), short(&duty.cycle).replace('/', "-"))
}

/// When the token ends, in words, if that is within thirty days.
fn ends_soon(me: &WhoAmIResponse) -> Option<String> {
    let (now, ends) = (instant(me.server_time)?, instant(me.token.as_ref()?.expire_time)?);
    let zone = zone(me.region.as_ref().map(|region| region.time_zone.as_str()));
    (ends.0 - now.0 <= chrono::TimeDelta::days(30)).then(|| ends.seen_from(now, zone))
}

fn next(purpose: impl Into<String>, command: impl Into<String>) -> NextCommand {
    NextCommand { purpose: purpose.into(), command: command.into() }
}
