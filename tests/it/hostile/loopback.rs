//! Through a socket: slow bodies, bodies that lie about their length, and senders that break off.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::host::Site;

/// Serves a site on loopback.
async fn served() -> (Site, SocketAddr, String) {
    let site = Site::new().await;
    let hook = site.hook().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback_service(jackfield::adapter::axum::router(site.api.clone()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (site, address, hook)
}

/// Talks to the server on a thread of its own, and returns what it answered.
async fn talk(address: SocketAddr, talk: impl FnOnce(&mut TcpStream) + Send + 'static) -> String {
    let answered = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        talk(&mut stream);
        let mut answer = Vec::new();
        // What was answered before the connection broke counts.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    answered.await.unwrap()
}

fn head(hook: &str, more: &str) -> String {
    format!("POST /hooks/{hook} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_byte_by_byte_still_works() {
    let (site, address, hook) = served().await;
    let body = r#"{"text":"slow"}"#;
    let announced = head(&hook, &format!("Content-Length: {}\r\n", body.len()));
    let answer = talk(address, move |stream| {
        for byte in announced.bytes().chain(body.bytes()) {
            stream.write_all(&[byte]).unwrap();
        }
    })
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok"), "{answer}");
    let chunked = head(&hook, "Transfer-Encoding: chunked\r\n");
    let answer = talk(address, move |stream| {
        stream.write_all(chunked.as_bytes()).unwrap();
        for byte in body.bytes() {
            stream.write_all(&[b'1', b'\r', b'\n', byte, b'\r', b'\n']).unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    })
    .await;
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    assert_eq!(site.messages(), ["slow", "slow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_announces_too_much_is_refused_unread() {
    let (site, address, hook) = served().await;
    let head = head(&hook, "Content-Length: 999999999\r\n");
    let answer = talk(address, move |stream| stream.write_all(head.as_bytes()).unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("request_body_too_large"), "{answer}");
    assert!(site.posts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_an_end_is_read_to_the_limit_alone() {
    let (site, address, hook) = served().await;
    let head = head(&hook, "Transfer-Encoding: chunked\r\n");
    let limit = site.api.body_limit();
    let answer = talk(address, move |stream| {
        stream.write_all(head.as_bytes()).unwrap();
        // One byte more than the limit, and then silence: the answer must come all the same.
        let _ = write!(stream, "{:x}\r\n{}\r\n", limit + 1, "x".repeat(limit + 1));
    })
    .await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("request_body_too_large"), "{answer}");
    assert!(site.posts().is_empty());
}

/// What follows is the next request, and it is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_counts_as_far_as_it_was_announced() {
    let (site, address, hook) = served().await;
    let body = r#"{"text":"announced"}"#;
    let head = format!("POST /hooks/{hook} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    let more = r#","text":"more"}"#.repeat(1_000);
    let answer = talk(address, move |stream| {
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        let _ = stream.write_all(more.as_bytes());
    })
    .await;
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    assert_eq!(site.messages(), ["announced"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_a_hundred_thousand_pieces_is_the_same_body() {
    let (site, address, hook) = served().await;
    let limit = site.api.body_limit();
    let head = head(&hook, "Transfer-Encoding: chunked\r\n");
    for (bytes, status) in [(limit, "200"), (limit + 1, "413")] {
        let spaces = "1\r\n \r\n".repeat(bytes - 14);
        let text = format!("{head}E\r\n{{\"text\":\"all\"}}\r\n{spaces}0\r\n\r\n");
        let answer = talk(address, move |stream| {
            let _ = stream.write_all(text.as_bytes());
        })
        .await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes}: {answer}");
    }
    assert_eq!(site.messages(), ["all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_exactly_the_limit_passes() {
    let (site, address, hook) = served().await;
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(site.api.body_limit() - 11));
    let head = head(&hook, &format!("Content-Length: {}\r\n", body.len()));
    let answer = talk(address, move |stream| stream.write_all((head + &body).as_bytes()).unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(site.posts().len(), 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_breaks_off_posts_nothing() {
    let (site, address, hook) = served().await;
    let body = r#"{"text":"whole"} and then"#;
    let head = head(&hook, &format!("Content-Length: {}\r\n", body.len() + 10));
    talk(address, move |stream| {
        stream.write_all((head + body).as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    })
    .await;
    assert!(site.posts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_harms_nobody() {
    let (site, address, hook) = served().await;
    for garbage in
        ["\0\0\0\0", "POST\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /hooks/\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n"]
    {
        talk(address, move |stream| {
            let _ = stream.write_all(garbage.as_bytes());
            let _ = stream.shutdown(Shutdown::Write);
        })
        .await;
    }
    assert_eq!(site.say(&hook, "a").await.status, 200);
}
