//! Every page of help.

use clap::Command;

use crate::support::Desk;

/// Every command with its full name, the program itself first.
fn pages(command: Command, name: &str) -> Vec<(String, Command)> {
    let mut pages = vec![(name.to_owned(), command.clone())];
    for below in command.get_subcommands() {
        pages.extend(pages_of(below, name));
    }
    pages
}

fn pages_of(command: &Command, above: &str) -> Vec<(String, Command)> {
    pages(command.clone(), &format!("{above} {}", command.get_name()))
}

fn all() -> Vec<(String, Command)> {
    let mut csp = csp::command_line();
    csp.build();
    pages(csp, "csp").into_iter().filter(|(name, _)| !name.ends_with(" help") && !name.contains(" help ")).collect()
}

#[test]
fn every_page_has_an_example_that_is_understood() {
    for (name, mut command) in all() {
        let page = command.render_long_help().to_string();
        let examples = page.split("Example").nth(1).unwrap_or_else(|| panic!("{name} has no example:\n{page}"));
        let mut tried = 0;
        for line in examples.replace("\\\n", " ").lines().filter(|line| line.starts_with("  csp")) {
            let words = split(line);
            // The guide's first line has a remark beside the command.
            if words.len() > 1 && words[1] == "who" {
                continue;
            }
            let parsed = csp::command_line().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{name}: {line}: {}", parsed.unwrap_err());
            tried += 1;
        }
        assert!(tried > 0, "{name} has no example that could be tried:\n{page}");
    }
}

/// As a shell would, up to a redirection.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.trim().chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("one at least").push(c),
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).take_while(|word| word != ">" && word != "<").collect()
}

#[test]
fn no_example_is_broken_by_a_window_of_80_columns() {
    let mut long = Vec::new();
    for (name, command) in all() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        long.extend(after.lines().filter(|line| line.chars().count() > 80).map(|line| format!("{name}: {line}")));
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_page_speaks_the_language_of_programs() {
    for (name, mut command) in all() {
        let page = command.render_long_help().to_string();
        for word in page.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let shouted = word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
            let known = ["CSP_SERVER", "CSP_TOKEN", "CSP_REGION", "CSP_BROWSER", "NO_COLOR", "TOKEN_FILE", "CA_FILE"];
            assert!(!shouted || known.contains(&word), "{name} says {word}");
            assert!(!word.contains("::"), "{name} says {word}");
            let jargon = ["gRPC", "protobuf", "request_id", "etag", "enum", "UUID", "stdout", "stdin", "stderr"];
            assert!(!jargon.contains(&word), "{name} says {word}");
        }
    }
}

#[tokio::test]
async fn help_is_an_answer_and_a_misunderstanding_is_not() {
    let desk = Desk::new();
    let help = desk.run(["--help"]).await.ok();
    assert!(help.contains("Exit codes:"), "{help}");
    assert!(help.contains("7  not now"), "{help}");
    let said = desk.run(["retrun", "submit"]).await.failed(2);
    assert!(said.contains("return"), "{said}");
    let said = desk.run(["return", "submit"]).await.failed(2);
    assert!(said.contains("FILE"), "{said}");
}

#[tokio::test]
async fn completions_are_written_for_a_shell() {
    let script = Desk::new().run(["completions", "bash"]).await.ok();
    assert!(script.contains("complete -F"), "{script}");
}
