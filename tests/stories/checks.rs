//! Checks as people live through them: what is asked, what it blocks, who answers, and where the answer is printed.

use csp_proto::v1::{self, figure::Answer};
use csp_tests::Bed;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{CYCLE, REGION, Who, World, partnership};

fn figure(indicator: &str, period: &str, value: u32) -> v1::Figure {
    v1::Figure {
        indicator: format!("{REGION}/indicators/{indicator}"),
        period: period.into(),
        answer: Some(Answer::Value(value.to_string())),
        ..Default::default()
    }
}

/// Gateshead's burglaries in twenty months, of which the last is to be seen.
fn months(last: u32) -> Vec<v1::Figure> {
    let value = |n: u32| if n == 19 { last } else { 70 + (n * 7) % 11 };
    (0..20).map(|n| figure("burglary", &format!("{}-{:02}", 2020 + (n + 4) / 12, (n + 4) % 12 + 1), value(n))).collect()
}

fn answer(figures: Vec<v1::Figure>) -> v1::Return {
    let content = v1::r#return::Content::Figures(v1::Figures { figures, quoted_figures: Vec::new() });
    v1::Return { cycle: CYCLE.into(), content: Some(content), ..Default::default() }
}

async fn check(world: &World, figures: Vec<v1::Figure>) -> Result<Vec<String>, Status> {
    let question = v1::CheckReturnRequest { parent: partnership(0), answer: Some(answer(figures)) };
    let found = world.checks().check_return(world.officers[0].call(question)).await?.into_inner().findings;
    assert!(found.iter().all(|finding| finding.name.is_empty() && finding.explanation.is_none()));
    Ok(found.into_iter().map(|finding| rule(&finding)).collect())
}

fn rule(finding: &v1::Finding) -> String {
    finding.rule.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn send(world: &World, figures: Vec<v1::Figure>) -> Result<v1::Return, Status> {
    let create = v1::CreateReturnRequest { parent: partnership(0), answer: Some(answer(figures)), ..Default::default() };
    Ok(world.returns().create_return(world.officers[0].call(create)).await?.into_inner())
}

async fn findings(world: &World, who: &Who, name: &str) -> Vec<v1::Finding> {
    world.checks().list_findings(who.call(v1::ListFindingsRequest { parent: name.into() })).await.unwrap().into_inner().findings
}

async fn explain(world: &World, who: &Who, name: &str, finding: &str, note: &str) -> Result<v1::Finding, Status> {
    let question = v1::ExplainFindingRequest { name: format!("{name}/findings/{finding}"), note: note.into(), ..Default::default() };
    Ok(world.checks().explain_finding(who.call(question)).await?.into_inner())
}

async fn sign(world: &World, lead: &Who, name: &str) -> Result<v1::Return, Status> {
    let read = world.returns().get_return(lead.call(v1::GetReturnRequest { name: name.into() })).await?.into_inner();
    Ok(world.returns().sign_return(lead.call(v1::SignReturnRequest { name: read.name, etag: read.etag })).await?.into_inner())
}

async fn preview(world: &World) -> String {
    let preview = v1::PreviewDigestRequest { parent: CYCLE.into() };
    let renditions = world.digests().preview_digest(world.editor.call(preview)).await.unwrap().into_inner().renditions;
    let text = renditions.into_iter().find(|rendition| rendition.kind() == v1::RenditionKind::Text).unwrap();
    String::from_utf8(text.data).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) async fn a_query_is_explained_before_the_lead_signs_and_its_reason_is_printed(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let lead = world.person(&world.administrator, "lead", v1::Role::Lead, &partnership(0)).await.unwrap();
    let deputy = world.person(&world.administrator, "deputy", v1::Role::Lead, &partnership(0)).await.unwrap();
    let officer = &world.officers[0];

    // What is asked is told before anything is sent, and the same afterwards. Nothing keeps it from being sent in.
    let before = check(&world, months(140)).await.unwrap();
    assert_eq!(before, ["outside-limits", "older-period"]);
    let sent = send(&world, months(140)).await.unwrap();
    let found = findings(&world, officer, &sent.name).await;
    assert_eq!(found.iter().map(rule).collect::<Vec<_>>(), before);
    assert_eq!(findings(&world, &world.editor, &sent.name).await, found, "the editor sees the same");
    let outside = &found[0];
    assert_eq!((outside.name.clone(), outside.printed), (format!("{}/findings/outside-limits.burglary", sent.name), true));
    assert!(outside.text.contains("140 in December 2021 is above ") && outside.field == "answer.figures.figures[17]", "{outside:?}");

    // It keeps it from being signed; the refusal says what is open, what would lift it, and who can.
    let refused = sign(&world, &lead, &sent.name).await.unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::FailedPrecondition, "QUERIES_UNEXPLAINED"));
    assert_eq!(info.metadata["findings"], "outside-limits.burglary,older-period");
    assert_eq!((info.metadata["who"].as_str(), info.metadata["state"].as_str()), ("officer,lead", "submitted"));
    assert!(info.metadata["lifted_by"].contains("csp return explain"));

    // The neighbour's officer is told that there is no such return, and nobody explains what nobody asked.
    let stranger = explain(&world, &world.officers[1], &sent.name, "older-period", "Mine.").await.unwrap_err();
    assert_eq!(stranger.code(), Code::NotFound);
    assert_eq!(explain(&world, officer, &sent.name, "unchanged.burglary", "No.").await.unwrap_err().code(), Code::NotFound);
    let empty = explain(&world, officer, &sent.name, "older-period", " ").await.unwrap_err();
    assert_eq!(empty.get_details_bad_request().unwrap().field_violations[0].field, "note");
    assert_eq!(explain(&world, &world.editor, &sent.name, "older-period", "No.").await.unwrap_err().code(), Code::PermissionDenied);

    explain(&world, officer, &sent.name, "older-period", "Our first return: months for the charts.").await.unwrap();
    let reason = "One gang of four, arrested on 29 December.";
    let explained = explain(&world, &deputy, &sent.name, "outside-limits.burglary", reason).await.unwrap();
    let kept = explained.explanation.unwrap();
    assert_eq!((kept.note.as_str(), kept.person.as_str()), (reason, deputy.person.as_str()));
    // Whoever explains writes a part of it.
    let author = sign(&world, &deputy, &sent.name).await.unwrap_err();
    assert_eq!(author.get_details_error_info().unwrap().reason, "AUTHOR_CANNOT_SIGN");
    let signed = sign(&world, &lead, &sent.name).await.unwrap();
    assert_eq!(signed.state(), v1::ReturnState::Signed);

    // The reason is printed first, beside the exception.
    let paper = preview(&world).await;
    let exception = format!("Gateshead (its reason: {reason}): the latest figure is above the upper limit");
    assert!(paper.contains(&exception), "{paper}");
    assert!(!paper.contains("months for the charts"), "an answer to another query is not printed: {paper}");

    // A new word about it takes the signature away; a new value asks anew, and the old reason is not printed beside it.
    explain(&world, officer, &sent.name, "outside-limits.burglary", "A gang of four, arrested.").await.unwrap();
    assert_eq!(findings(&world, &lead, &sent.name).await[0].explanation.as_ref().unwrap().note, "A gang of four, arrested.");
    let read = world.returns().get_return(lead.call(v1::GetReturnRequest { name: sent.name.clone() })).await.unwrap().into_inner();
    assert_eq!(read.state(), v1::ReturnState::Submitted);
    let corrected = v1::Return { name: sent.name.clone(), ..answer(months(150)) };
    let update = v1::UpdateReturnRequest { answer: Some(corrected), ..Default::default() };
    world.returns().update_return(officer.call(update)).await.unwrap();
    let again = findings(&world, officer, &sent.name).await;
    assert!(again[0].explanation.is_none(), "a new value asks anew");
    assert!(again[1].explanation.is_some(), "what was not changed stays answered");
    let open = sign(&world, &lead, &sent.name).await.unwrap_err();
    assert_eq!(open.get_details_error_info().unwrap().metadata["findings"], "outside-limits.burglary");

    // After the deadline it can be answered still, until the paper is out.
    world.at("2022-01-12T17:00:01Z").await;
    explain(&world, officer, &sent.name, "outside-limits.burglary", "Ten more were found.").await.unwrap();
    sign(&world, &lead, &sent.name).await.unwrap();
    let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), ..Default::default() };
    let digest = world.digests().freeze_digest(world.editor.call(freeze)).await.unwrap().into_inner();
    assert!(digest.authors.contains(&officer.person), "whoever gave a reason wrote a part of the paper");
    let late = explain(&world, officer, &sent.name, "outside-limits.burglary", "Eleven.").await.unwrap_err();
    assert_eq!(late.get_details_error_info().unwrap().reason, "RETURN_FROZEN");
}

pub(crate) async fn a_region_makes_a_rule_an_error_or_silences_it(bed: Bed) {
    use v1::CheckStrength::{Error, Off, Query};
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let set = async |who: &Who, rule: &str, strength: v1::CheckStrength, reason: &str| {
        let name = format!("{REGION}/checkRules/{rule}");
        let update = v1::UpdateCheckRuleRequest { name, strength: strength.into(), reason: reason.into() };
        world.checks().update_check_rule(who.call(update)).await.map(tonic::Response::into_inner)
    };
    let older = || vec![figure("burglary", "2021-q3", 5), figure("burglary", "2019-q3", 4)];
    assert_eq!(check(&world, older()).await.unwrap(), ["older-period"]);

    let off = set(&world.administrator, "older-period", Off, "We take in five years of history.").await.unwrap();
    assert_eq!((off.strength(), off.default_strength(), off.setter.as_str()), (Off, Query, world.administrator.person.as_str()));
    assert_eq!(check(&world, older()).await.unwrap(), [""; 0]);

    set(&world.administrator, "older-period", Error, "History is closed.").await.unwrap();
    for refused in [check(&world, older()).await.map(|_| ()), send(&world, older()).await.map(|_| ())] {
        let told = refused.unwrap_err().get_details_bad_request().unwrap().field_violations;
        assert_eq!(told[0].field, "answer.figures.figures[1]");
        assert!(told[0].description.starts_with("Of this return 1 figure is for older periods that no return told before"), "{told:?}");
    }
    send(&world, older()[..1].to_vec()).await.unwrap();

    // What arithmetic needs stays an error, and no officer decides.
    for rule in ["not-a-number", "duplicate-row", "negative", "after-the-cut-off"] {
        let refused = set(&world.administrator, rule, Query, "We know better.").await.unwrap_err();
        assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "strength", "{rule}");
    }
    let both = set(&world.administrator, "older-period", v1::CheckStrength::Unspecified, "").await.unwrap_err();
    assert_eq!(both.get_details_bad_request().unwrap().field_violations.len(), 2, "every fault at once");
    assert_eq!(set(&world.administrator, "no-such-rule", Off, "x").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(set(&world.officers[0], "older-period", Off, "x").await.unwrap_err().code(), Code::PermissionDenied);

    let list = v1::ListCheckRulesRequest { parent: REGION.into() };
    let rules = world.checks().list_check_rules(world.officers[0].call(list)).await.unwrap().into_inner().rules;
    assert_eq!(rules.len(), csp_domain::check::Rule::ALL.len());
    let set: Vec<_> = rules.iter().filter(|rule| !rule.reason.is_empty()).map(|rule| (rule.name.as_str(), rule.strength())).collect();
    assert_eq!(set, [(format!("{REGION}/checkRules/older-period").as_str(), Error)]);

    // It is on record, with the reason before and after.
    let list = v1::ListAuditEntriesRequest { parent: REGION.into(), subject: "region".into(), page_size: 100, ..Default::default() };
    let entries = world.audit().list_audit_entries(world.administrator.call(list)).await.unwrap().into_inner();
    let told = format!("{entries:?}");
    assert!(told.contains("set_check_rule") && told.contains("We take in five years of history.") && told.contains("History is closed."));
}

pub(crate) async fn a_year_that_is_not_over_and_a_percentage_of_nobody_are_refused_by_name(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let mut given = answer(vec![figure("burglary", "2021-fy", 165)]);
    if let Some(v1::r#return::Content::Figures(figures)) = &mut given.content {
        figures.quoted_figures.push(v1::QuotedFigure { subject: "Criminal damage".into(), value: "-30%".into(), ..Default::default() });
    }
    let question = v1::CheckReturnRequest { parent: partnership(0), answer: Some(given) };
    let refused = world.checks().check_return(world.officers[0].call(question)).await.unwrap_err();
    let told: Vec<(String, String)> =
        refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| (v.field, v.description)).collect();
    assert_eq!(told[0].0, "answer.figures.figures[0].period");
    assert_eq!(told[0].1, "ends after the period reported on, Q3 2021/22 (October to December 2021)");
    let fields: Vec<&str> = told.iter().map(|(field, _)| field.rsplit('.').next().unwrap()).collect();
    assert_eq!(fields, ["period", "source", "period"], "a quoted figure says who stated it, and of when");
}

pub(crate) async fn parts_that_exceed_their_whole_are_refused_with_their_place(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let months = vec![figure("vehicle-crime", "2021-q3", 9), figure("burglary", "2021-q3", 138)];
    let months = [months, vec![figure("burglary", "2021-10", 70), figure("burglary", "2021-11", 69)]].concat();
    let told = send(&world, months.clone()).await.unwrap_err().get_details_bad_request().unwrap().field_violations;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].field, "answer.figures.figures[1]");
    assert_eq!(told[0].description, "Burglary for Q3 2021/22 is less than its months together: 138, and its months are 139.");

    // Where the region says so it is a question, and then it is taken.
    let name = format!("{REGION}/checkRules/parts-exceed-total");
    let update = v1::UpdateCheckRuleRequest { name, strength: v1::CheckStrength::Query.into(), reason: "Months are estimates.".into() };
    world.checks().update_check_rule(world.administrator.call(update)).await.unwrap();
    assert_eq!(check(&world, months.clone()).await.unwrap(), ["parts-exceed-total"]);
    send(&world, months).await.unwrap();
}
