//! The message model that every feature shares: what a post is made of before a host stores it.

mod attachment;
mod character;
mod draft;
mod emoji;
mod hashtag;
mod inline;
mod markdown;
mod markup;
mod mentions;
mod names;
pub(crate) mod read;
mod reserved;
pub(crate) mod sender;
mod size;
mod split;
mod ticks;
mod translate;
mod view;

pub use attachment::{Action, ActionIntegration, ActionOption, Attachment, Field};
pub use draft::{Destination, Origin, Overrides, PostDraft, Priority, Props};
pub use emoji::{emoji_name, emoji_stem, icon_path};
pub use hashtag::hashtags;
pub use markup::{LinkGrammar, mentioned_ids, translate_links, translate_mentions};
pub use mentions::{MAX_MENTIONED_NAMES, MAX_NAME_BYTES, Mentions, mentions};
pub use names::{channel_names, mention_texts, mentions_channel, stored_mention_texts};
pub use reserved::strip_reserved;
pub use size::props_runes;
pub use split::{MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, TooLarge, split};
pub(crate) use translate::{all_mentioned_ids, translate};
pub use view::{Audience, Reader, mentioned_channels, props_for};
