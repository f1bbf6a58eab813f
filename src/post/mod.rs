//! The message model that every feature shares: what a post is made of before a host stores it.

mod attachment;
mod draft;

pub use attachment::{Action, ActionIntegration, ActionOption, Attachment, Field};
pub use draft::{Destination, Origin, PostDraft, Priority, Props};
