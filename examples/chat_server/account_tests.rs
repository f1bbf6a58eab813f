//! Accounts of bots and people: what Jackfield does to them, and who is let in.

use jackfield::id::{SessionId, UserId};
use jackfield::port::{
    Action, BotAccount, BotToUser, Credential, CredentialSource, Directory, Effect, PostSink, Refused, RefusedKind,
    UserPatch,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::errors::Failure;
use crate::passwords;
use crate::routes::sessions::verify;
use crate::tables::accounts::{self, Account};
use crate::tables::sessions;
use crate::tests::empty;

const PASSWORD: &str = "correct horse battery";

/// A server with Ann, who has a password, and her session.
async fn with_ann() -> (App, Account, SessionId, String) {
    let app = empty().await;
    let hash = passwords::hash(PASSWORD.to_owned()).await.unwrap();
    let ann = Account::new("ann", "ann@example.com", hash, "system_user").unwrap();
    let (stored, id) = (ann.clone(), ann.id);
    let opened = app.store.write(move |connection| {
        accounts::store(connection, &stored)?;
        sessions::open(connection, id, "", 3_600_000)
    });
    let opened = opened.await.unwrap();
    (app, ann, opened.session.id, opened.token)
}

async fn apply(app: &App, action: Action) -> Result<(), Refused> {
    app.apply(vec![Effect::new(action)]).await.map(drop)
}

fn robot(username: &str) -> BotAccount {
    BotAccount {
        description: "posts releases".to_owned(),
        disabled: false,
        display_name: "Release robot".to_owned(),
        id: UserId::from_random([7; 16]),
        username: username.to_owned(),
    }
}

fn to_user(patch: Value, system_admin: bool) -> Action {
    let Value::Object(patch) = patch else { unreachable!() };
    Action::BotToUser(BotToUser { id: UserId::from_random([7; 16]), patch: UserPatch::new(patch), system_admin })
}

fn find(app: &App, id: UserId) -> Account {
    app.store.read(|connection| Ok(accounts::find(connection, id)?)).unwrap().unwrap()
}

async fn is_open(app: &App, token: &str) -> bool {
    app.session(&Credential::new(CredentialSource::Header, token)).await.unwrap().is_some()
}

async fn refusal(app: &App, name: &str, password: &str) -> &'static str {
    match verify(app, name, password.to_owned()).await {
        Err(Failure::Refused(refusal)) => refusal.id,
        other => panic!("{name} was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_bot_has_an_account_of_its_own() {
    let (app, ..) = with_ann().await;
    let bot = robot("releases");
    apply(&app, Action::SaveBot(bot.clone())).await.unwrap();
    let first = find(&app, bot.id);
    assert!(first.is_bot);
    assert_eq!((first.email.as_str(), first.roles.as_str()), ("releases@localhost", "system_user"));
    assert_eq!((first.first_name.as_str(), first.description.as_str()), ("Release robot", "posts releases"));
    apply(&app, Action::SaveBot(bot)).await.unwrap();
    assert_eq!(find(&app, first.id), first, "doing it twice changes nothing");
    apply(&app, Action::SaveBot(robot("renamed"))).await.unwrap();
    assert_eq!(find(&app, first.id).email, "renamed@localhost");
}

#[tokio::test]
async fn names_that_are_taken_or_malformed_are_refused_by_id() {
    let (app, ..) = with_ann().await;
    for (name, id) in [
        ("ann", "app.user.save.username_exists.app_error"),
        (".hidden", "model.user.is_valid.email.app_error"),
        ("dots..dots", "model.user.is_valid.email.app_error"),
        ("Upper", "model.user.is_valid.username.app_error"),
        ("system", "model.user.is_valid.username.app_error"),
    ] {
        let refused = apply(&app, Action::SaveBot(robot(name))).await.unwrap_err();
        assert_eq!((refused.kind(), refused.id()), (RefusedKind::Invalid, Some(id)), "{name}");
    }
    assert!(app.users(&[robot("x").id]).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_becomes_a_bot_loses_the_sessions_and_logs_in_no_more() {
    let (app, ann, _, token) = with_ann().await;
    assert!(is_open(&app, &token).await);
    apply(&app, Action::UserToBot(ann.id)).await.unwrap();
    assert!(!is_open(&app, &token).await);
    assert_eq!(refusal(&app, "ann", PASSWORD).await, "api.user.login.bot_login_forbidden.app_error");
    apply(&app, Action::UserToBot(ann.id)).await.unwrap();
}

#[tokio::test]
async fn a_bot_becomes_a_user_wholly_or_not_at_all() {
    let (app, ..) = with_ann().await;
    let bot = robot("releases");
    apply(&app, Action::SaveBot(bot.clone())).await.unwrap();
    for (patch, id) in [
        (json!({"password": "short"}), "model.user.is_valid.pwd_min_length.app_error"),
        (json!({"password": PASSWORD, "username": "ann"}), "app.user.save.username_exists.app_error"),
        (json!({"password": PASSWORD, "email": "ann@example.com"}), "app.user.save.email_exists.app_error"),
        (json!({"password": PASSWORD, "nickname": "n".repeat(65)}), "model.user.is_valid.nickname.app_error"),
    ] {
        let refused = apply(&app, to_user(patch, true)).await.unwrap_err();
        assert_eq!(refused.id(), Some(id));
        assert!(find(&app, bot.id).is_bot);
        assert!(!find(&app, bot.id).is_administrator());
    }
    let patch = json!({"password": PASSWORD, "first_name": "Ro", "email": "ro@example.com"});
    apply(&app, to_user(patch.clone(), true)).await.unwrap();
    let user = find(&app, bot.id);
    assert_eq!((user.is_bot, user.first_name.as_str(), user.email.as_str()), (false, "Ro", "ro@example.com"));
    assert_eq!(app.administrators().await.unwrap(), [bot.id]);
    verify(&app, "releases", PASSWORD.to_owned()).await.unwrap();
    apply(&app, to_user(patch, true)).await.unwrap();
    assert_eq!(find(&app, bot.id).roles, user.roles);
}

#[tokio::test]
async fn sessions_end_one_by_one_and_all_at_once() {
    let (app, ann, first, token) = with_ann().await;
    let second = app.store.write(move |connection| sessions::open(connection, ann.id, "", 3_600_000)).await.unwrap();
    apply(&app, Action::EndSession(first)).await.unwrap();
    assert!(!is_open(&app, &token).await);
    assert!(is_open(&app, &second.token).await);
    apply(&app, Action::EndSessions(ann.id)).await.unwrap();
    assert!(!is_open(&app, &second.token).await);
    apply(&app, Action::EndSession(first)).await.unwrap();
}

#[tokio::test]
async fn a_log_in_is_refused_for_the_first_reason_that_counts() {
    let (app, ..) = with_ann().await;
    apply(&app, Action::SaveBot(robot("robot"))).await.unwrap();
    for (name, password, id) in [
        ("ann", "", "api.user.login.blank_pwd.app_error"),
        ("robot", "", "api.user.login.blank_pwd.app_error"),
        ("nobody", PASSWORD, "api.user.login.invalid_credentials_email_username"),
        ("ann", "wrong", "api.user.login.invalid_credentials_email_username"),
        ("robot", "wrong", "api.user.login.bot_login_forbidden.app_error"),
        ("robot@localhost", "wrong", "api.user.login.bot_login_forbidden.app_error"),
    ] {
        assert_eq!(refusal(&app, name, password).await, id, "{name} {password}");
    }
    apply(&app, Action::SaveBot(BotAccount { disabled: true, ..robot("robot") })).await.unwrap();
    assert_eq!(refusal(&app, "robot", "wrong").await, "api.user.login.inactive.app_error");
}

#[tokio::test]
async fn ten_wrong_passwords_in_a_row_lock_an_account() {
    let (app, ann, ..) = with_ann().await;
    for _ in 0..9 {
        refusal(&app, "ann", "wrong").await;
    }
    verify(&app, "ANN", PASSWORD.to_owned()).await.unwrap();
    for _ in 0..10 {
        refusal(&app, "ann", "wrong").await;
    }
    let locked = "api.user.check_user_login_attempts.too_many.app_error";
    assert_eq!(refusal(&app, "ann", PASSWORD).await, locked);
    app.store.write(move |connection| Ok(accounts::forgive_logins(connection, ann.id)?)).await.unwrap();
    verify(&app, "ann", PASSWORD.to_owned()).await.unwrap();
}

#[tokio::test]
async fn a_session_that_nobody_uses_is_over() {
    let (app, _, _, token) = with_ann().await;
    let open = |idle| app.store.read(|connection| Ok(sessions::find(connection, &token, idle)?)).unwrap().is_some();
    assert!(open(None));
    assert!(open(Some(60_000)));
    assert!(!open(Some(-1)));
}
