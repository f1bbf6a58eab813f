//! The rules about tokens, each on its own.

use time::Duration;

use super::manage::{Bounds, Minting, Purpose, Rights, create, need_description, need_own_session, need_user, rotate};
use super::standing::{Cause, Standing, check_account};
use super::wire::{self, Details, TokenObject};
use super::{AccessToken, TokenError, TokenLimits, TokenRequest, TokenRotation, TokenSettings, TokenUse};
use crate::id::{ChannelId, Millis, TeamId, TokenId, TokenSecret, UserId};
use crate::port::{Ask, Permission, Scope, SessionKind, User};
use crate::record::{self, Kind};

const NOW: Millis = Millis(1_700_000_000_000);
const LATER: Millis = Millis(1_700_000_000_001);

fn user(number: u8) -> UserId {
    UserId::from_random([number; 16])
}

fn channel(number: u8) -> ChannelId {
    ChannelId::from_random([number; 16])
}

fn token() -> AccessToken {
    made(TokenRequest { description: "ci".into(), ..TokenRequest::default() }).unwrap()
}

fn made(request: TokenRequest) -> Result<AccessToken, TokenError> {
    create(request, (TokenId::from_random([9; 16]), user(1), user(2)), NOW)
}

fn request(body: &str) -> TokenRequest {
    TokenRequest::from_json(body.as_bytes()).unwrap()
}

fn scopes(ids: &[&str]) -> TokenLimits {
    TokenLimits { scopes: ids.iter().map(|id| (*id).to_owned()).collect(), ..TokenLimits::default() }
}

fn channels(ids: &[ChannelId]) -> TokenLimits {
    TokenLimits { channels: ids.to_vec(), ..TokenLimits::default() }
}

fn forbidden<T>(permission: Permission) -> Result<T, TokenError> {
    Err(TokenError::Forbidden(permission))
}

#[test]
fn each_purpose_has_its_permission() {
    let all = Rights::new(&[true; 4]);
    let none = Rights::default();
    let cases = [
        (Purpose::Disable, Permission::REVOKE_USER_ACCESS_TOKEN, "disable"),
        (Purpose::Enable, Permission::CREATE_USER_ACCESS_TOKEN, "enable"),
        (Purpose::Read, Permission::READ_USER_ACCESS_TOKEN, "read"),
        (Purpose::Revoke, Permission::REVOKE_USER_ACCESS_TOKEN, "revoke"),
        (Purpose::Rotate, Permission::CREATE_USER_ACCESS_TOKEN, "rotate"),
    ];
    for (purpose, permission, word) in cases {
        assert_eq!(purpose.check(all), Ok(()), "{purpose:?}");
        assert_eq!(purpose.check(none), forbidden(permission.clone()), "{purpose:?}");
        let only = Rights::asks().map(|ask| ask.permission == permission);
        assert_eq!(purpose.check(Rights::new(&only)), Ok(()), "{purpose:?}");
        let others = Rights::asks().map(|ask| ask.permission != permission);
        assert_eq!(purpose.check(Rights::new(&others)), forbidden(permission), "{purpose:?}");
        assert_eq!(purpose.word(), word);
    }
    assert!(Rights::asks().iter().all(|ask| ask.scope == Scope::System));
    assert_eq!(Rights::new(&[true; 3]), none);
    assert_eq!(need_user(true), Ok(()));
    assert_eq!(need_user(false), forbidden(Permission::EDIT_OTHER_USERS));
}

#[test]
fn secrets_are_made_in_the_order_of_the_checks() {
    let (human, mut bot) = (User::new(user(1), "ann"), User::new(user(2), "robot"));
    bot.is_bot = true;
    let rights = Rights { create: true, ..Rights::default() };
    let fine = Minting { account: &human, account_is_administrator: false, enabled: true, may_act: true, rights };
    assert_eq!(fine.check(), Ok(()));
    assert_eq!(Minting { enabled: false, ..fine }.check(), Err(TokenError::Disabled));
    assert_eq!(Minting { account: &bot, enabled: false, ..fine }.check(), Ok(()));
    let administrator = Minting { account_is_administrator: true, enabled: false, ..fine };
    assert_eq!(administrator.check(), forbidden(Permission::MANAGE_SYSTEM));
    let by_another = Minting { enabled: true, rights: Rights { system: true, ..rights }, ..administrator };
    assert_eq!(by_another.check(), Ok(()));
    let others = Minting { may_act: false, ..administrator };
    assert_eq!(others.check(), forbidden(Permission::EDIT_OTHER_USERS));
    let plain = Minting { rights: Rights::default(), ..others };
    assert_eq!(plain.check(), forbidden(Permission::CREATE_USER_ACCESS_TOKEN));
}

#[test]
fn sessions_of_others_make_no_secrets() {
    assert_eq!(need_own_session(SessionKind::Login), Ok(()));
    assert_eq!(need_own_session(SessionKind::PersonalAccessToken), Ok(()));
    assert_eq!(need_own_session(SessionKind::OAuth), forbidden(Permission::CREATE_USER_ACCESS_TOKEN));
}

#[test]
fn a_token_is_made_of_what_was_asked_for() {
    assert_eq!(need_description(&TokenRequest::default()), Err(TokenError::BodyParameter("description")));
    assert_eq!(need_description(&request(r#"{"description":" "}"#)), Ok(()));
    let plain = token();
    assert_eq!((plain.created_at, plain.created_by, plain.user_id), (NOW, user(2), user(1)));
    assert!(plain.is_active && plain.expires_at.is_none() && plain.limits.is_unlimited());
    let (one, other) = (channel(2).to_string(), channel(1).to_string());
    let limited = made(TokenRequest {
        channel_ids: vec![one.clone(), other.clone(), one.clone()],
        expires_at: LATER,
        scopes: ["read_channel", "create_post", "create_post"].map(str::to_owned).to_vec(),
        ..request(r#"{"description":"x"}"#)
    });
    let limited = limited.unwrap();
    let mut sorted = vec![channel(1), channel(2)];
    sorted.sort_unstable();
    assert_eq!(limited.limits.channels, sorted);
    assert_eq!(limited.limits.scopes, ["create_post", "read_channel"]);
    assert_eq!(limited.expires_at, Some(LATER));
}

#[test]
fn what_a_token_cannot_be_is_refused() {
    let texts = |count: u8| (0..count).map(|number| channel(number).to_string()).collect::<Vec<_>>();
    let with = |change: &dyn Fn(&mut TokenRequest)| {
        let mut request = request(r#"{"description":"x"}"#);
        change(&mut request);
        made(request).map(drop)
    };
    type Edit<'a> = &'a dyn Fn(&mut TokenRequest);
    let cases: [(Edit<'_>, Result<(), TokenError>); 13] = [
        (&|it| it.description = "d".repeat(255), Ok(())),
        (&|it| it.description = "d".repeat(256), Err(TokenError::Description)),
        (&|it| it.description = "é".repeat(127), Ok(())),
        (&|it| it.description = "é".repeat(128), Err(TokenError::Description)),
        (&|it| it.description = "a\0b".into(), Err(TokenError::Description)),
        (&|it| it.expires_at = LATER, Ok(())),
        (&|it| it.expires_at = NOW, Err(TokenError::BodyParameter("expires_at"))),
        (&|it| it.expires_at = Millis(-1), Err(TokenError::BodyParameter("expires_at"))),
        (&|it| it.scopes = vec!["manage_bots".into()], Ok(())),
        (&|it| it.scopes = vec!["manage_bots".into(), "fly".into()], Err(TokenError::BodyParameter("scopes"))),
        (&|it| it.channel_ids = vec!["dev".into()], Err(TokenError::BodyParameter("channel_ids"))),
        (&|it| it.channel_ids = texts(100), Ok(())),
        (&|it| it.channel_ids = texts(101), Err(TokenError::BodyParameter("channel_ids"))),
    ];
    for (number, (change, want)) in cases.into_iter().enumerate() {
        assert_eq!(with(change), want, "case {number}");
    }
}

#[test]
fn limits_hold_to_permissions_and_channels() {
    let (dev, ops) = (Scope::Channel(channel(1)), Scope::Channel(channel(2)));
    let team = Scope::Team(TeamId::from_random([1; 16]));
    let both = TokenLimits { channels: vec![channel(1)], ..scopes(&["create_post", "view_team"]) };
    let cases = [
        (TokenLimits::default(), "create_post", ops, true),
        (TokenLimits::default(), "manage_system", Scope::System, true),
        (scopes(&["create_post"]), "create_post", ops, true),
        (scopes(&["create_post"]), "edit_post", ops, false),
        (scopes(&["create_post"]), "manage_system", Scope::System, false),
        (channels(&[channel(1)]), "create_post", dev, true),
        (channels(&[channel(1)]), "create_post", ops, false),
        (channels(&[channel(1)]), "read_public_channel", team, false),
        (channels(&[channel(1)]), "manage_system", Scope::System, false),
        (channels(&[channel(1)]), "create_direct_channel", Scope::User(user(1)), false),
        (channels(&[channel(1)]), "view_team", team, true),
        (channels(&[channel(1)]), "view_members", Scope::System, true),
        (channels(&[channel(1)]), "view_members", ops, false),
        (both.clone(), "create_post", dev, true),
        (both.clone(), "edit_post", dev, false),
        (both.clone(), "create_post", ops, false),
        (both.clone(), "view_team", team, true),
        (both, "view_members", team, false),
    ];
    for (limits, permission, scope, want) in cases {
        let ask = Ask::new(Permission::new(permission), scope);
        assert_eq!(limits.allows(&ask), want, "{limits:?} {ask:?}");
    }
    assert!(TokenLimits::default().is_unlimited());
    assert!(!scopes(&["create_post"]).is_unlimited() && !channels(&[channel(1)]).is_unlimited());
}

#[test]
fn a_token_makes_none_that_may_more_or_lives_longer() {
    let few = scopes(&["create_post", "create_user_access_token"]);
    let here = channels(&[channel(1)]);
    let of = |limits: &TokenLimits, expires_at| AccessToken { expires_at, limits: limits.clone(), ..token() };
    let all = TokenLimits::default();
    let cases = [
        (None, None, of(&all, None), true),
        (None, Some(&few), of(&all, None), false),
        (None, Some(&few), of(&few, None), true),
        (None, Some(&few), of(&scopes(&["create_post"]), None), true),
        (None, Some(&few), of(&scopes(&["create_post", "edit_post"]), None), false),
        (None, Some(&here), of(&here, None), true),
        (None, Some(&here), of(&channels(&[channel(2)]), None), false),
        (None, Some(&here), of(&few, None), false),
        (Some(LATER), None, of(&all, None), false),
        (Some(LATER), None, of(&all, Some(LATER)), true),
        (Some(NOW), None, of(&all, Some(LATER)), false),
    ];
    for (number, (ends_at, limits, token, fits)) in cases.into_iter().enumerate() {
        let want = if fits { Ok(()) } else { Err(TokenError::BeyondCaller) };
        assert_eq!(Bounds { ends_at, limits }.check(&token), want, "case {number}");
    }
}

#[test]
fn a_rotated_token_works_on_under_its_old_secret_for_a_while() {
    let with = |body: &str| TokenRotation::from_json(body.as_bytes()).unwrap().1;
    let settings = TokenSettings { rotation_grace: Duration::seconds(5), ..TokenSettings::default() };
    let old_token = AccessToken { expires_at: Some(LATER), ..token() };
    let (new, old) = rotate(&old_token, &with("{}"), &settings, NOW).unwrap();
    assert_eq!(new, old_token);
    assert_eq!(old, Some(AccessToken { retires_at: Some(Millis(NOW.0 + 5_000)), ..old_token.clone() }));
    let (new, old) = rotate(&old_token, &with(r#"{"grace_seconds":0}"#), &settings, NOW).unwrap();
    assert_eq!((new, old), (old_token.clone(), None));
    let (new, old) =
        rotate(&token(), &with(r#"{"grace_seconds":604800,"expires_at":1700000000009}"#), &settings, NOW).unwrap();
    assert_eq!(new.expires_at, Some(Millis(1_700_000_000_009)));
    assert_eq!(old.unwrap().retires_at, Some(Millis(NOW.0 + 604_800_000)));
    for grace in ["-1", "604801"] {
        let refused = rotate(&token(), &with(&format!(r#"{{"grace_seconds":{grace}}}"#)), &settings, NOW);
        assert_eq!(refused, Err(TokenError::BodyParameter("grace_seconds")), "{grace}");
    }
    let forever = TokenSettings { rotation_grace: Duration::MAX, ..TokenSettings::default() };
    let (_, old) = rotate(&token(), &with("null"), &forever, NOW).unwrap();
    assert_eq!(old.unwrap().retires_at, Some(Millis(NOW.0 + 604_800_000)));
    assert_eq!(rotate(&token(), &with("{}"), &TokenSettings::default(), NOW).unwrap().1, None);
    let over = AccessToken { expires_at: Some(NOW), ..token() };
    assert_eq!(rotate(&over, &with("{}"), &settings, NOW), Err(TokenError::BodyParameter("expires_at")));
    assert!(rotate(&over, &with(r#"{"expires_at":1700000000001}"#), &settings, NOW).is_ok());
}

#[test]
fn a_token_works_until_it_ends_or_is_switched_off() {
    let on = Standing { expires_at: None, is_active: true, retires_at: None };
    let cases = [
        (on, Ok(())),
        (Standing { expires_at: Some(LATER), ..on }, Ok(())),
        (Standing { expires_at: Some(NOW), ..on }, Err(Cause::Expired)),
        (Standing { retires_at: Some(LATER), ..on }, Ok(())),
        (Standing { retires_at: Some(NOW), ..on }, Err(Cause::Rotated)),
        (Standing { expires_at: Some(NOW), retires_at: Some(NOW), ..on }, Err(Cause::Rotated)),
        (Standing { expires_at: Some(NOW), retires_at: Some(NOW), is_active: false }, Err(Cause::Disabled)),
    ];
    for (standing, want) in cases {
        assert_eq!(standing.check(NOW), want, "{standing:?}");
    }
    assert_eq!(on.ends_at(), None);
    assert_eq!(Standing { expires_at: Some(LATER), ..on }.ends_at(), Some(LATER));
    assert_eq!(Standing { expires_at: Some(LATER), retires_at: Some(NOW), ..on }.ends_at(), Some(NOW));
}

#[test]
fn an_account_counts_before_its_tokens() {
    let human = User::new(user(1), "ann");
    let (mut bot, mut away) = (human.clone(), human.clone());
    (bot.is_bot, away.deactivated) = (true, true);
    let cases = [
        (Some(&human), true, Ok(())),
        (Some(&human), false, Err(Cause::SwitchedOff)),
        (Some(&bot), false, Ok(())),
        (Some(&away), true, Err(Cause::UserDeactivated)),
        (Some(&away), false, Err(Cause::UserDeactivated)),
        (None, true, Err(Cause::UserMissing)),
    ];
    for (account, enabled, want) in cases {
        assert_eq!(check_account(account, enabled), want, "{account:?} {enabled}");
    }
}

#[test]
fn audits_tell_causes_apart_and_the_wire_knows_its_ids() {
    let causes = [
        (Cause::Disabled, "jackfield.token.disabled"),
        (Cause::Expired, "jackfield.token.expired"),
        (Cause::Rotated, "jackfield.token.rotated"),
        (Cause::SwitchedOff, "jackfield.token.switched_off"),
        (Cause::Unknown, "jackfield.token.unknown"),
        (Cause::UserDeactivated, "jackfield.token.user_deactivated"),
        (Cause::UserMissing, "jackfield.token.user_missing"),
    ];
    for (cause, id) in causes {
        assert_eq!(cause.id(), id);
    }
    let errors = [
        (TokenError::BeyondCaller, 403, "api.context.permissions.app_error", ""),
        (TokenError::Body("at 1".into()), 400, "api.context.invalid_body_param.app_error", "at 1"),
        (TokenError::BodyParameter("term"), 400, "api.context.invalid_body_param.app_error", ""),
        (TokenError::BodyTooLarge, 413, "api.context.request_body_too_large.app_error", ""),
        (TokenError::Description, 400, "model.user_access_token.is_valid.description.app_error", ""),
        (TokenError::Disabled, 501, "app.user_access_token.disabled", ""),
        (
            TokenError::Forbidden(Permission::MANAGE_SYSTEM),
            403,
            "api.context.permissions.app_error",
            "permission `manage_system`",
        ),
        (TokenError::NotFound, 404, "app.user_access_token.get_by_user.app_error", ""),
        (TokenError::UrlParameter("user_id"), 400, "api.context.invalid_url_param.app_error", ""),
        (TokenError::UserNotFound, 404, "app.user.missing_account.const", ""),
    ];
    for (error, status, id, detail) in errors {
        assert_eq!((error.status().as_u16(), error.id(), error.detail().as_str()), (status, id, detail), "{error:?}");
    }
}

#[test]
fn bodies_are_read_as_clients_write_them() {
    let full = request(
        r#"{"Description":"a","description":"b","id":"x","token":"y","user_id":null,"is_active":false,"else":[1],
            "expires_at":5,"scopes":["a","b"],"channel_ids":["c"]} tail"#,
    );
    assert_eq!((full.description.as_str(), full.expires_at), ("b", Millis(5)));
    assert_eq!((full.scopes, full.channel_ids), (vec!["a".into(), "b".into()], vec!["c".into()]));
    assert_eq!(request("null"), TokenRequest::default());
    assert_eq!(request(r#"{"scopes":null,"channel_ids":null,"expires_at":null}"#), TokenRequest::default());
    assert_eq!(request(r#"{"scopes":["a"],"scopes":["b"]}"#).scopes, ["b"]);
    let wrong = [
        "",
        "[]",
        r#"["ci"]"#,
        r#"{"description":1}"#,
        r#"{"scopes":"a"}"#,
        r#"{"scopes":[1]}"#,
        r#"{"expires_at":"5"}"#,
        r#"{"expires_at":1.5}"#,
        r#"{"is_active":"yes"}"#,
        r#"{"id":5}"#,
    ];
    for body in wrong {
        assert!(TokenRequest::from_json(body.as_bytes()).is_err(), "{body}");
    }
    let (id, rotation) =
        TokenRotation::from_json(br#"{"token_id":"t","expires_at":7,"grace_seconds":null,"x":{}}"#).unwrap();
    assert_eq!((id.as_str(), rotation.expires_at, rotation.grace), ("t", Millis(7), None));
    assert!(TokenRotation::from_json(br#"{"grace_seconds":"1"}"#).is_err());
    assert_eq!(wire::text_member(br#"{"TERM":"a"}"#, "term").unwrap(), "a");
    assert!(wire::text_member(br#"{"term":5}"#, "term").is_err());
}

#[test]
fn a_map_of_texts_is_read_whole_or_not_at_all() {
    let cases = [
        (r#"{"token_id":"a"}"#, "a"),
        (r#"{"Token_ID":"a","other":null}"#, "a"),
        (r#"{"token_id":null}"#, ""),
        ("null", ""),
        ("", ""),
        ("[", ""),
        (r#"{"token_id":5}"#, ""),
        (r#"{"token_id":"a","other":5}"#, ""),
        (r#"{"token_id":"a""#, ""),
    ];
    for (body, want) in cases {
        assert_eq!(wire::map_member(body.as_bytes(), "token_id"), want, "{body}");
    }
}

#[test]
fn a_plain_token_shows_the_five_members_that_clients_know() {
    let (plain, secret) = (token(), TokenSecret::from_random([3; 16]));
    let shown = |object: &TokenObject<'_>| serde_json::to_value(object).unwrap();
    let five = serde_json::json!({
        "id": plain.id, "token": secret.expose(), "user_id": user(1), "description": "ci", "is_active": true,
    });
    assert_eq!(shown(&TokenObject::new(&plain, None).with_secret(&secret)), five);
    let full = AccessToken {
        expires_at: Some(LATER),
        is_active: false,
        limits: TokenLimits { channels: vec![channel(1)], ..scopes(&["create_post"]) },
        ..plain
    };
    let details = Some(Details::new(&full, Some(NOW)));
    let all = serde_json::json!({
        "id": full.id, "user_id": user(1), "description": "ci", "is_active": false, "expires_at": LATER,
        "scopes": ["create_post"], "channel_ids": [channel(1)], "created_at": NOW, "created_by": user(2),
        "last_used_at": NOW,
    });
    assert_eq!(shown(&TokenObject::new(&full, details)), all);
}

#[test]
fn a_record_comes_back_as_it_was_and_a_retired_one_is_in_no_list() {
    let full = AccessToken {
        expires_at: Some(LATER),
        limits: TokenLimits { channels: vec![channel(1)], ..scopes(&["create_post"]) },
        retires_at: Some(NOW),
        ..token()
    };
    for token in [token(), full.clone()] {
        let body = record::encode(&token, &[]).unwrap();
        assert_eq!(record::decode::<AccessToken>(&body).unwrap().kind, token);
    }
    let used = TokenUse { last_used_at: NOW };
    assert_eq!(record::decode::<TokenUse>(&record::encode(&used, &[]).unwrap()).unwrap().kind, used);
    assert!(used.index().is_empty());
    let places = |token: &AccessToken| token.index().into_iter().map(|entry| entry.index).collect::<Vec<_>>();
    assert_eq!(places(&token()), [AccessToken::BY_ID, AccessToken::BY_TIME, AccessToken::BY_USER]);
    assert_eq!(places(&full), [AccessToken::BY_ID]);
    let place = token().place();
    assert_eq!(place, [&NOW.0.to_be_bytes()[..], token().id.as_str().as_bytes()].concat());
    assert!(
        token().index()[2].value.ends_with(&place) && token().index()[2].value.starts_with(user(1).as_str().as_bytes())
    );
}
