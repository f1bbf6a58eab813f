//! `Idempotency-Key` on a webhook call.

use jackfield::port::RefusedKind;

use crate::host::{Answer, Site, hook_object, json_call};

async fn repeat(site: &Site, hook: &str, key: &[u8], text: &str) -> Answer {
    let mut request = json_call(hook, format!("{{\"text\":\"{text}\"}}"));
    request.headers_mut().insert("Idempotency-Key", http::HeaderValue::from_bytes(key).unwrap());
    site.send(request).await
}

#[tokio::test]
async fn a_repeat_makes_no_second_post_and_answers_as_the_first() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let (first, second) = (repeat(&site, &hook, b"k", "a").await, repeat(&site, &hook, b"k", "b").await);
    assert_eq!((first.brief(), second.brief()), ((200, "ok".into()), (200, "ok".into())));
    assert_eq!(site.messages(), ["a"]);
    assert_eq!(repeat(&site, &hook, b"K", "c").await.status, 200);
    assert_eq!(site.messages(), ["a", "c"]);
}

#[tokio::test]
async fn two_at_once_make_one_post() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let (one, two) = tokio::join!(repeat(&site, &hook, b"k", "a"), repeat(&site, &hook, b"k", "a"));
    assert_eq!((one.status, two.status, site.messages().len()), (200, 200, 1));
}

#[tokio::test]
async fn a_key_counts_for_one_hook() {
    let site = Site::new().await;
    let (one, two) = (site.hook().await, site.hook_by("admin", hook_object(site.dev)).await);
    repeat(&site, &one, b"k", "a").await;
    repeat(&site, &two, b"k", "b").await;
    assert_eq!(site.messages(), ["a", "b"]);
}

#[tokio::test]
async fn a_key_outlives_a_rotation_of_the_hook() {
    let site = Site::new().await;
    let hook = site.hook().await;
    repeat(&site, &hook, b"k", "a").await;
    let new = site.rotate(&hook, 1_000).await.unwrap();
    assert_eq!(repeat(&site, &new, b"k", "b").await.status, 200);
    assert_eq!(site.messages(), ["a"]);
}

#[tokio::test]
async fn a_call_that_failed_may_be_repeated() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().broken.sink = Some(RefusedKind::Failed);
    assert_eq!(repeat(&site, &hook, b"k", "a").await.status, 500);
    site.host.world().broken.sink = None;
    assert_eq!(repeat(&site, &hook, b"k", "a").await.status, 200);
    assert_eq!(site.messages(), ["a"]);
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_ascii_characters() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let (longest, longer) = ("k".repeat(255), "k".repeat(256));
    let cases: [(&[u8], bool); 8] = [
        (b"k", true),
        (longest.as_bytes(), true),
        (b"!~", true),
        (b"", false),
        (longer.as_bytes(), false),
        ("schl\u{fc}ssel".as_bytes(), false),
        (b"a b", false),
        (b"\xFF", false),
    ];
    for (key, is_sound) in cases {
        let before = site.posts().len();
        let answer = repeat(&site, &hook, key, "a").await;
        let want = if is_sound { (200, "ok") } else { (400, "jackfield.idempotency_key.invalid") };
        assert_eq!(answer.brief(), (want.0, want.1.into()), "{key:?}");
        assert_eq!(site.posts().len() - before, usize::from(is_sound), "{key:?}");
    }
}
