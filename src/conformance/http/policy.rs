//! What a client may connect to.

use super::*;

const BLOCKED: (HttpErrorKind, Sent) = (HttpErrorKind::Blocked, Sent::No);

/// An address that the policy forbids is not connected to.
pub async fn forbidden_addresses_are_not_called(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("forbidden_addresses_are_not_called", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let request = subject.request("GET", &receiver.url("/"), "")?;
    subject.fails("a forbidden address", request, judged(), BLOCKED).await?;
    let mapped = receiver.url("/").replace("127.0.0.1", "[::ffff:127.0.0.1]");
    let request = subject.request("GET", &mapped, "")?;
    subject.fails("a forbidden address in IPv6", request, judged(), BLOCKED).await?;
    subject.name.equal("how many connections were made", &receiver.connections(), &0)
}

/// A name is judged by the addresses that it has.
pub async fn names_are_judged_by_their_addresses(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("names_are_judged_by_their_addresses", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let request = subject.request("GET", &receiver.url("/").replace("127.0.0.1", "localhost"), "")?;
    subject.fails("a name with forbidden addresses", request, judged(), BLOCKED).await?;
    subject.name.equal("how many connections were made", &receiver.connections(), &0)
}

/// A host that the policy admits by its name is connected to, whatever its addresses.
pub async fn admitted_hosts_are_not_judged(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("admitted_hosts_are_not_judged", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    subject.get(&receiver.url("/")).await?;
    subject.get(&receiver.url("/").replace("127.0.0.1", "localhost")).await.map(drop)
}

/// An address that lies in an allowed network is connected to.
pub async fn allowed_networks_are_called(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("allowed_networks_are_called", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    subject.ask(subject.request("GET", &receiver.url("/"), "")?, allowed()).await.map(drop)
}

/// A port that the policy does not name is not called where it names some.
pub async fn forbidden_ports_are_not_called(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("forbidden_ports_are_not_called", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let only = |port: u16| HttpLimits {
        egress: policy(|settings| {
            settings.allowed_internal = LOOPBACK.to_owned();
            settings.allowed_ports = vec![port];
        }),
        ..judged()
    };
    let request = subject.request("GET", &receiver.url("/"), "")?;
    subject.fails("a forbidden port", request.clone(), only(1), BLOCKED).await?;
    subject.name.equal("how many connections were made", &receiver.connections(), &0)?;
    subject.ask(request, only(receiver.port())).await.map(drop)
}

/// A connection that was made under one policy is not used under another.
pub async fn connections_do_not_outlive_their_policy(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("connections_do_not_outlive_their_policy", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let request = subject.request("GET", &receiver.url("/"), "")?;
    subject.ask(request.clone(), allowed()).await?;
    subject.fails("an address that is forbidden by now", request.clone(), judged(), BLOCKED).await?;
    subject.name.equal("how many requests came", &receiver.requests().len(), &1)?;
    let before = receiver.connections();
    let other = policy(|settings| settings.allowed_internal = format!("{LOOPBACK} 10.0.0.0/8"));
    subject.ask(request, HttpLimits { egress: other, ..judged() }).await?;
    subject.name.ensure(receiver.connections() > before, "a connection was used under a policy it was not made under")
}

/// A connection to a host that was admitted by its name is not used for a call to which it is not.
pub async fn admitted_connections_serve_no_other_call(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("admitted_connections_serve_no_other_call", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let (request, admitting) = (subject.request("GET", &receiver.url("/"), "")?, judged());
    subject.ask(request.clone(), HttpLimits { host_admitted: true, ..admitting.clone() }).await?;
    subject.fails("a forbidden address", request, admitting, BLOCKED).await?;
    subject.name.equal("how many requests came", &receiver.requests().len(), &1)
}

/// Limits under which every address is judged, and none inside is allowed.
fn judged() -> HttpLimits {
    HttpLimits { host_admitted: false, ..limits() }
}

/// Limits under which loopback addresses are allowed.
fn allowed() -> HttpLimits {
    HttpLimits { egress: policy(|settings| settings.allowed_internal = LOOPBACK.to_owned()), ..judged() }
}

const LOOPBACK: &str = "127.0.0.0/8";
