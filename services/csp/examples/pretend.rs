//! A pretended server on a fixed small world, to look at `csp` in a terminal:
//!
//! ```text
//! cargo run -p csp --example pretend -- officer      # or approver, editor, nobody
//! ```

#[expect(dead_code, reason = "the tests' own server; this uses a part of it")]
#[path = "../tests/stories/support.rs"]
mod support;
#[expect(dead_code, reason = "the tests' own world; this uses a part of it")]
#[path = "../tests/stories/world.rs"]
mod world;

use csp_proto::v1::{self, DutyKind, DutyState, Role};
use world::{CYCLE, GATESHEAD, REGION, duty, northumbria, rendition, role, time};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let committee = format!("{REGION}/committees/citizen-focus");
    let server = match std::env::args().nth(1).as_deref() {
        Some("approver") => northumbria(vec![role(Role::Approver, &committee)], vec![duty(DutyKind::Approve, DutyState::Due)]).await,
        Some("editor") => northumbria(vec![role(Role::Editor, &committee)], vec![duty(DutyKind::Edit, DutyState::Due)]).await,
        Some("nobody") => northumbria(vec![], vec![]).await,
        _ => {
            let mut winter = duty(DutyKind::Submit, DutyState::Upcoming);
            winter.cycle = CYCLE.replace("q3", "q4");
            winter.period_label = "Q4 2021/22 (January to March 2022)".into();
            winter.open_time = time("2022-04-01T08:00:00Z");
            winter.due_time = time("2022-04-12T16:00:00Z");
            northumbria(vec![role(Role::Officer, GATESHEAD)], vec![duty(DutyKind::Submit, DutyState::Due), winter]).await
        }
    };
    server
        .on("ReturnService/CreateReturn", |q: v1::CreateReturnRequest| {
            let mut answer = q.answer.unwrap_or_default();
            answer.name = format!("{GATESHEAD}/returns/citizen-focus.2021-q3");
            answer.state = v1::ReturnState::Submitted as i32;
            answer.submit_time = time("2022-01-10T09:00:00Z");
            answer.revision = 1;
            Ok(answer)
        })
        .on("MessageService/ListMessages", |_: v1::ListMessagesRequest| {
            let message = |(id, (name, state)): (usize, (&str, v1::MessageState))| v1::Message {
                name: format!("{REGION}/messages/0190b0a2-7c1e-7000-8000-00000000000{id}"),
                kind: v1::MessageKind::Digest as i32,
                recipient_display_name: name.into(),
                state: state as i32,
                accept_time: time("2022-01-18T09:00:04Z").filter(|_| state == v1::MessageState::Accepted),
                last_outcome: if state == v1::MessageState::Failed { "550 no such person".into() } else { "250 ok".into() },
                ..Default::default()
            };
            let rows =
                [("Sam Hill", v1::MessageState::Accepted), ("Ann Ray", v1::MessageState::Failed), ("Lee Fox", v1::MessageState::Accepted)];
            Ok(v1::ListMessagesResponse { messages: rows.into_iter().enumerate().map(message).collect(), next_page_token: String::new() })
        })
        .on("DigestService/PreviewDigest", |_: v1::PreviewDigestRequest| {
            let renditions = [v1::RenditionKind::HtmlMail, v1::RenditionKind::Text].map(|kind| rendition(kind as i32)).to_vec();
            Ok(v1::PreviewDigestResponse { subject: "Community Safety Partnerships: Q3 2021/22".into(), renditions })
        })
        .on("DigestService/ApproveDigest", |_: v1::ApproveDigestRequest| {
            Ok(v1::Digest { state: v1::DigestState::Approved as i32, ..world::digest() })
        });
    println!("export CSP_SERVER={} CSP_TOKEN=pretended", server.url);
    std::future::pending::<()>().await;
}
