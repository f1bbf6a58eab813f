//! Direct messages that need a common team, and what files and connections leave behind.

use jackfield::id::{RequestId, SessionId, UserId};
use serde_json::json;

use crate::app::{App, Server};
use crate::direct;
use crate::live::hub::Hub;
use crate::options::Data;
use crate::plug;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::teams;
use crate::tests::empty;

async fn account(app: &App, name: &str) -> Account {
    let account = Account::new(name, &format!("{name}@example.com"), String::new(), "system_user").unwrap();
    let stored = account.clone();
    app.store.write(move |connection| accounts::store(connection, &stored)).await.unwrap();
    account
}

async fn join_team(app: &App, user: UserId) {
    let team = jackfield::id::TeamId::from_random([9; 16]);
    app.store.write(move |connection| Ok(teams::join(connection, team, user, "team_user")?)).await.unwrap();
}

#[tokio::test]
async fn direct_messages_may_need_a_common_team() {
    let app = empty().await;
    let server = Server { api: plug::start(&app, &Data::Memory).await.unwrap(), app: app.clone() };
    let (ann, bob) = (account(&app, "ann").await, account(&app, "bob").await);
    let (one, other) = (ann.id, bob.id);
    let job = app.store.write(move |connection| channels::open_direct(connection, one, other));
    let (channel, _): (Channel, bool) = job.await.unwrap();
    let two = [ann.clone(), bob.clone()];
    let allowed = async || {
        let here = direct::allows(&server, ann.id, &channel).await.unwrap();
        assert_eq!(direct::allows_opening(&server, ann.id, &two).await.unwrap(), here);
        here
    };
    assert!(allowed().await, "anybody may write to anybody by default");
    let patch = json!({"TeamSettings": {"RestrictDirectMessage": "team"}});
    app.settings.swap(app.settings.now().patched(&patch).unwrap());
    assert!(!allowed().await, "they have no team in common");
    join_team(&app, ann.id).await;
    assert!(!allowed().await, "one of them is in a team");
    join_team(&app, bob.id).await;
    assert!(allowed().await, "both are");
}

#[tokio::test]
async fn a_file_that_is_not_kept_leaves_nothing() {
    let app = empty().await;
    let mut kept = app.store.blobs().begin().await.unwrap();
    let mut dropped = app.store.blobs().begin().await.unwrap();
    for file in [&mut kept, &mut dropped] {
        file.write(b"content").await.unwrap();
        file.finish().await.unwrap();
    }
    let ids = [kept.id.clone(), dropped.id.clone()];
    kept.keep();
    drop(dropped);
    let [kept, dropped] = ids;
    assert!(app.store.blobs().open_file(&kept).await.is_ok());
    assert!(app.store.blobs().open_file(&dropped).await.is_err());
}

#[tokio::test]
async fn broken_connections_are_known_for_a_while_to_their_own_user_alone() {
    let hub = Hub::new();
    let (ann, bob) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
    let session = SessionId::from_random([3; 16]);
    let ids: Vec<_> = (0..6).map(|number| RequestId::from_random([number; 16])).collect();
    for id in &ids {
        let seat = hub.join(*id, ann, session).unwrap();
        hub.leave(&seat);
    }
    assert!(!hub.is_there(ann));
    let known = |user, id: &RequestId| hub.resume(*id, user, session, 0).is_some();
    assert!(!known(bob, ids.last().unwrap()));
    assert!(!known(ann, ids.first().unwrap()), "only the last ones are kept");
    assert!(known(ann, ids.last().unwrap()));
    assert!(hub.is_there(ann));
    hub.end(session);
    assert!(!known(ann, ids.last().unwrap()), "it ended with its session");
    assert!(hub.is_empty());
}
