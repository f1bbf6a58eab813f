//! What receivers answer with, well or badly.

use super::receiver::answer;
use super::*;

#[tokio::test]
async fn a_request_says_what_it_was_given_and_no_more() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    let (port, url) = (receiver.address.port(), format!("{}a%20b?q=1&q=%C3%A4", receiver.url()));
    let mut request = post(&url);
    request.headers_mut().insert("x-one", "1".parse().unwrap());
    request.headers_mut().insert("host", "elsewhere.example".parse().unwrap());
    client().send(request, limits()).await.unwrap();
    let host = format!("Host: 127.0.0.1:{port}");
    let want = ["POST /a%20b?q=1&q=%C3%A4 HTTP/1.1", "X-One: 1", &host, "Content-Length: 7", "", "payload"];
    let (requests, mut want) = (receiver.requests(), want.map(str::to_owned).to_vec());
    let mut lines: Vec<_> = requests[0].split("\r\n").map(str::to_owned).collect();
    lines.sort();
    want.sort();
    assert_eq!(lines, want);
}

#[tokio::test]
async fn credentials_in_a_url_are_not_sent() {
    let receiver = Receiver::answering(answer("200 OK", "", "")).await;
    ask(&client(), &receiver.url().replace("http://", "http://user:word@")).await;
    let request = receiver.requests().remove(0).to_ascii_lowercase();
    assert!(!request.contains("user") && !request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn bodies_around_the_limit_are_whole_or_cut() {
    const LIMIT: usize = 1024 * 1024;
    for (length, want, truncated) in [(LIMIT - 1, LIMIT - 1, false), (LIMIT, LIMIT, false), (LIMIT + 1, LIMIT, true)] {
        let body = vec![b'x'; length];
        let chunks = [format!("{length:x}\r\n").as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        let shapes = [
            answer("200 OK", "", &body),
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(), &chunks].concat(),
            [b"HTTP/1.0 200 OK\r\n\r\n".as_slice(), &body].concat(),
        ];
        for (shape, said) in shapes.into_iter().enumerate() {
            let receiver = Receiver::answering_once(said).await;
            let response = ask(&client(), &receiver.url()).await;
            assert_eq!((response.body.len(), response.truncated), (want, truncated), "{length} {shape}");
        }
    }
}

#[tokio::test]
async fn a_body_in_many_pieces_is_put_together() {
    let body: Vec<u8> = (0..20_000_u32).flat_map(|number| number.to_be_bytes()).collect();
    let pieces: Vec<u8> = body.chunks(7).flat_map(chunk).chain(*b"0\r\nX-After: all\r\n\r\n").collect();
    let receiver = Receiver::start(move |mut peer| {
        let pieces = pieces.clone();
        async move {
            peer.hear().await?;
            peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
            for part in pieces.chunks(1_001) {
                peer.say(part).await?;
            }
            peer.wait().await
        }
    })
    .await;
    assert_eq!(ask(&client(), &receiver.url()).await.body, body);
}

fn chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

#[tokio::test]
async fn bytes_that_are_no_text_pass_through() {
    let body = b"\xff\xfe{\"text\": \"\xc3\x28\x00\"}";
    let receiver = Receiver::answering(answer("200 OK", "Content-Type: application/json\r\n", body)).await;
    assert_eq!(ask(&client(), &receiver.url()).await.body, body.as_slice());
}

#[tokio::test]
async fn answers_that_have_no_body_end_with_their_head() {
    let cases = [
        ("HTTP/1.1 204 No Content\r\n\r\n", "POST"),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "POST"),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "POST"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "POST",
        ),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "POST"),
    ];
    for (said, method) in cases {
        let receiver = Receiver::answering(said).await;
        let request = Request::builder().method(method).uri(receiver.url()).body(Bytes::new()).unwrap();
        let response = client().send(request, limits()).await.unwrap();
        assert_eq!((response.body.len(), response.truncated), (0, false), "{said:?}");
    }
}

#[tokio::test]
async fn a_head_may_be_long_but_not_without_end() {
    let cases = [(1, 60 * 1024, true), (1, 100 * 1024, false), (90, 500, true), (200, 500, false), (101, 1, false)];
    for (count, length, is_answer) in cases {
        let headers: String = (0..count).map(|number| format!("X-{number}: {}\r\n", "x".repeat(length))).collect();
        let receiver = Receiver::answering(answer("200 OK", &headers, "body")).await;
        let answered = client().send(post(&receiver.url()), limits()).await;
        match answered {
            Ok(response) => assert!(is_answer && response.body == "body", "{count} of {length}"),
            Err(error) => {
                assert!(!is_answer, "{count} of {length}: {error}");
                assert_eq!((error.kind(), error.sent()), (HttpErrorKind::Protocol, Sent::Maybe));
            }
        }
    }
}

#[tokio::test]
async fn a_length_that_is_too_great_is_a_broken_answer() {
    let receiver = Receiver::answering_once("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf").await;
    let answered = client().send(post(&receiver.url()), limits()).await;
    assert_eq!(failed(answered), (HttpErrorKind::Protocol, Sent::Maybe));
}

/// What a receiver says beyond the announced length is nobody's answer, and least of all that of the next call.
#[tokio::test]
async fn what_comes_after_an_answer_is_not_taken_for_the_next_one() {
    let planted = answer("200 OK", "", "planted");
    let (body, planted) = ("short", String::from_utf8(planted).unwrap());
    for said in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{body}{planted}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{body}\r\n0\r\n\r\n{planted}"),
    ] {
        let (receiver, client) = (Receiver::answering(said).await, client());
        for _ in 0..3 {
            assert_eq!(ask(&client, &receiver.url()).await.body, body);
        }
        assert_eq!((receiver.connections(), receiver.requests().len()), (3, 3));
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_broken_answer() {
    let cases = [
        "\r\n\r\n\r\n\r\nnothing",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabcdef\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabcdef\r\n",
        "HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
        "<!DOCTYPE html><title>Not here</title>",
        "SSH-2.0-OpenSSH_9.9\r\n",
    ];
    for said in cases {
        let receiver = Receiver::answering_once(said).await;
        let answered = client().send(post(&receiver.url()), limits()).await;
        assert_eq!(failed(answered), (HttpErrorKind::Protocol, Sent::Maybe), "{said:?}");
    }
}

#[tokio::test]
async fn compressed_answers_are_refused_because_nobody_asked_for_them() {
    let cases = [
        ("gzip", "xxxx", false),
        ("br", "xxxx", false),
        ("identity", "xxxx", true),
        ("Identity", "xxxx", true),
        ("gzip", "", true),
    ];
    for (coding, body, is_answer) in cases {
        let headers = format!("Content-Encoding: {coding}\r\n");
        let receiver = Receiver::answering(answer("200 OK", &headers, body)).await;
        let answered = client().send(post(&receiver.url()), limits()).await;
        assert_eq!(answered.is_ok(), is_answer, "{coding}");
        if let Err(error) = answered {
            assert_eq!((error.kind(), error.sent()), (HttpErrorKind::Protocol, Sent::Maybe));
        }
        let request = receiver.requests().remove(0).to_ascii_lowercase();
        assert!(!request.contains("accept-encoding"), "{request}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_not_called() {
    let urls = ["ftp://127.0.0.1/", "ws://127.0.0.1/", "/path", "http://127.0.0.1:99999/", "http://[127.0.0.1]/"];
    for url in urls {
        let Ok(request) = Request::post(url).body(Bytes::new()) else { continue };
        assert_eq!(failed(client().send(request, limits()).await), (HttpErrorKind::Url, Sent::No), "{url}");
    }
}

#[tokio::test]
async fn an_error_tells_nothing_of_the_request() {
    let receiver = Receiver::answering_once("hunter").await;
    let url = format!("{}hunter2?hunter2", receiver.url().replace("http://", "http://hunter2:hunter2@"));
    let secure = url.replace("http://", "https://");
    for url in [url.clone(), secure, url.replace("127.0.0.1", "10.0.0.1")] {
        let error = client().send(post(&url), hasty()).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}
