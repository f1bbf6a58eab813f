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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Mode;
    use crate::id::{ChannelId, Millis, TeamId, UserId};
    use crate::outgoing::trigger::Trigger;
    use crate::port::{Channel, User};

    const TEAM: [u8; 16] = [1; 16];

    fn channel(kind: ChannelKind) -> Channel {
        Channel::new(ChannelId::from_random([2; 16]), kind, "town").with_team(TeamId::from_random(TEAM), "Town")
    }

    fn team() -> Team {
        Team::new(TeamId::from_random(TEAM), "rocket", "Rocket")
    }

    fn author() -> User {
        User::new(UserId::from_random([3; 16]), "ada")
    }

    fn post() -> PostId {
        PostId::from_random([4; 16])
    }

    fn entry(urls: &[&str]) -> Entry {
        let words = ["ship".to_owned()];
        let team_id = TeamId::from_random(TEAM);
        let trigger = Trigger { channel_id: None, patterns: false, team_id, when: 0, words: &words };
        let urls: Vec<_> = urls.iter().map(|url| (*url).to_owned()).collect();
        let entry = Entry::new(OutgoingHookId::from_random([5; 16]), Millis(0), trigger);
        entry.with_targets(targets(&urls), Some(Mode::Full))
    }

    /// Whether hooks hear an ordinary post after a change of the settings and of the event.
    fn hears(change: impl Fn(&mut OutgoingSettings, &mut PostEvent<'_>, &mut Channel)) -> bool {
        let (author, team, mut settings) = (author(), team(), OutgoingSettings::default());
        let public = channel(ChannelKind::Public);
        let mut changed = public.clone();
        let mut event = PostEvent::new(post(), Millis(7), "ship it", &author, &public).with_team(&team);
        change(&mut settings, &mut event, &mut changed);
        event.channel = &changed;
        let hearing = hearing(&settings, &event);
        assert!(hearing.is_none_or(|hearing| *hearing == team));
        hearing.is_some()
    }

    #[test]
    fn hooks_hear_what_is_posted_in_public_channels_of_their_team() {
        assert!(hears(|_, _, _| {}));
        assert!(hears(|_, event, _| event.message = ""));
        assert!(hears(|_, event, _| event.post_type = "custom_thing"));
        assert!(hears(|_, _, channel| channel.team_id = None));
        assert!(!hears(|settings, _, _| settings.enabled = false));
        assert!(!hears(|_, event, _| event.triggers = false));
        assert!(!hears(|_, event, _| event.post_type = "burn_on_read"));
        assert!(!hears(|_, event, _| event.team = None));
        assert!(!hears(|_, _, channel| channel.team_id = Some(TeamId::from_random([9; 16]))));
        for kind in [ChannelKind::Direct, ChannelKind::Group, ChannelKind::Private] {
            assert!(!hears(|_, _, channel| channel.kind = kind), "{kind:?}");
        }
    }

    #[test]
    fn posts_of_bots_and_tokens_may_be_a_receivers_own() {
        let (mut author, channel) = (author(), channel(ChannelKind::Public));
        let sessions = [
            (None, false),
            (Some(SessionKind::Login), false),
            (Some(SessionKind::OAuth), false),
            (Some(SessionKind::PersonalAccessToken), true),
        ];
        for (session, want) in sessions {
            let mut event = PostEvent::new(post(), Millis(7), "", &author, &channel);
            event.session = session;
            assert_eq!(may_loop(&event), want, "{session:?}");
        }
        author.is_bot = true;
        assert!(may_loop(&PostEvent::new(post(), Millis(7), "", &author, &channel)));
    }

    #[test]
    fn a_hook_delivers_to_each_of_its_addresses() {
        let (author, channel, team) = (author(), channel(ChannelKind::Public), team());
        let files = ["b".to_owned(), "a".to_owned()];
        let event = PostEvent::new(post(), Millis(7), "ship it", &author, &channel).with_team(&team).with_files(&files);
        let firing = Firing::new(&event, &team, "outgoing");
        let entry = entry(&["https://u:p@a.example/x?key=1", "http://B.example:8080", "https://u:p@a.example/x?key=1"]);
        let made: Vec<_> = firing.of(&entry, "ship", None).collect();
        assert_eq!(made.len(), 3);
        let (post, hook) = (event.id, entry.id);
        for (number, delivery) in made.iter().enumerate() {
            assert_eq!(delivery.id.as_str(), format!("out_{post}_{hook}_{number}"));
            assert_eq!(position(&delivery.id), Some(number));
            assert_eq!((delivery.cause, delivery.create_at, delivery.feature), (post, Millis(7), "outgoing"));
            assert_eq!((delivery.mode, &delivery.dropped), (Some(Mode::Full), &None));
            assert_eq!(&delivery.source[..], hook.as_str().as_bytes());
            let want = Payload {
                channel_id: channel.id,
                channel_name: "town",
                create_at: Millis(7),
                file_ids: "a,b",
                post_id: post,
                team_domain: "rocket",
                team_id: team.id,
                text: "ship it",
                trigger_word: "ship",
                user_id: author.id,
                user_name: "ada",
            };
            assert_eq!(Payload::from_bytes(&delivery.payload).unwrap(), want);
        }
        let places: Vec<_> = made.iter().map(|made| (made.origin.as_str(), made.target.as_str())).collect();
        let first = ("https://a.example:443", "https://a.example/x");
        assert_eq!(places, [first, ("http://b.example:8080", "http://B.example:8080"), first]);
        let dropped: Vec<_> = firing.of(&entry, "ship", Some(TOO_OFTEN)).map(|made| made.dropped).collect();
        assert_eq!(dropped, vec![Some(TOO_OFTEN.to_owned()); 3]);
    }

    #[test]
    fn an_address_that_is_none_shows_nothing() {
        let [target] = &*targets(&["no address at all: secret".to_owned()]) else { panic!("one target") };
        assert_eq!((&*target.origin, &*target.shown, &*target.url), ("", "", "no address at all: secret"));
    }

    #[test]
    fn a_hosts_own_ids_fit_into_the_id_of_a_delivery() {
        let odd = PostId::parse("ééééééééééééé").unwrap();
        let id = delivery_id(odd, OutgoingHookId::from_random([5; 16]), 1_023);
        assert!(id.as_str().starts_with("out_c3a9c3a9"), "{id}");
        assert_eq!(position(&id), Some(1_023));
        assert_eq!(position(&DeliveryId::parse("out_a_b_x").unwrap()), None);
        assert_eq!(position(&DeliveryId::parse("7").unwrap()), None);
    }
}
