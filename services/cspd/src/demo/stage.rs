//! Where the demonstration takes place: a folder, a real server on a free port, and a clock that is moved by hand.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use csp_domain::{
    Instant,
    chance::{SharedChance, SystemChance},
    clock::{Clock as _, ManualClock, SharedClock},
};
use csp_scheduler::Scheduler;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::transport::{Channel, Endpoint};

use super::caller::Caller;
use crate::{
    Failure, ServeError, Server,
    commands::init,
    config::{Config, Sources},
    failure::with_causes,
    server,
};

/// The files a demonstration leaves; by the last one it knows a folder of its own again.
const DIGEST_HTML: &str = "digest.html";
const DIGEST_TEXT: &str = "digest.txt";
const MAIL: &str = "mail";
const SUMMARY: &str = "summary.json";

/// A folder for what there is to see.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// `chosen`, emptied of what an earlier demonstration left there; or a new one.
    pub(super) fn prepare(chosen: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(path) = chosen else {
            let made = tempfile::Builder::new().prefix("csp-demo-").tempdir();
            return made
                .map(|folder| Self(folder.keep()))
                .map_err(|error| Failure::new("there is no folder for temporary files").because(&error));
        };
        let folder = Self(path);
        folder.clear().map_err(|error| Failure::new(format!("the folder {} cannot be used", folder.0.display())).because(&error))?;
        Ok(folder)
    }

    fn clear(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let empty = fs::read_dir(&self.0)?.next().is_none();
        if empty {
            return Ok(());
        }
        if !self.summary().exists() {
            return Err(io::Error::other("it is not empty, and what is in it is not from a demonstration; choose another"));
        }
        for file in [self.html(), self.text(), self.summary()] {
            gone(fs::remove_file(file))?;
        }
        for folder in [self.mail(), self.tokens(), self.files()] {
            gone(fs::remove_dir_all(folder))?;
        }
        Ok(())
    }

    pub(super) fn html(&self) -> PathBuf {
        self.0.join(DIGEST_HTML)
    }

    pub(super) fn text(&self) -> PathBuf {
        self.0.join(DIGEST_TEXT)
    }

    pub(super) fn mail(&self) -> PathBuf {
        self.0.join(MAIL)
    }

    pub(super) fn summary(&self) -> PathBuf {
        self.0.join(SUMMARY)
    }

    /// Token files, for trying the client.
    pub(super) fn tokens(&self) -> PathBuf {
        self.0.join("tokens")
    }

    /// What the partnerships sent in, for trying the client.
    pub(super) fn files(&self) -> PathBuf {
        self.0.join("files")
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes a file, and the folder it is in.
pub(super) fn write(path: &Path, data: impl AsRef<[u8]>) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, data));
    written.map_err(|error| Failure::new(format!("{} could not be written", path.display())).because(&error))
}

/// The server, and the hands of its clock.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    pub(super) channel: Channel,
    /// Whoever runs the service, as `cspd init` makes them.
    pub(super) founder: Caller,
    clock: ManualClock,
    scheduler: Scheduler,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), ServeError>>,
    /// The database; gone with the stage.
    _database: TempDir,
}

impl Stage {
    /// Sets up a server as anybody would, but with its clock at `start`.
    pub(super) async fn set(folder: &Folder, start: Instant) -> Result<Self, Failure> {
        let database = tempfile::tempdir().map_err(|error| Failure::new("there is no folder for temporary files").because(&error))?;
        let config = config(database.path(), folder)?;
        let clock = ManualClock::new(start);
        let (shared_clock, chance): (SharedClock, SharedChance) = (Arc::new(clock.clone()), Arc::new(SystemChance));

        let store = server::open_store(&config.database, chance.clone()).await?;
        let founder = init::NewAdministrator::new("Service Administrator", "service@example.org")?;
        let secret = init::make(&store, founder, false, shared_clock.as_ref(), chance.as_ref()).await?;
        store.close().await;

        let address = config.listen.api;
        let server = Server::open(config, shared_clock, chance).await?;
        let scheduler = server.scheduler().clone();
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Bind { setting: "listen.api", address, source })?;
        let address = listener.local_addr().map_err(|source| ServeError::Bind { setting: "listen.api", address, source })?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(server.run(listener, async {
            // Dropped is told, too.
            let _ = stopped.await;
        }));
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| Failure::new("the server's address is none").because(&error))?
            .tcp_nodelay(true)
            .connect()
            .await
            .map_err(|error| Failure::new("the server does not answer").because(&error))?;
        let founder = Caller::new(&channel, secret.reveal())?;
        Ok(Self { address, channel, founder, clock, scheduler, stop, server, _database: database })
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Puts the clock to `instant` and lets the schedule look at it, which it would do by itself a second later.
    pub(super) async fn move_to(&self, instant: Instant) -> Result<(), Failure> {
        self.clock.set(instant);
        self.ring().await
    }

    /// Lets the schedule look at the clock, and the courier at the post.
    pub(super) async fn ring(&self) -> Result<(), Failure> {
        let broke = |error: csp_scheduler::ScheduleError| Failure::new(format!("the schedule broke: {}", with_causes(&error)));
        let tick = self.scheduler.tick().await.map_err(broke)?;
        if tick.failed > 0 {
            return Err(Failure::new("something that was due could not be done; the log says what"));
        }
        self.scheduler.deliver().await.map_err(broke)?;
        Ok(())
    }

    /// From now on the clock goes by itself.
    pub(super) fn let_time_pass(&self) -> JoinHandle<()> {
        let clock = self.clock.clone();
        tokio::spawn(async move {
            let mut second = tokio::time::interval(std::time::Duration::from_secs(1));
            // The first one comes at once.
            second.tick().await;
            loop {
                second.tick().await;
                clock.advance(chrono::TimeDelta::seconds(1));
            }
        })
    }

    /// What the schedule will do next, and when; none when nothing lies ahead.
    pub(super) async fn next_event(&self) -> Option<csp_scheduler::DueLine> {
        let now = self.now();
        self.scheduler.due().await.ok()?.into_iter().find(|line| line.due_at > now)
    }

    /// Clears the stage: the server stops as any server does.
    pub(super) async fn clear(self) -> Result<(), Failure> {
        let Self { channel, founder, stop, server, _database: database, .. } = self;
        drop((channel, founder));
        let _ = stop.send(());
        server.await.map_err(|error| Failure::new("the server broke").because(&error))??;
        database.close().map_err(|error| Failure::new("the database could not be removed").because(&error))
    }
}

/// The settings of any server, but for its folders, a free port and a schedule that does not keep a reader waiting.
fn config(database: &Path, folder: &Folder) -> Result<Config, Failure> {
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| Failure::new(format!("{} is not text", path.display())));
    let variables = [
        ("CSPD_DATA_DIRECTORY", text(database)?),
        ("CSPD_MAIL__FOLDER", text(&folder.mail())?),
        ("CSPD_MAIL__FROM_NAME", "CSP Digest (demonstration)".to_owned()),
        ("CSPD_LISTEN__API", "127.0.0.1:0".to_owned()),
        ("CSPD_SCHEDULER__EVERY_SECONDS", "1".to_owned()),
        // A whole quarter's requests come while the clock stands.
        ("CSPD_LIMITS__TENANT_BURST", "10000".to_owned()),
    ];
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Config::load(&Sources::new(None, variables))?)
}
