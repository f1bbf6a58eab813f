//! Which addresses are dialed: those that were judged, and no others.

use std::future::pending;
use std::time::Duration;

use super::receiver::answer;
use super::*;

#[tokio::test]
async fn names_that_lead_inside_are_not_called() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    let lists: [&[&str]; 6] = [
        &["127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["10.0.0.1", "192.168.0.1", "fd00::1"],
        &["169.254.169.254"],
    ];
    for list in lists {
        let names = Names::of(&[list]);
        let url = format!("http://inside.example:{}/", receiver.address.port());
        let limits = HttpLimits { egress: policy(""), ..limits() };
        let error = names.client().send(post(&url), limits).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (HttpErrorKind::Blocked, Sent::No), "{list:?}");
        // It is for an administrator, who learns what would allow it.
        assert!(error.to_string().contains("could allow it"), "{error}");
        assert_eq!(names.asked(), ["inside.example"]);
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn of_mixed_addresses_the_allowed_ones_are_called() {
    let there = Receiver::start_at("127.0.0.2:0", |mut peer| async move {
        peer.hear().await?;
        peer.say(answer("200 OK", "", "there")).await
    })
    .await;
    let port = there.address.port();
    let here = Receiver::start_at(&format!("127.0.0.1:{port}"), |_| async { Ok(()) }).await;
    let names = Names::of(&[&["127.0.0.1", "10.9.9.9", "127.0.0.2"]]);
    let limits = HttpLimits { egress: policy("127.0.0.2/32"), ..limits() };
    let response = names.client().send(post(&format!("http://mixed.example:{port}/")), limits).await.unwrap();
    assert_eq!(response.body, "there");
    assert_eq!((here.connections(), there.connections()), (0, 1));
    assert!(there.requests()[0].contains(&format!("Host: mixed.example:{port}\r\n")));
}

/// Each connection asks once, and goes where that answer says: what a second answer would be does not matter.
#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let receiver = Receiver::answering_once(answer("200 OK", "Connection: close\r\n", "")).await;
    let url = format!("http://rebound.example:{}/", receiver.address.port());
    let outside = Receiver::start_at(&format!("127.0.0.7:{}", receiver.address.port()), |mut peer| async move {
        peer.hear().await?;
        peer.say(answer("200 OK", "Connection: close\r\n", "outside")).await
    })
    .await;
    let names = Names::of(&[&["127.0.0.7"], &["127.0.0.1"], &["127.0.0.7"]]);
    let client = names.client();
    let limits = HttpLimits { egress: policy("127.0.0.7/32"), ..limits() };
    assert_eq!(client.send(post(&url), limits.clone()).await.unwrap().body, "outside");
    let answered = client.send(post(&url), limits.clone()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Blocked, Sent::No));
    assert_eq!(client.send(post(&url), limits).await.unwrap().body, "outside");
    assert_eq!((names.asked().len(), outside.connections(), receiver.connections()), (3, 2, 0));
}

#[tokio::test]
async fn an_admitted_name_is_called_wherever_it_leads() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    let names = Names::of(&[&["127.0.0.1"]]);
    let limits = HttpLimits { egress: policy("inside.example"), host_admitted: true, ..limits() };
    names.client().send(post(&format!("http://inside.example:{}/", receiver.address.port())), limits).await.unwrap();
}

#[tokio::test]
async fn nobody_is_asked_about_an_address() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    let names = Names::of(&[&["10.0.0.1"]]);
    ask(&names.client(), &receiver.url()).await;
    assert_eq!(names.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn an_address_that_refuses_does_not_keep_from_the_next_one() {
    let receiver = Receiver::answering(answer("200 OK", "", "here")).await;
    let names = Names::of(&[&["127.0.0.3", "127.0.0.4", "127.0.0.1"]]);
    let response = ask(&names.client(), &format!("http://several.example:{}/", receiver.address.port())).await;
    assert_eq!(response.body, "here");
}

#[tokio::test]
async fn no_more_than_eight_addresses_are_dialed() {
    let receiver = Receiver::answering(answer("200 OK", "", "here")).await;
    let dead: Vec<_> = (2..=9).map(|last| format!("127.0.1.{last}")).collect();
    let mut list: Vec<_> = dead.iter().map(String::as_str).collect();
    list.push("127.0.0.1");
    let url = format!("http://a.example:{}/", receiver.address.port());
    let answered = Names::of(&[&list]).client().send(post(&url), limits()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Connect, Sent::No));
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn names_without_addresses_are_told() {
    for lists in [&[][..], &[&[] as &[&str]]] {
        let answered = Names::of(lists).client().send(post("http://nowhere.example/"), limits()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Dns, Sent::No));
    }
}

#[tokio::test]
async fn a_look_up_that_hangs_ends_at_the_deadline() {
    #[derive(Debug)]
    struct Silent;

    #[async_trait]
    impl Resolve for Silent {
        async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
            pending().await
        }
    }

    let client = HyperClient::new(HyperOptions::default().with_resolver(Arc::new(Silent))).unwrap();
    let limits = HttpLimits { deadline: Duration::from_millis(50), ..limits() };
    assert_eq!(failed(client.send(post("http://slow.example/"), limits).await), (HttpErrorKind::Timeout, Sent::No));
}

#[tokio::test]
async fn the_system_knows_this_machine() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    ask(&client(), &format!("http://localhost:{}/", receiver.address.port())).await;
    let answered = client().send(post("http://no-such-name.invalid/"), limits()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Dns, Sent::No));
}

#[tokio::test]
async fn addresses_of_ipv6_are_called_in_brackets_unless_that_is_off() {
    let receiver = Receiver::start_at("[::1]:0", |mut peer| async move {
        peer.hear().await?;
        peer.say(answer("200 OK", "", "six")).await
    })
    .await;
    assert_eq!(ask(&client(), &receiver.url()).await.body, "six");
    assert!(receiver.requests()[0].contains(&format!("Host: [::1]:{}\r\n", receiver.address.port())));
    let without = HyperClient::new(HyperOptions::default().with_ipv6(false)).unwrap();
    assert_eq!(failed(without.send(post(&receiver.url()), limits()).await), (HttpErrorKind::Dns, Sent::No));
    let blocked = HttpLimits { egress: policy("127.0.0.0/8"), ..limits() };
    assert_eq!(failed(client().send(post(&receiver.url()), blocked).await), (HttpErrorKind::Blocked, Sent::No));
}

#[tokio::test]
async fn own_addresses_are_forbidden_whatever_they_are() {
    let own = if_addrs::get_if_addrs().unwrap().into_iter().map(|interface| interface.ip());
    for address in own {
        let url = match address {
            IpAddr::V4(four) => format!("http://{four}:1/"),
            IpAddr::V6(six) => format!("http://[{six}]:1/"),
        };
        let answered = client().send(post(&url), HttpLimits { egress: policy(""), ..limits() }).await;
        assert_eq!(failed(answered), (HttpErrorKind::Blocked, Sent::No), "{url}");
    }
}
