//! Where Jackfield is plugged in: a storage, the two ports of this server, its settings and its key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{from_fn_with_state, map_request};
use jackfield::adapter::axum::guard;
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::api::{Api, PeerAddress};
use jackfield::engine::{self, Engine, Ports};
use jackfield::port::{Observation, Observer};
use jackfield::security::MasterKey;

use crate::ambient::{now, random};
use crate::app::App;
use crate::audit::Entry;
use crate::commands;
use crate::errors::Failure;
use crate::options::Data;
use crate::settings::Settings;

/// Starts the engine. What is not the chat server's own goes to the API that is returned.
pub(crate) async fn start(app: &App, data: &Data) -> Result<Api, Failure> {
    let host = Arc::new(app.clone());
    let client = HyperClient::new(HyperOptions::default()).map_err(Failure::broken)?;
    let ports = Ports::new(app.store.storage(), host.clone(), host).with_http(Arc::new(client));
    let ports = ports.with_observer(Arc::new(Log(app.clone())));
    let keys = match data {
        Data::Folder(folder) => vec![master_key(&folder.join("master.key")).map_err(Failure::broken)?],
        Data::Memory => Vec::new(), // the engine makes one that is gone with the records
    };
    let engine = Engine::start(ports, settings(&app.settings.now(), keys)).await.map_err(Failure::broken)?;
    app.engine.plug_in(engine.clone());
    commands::register(app, &engine, &app.settings.now())?;
    Ok(Api::new(engine))
}

/// The whole server: the host's own routes, and Jackfield's for all else. In front of both stands the guard, and before
/// it every request learns where it comes from.
pub(crate) fn router(own: Router, api: Api) -> Router {
    let tell = async |ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request| {
        request.extensions_mut().insert(PeerAddress(peer.ip()));
        request
    };
    let whole = own.fallback_service(jackfield::adapter::axum::router(api.clone()));
    // Not a layer of the routes themselves: those would add the methods that a path takes to the guard's answers.
    Router::new().fallback_service(whole).layer(from_fn_with_state(api, guard)).layer(map_request(tell))
}

/// The chat server's settings as Jackfield takes them.
pub(crate) fn settings(ours: &Settings, keys: Vec<MasterKey>) -> engine::Settings {
    let flag = |key| ours.flag("ServiceSettings", key);
    let number = |key| usize::try_from(ours.number("ServiceSettings", key)).unwrap_or_default();
    let seconds = |key| Duration::from_secs(u64::try_from(ours.number("ServiceSettings", key)).unwrap_or_default());
    let limit = |key| u32::try_from(ours.number("RateLimitSettings", key)).unwrap_or_default();
    let header = |name: &str| name.to_ascii_lowercase().parse().ok();
    let mut settings = engine::Settings::default();
    settings.bots.creation_enabled = flag("EnableBotAccountCreation");
    settings.bots.disable_when_owner_is_deactivated = flag("DisableBotsWhenOwnerIsDeactivated");
    settings.commands.enabled = flag("EnableCommands");
    ours.text("SupportSettings", "HelpLink").clone_into(&mut settings.commands.help_link);
    if !ours.flag("TeamSettings", "EnableCustomUserStatuses") {
        settings.commands.not_offered.push("status".to_owned());
    }
    settings.commands.slack_signatures = ours.flag("JackfieldSettings", "SlackSignatures");
    settings.cors.allow_credentials = flag("CorsAllowCredentials");
    settings.cors.allow_from = ours.text("ServiceSettings", "AllowCorsFrom").to_owned();
    settings.cors.exposed_headers = ours.text("ServiceSettings", "CorsExposedHeaders").to_owned();
    ours.text("ServiceSettings", "AllowedUntrustedInternalConnections")
        .clone_into(&mut settings.egress.allowed_internal);
    settings.egress.insecure = flag("EnableInsecureOutgoingConnections");
    settings.hardened_mode = flag("ExperimentalEnableHardenedMode");
    settings.incoming.enabled = flag("EnableIncomingWebhooks");
    settings.incoming.persistent_notification_max_recipients = number("PersistentNotificationMaxRecipients");
    settings.integration_timeout = seconds("OutgoingIntegrationRequestsTimeout");
    settings.keys = keys;
    settings.maximum_payload_bytes = number("MaximumPayloadSizeBytes");
    settings.maximum_url_bytes = number("MaximumURLLength");
    settings.outgoing.enabled = flag("EnableOutgoingWebhooks");
    settings.overrides.icon = flag("EnablePostIconOverride");
    settings.overrides.username = flag("EnablePostUsernameOverride");
    settings.rate_limit.enabled = ours.flag("RateLimitSettings", "Enable");
    settings.rate_limit.max_burst = limit("MaxBurst");
    settings.rate_limit.memory_store_size = usize::try_from(limit("MemoryStoreSize")).unwrap_or_default();
    settings.rate_limit.per_second = limit("PerSec");
    settings.rate_limit.vary_by_header = header(ours.text("RateLimitSettings", "VaryByHeader"));
    settings.rate_limit.vary_by_remote_address = ours.flag("RateLimitSettings", "VaryByRemoteAddr");
    settings.rate_limit.vary_by_user = ours.flag("RateLimitSettings", "VaryByUser");
    settings.show_inner_ids = flag("EnableDeveloper");
    settings.site_url = url::Url::parse(ours.text("ServiceSettings", "SiteURL")).ok();
    settings.strict_csrf = flag("ExperimentalStrictCSRFEnforcement");
    settings.tokens.enabled = flag("EnableUserAccessTokens");
    let proxies = ours.texts("ServiceSettings", "TrustedProxyIPHeader");
    settings.trusted_proxy_headers = proxies.iter().filter_map(|name| header(name)).collect();
    settings
}

/// Writes down what operators want to know, but not every single message.
#[derive(Debug)]
struct Log(App);

impl Observer for Log {
    fn observe(&self, observation: &Observation<'_>) {
        if let Some(entry) = Entry::new(observation, now()) {
            // In one piece, so that no other line gets into it. Who runs the server without a log has no log.
            let _ = io::stderr().write_all(format!("{}\n", entry.line()).as_bytes());
            self.0.audit.put(entry);
        }
    }
}

/// Reads the key that seals what is secret in the database, and makes it at the first start. Only its owner may read
/// the file. A copy of the database is of no use without it.
fn master_key(path: &Path) -> io::Result<MasterKey> {
    if !path.exists() {
        let mut key = Vec::new();
        for _ in 0..2 {
            key.extend(random().map_err(io::Error::other)?);
        }
        // Whole or not at all: a key that was cut short would lose everything sealed with it.
        let unfinished = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
    }
    MasterKey::try_from(fs::read(path)?.as_slice())
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}
