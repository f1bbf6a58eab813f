//! What is said when no answer comes.

use super::*;

/// A connection that is refused says that nothing was sent.
pub async fn nobody_there_means_that_nothing_was_sent(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("nobody_there_means_that_nothing_was_sent", fixture).await;
    let receiver = subject.receiver(Receiver::answering(answer("200 OK", "", b"")))?;
    let url = receiver.url("/");
    drop(receiver);
    let request = subject.request("POST", &url, "body")?;
    subject.fails("a refused connection", request, limits(), (HttpErrorKind::Connect, Sent::No)).await
}

/// A connection that ends after the request says that something may have been sent.
pub async fn what_was_sent_is_told(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("what_was_sent_is_told", fixture).await;
    let receiver = subject.receiver(Receiver::start(|peer| peer.hear().map(drop)))?;
    let request = subject.request("POST", &receiver.url("/"), "body")?;
    let want = (HttpErrorKind::Protocol, Sent::Maybe);
    subject.fails("a connection that ended without an answer", request, limits(), want).await?;
    subject.name.equal("how many requests came", &receiver.requests().len(), &1)
}

/// What is no HTTP is no answer.
pub async fn a_broken_answer_is_none(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_broken_answer_is_none", fixture).await;
    for broken in ["220 mail.example ESMTP\r\n", "HTTP/1.1 abc\r\n\r\n", "\0\u{1}\u{2}\r\n\r\n"] {
        let receiver = subject.receiver(Receiver::answering(broken))?;
        let request = subject.request("GET", &receiver.url("/"), "")?;
        subject.fails("a broken answer", request, limits(), (HttpErrorKind::Protocol, Sent::Maybe)).await?;
    }
    Ok(())
}

/// A body that ends before its announced length is no answer.
pub async fn half_a_body_is_no_answer(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("half_a_body_is_no_answer", fixture).await;
    for half in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let receiver = subject.receiver(Receiver::start(move |peer| {
            peer.hear()?;
            peer.say(half.as_bytes())
        }))?;
        let request = subject.request("GET", &receiver.url("/"), "")?;
        subject.fails("half a body", request, limits(), (HttpErrorKind::Protocol, Sent::Maybe)).await?;
    }
    Ok(())
}

/// A receiver that hears and never answers costs a call its deadline, and no more.
pub async fn silence_ends_at_the_deadline(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("silence_ends_at_the_deadline", fixture).await;
    let receiver = subject.receiver(Receiver::start(|peer| {
        peer.hear()?;
        peer.wait()
    }))?;
    subject.is_cut_short("a silent receiver", &receiver).await
}

/// The deadline covers the whole body: one that comes byte by byte does not prolong it.
pub async fn a_trickle_ends_at_the_deadline(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("a_trickle_ends_at_the_deadline", fixture).await;
    let receiver = subject.receiver(Receiver::start(|peer| {
        peer.hear()?;
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n")?;
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(20));
            peer.say(b"x")?;
        }
        Ok(())
    }))?;
    subject.is_cut_short("a body that trickles", &receiver).await
}

/// What has no host, or another scheme than HTTP's, is the failure `url`.
pub async fn what_is_no_address_is_not_called(fixture: &dyn HttpFixture) -> Check {
    let subject = Subject::fresh("what_is_no_address_is_not_called", fixture).await;
    for url in ["ftp://127.0.0.1/", "/only/a/path"] {
        let request = subject.request("GET", url, "")?;
        subject.fails(url, request, limits(), (HttpErrorKind::Url, Sent::No)).await?;
    }
    Ok(())
}
