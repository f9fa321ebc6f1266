//! What one partnership measures for itself, over gRPC: who may say so, who sees it, and where it is printed.

use csp_proto::v1::{self, figure::Answer};
use csp_tests::Bed;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, REGION, Who, World, partnership, two_figures};

const FOULING: &str = "regions/northumbria/indicators/gateshead.dog-fouling";

pub(crate) fn create(n: usize, id: &str) -> v1::CreateOwnIndicatorRequest {
    let indicator = v1::Indicator {
        display_name: "Dog fouling".into(),
        unit: v1::Unit::Count.into(),
        polarity: v1::Polarity::LowerIsBetter.into(),
        source: "Street wardens".into(),
        ..Default::default()
    };
    v1::CreateOwnIndicatorRequest { parent: partnership(n), indicator: Some(indicator), indicator_id: id.into(), ..Default::default() }
}

async fn keep(world: &World, who: &Who, n: usize, id: &str) -> Result<v1::Indicator, Status> {
    Ok(world.indicators().create_own_indicator(who.call(create(n, id))).await?.into_inner())
}

async fn listed(world: &World, who: &Who) -> Vec<String> {
    let list = v1::ListIndicatorsRequest { parent: REGION.into(), page_size: 500, page_token: String::new() };
    let all = world.indicators().list_indicators(who.call(list)).await.unwrap().into_inner().indicators;
    all.into_iter().map(|known| known.name).collect()
}

/// The return of the `n`th partnership, with a figure of Gateshead's own measure.
fn with_fouling(n: usize) -> v1::CreateReturnRequest {
    let mut request = two_figures(n, CYCLE, "2021-q3", "206", "120");
    if let Some(v1::r#return::Content::Figures(figures)) = request.answer.as_mut().and_then(|answer| answer.content.as_mut()) {
        figures.figures.push(v1::Figure {
            indicator: FOULING.into(),
            period: "2021-q3".into(),
            answer: Some(Answer::Value("4".into())),
            ..Default::default()
        });
    }
    request
}

pub(crate) async fn a_partnership_keeps_a_measure_for_itself_and_no_other_sees_it(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let [gateshead, newcastle, _] = &world.officers[..] else { panic!("three officers") };
    let made = keep(&world, gateshead, 0, "dog-fouling").await.unwrap();
    assert_eq!((made.name.as_str(), made.partnership.as_str()), (FOULING, partnership(0).as_str()));
    // An administrator on its behalf; another partnership's officer not, and a committee's editor never.
    assert_eq!(keep(&world, &world.administrator, 0, "litter").await.unwrap().partnership, partnership(0));
    assert_eq!(keep(&world, newcastle, 0, "graffiti").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(keep(&world, &world.editor, 0, "graffiti").await.unwrap_err().code(), Code::PermissionDenied);
    // The same short name of another partnership is another measure; of the region, a third.
    assert_eq!(keep(&world, newcastle, 1, "dog-fouling").await.unwrap().name, "regions/northumbria/indicators/newcastle.dog-fouling");
    let taken = keep(&world, gateshead, 0, "dog-fouling").await.unwrap_err();
    assert_eq!(taken.code(), Code::AlreadyExists, "{taken:?}");

    // A share of what few people are counted in would tell what its shared table hides.
    let get = v1::GetIndicatorRequest { name: format!("{REGION}/indicators/burglary") };
    let mut burglary = world.indicators().get_indicator(world.administrator.call(get)).await.unwrap().into_inner();
    burglary.definition.get_or_insert_default().sensitive = true;
    let update_mask = Some(prost_types::FieldMask { paths: vec!["definition".into()] });
    let update = v1::UpdateIndicatorRequest { indicator: Some(burglary.clone()), update_mask };
    world.indicators().update_indicator(world.administrator.call(update)).await.unwrap();
    let mut share = create(0, "repeated");
    let definition = v1::Definition { per: 100, denominator: burglary.name, ..Default::default() };
    share.indicator.as_mut().unwrap().definition = Some(definition);
    let refused = world.indicators().create_own_indicator(gateshead.call(share)).await.unwrap_err();
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    assert!(faults.iter().any(|fault| fault.description.contains("a shared measure of few people")), "{faults:?}");

    // Who does not know the partnership does not know the measure.
    let get = || v1::GetIndicatorRequest { name: FOULING.into() };
    assert_eq!(world.indicators().get_indicator(newcastle.call(get())).await.unwrap_err().code(), Code::NotFound);
    assert!(!listed(&world, newcastle).await.contains(&FOULING.to_owned()));
    for who in [gateshead, &world.editor, &world.administrator] {
        assert!(listed(&world, who).await.contains(&FOULING.to_owned()), "{}", who.person);
    }
    let mine = listed(&world, newcastle).await;
    assert_eq!(mine.iter().filter(|name| name.contains('.')).count(), 1, "{mine:?}");

    // Nobody else answers it, and no committee asks all for it.
    let refused = world.returns().create_return(newcastle.call(with_fouling(1))).await.unwrap_err();
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(faults[0].field, "answer.figures.figures[2].indicator", "{faults:?}");
    assert!(faults[0].description.starts_with("is not in the catalogue"), "{faults:?}");
    let committee = v1::Committee { name: COMMITTEE.into(), indicators: vec![FOULING.into()], ..Default::default() };
    let mask = Some(prost_types::FieldMask { paths: vec!["indicators".into()] });
    let update = v1::UpdateCommitteeRequest { committee: Some(committee), update_mask: mask };
    let refused = world.committees().update_committee(world.administrator.call(update)).await.unwrap_err();
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    assert!(faults[0].description.starts_with("must be of the shared catalogue"), "{faults:?}");
    // What is shared is not a partnership's to change.
    let shared = v1::Indicator { name: format!("{REGION}/indicators/burglary"), display_name: "Ours".into(), ..Default::default() };
    let update = v1::UpdateOwnIndicatorRequest {
        indicator: Some(shared),
        update_mask: Some(prost_types::FieldMask { paths: vec!["display_name".into()] }),
    };
    assert_eq!(world.indicators().update_own_indicator(gateshead.call(update)).await.unwrap_err().code(), Code::NotFound);

    // Gateshead answers it; the paper prints it in Gateshead's part alone.
    world.returns().create_return(gateshead.call(with_fouling(0))).await.unwrap();
    world.returns().create_return(newcastle.call(two_figures(1, CYCLE, "2021-q3", "300", "200"))).await.unwrap();
    let preview = |who: &Who| {
        let question = who.call(v1::PreviewDigestRequest { parent: CYCLE.into() });
        async { world.digests().preview_digest(question).await.unwrap().into_inner().renditions }
    };
    let text = |renditions: Vec<v1::Rendition>| {
        let plain = renditions.into_iter().find(|found| found.kind() == v1::RenditionKind::Text).unwrap();
        String::from_utf8(plain.data).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let paper = text(preview(&world.editor).await);
    let at = |what: &str| paper.find(what).unwrap_or_else(|| panic!("{what} is not in the paper:\n{paper}"));
    assert!(at("Local community safety partnership news") < at("Its own measures"), "{paper}");
    assert!(at("Measures that Gateshead keeps for itself.") < at("Street wardens"), "{paper}");
    assert!(paper.contains("Not reported by Gateshead: 1 of 4 figures."), "litter is owed, and not sent: {paper}");
    let theirs = text(preview(newcastle).await);
    assert!(theirs.contains("Measures that Newcastle upon Tyne keeps for itself.") && !theirs.contains("Gateshead"), "{theirs}");
    assert!(text(preview(gateshead).await).contains("Street wardens"));

    // It ends with a day before the end of what is reported on, and is asked for no more.
    let ended =
        v1::Indicator { name: format!("{REGION}/indicators/gateshead.litter"), end_date: "2021-12-30".into(), ..Default::default() };
    let update = v1::UpdateOwnIndicatorRequest {
        indicator: Some(ended),
        update_mask: Some(prost_types::FieldMask { paths: vec!["end_date".into()] }),
    };
    let ended = world.indicators().update_own_indicator(gateshead.call(update)).await.unwrap().into_inner();
    assert_eq!(ended.end_date, "2021-12-30");
    assert!(!text(preview(&world.editor).await).contains("Not reported by Gateshead"));
}
