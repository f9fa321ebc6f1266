//! Committees.

use csp_proto::v1;
use serde::Serialize;

use crate::{
    dates::{Instant, instant},
    names::short,
    output::{Page, Show, count},
    words::Coded,
};

use super::given;

#[derive(Debug, Serialize)]
pub(crate) struct CommitteeView {
    name: String,
    display_name: String,
    partnerships: Vec<String>,
    indicators: Vec<String>,
    recurrence: Option<RecurrenceView>,
    template: Option<TemplateView>,
    create_time: Option<Instant>,
    etag: Option<String>,
    sign_off: Coded<v1::SignOffRule>,
    pub(crate) warnings: Vec<String>,
    exemptions: Vec<ExemptionView>,
}

#[derive(Debug, Serialize)]
struct ExemptionView {
    partnership: String,
    indicators: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RecurrenceView {
    first_quarter: String,
    opens: Option<OffsetView>,
    meeting: Option<OffsetView>,
    deadline: Option<OffsetView>,
    publication: Option<OffsetView>,
}

#[derive(Debug, Serialize)]
struct OffsetView {
    days: i32,
    time: String,
}

#[derive(Debug, Serialize)]
struct TemplateView {
    report_of: String,
    title: String,
    purpose: String,
    recommendations: Vec<String>,
    implications: Vec<ImplicationView>,
    notice: Option<String>,
    comparators: Vec<Coded<v1::Comparator>>,
    least_base: i32,
}

#[derive(Debug, Serialize)]
struct ImplicationView {
    heading: String,
    statement: String,
}

impl From<v1::Committee> for CommitteeView {
    fn from(committee: v1::Committee) -> Self {
        let v1::Committee {
            name,
            display_name,
            partnerships,
            indicators,
            recurrence,
            template,
            create_time,
            etag,
            sign_off,
            warnings,
            exemptions,
        } = committee;
        let exemption = |v1::Exemption { partnership, indicators }: v1::Exemption| ExemptionView { partnership, indicators };
        Self {
            name,
            display_name,
            partnerships,
            indicators,
            recurrence: recurrence.map(Into::into),
            template: template.map(Into::into),
            create_time: instant(create_time),
            etag: given(etag),
            sign_off: Coded::of(sign_off),
            warnings,
            exemptions: exemptions.into_iter().map(exemption).collect(),
        }
    }
}

impl From<v1::Recurrence> for RecurrenceView {
    fn from(recurrence: v1::Recurrence) -> Self {
        let v1::Recurrence { first_quarter, opens, meeting, deadline, publication } = recurrence;
        let offset = |offset: Option<v1::Offset>| offset.map(|v1::Offset { days, time }| OffsetView { days, time });
        Self { first_quarter, opens: offset(opens), meeting: offset(meeting), deadline: offset(deadline), publication: offset(publication) }
    }
}

impl From<v1::CommitteeTemplate> for TemplateView {
    fn from(template: v1::CommitteeTemplate) -> Self {
        let v1::CommitteeTemplate { report_of, title, purpose, recommendations, implications, notice, comparators, least_base } = template;
        let implications =
            implications.into_iter().map(|v1::Implication { heading, statement }| ImplicationView { heading, statement }).collect();
        let comparators = comparators.into_iter().map(Coded::of).collect();
        Self { report_of, title, purpose, recommendations, implications, notice: given(notice), comparators, least_base }
    }
}

impl CommitteeView {
    /// `sunderland: robbery, bicycle-theft`, and of who owes nothing that they owe no return.
    fn not_asked(&self) -> String {
        let line = |exemption: &ExemptionView| {
            let names: Vec<String> = exemption.indicators.iter().map(|name| short(name)).collect();
            let nothing = if names.len() == self.indicators.len() { " (owes no return)" } else { "" };
            format!("{}: {}{nothing}", short(&exemption.partnership), names.join(", "))
        };
        self.exemptions.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// `the same period last year, the year to date; percentages of 50 at least`.
    fn beside(&self) -> String {
        let Some(template) = &self.template else { return String::new() };
        let comparators: Vec<String> = template.comparators.iter().map(Coded::words).collect();
        format!("{}; percentages of {} at least", comparators.join(", "), template.least_base)
    }
}

fn offset(offset: Option<&OffsetView>, anchor: &str) -> String {
    offset.map(|o| format!("{} {anchor}, at {}", count(usize::try_from(o.days).unwrap_or(0), "day", "days"), o.time)).unwrap_or_default()
}

impl Show for CommitteeView {
    fn draw(&self, page: &mut Page) {
        let list = |names: &[String]| names.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ");
        page.title(&self.display_name);
        page.facts([
            ("Committee", short(&self.name)),
            ("Partnerships", list(&self.partnerships)),
            ("Indicators", list(&self.indicators)),
            ("Not asked for", self.not_asked()),
            ("Figures beside", self.beside()),
            ("Must be signed", self.sign_off.words()),
            ("Set up", page.when(self.create_time)),
            ("See to this", self.warnings.join("\n")),
        ]);
        page.blank();
        match &self.recurrence {
            None => page.line("Its cycles are set by hand."),
            Some(r) => {
                page.title(format!("A cycle for each financial quarter from {}", r.first_quarter));
                page.facts([
                    ("Opens", offset(r.opens.as_ref(), "after the quarter's last day")),
                    ("Meeting", offset(r.meeting.as_ref(), "after the quarter's last day")),
                    ("Returns due", offset(r.deadline.as_ref(), "before the meeting")),
                    ("Published", offset(r.publication.as_ref(), "before the meeting")),
                ]);
            }
        }
        if let Some(template) = &self.template {
            page.blank();
            page.title("Its paper");
            page.facts([
                ("Title", template.title.clone()),
                ("From", template.report_of.clone()),
                ("Purpose", template.purpose.clone()),
                ("Asks", template.recommendations.join("\n")),
                ("Headings", template.implications.iter().map(|i| i.heading.as_str()).collect::<Vec<_>>().join("\n")),
                ("Notice", template.notice.clone().unwrap_or_default()),
            ]);
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct CommitteeList {
    pub(crate) committees: Vec<CommitteeView>,
}

impl Show for CommitteeList {
    fn draw(&self, page: &mut Page) {
        let rows = self.committees.iter().map(|c| {
            let cycles = c.recurrence.as_ref().map_or_else(|| "by hand".to_owned(), |r| format!("quarterly from {}", r.first_quarter));
            [short(&c.name), c.display_name.clone(), c.partnerships.len().to_string(), c.indicators.len().to_string(), cycles]
        });
        page.table(["Committee", "Called", "Partnerships", "Indicators", "Cycles"], rows, "There are no committees.");
    }
}
