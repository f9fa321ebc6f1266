//! Where the server is, who asks, and in which region: from options, the environment and what `csp login` kept, in
//! that order. The token lies in a file of its own that only its owner may read, and never prints.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{cli::Common, error::Error, terminal::Terminal};

/// A token. Not shown by `{:?}`, and there is no `{}`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A token as read from a file, a pipe or the environment.
    pub(crate) fn new(text: &str, from: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::usage(format!("There is no token in {from}.")));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Error::usage(format!("What is in {from} is not a token: a token is one word of letters, digits and signs.")));
        }
        Ok(Self(text.to_owned()))
    }

    /// What is sent, and nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `config.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// `https://csp.example.gov.uk`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    /// `northumbria`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
    /// The region's, for printing times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    /// A certificate authority of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
}

impl Config {
    /// Reads a file's text.
    pub(crate) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// The folder where `csp` keeps what it knows.
#[derive(Debug, Clone)]
pub(crate) struct Home(PathBuf);

impl Home {
    /// `CSP_CONFIG_DIR`, or `csp` in the user's own configuration folder.
    pub(crate) fn find(terminal: &Terminal) -> Result<Self, Error> {
        if let Some(folder) = terminal.variable("CSP_CONFIG_DIR") {
            return Ok(Self(folder.into()));
        }
        dirs::config_dir()
            .map(|folder| Self(folder.join("csp")))
            .ok_or_else(|| Error::usage("There is no folder for settings on this computer. Name one in the variable CSP_CONFIG_DIR."))
    }

    fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    pub(crate) fn token_file(&self) -> PathBuf {
        self.0.join("token")
    }

    /// What is kept. Nothing yet is an empty [`Config`].
    pub(crate) fn load(&self) -> Result<Config, Error> {
        let file = self.config_file();
        match fs::read_to_string(&file) {
            Ok(text) => Config::read(&text).map_err(|fault| {
                Error::usage(format!("{} cannot be read: {}.", file.display(), fault.message()))
                    .hint("Mend it, or delete it and log in again: csp login --server https://…")
            }),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
            Err(fault) => Err(Error::unexpected(format!("{} cannot be read: {fault}.", file.display()))),
        }
    }

    /// Keeps the settings and the token.
    pub(crate) fn save(&self, config: &Config, token: &Secret) -> Result<(), Error> {
        let text = toml::to_string(config).map_err(|fault| Error::unexpected(format!("The settings cannot be written: {fault}.")))?;
        make_private_folder(&self.0).map_err(|fault| cannot_write(&self.0, &fault))?;
        // Cut short at any point, this leaves no token beside the address of a server it is not for.
        self.forget()?;
        write_private(&self.config_file(), text.as_bytes())?;
        write_private(&self.token_file(), format!("{}\n", token.reveal()).as_bytes())
    }

    /// Puts a new secret in the place of the old one, whole or not at all.
    pub(crate) fn replace_token(&self, token: &Secret) -> Result<(), Error> {
        write_private(&self.token_file(), format!("{}\n", token.reveal()).as_bytes())
    }

    /// Forgets the token. Says whether there was one.
    pub(crate) fn forget(&self) -> Result<bool, Error> {
        match fs::remove_file(self.token_file()) {
            Ok(()) => Ok(true),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(fault) => Err(cannot_write(&self.token_file(), &fault)),
        }
    }
}

fn cannot_write(path: &Path, fault: &io::Error) -> Error {
    Error::unexpected(format!("{} cannot be written: {fault}.", path.display()))
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(file: &Path, data: &[u8]) -> Result<(), Error> {
    let fresh = file.with_extension("new");
    let write = || -> io::Result<()> {
        match fs::remove_file(&fresh) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut stream = options.open(&fresh)?;
        stream.write_all(data)?;
        stream.sync_all()?;
        fs::rename(&fresh, file)
    };
    write().map_err(|fault| cannot_write(file, &fault))
}

/// What one run goes by.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) server: Option<String>,
    pub(crate) token: Option<Secret>,
    /// Whether the token is the one that `csp login` kept.
    pub(crate) token_is_kept: bool,
    /// Chosen by option or environment, or else kept with the token that is used.
    pub(crate) region: Option<String>,
    /// It was chosen now, and is not merely that of the token's owner.
    pub(crate) region_is_chosen: bool,
    /// Kept with the token that is used.
    pub(crate) time_zone: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) insecure_plaintext: bool,
}

impl Settings {
    /// Options beat the environment, the environment beats what was kept.
    pub(crate) fn gather(common: &Common, terminal: &mut Terminal) -> Result<Self, Error> {
        let chosen = |option: &Option<String>, variable: &str| option.clone().or_else(|| terminal.variable(variable).map(str::to_owned));
        let server = chosen(&common.server, "CSP_SERVER").map(|server| server.trim().trim_end_matches('/').to_owned());
        let region = chosen(&common.region, "CSP_REGION");
        let given = match (&common.token_file, terminal.variable("CSP_TOKEN")) {
            (Some(file), _) => Some(read_token(file)?),
            (None, Some(token)) => Some(Secret::new(token, "the variable CSP_TOKEN")?),
            (None, None) => None,
        };

        let home = Home::find(terminal);
        let kept = home.as_ref().map_or_else(|_| Ok(Config::default()), Home::load)?;
        // A kept token is for the server it came from, and goes to no other.
        let same_server = server.is_none() || server == kept.server;
        let kept_token = match &home {
            Ok(home) if given.is_none() && same_server && home.token_file().exists() => {
                warn_if_others_can_read(&home.token_file(), terminal);
                Some(read_token(&home.token_file())?)
            }
            _ => None,
        };
        // Region and time zone were kept for the person whose token it is.
        let own = kept_token.is_some();
        Ok(Self {
            ca_file: common.ca_file.clone().or_else(|| kept.ca_file.clone().filter(|_| same_server)),
            server: server.or(kept.server),
            token: given.or(kept_token),
            token_is_kept: own,
            time_zone: kept.time_zone.filter(|_| own && region.is_none()),
            region_is_chosen: region.is_some(),
            region: region.or(kept.region.filter(|_| own)),
            insecure_plaintext: common.insecure_plaintext,
        })
    }

    /// What to say to somebody who is not logged in.
    pub(crate) fn not_logged_in(&self) -> Error {
        use crate::error::Kind;
        match &self.server {
            None => Error::new(Kind::NotAllowed, "You are not logged in.")
                .hint("Log in with the address and the token your administrator gave you:")
                .hint("  csp login --server https://csp.example.gov.uk"),
            Some(server) => Error::new(Kind::NotAllowed, format!("You are not logged in to {server}."))
                .hint("Log in with the token your administrator gave you:")
                .hint(format!("  csp login --server {server}")),
        }
    }
}

fn read_token(file: &Path) -> Result<Secret, Error> {
    let text =
        fs::read_to_string(file).map_err(|fault| Error::usage(format!("The token file {} cannot be read: {fault}.", file.display())))?;
    Secret::new(&text, &file.display().to_string())
}

#[cfg(unix)]
fn warn_if_others_can_read(file: &Path, terminal: &mut Terminal) {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
        terminal.say(format!("Warning: others on this computer can read your token. Close it to them: chmod 600 {}", file.display()));
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_: &Path, _: &mut Terminal) {}
