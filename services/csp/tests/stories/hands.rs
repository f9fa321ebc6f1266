//! A folder, and other hands at the same return and the same news.

use std::fs;

use csp_proto::v1::{self, ReturnState};

use crate::{
    folder::{fill_in, sent, server, started, submit, submit_losing},
    support::Desk,
};

#[tokio::test]
async fn a_return_that_does_not_count_is_sent_in_again() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    submit(&desk, &folder).await.ok();
    for (state, says) in [
        (ReturnState::SentBack, "correction  figures.xlsx: it is sent back at the server, and is sent in again"),
        (ReturnState::Draft, "correction  figures.xlsx: it is recalled at the server, and is sent in again"),
        (ReturnState::Withdrawn, "new         figures.xlsx"),
    ] {
        taken.lock().unwrap().answer.as_mut().unwrap().state = state as i32;
        let outcome = submit(&desk, &folder).await;
        assert!(outcome.stderr.contains(says) && outcome.stderr.contains("Everything was received."), "{}", outcome.stderr);
        outcome.ok();
        assert_eq!(taken.lock().unwrap().answer.as_ref().unwrap().state, ReturnState::Submitted as i32);
    }
    for state in [ReturnState::Signed, ReturnState::Accepted, ReturnState::Frozen] {
        taken.lock().unwrap().answer.as_mut().unwrap().state = state as i32;
        let outcome = submit(&desk, &folder).await;
        assert!(outcome.stderr.contains("as it was   figures.xlsx"), "{}", outcome.stderr);
        outcome.ok();
    }
}

#[tokio::test]
async fn a_correction_that_never_arrived_is_not_taken_for_received_because_somebody_signed() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    submit(&desk, &folder).await.ok();
    let before = taken.lock().unwrap().answer.clone();
    fill_in(&folder, "2");
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    // It was lost on its way there; then the lead signed what stands, which is one more step.
    let signed = v1::Return { revision: 2, etag: "r2".into(), state: ReturnState::Signed as i32, ..before.unwrap() };
    taken.lock().unwrap().answer = Some(signed);
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("changed  burglary for 2021-q3: 1 → 2"), "{}", outcome.stderr);
    outcome.ok();
    assert_eq!(taken.lock().unwrap().answer.as_ref().unwrap().revision, 3);
    // Of news as well: what a colleague wrote meanwhile is not what was sent.
    fs::write(folder.join("a.md"), "# First\n\nMine\n").unwrap();
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    taken.lock().unwrap().news[0].1.body = "\n\nTheirs\n".into();
    submit(&desk, &folder).await.ok();
    assert!(taken.lock().unwrap().news[0].1.body.contains("Mine"));
    let entries = sent(&folder)["entries"].clone();
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["under_way"].is_null()), "{entries:#}");
}

#[tokio::test]
async fn a_correction_whose_answer_is_lost_is_found_under_another_name() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    submit(&desk, &folder).await.ok();
    fs::write(folder.join("a.md"), "# First\n\nBetter\n").unwrap();
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    fs::rename(folder.join("a.md"), folder.join("b.md")).unwrap();
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("as it was   b.md: the server has the same text"), "{}", outcome.stderr);
    outcome.ok();
    assert_eq!((taken.lock().unwrap().news.len(), sent(&folder)["entries"].as_array().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn what_somebody_else_changed_is_not_replaced_without_a_word() {
    let (server, taken) = server().await;
    let (mut desk, folder) = started(&server).await;
    fs::write(folder.join("a.md"), "# First\n\nText\n").unwrap();
    submit(&desk, &folder).await.ok();
    {
        let item = &mut taken.lock().unwrap().news[0].1;
        (item.revision, item.etag) = (2, "n2".into());
        item.headline = "First of all".into();
        item.submitter = "regions/northumbria/persons/sam-green".into();
    }
    fs::write(folder.join("a.md"), "# First\n\nBetter\n").unwrap();
    let path = folder.display().to_string();
    let said = desk.typing("no\n").run(["submit", &path]).await.failed(2);
    let words =
        "changed at the server since it was sent (Mon 10 Jan 2022, 09:30): “First of all”, version 2, by sam-green; this replaces it";
    assert!(said.contains(words), "{said}");
    assert_eq!(taken.lock().unwrap().news[0].1.headline, "First of all");
    desk.typing("yes\n").run(["submit", &path]).await.ok();
    assert_eq!(taken.lock().unwrap().news[0].1.headline, "First");
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_in_a_folder_is_passed_over_by_its_name_or_refused_by_it() {
    let (server, _) = server().await;
    let desk = Desk::at(&server);
    let folder = desk.folder.path().join("this autumn");
    desk.run(["start", "--to", &folder.display().to_string()]).await.ok();
    let read_me = fs::read_to_string(folder.join("READ ME.txt")).unwrap();
    assert!(read_me.contains(&format!("csp submit \"{}\" --dry-run", folder.display())), "{read_me}");
    fill_in(&folder, "1");
    // As an editor locks a file, and as LibreOffice does.
    for name in [".#news.md", ".~lock.figures.xlsx#"] {
        std::os::unix::fs::symlink("jo@desk.4711", folder.join(name)).unwrap();
    }
    submit(&desk, &folder).await.ok();
    for name in ["Figures.xls", "figures.xlsm", "old.ods", "wardens.doc"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    std::os::unix::fs::symlink("nowhere", folder.join("gone.md")).unwrap();
    let said = submit(&desk, &folder).await.failed(3);
    for fault in [
        "Figures.xls: is of a kind that is not read. Save it as figures.xlsx or quoted.xlsx",
        "figures.xlsm: is of",
        "old.ods: is of",
        "wardens.doc: is of a kind that is not read. Save it as .docx",
        "gone.md: cannot be read",
    ] {
        assert!(said.contains(fault), "{fault}: {said}");
    }
}

#[tokio::test]
async fn a_return_that_somebody_else_made_first_does_not_lock_the_folder() {
    let (server, taken) = server().await;
    let (desk, folder) = started(&server).await;
    fill_in(&folder, "1");
    // The line breaks before it arrives, and a colleague's arrives.
    submit_losing(&desk, &folder, &taken, 1).await.failed(8);
    let theirs = taken.lock().unwrap().answer.clone().unwrap();
    fill_in(&folder, "2");
    let outcome = submit(&desk, &folder).await;
    assert!(outcome.stderr.contains("changed  burglary for 2021-q3: 1 → 2"), "{}", outcome.stderr);
    outcome.ok();
    let now = taken.lock().unwrap().answer.clone().unwrap();
    assert_eq!((now.name, now.revision), (theirs.name, 2));
}
