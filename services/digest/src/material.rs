//! What a digest is made of.

use chrono_tz::Tz;
use csp_domain::{
    committee::Committee,
    completeness::Tally,
    context_note::Matter,
    cycle::Cycle,
    document::Origin,
    id::{IndicatorId, NewsItemId},
    indicator::Indicator,
    measure::population::Populations,
    news::NewsItem,
    observation::Figure,
    partnership::Partnership,
    returns::{Content, Return},
    target::Target,
    text::Line,
};

/// Everything one digest is made of, gathered at one moment.
#[derive(Debug, Clone)]
pub struct Material {
    /// In whose civil time deadlines and meetings are printed.
    pub zone: Tz,
    /// The region's name.
    pub region: Line,
    /// The committee. Its `indicators` say which figures are compared, and in what order.
    pub committee: Committee,
    /// The cycle. While it is planned or open a return that is not in is *not in yet*.
    pub cycle: Cycle,
    /// The national part, in order of submission.
    pub national: Vec<NewsItem>,
    /// What the committee asks for, in its order. Indicators it does not ask for may follow: those that count the whole of a
    /// share, and those of which a figure is to be printed under its name.
    pub indicators: Vec<Indicator>,
    /// What was promised of these indicators.
    pub targets: Vec<Target>,
    /// What must be known beside figures of certain days.
    pub context: Vec<Matter>,
    /// How many live in the partnerships' areas.
    pub populations: Populations,
    /// One for each partnership of the committee, in its order.
    pub contributions: Vec<Contribution>,
    /// How many returns came for the committee's last closed cycles, this one among them, the latest first.
    pub tallies: Vec<Tally>,
}

/// What one partnership gave to the digest.
#[derive(Debug, Clone)]
pub struct Contribution {
    /// Whose it is.
    pub partnership: Partnership,
    /// Its news: submitted items only, in order of submission.
    pub news: Vec<NewsItem>,
    /// Which of it is owned by others too.
    pub joint: Vec<Joint>,
    /// Joint items that it sent in and that are not printed, because another owner has not signed.
    pub held_out: Vec<HeldOut>,
    /// Joint items that another partnership sent in, under which they are printed.
    pub shared: Vec<Shared>,
    /// Its return; none when nothing was received, or what was received is not signed off.
    pub answer: Option<Return>,
    /// Whether something was received that nobody has signed off, so that it is not printed.
    pub unsigned: bool,
    /// Whether the committee's editor entered the return for the partnership.
    pub entered: bool,
    /// The reasons it gave for its exceptions.
    pub reasons: Vec<Reason>,
    /// Figures of its other returns, for this period and before: what is compared with, and what series are made of.
    pub earlier: Vec<Earlier>,
}

/// An item that several partnerships own, printed under the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    /// Which item.
    pub item: NewsItemId,
    /// All owners, the first before the others.
    pub owners: Vec<Line>,
}

/// A joint item that is held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOut {
    /// The other owners.
    pub with: Vec<Line>,
    /// Who has not signed it; the first owner, whose signature is that of its return, before the others.
    pub unsigned: Vec<Line>,
}

/// A joint item that is printed under another owner.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Under which.
    pub first: Line,
    /// What it is about.
    pub headline: Line,
    /// All owners, the first before the others.
    pub owners: Vec<Line>,
    /// For whoever reads their own part before it is signed: all of it.
    pub whole: Option<Box<NewsItem>>,
    /// Who has not signed it; nobody where it is printed.
    pub unsigned: Vec<Line>,
}

/// Why one of its figures is an exception, in the partnership's words.
#[derive(Debug, Clone)]
pub struct Reason {
    /// Of which indicator.
    pub indicator: IndicatorId,
    /// It is why a target was missed, and not why the figure is out of the ordinary.
    pub of_target: bool,
    /// In its words: a line.
    pub text: Line,
}

/// A figure from elsewhere: an earlier cycle's return carried it, or it was imported.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Where it comes from. Of several fitting figures the latest is used: identifiers are ordered by time. What a partnership
    /// answered itself comes before what was imported, whenever that was.
    pub origin: Origin,
    /// The figure.
    pub figure: Figure,
}

impl Material {
    /// The indicators that the committee asks for, in its order.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Indicator> {
        self.committee.indicators.iter().filter_map(|id| self.indicators.iter().find(|indicator| indicator.id == *id))
    }
}

impl Contribution {
    /// The figures of the return; none where there is no return or a nil one.
    pub(crate) fn figures(&self) -> &[Figure] {
        self.answer.as_ref().map_or(&[], |answer| answer.content.figures())
    }

    /// The statement of a nil return.
    pub(crate) fn nil_statement(&self) -> Option<&str> {
        match self.answer.as_ref().map(|answer| &answer.content) {
            Some(Content::Nil { statement }) => Some(statement.as_str()),
            Some(Content::Full { .. }) | None => None,
        }
    }

    /// The return, in the revision that was sent in, as the origin of what is printed from it.
    pub(crate) fn origin(&self) -> Option<Origin> {
        self.answer.as_ref().map(|answer| Origin::Return { id: answer.id, revision: answer.sent })
    }
}
