//! What senders may take, through a socket.

use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::{Limits, serve};

/// Serves how long a body is, and an answer that fits no buffer.
async fn serving(limits: Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
    let router = router.route("/large", get(async || vec![0; 64 * 1_024 * 1_024]));
    tokio::spawn(serve(listener, router, limits, pending()));
    address
}

fn send(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONGEST_ANSWER)).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    stream
}

/// Sends a body, or the start of one, that announces so many bytes.
fn send_body(address: SocketAddr, announced: usize, sent: usize) -> TcpStream {
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {announced}\r\n\r\n");
    send(address, &(head + &"x".repeat(sent)))
}

/// Hears a first piece of what is answered.
fn status(stream: &mut TcpStream) -> u16 {
    let mut piece = [0; 1_024];
    let read = stream.read(&mut piece).unwrap();
    let answer = String::from_utf8_lossy(&piece[..read]);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_a_connection_busy_with_nothing_makes_room() {
    let limits = Limits { connections: 1, patience: Duration::from_millis(200), ..Limits::default() };
    for (name, bytes) in [
        ("silent", ""),
        ("half a head", "POST / HTTP/1.1\r\nHo"),
        ("half a body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"),
        ("idle", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
        ("reads nothing", "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ] {
        let address = serving(limits).await;
        let _keeps = send(address, bytes);
        assert_eq!(status(&mut send_body(address, 3, 3)), 200, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_a_408_and_a_head_without_an_end_a_431() {
    let address = serving(Limits { patience: Duration::from_millis(200), ..Limits::default() }).await;
    assert_eq!(status(&mut send_body(address, 9, 4)), 408);
    let head = format!("POST / HTTP/1.1\r\nHost: localhost\r\n{}", "A: aaaaaaaaaaaaaaaa\r\n".repeat(90));
    assert_eq!(status(&mut send(address, &format!("{head}A: {}", "a".repeat(super::LONGEST_HEAD - head.len())))), 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_a_large_body_is_a_503_and_a_small_one_is_welcome() {
    let address = serving(Limits { large_bodies: 10_000, ..Limits::default() }).await;
    for (announced, sent, want) in [(70_000, 70_000, 503), (70_000, 60_000, 503), (10_000, 10_000, 200)] {
        assert_eq!(status(&mut send_body(address, announced, sent)), want, "{sent} of {announced}");
    }
}

/// A server that takes longer hangs.
const LONGEST_ANSWER: Duration = Duration::from_secs(20);
