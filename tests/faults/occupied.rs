//! Two servers, one file.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use csp_tests::Bed;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already where all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(bed: &Bed) -> Server {
    let child = Command::new(env!("CARGO_BIN_EXE_cspd-under-test"))
        .arg("serve")
        .env_clear()
        .env("CSPD_DATABASE__URL", &bed.settings().url)
        .env("CSPD_LISTEN__API", "127.0.0.1:0")
        .env("CSPD_MAIL__FOLDER", std::env::temp_dir())
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    Server(child.expect("the server just built starts"))
}

/// Reads what a server says until it says `word`, or to its end.
fn says(server: &mut Server, word: &str) -> String {
    let mut said = String::new();
    for line in BufReader::new(server.0.stderr.take().unwrap()).lines() {
        said.push_str(&line.unwrap());
        said.push('\n');
        if said.contains(word) {
            break;
        }
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_file_refuses_to_start_until_the_first_is_gone() {
    let bed = Bed::sqlite().await;
    let mut first = serve(&bed);
    let said = says(&mut first, "listening on");
    assert!(said.contains("listening on"), "{said}");

    let mut second = serve(&bed);
    let said = says(&mut second, "never said");
    assert_eq!(second.0.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("Another server is running on this database file."), "{said}");
    assert!(!said.contains("listening on"), "{said}");

    // However it ends, what it held is free.
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let mut third = serve(&bed);
    let said = says(&mut third, "listening on");
    assert!(said.contains("listening on"), "{said}");
}
