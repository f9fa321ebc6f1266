//! Tokens as their owners live with them: narrow ones, rotated ones, ones that end.

use csp_proto::v1;
use csp_tests::{Bed, at};
use mail_parser::MessageParser;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{COMMITTEE, CYCLE, REGION, Who, World, channel, partnership, two_figures};

/// Makes a token for somebody, and answers whoever presents it.
async fn token(world: &World, owner: &Who, token: v1::Token) -> (v1::Token, Who) {
    let create = v1::CreateTokenRequest { parent: owner.person.clone(), token: Some(token), request_id: String::new() };
    let made = world.persons().create_token(world.administrator.call(create)).await.unwrap().into_inner();
    (made.token.unwrap(), Who { person: owner.person.clone(), token: made.secret })
}

async fn who_am_i(world: &World, who: &Who) -> Result<v1::WhoAmIResponse, Code> {
    world.identity().who_am_i(who.call(v1::WhoAmIRequest {})).await.map(tonic::Response::into_inner).map_err(|status| status.code())
}

pub(crate) async fn a_token_may_less_than_its_owner_and_never_more(bed: Bed) {
    let world = World::on(bed).await;
    world.at("2022-01-05T10:00:00Z").await;
    let (officer, administrator) = (&world.officers[0], &world.administrator);
    // The officer of Gateshead is also the committee's editor.
    let role_grant = v1::RoleGrant { role: v1::Role::Editor.into(), committee: COMMITTEE.into(), ..Default::default() };
    let grant = v1::CreateRoleGrantRequest { parent: officer.person.clone(), role_grant: Some(role_grant), request_id: String::new() };
    world.persons().create_role_grant(administrator.call(grant)).await.unwrap();

    let scope = v1::TokenScope { role: v1::Role::Officer.into(), partnership: partnership(0), ..Default::default() };
    let new = v1::Token { label: "case system".into(), machine: true, scope: Some(scope.clone()), ..Default::default() };
    let (made, machine) = token(&world, officer, new).await;
    assert!(machine.token.starts_with("cspm_"), "a scanner knows a machine's token when it sees one");
    assert_eq!((made.machine, made.scope.as_ref()), (true, Some(&scope)));

    // It sends in for its partnership, and is the officer there and nothing else.
    let me = who_am_i(&world, &machine).await.unwrap();
    let roles: Vec<_> = me.role_grants.iter().map(v1::RoleGrant::role).collect();
    assert_eq!(roles, [v1::Role::Officer]);
    world.returns().create_return(machine.call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap();
    let freeze = v1::FreezeDigestRequest { parent: CYCLE.into(), request_id: String::new() };
    assert_eq!(world.digests().freeze_digest(machine.call(freeze)).await.unwrap_err().code(), Code::PermissionDenied);
    // What it did is on record under its own name.
    let list = v1::ListAuditEntriesRequest { parent: REGION.into(), token: made.name.clone(), ..Default::default() };
    let deeds = world.audit().list_audit_entries(administrator.call(list)).await.unwrap().into_inner().audit_entries;
    assert_eq!(deeds.iter().map(|deed| (deed.action.as_str(), deed.subject.as_str())).collect::<Vec<_>>(), [("submit", "return")]);

    // Whoever finds it cannot have its owner's other tokens shown a new secret, nor take them away.
    let list = v1::ListTokensRequest { parent: officer.person.clone(), ..Default::default() };
    let tokens = world.persons().list_tokens(officer.call(list)).await.unwrap().into_inner().tokens;
    let whole = tokens.iter().find(|token| token.scope.is_none()).unwrap().name.clone();
    let rotate = |name: &str| v1::RotateTokenRequest { name: name.into(), ..Default::default() };
    let refused = world.persons().rotate_token(machine.call(rotate(&whole))).await.unwrap_err();
    assert_eq!((refused.code(), refused.get_details_error_info().unwrap().reason.as_str()), (Code::PermissionDenied, "TOKEN_NARROW"));
    let revoke = v1::RevokeTokenRequest { name: whole };
    assert_eq!(world.persons().revoke_token(machine.call(revoke)).await.unwrap_err().code(), Code::PermissionDenied);
    // To itself it may see.
    world.persons().rotate_token(machine.call(rotate(&made.name))).await.unwrap();

    let scope = v1::TokenScope { reading: true, ..Default::default() };
    let (_, reader) = token(&world, officer, v1::Token { label: "spreadsheet".into(), scope: Some(scope), ..Default::default() }).await;
    let list = v1::ListReturnsRequest { parent: partnership(0), ..Default::default() };
    assert_eq!(world.returns().list_returns(reader.call(list)).await.unwrap().into_inner().returns.len(), 1);
    let refused = world.returns().create_return(reader.call(two_figures(0, CYCLE, "2021-q3", "1", "2"))).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TOKEN_READS");

    // A machine signs nothing, so it is no lead's; and it is for one role.
    for scope in [
        None,
        Some(v1::TokenScope { role: v1::Role::Lead.into(), partnership: partnership(0), ..Default::default() }),
        Some(v1::TokenScope { partnership: partnership(0), ..Default::default() }),
    ] {
        let token = v1::Token { label: "case system".into(), machine: true, scope, ..Default::default() };
        let create = v1::CreateTokenRequest { parent: officer.person.clone(), token: Some(token), request_id: String::new() };
        let refused = world.persons().create_token(administrator.call(create)).await.unwrap_err();
        let fields: Vec<String> = refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|v| v.field).collect();
        assert!(fields.contains(&"token.scope.role".to_owned()), "{fields:?}");
    }
    // A role that its owner loses, the token loses with them.
    let list = v1::ListRoleGrantsRequest { parent: officer.person.clone(), ..Default::default() };
    let grants = world.persons().list_role_grants(administrator.call(list)).await.unwrap().into_inner().role_grants;
    let held = grants.into_iter().find(|grant| grant.role() == v1::Role::Officer).unwrap().name;
    world.persons().end_role_grant(administrator.call(v1::EndRoleGrantRequest { name: held })).await.unwrap();
    assert!(who_am_i(&world, &machine).await.unwrap().role_grants.is_empty());
}

pub(crate) async fn a_token_is_rotated_without_a_gap_and_revoked_everywhere_at_once(bed: Bed) {
    let world = World::on(bed).await;
    let officer = &world.officers[0];
    // A second server on the same database, where there can be one.
    let chance: csp_domain::chance::SharedChance = std::sync::Arc::new(csp_domain::chance::SeededChance::new(40));
    let store = match world.bed.engine() {
        // An embedded database has one server; a second door into the same house is all there is.
        csp_store::Engine::Sqlite => world.bed.store.clone(),
        csp_store::Engine::Postgres => world.bed.second_store(chance.clone()).await,
    };
    let elsewhere = channel(&store, std::sync::Arc::new(world.bed.clock.clone()), chance).await;
    let known_elsewhere = async |who: &Who| {
        let mut identity = v1::identity_service_client::IdentityServiceClient::new(elsewhere.clone());
        identity.who_am_i(who.call(v1::WhoAmIRequest {})).await.is_ok()
    };
    let (made, old) = token(&world, officer, v1::Token { label: "laptop".into(), ..Default::default() }).await;
    let rotate = v1::RotateTokenRequest { name: made.name.clone(), ..Default::default() };
    let rotated = world.persons().rotate_token(old.call(rotate)).await.unwrap().into_inner();
    let new = Who { person: old.person.clone(), token: rotated.secret };
    assert_ne!(old.token, new.token);
    assert!(known_elsewhere(&old).await && known_elsewhere(&new).await, "both open doors while one is put in the other's place");
    let until = rotated.token.unwrap().previous_secret_expire_time.unwrap().seconds;
    assert_eq!(until, (world.bed.now() + chrono::TimeDelta::days(7)).timestamp());

    world.bed.clock.advance(chrono::TimeDelta::days(7));
    assert!(!known_elsewhere(&old).await && known_elsewhere(&new).await, "after a week only the new one does");
    let rotate = v1::RotateTokenRequest { name: made.name.clone(), overlap: Some(prost_types::Duration::default()), ..Default::default() };
    let third = world.persons().rotate_token(new.call(rotate)).await.unwrap().into_inner().secret;
    let third = Who { person: new.person.clone(), token: third };
    assert!(!known_elsewhere(&new).await && known_elsewhere(&third).await, "without an overlap, at once");

    world.persons().revoke_token(world.administrator.call(v1::RevokeTokenRequest { name: made.name.clone() })).await.unwrap();
    assert!(!known_elsewhere(&third).await, "it counts on the next call, on every server");
    let rotate = v1::RotateTokenRequest { name: made.name, ..Default::default() };
    let refused = world.persons().rotate_token(world.administrator.call(rotate)).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TOKEN_ENDED");
    if world.bed.engine() == csp_store::Engine::Postgres {
        store.close().await;
    }
}

pub(crate) async fn whose_token_ends_is_told_a_month_ahead_and_once(bed: Bed) {
    let world = World::on(bed).await;
    let (officer, start) = (&world.officers[0], world.bed.now());
    let mine = "officer-gateshead@example.org";
    // A few days sooner than everybody else's, so that nobody else is told yet.
    let ends = start + chrono::TimeDelta::days(100);
    let expire_time = Some(prost_types::Timestamp { seconds: ends.timestamp(), nanos: 0 });
    let (made, who) = token(&world, officer, v1::Token { label: "laptop".into(), expire_time, ..Default::default() }).await;

    world.bed.clock.set(ends - chrono::TimeDelta::days(30) - chrono::TimeDelta::seconds(1));
    assert_eq!(world.scheduler.tick().await.unwrap().warned, 0);
    world.bed.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(world.scheduler.tick().await.unwrap().warned, 1);
    assert_eq!(world.scheduler.tick().await.unwrap().warned, 0, "once is enough");
    world.scheduler.deliver().await.unwrap();
    // Reminders go out beside it.
    let mails = world.sink.messages();
    let to_me = mails.iter().filter(|mail| mail.to == mine).map(|mail| MessageParser::default().parse(&mail.bytes).unwrap());
    let parsed = to_me.into_iter().find(|mail| mail.subject() == Some("Your access to CSP Digest ends in 30 days")).unwrap();
    let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
    for said in ["laptop", "csp token rotate", "Friday 15 April 2022"] {
        assert!(text.contains(said) && html.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("csp_"), "a secret is never mailed");

    // Rotated, it ends later, and of that end its owner is told when its time comes.
    let rotate = v1::RotateTokenRequest { name: made.name, ..Default::default() };
    world.persons().rotate_token(who.call(rotate)).await.unwrap();
    world.bed.clock.set(at("2022-04-16T10:00:00Z"));
    assert_eq!(world.scheduler.tick().await.unwrap().warned, 0);
    let told = |messages: &[v1::Message]| messages.iter().filter(|m| m.kind() == v1::MessageKind::Notice && m.email == mine).count();
    let list = v1::ListMessagesRequest { parent: REGION.into(), page_size: 500, ..Default::default() };
    let before = told(&world.messages().list_messages(world.system.call(list.clone())).await.unwrap().into_inner().messages);
    world.bed.clock.set(at("2022-09-10T10:00:00Z"));
    world.scheduler.tick().await.unwrap();
    let after = told(&world.messages().list_messages(world.system.call(list)).await.unwrap().into_inner().messages);
    assert_eq!((before, after), (1, 2));
}
