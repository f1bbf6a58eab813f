//! The world outside, which answers what a test wrote down.

use std::collections::VecDeque;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jackfield::port::{HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent};

use super::Host;

/// What integrations were sent, and what they answer.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// In order; once they are used up, nobody is there.
    pub(crate) answers: VecDeque<(u16, String)>,
    /// The `Content-Type` of answers; without one if it is empty.
    pub(crate) media: &'static str,
    pub(crate) requests: Vec<Request<Bytes>>,
    /// How many milliseconds each takes to answer.
    pub(crate) takes: i64,
}

#[async_trait]
impl HttpClient for Host {
    async fn send(&self, request: Request<Bytes>, _: HttpLimits) -> Result<HttpResponse, HttpError> {
        let mut world = self.world();
        world.outside.requests.push(request);
        world.milliseconds += world.outside.takes;
        let answer = world.outside.answers.pop_front();
        let refused = || HttpError::new(HttpErrorKind::Connect, Sent::No, "nobody is there");
        let (status, body) = answer.ok_or_else(refused)?;
        let mut response = Response::builder().status(status);
        if !world.outside.media.is_empty() {
            response = response.header("Content-Type", world.outside.media);
        }
        let (head, ()) = response.body(()).unwrap().into_parts();
        Ok(HttpResponse { body: body.into(), head, truncated: false })
    }
}
