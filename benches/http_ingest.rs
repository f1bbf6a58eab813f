//! `POST /hooks/{id}` through axum on loopback, ports answered from memory, one worker: CPU time of the server's thread
//! for each request, beside a bare axum handler that reads and parses the same body.
//!
//! `cargo bench --bench http_ingest`

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use common::{bar, median};
use common_host::{make_hook, start};
use jackfield::adapter::memory::MemoryStorage;
use serde::Deserialize;

#[path = "common/host.rs"]
mod common_host;

const BODY: &str = r##"{"text":"Build 42 of <https://ci.example.com/42|main> failed","username":"ci","attachments":[{"fallback":"Build 42 failed","color":"#d00000","title":"Build 42","title_link":"https://ci.example.com/42","text":"`cargo test` failed in 3 min 12 s, see the <https://ci.example.com/42/log|log>","fields":[{"title":"Branch","value":"main","short":true},{"title":"Author","value":"Ann Example","short":true}],"footer":"ci.example.com"}]}"##;

const CLIENTS: usize = 4;
const REQUESTS: usize = 1_000;
const ROUNDS: usize = 31;

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct Typed {
    text: String,
    username: String,
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct Attachment {
    fallback: String,
    color: String,
    title: String,
    title_link: String,
    text: String,
    fields: Vec<Field>,
    footer: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct Field {
    title: String,
    value: String,
    short: bool,
}

/// A server on a thread of its own: where it listens, the file that knows its CPU time, and the path to call.
struct Server {
    address: SocketAddr,
    cpu: String,
    path: String,
}

fn serve<F: Future<Output = (Router, String)> + Send + 'static>(name: &str, router: F) -> Server {
    let (tell, told) = mpsc::channel();
    let server = thread::Builder::new().name(name.to_owned()); // as a profiler shows it
    let started = server.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (router, path) = router.await;
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let task = fs::read_link("/proc/thread-self").unwrap();
            let cpu = format!("/proc/{}/schedstat", task.display());
            tell.send(Server { address: listener.local_addr().unwrap(), cpu, path }).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    drop(started.unwrap());
    told.recv().unwrap()
}

/// Sends requests over a few connections; returns CPU nanoseconds of the server for each.
fn load(server: &Server) -> f64 {
    let began = cpu(&server.cpu);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (address, path) = (server.address, server.path.clone());
            thread::spawn(move || client(address, &path))
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    (cpu(&server.cpu) - began) as f64 / (CLIENTS * REQUESTS) as f64
}

fn client(address: SocketAddr, path: &str) {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_nodelay(true).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut answer = [0; 4096];
    for _ in 0..REQUESTS {
        connection.write_all(request.as_bytes()).unwrap();
        let read = connection.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&answer[..read]));
    }
}

fn main() {
    let ours = serve("ours", async {
        let api = start(Arc::new(MemoryStorage::default())).await;
        let hook = make_hook(&api).await;
        (jackfield::adapter::axum::router(api), format!("/hooks/{hook}"))
    });
    let bare = serve("bare", async {
        let handler = async |body: Bytes| {
            let typed: Typed = serde_json::from_slice(&body).unwrap();
            if std::hint::black_box(typed).text.is_empty() { "no" } else { "ok" }
        };
        (Router::new().route("/hooks/{id}", post(handler)), "/hooks/ybndrfg8ejkmcpqxot1uwisza3".to_owned())
    });
    let (mut mine, mut peer, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (load(&ours), load(&bare));
        if round > 0 {
            mine.push(one);
            peer.push(other);
            ratios.push(one / other); // of neighbors in time, whatever else the machine does
        }
    }
    let (mine, peer) = (median(&mut mine), median(&mut peer));
    println!("{} bytes: {:.1} µs CPU a request, bare {:.1} µs", BODY.len(), mine / 1_000.0, peer / 1_000.0);
    println!("at most {:.0} requests/s on one worker", 1e9 / mine);
    bar("http_ingest_vs_bare_axum", median(&mut ratios), 1.33);
}

/// CPU time in nanoseconds, in a file of the kernel's that begins with it.
fn cpu(file: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default()
}
