//! The four nations: whose law on notice holds, and whose bank holidays.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar::Division;

/// A nation of the United Kingdom, as far as the calendar of a committee depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nation {
    /// England.
    England,
    /// Wales.
    Wales,
    /// Scotland.
    Scotland,
    /// Northern Ireland.
    NorthernIreland,
}

impl Nation {
    /// All four.
    pub const ALL: [Self; 4] = [Self::England, Self::Wales, Self::Scotland, Self::NorthernIreland];

    /// For settings and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::England => "england",
            Self::Wales => "wales",
            Self::Scotland => "scotland",
            Self::NorthernIreland => "northern-ireland",
        }
    }

    /// From the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|nation| nation.word() == word)
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::England => "England",
            Self::Wales => "Wales",
            Self::Scotland => "Scotland",
            Self::NorthernIreland => "Northern Ireland",
        }
    }

    /// Whose bank holidays it keeps.
    pub fn division(self) -> Division {
        match self {
            Self::England | Self::Wales => Division::EnglandAndWales,
            Self::Scotland => Division::Scotland,
            Self::NorthernIreland => Division::NorthernIreland,
        }
    }

    /// How many clear days before a meeting the law wants its papers open to the public, and which
    /// law. Crime and disorder committees as this program knows them are creatures of the law of
    /// England and Wales; elsewhere a committee must say its own number.
    pub fn statutory_clear_days(self) -> Option<(u8, &'static str)> {
        match self {
            Self::England => Some((5, "section 100B of the Local Government Act 1972 as amended by SI 2002/715")),
            Self::Wales => Some((3, "section 100BA of the Local Government Act 1972")),
            Self::Scotland | Self::NorthernIreland => None,
        }
    }

    /// The zone its clocks are set by: one for all four.
    pub fn zone(self) -> Tz {
        chrono_tz::Europe::London
    }
}
