use std::{
    io::{self, Write},
    sync::Mutex,
};

use csp_domain::clock::ManualClock;
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Everything that was logged.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// What was logged while `work` was done.
    fn during(work: impl FnOnce()) -> String {
        let heard = Self::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(heard.clone()).finish();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(heard.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Heard {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A folder with a certificate in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.renew(2030);
        place
    }

    fn files(&self) -> Files {
        Files { certificate: self.0.path().join("cert.pem"), key: self.0.path().join("key.pem") }
    }

    /// Puts a certificate that ends on 9 March of a year in place, with its key.
    fn renew(&self, year: i32) {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(year, 3, 9);
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(self.files().certificate, parameters.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.files().key, key.serialize_pem()).unwrap();
    }

    fn keeper(&self) -> Keeper {
        Keeper { certificate: Certificate::read(self.files()).unwrap(), doubtful: None, told: None }
    }
}

fn ends(keeper: &Keeper) -> String {
    keeper.certificate.shown().ends_at.unwrap().format("%Y").to_string()
}

#[test]
fn what_is_new_and_good_is_shown_at_the_next_look() {
    let place = Place::new();
    let mut keeper = place.keeper();
    let before = keeper.certificate.shown().key;
    assert_eq!(Heard::during(|| keeper.look(false)), "", "nothing is new");
    place.renew(2031);
    let said = Heard::during(|| keeper.look(false));
    assert!(said.contains("INFO") && said.contains("the certificate was renewed") && said.contains("09/03/2031"), "{said}");
    assert!(!Arc::ptr_eq(&before, &keeper.certificate.shown().key));
    assert_eq!(Heard::during(|| keeper.look(false)), "");
}

#[test]
fn what_is_new_and_bad_is_said_once_and_the_old_one_is_kept() {
    let place = Place::new();
    let mut keeper = place.keeper();
    fs::write(place.files().key, "no key at all: hunter2").unwrap();
    // Somebody may be in the middle of writing.
    assert_eq!(Heard::during(|| keeper.look(false)), "");
    let said = Heard::during(|| keeper.look(false));
    assert!(said.contains("ERROR") && said.contains("the old one is kept") && said.contains("listen.key must name"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    for _ in 0..3 {
        assert_eq!(Heard::during(|| keeper.look(false)), "");
    }
    assert_eq!(ends(&keeper), "2030");
    // Another mistake is said again, and a good one ends it.
    fs::remove_file(place.files().certificate).unwrap();
    assert_eq!(Heard::during(|| keeper.look(false)), "");
    assert!(Heard::during(|| keeper.look(false)).contains("listen.certificate must name"));
    place.renew(2031);
    keeper.look(false);
    assert_eq!(ends(&keeper), "2031");
}

#[test]
fn a_key_that_belongs_to_another_certificate_will_not_do() {
    let (place, other) = (Place::new(), Place::new());
    let mut keeper = place.keeper();
    fs::copy(other.files().key, place.files().key).unwrap();
    // Whoever asks wants to hear it at once, and every time.
    for _ in 0..2 {
        let said = Heard::during(|| keeper.look(true));
        assert!(said.contains("listen.key must belong to listen.certificate"), "{said}");
    }
    fs::copy(other.files().certificate, place.files().certificate).unwrap();
    assert!(Heard::during(|| keeper.look(true)).contains("was renewed"));
    assert!(Heard::during(|| keeper.look(true)).contains("still the same"));
}

#[test]
fn from_three_weeks_before_its_end_the_log_says_so_once_a_day() {
    let place = Place::new();
    let mut keeper = place.keeper();
    let clock = ManualClock::new("2030-02-15T23:00:00Z".parse().unwrap());
    let mut said = |hours| {
        clock.advance(TimeDelta::hours(hours));
        Heard::during(|| keeper.remind(&clock))
    };
    assert_eq!(said(0), "", "three weeks and an hour");
    let first = said(1);
    assert!(first.contains("WARN") && first.contains("ends on 09/03/2030"), "{first}");
    assert_eq!(said(23), "");
    assert!(said(1).contains("WARN"));
    let last = said(24 * 20);
    assert!(last.contains("ERROR") && last.contains("ended on 09/03/2030"), "{last}");
}
