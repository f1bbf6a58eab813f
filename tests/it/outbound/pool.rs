//! Connections that are used again, and those that must not be.

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::receiver::answer;
use super::*;

fn idle(milliseconds: u64) -> HyperClient {
    let idle = Duration::from_millis(milliseconds);
    HyperClient::new(HyperOptions::default().with_idle(idle, 1_024, 256)).unwrap()
}

async fn at_once(count: usize, client: &HyperClient, receiver: &Receiver) {
    let url = receiver.url();
    join_all((0..count).map(|_| ask(client, &url))).await;
}

#[tokio::test]
async fn calls_one_after_the_other_share_a_connection() {
    let (receiver, client) = (Receiver::answering(answer("200 OK", "", "body")).await, client());
    for _ in 0..10 {
        ask(&client, &receiver.url()).await;
    }
    assert_eq!((receiver.connections(), receiver.requests().len()), (1, 10));
}

#[tokio::test]
async fn calls_at_once_have_a_connection_each_and_leave_them_to_the_next() {
    let (receiver, client) = (Receiver::answering(answer("200 OK", "", "body")).await, client());
    for _ in 0..3 {
        at_once(20, &client, &receiver).await;
    }
    assert!(receiver.connections() <= 20, "{}", receiver.connections());
    assert_eq!(receiver.requests().len(), 60);
}

#[tokio::test]
async fn no_more_connections_are_kept_than_may_be() {
    let options = HyperOptions::default().with_idle(HyperOptions::LONGEST_IDLE, 3, 2);
    let client = HyperClient::new(options).unwrap();
    let first = Receiver::answering(answer("200 OK", "", "")).await;
    let second = Receiver::answering(answer("200 OK", "", "")).await;
    for receiver in [&first, &second] {
        at_once(5, &client, receiver).await;
    }
    let before = (first.connections(), second.connections());
    for receiver in [&first, &second] {
        at_once(5, &client, receiver).await;
    }
    let after = (first.connections(), second.connections());
    // Two are kept for the first, then one for the second; the first's are in use when the second's come back.
    assert_eq!(after.0 - before.0, 3);
    assert!((3..=4).contains(&(after.1 - before.1)), "{before:?} {after:?}");
}

#[tokio::test]
async fn an_answer_that_says_so_closes_the_connection() {
    for headers in ["Connection: close\r\n", "connection: Close, x\r\n"] {
        let (receiver, client) = (Receiver::answering(answer("200 OK", headers, "body")).await, client());
        ask(&client, &receiver.url()).await;
        ask(&client, &receiver.url()).await;
        assert_eq!(receiver.connections(), 2, "{headers:?}");
    }
}

#[tokio::test]
async fn a_cut_answer_closes_the_connection() {
    let (receiver, client) = (Receiver::answering(answer("200 OK", "", vec![b'x'; 100_000])).await, client());
    for _ in 0..2 {
        let limits = HttpLimits { body_bytes: 10, ..limits() };
        assert!(client.send(post(&receiver.url()), limits).await.unwrap().truncated);
    }
    assert_eq!(receiver.connections(), 2);
}

/// Tells when a connection ends.
async fn telling() -> (Receiver, mpsc::UnboundedReceiver<Instant>) {
    let (tell, ended) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut peer| {
        let tell = tell.clone();
        async move {
            while peer.hear().await? {
                if !peer.is_path("/silent") {
                    peer.say(answer("200 OK", "", "body")).await?;
                }
            }
            tell.send(Instant::now()).unwrap();
            Ok(())
        }
    })
    .await;
    (receiver, ended)
}

#[tokio::test]
async fn idle_connections_are_closed_though_nobody_calls() {
    let (receiver, mut ended) = telling().await;
    let client = idle(200);
    let began = Instant::now();
    ask(&client, &receiver.url()).await;
    ended.recv().await.unwrap();
    let lived = began.elapsed();
    assert!(lived >= Duration::from_millis(150), "{lived:?}");
    // Again, after nothing was there to be closed.
    ask(&client, &receiver.url()).await;
    ended.recv().await.unwrap();
}

#[tokio::test]
async fn no_connection_is_idle_for_more_than_four_seconds() {
    let (receiver, mut ended) = telling().await;
    let client = HyperClient::new(HyperOptions::default().with_idle(Duration::from_secs(60), 10, 10)).unwrap();
    ask(&client, &receiver.url()).await;
    let began = Instant::now();
    ended.recv().await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(4_900), "{:?}", began.elapsed());
}

/// In proportion: receivers on Node close after 5 seconds, clients of ours after 4.
#[tokio::test]
async fn receivers_that_close_idle_connections_lose_no_call() {
    let receiver = Receiver::start(|mut peer| async move {
        while let Ok(Ok(true)) = tokio::time::timeout(Duration::from_millis(400), peer.hear()).await {
            peer.say(answer("200 OK", "", "body")).await?;
        }
        Ok(())
    })
    .await;
    let client = idle(200);
    for round in 0..12 {
        ask(&client, &receiver.url()).await;
        sleep(Duration::from_millis(round * 40)).await;
    }
    assert_eq!(receiver.requests().len(), 12);
}

#[tokio::test]
async fn a_call_that_is_cut_short_closes_its_connection() {
    let (receiver, mut ended) = telling().await;
    let client = client();
    let silent = format!("{}silent", receiver.url());
    let (_, limits) = (ask(&client, &receiver.url()).await, hasty());
    assert_eq!(failed(client.send(post(&silent), limits).await), (HttpErrorKind::Timeout, Sent::Maybe));
    ended.recv().await.unwrap();
    tokio::select! {
        _ = client.send(post(&silent), super::limits()) => panic!("an answer came"),
        () = sleep(Duration::from_millis(50)) => {}
    }
    ended.recv().await.unwrap();
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn a_policy_that_changes_closes_what_was_made_before() {
    let (receiver, mut ended) = telling().await;
    let client = client();
    let with = |allowed: &str| HttpLimits { egress: policy(allowed), ..limits() };
    client.send(post(&receiver.url()), with("127.0.0.0/8")).await.unwrap();
    // The same policy, made anew, changes nothing.
    client.send(post(&receiver.url()), with("127.0.0.0/8")).await.unwrap();
    assert_eq!(receiver.connections(), 1);
    let answered = client.send(post(&receiver.url()), with("10.0.0.0/8")).await;
    assert_eq!(failed(answered), (HttpErrorKind::Blocked, Sent::No));
    ended.recv().await.unwrap();
    client.send(post(&receiver.url()), with("127.0.0.0/8")).await.unwrap();
    assert_eq!((receiver.connections(), receiver.requests().len()), (2, 3));
}

#[tokio::test]
async fn a_connection_in_use_when_the_policy_changes_does_not_come_back() {
    let (go, gone) = mpsc::unbounded_channel::<()>();
    let gone = Arc::new(tokio::sync::Mutex::new(gone));
    let receiver = Receiver::start(move |mut peer| {
        let gone = gone.clone();
        async move {
            while peer.hear().await? {
                if peer.is_path("/slow") {
                    gone.lock().await.recv().await;
                }
                peer.say(answer("200 OK", "", "body")).await?;
            }
            Ok(())
        }
    })
    .await;
    let client = client();
    let (before, after) = (limits(), HttpLimits { egress: policy("127.0.0.0/8"), ..limits() });
    let slow = tokio::spawn({
        let (client, url) = (client.clone(), format!("{}slow", receiver.url()));
        async move { client.send(post(&url), before).await.unwrap() }
    });
    while receiver.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    client.send(post(&receiver.url()), after.clone()).await.unwrap();
    go.send(()).unwrap();
    slow.await.unwrap();
    client.send(post(&receiver.url()), after.clone()).await.unwrap();
    client.send(post(&receiver.url()), after).await.unwrap();
    assert_eq!(receiver.connections(), 2);
}

#[test]
fn a_client_outlives_the_runtime_it_was_first_used_on() {
    let client = client();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let receiver = Receiver::answering(answer("200 OK", "", "body")).await;
            ask(&client, &receiver.url()).await;
            ask(&client, &receiver.url()).await;
            assert_eq!(receiver.connections(), 1);
        });
    }
    let outside = futures_util::FutureExt::now_or_never(client.send(post("http://127.0.0.1/"), limits())).unwrap();
    assert_eq!(failed(outside), (HttpErrorKind::Connect, Sent::No));
}
