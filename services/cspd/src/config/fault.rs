//! What is wrong with the settings, told all at once.

use std::fmt;

use csp_domain::text::Fault;

/// Every fault that was found, in the order of the sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The settings will not do:")?;
        for Fault { field, reason } in &self.0 {
            write!(f, "\n  {field} {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
