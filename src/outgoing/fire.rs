//! Which posts set hooks off at all, and the deliveries that come of it.

use bytes::Bytes;

use super::payload::{self, Payload};
use super::settings::OutgoingSettings;
use super::trigger::{Entry, Target};
use crate::delivery::{DeliveryId, NewDelivery};
use crate::id::{OutgoingHookId, PostId};
use crate::port::{ChannelKind, PostEvent, SessionKind, Team};
use crate::security::callback_url::CallbackUrl;

/// Returns the team whose hooks hear a post, if any do (OUT-43 to OUT-47).
pub(crate) fn hearing<'a>(settings: &OutgoingSettings, event: &PostEvent<'a>) -> Option<&'a Team> {
    let hears = settings.enabled
        && event.triggers
        && event.channel.kind == ChannelKind::Public
        && event.post_type != BURN_ON_READ;
    event.team.filter(|team| hears && event.channel.team_id.is_none_or(|own| own == team.id))
}

/// Whether a post may be a receiver's own, so that hooks hear only so many of them (OUT-115).
pub(crate) fn may_loop(event: &PostEvent<'_>) -> bool {
    event.author.is_bot || event.session == Some(SessionKind::PersonalAccessToken)
}

/// How many posts that may be a receiver's own set off one hook in one channel: so many at once, then one a second.
pub(crate) const LOOP_BURST: u32 = 60;

/// How many of them a second after that.
pub(crate) const LOOP_PER_SECOND: u32 = 1;

/// Why a delivery is recorded and not made, when too many posts of bots and tokens set a hook off.
pub(crate) const TOO_OFTEN: &str =
    "bots and access tokens set this hook off in this channel more than 60 times a minute";

/// Returns where a hook calls, in the order of its callback URLs.
pub(crate) fn targets(callback_urls: &[String]) -> Box<[Target]> {
    let target = |text: &String| {
        let url = CallbackUrl::parse(text);
        let (origin, shown) = url.map(|url| (url.origin(), url.masked())).unwrap_or_default();
        Target { origin: origin.into(), shown: shown.into(), url: text.as_str().into() }
    };
    callback_urls.iter().map(target).collect()
}

/// The deliveries of a post, to be made hook by hook.
#[derive(Debug)]
pub(crate) struct Firing<'a> {
    event: &'a PostEvent<'a>,
    feature: &'static str,
    file_ids: String,
    team: &'a Team,
}

impl<'a> Firing<'a> {
    /// The deliveries of a post that a team hears, recorded under the name of a feature.
    pub(crate) fn new(event: &'a PostEvent<'a>, team: &'a Team, feature: &'static str) -> Self {
        Self { event, feature, file_ids: payload::join(event.file_ids), team }
    }

    /// Returns what a hook delivers that the post sets off by a word: one for each callback URL (OUT-56), none of which
    /// is made if `dropped` says why.
    pub(crate) fn of<'b>(
        &'b self,
        entry: &'b Entry,
        word: &str,
        dropped: Option<&'b str>,
    ) -> impl Iterator<Item = NewDelivery> + 'b {
        let payload = self.payload(entry, word);
        (0..).zip(&entry.targets).map(move |(position, target)| NewDelivery {
            cause: self.event.id,
            create_at: self.event.create_at,
            dropped: dropped.map(str::to_owned),
            feature: self.feature,
            id: delivery_id(self.event.id, entry.id, position),
            mode: entry.mode,
            origin: target.origin.as_ref().to_owned(),
            payload: payload.clone(),
            source: source(entry.id),
            target: target.shown.as_ref().to_owned(),
        })
    }

    /// OUT-58.
    fn payload(&self, entry: &Entry, trigger_word: &str) -> Bytes {
        let PostEvent { author, channel, .. } = self.event;
        let payload = Payload {
            channel_id: channel.id,
            channel_name: &channel.name,
            create_at: self.event.create_at,
            file_ids: &self.file_ids,
            post_id: self.event.id,
            team_domain: &self.team.name,
            team_id: entry.team_id,
            text: self.event.message,
            trigger_word,
            user_id: author.id,
            user_name: &author.username,
        };
        payload.to_bytes()
    }
}

/// Returns what a hook is called as the source of deliveries: the bytes of its id.
pub(crate) fn source(hook: OutgoingHookId) -> [u8; 26] {
    // INVARIANT: an id has 26 bytes.
    hook.as_str().as_bytes().try_into().unwrap_or([b'-'; 26])
}

/// Returns the position of the callback URL that a delivery goes to, as its id tells.
pub(crate) fn position(id: &DeliveryId) -> Option<usize> {
    id.as_str().rsplit_once('_')?.1.parse().ok()
}

/// `out_<post>_<hook>_<n>` (OUT-340). A host may have ids of other letters than those that a delivery's id can hold: they
/// stand in it as hexadecimal digits.
fn delivery_id(post: PostId, hook: OutgoingHookId, position: usize) -> DeliveryId {
    let hex = |id: &str| id.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let post = post.as_str();
    let named = |post: &str| DeliveryId::parse(&format!("out_{post}_{hook}_{position}"));
    // INVARIANT: hooks have ids that were made here, so one of the two has at most 4 + 52 + 1 + 26 + 1 + 5 characters.
    #[expect(clippy::expect_used, reason = "either text is an id")]
    named(post).or_else(|_| named(&hex(post))).expect("an id of a delivery")
}

const BURN_ON_READ: &str = "burn_on_read";
