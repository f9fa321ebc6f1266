//! A committee says who owes which part: nobody is chased for what they do not owe, and the paper does not call it missing.

use csp_proto::v1;
use csp_tests::Bed;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, REGION, Who, World, partnership, two_figures};

fn indicator(slug: &str) -> String {
    format!("{REGION}/indicators/{slug}")
}

fn exempt(n: usize, of: &[&str]) -> v1::Exemption {
    v1::Exemption { partnership: partnership(n), indicators: of.iter().map(|slug| indicator(slug)).collect() }
}

async fn excuse(world: &World, exemptions: Vec<v1::Exemption>) -> Result<v1::Committee, Status> {
    let committee = v1::Committee { name: COMMITTEE.into(), exemptions, ..Default::default() };
    let update_mask = Some(prost_types::FieldMask { paths: vec!["exemptions".into()] });
    let update = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask };
    Ok(world.committees().update_committee(world.administrator.call(update)).await?.into_inner())
}

async fn duty(world: &World, who: &Who) -> v1::Duty {
    let duties = world.identity().list_duties(who.call(v1::ListDutiesRequest::default())).await.unwrap().into_inner().duties;
    duties.into_iter().find(|duty| duty.kind() == v1::DutyKind::Submit && duty.cycle == CYCLE).unwrap()
}

pub(crate) async fn nobody_is_chased_for_what_they_do_not_owe(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    // All that is wrong, at once.
    let wrong = vec![exempt(0, &["vehicle-crime", "vehicle-crime"]), exempt(1, &[]), exempt(2, &["arson"])];
    let refused = excuse(&world, wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut fields: Vec<_> = refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|fault| fault.field).collect();
    fields.sort_unstable();
    let at = |field: &str| format!("committee.exemptions{field}");
    assert_eq!(fields, [at("[0].indicators[1]"), at("[1].indicators"), at("[2].indicators[0]")]);

    // Gateshead is not asked about vehicles, and Newcastle for nothing.
    let made = excuse(&world, vec![exempt(1, &["vehicle-crime", "burglary"]), exempt(0, &["vehicle-crime"])]).await.unwrap();
    assert_eq!(made.exemptions, [exempt(0, &["vehicle-crime"]), exempt(1, &["burglary", "vehicle-crime"])], "in the committee's order");
    let newcastle = duty(&world, &world.officers[1]).await;
    assert_eq!((newcastle.state(), newcastle.summary.as_str()), (v1::DutyState::Done, "no return is owed, 0 news items"));
    assert_eq!(duty(&world, &world.officers[2]).await.state(), v1::DutyState::Due);

    // Gateshead sends what it owes, and that is all of it.
    let mut burglary = two_figures(0, CYCLE, "2021-q3", "206", "291");
    if let Some(v1::r#return::Content::Figures(figures)) = &mut burglary.answer.as_mut().unwrap().content {
        figures.figures.truncate(1);
    }
    let sent = world.returns().create_return(world.officers[0].call(burglary)).await.unwrap().into_inner();
    let findings = v1::ListFindingsRequest { parent: sent.name.clone() };
    let findings = world.checks().list_findings(world.officers[0].call(findings)).await.unwrap().into_inner().findings;
    assert!(!findings.iter().any(|finding| finding.text.contains("Vehicle")), "{findings:?}");
    world.at("2022-01-11T09:00:00Z").await;
    world.at("2022-01-13T09:00:00Z").await;
    let mails = world.sink.messages();
    let reminded = |who: &str| mails.iter().filter(|mail| mail.to.starts_with(who)).count();
    assert_eq!((reminded("officer-gateshead@"), reminded("officer-newcastle@")), (0, 0));
    assert!(reminded("officer-sunderland@") > 0);

    let status = v1::GetCycleStatusRequest { name: CYCLE.into() };
    let status = world.returns().get_cycle_status(world.editor.call(status)).await.unwrap().into_inner();
    assert_eq!((status.expected, status.received), (2, 1));
    assert!(!status.partnerships.iter().any(|one| one.partnership == partnership(1)), "nobody asks after Newcastle's");

    let get = v1::GetRenditionRequest { name: format!("{CYCLE}/digests/-"), kind: v1::RenditionKind::Text.into() };
    let paper = world.digests().get_rendition(world.editor.call(get)).await.unwrap().into_inner().data;
    let paper = String::from_utf8(paper).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(paper.contains("1 of 2 partnerships have sent a return."), "{paper}");
    assert!(paper.contains("not asked for"), "{paper}");
    assert!(!paper.contains("Not reported by Gateshead"), "{paper}");
    let missing = paper.split("Not received").nth(1).map_or("", |rest| rest.split('.').next().unwrap_or_default());
    assert!(!missing.contains("Newcastle"), "{paper}");
}
