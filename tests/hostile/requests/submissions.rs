//! Valid requests about what partnerships send in, and what is asked about it.

use csp_proto::v1;
use prost::Message as _;

use super::{Stage, Valid, last, row};
use crate::world::{CYCLE, REGION, partnership, two_figures};

pub(super) fn news_item() -> v1::NewsItem {
    v1::NewsItem {
        cycle: CYCLE.into(),
        kind: v1::NewsKind::News.into(),
        headline: "A safer park".into(),
        body: "It went *well*.".into(),
        body_format: v1::BodyFormat::Markdown.into(),
        happened_on: "2021-11-01".into(),
        ..Default::default()
    }
}

/// What a full return holds: figures, one of them for a period that nobody waits for, and a figure that somebody else stated.
fn content(burglary: &str, vehicle: &str) -> Option<v1::r#return::Content> {
    let quoted = v1::QuotedFigure {
        subject: "People who feel safe".into(),
        value: "61%".into(),
        source: "Residents' survey 2021".into(),
        period: "2021-q3".into(),
    };
    match two_figures(0, CYCLE, "2021-q3", burglary, vehicle).answer?.content? {
        v1::r#return::Content::Figures(mut figures) => {
            figures.figures.push(v1::Figure { period: "2019-q4".into(), ..figures.figures[0].clone() });
            Some(v1::r#return::Content::Figures(v1::Figures { quoted_figures: vec![quoted], ..figures }))
        }
        nil @ v1::r#return::Content::Nil(_) => Some(nil),
    }
}

impl Stage {
    /// A valid request for a method; none for one that has no row here yet.
    pub(super) async fn of_submissions(&self, service: &str, method: &str) -> Option<Valid> {
        let world = &self.world;
        let administrator = &world.administrator;
        Some(match (service, method) {
            ("NewsService", "CreateNewsItem") => {
                let create = v1::CreateNewsItemRequest {
                    parent: partnership(1),
                    news_item: Some(news_item()),
                    validate_only: true,
                    ..Default::default()
                };
                row(&world.officers[1], create.encode_to_vec())
            }
            ("NewsService", "GetNewsItem") => row(&world.officers[0], v1::GetNewsItemRequest { name: self.news.clone() }.encode_to_vec()),
            ("NewsService", "ListNewsItems") => row(
                &world.officers[0],
                v1::ListNewsItemsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec(),
            ),
            ("NewsService", "UpdateNewsItem") => {
                let changed = v1::NewsItem { name: self.news.clone(), ..news_item() };
                let paths = ["kind", "headline", "body", "happened_on", "joint_owners"].map(str::to_owned).to_vec();
                let update_mask = Some(prost_types::FieldMask { paths });
                let update = v1::UpdateNewsItemRequest { news_item: Some(changed), update_mask, validate_only: false };
                row(&world.officers[0], update.encode_to_vec())
            }
            ("NewsService", "WithdrawNewsItem") => {
                last(&world.officers[0], v1::WithdrawNewsItemRequest { name: self.news.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "CreateReturn") => {
                let answer = v1::Return { cycle: CYCLE.into(), content: content("3", "4"), ..Default::default() };
                let create =
                    v1::CreateReturnRequest { parent: partnership(1), answer: Some(answer), validate_only: true, ..Default::default() };
                row(&world.officers[1], create.encode_to_vec())
            }
            ("ReturnService", "GetReturn") => row(&world.officers[0], v1::GetReturnRequest { name: self.answer.clone() }.encode_to_vec()),
            ("ReturnService", "ListReturns") => row(
                &world.officers[0],
                v1::ListReturnsRequest { parent: partnership(0), cycle: CYCLE.into(), ..Default::default() }.encode_to_vec(),
            ),
            ("ReturnService", "UpdateReturn") => {
                let changed = v1::Return { name: self.answer.clone(), content: content("5", "6"), ..Default::default() };
                row(&world.officers[0], v1::UpdateReturnRequest { answer: Some(changed), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "WithdrawReturn") => {
                last(&world.officers[0], v1::WithdrawReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "SignReturn") => {
                self.send_in_again().await;
                row(&self.lead, self.signing().await.encode_to_vec())
            }
            ("ReturnService", "SendBackReturn") => {
                self.send_in_again().await;
                let reasons = "Burglary is that of December alone.".into();
                row(&self.lead, v1::SendBackReturnRequest { name: self.answer.clone(), reasons, ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "AcceptReturn") => {
                self.send_in_again().await;
                let sign = self.signing().await;
                drop(world.returns().sign_return(self.lead.call(sign)).await);
                row(&world.editor, v1::AcceptReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "RecallReturn") => {
                self.send_in_again().await;
                row(&world.officers[0], v1::RecallReturnRequest { name: self.answer.clone(), ..Default::default() }.encode_to_vec())
            }
            ("ReturnService", "GetReceipt") => row(&world.officers[0], v1::GetReceiptRequest { name: self.answer.clone() }.encode_to_vec()),
            ("ReturnService", "GetCycleStatus") => row(&world.editor, v1::GetCycleStatusRequest { name: CYCLE.into() }.encode_to_vec()),
            ("CheckService", "CheckReturn") => {
                let answer = v1::Return { cycle: CYCLE.into(), content: content("3", "4"), ..Default::default() };
                row(&world.officers[1], v1::CheckReturnRequest { parent: partnership(1), answer: Some(answer) }.encode_to_vec())
            }
            ("CheckService", "ListFindings") => {
                row(&world.officers[0], v1::ListFindingsRequest { parent: self.answer.clone() }.encode_to_vec())
            }
            ("CheckService", "ExplainFinding") => {
                self.send_in_again().await;
                row(&world.officers[0], self.explaining().encode_to_vec())
            }
            ("CheckService", "ListCheckRules") => {
                row(&world.officers[0], v1::ListCheckRulesRequest { parent: REGION.into() }.encode_to_vec())
            }
            ("CheckService", "UpdateCheckRule") => {
                let (name, strength) = (format!("{REGION}/checkRules/unchanged"), v1::CheckStrength::Query.into());
                let reason = "It is asked about.".into();
                row(administrator, v1::UpdateCheckRuleRequest { name, strength, reason }.encode_to_vec())
            }
            _ => return None,
        })
    }

    /// As an officer would after whatever became of the return; once collecting is over it stays as it is.
    async fn send_in_again(&self) {
        let changed = v1::Return { name: self.answer.clone(), content: content("5", "6"), ..Default::default() };
        let update = v1::UpdateReturnRequest { answer: Some(changed), ..Default::default() };
        drop(self.world.returns().update_return(self.world.officers[0].call(update)).await);
    }

    /// What is asked about the return: why it tells of 2019.
    fn explaining(&self) -> v1::ExplainFindingRequest {
        let note = "It was never told before.".into();
        v1::ExplainFindingRequest { name: format!("{}/findings/older-period", self.answer), note, ..Default::default() }
    }

    /// The lead's signature under what stands, with the officer's answer to what is asked about it.
    async fn signing(&self) -> v1::SignReturnRequest {
        drop(self.world.checks().explain_finding(self.world.officers[0].call(self.explaining())).await);
        let read = self.world.returns().get_return(self.lead.call(v1::GetReturnRequest { name: self.answer.clone() })).await;
        v1::SignReturnRequest { name: self.answer.clone(), etag: read.unwrap().into_inner().etag }
    }
}
