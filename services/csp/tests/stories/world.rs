//! A small Northumbria for the pretended server.

use csp_proto::v1;
use prost_types::Timestamp;
use tonic::Status;

use super::support::Server;

pub(crate) const REGION: &str = "regions/northumbria";
pub(crate) const CYCLE: &str = "regions/northumbria/committees/citizen-focus/cycles/2021-q3";
pub(crate) const GATESHEAD: &str = "regions/northumbria/partnerships/gateshead";

/// `2022-01-10T09:00:00Z` and so on.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    text.parse().map_or_else(|_| panic!("{text} is not a time"), Some)
}

/// Jo Brown, with some roles.
pub(crate) fn jo(role_grants: Vec<v1::RoleGrant>) -> v1::WhoAmIResponse {
    v1::WhoAmIResponse {
        person: Some(v1::Person {
            name: format!("{REGION}/persons/jo-brown"),
            display_name: "Jo Brown".into(),
            email: "jo.brown@example.gov.uk".into(),
            create_time: time("2021-09-01T09:00:00Z"),
            etag: "p1".into(),
        }),
        region: Some(v1::Region {
            name: REGION.into(),
            display_name: "Northumbria".into(),
            time_zone: "Europe/London".into(),
            create_time: time("2021-09-01T09:00:00Z"),
            etag: "r1".into(),
        }),
        role_grants,
        token: Some(v1::Token {
            name: format!("{REGION}/persons/jo-brown/tokens/1"),
            label: "laptop".into(),
            create_time: time("2021-09-01T09:00:00Z"),
            expire_time: time("2022-03-20T09:00:00Z"),
            revoke_time: None,
            last_use_time: None,
            ..Default::default()
        }),
        server_time: time("2022-01-10T09:00:00Z"),
    }
}

/// A role of Jo's, of `of` where it is one of something.
pub(crate) fn role(role: v1::Role, of: &str) -> v1::RoleGrant {
    let committee = if of.contains("/committees/") { of } else { "" };
    let partnership = if of.contains("/partnerships/") { of } else { "" };
    v1::RoleGrant {
        name: format!("{REGION}/persons/jo-brown/roleGrants/1"),
        role: role as i32,
        committee: committee.into(),
        partnership: partnership.into(),
        deputy: false,
        start_date: "2021-09-01".into(),
        end_date: String::new(),
    }
}

/// A duty in the autumn quarter's cycle.
pub(crate) fn duty(kind: v1::DutyKind, state: v1::DutyState) -> v1::Duty {
    let submits = matches!(kind, v1::DutyKind::Submit | v1::DutyKind::Sign | v1::DutyKind::Answer);
    v1::Duty {
        kind: kind as i32,
        state: state as i32,
        cycle: CYCLE.into(),
        committee_display_name: "Citizen Focus Committee".into(),
        period_label: "Q3 2021/22 (October to December 2021)".into(),
        partnership: if submits { GATESHEAD.into() } else { String::new() },
        partnership_display_name: if submits { "Gateshead".into() } else { String::new() },
        due_time: time("2022-01-12T17:00:00Z"),
        open_time: time("2022-01-01T09:00:00Z"),
        summary: if submits { "no return, no news".into() } else { "4 of 6 returns received".into() },
        digest: if kind == v1::DutyKind::Approve { format!("{CYCLE}/digests/1") } else { String::new() },
    }
}

/// The autumn quarter's cycle.
pub(crate) fn cycle() -> v1::Cycle {
    v1::Cycle {
        name: CYCLE.into(),
        period: "2021-q3".into(),
        period_label: "Q3 2021/22 (October to December 2021)".into(),
        state: v1::CycleState::Open as i32,
        open_time: time("2022-01-01T09:00:00Z"),
        deadline_time: time("2022-01-12T17:00:00Z"),
        publication_time: time("2022-01-18T09:00:00Z"),
        meeting_time: time("2022-01-26T10:00:00Z"),
        create_time: time("2021-12-01T09:00:00Z"),
        etag: "c1".into(),
        closed_to_new_time: None,
        freeze_time: None,
    }
}

/// The committee, with two indicators.
pub(crate) fn committee() -> v1::Committee {
    let offset = |days, time: &str| Some(v1::Offset { days, time: time.into() });
    v1::Committee {
        name: format!("{REGION}/committees/citizen-focus"),
        display_name: "Citizen Focus Committee".into(),
        partnerships: vec![GATESHEAD.into()],
        indicators: vec![format!("{REGION}/indicators/burglary"), format!("{REGION}/indicators/robbery")],
        recurrence: Some(v1::Recurrence {
            first_quarter: "2021-q3".into(),
            opens: offset(1, "09:00"),
            meeting: offset(26, "10:00"),
            deadline: offset(14, "17:00"),
            publication: offset(8, "09:00"),
        }),
        template: Some(v1::CommitteeTemplate {
            report_of: "Report of the Chief Executive".into(),
            title: "Community Safety Partnerships".into(),
            purpose: "To inform members.".into(),
            recommendations: vec!["Note the report.".into()],
            implications: vec![v1::Implication { heading: "Equal opportunities".into(), statement: "None arise.".into() }],
            notice: String::new(),
            comparators: vec![v1::Comparator::SamePeriodLastYear.into(), v1::Comparator::YearToDate.into()],
            least_base: 50,
        }),
        create_time: time("2021-09-01T09:00:00Z"),
        etag: "k1".into(),
        sign_off: v1::SignOffRule::WhereLed as i32,
        warnings: vec![],
        exemptions: vec![],
    }
}

/// The paper's first version, frozen.
pub(crate) fn digest() -> v1::Digest {
    let info = |kind: v1::RenditionKind, media_type: &str, data: &[u8]| v1::RenditionInfo {
        kind: kind as i32,
        media_type: media_type.into(),
        sha256: hash(data),
    };
    let document_hash = hash(b"document");
    v1::Digest {
        name: format!("{CYCLE}/digests/1"),
        version: 1,
        state: v1::DigestState::Frozen as i32,
        subject: "Community Safety Partnerships: Q3 2021/22".into(),
        document_hash: document_hash.clone(),
        renditions: vec![
            info(v1::RenditionKind::HtmlMail, "text/html", b"<p>text</p>"),
            info(v1::RenditionKind::Text, "text/plain", b"text\n"),
        ],
        hashes: vec![document_hash, hash(b"<p>text</p>"), hash(b"text\n")],
        freezer: String::new(),
        freeze_time: time("2022-01-12T17:00:00Z"),
        authors: vec![format!("{REGION}/persons/sam-hill")],
        approver: String::new(),
        approve_time: None,
        release_time: None,
        etag: "d1".into(),
        cooling_off_end_time: None,
        cooling_off_ender: String::new(),
        cooling_off_reason: String::new(),
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn hash(data: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A rendition of [`digest`].
pub(crate) fn rendition(kind: i32) -> v1::Rendition {
    let (media_type, data): (&str, &[u8]) =
        if kind == v1::RenditionKind::Text as i32 { ("text/plain", b"text\n") } else { ("text/html", b"<p>text</p>") };
    v1::Rendition { kind, media_type: media_type.into(), sha256: hash(data), data: data.to_vec() }
}

/// A server that knows Jo, what is due from them, the cycle, the committee and the paper.
pub(crate) async fn northumbria(role_grants: Vec<v1::RoleGrant>, duties: Vec<v1::Duty>) -> Server {
    let server = Server::start().await;
    server
        .on("IdentityService/WhoAmI", move |_: v1::WhoAmIRequest| Ok(jo(role_grants.clone())))
        .on("IdentityService/ListDuties", move |_: v1::ListDutiesRequest| {
            Ok(v1::ListDutiesResponse { duties: duties.clone(), next_page_token: String::new() })
        })
        .on("CommitteeService/GetCycle", |_: v1::GetCycleRequest| Ok(cycle()))
        .on("CommitteeService/GetCommittee", |_: v1::GetCommitteeRequest| Ok(committee()))
        .on("IndicatorService/ListIndicators", |_: v1::ListIndicatorsRequest| {
            let burglary = v1::Indicator {
                name: format!("{REGION}/indicators/burglary"),
                display_name: "Burglary".into(),
                unit: v1::Unit::Count as i32,
                polarity: v1::Polarity::LowerIsBetter as i32,
                source: "Police-recorded crime".into(),
                create_time: time("2021-09-01T09:00:00Z"),
                etag: "i1".into(),
                definition: Some(v1::Definition {
                    sensitive: true,
                    per: 100,
                    denominator: format!("{REGION}/indicators/referrals"),
                    ..Default::default()
                }),
                ..Default::default()
            };
            Ok(v1::ListIndicatorsResponse { indicators: vec![burglary], next_page_token: String::new() })
        })
        .on("ReturnService/ListReturns", |_: v1::ListReturnsRequest| Ok(v1::ListReturnsResponse::default()))
        .on("DigestService/GetDigest", |question: v1::GetDigestRequest| {
            if question.name.contains("2021-q3") { Ok(digest()) } else { Err(Status::not_found("there is no such digest")) }
        })
        .on("DigestService/GetRendition", |question: v1::GetRenditionRequest| Ok(rendition(question.kind)));
    server
}

/// Jo as the officer of Gateshead, with a return due.
pub(crate) async fn officer() -> Server {
    northumbria(vec![role(v1::Role::Officer, GATESHEAD)], vec![duty(v1::DutyKind::Submit, v1::DutyState::Due)]).await
}
