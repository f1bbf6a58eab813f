//! The kit that comes with Jackfield, run against this chat server.

use std::sync::Arc;

use jackfield::adapter::sqlite::Synchronous;
use jackfield::conformance::TestHost;
use jackfield::port::ChannelKind;
use serde_json::Map;

use crate::app::{App, Parts};
use crate::audit::AuditTrail;
use crate::calls::Socket;
use crate::live::hub::Hub;
use crate::options::Data;
use crate::page::SpentForms;
use crate::permissions::Roles;
use crate::settings::{Live, Origin, Settings};
use crate::store::Store;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};

/// A server without anybody.
pub(crate) async fn empty() -> App {
    let store = Store::open(&Data::Memory, Synchronous::Normal).unwrap();
    let roles = store.write(Roles::load).await.unwrap();
    let origin = Origin { knew_site_url: false, site_url: "http://127.0.0.1:8065".to_owned() };
    let settings = Live::new(Settings::new(origin, Map::new()));
    App::new(Parts {
        audit: AuditTrail::default(),
        engine: Socket::default(),
        hub: Hub::new(),
        offers_demo: false,
        roles,
        settings,
        spent_forms: SpentForms::default(),
        store,
    })
}

/// A server with two users and a channel of one of them.
async fn host() -> TestHost {
    let app = empty().await;
    let account =
        |name: &str| Account::new(name, &format!("{name}@example.com"), String::new(), "system_user").unwrap();
    let (ann, bob) = (account("ann"), account("bob"));
    let (author, other) = (ann.id, bob.id);
    let channel = Channel::new(ChannelKind::Public, None, "dev", author).unwrap();
    let id = channel.id;
    let job = app.store.write(move |connection| {
        accounts::store(connection, &ann)?;
        accounts::store(connection, &bob)?;
        channels::save(connection, &channel)?;
        channels::join(connection, channel.id, author, "channel_user")?;
        Ok(channels::join(connection, channel.id, other, "channel_user")?)
    });
    job.await.unwrap();
    TestHost { author, channel: id, directory: Arc::new(app.clone()), other, sink: Arc::new(app) }
}

mod sink {
    jackfield::post_sink_conformance!(tokio::test, super::host);
}
