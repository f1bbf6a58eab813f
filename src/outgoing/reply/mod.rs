//! What becomes of a receiver's answer (OUT-69 to OUT-90): it is read, and drafted as posts.
//!
//! Status and content type are not looked at. Between the two steps the engine asks the host whom the answer names; after
//! them, whom its persistent notifications reach, and which channels it links.

mod answer;
mod draft;
mod reason;
#[cfg(test)]
mod tests;

pub use self::answer::Answer;
pub(crate) use self::draft::{Facts, Triggering, check_recipients, draft, recipients_to_check};
pub(crate) use self::reason::NotPosted;
pub use self::reason::UnusableAnswer;
