//! What becomes of a request: the rules of the record (OUT-22 to OUT-28, OUT-105, OUT-106, OUT-108).

use super::super::manage;
use super::super::{HookRequest, ManageError, Member, OutgoingWebhook};
use super::{NOW, channel, creator, fresh, hook, request, team, texts};
use crate::delivery::Mode;
use crate::id::{HookToken, Millis, OutgoingHookId};

/// A token as clients may choose it.
const CHOSEN: &str = "ybndrfg8ejkmcpqxot1uwisza3";

fn create(request: HookRequest) -> Result<(OutgoingWebhook, HookToken), ManageError> {
    manage::create(request, fresh())
}

fn update(request: HookRequest) -> Result<(OutgoingWebhook, Option<HookToken>), ManageError> {
    let (had, fresh) = (HookToken::from_random([5; 16]), HookToken::from_random([6; 16]));
    manage::update(request, &hook(), None, (&had, fresh), Millis(NOW.0 + 9))
}

#[test]
fn a_new_hook_is_what_was_asked_for_and_what_the_server_gives() {
    let asked = HookRequest {
        content_type: "c".to_owned(),
        description: "d".to_owned(),
        display_name: "n".to_owned(),
        icon_url: "i".to_owned(),
        trigger_when: -1,
        username: "u".to_owned(),
        ..request()
    };
    let (made, token) = create(asked.clone()).unwrap();
    let want = OutgoingWebhook {
        callback_urls: asked.callback_urls,
        channel_id: Some(channel()),
        content_type: "c".to_owned(),
        create_at: NOW,
        creator_id: creator(),
        description: "d".to_owned(),
        display_name: "n".to_owned(),
        icon_url: "i".to_owned(),
        id: OutgoingHookId::from_random([4; 16]),
        mode: None,
        team_id: team(),
        trigger_when: -1,
        trigger_words: asked.trigger_words,
        update_at: NOW,
        username: "u".to_owned(),
    };
    assert!(made == want, "{made:?}");
    assert_eq!(token.expose(), HookToken::from_random([5; 16]).expose());
}

#[test]
fn an_update_replaces_all_but_what_is_the_servers() {
    let old = OutgoingWebhook { mode: Some(Mode::Full), ..hook() };
    let (had, fresh) = (HookToken::from_random([5; 16]), HookToken::from_random([6; 16]));
    let asked = HookRequest { creator_id: "x".to_owned(), id: old.id.into(), ..request() };
    let (made, token) = manage::update(asked, &old, None, (&had, fresh), Millis(NOW.0 + 9)).unwrap();
    let want = OutgoingWebhook {
        callback_urls: texts(&["https://a.example/in"]),
        channel_id: None,
        content_type: String::new(),
        description: String::new(),
        display_name: String::new(),
        icon_url: String::new(),
        trigger_when: 0,
        trigger_words: texts(&["ship"]),
        update_at: Millis(NOW.0 + 9),
        username: String::new(),
        ..old
    };
    assert!(made == want, "{made:?}");
    assert!(token.is_none());
}

#[test]
fn times_never_go_back() {
    let later = hook().update_at;
    assert_eq!(manage::touched(&hook(), Millis(5)).update_at, later);
    assert_eq!(manage::touched(&hook(), Millis(later.0 + 1)).update_at, Millis(later.0 + 1));
}

/// OUT-24 #1, OUT-106, OUT-108.
#[test]
fn a_token_counts_if_it_could_be_one_of_ours() {
    let (had, fresh) = (HookToken::from_random([5; 16]), HookToken::from_random([6; 16]));
    let wrong = Err(Member::Token);
    let odd = "A".repeat(26);
    let (short, long, wide) = ("y".repeat(25), "y".repeat(27), "é".repeat(13));
    let cases = [
        ("", Ok(None)),
        (had.expose(), Ok(None)),
        (CHOSEN, Ok(Some(CHOSEN))),
        (&odd, Ok(Some(fresh.expose()))),
        (&wide, Ok(Some(fresh.expose()))),
        (&short, wrong),
        (&long, wrong),
        ("x", wrong),
    ];
    for (sent, want) in cases {
        let request = || HookRequest { token: sent.to_owned(), ..request() };
        let updated = manage::update(request(), &hook(), None, (&had, fresh.clone()), NOW);
        let updated = updated.map(|(_, token)| token.map(|token| token.expose().to_owned()));
        assert_eq!(updated, want.map(|token| token.map(str::to_owned)).map_err(ManageError::Invalid), "{sent:?}");
        let created = create(request()).map(|(_, token)| token.expose().to_owned());
        let want = match want {
            Ok(Some(text)) if text == CHOSEN => Ok(CHOSEN.to_owned()),
            Ok(_) => Ok(had.expose().to_owned()),
            Err(member) => Err(ManageError::Invalid(member)),
        };
        assert_eq!(created, want, "{sent:?}");
    }
}

#[test]
fn a_new_hook_has_no_id_yet() {
    let with_id = HookRequest { id: CHOSEN.to_owned(), token: "x".to_owned(), ..request() };
    assert_eq!(create(with_id).unwrap_err(), ManageError::HasId, "looked at before the token");
}

#[test]
fn the_team_of_a_new_hook_has_an_id() {
    for id in ["nosuchteam", "", "-"] {
        let asked = HookRequest { team_id: id.to_owned(), callback_urls: Vec::new(), ..request() };
        assert_eq!(create(asked).unwrap_err(), ManageError::Invalid(Member::TeamId), "{id:?}");
    }
}

fn list(bytes: &[usize]) -> Vec<String> {
    bytes.iter().map(|bytes| "a".repeat(*bytes)).collect()
}

fn address(bytes: usize) -> Vec<String> {
    vec![format!("http://a/{}", "x".repeat(bytes - 9))]
}

/// A change of a request that keeps every rule.
type Change = Box<dyn Fn(&mut HookRequest)>;

/// What breaks each rule just so, in the order of the rules, and what just keeps it.
fn rules() -> Vec<(&'static str, Change, Change, Member)> {
    fn text(bytes: usize, place: fn(&mut HookRequest) -> &mut String) -> Change {
        Box::new(move |request| *place(request) = "e".repeat(bytes))
    }
    let words = |words: Vec<String>| -> Change { Box::new(move |request| request.trigger_words.clone_from(&words)) };
    let urls = |urls: Vec<String>| -> Change { Box::new(move |request| request.callback_urls.clone_from(&urls)) };
    let when = |when: i64| -> Change { Box::new(move |request| request.trigger_when = when) };
    vec![
        ("one long word", words(list(&[1_023])), words(list(&[1_022])), Member::TriggerWords),
        ("two long words", words(list(&[511, 511])), words(list(&[511, 510])), Member::TriggerWords),
        ("no room for gaps", words(list(&[1; 512])), words(list(&[1; 511])), Member::TriggerWords),
        ("an empty word", words(texts(&["ship", ""])), words(texts(&["ship", " "])), Member::TriggerWord),
        ("a word with NUL", words(texts(&["a\0"])), words(texts(&["a\u{1}"])), Member::TriggerWord),
        ("no address", urls(Vec::new()), urls(texts(&["http://a"])), Member::CallbackUrls),
        ("a long address", urls(address(1_023)), urls(address(1_022)), Member::CallbackUrls),
        ("an empty address", urls(texts(&["http://a", ""])), urls(texts(&["http://a"; 2])), Member::CallbackUrl),
        ("no address at all", urls(texts(&["nope"])), urls(texts(&["https://a"])), Member::CallbackUrl),
        ("title", text(65, |it| &mut it.display_name), text(64, |it| &mut it.display_name), Member::DisplayName),
        ("description", text(501, |it| &mut it.description), text(500, |it| &mut it.description), Member::Description),
        (
            "content type",
            text(129, |it| &mut it.content_type),
            text(128, |it| &mut it.content_type),
            Member::ContentType,
        ),
        ("when", when(2), when(1), Member::TriggerWhen),
        ("when, at most", when(i64::MAX), when(i64::MIN), Member::TriggerWhen),
        ("username", text(65, |it| &mut it.username), text(64, |it| &mut it.username), Member::Username),
        ("icon", text(1_025, |it| &mut it.icon_url), text(1_024, |it| &mut it.icon_url), Member::IconUrl),
    ]
}

/// OUT-105: an update as well as a new hook.
#[test]
fn each_rule_is_kept_to_the_byte() {
    for (name, breaks, keeps, member) in rules() {
        let (mut broken, mut kept) = (request(), request());
        breaks(&mut broken);
        keeps(&mut kept);
        assert_eq!(create(broken.clone()).unwrap_err(), ManageError::Invalid(member), "{name}");
        assert_eq!(update(broken).unwrap_err(), ManageError::Invalid(member), "{name}");
        assert!(create(kept.clone()).is_ok() && update(kept).is_ok(), "{name}");
    }
}

#[test]
fn the_first_rule_that_is_broken_is_told() {
    let rules = rules();
    for (first, (name, breaks, _, member)) in rules.iter().enumerate() {
        let mut broken = request();
        for (_, later, _, _) in rules.iter().skip(first).rev() {
            later(&mut broken);
        }
        breaks(&mut broken);
        assert_eq!(create(broken).unwrap_err(), ManageError::Invalid(*member), "{name}");
    }
}

#[test]
fn what_cannot_be_kept_as_text_is_refused() {
    type Place = fn(&mut HookRequest) -> &mut String;
    let cases: [(Place, Member); 5] = [
        (|it| &mut it.display_name, Member::DisplayName),
        (|it| &mut it.description, Member::Description),
        (|it| &mut it.content_type, Member::ContentType),
        (|it| &mut it.username, Member::Username),
        (|it| &mut it.icon_url, Member::IconUrl),
    ];
    for (place, member) in cases {
        let mut broken = request();
        *place(&mut broken) = "a\0b".to_owned();
        assert_eq!(create(broken).unwrap_err(), ManageError::Invalid(member));
    }
}

/// OUT-3.
#[test]
fn lengths_are_counted_in_bytes() {
    let named = |name: String| create(HookRequest { display_name: name, ..request() });
    assert!(named("é".repeat(32)).is_ok());
    assert_eq!(named(format!("{}x", "é".repeat(32))).unwrap_err(), ManageError::Invalid(Member::DisplayName));
}
