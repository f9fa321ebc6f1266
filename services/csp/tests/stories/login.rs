//! Logging in and out, and which server gets which token.

use std::{fs, path::PathBuf};

use tonic::Status;

use crate::{
    support::{Desk, Server},
    world,
};

const TOKEN: &str = "csp_0123456789abcdef";

fn kept(desk: &Desk, name: &str) -> PathBuf {
    desk.folder.path().join("config").join(name)
}

#[tokio::test]
async fn a_token_is_tried_then_kept_for_its_owner_alone_and_never_printed() {
    let server = world::officer().await;
    let mut desk = Desk::new();
    let outcome = desk.piping(&format!("{TOKEN}\n")).run(["login", "--server", &server.url]).await;
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(!outcome.stdout.contains(TOKEN) && !outcome.stderr.contains(TOKEN));
    assert!(outcome.stdout.contains("You are Jo Brown: officer of gateshead. Region: Northumbria."), "{}", outcome.stdout);

    assert_eq!(fs::read_to_string(kept(&desk, "token")).unwrap().trim(), TOKEN);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(kept(&desk, "token")), 0o600);
        assert_eq!(mode(desk.folder.path().join("config")), 0o700);
    }
    let config = fs::read_to_string(kept(&desk, "config.toml")).unwrap();
    assert!(config.contains("region = \"northumbria\"") && config.contains("time_zone = \"Europe/London\""), "{config}");
    assert!(!config.contains(TOKEN));

    // From now on nothing needs to be said.
    desk.run(["whoami"]).await.ok();
    let asked = server.asked("IdentityService/WhoAmI");
    assert!(asked.iter().all(|asked| asked.authorization.as_deref() == Some(&format!("Bearer {TOKEN}"))));
    assert!(asked.iter().all(|asked| asked.has_deadline));
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_kept() {
    let server = Server::start().await;
    server.on("IdentityService/WhoAmI", |_: csp_proto::v1::WhoAmIRequest| {
        Err::<csp_proto::v1::WhoAmIResponse, _>(Status::unauthenticated("the token is not known"))
    });
    let mut desk = Desk::new();
    let said = desk.piping("csp_wrong").run(["login", "--server", &server.url]).await.failed(4);
    assert!(said.contains("does not accept your token") && !said.contains("csp_wrong"), "{said}");
    assert!(!kept(&desk, "token").exists());
}

#[tokio::test]
async fn a_token_is_not_taken_from_the_command_line() {
    let said = Desk::new().run(["login", "--token", TOKEN]).await.failed(2);
    assert!(said.contains("unexpected argument"), "{said}");
}

#[tokio::test]
async fn what_is_not_a_token_is_refused_without_being_repeated() {
    let mut desk = Desk::new();
    let said = desk.piping("two words").run(["login", "--server", "http://127.0.0.1:1"]).await.failed(2);
    assert!(said.contains("not a token") && !said.contains("two words"), "{said}");
    let said = desk.piping("").run(["login", "--server", "http://127.0.0.1:1"]).await.failed(2);
    assert!(said.contains("no token"), "{said}");
}

#[tokio::test]
async fn a_kept_token_goes_to_no_other_server() {
    let (mine, other) = (world::officer().await, world::officer().await);
    let mut desk = Desk::new();
    desk.piping(TOKEN).run(["login", "--server", &mine.url]).await.ok();
    let said = desk.run(["whoami", "--server", &other.url]).await.failed(4);
    assert!(said.contains(&format!("You are not logged in to {}.", other.url)), "{said}");
    assert!(other.asked("IdentityService/WhoAmI").is_empty());
}

#[tokio::test]
async fn options_beat_the_environment_and_the_environment_beats_what_was_kept() {
    let (kept, environment, option) = (world::officer().await, world::officer().await, world::officer().await);
    let mut desk = Desk::new();
    desk.piping(TOKEN).run(["login", "--server", &kept.url]).await.ok();
    desk.environment.insert("CSP_SERVER".into(), environment.url.clone());
    desk.environment.insert("CSP_TOKEN".into(), "from-environment".into());
    desk.run(["whoami"]).await.ok();
    let file = desk.file("token.txt", "from-file\n");
    desk.run(["whoami", "--server", &option.url, "--token-file", &file]).await.ok();
    let bearer = |server: &Server| server.asked("IdentityService/WhoAmI").last().unwrap().authorization.clone().unwrap();
    assert_eq!(bearer(&kept), format!("Bearer {TOKEN}"));
    assert_eq!(bearer(&environment), "Bearer from-environment");
    assert_eq!(bearer(&option), "Bearer from-file");
}

#[tokio::test]
async fn logging_out_forgets_the_token() {
    let server = world::officer().await;
    let mut desk = Desk::new();
    desk.piping(TOKEN).run(["login", "--server", &server.url]).await.ok();
    desk.run(["logout"]).await.ok();
    assert!(!kept(&desk, "token").exists());
    let said = desk.run(["whoami"]).await.failed(4);
    assert!(said.contains("You are not logged in"), "{said}");
    desk.run(["logout"]).await.ok();
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = world::officer().await;
    let mut desk = Desk::new();
    desk.piping(TOKEN).run(["login", "--server", &server.url]).await.ok();
    fs::set_permissions(kept(&desk, "token"), fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = desk.run(["whoami"]).await;
    assert!(outcome.stderr.contains("chmod 600"), "{}", outcome.stderr);
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_named() {
    let desk = Desk::new();
    fs::create_dir_all(desk.folder.path().join("config")).unwrap();
    fs::write(kept(&desk, "config.toml"), "sever = 1").unwrap();
    let said = desk.run(["whoami"]).await.failed(2);
    assert!(said.contains("config.toml") && said.contains("sever"), "{said}");
}
