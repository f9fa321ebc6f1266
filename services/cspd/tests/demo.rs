//! The main job in one command, as a newcomer meets it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{fs, path::Path};

use common::Screen;
use csp_domain::document::Hash;
use serde_json::Value;

async fn demonstrate(folder: &Path) -> (u8, Screen) {
    let screen = Screen::default();
    let args = ["cspd", "demo", "--once", "--out", folder.to_str().unwrap()].map(Into::into);
    let code = cspd::command(args, &mut screen.terminal([])).await;
    (code, screen)
}

/// The papers in a folder of mail, as text: what is of a list. The rest are reminders.
fn papers(folder: &Path) -> Vec<String> {
    letters(folder).into_iter().filter(|letter| letter.contains("List-Id: ")).collect()
}

/// The letters in a folder, as text.
fn letters(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("mail")).unwrap().map(|entry| entry.unwrap().path());
    let letters: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect();
    letters.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_quarter_is_lived_through_and_leaves_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("digest");
    let (code, screen) = demonstrate(&out).await;
    let told = screen.talk();
    assert_eq!(code, 0, "{told}");

    // Numbers for programs.
    let summary: Value = serde_json::from_str(&fs::read_to_string(out.join("summary.json")).unwrap()).unwrap();
    for (field, number) in [
        ("partnerships", 6),
        ("returns", 5),
        ("nil", 1),
        ("late", 1),
        ("missing", 1),
        ("figures", 425),
        ("news", 10),
        ("members", 10),
        ("sent", 10),
    ] {
        assert_eq!(summary[field], number, "{field} in {summary}");
    }
    assert_eq!(Hash::parse(summary["document_hash"].as_str().unwrap()).map(|hash| hash.to_string().len()), Some(64));

    // The paper, in both forms: each gap in its own words, real figures, and what it is.
    for file in ["digest.html", "digest.txt"] {
        let paper = fs::read_to_string(out.join(file)).unwrap();
        let paper = paper.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "DEMONSTRATION",
            "No return received by 17:00 on 12 January",
            "Sunderland",
            "Nil return",
            "31 January 2022",
            "Restrictions in force (Covid-19)",
            "Probation becomes a responsible authority",
            "Berwick chosen for a neighbourhood agreement",
            // As the editor worded it, and the lead accepted.
            "confidence comes first in the plan for",
            // Printed once, under the first owner and in both names.
            "Joint patrols on the Tyne bridges",
            "Joint item of Gateshead and Newcastle upon Tyne",
            "printed under Gateshead",
            "5,443",
            // Set beside the quarter before, and the other partnerships by residents; what cannot be compared is refused in words.
            "The period before, October to December 2021 against July to September 2021",
            "April to December 2020 is incomplete: there is no figure for April 2020",
            "Burglary per 1,000 residents",
            "1.02 per 1,000",
            "By the residents of mid-2020, the latest that is known.",
            "Targets for Burglary.",
            "Invented for the demonstration.",
            "progress against the target",
        ] {
            assert!(paper.contains(text), "{text:?} in {file}: {paper}");
        }
    }

    // A letter for each member, to nobody else, and each says what it is.
    let letters = letters(&out);
    let (theirs, cabinets): (Vec<_>, Vec<_>) = papers(&out).into_iter().partition(|paper| !paper.contains("cabinet-member@example.org"));
    assert_eq!((theirs.len(), cabinets.len()), (10, 1));
    assert!(cabinets[0].contains("DEMONSTRATION"), "{}", cabinets[0]);
    assert!(letters.iter().any(|letter| letter.contains("is due today")), "Sunderland's officer is reminded");
    assert!(letters.iter().any(|letter| letter.contains("filename=\"sunderland-citizen-focus-2021-q3.xlsx\"")), "with the workbook");
    assert_eq!(letters.iter().filter(|letter| letter.contains("filename=\"receipt-gateshead-citizen-focus-2021-q3.json\"")).count(), 1);
    let rehearsals: Vec<_> = letters.iter().filter(|letter| letter.contains("filename=\"rehearsal-citizen-focus-2021-q3.html\"")).collect();
    assert_eq!(rehearsals.len(), 1, "of administrators there is one");
    for letter in &letters {
        assert_eq!(letter.lines().filter(|line| line.starts_with("To: ")).count(), 1);
        assert!(!letter.to_lowercase().contains("\nbcc:") && letter.contains("Auto-Submitted: "), "{letter}");
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), 4, "nothing else is left there");

    // Talk for people: what happened, and what to type to do the same.
    for text in [
        "✗ Refused, and every slip is named at once (4); nothing was changed:",
        "line 4, indicator     is not in the catalogue: burglaries",
        "collecting for this cycle is over and its paper frozen, since Wednesday 12 January 2022 at 17:00",
        "whoever wrote any part of a digest or froze it cannot approve it",
        "Its lead sends it back; the officer sees why, and until when",
        "Recalled by its officer, to look at the source once more: it counts as not received",
        "Who is missing: 5 of 6 returns received, 5 signed, 1 of them nil",
        "Gateshead             complete, signed and accepted",
        "$ csp return sign gateshead/citizen-focus.2021-q3",
        "$ csp return submit gateshead.csv --receipt-by-mail",
        "Northumberland        this quarter's late, expected 31 January 2022",
        "6 officers read that collecting is open; with each letter comes the workbook to fill in",
        "“REHEARSAL, Citizen Focus Committee, Q3 2021/22: ",
        "as proposed: “Residents' confidence comes first in the plan for 2010/11”",
        "$ csp wording accept gateshead/ID",
        "Its lead signs the joint item that Gateshead sent in: it is printed once, in both names",
        "$ csp joint sign newcastle-upon-tyne/ID",
        "10 of 10 members have their letter.",
        "The Strategic Board has met twice since the last report",
        "Returns due             Thu 3 Mar 2022, 17:00   one working day before closing",
        "Returns due             Thu 10 Mar 2022, 17:00  was Thu 3 Mar 2022, 17:00",
        "4 people are told, once each",
        "Wednesday 26 January 2022 at 10:00  The committee meets",
        "Thursday 24 March 2022 at 16:00  The Cabinet meets",
        "$ csp admin cycle schedule cabinet --moves 2022-03-17 --meeting 2022-03-24",
    ] {
        assert!(told.contains(text), "{text:?} in {told}");
    }
    assert_eq!(told.matches("  ✓ ").count() + told.matches("  ✗ ").count(), 67, "as many steps as the bar counts");
    for line in told.lines().filter(|line| !line.contains(out.to_str().unwrap())) {
        assert!(line.chars().count() <= 104, "too wide for most terminals: {line}");
    }
    assert!(!told.contains("csp_") && !told.contains('\u{1b}'), "no token and no control characters: {told}");
    assert_eq!(screen.output(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn done_twice_it_leaves_the_second_only_and_nothing_of_others_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("digest");
    assert_eq!(demonstrate(&out).await.0, 0);
    let first = papers(&out);
    assert_eq!(demonstrate(&out).await.0, 0);
    let second = papers(&out);
    assert_eq!(second.len(), 11);
    assert!(second.iter().all(|letter| !first.contains(letter)));

    let others = folder.path().join("others");
    fs::create_dir(&others).unwrap();
    fs::write(others.join("digest.html"), "mine").unwrap();
    let (code, screen) = demonstrate(&others).await;
    assert_eq!(code, 1);
    assert!(screen.talk().contains("not empty"), "{}", screen.talk());
    assert_eq!(fs::read_to_string(others.join("digest.html")).unwrap(), "mine");
}
