//! The way back: what is refused, what is checked, and what does not go out by itself afterwards.

use std::{os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};

use csp_domain::{
    Chance as _,
    chance::SeededChance,
    digest::DigestState,
    message::{MessageKind, MessageState},
};
use csp_store::{BackupError, Engine, Lock, MessageFilter, OpenError, Page, Restored, Restoring, Store, backup, restore, verify_backup};
use csp_tests::{Bed, County, Ground};

use crate::backups::elsewhere;

/// A county with a paper that waits for its publication, two letters on their way, and one that arrived.
async fn county(bed: &Bed) -> County {
    let county = bed.county("northumbria").await;
    let people = [&county.members[0], &county.members[1], &county.editor];
    let letters = people.map(|person| bed.new_message(MessageKind::Notice, county.cycle.id.0, person)).to_vec();
    bed.store.queue_messages(county.scope(), &bed.by_schedule(), Bed::BODY.to_vec(), letters).await.unwrap();
    let soon = bed.now() + chrono::TimeDelta::minutes(10);
    let claimed = bed.store.claim_messages(bed.now(), soon, 2).await.unwrap();
    let taken = csp_domain::message::Outcome::Accepted { reply: "250 2.0.0 taken".to_owned() };
    assert!(bed.store.settle(&claimed[0], &bed.by_schedule(), taken).await.unwrap());
    assert!(bed.store.intend(&claimed[1], bed.now(), soon).await.unwrap());
    bed.close(&county).await;
    let digest = bed.freeze(&county, "Community Safety Partnerships update").await;
    bed.approve(&county, &digest).await;
    county
}

async fn back(ground: &Ground, file: &Path, how: Restoring, bed: &Bed) -> Result<Restored, BackupError> {
    restore(ground.settings(), file, how, bed.now(), Arc::new(SeededChance::new(78))).await
}

fn as_it_was() -> Restoring {
    Restoring { replace: None, mail_as_it_was: true }
}

/// To the last byte, if that is asked for.
async fn everything_comes_back(bed: Bed) {
    county(&bed).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("csp.tar");
    let manifest = backup(bed.settings(), &file, bed.now(), "test").await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "it is for its owner alone");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing lies beside it");
    let again = backup(bed.settings(), &file, bed.now(), "test").await;
    assert!(matches!(again, Err(BackupError::InTheWay(_))), "{again:?}");

    let ground = elsewhere(&bed).await;
    let restored = back(&ground, &file, as_it_was(), &bed).await.unwrap();
    assert_eq!((restored.manifest, restored.held, restored.unapproved, restored.kept), (manifest, 0, 0, None));
    assert_eq!(ground.raw().everything().await, bed.raw().everything().await);
}

/// What may have gone out since is held, on record, and goes again when a person says so.
async fn no_mail_leaves_by_surprise(bed: Bed) {
    let county = county(&bed).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("csp.tar");
    backup(bed.settings(), &file, bed.now(), "test").await.unwrap();
    bed.clock.set(county.cycle.timetable.publication_at + chrono::TimeDelta::days(1));
    let ground = elsewhere(&bed).await;
    let restored = back(&ground, &file, Restoring::default(), &bed).await.unwrap();
    assert_eq!((restored.held, restored.unapproved), (2, 1));

    let store = Store::open(ground.settings(), Arc::new(SeededChance::new(79))).await.unwrap();
    let claimed = store.claim_messages(bed.now(), bed.now() + chrono::TimeDelta::minutes(10), 10).await.unwrap();
    assert_eq!(claimed, [], "nothing goes by itself");
    let held = MessageFilter { matter: None, state: Some(MessageState::Held) };
    let held = store.list_messages(county.scope(), held, Page::all()).await.unwrap().items;
    let said = "restored from the backup of 12/01/2022 17:01 UTC: look before it goes again";
    assert_eq!(held.iter().map(|message| message.last_outcome.as_deref()).collect::<Vec<_>>(), [Some(said); 2]);
    let digests = store.list_digests(county.scope(), county.cycle.id).await.unwrap().items;
    assert_eq!((digests[0].state, digests[0].approved_by), (DigestState::Frozen, None));
    assert_eq!(digests[0].cooling_off, None, "what was approved before does not cool off any more");
    let deeds = store.list_audit(county.scope(), csp_store::AuditFilter::default(), Page::all()).await.unwrap().items;
    let on_record =
        |action: &str| deeds.iter().filter(|deed| deed.action == action && deed.actor.is_none() && deed.at == bed.now()).count();
    assert_eq!((on_record("held"), on_record("unapprove")), (2, 1));

    // A person has looked.
    let retried = store.retry_message(county.scope(), &bed.by(&county.administrator), held[0].id).await.unwrap();
    assert_eq!(retried.state, MessageState::Queued);
    let hashes = digests[0].hashes();
    let approved = store.approve_digest(county.scope(), &bed.by(&county.approver), county.approver.id, digests[0].id, hashes).await;
    assert_eq!(approved.unwrap().state, DigestState::Approved);
    store.close().await;
}

/// Nothing is lost by a slip.
async fn what_is_there_is_replaced_only_when_it_is_named(bed: Bed) {
    county(&bed).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("csp.tar");
    backup(bed.settings(), &file, bed.now(), "test").await.unwrap();
    let ground = elsewhere(&bed).await;
    Store::migrate(ground.settings()).await.unwrap();
    let untouched = ground.raw().everything().await;

    let Err(BackupError::NotEmpty { name }) = back(&ground, &file, as_it_was(), &bed).await else { panic!("it is not empty") };
    let other = Restoring { replace: Some("another".to_owned()), mail_as_it_was: true };
    let refused = back(&ground, &file, other, &bed).await;
    assert!(matches!(refused, Err(BackupError::OtherName { .. })), "{refused:?}");

    // Nor while a server is at work.
    let store = Store::open(ground.settings(), Arc::new(SeededChance::new(80))).await.unwrap();
    let lock = Lock::take(ground.settings()).unwrap();
    let named = Restoring { replace: Some(name), mail_as_it_was: true };
    let refused = back(&ground, &file, named.clone(), &bed).await;
    assert!(matches!(refused, Err(BackupError::InUse)), "{refused:?}");
    drop(lock);
    store.close().await;
    assert_eq!(ground.raw().everything().await, untouched);

    let restored = back(&ground, &file, named.clone(), &bed).await.unwrap();
    assert_eq!(ground.raw().everything().await, bed.raw().everything().await);
    if bed.engine() == Engine::Sqlite {
        let kept = restored.kept.expect("what was there is kept");
        let target = ground.settings().url.trim_start_matches("sqlite://").to_owned();
        assert_eq!(kept, Path::new(&format!("{target}.before-restore")));
        // A log left by a server that was killed must not be taken for one of the new file.
        for file in std::fs::read_dir(kept.parent().unwrap()).unwrap() {
            let path = file.unwrap().path();
            if path.to_string_lossy().contains(".before-restore") {
                std::fs::remove_file(path).unwrap();
            }
        }
        ground.raw().execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        for stale in ["-wal", "-shm"] {
            std::fs::write(format!("{target}{stale}"), [0x55; 4096]).unwrap();
        }
        back(&ground, &file, named, &bed).await.unwrap();
        assert!(!Path::new(&format!("{target}-wal")).exists());
        assert_eq!(ground.raw().everything().await, bed.raw().everything().await);
    }
}

/// A backup that is not what was written is refused, wherever it is hurt, and so is one of tomorrow.
async fn a_damaged_backup_is_refused(bed: Bed) {
    county(&bed).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, hurt) = (folder.path().join("csp.tar"), folder.path().join("hurt.tar"));
    let manifest = backup(bed.settings(), &file, bed.now(), "test").await.unwrap();
    let sound = std::fs::read(&file).unwrap();
    let ground = elsewhere(&bed).await;
    let (chance, flips) = (SeededChance::new(20_220_126), crate::times(40, 1000));
    let mut noticed = 0;
    for _ in 0..flips {
        let mut drawn = [0; 9];
        chance.fill(&mut drawn);
        let mut bytes = sound.clone();
        let at = usize::from_le_bytes(drawn[..8].try_into().unwrap()) % bytes.len();
        bytes[at] ^= 1 << (drawn[8] % 8);
        std::fs::write(&hurt, &bytes).unwrap();
        match verify_backup(&hurt).await {
            Err(BackupError::Damaged(_) | BackupError::Format { .. }) => noticed += 1,
            // In what fills a part up to its block, or says when it was written.
            Ok(found) => assert_eq!(found, manifest, "byte {at}"),
            Err(other) => panic!("byte {at}: {other:?}"),
        }
    }
    println!("{flips} flips in a backup of {} bytes: {noticed} noticed, the rest of no consequence", sound.len());
    assert!(noticed * 10 >= flips * 9, "almost every byte of it matters");
    for (what, bytes) in
        [("cut off", &sound[..sound.len() * 2 / 3]), ("no backup", b"not a backup, ".repeat(999).as_slice()), ("empty", b"")]
    {
        std::fs::write(&hurt, bytes).unwrap();
        let refused = back(&ground, &hurt, as_it_was(), &bed).await;
        assert!(matches!(refused, Err(BackupError::Damaged(_))), "{what}: {refused:?}");
    }
    std::fs::write(&hurt, [&sound[..sound.len() / 2], &[0x55; 64], &sound[sound.len() / 2 + 64..]].concat()).unwrap();
    let refused = back(&ground, &hurt, as_it_was(), &bed).await;
    assert!(matches!(refused, Err(BackupError::Damaged(_))), "{refused:?}");

    let other = match bed.engine() {
        Engine::Sqlite => "postgres://nobody@127.0.0.1:1/nothing".to_owned(),
        Engine::Postgres => format!("sqlite://{}", folder.path().join("other.db").display()),
    };
    let other = csp_store::Settings { url: other, migrate_url: None, connections: 1 };
    let refused = restore(&other, &file, as_it_was(), bed.now(), Arc::new(SeededChance::new(81))).await;
    assert!(matches!(refused, Err(BackupError::OtherEngine { .. })), "{refused:?}");

    bed.raw()
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
             SELECT 9999, 'of tomorrow', installed_on, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let tomorrow = folder.path().join("tomorrow.tar");
    backup(bed.settings(), &tomorrow, bed.now(), "test").await.unwrap();
    let refused = back(&ground, &tomorrow, as_it_was(), &bed).await;
    assert!(matches!(refused, Err(BackupError::Open(OpenError::Ahead { found: 9999, .. }))), "{refused:?}");
    // After all that, the place is as empty as it was.
    back(&ground, &file, as_it_was(), &bed).await.unwrap();
}

macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(csp_tests::Bed::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(bed) = csp_tests::Bed::postgres().await {
                    super::$name(bed).await;
                }
            })*
        }
    };
}

on_both_engines! {
    everything_comes_back
    no_mail_leaves_by_surprise
    what_is_there_is_replaced_only_when_it_is_named
    a_damaged_backup_is_refused
}
