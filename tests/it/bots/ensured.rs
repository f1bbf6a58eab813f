//! The bots of extensions (BOT-63).

use jackfield::engine::{Engine, Failed, WantedBot};

use super::*;

fn wanted(username: &str, display_name: &str) -> WantedBot {
    let (username, display_name) = (username.to_owned(), display_name.to_owned());
    WantedBot { username, display_name, ..WantedBot::default() }
}

async fn ensure(engine: &Engine, username: &str, display_name: &str) -> UserId {
    engine.ensure_bot("com.example.plug", wanted(username, display_name)).await.unwrap()
}

#[tokio::test]
async fn an_extension_has_one_bot_under_whatever_name_it_wants() {
    let site = Site::new().await;
    let id = ensure(site.engine(), "plug", "Plug").await;
    let bot = show(&site, id).await;
    assert_eq!((bot["owner_id"].as_str(), bot["display_name"].as_str()), (Some("com.example.plug"), Some("Plug")));
    assert_eq!(site.posts().len(), 0, "nobody is welcomed");
    assert_eq!(ensure(site.engine(), "plug", "Plug").await, id);
    assert_eq!(show(&site, id).await, bot);
    assert_eq!(ensure(site.engine(), "socket", "Socket").await, id);
    assert_eq!((account(&site, id).username, account(&site, id).first_name), ("socket".into(), "Socket".into()));
    post(&site, "admin", &format!("/bots/{id}/disable")).await;
    assert_eq!(ensure(site.engine(), "socket", "Asleep").await, id);
    assert!(account(&site, id).deactivated);
    let other = site.engine().ensure_bot("com.example.other", wanted("other", "")).await.unwrap();
    assert_ne!(other, id);
}

#[tokio::test]
async fn an_extension_takes_over_a_bot_of_its_name_but_no_human() {
    let site = site().await;
    let known = make(&site, "plug").await;
    assert_eq!(ensure(site.engine(), "plug", "Plug").await, known);
    assert_eq!(ensure(site.engine(), "renamed", "Plug").await, known, "it is remembered");
    let human = site.engine().ensure_bot("com.example.ann", wanted("ann", "")).await.unwrap();
    assert_eq!((human, account(&site, human).is_bot), (site.ann, false));
    assert!(audits(&site).contains(&format!("bot {human}: create: refused: {TAKEN}")));
    let again = site.engine().ensure_bot("com.example.ann", wanted("free", "")).await.unwrap();
    assert_ne!(again, site.ann, "it is not remembered");
}

#[tokio::test]
async fn an_extension_whose_bot_is_gone_gets_another() {
    let site = Site::new().await;
    let id = ensure(site.engine(), "plug", "Plug").await;
    site.engine().notice(jackfield::engine::Notice::UserDeleted(id)).await.unwrap();
    site.host.world().users.retain(|user| user.id != id);
    let second = ensure(site.engine(), "plug", "Plug").await;
    assert_ne!(second, id);
    assert_eq!(ensure(site.engine(), "plug", "Plug").await, second);
}

#[tokio::test]
async fn what_an_extension_wants_must_be_possible() {
    let site = Site::new().await;
    let long = "x".repeat(191);
    let cases = [
        ("plug", "Bad Name", "model.bot.is_valid.username.app_error"),
        ("", "plug", "model.bot.is_valid.creator_id.app_error"),
        (&long, "plug", "model.bot.is_valid.creator_id.app_error"),
    ];
    for (extension, username, want) in cases {
        let refused = site.engine().ensure_bot(extension, wanted(username, "")).await;
        let Err(Failed::Refused(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.id(), want, "{extension:?} {username:?}");
    }
    site.host.world().broken.sink = Some(jackfield::port::RefusedKind::Invalid);
    let refused = site.engine().ensure_bot("plug", wanted("plug", "")).await;
    assert!(matches!(refused, Err(Failed::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn many_who_ensure_one_bot_get_the_same() {
    let site = Site::new().await;
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let engine = site.engine().clone();
            tokio::spawn(async move { ensure(&engine, "plug", "Plug").await })
        })
        .collect();
    let mut ids = Vec::new();
    for racer in racers {
        ids.push(racer.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
}
