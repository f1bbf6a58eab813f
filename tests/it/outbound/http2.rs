//! HTTP/2, with receivers that offer it.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::{HeaderValue, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::mpsc;

use super::tls::{Authority, believing};
use super::*;

/// A receiver that offers HTTP/2 and says what it was told, and a channel that tells when a connection ends.
async fn offering(authority: &Authority) -> (Receiver, mpsc::UnboundedReceiver<()>) {
    let acceptor = authority.acceptor("two.example", 2099, &["h2", "http/1.1"]);
    let (tell, ended) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |peer| {
        let (acceptor, tell) = (acceptor.clone(), tell.clone());
        async move {
            let stream = peer.secured(&acceptor).await?.stream;
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let served = http2::Builder::new(TokioExecutor::new());
                let _ = served.serve_connection(TokioIo::new(stream), service_fn(serve)).await;
            }
            let _ = tell.send(());
            Ok(())
        }
    })
    .await;
    (receiver, ended)
}

async fn serve(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (path, host) = (request.uri().path().to_owned(), request.uri().authority().map(ToString::to_string));
    let seen = format!("{:?} {:?} {host:?} {}", request.version(), request.headers().get("host"), request.method());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert("seen", HeaderValue::try_from(seen).unwrap());
    match path.as_str() {
        "/long" => *response.body_mut() = Full::new(Bytes::from(vec![b'x'; 3 * 1024 * 1024])),
        "/heads" => {
            for name in 0..100 {
                let name = http::HeaderName::try_from(format!("x-{name}")).unwrap();
                response.headers_mut().insert(name, HeaderValue::try_from("x".repeat(1_024)).unwrap());
            }
        }
        "/silent" => std::future::pending().await,
        _ => {
            CALLS.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(response)
}

#[tokio::test]
async fn calls_share_one_connection() {
    let authority = Authority::new();
    let (receiver, _) = offering(&authority).await;
    let (client, url) = (believing(&authority), receiver.secure_url("two.example"));
    let response = ask(&client, &url).await;
    assert_eq!((response.head.version, &*response.body), (Version::HTTP_2, b"payload".as_slice()));
    let host = format!("two.example:{}", receiver.address.port());
    assert_eq!(response.head.headers["seen"], format!("HTTP/2.0 None Some({host:?}) POST"));
    for response in join_all((0..50).map(|_| ask(&client, &url))).await {
        assert_eq!(response.body, "payload");
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn the_limits_hold() {
    let authority = Authority::new();
    let (receiver, _) = offering(&authority).await;
    let (client, url) = (believing(&authority), receiver.secure_url("two.example"));
    let response = ask(&client, &format!("{url}long")).await;
    assert_eq!((response.body.len(), response.truncated), (1024 * 1024, true));
    let answered = client.send(post(&format!("{url}heads")), limits()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Protocol, Sent::Maybe));
    let answered = client.send(post(&format!("{url}silent")), hasty()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::Maybe));
    assert_eq!(ask(&client, &url).await.body, "payload");
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let authority = Authority::new();
    let (receiver, mut ended) = offering(&authority).await;
    let options = authority.options().with_resolver(Names::of(&[&["127.0.0.1"]]));
    let client = HyperClient::new(options.with_idle(Duration::from_millis(200), 10, 10)).unwrap();
    for round in 1..=2 {
        ask(&client, &receiver.secure_url("two.example")).await;
        ended.recv().await.unwrap();
        assert_eq!(receiver.connections(), round);
    }
}

#[tokio::test]
async fn a_policy_that_changes_ends_a_connection_that_all_shared() {
    let authority = Authority::new();
    let (receiver, mut ended) = offering(&authority).await;
    let (client, url) = (believing(&authority), receiver.secure_url("two.example"));
    ask(&client, &url).await;
    let answered = client.send(post(&url), HttpLimits { egress: policy(""), ..limits() }).await;
    assert_eq!(failed(answered), (HttpErrorKind::Blocked, Sent::No));
    ended.recv().await.unwrap();
    ask(&client, &url).await;
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn it_is_not_spoken_where_it_is_off() {
    let authority = Authority::new();
    let (receiver, _) = offering(&authority).await;
    let options = authority.options().with_resolver(Names::of(&[&["127.0.0.1"]])).with_http2(false);
    let client = HyperClient::new(options).unwrap();
    // The receiver speaks nothing else, and closes.
    let answered = client.send(post(&receiver.secure_url("two.example")), limits()).await;
    assert!(answered.is_err());
}
