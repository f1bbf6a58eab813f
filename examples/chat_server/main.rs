//! A small but real chat server with Jackfield plugged in.
//!
//! ```text
//! cargo run --example chat_server
//! ```
//!
//! Users, teams, channels and posts are this program's own; webhooks, bots and access tokens are Jackfield's. What a
//! host must write for that is in two files: `directory.rs` answers questions, `post_sink.rs` makes posts. `calls.rs`
//! tells of the posts that people make, and `plug.rs` puts it all and a storage together. Everything else is what any
//! chat server has in some form: tables, routes, websockets.

mod account_effects;
mod activity;
mod ambient;
mod app;
mod attachments;
mod audit;
mod blobs;
mod caller;
mod calls;
mod commands;
mod demo;
mod direct;
mod directory;
mod envelope;
mod errors;
mod known;
mod known_settings;
mod live;
mod membership;
mod mime;
mod options;
mod page;
mod passwords;
mod permissions;
mod pictures;
mod plug;
mod post_sink;
mod posting;
mod presence;
mod profile;
mod properties;
mod routes;
mod schema;
mod serve;
mod settings;
mod store;
mod tables;
mod view;

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod call_tests;
#[cfg(test)]
mod channel_tests;
#[cfg(test)]
mod tests;

use std::env::args;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::app::{App, Parts, Server};
use crate::audit::AuditTrail;
use crate::calls::Socket;
use crate::errors::Failure;
use crate::live::hub::Hub;
use crate::options::{Command, Data, Options, USAGE};
use crate::page::SpentForms;
use crate::permissions::Roles;
use crate::serve::Limits;
use crate::settings::{Live, Origin, Settings};
use crate::store::Store;
use crate::tables::kept;

fn main() -> ExitCode {
    let done = match Command::parse(args()) {
        Ok(Command::Help) => {
            println!("{USAGE}");
            Ok(())
        }
        Ok(Command::Serve(options)) => run(options),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat_server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(options))
}

/// Serves until a signal comes, then finishes what was accepted.
async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    let address = listener.local_addr()?;
    let server = open(&options, address).await.map_err(|error| match &options.data {
        Data::Folder(folder) => format!("cannot keep data in {}: {error}", folder.display()),
        Data::Memory => error.to_string(),
    })?;
    let router = routes::router(server.clone()).merge(page::router(server.clone()));
    let router = plug::router(router, server.api.clone());
    println!("listening on http://{address}");
    if !address.ip().is_loopback() {
        println!("this address can be reached from other machines, and nothing is encrypted");
    }
    // Calls of outgoing webhooks are made beside requests, on as many tasks of ours as we like: here it is one.
    let (halt, halted) = oneshot::channel::<()>();
    let engine = server.api.engine().clone();
    let calling = tokio::spawn(async move {
        let until = async {
            let _ = halted.await;
        };
        engine.run(until).await;
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits { patience: options.patience, ..Limits::default() };
    let serving = tokio::spawn(serve::serve(listener, router, limits, async {
        let _ = stopped.await;
    }));
    if !options.empty {
        demo::introduce(&server).await?;
    }
    wait_for_signal().await?;
    println!("stopping");
    server.app.hub.close();
    let _ = stop.send(());
    let finished = timeout(LONGEST_STOP, async {
        let served = serving.await;
        server.app.hub.closed().await;
        served
    });
    let finished = finished.await;
    let _ = halt.send(());
    match timeout(LONGEST_STOP, calling).await {
        Ok(called) => called?,
        Err(_) => eprintln!("some calls of webhooks were cut short; they are made again when the server is back"),
    }
    if let Err(fault) = server.api.engine().flush().await {
        eprintln!("when tokens were last used is not written down: {fault}");
    }
    server.app.engine.pull_out();
    match finished {
        Ok(served) => Ok(served?),
        Err(_) => Err("some requests did not finish in time".into()),
    }
}

/// Opens the store and puts the server together.
async fn open(options: &Options, address: SocketAddr) -> Result<Server, Failure> {
    let store = Store::open(&options.data, options.synchronous)?;
    let given = options.site_url.clone();
    let knows_site_url = given.is_some();
    let (roles, knew_site_url, changed) = store
        .write(move |connection| {
            let roles = Roles::load(connection)?;
            kept::put_new(connection, "site_url_was_known", &json!(knows_site_url))?;
            let knew_site_url = kept::find(connection, "site_url_was_known")? == Some(json!(true));
            Ok((roles, knew_site_url, kept::find(connection, "settings")?))
        })
        .await?;
    let changed = match changed {
        Some(Value::Object(changed)) => changed,
        _ => Map::new(),
    };
    let site_url = given.unwrap_or_else(|| format!("http://{address}"));
    let settings = Live::new(Settings::new(Origin { knew_site_url, site_url }, changed));
    let offers_demo = !options.empty && address.ip().is_loopback();
    let app = App::new(Parts {
        audit: AuditTrail::default(),
        engine: Socket::default(),
        hub: Hub::new(),
        offers_demo,
        roles,
        settings,
        spent_forms: SpentForms::default(),
        store,
    });
    let api = plug::start(&app, &options.data).await?;
    Ok(Server { api, app })
}

async fn wait_for_signal() -> Result<(), std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

/// How long requests that were accepted may take after the signal, and then calls that are under way.
const LONGEST_STOP: Duration = Duration::from_secs(15);
