//! Receivers that refuse, reset or hang, at each stage of a call.

use std::net::TcpListener as StdListener;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Duration, sleep};

use super::receiver::answer;
use super::*;

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let secure = url.replace("http", "https");
    for url in [url, secure] {
        let answered = client().send(post(&url), limits()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Connect, Sent::No), "{url}");
    }
}

/// Fills the queue of a listener that accepts nobody, so that further ones are not even refused.
async fn full(address: &str) -> (String, Vec<Box<dyn Send>>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(address.parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut kept: Vec<Box<dyn Send>> = vec![Box::new(listener)];
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        kept.push(Box::new(stream));
    }
    (address.to_string(), kept)
}

#[tokio::test]
async fn a_connection_that_hangs_sent_nothing() {
    let (address, _kept) = full("127.0.0.1:0").await;
    let answered = client().send(post(&format!("http://{address}/")), hasty()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::No));
}

#[tokio::test]
async fn an_address_that_hangs_does_not_hold_up_the_next_one() {
    let receiver = Receiver::answering(answer("200 OK", "", "here")).await;
    let port = receiver.address.port();
    let (_, _kept) = full(&format!("127.0.0.9:{port}")).await;
    let names = Names::of(&[&["127.0.0.9", "127.0.0.1"]]);
    let response = ask(&names.client(), &format!("http://both.example:{port}/")).await;
    assert_eq!(response.body, "here");
}

#[tokio::test]
async fn a_handshake_that_hangs_sent_nothing() {
    let receiver = Receiver::start(|mut peer| async move { peer.wait().await }).await;
    let answered = client().send(post(&receiver.secure_url("127.0.0.1")), hasty()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::No));
}

#[tokio::test]
async fn a_handshake_that_breaks_sent_nothing() {
    let closed = Receiver::start(|_peer| async { Ok(()) }).await;
    let plain = Receiver::start(|mut peer| async move {
        peer.say("HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        peer.wait().await
    })
    .await;
    for receiver in [closed, plain] {
        let answered = client().send(post(&receiver.secure_url("127.0.0.1")), limits()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Tls, Sent::No));
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_on_arrival_is_no_answer() {
    let receiver = Receiver::start(|peer| async move { peer.stream.set_zero_linger() }).await;
    for _ in 0..20 {
        let error = client().send(post(&receiver.url()), limits()).await.unwrap_err();
        let want = match error.sent() {
            Sent::Maybe => HttpErrorKind::Protocol,
            Sent::No => HttpErrorKind::Connect,
        };
        assert_eq!(error.kind(), want, "{error}");
    }
}

#[tokio::test]
async fn a_reset_at_any_later_stage_is_a_broken_answer() {
    let cases = ["", "HTTP", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"];
    for said in cases {
        let receiver = Receiver::start(move |mut peer| async move {
            peer.hear().await?;
            peer.say(said).await?;
            peer.stream.set_zero_linger()
        })
        .await;
        let answered = client().send(post(&receiver.url()), limits()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Protocol, Sent::Maybe), "{said:?}");
        assert_eq!(receiver.requests().len(), 1, "{said:?}");
    }
}

#[tokio::test]
async fn silence_at_any_later_stage_ends_at_the_deadline() {
    let cases = ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"];
    for said in cases {
        let receiver = Receiver::start(move |mut peer| async move {
            peer.hear().await?;
            peer.say(said).await?;
            peer.wait().await
        })
        .await;
        let answered = client().send(post(&receiver.url()), hasty()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::Maybe), "{said:?}");
    }
}

#[tokio::test]
async fn a_receiver_that_reads_nothing_of_a_long_request_ends_at_the_deadline() {
    let receiver = Receiver::start(|peer| async move {
        sleep(Duration::from_secs(60)).await;
        drop(peer);
        Ok(())
    })
    .await;
    let long = Request::post(receiver.url()).body(Bytes::from(vec![b'x'; 32 * 1024 * 1024])).unwrap();
    let answered = client().send(long, hasty()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::Maybe));
}

#[tokio::test]
async fn heads_and_bodies_that_trickle_end_at_the_deadline() {
    for begin in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"] {
        let receiver = Receiver::start(move |mut peer| async move {
            peer.hear().await?;
            peer.say(begin).await?;
            loop {
                peer.say("x").await?;
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
        let answered = client().send(post(&receiver.url()), hasty()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::Maybe), "{begin:?}");
    }
}

#[tokio::test]
async fn interim_answers_without_an_end_end_at_the_deadline() {
    let receiver = Receiver::start(move |mut peer| async move {
        peer.hear().await?;
        loop {
            peer.say("HTTP/1.1 102 Processing\r\n\r\n").await?;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let answered = client().send(post(&receiver.url()), hasty()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Timeout, Sent::Maybe));
}
