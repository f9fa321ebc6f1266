//! The rules, as data.

use serde::{Deserialize, Serialize};

/// How seriously a rule is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Blocks: what breaks it is not taken.
    Error,
    /// Is fixed or explained before the return is signed.
    Query,
    /// Says nothing.
    Off,
}

impl Strength {
    /// Every strength.
    pub const ALL: [Self; 3] = [Self::Error, Self::Query, Self::Off];

    /// The stored word, and what is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Query => "query",
            Self::Off => "off",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strength| strength.word() == word)
    }
}

macro_rules! rules {
    ($($name:ident $id:literal $strength:ident $fixed:literal, $back:literal, $says:literal, $how:literal;)*) => {
        /// A rule by which returns are checked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each says itself what it is")]
        pub enum Rule {
            $($name,)*
        }

        impl Rule {
            /// Every rule, in the order in which people are told of them.
            pub const ALL: [Self; [$($id),*].len()] = [$(Self::$name),*];

            /// `outside-limits`: for programs, and for whoever types it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it says of a figure, after its name: "is outside the control limits of its series".
            pub const fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)* }
            }

            /// When it says that, and what is to be done: one text for the help and the documentation.
            pub const fn how(self) -> &'static str {
                match self { $(Self::$name => $how,)* }
            }

            /// How it is meant where a region says nothing else.
            pub const fn strength(self) -> Strength {
                match self { $(Self::$name => Strength::$strength,)* }
            }

            /// Whether no region can change it: without it nothing could be added up.
            pub const fn is_fixed(self) -> bool {
                match self { $(Self::$name => $fixed,)* }
            }

            /// Whether it has to know what earlier returns said.
            pub const fn looks_back(self) -> bool {
                match self { $(Self::$name => $back,)* }
            }
        }
    };
}

// A name, an identifier, a strength; whether it is fixed, and whether it looks back; what it says, and when.
rules! {
    NotANumber "not-a-number" Error true, false,
        "must be a number written in digits, such as 1234",
        "A value is digits and at most one point. What can be meant in two ways is asked about, an empty cell is no answer, and a percentage is worked out from its counts.";
    Negative "negative" Error true, false,
        "must not be negative",
        "Counts, days and pounds are not below zero.";
    DuplicateRow "duplicate-row" Error true, false,
        "a second time",
        "One return answers an indicator for a period once.";
    AfterTheCutOff "after-the-cut-off" Error true, false,
        "ends after the period reported on",
        "A figure for a period that goes on beyond the one reported on is not final, and is compared with nothing.";
    DenominatorZero "denominator-zero" Error false, false,
        "is a share of nothing, because what it is a part of is 0",
        "Where there was nothing, answer nil for the whole: 0 written as a number says that something was counted.";
    PartExceedsWhole "part-exceeds-whole" Error false, false,
        "is more than what it is a part of",
        "A percentage has its part within its whole, both in the same return and for the same period.";
    PartsExceedTotal "parts-exceed-total" Error false, false,
        "is less than its months together",
        "The months that are sent with a quarter or a year come to no more than it.";
    MonthsDiffer "months-differ" Query false, false,
        "is not what its months add up to",
        "Every month of a quarter or a year was sent with it, and they come to less: two digits may have changed places.";
    OutsideLimits "outside-limits" Query false, true,
        "is outside the control limits of its series",
        "Twelve figures in a row or more make limits (docs/figures.md). The reason is printed first in the paper where the committee asks for the measure.";
    Worsening "worsening" Query false, true,
        "shows a real change for the worse",
        "A run, a trend, or two of three near a limit, in the bad direction. The reason is printed first in the paper where the committee asks for the measure.";
    MissedTarget "missed-target" Query false, true,
        "misses its target",
        "The figure held against a target of the partnership (docs/figures.md) is on the wrong side of what was expected by now. The reason is printed first in the paper where the committee asks for the measure.";
    FarFromLastYear "far-from-last-year" Query false, true,
        "is far from the period it is set beside",
        "Half as much again or more, half or less than in the period that heads the committee's tables, which is the same one last year unless the committee says otherwise; of a percentage ten points or more. Only where one of the two, or what a percentage is of, is no fewer than the committee prints a percentage of (50 unless it says otherwise). Silent where limits say that the figure is usual.";
    TypedPercentage "typed-percentage" Query false, true,
        "does not give the percentage that was typed",
        "A percentage in the note beside a figure, or quoted under the measure's name, is worked out again from the counts: as a share, and as the change on last year and on the period before.";
    Unchanged "unchanged" Query false, true,
        "is unchanged to the digit",
        "Of 50 or more, the same as in the period before or in the same period last year: it may have been copied.";
    Revision "revision" Query false, true,
        "revises what a published paper printed",
        "A figure for an earlier period that a published paper had otherwise. The next paper prints what it was revised from.";
    OlderPeriod "older-period" Query false, true,
        "is for older periods that no return told before",
        "Besides the period reported on, the one it is set beside, the same period last year and their months, a return tells older figures only on purpose.";
}

impl Rule {
    /// From the identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }

    /// Whether the reason given for it is printed beside an exception.
    pub fn is_exception(self) -> bool {
        matches!(self, Self::OutsideLimits | Self::Worsening | Self::MissedTarget)
    }

    /// The table of `docs/checks.md`, which a test holds to this list.
    pub fn table() -> String {
        let mut out = "| rule | strength | what it says | when, and what then |\n|---|---|---|---|\n".to_owned();
        for rule in Self::ALL {
            let fixed = if rule.is_fixed() { ", fixed" } else { "" };
            out.push_str(&format!("| `{}` | {}{fixed} | … {} | {} |\n", rule.id(), rule.strength().word(), rule.says(), rule.how()));
        }
        out
    }
}
