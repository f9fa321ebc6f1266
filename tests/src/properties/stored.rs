//! What the store keeps as JSON: a damaged or an older one is an error, never a panic.

use csp_domain::{calendar::Recurrence, committee::Template, document::PublicDocument, narrative::Narrative, returns::Content};
use serde::{Serialize, de::DeserializeOwned};

/// What opens is what was written; a paper that opens can be read.
pub(super) fn holds(bytes: &[u8]) {
    if let Ok(document) = PublicDocument::from_bytes(bytes) {
        assert!((1..=PublicDocument::FORMAT).contains(&document.format), "of a format that was released");
        let again = PublicDocument::from_bytes(&document.to_bytes()).expect("what was written opens again");
        assert_eq!(again, document);
        assert_eq!(csp_render::renditions(&document).len(), 2);
    }
    again::<Narrative>(bytes);
    again::<Template>(bytes);
    again::<Recurrence>(bytes);
    again::<Content>(bytes);
    if let Ok(narrative) = serde_json::from_slice::<Narrative>(bytes) {
        // It was not parsed here, and is still only text.
        assert!(narrative.to_markdown().len() <= bytes.len() * 8);
    }
}

fn again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_vec(&value).expect("what was read can be written");
        assert_eq!(serde_json::from_slice::<T>(&written).ok(), Some(value));
    }
}
