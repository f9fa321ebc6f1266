//! Leads answer for what leaves in their partnership's name: most sign, one sends a return back first; and one officer takes
//! theirs back to mend it.

use csp_proto::v1;

use super::{
    asking, data,
    setup::Cast,
    telling::{Telling, date, instant},
};
use crate::Failure;

/// `newcastle-upon-tyne/citizen-focus.2021-q3`, as `csp` calls a return.
fn short(partnership: &str) -> String {
    format!("{partnership}/{}.{}", data::COMMITTEE, data::QUARTER)
}

fn name(partnership: &str) -> String {
    format!("{}/returns/{}.{}", data::partnership_name(partnership), data::COMMITTEE, data::QUARTER)
}

/// What is asked about the return is answered, and the lead reads and signs.
pub(super) async fn sign(cast: &Cast, partnership: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    asking::explain(cast, partnership, tell).await?;
    let lead = cast.lead(partnership);
    let read = lead.returns().get_return(v1::GetReturnRequest { name: name(partnership) }).await?.into_inner();
    let signed = lead.returns().sign_return(v1::SignReturnRequest { name: read.name, etag: read.etag }).await?.into_inner();
    if signed.state() != v1::ReturnState::Signed {
        return Err(Failure::new(format!("the return of {partnership} was signed, and does not say so")));
    }
    tell.done("Its lead reads it, with the news, and signs");
    tell.command(&format!("csp return sign {}", short(partnership)));
    Ok(())
}

/// The lead gives it back, and the officer sees why.
pub(super) async fn send_back(cast: &Cast, partnership: &str, reasons: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let back = v1::SendBackReturnRequest { name: name(partnership), reasons: reasons.to_owned(), etag: String::new() };
    cast.lead(partnership).returns().send_back_return(back).await?;
    let duties = cast.officer(partnership).identity().list_duties(v1::ListDutiesRequest::default()).await?.into_inner().duties;
    let due = duties.into_iter().find(|duty| duty.state() == v1::DutyState::Due && duty.summary.contains(reasons));
    let due = due.ok_or_else(|| Failure::new("a return was sent back, and its officer is not told why"))?;
    tell.done("Its lead sends it back; the officer sees why, and until when");
    tell.detail(&format!("“{reasons}”"));
    tell.detail(&format!("by {}", date(instant(due.due_time))));
    tell.command(&format!("csp return send-back {} --reasons \"…\"", short(partnership)));
    Ok(())
}

/// The officer takes back what they sent in.
pub(super) async fn recall(cast: &Cast, partnership: &str, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let recall = v1::RecallReturnRequest { name: name(partnership), etag: String::new() };
    let draft = cast.officer(partnership).returns().recall_return(recall).await?.into_inner();
    if draft.state() != v1::ReturnState::Draft {
        return Err(Failure::new("a return was recalled, and does not say so"));
    }
    tell.done("Recalled by its officer, to look at the source once more: it counts as not received");
    tell.command(&format!("csp return recall {}", short(partnership)));
    Ok(())
}

/// The editor sees whose turn it is, and takes in what is signed.
pub(super) async fn accept(cast: &Cast, tell: &mut Telling<'_>) -> Result<(), Failure> {
    let status = cast.editor.returns().get_cycle_status(v1::GetCycleStatusRequest { name: data::cycle_name() }).await?.into_inner();
    tell.done(&format!(
        "Who is missing: {} of {} returns received, {} signed, {} of them nil",
        status.received, status.expected, status.signed, status.nil
    ));
    tell.command("csp cycle status citizen-focus/2021-q3");
    let mut accepted = 0;
    for partnership in status.partnerships.iter().filter(|one| one.state() == v1::ReturnState::Signed) {
        let name = format!("{}/returns/{}.{}", partnership.partnership, data::COMMITTEE, data::QUARTER);
        cast.editor.returns().accept_return(v1::AcceptReturnRequest { name, etag: String::new() }).await?;
        accepted += 1;
    }
    tell.done(&format!("The editor accepts the {accepted} signed returns"));
    tell.command(&format!("csp return accept {}", short("gateshead")));
    Ok(())
}
