//! One request and its answer over one connection.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::body::Collected;
use super::stream::{Stream, Written};
use super::target::Outgoing;
use crate::port::{HttpError, HttpErrorKind, HttpResponse, Sent};

/// A connection that HTTP/1.1 is spoken over, one request at a time.
///
/// It is driven by whoever waits for the answer: no task runs beside, and what nobody waits for any more is closed.
#[derive(Debug)]
pub(super) struct Http1 {
    connection: Option<http1::Connection<TokioIo<Stream>, Full<Bytes>>>,
    sender: http1::SendRequest<Full<Bytes>>,
    written: Written,
}

impl Http1 {
    pub(super) async fn new(stream: Stream, written: Written) -> Result<Self, HttpError> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES).max_header_size(HEAD_BYTES).title_case_headers(true);
        let made = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(|error| failed(Sent::No, error))?;
        written.forget();
        Ok(Self { connection: Some(connection), sender, written })
    }

    /// Whether a request could be sent: the other side has not closed, and said nothing that it was not asked.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.connection.is_some() && self.sender.is_ready())
        })
        .await
    }

    pub(super) fn sent(&self) -> Sent {
        if self.written.is_set() { Sent::Maybe } else { Sent::No }
    }

    pub(super) async fn exchange(&mut self, outgoing: &Outgoing, limit: usize) -> Result<HttpResponse, HttpError> {
        self.written.forget();
        let answered = self.converse(outgoing, limit).await;
        answered.map_err(|error| failed(self.sent(), error)).and_then(|(response, body)| answer(response, body))
    }

    async fn converse(
        &mut self,
        outgoing: &Outgoing,
        limit: usize,
    ) -> Result<(Response<Incoming>, Collected), hyper::Error> {
        let mut response = pin!(self.sender.send_request(outgoing.http1()));
        let mut response = poll_fn(|cx| {
            self.drive(cx);
            response.as_mut().poll(cx)
        })
        .await?;
        let mut collected = Collected::new(limit);
        poll_fn(|cx| match collected.poll(response.body_mut(), cx) {
            Poll::Pending => {
                // The body is asked for now, so there is more to be read.
                self.drive(cx);
                collected.poll(response.body_mut(), cx)
            }
            done => done,
        })
        .await?;
        Ok((response, collected))
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        // What goes wrong is told to whoever waits for the answer.
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            self.connection = None;
        }
    }
}

/// A connection that HTTP/2 is spoken over. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Http2 {
    handed_over: bool,
    sender: http2::SendRequest<Full<Bytes>>,
    users: Arc<()>,
}

impl Http2 {
    /// Makes one. A task of the runtime drives it, and ends with its last user.
    pub(super) async fn new(stream: Stream) -> Result<Self, HttpError> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .initial_stream_window_size(HTTP2_WINDOW)
            .initial_connection_window_size(4 * HTTP2_WINDOW)
            .max_header_list_size(HEAD_BYTES as u32);
        let made = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(|error| failed(Sent::No, error))?;
        tokio::spawn(connection);
        Ok(Self { handed_over: false, sender, users: Arc::default() })
    }

    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Whether anybody uses it now, beside the one who asks.
    pub(super) fn is_used(&self) -> bool {
        Arc::strong_count(&self.users) > 1
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.users, &other.users)
    }

    pub(super) fn sent(&self) -> Sent {
        if self.handed_over { Sent::Maybe } else { Sent::No }
    }

    pub(super) async fn exchange(&mut self, outgoing: &Outgoing, limit: usize) -> Result<HttpResponse, HttpError> {
        self.handed_over = false;
        self.sender.ready().await.map_err(|error| failed(Sent::No, error))?;
        self.handed_over = true;
        let answered = self.sender.try_send_request(outgoing.http2()).await;
        let mut response = answered.map_err(|mut refused| {
            let unsent = refused.take_message().is_some() || is_refused(refused.error());
            self.handed_over = !unsent;
            failed(self.sent(), refused.into_error())
        })?;
        let mut collected = Collected::new(limit);
        let read = poll_fn(|cx| collected.poll(response.body_mut(), cx)).await;
        read.map_err(|error| failed(Sent::Maybe, error))?;
        answer(response, collected)
    }
}

/// Whether the other side of HTTP/2 says that it has not looked at the request.
fn is_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| {
        cause.is_remote()
            && (cause.is_go_away() && cause.reason() == Some(h2::Reason::NO_ERROR)
                || cause.is_reset() && cause.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}

fn answer(response: Response<Incoming>, body: Collected) -> Result<HttpResponse, HttpError> {
    let (head, _) = response.into_parts();
    let (body, truncated) = body.finish();
    let mut codings = head.headers.get_all(header::CONTENT_ENCODING).iter();
    if !body.is_empty() && codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let why = "the answer is compressed, which was not asked for";
        return Err(HttpError::new(HttpErrorKind::Protocol, Sent::Maybe, why));
    }
    Ok(HttpResponse { body, head, truncated })
}

/// Nothing of a request that went out means that there was no connection; anything else is the other side's mistake.
fn failed(sent: Sent, error: hyper::Error) -> HttpError {
    let kind = match sent {
        Sent::Maybe => HttpErrorKind::Protocol,
        Sent::No if error.is_user() => HttpErrorKind::Url,
        Sent::No => HttpErrorKind::Connect,
    };
    HttpError::new(kind, sent, error)
}

/// The longest head of an answer.
const HEAD_BYTES: usize = 64 * 1024;

/// How much of a body may be on its way over HTTP/2 before it is read.
const HTTP2_WINDOW: u32 = 256 * 1024;
