//! What the command line says.

use std::env::{Args, current_exe};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use jackfield::adapter::sqlite::Synchronous;
use thiserror::Error;

use crate::serve::Limits;

/// How the server is to run.
#[derive(Debug)]
pub(crate) struct Options {
    /// Where everything is kept.
    pub(crate) data: Data,
    /// Whether to start without demo accounts.
    pub(crate) empty: bool,
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// How long a sender may take.
    pub(crate) patience: Duration,
    /// How the world reaches it, if that is not where it listens; no slash at its end.
    pub(crate) site_url: Option<String>,
    /// When a message counts as stored.
    pub(crate) synchronous: Synchronous,
}

/// Where everything is kept.
#[derive(Debug)]
pub(crate) enum Data {
    /// In a folder, which is made if it is not there.
    Folder(PathBuf),
    /// Nowhere: all is gone when the server stops.
    Memory,
}

/// What follows the program's name.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print how to use it.
    Help,
    /// Run.
    Serve(Options),
}

/// The command line makes no sense.
#[derive(Debug, Error)]
pub(crate) enum InvalidOptions {
    /// The address is none.
    #[error("`{0}` is no address such as 127.0.0.1:8065")]
    Address(String),
    /// An option came last that needs a value.
    #[error("`{0}` needs a value")]
    NoValue(String),
    /// The time is no number of seconds, or none at all.
    #[error("`{0}` is no number of seconds such as 10")]
    Patience(String),
    /// The site URL has no scheme.
    #[error("`{0}` is no address such as https://chat.example.com")]
    SiteUrl(String),
    /// There is no such meaning of "stored".
    #[error("`{0}` is neither `normal` nor `full`")]
    Synchronous(String),
    /// There is no such option.
    #[error("there is no option `{0}`; try --help")]
    Unknown(String),
}

/// How to use the program.
pub(crate) const USAGE: &str = "\
A small chat server with incoming and outgoing webhooks.

  chat_server [OPTIONS]

  --listen ADDR     where to listen (127.0.0.1:8065)
  --data DIR        where to keep everything; `:memory:` keeps nothing (a folder beside the build output)
  --empty           start without demo accounts: the first account becomes the administrator
  --patience SECS   how long a request's head may take to arrive, then its body, and its answer to be read (10)
  --site-url URL    how the world reaches this server (http:// and the address)
  --synchronous HOW when a message is stored: `normal`, when the system has it; `full`, when the disk has it (normal)
  --help            print this";

impl Command {
    /// Reads the command line.
    pub(crate) fn parse(args: Args) -> Result<Self, InvalidOptions> {
        let mut options = Options {
            data: default_folder(),
            empty: false,
            listen: address("127.0.0.1:8065")?,
            patience: Limits::default().patience,
            site_url: None,
            synchronous: Synchronous::Normal,
        };
        let mut args = args.skip(1);
        while let Some(name) = args.next() {
            let mut value = || args.next().ok_or_else(|| InvalidOptions::NoValue(name.clone()));
            match name.as_str() {
                "--data" => options.data = folder(value()?),
                "--empty" => options.empty = true,
                "--help" | "-h" => return Ok(Self::Help),
                "--listen" => options.listen = address(&value()?)?,
                "--patience" => options.patience = patience(value()?)?,
                "--site-url" => options.site_url = Some(site_url(value()?)?),
                "--synchronous" => options.synchronous = synchronous(value()?)?,
                _ => return Err(InvalidOptions::Unknown(name)),
            }
        }
        Ok(Self::Serve(options))
    }
}

fn address(text: &str) -> Result<SocketAddr, InvalidOptions> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| InvalidOptions::Address(text.to_owned()))
}

fn folder(text: String) -> Data {
    if text == ":memory:" { Data::Memory } else { Data::Folder(text.into()) }
}

fn patience(text: String) -> Result<Duration, InvalidOptions> {
    match text.parse().map(Duration::from_secs) {
        Ok(patience) if !patience.is_zero() => Ok(patience),
        _ => Err(InvalidOptions::Patience(text)),
    }
}

fn site_url(text: String) -> Result<String, InvalidOptions> {
    match url::Url::parse(&text) {
        Ok(url) if url.has_host() => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(InvalidOptions::SiteUrl(text)),
    }
}

fn synchronous(text: String) -> Result<Synchronous, InvalidOptions> {
    match text.as_str() {
        "full" => Ok(Synchronous::Full),
        "normal" => Ok(Synchronous::Normal),
        _ => Err(InvalidOptions::Synchronous(text)),
    }
}

/// `target/debug/examples/chat_server` keeps its data in `target/debug/chat_server-data`.
fn default_folder() -> Data {
    let executable = current_exe().unwrap_or_default();
    let beside = executable.parent().and_then(|folder| folder.parent()).map(PathBuf::from).unwrap_or_default();
    Data::Folder(beside.join("chat_server-data"))
}
