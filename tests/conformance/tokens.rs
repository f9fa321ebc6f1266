//! Tokens: what is kept of them, how narrow they are, how they are rotated and how their end is announced.

use std::slice::from_ref;

use chrono::TimeDelta;
use csp_domain::{
    person::Role,
    token::{NewToken, Secret, Token, TokenKind, TokenScope},
};
use csp_store::Page;
use csp_tests::{Bed, at, line};

use crate::verdict::Verdict as _;

pub(crate) async fn a_token_keeps_every_field(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let officer = &county.officers[0];
    let (new, secret) = bed.new_token(officer);
    let expires_at = at("2022-07-01T00:00:00.000001Z");
    let new = NewToken { label: line("case management – Zoë’s"), expires_at, ..new };
    let mut wanted = Token {
        id: new.id,
        public_id: new.public_id.clone(),
        kind: TokenKind::Person,
        person: officer.id,
        scope: TokenScope::default(),
        label: new.label.clone(),
        created_at: bed.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
        previous_until: None,
    };
    assert_eq!(bed.store.create_token(county.scope(), &bed.by_schedule(), new).await.done(), wanted);
    assert_eq!(bed.store.get_token(county.scope(), wanted.id).await.done(), wanted);
    assert_eq!(bed.store.list_tokens(county.scope(), officer.id, Page::all()).await.done().items, from_ref(&wanted));

    let credential = bed.store.credential(secret.id()).await.done().expect("the token is known");
    assert_eq!((credential.token, credential.hash), (wanted.clone(), secret.hash()));
    assert_eq!((credential.person, credential.region), (officer.clone(), county.region.clone()));
    let grants = bed.store.list_role_grants(county.scope(), officer.id, Page::all()).await.done().items;
    assert_eq!((credential.grants.len(), credential.grants), (1, grants));
    assert!(bed.store.credential("0123456789ab").await.done().is_none(), "a stranger's token is nobody's");

    bed.clock.set(at("2022-01-05T10:01:00.000002Z"));
    bed.store.token_used(county.scope(), wanted.id, bed.now()).await.done();
    wanted.last_used_at = Some(bed.now());
    assert_eq!(bed.store.get_token(county.scope(), wanted.id).await.done(), wanted);

    bed.clock.advance(TimeDelta::hours(1));
    wanted.revoked_at = Some(bed.now());
    assert_eq!(bed.store.revoke_token(county.scope(), &bed.by_schedule(), wanted.id).await.done(), wanted);
    bed.clock.advance(TimeDelta::hours(1));
    assert_eq!(bed.store.revoke_token(county.scope(), &bed.by_schedule(), wanted.id).await.done(), wanted, "once taken away it stays so");
    assert_eq!(bed.store.credential(secret.id()).await.done().expect("the token is known").token, wanted);
}

pub(crate) async fn a_narrow_token_keeps_how_narrow_it_is(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, officer) = (county.scope(), &county.officers[0]);
    let roles = [
        None,
        Some(Role::Administrator),
        Some(Role::Editor(county.committee.id)),
        Some(Role::Approver(county.committee.id)),
        Some(Role::Officer(county.partnerships[0].id)),
        Some(Role::Lead(county.partnerships[1].id)),
    ];
    for role in roles {
        for (kind, reading) in [(TokenKind::Person, true), (TokenKind::Machine, false)] {
            if kind == TokenKind::Machine && role.is_none() {
                continue;
            }
            let wanted = TokenScope { role, reading };
            let new = NewToken { kind, scope: wanted, ..bed.new_token(officer).0 };
            let made = bed.store.create_token(scope, &bed.by_schedule(), new).await.done();
            assert_eq!((made.kind, made.scope), (kind, wanted));
            let read = bed.store.credential(&made.public_id).await.done().expect("the token is known").token;
            assert_eq!(read, made);
        }
    }
}

pub(crate) async fn a_rotated_token_has_two_secrets_and_never_three(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, officer) = (county.scope(), &county.officers[0]);
    let (token, first) = bed.token(scope, officer).await;
    let second = Secret::rotate(token.kind, &token.public_id, &*bed.chance);
    let third = Secret::rotate(token.kind, &token.public_id, &*bed.chance);
    let rotate = async |secret: &Secret, until: &str| {
        let expires_at = bed.now() + Token::DEFAULT_LIFE;
        bed.store.rotate_token(scope, &bed.by_schedule(), token.id, secret.hash(), expires_at, at(until)).await
    };
    let known = async || {
        let found = bed.store.credential(&token.public_id).await.done().expect("the token is known");
        (found.hash, found.previous)
    };
    bed.clock.advance(TimeDelta::days(180));
    let rotated = rotate(&second, "2022-07-11T00:00:00Z").await.done();
    assert_eq!((rotated.expires_at, rotated.previous_until), (bed.now() + Token::DEFAULT_LIFE, Some(at("2022-07-11T00:00:00Z"))));
    assert_eq!(known().await, (second.hash(), Some(first.hash())));
    let rotated = rotate(&third, "2024-01-01T00:00:00Z").await.done();
    assert_eq!(known().await, (third.hash(), Some(second.hash())), "the first is forgotten");
    let before = bed.now() + Token::DEFAULT_LIFE;
    assert_eq!(rotated.previous_until, Some(before), "a secret does not outlive the end it had");

    let gone = bed.store.revoke_token(scope, &bed.by_schedule(), token.id).await.done();
    assert_eq!((gone.previous_until, known().await), (None, (third.hash(), None)));
    let refused = rotate(&first, "2022-07-11T00:00:00Z").await;
    assert!(matches!(refused, Err(csp_store::StoreError::Refused(csp_store::Refusal::TokenEnded))), "{refused:?}");
}

pub(crate) async fn a_token_that_ends_soon_is_listed_until_its_owner_was_told(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (scope, officer) = (county.scope(), &county.officers[0]);
    let ending = async |days| bed.store.tokens_ending(bed.now(), bed.now() + TimeDelta::days(days)).await.done();
    let (token, _) = bed.token(scope, officer).await;
    let (other, _) = bed.token(scope, officer).await;
    bed.store.revoke_token(scope, &bed.by_schedule(), other.id).await.done();
    assert_eq!(ending(30).await, []);
    let listed = ending(200).await;
    let row = listed.iter().find(|row| row.token == token.id).expect("it ends within 200 days");
    assert_eq!((row.region, row.person, row.expires_at, row.warned), (county.region.id, officer.id, token.expires_at, None));
    assert!(listed.iter().all(|row| row.token != other.id), "what was taken away ends no more");
    bed.clock.advance(TimeDelta::days(201));
    assert!(ending(30).await.iter().all(|row| row.token != token.id), "it has ended");
}
