//! What the worker and a feature say to each other about a delivery.
//!
//! The worker knows no feature but by its name: it asks for a request, makes the call, and hands over the answer.

use bytes::Bytes;

use crate::delivery::{DeliveryId, FailureClass, Mode};
use crate::engine::error::Fault;
use crate::engine::{Engine, State};
use crate::id::PostId;

/// A delivery, as its feature is told of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Errand<'a> {
    /// What caused it.
    pub(in crate::engine) cause: PostId,
    /// Which delivery.
    pub(in crate::engine) id: &'a DeliveryId,
    /// Whether it is so old that an answer is recorded and not posted.
    pub(in crate::engine) is_late: bool,
    /// What the feature gave when it was recorded.
    pub(in crate::engine) payload: &'a Bytes,
    /// What it is sent for: the 26 bytes of a hook's id.
    pub(in crate::engine) source: &'a [u8; 26],
}

/// What a feature makes of a delivery before each attempt.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made and taken apart once a call")]
pub(in crate::engine) enum Prepared {
    /// The call to make now.
    Call(Call),
    /// What it was for is gone or switched off, for this reason: the delivery ends as dropped.
    Drop(String),
    /// It can never be sent, such as for want of a sound address: the delivery ends as failed.
    Fail(FailureClass, String),
}

/// A call to make.
#[derive(Debug)]
pub(in crate::engine) struct Call {
    /// What is done if no answer comes; none: what the settings say.
    pub(in crate::engine) mode: Option<Mode>,
    /// Method, headers (signature among them) and body. Its address is not looked at: `url` is.
    pub(in crate::engine) request: http::Request<Bytes>,
    /// The address as it was given, text for text.
    pub(in crate::engine) url: String,
}

/// An answer that may hold a reply.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Answer<'a> {
    /// The body, up to the limit.
    pub(in crate::engine) body: &'a Bytes,
    /// Whether the body was cut at the limit.
    pub(in crate::engine) truncated: bool,
}

/// What a feature made of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::engine) enum Replied {
    /// There was a reply, and it is not posted, for this reason. The delivery is delivered all the same.
    NotPosted(String),
    /// There was none.
    Nothing,
    /// These posts were made of it, now or at an earlier attempt.
    Posted(Vec<PostId>),
    /// It cannot be used, for this reason: the delivery ends as failed.
    Unusable(String),
}

/// The name of outgoing webhooks, as it stands in records.
pub(in crate::engine) const OUTGOING: &str = "outgoing";

impl Engine {
    /// Asks the feature of a name for the call of a delivery.
    pub(super) async fn prepare_call(
        &self,
        state: &State,
        feature: &str,
        errand: Errand<'_>,
    ) -> Result<Prepared, Fault> {
        match feature {
            OUTGOING => self.prepare_outgoing(state, errand).await,
            #[cfg(test)]
            super::sim::NAME => super::sim::prepare(errand),
            other => Ok(Prepared::Drop(format!("there is no feature `{other}`"))),
        }
    }

    /// Hands an answer to the feature of a name.
    pub(super) async fn take_answer(
        &self,
        state: &State,
        feature: &str,
        errand: Errand<'_>,
        answer: Answer<'_>,
    ) -> Result<Replied, Fault> {
        match feature {
            OUTGOING => self.take_outgoing_reply(state, errand, answer).await,
            #[cfg(test)]
            super::sim::NAME => super::sim::take_reply(errand, answer),
            _ => Ok(Replied::Nothing),
        }
    }

    /// Lets features look after what other nodes changed. Called every two seconds while a worker runs.
    pub(super) async fn refresh_hooks(&self) -> Result<(), Fault> {
        self.refresh_outgoing_hooks().await
    }
}
