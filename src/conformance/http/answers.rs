//! What arrives, and what comes back.

use futures_timer::Delay;

use super::*;

/// Method, path, query, headers and body arrive as they were given, and the host is that of the URL.
pub async fn requests_arrive_as_they_were_given(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("requests_arrive_as_they_were_given", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let mut request = subject.request("POST", &receiver.url("/a%20b/c?q=%C3%A4&q=2"), "k\0v")?;
    request.headers_mut().insert("x-given", ::http::HeaderValue::from_static("as it was"));
    subject.ask(request, limits()).await?;
    let requests = receiver.requests();
    let [request] = requests.as_slice() else {
        return Err(subject.name.violation(format!("one request came {} times", requests.len())));
    };
    subject.name.equal("the line", &request.line.as_str(), &"POST /a%20b/c?q=%C3%A4&q=2 HTTP/1.1")?;
    subject.name.equal("a header", &request.header("x-given"), &Some("as it was"))?;
    let host = format!("127.0.0.1:{}", receiver.port());
    subject.name.equal("the host", &request.header("host"), &Some(host.as_str()))?;
    subject.name.equal("the body", &request.body.as_slice(), &b"k\0v".as_slice())
}

/// No credential, no cookie and no referrer that was not given.
pub async fn nothing_is_added_to_a_request(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("nothing_is_added_to_a_request", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let with_user = receiver.url("/").replace("http://", "http://user:word@");
    for url in [receiver.url("/first"), with_user, receiver.url("/last")] {
        // Whether credentials in a URL are ignored or refused is the client's affair.
        let _ = subject.send(subject.request("GET", &url, "")?, limits()).await;
    }
    for request in receiver.requests() {
        for name in ["authorization", "cookie", "referer", "proxy-authorization"] {
            subject.name.equal(name, &request.header(name), &None)?;
        }
    }
    subject.name.ensure(receiver.requests().len() >= 2, "requests did not come")
}

/// Every status is an answer, with its headers and its body.
pub async fn every_status_is_an_answer(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("every_status_is_an_answer", fixture).await;
    for status in [200_u16, 201, 299, 400, 401, 404, 410, 429, 500, 503, 599] {
        let line = format!("{status} So It Is");
        let receiver = subject.receiver(Receiver::answering(answer(&line, "X-Own: 1\r\n", b"body")))?;
        let response = subject.get(&receiver.url("/")).await?;
        subject.name.equal("the status", &response.head.status.as_u16(), &status)?;
        let own = response.head.headers.get("x-own").map(|value| value.as_bytes());
        subject.name.equal("a header", &own, &Some(b"1".as_slice()))?;
        subject.name.equal("the body", &response.body.as_ref(), &b"body".as_slice())?;
        subject.name.ensure(!response.truncated, "a short body is said to be cut")?;
    }
    Ok(())
}

/// A redirect is an answer like any other.
pub async fn redirects_are_not_followed(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("redirects_are_not_followed", fixture).await;
    for status in ["301 Moved", "302 Found", "303 Other", "307 Temporary", "308 Permanent"] {
        let receiver = subject.receiver(Receiver::answering(answer(status, "Location: /next\r\n", b"")))?;
        let request = subject.request("POST", &receiver.url("/"), "body")?;
        let response = subject.ask(request, limits()).await?;
        subject.name.ensure(response.head.status.is_redirection(), format!("{status} was not answered as it is"))?;
        subject.name.equal("how many requests came", &receiver.requests().len(), &1)?;
    }
    Ok(())
}

/// What an answer sets is not sent with the next request.
pub async fn cookies_are_not_kept(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("cookies_are_not_kept", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "Set-Cookie: a=1; Path=/\r\n", b"")))?;
    subject.get(&receiver.url("/")).await?;
    subject.get(&receiver.url("/")).await?;
    let cookies: Vec<_> = receiver.requests().iter().map(|request| request.header("cookie").is_some()).collect();
    subject.name.equal("which requests had a cookie", &cookies, &vec![false, false])
}

/// A body need be no text.
pub async fn bodies_are_bytes(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("bodies_are_bytes", fixture).await;
    let body: Vec<u8> = (0..=255).collect();
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "Content-Type: text/plain\r\n", &body)))?;
    let response = subject.get(&receiver.url("/")).await?;
    subject.name.equal("the body", &response.body.as_ref(), &body.as_slice())
}

/// A body that is as long as the limit is whole, and so is an empty one with a limit of nothing.
pub async fn a_body_at_the_limit_is_whole(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_body_at_the_limit_is_whole", fixture).await;
    for length in [0, 1, 1024 * 1024] {
        let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", &vec![b'x'; length])))?;
        let limits = HttpLimits { body_bytes: length, ..limits() };
        let response = subject.ask(subject.request("GET", &receiver.url("/"), "")?, limits).await?;
        subject.name.equal("the length", &response.body.len(), &length)?;
        subject.name.ensure(!response.truncated, "a whole body is said to be cut")?;
    }
    Ok(())
}

/// A body that is longer is cut at the limit and says so, whether its length was announced or not.
pub async fn a_longer_body_is_cut_and_says_so(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_longer_body_is_cut_and_says_so", fixture).await;
    let closed = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(), vec![b'x'; 1_001]].concat();
    let until_closed = subject.receiver(Receiver::start(move |peer| {
        peer.hear()?;
        peer.say(&closed)
    }))?;
    let announced = subject.receiver(Receiver::answering(answer("200 OK", "", &vec![b'x'; 1_001])))?;
    for receiver in [announced, until_closed] {
        let limits = HttpLimits { body_bytes: 1_000, ..limits() };
        let response = subject.ask(subject.request("GET", &receiver.url("/"), "")?, limits).await?;
        subject.name.equal("the length", &response.body.len(), &1_000)?;
        subject.name.ensure(response.truncated, "a cut body is said to be whole")?;
    }
    Ok(())
}

/// The limit counts while a body is read: one without an end is an answer too.
pub async fn a_body_without_an_end_is_cut(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_body_without_an_end_is_cut", fixture).await;
    let receiver = subject.receiver(Receiver::start(|peer| {
        peer.hear()?;
        peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            peer.say(b"400\r\n")?;
            peer.say(&[b'x'; 0x400])?;
            peer.say(b"\r\n")?;
        }
    }))?;
    let limits = HttpLimits { body_bytes: 10_000, ..limits() };
    let response = subject.ask(subject.request("GET", &receiver.url("/"), "")?, limits).await?;
    subject.name.equal("the length", &response.body.len(), &10_000)?;
    subject.name.ensure(response.truncated, "a cut body is said to be whole")
}

/// When the other side closed a connection after its answer, the next call goes over another.
pub async fn a_closed_connection_is_replaced(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_closed_connection_is_replaced", fixture).await;
    let receiver = subject.receiver(Receiver::start(|peer| {
        peer.hear()?;
        // It does not say that it will close.
        peer.say(&answer("200 OK", "", b"body"))
    }))?;
    for _ in 0..3 {
        let response = subject.get(&receiver.url("/")).await?;
        subject.name.equal("the body", &response.body.as_ref(), &b"body".as_slice())?;
        // The end of the connection has to arrive.
        Delay::new(Duration::from_millis(50)).await;
    }
    subject.name.equal("how many requests came", &receiver.requests().len(), &3)
}
