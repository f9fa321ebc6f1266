//! Checks: what is asked about a return, what was answered, and how a region means the rules.

use csp_domain::{
    check::{self, Case, Explanation, Finding, FindingId, Part, Rule, Setting, Strength, Strengths},
    id::IndicatorId,
    region::Region,
    returns::Content,
    text::{Line, Refused},
};
use csp_proto::v1::{self, check_service_server::CheckService};
use csp_store::NewExplanation;
use tonic::{Request, Response, Status};

use crate::{
    Api,
    auth::Caller,
    authorise::About,
    convert::{self, Faults},
    names,
    news::Referred,
    returns::{Place, name_of},
    status,
};

fn strength_to(strength: Strength) -> v1::CheckStrength {
    match strength {
        Strength::Error => v1::CheckStrength::Error,
        Strength::Query => v1::CheckStrength::Query,
        Strength::Off => v1::CheckStrength::Off,
    }
}

fn strength_from(raw: i32, rule: Rule) -> Result<Strength, Refused> {
    let strength = match v1::CheckStrength::try_from(raw) {
        Ok(v1::CheckStrength::Error) => Strength::Error,
        Ok(v1::CheckStrength::Query) => Strength::Query,
        Ok(v1::CheckStrength::Off) => Strength::Off,
        Ok(v1::CheckStrength::Unspecified) | Err(_) => return Err(Refused::new("must be error, query or off")),
    };
    strength.allowed(rule)
}

fn rule_name(region: &Region, rule: Rule) -> String {
    format!("{}/checkRules/{}", names::region(region), rule.id())
}

/// Where in a return it is, as whoever sent it knows it.
fn field(part: Part) -> String {
    match part {
        Part::Figure(at) => format!("answer.figures.figures[{at}]"),
        Part::Quoted(at) => format!("answer.figures.quoted_figures[{at}]"),
    }
}

/// A finding; `of` names the return that was sent in.
fn finding_to(region: &Region, of: Option<&str>, finding: &Finding, explanation: Option<v1::Explanation>) -> v1::Finding {
    let Finding { id, strength, part, text, exception, about: _ } = finding;
    v1::Finding {
        name: of.map(|name| format!("{name}/findings/{id}")).unwrap_or_default(),
        rule: rule_name(region, id.rule),
        strength: strength_to(*strength).into(),
        indicator: id.indicator.as_ref().map(|slug| names::indicator_called(region, slug)).unwrap_or_default(),
        field: field(*part),
        text: text.clone(),
        printed: *exception,
        explanation,
    }
}

impl Api {
    /// Gathers what the rules that block say of a return that is to be taken. What earlier returns told is read only where
    /// the region made an error of a rule that looks back.
    pub(crate) async fn blocking(
        &self,
        place: &Place,
        content: &Content,
        referred: &mut Referred,
        scope: csp_domain::Scope,
        faults: &mut Faults,
    ) -> Result<(), Status> {
        let strengths = self.store.seen(place.region.id, referred.sight.as_ref()).strengths().await.map_err(|e| self.refuse(e))?;
        let found = if strengths.blocks_by_history() {
            let found = self.store.check_content(scope, place.partnership.id, place.cycle.id, content.clone()).await;
            found.map_err(|e| self.refuse(e))?
        } else {
            let asked: &[IndicatorId] = &[];
            let catalogue = self.catalogue(&place.region, referred).await?;
            check::within(
                &Case {
                    catalogue,
                    asked,
                    reported: place.cycle.period,
                    content,
                    told: &[],
                    targets: &[],
                    beside: place.committee.template.heading(),
                    rules: place.committee.template.rules(),
                    residents: None,
                },
                &strengths,
            )
        };
        for finding in found.into_iter().filter(|finding| finding.strength == Strength::Error) {
            faults.add(field(finding.part), finding.text);
        }
        Ok(())
    }

    async fn explanation_to(&self, region: &Region, note: &Explanation, referred: &mut Referred) -> Result<v1::Explanation, Status> {
        Ok(v1::Explanation {
            note: note.note.to_string(),
            person: self.person_name(region, note.by, referred).await?,
            time: Some(convert::timestamp(note.at)),
        })
    }

    async fn rule_to(
        &self,
        region: &Region,
        rule: Rule,
        setting: Option<&Setting>,
        referred: &mut Referred,
    ) -> Result<v1::CheckRule, Status> {
        let strength = Strengths::of_settings(setting).of(rule);
        Ok(v1::CheckRule {
            name: rule_name(region, rule),
            says: rule.says().to_owned(),
            how: rule.how().to_owned(),
            default_strength: strength_to(rule.strength()).into(),
            strength: strength_to(strength).into(),
            fixed: rule.is_fixed(),
            reason: setting.map(|setting| setting.reason.to_string()).unwrap_or_default(),
            setter: match setting.and_then(|setting| setting.by) {
                None => String::new(),
                Some(id) => self.person_name(region, id, referred).await?,
            },
            set_time: setting.map(|setting| convert::timestamp(setting.at)),
        })
    }

    async fn found_to(&self, caller: &Caller, place: &Place, found: &[csp_store::Answered]) -> Result<Vec<v1::Finding>, Status> {
        let name = name_of(&place.region, &place.partnership, &place.committee, &place.cycle);
        let mut referred = Referred::by(caller, &place.region);
        let mut findings = Vec::with_capacity(found.len());
        for (finding, note) in found {
            let explanation = match note {
                Some(note) => Some(self.explanation_to(&place.region, note, &mut referred).await?),
                None => None,
            };
            findings.push(finding_to(&place.region, Some(&name), finding, explanation));
        }
        Ok(findings)
    }
}

#[tonic::async_trait]
impl CheckService for Api {
    async fn check_return(&self, request: Request<v1::CheckReturnRequest>) -> Result<Response<v1::CheckReturnResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::CheckReturnRequest { parent, answer } = request.into_inner();
        let given = answer.unwrap_or_default();
        let (region, partnership) = self.partnership_of(&caller, "parent", &parent).await?;
        let (of, committee, cycle) = self.cycle_of(&caller, "answer.cycle", &given.cycle).await?;
        let place = Place { region, partnership, committee, cycle };
        let scope = caller.may(place.about())?;
        let mut faults = Faults::default();
        if of.id != place.region.id {
            faults.add("answer.cycle", "must be in the same region");
        }
        let mut referred = Referred::by(&caller, &place.region);
        let new = self.judge(&place, given, &mut referred, scope, &mut faults).await?;
        let found = self.store.check_content(scope, place.partnership.id, place.cycle.id, new.content).await;
        let found = found.map_err(|e| self.refuse(e))?;
        let findings = found.iter().map(|finding| finding_to(&place.region, None, finding, None)).collect();
        Ok(Response::new(v1::CheckReturnResponse { findings }))
    }

    async fn list_findings(&self, request: Request<v1::ListFindingsRequest>) -> Result<Response<v1::ListFindingsResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListFindingsRequest { parent } = request.into_inner();
        let (place, scope) = self.return_place(&caller, "parent", &parent).await?;
        let found = self.store.list_findings(scope, place.partnership.id, place.cycle.id).await.map_err(|e| self.refuse(e))?;
        Ok(Response::new(v1::ListFindingsResponse { findings: self.found_to(&caller, &place, &found).await? }))
    }

    async fn explain_finding(&self, request: Request<v1::ExplainFindingRequest>) -> Result<Response<v1::Finding>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ExplainFindingRequest { name, note, etag } = request.into_inner();
        let parts = names::pattern("name", &name, &["regions", "partnerships", "returns", "findings"])?;
        let of = format!("regions/{}/partnerships/{}/returns/{}", parts[0], parts[1], parts[2]);
        let (place, scope) = self.return_place(&caller, "name", &of).await?;
        let finding: FindingId = parts[3].parse().map_err(|_| status::not_found("finding"))?;
        let mut faults = Faults::default();
        let revision = faults.etag("etag", &etag);
        let note = faults.line("note", &note, Line::SENTENCE);
        let note = faults.all(note)?;
        let new = NewExplanation { partnership: place.partnership.id, cycle: place.cycle.id, finding, note, revision };
        let answered = self.store.explain(scope, &caller.act(), caller.person.id, new).await.map_err(|e| self.refuse(e))?;
        let mut findings = self.found_to(&caller, &place, &[answered]).await?;
        Ok(Response::new(findings.swap_remove(0)))
    }

    async fn list_check_rules(&self, request: Request<v1::ListCheckRulesRequest>) -> Result<Response<v1::ListCheckRulesResponse>, Status> {
        let caller = self.caller(&request).await?;
        let v1::ListCheckRulesRequest { parent } = request.into_inner();
        let region = self.region_of(&caller, "parent", &parent).await?;
        let scope = caller.may(About::Region(region.id))?;
        let settings = self.store.list_check_settings(scope).await.map_err(|e| self.refuse(e))?;
        let mut referred = Referred::by(&caller, &region);
        let mut rules = Vec::with_capacity(Rule::ALL.len());
        for rule in Rule::ALL {
            let setting = settings.iter().find(|setting| setting.rule == rule);
            rules.push(self.rule_to(&region, rule, setting, &mut referred).await?);
        }
        Ok(Response::new(v1::ListCheckRulesResponse { rules }))
    }

    async fn update_check_rule(&self, request: Request<v1::UpdateCheckRuleRequest>) -> Result<Response<v1::CheckRule>, Status> {
        let caller = self.caller(&request).await?;
        let v1::UpdateCheckRuleRequest { name, strength, reason } = request.into_inner();
        let parts = names::pattern("name", &name, &["regions", "checkRules"])?;
        let region = self.region_named(&caller, parts[0]).await?;
        let scope = caller.may(About::Region(region.id))?;
        let rule = Rule::from_id(parts[1]).ok_or_else(|| status::not_found("rule"))?;
        let mut faults = Faults::default();
        let strength = faults.take("strength", strength_from(strength, rule));
        let reason = faults.line("reason", &reason, Line::SENTENCE);
        let (strength, reason) = faults.all(strength.zip(reason))?;
        let set = self.store.set_check_rule(scope, &caller.act(), rule, strength, reason).await.map_err(|e| self.refuse(e))?;
        let made = self.rule_to(&region, rule, Some(&set), &mut Referred::by(&caller, &region)).await?;
        Ok(Response::new(made))
    }
}
