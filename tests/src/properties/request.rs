//! Requests as they come off the wire.

use chrono::NaiveDate;
use csp_api::outside;
use csp_domain::{period::Period, text::Fault};
use csp_proto::v1;
use prost::Message;

use super::narrative;

/// A request type by its name in the contract, and what reads one: whether the bytes are one.
pub type Reader = (&'static str, fn(&[u8]) -> bool);

macro_rules! requests {
    ($($name:ident)*) => {
        &[$((stringify!($name), read::<v1::$name>)),*]
    };
}

/// Every request type of the contract; a test compares with the descriptors.
pub const REQUESTS: &[Reader] = requests! {
    ApproveDigestRequest CancelCycleRequest CreateCommitteeRequest CreateCycleRequest CreateIndicatorRequest CreateMemberRequest
    CreateNewsItemRequest CreatePartnershipRequest CreatePersonRequest CreateRegionRequest CreateReturnRequest CreateRoleGrantRequest
    CreateTokenRequest DeleteRegionRequest EndRoleGrantRequest FreezeDigestRequest GetCommitteeRequest GetCycleRequest GetDigestRequest
    GetIndicatorRequest GetMessageRequest GetNewsItemRequest GetPartnershipRequest GetPersonRequest GetRegionRequest GetRenditionRequest
    GetReturnRequest ImportMembersRequest ListCommitteesRequest ListCyclesRequest ListDigestsRequest ListDutiesRequest
    ListIndicatorsRequest ListMembersRequest ListMessagesRequest ListNewsItemsRequest ListPartnershipsRequest ListPersonsRequest
    ListRegionsRequest ListReturnsRequest ListRoleGrantsRequest ListTokensRequest PreviewDigestRequest RetryMessageRequest
    ListAuditEntriesRequest ListPermissionsRequest RotateTokenRequest
    RevokeTokenRequest UpdateCommitteeRequest UpdateCycleRequest UpdateIndicatorRequest UpdateMemberRequest UpdateNewsItemRequest
    UpdatePartnershipRequest UpdatePersonRequest UpdateRegionRequest UpdateReturnRequest WhoAmIRequest WithdrawNewsItemRequest
    WithdrawReturnRequest AcceptReturnRequest EndCoolingOffRequest GetCycleStatusRequest GetReceiptRequest RecallReturnRequest
    SendBackReturnRequest SignReturnRequest CheckReturnRequest ListFindingsRequest ExplainFindingRequest ListCheckRulesRequest
    UpdateCheckRuleRequest
    ImportPopulationsRequest ListPopulationsRequest
    GetJointItemRequest ListJointItemsRequest SendBackJointItemRequest SignJointItemRequest
    AcceptWordingRequest CreateWordingRequest GetWordingRequest ListWordingsRequest RefuseWordingRequest WithdrawWordingRequest
    CreateTargetRequest GetTargetRequest ListTargetsRequest EndTargetRequest
    CreateContextNoteRequest ListContextNotesRequest RemoveContextNoteRequest CreateOwnIndicatorRequest UpdateOwnIndicatorRequest
    ChangeClosedDaysRequest CreateDiaryLinkRequest ExtendDeadlineRequest GetCalendarRequest GetCyclePlanRequest GetDiaryRequest
    HoldJobRequest ImportHistoryRequest ListDiaryLinksRequest ListHistoryImportsRequest ListJobsRequest ResumeJobRequest
    RevokeDiaryLinkRequest RunJobRequest ScheduleMeetingsRequest SetRulesRequest SkipJobRequest
};

fn read<M: Message + Default + PartialEq>(bytes: &[u8]) -> bool {
    let Ok(message) = M::decode(bytes) else { return false };
    let written = message.encode_to_vec();
    assert!(M::decode(&*written).is_ok_and(|again| again == message), "a message reads as it was written");
    true
}

/// Bytes are a request or they are not; one that is, is refused by field, or says what it said once it is
/// answered.
pub(super) fn holds(bytes: &[u8]) {
    let Some((&which, message)) = bytes.split_first() else { return };
    let (name, read) = REQUESTS[usize::from(which) % REQUESTS.len()];
    if !read(message) {
        return;
    }
    match name {
        "CreateCommitteeRequest" | "UpdateCommitteeRequest" => committee(message),
        "CreateReturnRequest" | "UpdateReturnRequest" => answer(message),
        "CreateNewsItemRequest" | "UpdateNewsItemRequest" => news(message),
        "CreateCycleRequest" => moments(message),
        "ListMessagesRequest" | "GetNewsItemRequest" => names(message),
        _ => {}
    }
}

/// Both creating and updating have the resource in a field of its own; which one is of no account here.
fn inner<M: Message + Default>(message: &[u8], create: fn(&[u8]) -> Option<M>, update: fn(&[u8]) -> Option<M>) -> M {
    create(message).or_else(|| update(message)).unwrap_or_default()
}

fn told(faults: &[Fault], root: &str) {
    assert!((1..=200).contains(&faults.len()));
    for fault in faults {
        assert!(fault.field.starts_with(root) && !fault.field.contains(char::is_control), "{fault:?}");
        assert!(!fault.reason.is_empty() && fault.reason.len() < 2_000, "{fault:?}");
    }
}

fn committee(message: &[u8]) {
    let given: v1::Committee = inner(
        message,
        |bytes| v1::CreateCommitteeRequest::decode(bytes).ok()?.committee,
        |bytes| v1::UpdateCommitteeRequest::decode(bytes).ok()?.committee,
    );
    match outside::committee(given.clone()) {
        Ok(shown) => {
            assert_eq!(shown.display_name, given.display_name.trim());
            let again = outside::committee(shown.clone());
            assert_eq!(again, Ok(shown), "what is answered can be sent back");
        }
        Err(faults) => told(&faults, "committee"),
    }
}

fn answer(message: &[u8]) {
    let given: v1::Return = inner(
        message,
        |bytes| v1::CreateReturnRequest::decode(bytes).ok()?.answer,
        |bytes| v1::UpdateReturnRequest::decode(bytes).ok()?.answer,
    );
    let period: Period = "2021-q3".parse().expect("this is a quarter");
    let today = NaiveDate::from_ymd_opt(2022, 1, 5).expect("there was such a day");
    if let Err(faults) = outside::answer(given, period, today) {
        told(&faults, "answer");
    }
}

fn news(message: &[u8]) {
    let given: v1::NewsItem = inner(
        message,
        |bytes| v1::CreateNewsItemRequest::decode(bytes).ok()?.news_item,
        |bytes| v1::UpdateNewsItemRequest::decode(bytes).ok()?.news_item,
    );
    match outside::news(&given) {
        Ok(shown) => narrative::holds(shown.as_bytes()),
        Err(faults) => told(&faults, "news_item"),
    }
}

fn moments(message: &[u8]) {
    let Some(cycle) = v1::CreateCycleRequest::decode(message).ok().and_then(|request| request.cycle) else { return };
    for stamp in [cycle.open_time, cycle.deadline_time, cycle.publication_time, cycle.meeting_time].into_iter().flatten() {
        assert!(!outside::moment(stamp) || (631_152_000..=7_289_654_400).contains(&stamp.seconds), "{stamp:?}");
    }
}

fn names(message: &[u8]) {
    let Ok(request) = v1::ListMessagesRequest::decode(message) else { return };
    for collections in [&["regions"][..], &["regions", "messages"], &["regions", "committees", "cycles", "digests"]] {
        if let Some(last) = outside::name(&request.digest, collections) {
            assert!(!last.is_empty() && !last.contains('/') && request.digest.ends_with(last));
        }
    }
    if outside::page(request.page_size, &request.page_token) {
        assert!(request.page_size >= 0 && matches!(request.page_token.len(), 0 | 32));
    }
    let changeable = ["display_name", "source"];
    if let Some(paths) = outside::mask(vec![request.parent, request.digest], &changeable) {
        assert!(paths.iter().all(|path| changeable.contains(&path.as_str())) && paths.len() <= changeable.len());
    }
}
