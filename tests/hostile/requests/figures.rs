//! Valid requests about indicators, what their figures are set beside, and figures from before.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, row};
use crate::world::{REGION, partnership};

/// A target of one month, the `n`th since 1990.
fn target(n: u32) -> v1::Target {
    let month = format!("{}-{:02}", 1990 + n / 12 % 200, n % 12 + 1);
    v1::Target {
        indicator: format!("{REGION}/indicators/burglary"),
        aim: v1::Aim::AtMost.into(),
        end_date: format!("{month}-28"),
        milestones: vec![v1::Milestone { period: month, value: "230".into() }],
        reason: "Community Safety Plan 2021".into(),
        ..Default::default()
    }
}

fn own_indicator(id: &str, indicator: v1::Indicator) -> v1::CreateOwnIndicatorRequest {
    v1::CreateOwnIndicatorRequest {
        parent: partnership(0),
        indicator: Some(v1::Indicator { name: String::new(), ..indicator }),
        indicator_id: id.to_owned(),
        request_id: String::new(),
    }
}

fn remark() -> v1::CreateContextNoteRequest {
    let context_note = v1::ContextNote {
        indicator: format!("{REGION}/indicators/burglary"),
        partnership: partnership(0),
        start_date: "2020-11-05".into(),
        end_date: "2020-12-02".into(),
        sentence: "Restrictions on meeting indoors were in force".into(),
        ..Default::default()
    };
    v1::CreateContextNoteRequest { parent: REGION.into(), context_note: Some(context_note), request_id: String::new() }
}

impl Stage {
    /// A valid request for a method, the `n`th of its kind; none for one that has no row here yet.
    pub(super) async fn of_figures(&self, service: &str, method: &str, n: u32) -> Option<Valid> {
        let world = &self.world;
        let administrator = &world.administrator;
        let indicator = v1::Indicator {
            name: format!("{REGION}/indicators/burglary"),
            display_name: "Burglary".into(),
            unit: v1::Unit::Count.into(),
            polarity: v1::Polarity::LowerIsBetter.into(),
            source: "Police-recorded crime".into(),
            definition: Some(v1::Definition {
                meaning: "Offences of burglary".into(),
                per: 100,
                denominator: format!("{REGION}/indicators/vehicle-crime"),
                decimals: 1,
                frequency: v1::Frequency::Month.into(),
                sensitive: true,
                crime: true,
                valid_from: "2014-04-01".into(),
                breaks: vec![v1::DefinitionBreak { date: "2016-04-01".into(), description: "attempts are counted apart".into() }],
                stock: false,
                survey_months: 12,
            }),
            ..Default::default()
        };
        Some(match (service, method) {
            ("IndicatorService", "CreateIndicator") => {
                let create = v1::CreateIndicatorRequest {
                    parent: REGION.into(),
                    indicator: Some(v1::Indicator { name: String::new(), ..indicator }),
                    indicator_id: format!("i-{n}"),
                    ..Default::default()
                };
                row(administrator, create.encode_to_vec())
            }
            ("IndicatorService", "CreateOwnIndicator") => {
                row(&world.officers[0], own_indicator(&format!("o-{n}"), indicator).encode_to_vec())
            }
            ("IndicatorService", "UpdateOwnIndicator") => {
                let mask =
                    prost_types::FieldMask { paths: vec!["display_name".into(), "source".into(), "definition".into(), "end_date".into()] };
                let officer = &world.officers[0];
                let create = own_indicator("kept", indicator.clone());
                // Once is enough: a second time it is there.
                drop(world.indicators().create_own_indicator(officer.call(create)).await);
                let name = format!("{REGION}/indicators/gateshead.kept");
                let indicator = Some(v1::Indicator { name, end_date: "2024-03-31".into(), ..indicator });
                row(officer, v1::UpdateOwnIndicatorRequest { indicator, update_mask: Some(mask) }.encode_to_vec())
            }
            ("IndicatorService", "GetIndicator") => row(administrator, v1::GetIndicatorRequest { name: indicator.name }.encode_to_vec()),
            ("IndicatorService", "ListIndicators") => {
                row(administrator, v1::ListIndicatorsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "UpdateIndicator") => {
                let mask = prost_types::FieldMask { paths: vec!["display_name".into(), "source".into(), "definition".into()] };
                row(administrator, v1::UpdateIndicatorRequest { indicator: Some(indicator), update_mask: Some(mask) }.encode_to_vec())
            }
            ("IndicatorService", "ImportPopulations") => {
                let of = |ons_code: &str| v1::Population {
                    ons_code: ons_code.into(),
                    mid_year: 2020,
                    people: 200_000 + i64::from(n),
                    source: "ONS".into(),
                    create_time: None,
                };
                let populations = vec![of("E22000244"), of("E22000245")];
                row(
                    administrator,
                    v1::ImportPopulationsRequest { parent: REGION.into(), populations, validate_only: false }.encode_to_vec(),
                )
            }
            ("IndicatorService", "ListPopulations") => {
                row(administrator, v1::ListPopulationsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "CreateTarget") => {
                let target = v1::Target { partnership: partnership(0), ..self.target() };
                let create = v1::CreateTargetRequest { parent: REGION.into(), target: Some(target), request_id: String::new() };
                row(administrator, create.encode_to_vec())
            }
            ("IndicatorService", "GetTarget") => {
                row(administrator, v1::GetTargetRequest { name: self.promise().await.name }.encode_to_vec())
            }
            ("IndicatorService", "ListTargets") => {
                row(administrator, v1::ListTargetsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "EndTarget") => {
                let set = self.promise().await;
                let (name, end_date) = (set.name, set.end_date);
                let reason = "A new plan was agreed".into();
                row(administrator, v1::EndTargetRequest { name, end_date, reason, etag: String::new() }.encode_to_vec())
            }
            ("IndicatorService", "CreateContextNote") => row(administrator, remark().encode_to_vec()),
            ("IndicatorService", "ListContextNotes") => {
                row(administrator, v1::ListContextNotesRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            ("IndicatorService", "RemoveContextNote") => {
                let name = self.world.indicators().create_context_note(administrator.call(remark())).await.unwrap().into_inner().name;
                let reason = "The dates were wrong".into();
                row(administrator, v1::RemoveContextNoteRequest { name, reason, etag: String::new() }.encode_to_vec())
            }
            ("HistoryService", "ImportHistory") => {
                let series = v1::Series {
                    partnership: partnership(0),
                    indicator: indicator.name,
                    frequency: v1::Frequency::Month.into(),
                    first_date: "2020-10-01".into(),
                    steps: vec![0, 1],
                    values: vec![90, 94],
                    decimals: 0,
                };
                let import = v1::ImportHistoryRequest {
                    parent: REGION.into(),
                    source: "Police-recorded crime".into(),
                    series: vec![series],
                    validate_only: false,
                };
                row(administrator, import.encode_to_vec())
            }
            ("HistoryService", "ListHistoryImports") => {
                row(administrator, v1::ListHistoryImportsRequest { parent: REGION.into(), ..Default::default() }.encode_to_vec())
            }
            _ => return None,
        })
    }

    /// Another target than any before.
    fn target(&self) -> v1::Target {
        target(self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// A target of all together, set anew.
    async fn promise(&self) -> v1::Target {
        let create = v1::CreateTargetRequest { parent: REGION.into(), target: Some(self.target()), request_id: String::new() };
        self.world.indicators().create_target(self.world.administrator.call(create)).await.unwrap().into_inner()
    }
}
