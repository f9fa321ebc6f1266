//! Links, and where they really lead.

/// Whether a target may be followed at all. Narrative is checked when it is sent in; a document that
/// came another way is not trusted to have been.
pub(crate) fn may_be_followed(target: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
        && !target.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// What must stand beside a link so that its text cannot mislead: the host it leads to, or the address
/// it writes to. None where the text already says it.
pub(crate) fn destination<'t>(target: &'t str, reads: &str) -> Option<&'t str> {
    let place = place(target);
    let bare = |text: &str| {
        let text = text.trim();
        let text = ["https://", "http://", "mailto:"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
        text.trim_end_matches('/').to_lowercase()
    };
    let shown = bare(reads);
    (shown != bare(target) && shown != bare(place)).then_some(place)
}

/// The host of a web address as a browser reads it: what stands before an `@` is a user name, and a
/// backslash ends the host as a slash does.
fn place(target: &str) -> &str {
    if let Some(address) = target.strip_prefix("mailto:") {
        return address.split('?').next().unwrap_or(address);
    }
    let after = target.split_once("://").map_or(target, |(_, after)| after);
    let authority = after.split(['/', '\\', '?', '#']).next().unwrap_or(after);
    authority.rsplit('@').next().unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_leads_unless_its_text_does() {
        assert_eq!(destination("https://www.gov.uk/a/b?c#d", "the guidance"), Some("www.gov.uk"));
        assert_eq!(destination("https://www.gov.uk/a", "https://www.gov.uk/a"), None);
        assert_eq!(destination("https://www.gov.uk/", "www.gov.uk"), None);
        assert_eq!(destination("https://example.org/a", "example.org"), None);
        assert_eq!(destination("mailto:a@example.org?subject=x", "write to us"), Some("a@example.org"));
        assert_eq!(destination("mailto:a@example.org", "a@example.org"), None);
    }

    #[test]
    fn a_host_in_disguise_is_shown_as_it_is() {
        assert_eq!(destination("https://www.gov.uk@evil.example/", "www.gov.uk"), Some("evil.example"));
        assert_eq!(destination("https://evil.example\\@www.gov.uk/", "www.gov.uk"), Some("evil.example"));
        assert_eq!(destination("https://evil.example/www.gov.uk", "www.gov.uk"), Some("evil.example"));
    }

    #[test]
    fn only_the_web_and_mail_may_be_followed() {
        assert!(may_be_followed("https://example.org/a?b=c&d"));
        for bad in ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://a b", "file:///etc/passwd", ""] {
            assert!(!may_be_followed(bad), "{bad}");
        }
    }
}
