//! Words for the contract's codes: for people in tables, for programs as the contract writes them, and as options on
//! the command line.

use clap::ValueEnum;
use csp_proto::v1;
use serde::{Serialize, Serializer};

/// A code of the contract that has words.
pub(crate) trait Words: TryFrom<i32> + Copy + Default + PartialEq {
    /// As the contract writes it: `CYCLE_STATE_OPEN`.
    fn code(self) -> &'static str;
    /// As people say it: `open`.
    fn words(self) -> &'static str;
}

/// A code as it came over the wire: perhaps from a server that knows more codes than this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coded<E>(Result<E, i32>);

impl<E: Words> Coded<E> {
    pub(crate) fn of(raw: i32) -> Self {
        Self(E::try_from(raw).map_err(|_| raw))
    }

    pub(crate) fn words(&self) -> String {
        match self.0 {
            Ok(known) => known.words().to_owned(),
            Err(raw) => format!("unknown ({raw})"),
        }
    }

    /// As the contract writes it.
    pub(crate) fn code(&self) -> String {
        self.0.map_or_else(|raw| raw.to_string(), |known| known.code().to_owned())
    }

    pub(crate) fn is(&self, code: E) -> bool {
        self.0.is_ok_and(|known| known == code)
    }
}

impl<E: Words> Serialize for Coded<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Ok(known) if known == E::default() => serializer.serialize_none(),
            _ => serializer.serialize_str(&self.code()),
        }
    }
}

macro_rules! words {
    ($($code:ident { $($variant:ident => $words:literal,)* })*) => {
        $(impl Words for v1::$code {
            fn code(self) -> &'static str {
                self.as_str_name()
            }

            fn words(self) -> &'static str {
                match self {
                    Self::Unspecified => "",
                    $(Self::$variant => $words,)*
                }
            }
        })*
    };
}

words! {
    CycleState { Planned => "planned", Open => "open", Closed => "closed", Published => "published", Cancelled => "called off", }
    DigestState { Frozen => "frozen, awaits approval", Approved => "approved", Released => "sent to members", Superseded => "replaced by a newer version", }
    RenditionKind { HtmlMail => "HTML mail", Text => "plain text", }
    DutyKind { Submit => "Send in the return and news", Edit => "Write the national part, see who is missing", Approve => "Read and approve the paper",
        Sign => "Sign the return, or send it back",
        SignJoint => "Sign the joint item, or send it back",
        MendJoint => "Change the joint item that was sent back",
        Answer => "Answer the wording the editor proposes",
        Decide => "Decide about scheduled work",
    }
    DutyState { Upcoming => "not yet", Due => "to do now", Done => "done", Missed => "too late", }
    Unit { Count => "count", Pounds => "pounds", Days => "days", }
    Polarity { LowerIsBetter => "lower is better", HigherIsBetter => "higher is better", Neither => "neither", }
    Aim { AtMost => "at most", AtLeast => "at least", }
    Way { Steps => "in steps", Straight => "in equal steps between", }
    Comparator {
        PreviousPeriod => "the period before", SamePeriodLastYear => "the same period last year", YearToDate => "the year to date",
        RollingTwelveMonths => "twelve months", Region => "the region", Group => "the comparison group",
    }
    Frequency { Month => "every month", Quarter => "every quarter", Year => "every year", }
    JobKind { Open => "open", Remind => "remind", Close => "close", Freeze => "freeze", Release => "release", Rehearse => "rehearse", }
    JobState {
        Waiting => "not yet", Blocked => "waits", Due => "due now", Missed => "missed, decide", Held => "held back", Done => "done",
        Skipped => "skipped", Lapsed => "no longer needed",
    }
    MessageKind { Digest => "digest", Reminder => "reminder", Receipt => "receipt", Notice => "notice", }
    MessageState {
        Queued => "waiting", Claimed => "being sent", InDoubt => "in doubt", Accepted => "accepted", Delivered => "delivered",
        Bounced => "came back", Failed => "failed", Suppressed => "address does not work", Cancelled => "cancelled", Held => "held",
    }
    NewsKind {
        News => "news", CaseStudy => "case study", Campaign => "campaign", Award => "award", Decision => "decision",
        Event => "event", NationalDevelopment => "national development",
    }
    BodyFormat { Markdown => "Markdown", PlainText => "plain text", }
    NewsState { Submitted => "received", Withdrawn => "withdrawn", }
    ReturnState {
        Submitted => "received", Withdrawn => "withdrawn", Draft => "recalled", SentBack => "sent back", Signed => "signed",
        Accepted => "accepted", Frozen => "in the paper",
    }
    ReturnDeed {
        Submit => "sent in", Correct => "corrected", Alter => "news or explanation changed", Sign => "signed", SendBack => "sent back",
        Accept => "accepted", Recall => "recalled", Withdraw => "withdrawn", Freeze => "put in the paper",
    }
    JointState { Waiting => "not signed yet", Signed => "signed", SentBack => "sent back", Frozen => "in the paper", }
    WordingState {
        Proposed => "waits for the lead", Accepted => "accepted", Refused => "refused", Withdrawn => "taken back by the editor",
        Replaced => "replaced by a later one", Lapsed => "lapsed: the partnership changed the text; propose anew what still matters",
        Unanswered => "not answered in time",
    }
    CheckStrength { Error => "error", Query => "query", Off => "off", }
    SignOffRule { Required => "always", WhereLed => "where there is a lead", NotRequired => "never", }
    Nation { England => "England", Wales => "Wales", Scotland => "Scotland", NorthernIreland => "Northern Ireland", }
    ReportingCalendar {
        FinancialQuarter => "the financial quarter", CalendarQuarter => "the calendar quarter",
        StatutoryQuarter => "the information period of SI 2007/1831", BoardMeetings => "a board's meetings",
    }
    PlanningOutcome { Planned => "planned", Moved => "moved", Unchanged => "unchanged", CalledOff => "called off", Kept => "not changed", }
    Role {
        SystemAdministrator => "administrator of the service", Administrator => "administrator", Editor => "editor",
        Approver => "approver", Officer => "officer", Lead => "lead",
    }
}

macro_rules! options {
    ($($(#[$about:meta])* $option:ident for $code:ident { $($(#[$help:meta])* $variant:ident,)* })*) => {
        $($(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $option {
            $($(#[$help])* $variant,)*
        }

        impl $option {
            /// As the contract numbers it.
            pub(crate) fn code(self) -> i32 {
                match self {
                    $(Self::$variant => v1::$code::$variant as i32,)*
                }
            }
        })*
    };
}

options! {
    /// Whether a return must be signed.
    SignOffOption for SignOffRule {
        /// Always: what no lead has signed is not printed
        Required,
        /// From partnerships that have a lead or deputy on the day of the deadline
        WhereLed,
        /// Never: what is sent in is printed
        NotRequired,
    }
    /// Nations on the command line.
    NationOption for Nation {
        /// England: five clear days
        England,
        /// Wales: three clear days
        Wales,
        /// Scotland: say how many clear days
        Scotland,
        /// Northern Ireland: say how many clear days
        NorthernIreland,
    }
    /// What a meeting reports on, on the command line.
    ReportingOption for ReportingCalendar {
        /// The financial quarter
        FinancialQuarter,
        /// The calendar quarter
        CalendarQuarter,
        /// The information period of SI 2007/1831
        StatutoryQuarter,
        /// A board's meetings since the last report
        BoardMeetings,
    }
    /// How seriously a rule is meant.
    StrengthOption for CheckStrength {
        /// Blocks: what breaks it is not taken
        Error,
        /// Is fixed or explained before the return is signed
        Query,
        /// Says nothing
        Off,
    }
    /// Kinds of news on the command line.
    NewsKindOption for NewsKind {
        /// General news
        News,
        /// The story of one case
        CaseStudy,
        /// A campaign
        Campaign,
        /// An award
        Award,
        /// A decision
        Decision,
        /// An event
        Event,
    }
    /// How a text is written.
    BodyFormatOption for BodyFormat {
        /// Markdown
        Markdown,
        /// Paragraphs divided by empty lines; nothing is markup
        PlainText,
    }
    /// Roles on the command line.
    RoleOption for Role {
        /// Runs the service and sets up regions
        SystemAdministrator,
        /// Runs one region
        Administrator,
        /// Writes a committee's national part and freezes its paper
        Editor,
        /// Approves a committee's paper
        Approver,
        /// Sends in a partnership's news and returns
        Officer,
        /// Answers for what leaves in a partnership's name
        Lead,
    }
    /// Units on the command line.
    UnitOption for Unit {
        /// Whole things: offences, incidents, referrals
        Count,
        /// Pounds sterling, with pence
        Pounds,
        /// Whole days
        Days,
    }
    /// Polarities on the command line.
    PolarityOption for Polarity {
        /// Fewer is better
        LowerIsBetter,
        /// More is better
        HigherIsBetter,
        /// A rise may be good or bad
        Neither,
    }
    /// How often something is counted, on the command line.
    /// What figures are set beside, on the command line and in files.
    ComparatorOption for Comparator {
        /// The period of the same length just before
        PreviousPeriod,
        /// The same period a year earlier
        SamePeriodLastYear,
        /// 1 April to the end of the period, beside the same months a year earlier
        YearToDate,
        /// The twelve months that end with the period, beside the twelve before
        RollingTwelveMonths,
        /// All who report to the committee, by share or for each thousand residents
        Region,
        /// The comparison group of each partnership
        Group,
    }
    FrequencyOption for Frequency {
        /// Every month
        Month,
        /// Every quarter
        Quarter,
        /// Every year
        Year,
    }
    /// States of messages on the command line.
    MessageStateOption for MessageState {
        /// Waiting for its time
        Queued,
        /// Being sent
        Claimed,
        /// No answer is on record
        InDoubt,
        /// A server took responsibility for it
        Accepted,
        /// Reported as delivered
        Delivered,
        /// It came back
        Bounced,
        /// It cannot be delivered
        Failed,
        /// The address is known not to work
        Suppressed,
        /// No longer wanted
        Cancelled,
        /// Waits for a person's word
        Held,
    }
}
