//! One's own tokens, and narrow ones.

use std::fs;

use csp_proto::v1;

use crate::{
    support::{Desk, Server},
    world::{self, REGION, northumbria, role, time},
};

const TOKEN: &str = "csp_0123456789abcdef";
const NEW: &str = "csp_fedcba9876543210";

fn rotating(server: &Server) {
    server.on("PersonService/RotateToken", |q: v1::RotateTokenRequest| {
        let token = v1::Token {
            name: q.name,
            label: "laptop".into(),
            expire_time: time("2022-07-29T09:00:00Z"),
            previous_secret_expire_time: time("2022-01-17T09:00:00Z"),
            ..Default::default()
        };
        Ok(v1::RotateTokenResponse { token: Some(token), secret: NEW.into() })
    });
}

#[tokio::test]
async fn ones_own_token_is_rotated_and_kept_and_never_shown() {
    let server = world::officer().await;
    rotating(&server);
    let mut desk = Desk::new();
    desk.piping(TOKEN).run(["login", "--server", &server.url]).await.ok();
    let outcome = desk.run(["token", "rotate"]).await;
    assert!(!outcome.stdout.contains(NEW) && !outcome.stderr.contains(NEW));
    assert!(outcome.stderr.contains("The old secret opens doors too until Mon 17 Jan 2022, 09:00"), "{}", outcome.stderr);
    outcome.ok();
    let sent: v1::RotateTokenRequest = server.only("PersonService/RotateToken");
    assert_eq!((sent.name, sent.overlap.unwrap().seconds), (format!("{REGION}/persons/jo-brown/tokens/1"), 7 * 86_400));
    assert!(!sent.request_id.is_empty(), "a repetition must not make a second secret");
    assert_eq!(fs::read_to_string(desk.folder.path().join("config").join("token")).unwrap().trim(), NEW);
    desk.run(["whoami"]).await.ok();
    assert_eq!(server.asked("IdentityService/WhoAmI").last().unwrap().authorization.as_deref(), Some(&*format!("Bearer {NEW}")));
}

#[tokio::test]
async fn a_token_that_is_not_kept_here_is_not_rotated_here() {
    let server = world::officer().await;
    rotating(&server);
    let said = Desk::at(&server).run(["token", "rotate"]).await.failed(2);
    assert!(said.contains("csp login") && server.asked("PersonService/RotateToken").is_empty(), "{said}");
}

#[tokio::test]
async fn a_machines_token_names_its_role_in_full() {
    let server = northumbria(vec![role(v1::Role::Administrator, "")], vec![]).await;
    server.on("PersonService/CreateToken", |q: v1::CreateTokenRequest| {
        let token = v1::Token { name: format!("{}/tokens/4", q.parent), ..q.token.unwrap() };
        Ok(v1::CreateTokenResponse { token: Some(token), secret: "cspm_the_secret".into() })
    });
    let desk = Desk::at(&server);
    let line = ["admin", "token", "create", "jo-brown", "--label", "cases", "--machine", "--role", "officer", "--partnership", "gateshead"];
    desk.run(line).await.ok();
    let sent: v1::CreateTokenRequest = server.only("PersonService/CreateToken");
    let token = sent.token.unwrap();
    let scope =
        v1::TokenScope { role: v1::Role::Officer.into(), partnership: format!("{REGION}/partnerships/gateshead"), ..Default::default() };
    assert_eq!((token.machine, token.scope.clone()), (true, Some(scope)));

    server.on("PersonService/ListTokens", move |_: v1::ListTokensRequest| {
        let reader = v1::Token {
            name: format!("{REGION}/persons/jo-brown/tokens/5"),
            label: "spreadsheet".into(),
            scope: Some(v1::TokenScope { reading: true, ..Default::default() }),
            ..Default::default()
        };
        Ok(v1::ListTokensResponse { tokens: vec![token.clone(), reader], next_page_token: String::new() })
    });
    let table = desk.run(["admin", "token", "list", "jo-brown"]).await.ok();
    assert!(table.contains("officer of gateshead (a machine’s)") && table.contains("all its owner may, reading only"), "{table}");
}

#[tokio::test]
async fn the_guide_says_when_a_token_ends_soon() {
    let server = Server::start().await;
    server.on("IdentityService/WhoAmI", |_: v1::WhoAmIRequest| {
        let me = world::jo(vec![role(v1::Role::Officer, &format!("{REGION}/partnerships/gateshead"))]);
        let token = v1::Token { expire_time: time("2022-01-30T09:00:00Z"), ..me.token.unwrap() };
        Ok(v1::WhoAmIResponse { token: Some(token), ..me })
    });
    server.on("IdentityService/ListDuties", |_: v1::ListDutiesRequest| Ok(v1::ListDutiesResponse::default()));
    let said = Desk::at(&server).run([]).await.ok();
    assert!(said.contains("Your token ends in 20 days") && said.contains("csp token rotate"), "{said}");
}
