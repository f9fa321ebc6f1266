//! From what went wrong to what the caller hears. The only module that makes a `tonic::Status`.
//!
//! Codes are the canonical ones. What was wrong with the input is a `BadRequest` with one violation a
//! fault; why something cannot be done now is an `ErrorInfo` with a reason for machines. Of what went
//! wrong inside, the caller hears an identifier and the log the rest.

use std::collections::HashMap;

use csp_domain::{clock::Instant, joint::JointWhy, returns::ReturnState, signoff::Why, text::Fault, wording::WhyNot};
use csp_store::{Refusal, StoreError};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    Api,
    authorise::{About, Call},
    lifted::Lift,
    limit::{Refused, TooMuch},
};

/// In `ErrorInfo`, who speaks.
const DOMAIN: &str = "csp.v1";

/// What every refusal says beside its reason.
fn lifted(lift: Lift) -> HashMap<String, String> {
    HashMap::from([("lifted_by".to_owned(), lift.by), ("who".to_owned(), lift.who)])
}

/// There is one already, and what to do instead.
pub(crate) fn exists(sentence: String, lift: Lift) -> Status {
    let info = ErrorDetails::with_error_info("ALREADY_EXISTS", DOMAIN, lifted(lift));
    Status::with_error_details(Code::AlreadyExists, sentence, info)
}

/// Details travel in a header, and clients give headers between 8 and 16 KiB, of which base64 takes a third.
const MAX_DETAIL_BYTES: usize = 5_000;

/// Everything that is wrong with the input, at once; of very many faults, as many as fit.
pub(crate) fn invalid(faults: &[Fault]) -> Status {
    let mut details = ErrorDetails::new();
    let mut room = MAX_DETAIL_BYTES;
    for (told, fault) in faults.iter().enumerate() {
        let size = fault.field.len() + fault.reason.len() + 8;
        if size > room {
            let more = format!("and {} more faults; mend these and send again", faults.len() - told);
            details.add_bad_request_violation("request", more);
            break;
        }
        room -= size;
        details.add_bad_request_violation(fault.field.clone(), fault.reason.clone());
    }
    let sentence = match faults {
        [one] => format!("{}: {}", one.field, one.reason),
        many => format!("{} things are wrong with this request; see the field violations", many.len()),
    };
    Status::with_error_details(Code::InvalidArgument, sentence, details)
}

/// No token, or none that opens doors.
pub(crate) fn unauthenticated() -> Status {
    Status::with_error_details(
        Code::Unauthenticated,
        "present a valid token: `authorization: Bearer csp_…`",
        ErrorDetails::with_error_info("TOKEN_NOT_VALID", DOMAIN, lifted(Lift::new("An administrator makes a new token.", "administrator"))),
    )
}

/// There is no room for the request now; when it is worth trying again.
pub(crate) fn too_much(refused: Refused) -> Status {
    let seconds = refused.wait.as_secs() + u64::from(refused.wait.subsec_nanos() > 0);
    let again = if seconds == 1 { "in a second".to_owned() } else { format!("in {seconds} seconds") };
    let (reason, sentence) = match refused.why {
        TooMuch::Busy => ("SERVER_BUSY", format!("the server has as much to do as it can; try again {again}")),
        TooMuch::Tenant(whose) => ("TENANT_RATE", format!("your {whose} is asking too much at once; try again {again}")),
        TooMuch::Failures => {
            ("TOO_MANY_FAILURES", format!("too many tokens that are not valid came from this network address; try again {again}"))
        }
    };
    let mut details = ErrorDetails::with_retry_info(Some(refused.wait));
    details.set_error_info(reason, DOMAIN, lifted(Lift::caller("Try again after the time that retry_info names.")));
    Status::with_error_details(Code::ResourceExhausted, sentence, details)
}

/// The caller's roles never allow the call.
pub(crate) fn forbidden(call: Call) -> Status {
    denied(call, "none of your roles allows this", "ROLE_MISSING", Lift::role(call))
}

/// The token is for reading, whatever its owner may.
pub(crate) fn token_reads(call: Call) -> Status {
    let lift = Lift::caller("Use a token that may change things.");
    denied(call, "this token is for reading: it changes nothing", "TOKEN_READS", lift)
}

/// The token is for one role, and this is its owner's own business.
pub(crate) fn token_narrow(call: Call) -> Status {
    let lift = Lift::caller("Use a token for all your roles.");
    denied(call, "this token is for one role alone, and may see to no token but itself", "TOKEN_NARROW", lift)
}

fn denied(call: Call, sentence: &str, reason: &str, lift: Lift) -> Status {
    let mut facts = lifted(lift);
    facts.insert("method".to_owned(), call.path().rsplit('/').next().unwrap_or_default().to_owned());
    Status::with_error_details(Code::PermissionDenied, sentence, ErrorDetails::with_error_info(reason, DOMAIN, facts))
}

/// To this caller it is not there: the same answer as for what is not there at all.
pub(crate) fn unseen(about: About) -> Status {
    not_found(match about {
        About::Service | About::Region(_) => "region",
        About::Person(..) => "person",
        About::Token(..) => "token",
        About::Committee(..) => "committee",
        About::Partnership(..) | About::Submission(..) => "partnership",
    })
}

/// Of a part that is not there for the caller, says that the whole is not; any other refusal stays what it is.
pub(crate) fn absent(what: &str) -> impl Fn(Status) -> Status + '_ {
    move |refused| if refused.code() == Code::NotFound { not_found(what) } else { refused }
}

/// There is no such thing.
pub(crate) fn not_found(what: &str) -> Status {
    Status::not_found(format!("there is no such {what}"))
}

/// What was renamed, in the words of RFC 3339.
fn moment(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

pub(crate) fn refused(refusal: &Refusal) -> Status {
    let mut facts = lifted(Lift::from(refusal));
    let (code, reason) = match refusal {
        Refusal::CycleNotOpen { opens_at } => {
            facts.insert("open_time".to_owned(), moment(*opens_at));
            (Code::FailedPrecondition, "CYCLE_NOT_OPEN")
        }
        Refusal::ClosedToNew { since, freeze_at } => {
            facts.insert("closed_to_new_time".to_owned(), moment(*since));
            facts.insert("freeze_time".to_owned(), moment(*freeze_at));
            (Code::FailedPrecondition, "CYCLE_CLOSED_TO_NEW")
        }
        Refusal::CycleClosed { deadline_at, frozen_at } => {
            facts.insert("deadline_time".to_owned(), moment(*deadline_at));
            facts.insert("freeze_time".to_owned(), moment(*frozen_at));
            (Code::FailedPrecondition, "CYCLE_CLOSED")
        }
        Refusal::NoMoreTime { deadline_at, freeze_at } => {
            facts.insert("deadline_time".to_owned(), moment(*deadline_at));
            facts.insert("freeze_time".to_owned(), moment(*freeze_at));
            (Code::FailedPrecondition, "NO_MORE_TIME")
        }
        Refusal::NoRules => (Code::FailedPrecondition, "NO_RULES"),
        Refusal::CycleStillOpen { freeze_at } => {
            facts.insert("freeze_time".to_owned(), moment(*freeze_at));
            (Code::FailedPrecondition, "CYCLE_STILL_OPEN")
        }
        Refusal::CycleCancelled => (Code::FailedPrecondition, "CYCLE_CANCELLED"),
        Refusal::TooMuchNews => (Code::ResourceExhausted, "TOO_MUCH_NEWS"),
        Refusal::TooManyPopulations => (Code::ResourceExhausted, "TOO_MANY_POPULATIONS"),
        Refusal::TargetStands(_) => (Code::FailedPrecondition, "TARGET_STANDS"),
        Refusal::TooManyTargets => (Code::ResourceExhausted, "TOO_MANY_TARGETS"),
        Refusal::TooManyOwnIndicators => (Code::ResourceExhausted, "TOO_MANY_OWN_INDICATORS"),
        Refusal::OwnIndicator => (Code::FailedPrecondition, "OWN_INDICATOR"),
        Refusal::TooManyContextNotes => (Code::ResourceExhausted, "TOO_MANY_CONTEXT_NOTES"),
        Refusal::AlreadyRemoved => (Code::FailedPrecondition, "ALREADY_REMOVED"),
        Refusal::NotOwed => (Code::FailedPrecondition, "NOT_OWED"),
        Refusal::AlreadyPassed(field) => {
            facts.insert("field".to_owned(), (*field).to_owned());
            (Code::FailedPrecondition, "ALREADY_PASSED")
        }
        Refusal::AuthorCannotApprove => (Code::PermissionDenied, "AUTHOR_CANNOT_APPROVE"),
        Refusal::HashesDiffer => (Code::FailedPrecondition, "HASHES_DIFFER"),
        Refusal::DigestState(state) => {
            facts.insert("state".to_owned(), state.word().to_owned());
            (Code::FailedPrecondition, "DIGEST_STATE")
        }
        Refusal::AlreadyReleased => (Code::FailedPrecondition, "ALREADY_RELEASED"),
        Refusal::MessageState(state) => {
            facts.insert("state".to_owned(), state.word().to_owned());
            (Code::FailedPrecondition, "MESSAGE_STATE")
        }
        Refusal::AlreadyWithdrawn => (Code::FailedPrecondition, "ALREADY_WITHDRAWN"),
        Refusal::SignOff(refused) => {
            facts.insert("state".to_owned(), refused.state.word().to_owned());
            let code = match refused.why {
                Why::Role(_) | Why::Author => Code::PermissionDenied,
                Why::Frozen | Why::NotSigned | Why::NotSubmitter | Why::State => Code::FailedPrecondition,
            };
            (code, refused.reason())
        }
        Refusal::Unexplained(open) => {
            // As many as anybody mends in one go: details travel in a header.
            let told: Vec<String> = open.0.iter().take(20).map(ToString::to_string).collect();
            facts.insert("findings".to_owned(), told.join(","));
            // Nothing else is signed, or accepted without a signature.
            facts.insert("state".to_owned(), ReturnState::Submitted.word().to_owned());
            (Code::FailedPrecondition, "QUERIES_UNEXPLAINED")
        }
        Refusal::Wording(refused) => {
            facts.insert("state".to_owned(), refused.state.word().to_owned());
            let code = match refused.why {
                WhyNot::Role(_) | WhyNot::Proposer => Code::PermissionDenied,
                WhyNot::Frozen | WhyNot::State => Code::FailedPrecondition,
            };
            (code, refused.reason())
        }
        Refusal::FiguresStand => (Code::FailedPrecondition, "FIGURES_STAND"),
        Refusal::ProposeWording => (Code::FailedPrecondition, "PROPOSE_WORDING"),
        Refusal::SameWords => (Code::FailedPrecondition, "SAME_WORDS"),
        Refusal::TooManyWordings => (Code::ResourceExhausted, "TOO_MANY_WORDINGS"),
        Refusal::Joint(refused) => {
            facts.insert("state".to_owned(), refused.state.word().to_owned());
            let code = match refused.why {
                JointWhy::Role(_) | JointWhy::Author => Code::PermissionDenied,
                JointWhy::Frozen | JointWhy::State => Code::FailedPrecondition,
            };
            (code, refused.reason())
        }
        Refusal::FirstOwnerSigns => (Code::FailedPrecondition, "FIRST_OWNER_SIGNS"),
        Refusal::NobodySigns(owners) => {
            let named: Vec<&str> = owners.iter().map(csp_domain::text::Line::as_str).collect();
            facts.insert("partnerships".to_owned(), named.join(", "));
            (Code::FailedPrecondition, "NOBODY_SIGNS")
        }
        Refusal::CoolingOffOver => (Code::FailedPrecondition, "COOLING_OFF_OVER"),
        Refusal::EndsBeforeStart => (Code::FailedPrecondition, "ENDS_BEFORE_START"),
        Refusal::TokenEnded => (Code::FailedPrecondition, "TOKEN_ENDED"),
        Refusal::TooManyLinks => (Code::ResourceExhausted, "TOO_MANY_LINKS"),
        Refusal::StaleReminder => (Code::FailedPrecondition, "STALE_REMINDER"),
        Refusal::JobState(state) => {
            facts.insert("state".to_owned(), state.word().to_owned());
            (Code::FailedPrecondition, "JOB_STATE")
        }
        Refusal::JobNotDue { due_at } => {
            facts.insert("due_time".to_owned(), moment(*due_at));
            (Code::FailedPrecondition, "JOB_NOT_DUE")
        }
        Refusal::LastOne => (Code::FailedPrecondition, "LAST_ONE"),
    };
    Status::with_error_details(code, refusal.to_string(), ErrorDetails::with_error_info(reason, DOMAIN, facts))
}

impl Api {
    /// What the store said, to the caller.
    pub(crate) fn refuse(&self, error: StoreError) -> Status {
        match error {
            StoreError::NotFound(what) => not_found(what),
            error @ StoreError::AlreadyExists(_) => {
                exists(error.to_string(), Lift::caller("Change the one that is there, or give the new one another name."))
            }
            error @ StoreError::RequestReused => {
                let info = ErrorDetails::with_error_info(
                    "REQUEST_ID_REUSED",
                    DOMAIN,
                    lifted(Lift::caller("Send it with a request_id of its own.")),
                );
                Status::with_error_details(Code::AlreadyExists, error.to_string(), info)
            }
            error @ StoreError::Changed(_) => {
                let lift = Lift::caller("Read it again, and send the change with the etag that it has now.");
                let info = ErrorDetails::with_error_info("ETAG_MISMATCH", DOMAIN, lifted(lift));
                Status::with_error_details(Code::Aborted, error.to_string(), info)
            }
            StoreError::Refused(refusal) => refused(&refusal),
            error @ StoreError::Unavailable(_) => {
                tracing::warn!(error = chain(&error), "the store is not available");
                let retry = ErrorDetails::with_retry_info(Some(std::time::Duration::from_secs(1)));
                Status::with_error_details(Code::Unavailable, "the service is not available at the moment; try again", retry)
            }
            error @ (StoreError::Inconsistent { .. } | StoreError::Failed(_)) => self.internal(&error),
        }
    }

    /// Something nobody foresaw: an identifier for the caller, the whole story for the log.
    pub(crate) fn internal(&self, error: &(dyn std::error::Error + 'static)) -> Status {
        let id = self.chance.id(self.clock.now());
        tracing::error!(error.id = %id, error = chain(error), "an internal error");
        Status::internal(format!("something went wrong here; quote {id} when you report it"))
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
