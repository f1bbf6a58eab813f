//! A body that arrives: not for ever, and not too many large ones at once.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::http::StatusCode;
use hyper::body::{Frame, Incoming, SizeHint};
use thiserror::Error;
use tokio::time::{Sleep, sleep};

/// A body that arrives.
pub(super) struct Arriving {
    body: Incoming,
    /// Begins when there is something to wait for: most bodies come with their head.
    deadline: Option<Pin<Box<Sleep>>>,
    patience: Duration,
    watch: Arc<Watch>,
}

/// What is known about one body, while it arrives and while it is handled.
pub(super) struct Watch {
    cut: OnceLock<Cut>,
    held: AtomicUsize,
    spare: Arc<Spare>,
}

/// How many bytes large bodies may still take, all together.
pub(super) struct Spare(AtomicUsize);

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, Error)]
pub(super) enum Cut {
    /// Other large ones take all the room.
    #[error("too many large bodies at once")]
    Full,
    /// It took too long.
    #[error("the body took too long to arrive")]
    Late,
}

/// A body that did not come whole.
#[derive(Debug, Error)]
pub(super) enum Incomplete {
    /// The sender broke off.
    #[error(transparent)]
    Broken(hyper::Error),
    /// We did.
    #[error(transparent)]
    Cut(Cut),
}

impl Arriving {
    pub(super) fn new(body: Incoming, patience: Duration, watch: Arc<Watch>) -> Self {
        Self { body, deadline: None, patience, watch }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Incomplete;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Incomplete>>> {
        let this = self.get_mut();
        let cut = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => match this.watch.hold(&frame) {
                Ok(()) => return Poll::Ready(Some(Ok(frame))),
                Err(cut) => cut,
            },
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(Incomplete::Broken(error)))),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {
                let deadline = this.deadline.get_or_insert_with(|| Box::pin(sleep(this.patience)));
                if deadline.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                Cut::Late
            }
        };
        let _ = this.watch.cut.set(cut);
        Poll::Ready(Some(Err(Incomplete::Cut(cut))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Watch {
    pub(super) fn new(spare: Arc<Spare>) -> Self {
        Self { cut: OnceLock::new(), held: AtomicUsize::new(0), spare }
    }

    /// Says why the body was not read to its end, if that was our doing.
    pub(super) fn cut(&self) -> Option<Cut> {
        self.cut.get().copied()
    }

    /// Takes room for a piece. Each costs more than its bytes, so that a body in a hundred thousand pieces is large.
    fn hold(&self, frame: &Frame<Bytes>) -> Result<(), Cut> {
        let more = frame.data_ref().map_or(0, Bytes::len) + PIECE;
        let held = self.held.load(Ordering::Relaxed);
        let from_spare = (held + more).saturating_sub(held.max(SMALL));
        if !self.spare.take(from_spare) {
            return Err(Cut::Full);
        }
        self.held.store(held + more, Ordering::Relaxed); // nobody else writes: pieces come one by one
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.spare.give(self.held.load(Ordering::Relaxed).saturating_sub(SMALL));
    }
}

impl Spare {
    pub(super) fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    fn take(&self, bytes: usize) -> bool {
        bytes == 0 || self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    fn give(&self, bytes: usize) {
        if bytes > 0 {
            self.0.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

impl Cut {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// What a piece costs beside its bytes.
const PIECE: usize = 64;

/// Up to here a body is small, and takes no room from others.
const SMALL: usize = 16 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(watch: &Watch, bytes: usize) -> bool {
        watch.hold(&Frame::data(Bytes::from(vec![0; bytes]))).is_ok()
    }

    #[test]
    fn large_bodies_share_their_room_and_give_it_back() {
        let spare = Arc::new(Spare::new(50_000));
        let [first, second, third] = [(); 3].map(|()| Watch::new(Arc::clone(&spare)));
        assert!(hold(&first, 60_000));
        assert!(hold(&second, SMALL - PIECE) && hold(&third, SMALL - PIECE), "small ones need no room");
        assert!(!hold(&second, 10_000) && hold(&second, 5_000), "what is refused takes none");
        assert!(!hold(&third, 5_000));
        drop(first);
        assert!(hold(&third, 40_000));
        drop((second, third));
        assert_eq!(spare.0.load(Ordering::Relaxed), 50_000);
    }

    #[test]
    fn a_body_in_many_pieces_is_large() {
        let watch = Watch::new(Arc::new(Spare::new(0)));
        let pieces = (0..).take_while(|_| hold(&watch, 1)).count();
        assert_eq!(pieces, SMALL / (PIECE + 1));
    }
}
