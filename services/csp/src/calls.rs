//! Every call of the contract that this program makes, on one page.

use csp_proto::v1::{
    self, audit_service_client::AuditServiceClient, calendar_service_client::CalendarServiceClient,
    check_service_client::CheckServiceClient, committee_service_client::CommitteeServiceClient, diary_service_client::DiaryServiceClient,
    digest_service_client::DigestServiceClient, history_service_client::HistoryServiceClient,
    identity_service_client::IdentityServiceClient, indicator_service_client::IndicatorServiceClient,
    joint_service_client::JointServiceClient, message_service_client::MessageServiceClient, news_service_client::NewsServiceClient,
    partnership_service_client::PartnershipServiceClient, person_service_client::PersonServiceClient,
    region_service_client::RegionServiceClient, return_service_client::ReturnServiceClient, schedule_service_client::ScheduleServiceClient,
    wording_service_client::WordingServiceClient,
};

use crate::{
    chance,
    error::Error,
    session::{Again, Session},
};

/// A page of the longest news, or a digest with every rendition, fits into this.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

macro_rules! calls {
    ($($client:ident {
        $(read { $($read:ident($read_question:ident) -> $read_answer:ident;)* })?
        $(create { $($create:ident($create_question:ident) -> $create_answer:ident;)* })?
        $(change { $($change:ident($change_question:ident) -> $change_answer:ty;)* })?
    })*) => {
        impl Session<'_> {
            $(
                $($(pub(crate) async fn $read(&self, question: v1::$read_question) -> Result<v1::$read_answer, Error> {
                    self.call(Again::Safe, question, |channel, request| async move {
                        $client::new(channel).max_decoding_message_size(LARGEST_ANSWER).$read(request).await
                    })
                    .await
                })*)?
                $($(pub(crate) async fn $create(&self, mut question: v1::$create_question) -> Result<v1::$create_answer, Error> {
                    if question.request_id.is_empty() {
                        question.request_id = chance::request_id()?;
                    }
                    self.call(Again::Safe, question, |channel, request| async move {
                        $client::new(channel).max_decoding_message_size(LARGEST_ANSWER).$create(request).await
                    })
                    .await
                })*)?
                $($(pub(crate) async fn $change(&self, question: v1::$change_question) -> Result<$change_answer, Error> {
                    self.call(Again::No, question, |channel, request| async move {
                        $client::new(channel).max_decoding_message_size(LARGEST_ANSWER).$change(request).await
                    })
                    .await
                })*)?
            )*
        }
    };
}

// `read` may be repeated, and so may an import of what is kept by its own name (a second time it changes nothing); `create` gets a fresh `request_id` here, unless it has one, and may be repeated with it; `change` is made once.
calls! {
    IdentityServiceClient {
        read {
            who_am_i(WhoAmIRequest) -> WhoAmIResponse;
            list_duties(ListDutiesRequest) -> ListDutiesResponse;
            list_permissions(ListPermissionsRequest) -> ListPermissionsResponse;
        }
    }
    RegionServiceClient {
        read {
            get_region(GetRegionRequest) -> Region;
            list_regions(ListRegionsRequest) -> ListRegionsResponse;
        }
        create { create_region(CreateRegionRequest) -> Region; }
        change {
            update_region(UpdateRegionRequest) -> v1::Region;
            delete_region(DeleteRegionRequest) -> ();
        }
    }
    PartnershipServiceClient {
        read {
            get_partnership(GetPartnershipRequest) -> Partnership;
            list_partnerships(ListPartnershipsRequest) -> ListPartnershipsResponse;
        }
        create { create_partnership(CreatePartnershipRequest) -> Partnership; }
        change { update_partnership(UpdatePartnershipRequest) -> v1::Partnership; }
    }
    PersonServiceClient {
        read {
            get_person(GetPersonRequest) -> Person;
            list_persons(ListPersonsRequest) -> ListPersonsResponse;
            list_role_grants(ListRoleGrantsRequest) -> ListRoleGrantsResponse;
            list_tokens(ListTokensRequest) -> ListTokensResponse;
        }
        create {
            create_person(CreatePersonRequest) -> Person;
            create_role_grant(CreateRoleGrantRequest) -> RoleGrant;
            create_token(CreateTokenRequest) -> CreateTokenResponse;
            rotate_token(RotateTokenRequest) -> RotateTokenResponse;
        }
        change {
            update_person(UpdatePersonRequest) -> v1::Person;
            end_role_grant(EndRoleGrantRequest) -> v1::RoleGrant;
            revoke_token(RevokeTokenRequest) -> v1::Token;
        }
    }
    CalendarServiceClient {
        read {
            get_calendar(GetCalendarRequest) -> Calendar;
            get_cycle_plan(GetCyclePlanRequest) -> CyclePlan;
        }
        change {
            set_rules(SetRulesRequest) -> v1::SetRulesResponse;
            change_closed_days(ChangeClosedDaysRequest) -> v1::ChangeClosedDaysResponse;
            schedule_meetings(ScheduleMeetingsRequest) -> v1::ScheduleMeetingsResponse;
            extend_deadline(ExtendDeadlineRequest) -> v1::Extension;
        }
    }
    IndicatorServiceClient {
        read {
            get_indicator(GetIndicatorRequest) -> Indicator;
            list_indicators(ListIndicatorsRequest) -> ListIndicatorsResponse;
            get_target(GetTargetRequest) -> Target;
            list_targets(ListTargetsRequest) -> ListTargetsResponse;
            list_context_notes(ListContextNotesRequest) -> ListContextNotesResponse;
            list_populations(ListPopulationsRequest) -> ListPopulationsResponse;
            import_populations(ImportPopulationsRequest) -> ImportPopulationsResponse;
        }
        create {
            create_indicator(CreateIndicatorRequest) -> Indicator;
            create_own_indicator(CreateOwnIndicatorRequest) -> Indicator;
            create_target(CreateTargetRequest) -> Target;
            create_context_note(CreateContextNoteRequest) -> ContextNote;
        }
        change {
            update_indicator(UpdateIndicatorRequest) -> v1::Indicator;
            update_own_indicator(UpdateOwnIndicatorRequest) -> v1::Indicator;
            end_target(EndTargetRequest) -> v1::Target;
            remove_context_note(RemoveContextNoteRequest) -> v1::ContextNote;
        }
    }
    HistoryServiceClient {
        read { list_history_imports(ListHistoryImportsRequest) -> ListHistoryImportsResponse; }
        change { import_history(ImportHistoryRequest) -> v1::HistoryImport; }
    }
    CommitteeServiceClient {
        read {
            get_committee(GetCommitteeRequest) -> Committee;
            list_committees(ListCommitteesRequest) -> ListCommitteesResponse;
            list_members(ListMembersRequest) -> ListMembersResponse;
            get_cycle(GetCycleRequest) -> Cycle;
            list_cycles(ListCyclesRequest) -> ListCyclesResponse;
        }
        create {
            create_committee(CreateCommitteeRequest) -> Committee;
            create_member(CreateMemberRequest) -> Member;
            import_members(ImportMembersRequest) -> ImportMembersResponse;
            create_cycle(CreateCycleRequest) -> Cycle;
        }
        change {
            update_committee(UpdateCommitteeRequest) -> v1::Committee;
            update_member(UpdateMemberRequest) -> v1::Member;
            update_cycle(UpdateCycleRequest) -> v1::Cycle;
            cancel_cycle(CancelCycleRequest) -> v1::Cycle;
        }
    }
    NewsServiceClient {
        read {
            get_news_item(GetNewsItemRequest) -> NewsItem;
            list_news_items(ListNewsItemsRequest) -> ListNewsItemsResponse;
        }
        create { create_news_item(CreateNewsItemRequest) -> NewsItem; }
        change {
            update_news_item(UpdateNewsItemRequest) -> v1::NewsItem;
            withdraw_news_item(WithdrawNewsItemRequest) -> v1::NewsItem;
        }
    }
    ReturnServiceClient {
        read {
            get_return(GetReturnRequest) -> Return;
            list_returns(ListReturnsRequest) -> ListReturnsResponse;
            get_receipt(GetReceiptRequest) -> Receipt;
            get_cycle_status(GetCycleStatusRequest) -> CycleStatus;
        }
        create { create_return(CreateReturnRequest) -> Return; }
        change {
            update_return(UpdateReturnRequest) -> v1::Return;
            withdraw_return(WithdrawReturnRequest) -> v1::Return;
            sign_return(SignReturnRequest) -> v1::Return;
            send_back_return(SendBackReturnRequest) -> v1::Return;
            accept_return(AcceptReturnRequest) -> v1::Return;
            recall_return(RecallReturnRequest) -> v1::Return;
        }
    }
    CheckServiceClient {
        read {
            check_return(CheckReturnRequest) -> CheckReturnResponse;
            list_findings(ListFindingsRequest) -> ListFindingsResponse;
            list_check_rules(ListCheckRulesRequest) -> ListCheckRulesResponse;
        }
        change {
            explain_finding(ExplainFindingRequest) -> v1::Finding;
            update_check_rule(UpdateCheckRuleRequest) -> v1::CheckRule;
        }
    }
    JointServiceClient {
        read {
            get_joint_item(GetJointItemRequest) -> JointItem;
            list_joint_items(ListJointItemsRequest) -> ListJointItemsResponse;
        }
        change {
            sign_joint_item(SignJointItemRequest) -> v1::JointItem;
            send_back_joint_item(SendBackJointItemRequest) -> v1::JointItem;
        }
    }
    WordingServiceClient {
        read {
            get_wording(GetWordingRequest) -> Wording;
            list_wordings(ListWordingsRequest) -> ListWordingsResponse;
        }
        create { create_wording(CreateWordingRequest) -> Wording; }
        change {
            accept_wording(AcceptWordingRequest) -> v1::Wording;
            refuse_wording(RefuseWordingRequest) -> v1::Wording;
            withdraw_wording(WithdrawWordingRequest) -> v1::Wording;
        }
    }
    DigestServiceClient {
        read {
            preview_digest(PreviewDigestRequest) -> PreviewDigestResponse;
            get_digest(GetDigestRequest) -> Digest;
            list_digests(ListDigestsRequest) -> ListDigestsResponse;
            get_rendition(GetRenditionRequest) -> Rendition;
        }
        create { freeze_digest(FreezeDigestRequest) -> Digest; }
        change {
            approve_digest(ApproveDigestRequest) -> v1::Digest;
            end_cooling_off(EndCoolingOffRequest) -> v1::Digest;
        }
    }
    ScheduleServiceClient {
        read { list_jobs(ListJobsRequest) -> ListJobsResponse; }
        change {
            run_job(RunJobRequest) -> v1::Job;
            hold_job(HoldJobRequest) -> v1::Job;
            resume_job(ResumeJobRequest) -> v1::Job;
            skip_job(SkipJobRequest) -> v1::Job;
        }
    }
    DiaryServiceClient {
        read {
            get_diary(GetDiaryRequest) -> Diary;
            list_diary_links(ListDiaryLinksRequest) -> ListDiaryLinksResponse;
        }
        create { create_diary_link(CreateDiaryLinkRequest) -> CreateDiaryLinkResponse; }
        change { revoke_diary_link(RevokeDiaryLinkRequest) -> v1::DiaryLink; }
    }
    MessageServiceClient {
        read {
            get_message(GetMessageRequest) -> Message;
            list_messages(ListMessagesRequest) -> ListMessagesResponse;
        }
        change { retry_message(RetryMessageRequest) -> v1::Message; }
    }
    AuditServiceClient {
        read { list_audit_entries(ListAuditEntriesRequest) -> ListAuditEntriesResponse; }
    }
}
