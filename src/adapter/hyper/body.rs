//! Reading a body no further than its limit.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Incoming};

/// What was read of a body. One that comes in a hundred thousand pieces costs no more than its bytes.
#[derive(Debug)]
pub(super) struct Collected {
    first: Bytes,
    limit: usize,
    others: Vec<u8>,
    truncated: bool,
}

impl Collected {
    pub(super) fn new(limit: usize) -> Self {
        Self { first: Bytes::new(), limit, others: Vec::new(), truncated: false }
    }

    /// Reads what is there; ready at the end of the body, or when there is more of it than the limit.
    pub(super) fn poll(&mut self, body: &mut Incoming, cx: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        while !self.truncated {
            let Some(frame) = ready!(Pin::new(&mut *body).poll_frame(cx)).transpose()? else { break };
            // Trailers say nothing that anybody asks for.
            if let Ok(data) = frame.into_data() {
                self.add(data);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn add(&mut self, mut data: Bytes) {
        let room = self.limit.saturating_sub(self.first.len() + self.others.len());
        self.truncated = data.len() > room;
        data.truncate(room);
        if self.first.is_empty() && self.others.is_empty() {
            self.first = data;
            return;
        }
        if self.others.is_empty() {
            self.others.reserve(self.first.len() + data.len());
            self.others.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.others.extend_from_slice(&data);
    }

    /// The bytes, and whether there were more.
    pub(super) fn finish(self) -> (Bytes, bool) {
        (if self.others.is_empty() { self.first } else { self.others.into() }, self.truncated)
    }
}
