//! `[calendar]`

use std::io::Read as _;

use csp_domain::calendar::BankHolidays;

use super::Reader;

/// The list of bank holidays that was named, if one was.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<BankHolidays> {
    const NAME: &str = "calendar.bank_holidays";
    let path = reader.path(NAME)?;
    let mut text = String::new();
    let opened = std::fs::File::open(&path).and_then(|file| file.take(BankHolidays::MAX_BYTES as u64 + 1).read_to_string(&mut text));
    if let Err(error) = opened {
        reader.fault(NAME, format_args!("must name a file that can be read ({error})"));
        return None;
    }
    match BankHolidays::parse(&text) {
        Ok(holidays) => Some(holidays),
        Err(faults) => {
            for fault in faults {
                reader.fault(
                    NAME,
                    format_args!("must name a list of bank holidays as gov.uk publishes it; {} {}", fault.field, fault.reason),
                );
            }
            None
        }
    }
}
