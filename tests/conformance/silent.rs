//! A database that says nothing any more: its machine is gone, or a cable was cut, and nobody closed the connections.

use std::{path::PathBuf, str::FromStr as _, sync::Arc, time::Duration};

use csp_store::{Settings, Store, StoreError};
use csp_tests::Bed;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpStream, UnixListener, UnixStream},
    sync::watch,
    time::timeout,
};

use crate::verdict::Verdict as _;

/// Longer than the store waits for any answer.
const GIVEN_UP: Duration = Duration::from_secs(20);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Stands between a store and its server. What was connected when it fell silent stays connected, and silent.
struct Between {
    silent: watch::Sender<bool>,
    settings: Settings,
    _folder: TempDir,
}

impl Between {
    fn and(settings: &Settings) -> Self {
        let folder = TempDir::new().expect("there is room for a temporary folder");
        let there = PgConnectOptions::from_str(&settings.url).expect("the bed's address reads");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket can be made");
        let here = there.clone().socket(folder.path()).port(5432).to_url_lossy().to_string();
        let silent = watch::Sender::new(false);
        let state = silent.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (there, mut state) = (there.clone(), state.clone());
                tokio::spawn(async move {
                    let (mut client, mut server) = (client, to(&there).await);
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        () = async { drop(state.wait_for(|silent| *silent).await) } => std::future::pending::<()>().await,
                    }
                });
            }
        });
        Self { silent, settings: Settings { url: here, ..settings.clone() }, _folder: folder }
    }
}

async fn to(there: &PgConnectOptions) -> Box<dyn Stream> {
    match there.get_socket() {
        Some(folder) => {
            let socket: PathBuf = folder.join(format!(".s.PGSQL.{}", there.get_port()));
            Box::new(UnixStream::connect(socket).await.expect("the server listens"))
        }
        None => Box::new(TcpStream::connect((there.get_host(), there.get_port())).await.expect("the server listens")),
    }
}

fn is_unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

pub(crate) async fn a_database_that_falls_silent_is_given_up_and_taken_up_again(bed: &Bed) {
    let county = bed.county("northumbria").await;
    let (_, secret) = bed.token(county.scope(), &county.editor).await;
    let between = Between::and(bed.settings());
    let store = Store::open(&between.settings, Arc::new(csp_domain::chance::SeededChance::new(4))).await.expect("the database opens");
    for _ in 0..2 {
        store.recognise(secret.id()).await.done().expect("the token is known");
    }
    // Several connections rest.
    let units: Vec<_> = (0..4)
        .map(|_| {
            let (store, scope) = (store.clone(), county.scope());
            async move { store.get_region(scope).await }
        })
        .collect();
    for found in crate::verdict::at_once(units).await {
        found.done();
    }

    between.silent.send_replace(true);
    let (look, unit) = tokio::join!(timeout(GIVEN_UP, store.recognise(secret.id())), timeout(GIVEN_UP, store.get_region(county.scope())),);
    assert!(is_unavailable(look.expect("nobody waits for ever")), "what is remembered is not used while nobody says that it still holds");
    assert!(is_unavailable(unit.expect("nobody waits for ever")));

    // Whoever comes next is not sent to a connection that is still silent: it would be told that the store is unavailable.
    between.silent.send_replace(false);
    let again = timeout(GIVEN_UP, store.recognise(secret.id())).await;
    again.expect("what rested was given up").done().expect("the token is known");
    timeout(GIVEN_UP, store.get_region(county.scope())).await.expect("what rested was given up").done();
    store.close().await;
}
