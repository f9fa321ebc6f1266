//! Who asks, what is due from them, and what to type next.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    output::{Page, Show},
    words::Coded,
};

use super::{
    given,
    person::{PersonView, RoleGrantView, TokenView},
    region::RegionView,
    signoff::RateView,
};

#[derive(Debug, Serialize)]
pub(crate) struct WhoAmIView {
    pub(crate) person: Option<PersonView>,
    region: Option<RegionView>,
    role_grants: Vec<RoleGrantView>,
    token: Option<TokenView>,
    server_time: Option<Instant>,
    /// The server asked.
    server: Option<String>,
    #[serde(skip)]
    region_called: String,
}

impl WhoAmIView {
    pub(crate) fn new(me: v1::WhoAmIResponse, server: Option<String>) -> Self {
        let v1::WhoAmIResponse { person, region, role_grants, token, server_time } = me;
        Self {
            person: person.map(Into::into),
            region_called: region.as_ref().map(|region| region.display_name.clone()).unwrap_or_default(),
            region: region.map(Into::into),
            role_grants: role_grants.into_iter().map(Into::into).collect(),
            token: token.map(Into::into),
            server_time: instant(server_time),
            server,
        }
    }

    /// `You are Jo Brown: officer of gateshead. Region: Northumbria.`
    pub(crate) fn sentence(&self) -> String {
        let name = self.person.as_ref().map_or("nobody the server knows", |person| person.display_name.as_str());
        let roles = self.role_grants.iter().map(RoleGrantView::words).collect::<Vec<_>>().join("; ");
        let roles = if roles.is_empty() { "no role today".to_owned() } else { roles };
        format!("You are {name}: {roles}. Region: {}.", self.region_called)
    }
}

impl Show for WhoAmIView {
    fn draw(&self, page: &mut Page) {
        page.title(self.sentence());
        let ends = page.when_and_how_far(self.token.as_ref().and_then(|token| token.expire_time));
        page.facts([("Server", self.server.clone().unwrap_or_default()), ("Token ends", ends)]);
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DutyView {
    kind: Coded<v1::DutyKind>,
    state: Coded<v1::DutyState>,
    cycle: String,
    committee_display_name: String,
    period_label: String,
    partnership: Option<String>,
    partnership_display_name: Option<String>,
    due_time: Option<Instant>,
    open_time: Option<Instant>,
    summary: String,
    digest: Option<String>,
    complete: Option<RateView>,
    on_time: Option<RateView>,
}

impl From<v1::Duty> for DutyView {
    fn from(duty: v1::Duty) -> Self {
        let v1::Duty {
            kind,
            state,
            cycle,
            committee_display_name,
            period_label,
            partnership,
            partnership_display_name,
            due_time,
            open_time,
            summary,
            digest,
            complete,
            on_time,
        } = duty;
        Self {
            kind: Coded::of(kind),
            state: Coded::of(state),
            cycle,
            committee_display_name,
            period_label,
            partnership: given(partnership),
            partnership_display_name: given(partnership_display_name),
            due_time: instant(due_time),
            open_time: instant(open_time),
            summary,
            digest: given(digest),
            complete: complete.map(Into::into),
            on_time: on_time.map(Into::into),
        }
    }
}

impl DutyView {
    /// How often a partnership's own returns came; nothing before two cycles have closed, as in the paper.
    fn over_time(&self) -> Option<String> {
        let (complete, on_time) = (self.complete.as_ref()?, self.on_time.as_ref()?);
        let name = self.partnership_display_name.as_ref().filter(|_| complete.cycles > 1)?;
        let (came, cycles) = (complete.words(), complete.cycles);
        let to = &self.committee_display_name;
        Some(format!("Over its last {cycles} reports to the {to}, {name} sent in {came}, {} by the deadline.", on_time.words()))
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DutyList {
    pub(crate) duties: Vec<DutyView>,
}

impl Show for DutyList {
    fn draw(&self, page: &mut Page) {
        draw_duties(&self.duties, page);
    }
}

fn draw_duties(duties: &[DutyView], page: &mut Page) {
    let rows: Vec<_> = duties
        .iter()
        .map(|d| {
            let when = if d.state.is(v1::DutyState::Upcoming) {
                format!("opens {}", page.when_and_how_far(d.open_time))
            } else {
                page.when_and_how_far(d.due_time)
            };
            let whose = d.partnership_display_name.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
            let about = format!("{whose}{}: {}", d.committee_display_name, d.period_label);
            [d.state.words(), d.kind.words(), about, when, d.summary.clone()]
        })
        .collect();
    page.table(["State", "What", "For", "When", "How it stands"], rows, "Nothing is due from you.");
    let mut told: Vec<String> = Vec::new();
    for own in duties.iter().filter_map(DutyView::over_time) {
        if !told.contains(&own) {
            page.line(own.as_str());
            told.push(own);
        }
    }
}

/// What `csp` alone answers.
#[derive(Debug, Serialize)]
pub(crate) struct Guide {
    #[serde(flatten)]
    pub(crate) me: WhoAmIView,
    pub(crate) duties: Vec<DutyView>,
    pub(crate) next_commands: Vec<NextCommand>,
}

/// A command to type, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NextCommand {
    pub(crate) purpose: String,
    pub(crate) command: String,
}

impl Show for Guide {
    fn draw(&self, page: &mut Page) {
        page.title(self.me.sentence());
        page.blank();
        draw_duties(&self.duties, page);
        if !self.next_commands.is_empty() {
            page.blank();
            page.title("What to type next:");
            for NextCommand { purpose, command } in &self.next_commands {
                page.line(format!("  {purpose}"));
                page.line(format!("    {command}"));
            }
        }
    }
}
