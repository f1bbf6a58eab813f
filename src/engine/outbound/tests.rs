use std::sync::Mutex;

use async_trait::async_trait;
use http::{Method, Response, StatusCode, header};
use time::OffsetDateTime;

use super::*;
use crate::security::EgressSettings;

const SECRET: &str = "hunter2";

/// A world that answers from a list, takes a second for each answer, and remembers what it was asked.
#[derive(Debug)]
struct World {
    answers: Mutex<Vec<Result<(u16, &'static str), HttpErrorKind>>>,
    asked: Mutex<Vec<(Request<Bytes>, HttpLimits)>>,
    seconds: Mutex<u64>,
}

impl World {
    /// The last answer is given for ever.
    fn answering(answers: &[Result<(u16, &'static str), HttpErrorKind>]) -> Self {
        let mut answers = answers.to_vec();
        answers.reverse();
        Self { answers: Mutex::new(answers), asked: Mutex::default(), seconds: Mutex::new(100) }
    }

    async fn call(&self, url: &str, settings: &EgressSettings, caller: Caller) -> Result<Answered, Unanswered> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("http://not.looked.at/")
            .header("content-type", "application/json")
            .header("webhook-signature", SECRET)
            .body(Bytes::from_static(b"payload"));
        let egress = Arc::new(EgressPolicy::new(settings));
        let timeout = Duration::from_secs(30);
        Outbound { clock: self, egress: &egress, http: self, timeout }.call(url, request.unwrap(), caller).await
    }

    async fn hook(&self, url: &str) -> Result<Answered, Unanswered> {
        self.call(url, &EgressSettings::default(), Caller::Hook).await
    }

    /// Method and address of what was asked, with the names of the headers that may not go everywhere.
    fn lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let line = |(request, _): &(Request<Bytes>, HttpLimits)| {
            let kept =
                ["authorization", "webhook-signature"].iter().filter(|name| request.headers().contains_key(**name));
            let kept = kept.map(|name| format!(" {name}")).collect::<String>();
            let body = String::from_utf8_lossy(request.body()).into_owned();
            format!("{} {}{kept} {body}", request.method(), request.uri()).trim_end().to_owned()
        };
        asked.iter().map(line).collect()
    }
}

#[async_trait]
impl HttpClient for World {
    async fn send(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        self.asked.lock().unwrap().push((request, limits));
        *self.seconds.lock().unwrap() += 1;
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { *answers.last().unwrap() };
        let (status, location) = answer.map_err(|kind| HttpError::new(kind, Sent::No, "told by the world"))?;
        let (mut head, body) = Response::new(Bytes::from_static(b"answer")).into_parts();
        head.status = StatusCode::from_u16(status).unwrap();
        if !location.is_empty() {
            head.headers.insert(header::LOCATION, location.parse().unwrap());
        }
        Ok(HttpResponse { body, head, truncated: false })
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(*self.seconds.lock().unwrap())
    }
}

#[tokio::test]
async fn a_call_says_who_it_comes_from_and_keeps_to_its_limits() {
    let world = World::answering(&[Ok((500, ""))]);
    let answered = world.hook("http://user:w%20rd@hook.example:80/a b?q=ü#f").await.unwrap();
    assert_eq!((answered.response.head.status.as_u16(), answered.is_unfollowed), (500, false));
    let asked = world.asked.lock().unwrap();
    let (request, limits) = &asked[0];
    assert_eq!(request.uri(), "http://hook.example/a%20b?q=%C3%BC");
    assert_eq!(request.headers()["user-agent"], "Mattermost-Bot/1.1");
    assert_eq!(request.headers()["authorization"], "Basic dXNlcjp3IHJk");
    assert_eq!(request.body(), "payload");
    assert_eq!((limits.body_bytes, limits.deadline), (1_048_576, Duration::from_secs(30)));
    assert!(!limits.host_admitted);
}

#[tokio::test]
async fn given_credentials_go_before_those_of_the_address() {
    let world = World::answering(&[Ok((200, ""))]);
    let egress = Arc::new(EgressPolicy::new(&EgressSettings::default()));
    let outbound = Outbound { clock: &world, egress: &egress, http: &world, timeout: Duration::from_secs(1) };
    let request = Request::post("/").header("authorization", "Token abc").body(Bytes::new()).unwrap();
    outbound.call("http://user:word@hook.example/", request, Caller::Hook).await.unwrap();
    assert_eq!(world.asked.lock().unwrap()[0].0.headers()["authorization"], "Token abc");
}

#[tokio::test]
async fn hosts_are_admitted_by_the_text_of_the_address() {
    let settings = EgressSettings { allowed_internal: "hooks.lan 127.0.0.1".to_owned(), ..EgressSettings::default() };
    let cases = [
        ("http://hooks.lan:8080/", true),
        ("http://HOOKS.lan./", true),
        ("http://x.hooks.lan/", false),
        ("http://127.0.0.1/", true),
        // It is the same address, but not the same text.
        ("http://2130706433/", false),
    ];
    for (url, want) in cases {
        let world = World::answering(&[Ok((200, ""))]);
        world.call(url, &settings, Caller::Hook).await.unwrap();
        assert_eq!(world.asked.lock().unwrap()[0].1.host_admitted, want, "{url}");
    }
    let world = World::answering(&[Ok((302, "http://other.example/")), Ok((302, "http://hooks.lan/")), Ok((200, ""))]);
    world.call("http://hooks.lan/", &settings, Caller::Hook).await.unwrap();
    let admitted: Vec<_> = world.asked.lock().unwrap().iter().map(|(_, limits)| limits.host_admitted).collect();
    assert_eq!(admitted, [true, false, true]);
}

#[tokio::test]
async fn what_is_no_address_is_not_called() {
    for url in ["", "ftp://hook.example/", "http://hook.example:99999/", "http://a b/", "HTTP://hook.example/"] {
        let world = World::answering(&[Ok((200, ""))]);
        let unanswered = world.hook(url).await.unwrap_err();
        assert_eq!((unanswered.class, unanswered.sent), (FailureClass::Url, Sent::No), "{url}");
        assert_eq!(world.lines(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn within_the_origin_everything_goes_along_and_elsewhere_nothing() {
    let world = World::answering(&[Ok((307, "/next")), Ok((302, "http://other.example/")), Ok((200, ""))]);
    let answered = world.hook("http://u:p@hook.example/in").await.unwrap();
    assert_eq!(answered.response.head.status, 200);
    assert_eq!(
        world.lines(),
        [
            "POST http://hook.example/in authorization webhook-signature payload",
            "POST http://hook.example/next authorization webhook-signature payload",
            "GET http://other.example/",
        ]
    );
    let agents = world.asked.lock().unwrap().iter().all(|(request, _)| request.headers().contains_key("user-agent"));
    assert!(agents);
}

#[tokio::test]
async fn a_payload_stays_where_it_was_sent() {
    let world = World::answering(&[Ok((307, "http://other.example/"))]);
    let answered = world.hook("http://hook.example/").await.unwrap();
    assert_eq!((answered.response.head.status.as_u16(), answered.is_unfollowed), (307, true));
    assert_eq!(world.lines().len(), 1);
    let world = World::answering(&[Ok((302, "http://other.example/"))]);
    let answered = world.call("http://hook.example/", &EgressSettings::default(), Caller::Command).await.unwrap();
    assert!(answered.is_unfollowed);
    assert_eq!(world.lines().len(), 1);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_no_answer() {
    let cases = [("http://hook.example/", "/again", 10), ("https://hook.example/", "http://hook.example/", 1)];
    for (url, location, requests) in cases {
        let world = World::answering(&[Ok((302, location))]);
        let unanswered = world.hook(url).await.unwrap_err();
        assert_eq!((unanswered.class, unanswered.sent), (FailureClass::Redirect, Sent::Maybe), "{url}");
        assert_eq!(world.lines().len(), requests, "{url}");
    }
}

#[tokio::test]
async fn all_requests_of_a_call_share_its_time() {
    let world = World::answering(&[Ok((307, "/next"))]);
    let egress = Arc::new(EgressPolicy::new(&EgressSettings::default()));
    let timeout = Duration::from_millis(2_500);
    let outbound = Outbound { clock: &world, egress: &egress, http: &world, timeout };
    let request = Request::post("/").body(Bytes::new()).unwrap();
    let unanswered = outbound.call("http://hook.example/", request, Caller::Hook).await.unwrap_err();
    assert_eq!((unanswered.class, unanswered.sent), (FailureClass::Timeout, Sent::Maybe));
    let deadlines: Vec<_> = world.asked.lock().unwrap().iter().map(|(_, limits)| limits.deadline.as_millis()).collect();
    assert_eq!(deadlines, [2_500, 1_500, 500]);
}

#[tokio::test]
async fn failures_keep_their_class_and_say_what_may_have_been_sent() {
    let cases = [
        (HttpErrorKind::Blocked, FailureClass::Blocked),
        (HttpErrorKind::Connect, FailureClass::Connect),
        (HttpErrorKind::Dns, FailureClass::Dns),
        (HttpErrorKind::Protocol, FailureClass::Protocol),
        (HttpErrorKind::Timeout, FailureClass::Timeout),
        (HttpErrorKind::Tls, FailureClass::Tls),
        (HttpErrorKind::Url, FailureClass::Url),
    ];
    for (kind, class) in cases {
        let unanswered = World::answering(&[Err(kind)]).hook("http://hook.example/").await.unwrap_err();
        assert_eq!((unanswered.class, unanswered.sent), (class, Sent::No));
        assert_eq!(unanswered.detail, "no answer: told by the world");
        // The first request was answered, so it was sent.
        let world = World::answering(&[Ok((307, "/next")), Err(kind)]);
        let unanswered = world.hook("http://hook.example/").await.unwrap_err();
        assert_eq!((unanswered.class, unanswered.sent), (class, Sent::Maybe));
    }
}

#[tokio::test]
async fn what_is_told_of_a_failure_holds_no_secret() {
    let url = "http://hunter2:hunter2@hook.example/hunter2?hunter2";
    for answer in [Err(HttpErrorKind::Timeout), Ok((302, "/hunter2")), Ok((302, "mailto:hunter2"))] {
        let unanswered = World::answering(&[answer]).hook(url).await.unwrap_err();
        assert!(!format!("{unanswered:?}").contains(SECRET), "{unanswered:?}");
    }
    for url in ["http://hunter2:hunter2@:99999/hunter2", "hunter2"] {
        let unanswered = World::answering(&[Ok((200, ""))]).hook(url).await.unwrap_err();
        assert!(!format!("{unanswered:?}").contains(SECRET), "{unanswered:?}");
    }
}
