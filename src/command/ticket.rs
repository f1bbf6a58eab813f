//! The right to answer later (CMD-90 to CMD-93): how long, how often, and that a use that posted nothing is given back.

use time::Duration;

use super::error::DelayedError;
use crate::id::{ChannelId, CommandId, Millis, PostId, TicketId, UserId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, Reader, Unreadable, Writer};
use crate::security::SecretDigest;

/// One run of a command, to which its service may answer later. Its key is a digest of the ticket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Ticket {
    /// Where the command was run.
    pub(crate) channel_id: ChannelId,
    /// Which command.
    pub(crate) command_id: CommandId,
    /// When it was run.
    pub(crate) create_at: Millis,
    /// The thread in which it was run.
    pub(crate) root_id: Option<PostId>,
    /// How many uses were begun, those given back as well: no two have the same number.
    begun: u32,
    /// How many uses count.
    uses: u8,
    /// Who ran it.
    pub(crate) user_id: UserId,
}

/// A use that was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Use {
    /// Which of all; with the ticket and the piece, the key of what is posted.
    pub(crate) number: u32,
}

impl Ticket {
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
    /// How long a ticket lives.
    pub(crate) const LIFETIME: Duration = Duration::minutes(30);
    /// How often it can be used.
    pub(crate) const MAX_USES: u8 = 5;

    /// A ticket for a run.
    pub(crate) fn new(
        command_id: CommandId,
        user_id: UserId,
        channel_id: ChannelId,
        root_id: Option<PostId>,
        now: Millis,
    ) -> Self {
        Self { channel_id, command_id, create_at: now, root_id, begun: 0, uses: 0, user_id }
    }

    /// The key of the ticket's record: tells nothing about its id.
    pub(crate) fn key(id: &TicketId) -> [u8; 32] {
        *SecretDigest::of(id.expose()).as_bytes()
    }

    /// Whether it is still good: at exactly 30 minutes it is not (CMD-91).
    pub(crate) fn is_live(&self, now: Millis) -> bool {
        self.create_at > now.minus(Self::LIFETIME)
    }

    /// Where the records end, in the index by time, that are to be removed.
    pub(crate) fn expired_before(now: Millis) -> Millis {
        now.minus(Self::LIFETIME)
    }

    /// Takes a use, once the command is known to be there (CMD-93 row 5). Commit the ticket under the expectation that it
    /// is still what was read: of two who are at it at once, one tries anew.
    pub(crate) fn take(&self) -> Result<(Self, Use), DelayedError> {
        if self.uses >= Self::MAX_USES {
            return Err(DelayedError::UsedUp);
        }
        let number = self.begun;
        let begun = number.saturating_add(1);
        Ok((Self { begun, uses: self.uses + 1, ..self.clone() }, Use { number }))
    }

    /// Gives a use back that posted nothing, although it should have (section 18 row 4).
    pub(crate) fn give_back(&self) -> Self {
        Self { uses: self.uses.saturating_sub(1), ..self.clone() }
    }
}

impl Kind for Ticket {
    const COLLECTION: Collection = Collection("command_ticket");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        vec![IndexEntry::new(Self::BY_TIME, self.create_at.to_sortable().to_vec())]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        for id in [self.channel_id.as_str(), self.command_id.as_str(), self.user_id.as_str()] {
            writer.bytes(id.as_bytes());
        }
        writer.optional(self.root_id, |writer, id| writer.bytes(id.as_str().as_bytes()));
        writer.time(self.create_at);
        writer.bytes(&self.begun.to_be_bytes());
        writer.bytes(&[self.uses]);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        // In the order of writing, which is not that of the type.
        let (channel_id, command_id, user_id) = (reader.id()?, reader.id()?, reader.id()?);
        let root_id = reader.optional(Reader::id)?;
        let create_at = reader.time()?;
        let begun = u32::from_be_bytes(reader.bytes()?);
        let [uses] = reader.bytes()?;
        Ok(Self { channel_id, command_id, create_at, root_id, begun, uses, user_id })
    }
}

/// What is known about who ran a command and where, when the delayed answer comes (section 18 row 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Whereabouts {
    /// The user is there and active, and in the command's team.
    pub(crate) active_in_team: bool,
    /// The channel is there.
    pub(crate) channel_exists: bool,
    /// It is archived.
    pub(crate) channel_archived: bool,
    /// Slash commands are on.
    pub(crate) enabled: bool,
    /// The user is a member of the channel, or a system administrator.
    pub(crate) in_channel: bool,
}

impl Whereabouts {
    /// Whether an answer may still be posted for this user; if not, no use is consumed.
    pub(crate) fn check(self) -> Result<(), DelayedError> {
        if !self.enabled {
            return Err(DelayedError::Disabled);
        }
        if !self.active_in_team || !self.in_channel || !self.channel_exists {
            return Err(DelayedError::UserGone);
        }
        if self.channel_archived { Err(DelayedError::ChannelArchived) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{decode, encode};

    const NOW: Millis = Millis(1_700_000_000_000);

    fn ticket() -> Ticket {
        let root = PostId::from_random([4; 16]);
        Ticket::new(
            CommandId::from_random([1; 16]),
            UserId::from_random([2; 16]),
            ChannelId::from_random([3; 16]),
            Some(root),
            NOW,
        )
    }

    #[test]
    fn lives_for_half_an_hour_and_not_a_moment_longer() {
        for (age, want) in [(0, true), (-5, true), (1_799_999, true), (1_800_000, false), (1_800_001, false)] {
            assert_eq!(ticket().is_live(Millis(NOW.0 + age)), want, "{age}");
        }
        let end = Ticket::expired_before(Millis(NOW.0 + 1_800_000));
        assert_eq!(end, NOW, "what was made until then is removed");
    }

    #[test]
    fn can_be_used_five_times() {
        let mut held = ticket();
        for number in 0..5 {
            let (next, taken) = held.take().unwrap();
            assert_eq!(taken, Use { number });
            held = next;
        }
        assert_eq!(held.take(), Err(DelayedError::UsedUp));
        assert_eq!(held.give_back().take().unwrap().1, Use { number: 5 }, "no number comes twice");
    }

    #[test]
    fn no_more_is_given_back_than_was_taken() {
        let (once, _) = ticket().take().unwrap();
        let mut held = once.give_back().give_back();
        for _ in 0..5 {
            held = held.take().unwrap().0;
        }
        assert!(held.take().is_err());
    }

    /// Whatever is done in which order: what is taken and not given back is at most five, and numbers are fresh.
    #[test]
    fn any_order_of_taking_and_giving_back_keeps_the_count() {
        for pattern in 0_u32..1 << 12 {
            let (mut held, mut open, mut last) = (ticket(), 0, None);
            for step in 0..12 {
                if pattern & 1 << step == 0 {
                    match held.take() {
                        Ok((next, taken)) => {
                            assert!(Some(taken.number) > last, "{pattern:b}");
                            (held, open, last) = (next, open + 1, Some(taken.number));
                        }
                        Err(refused) => assert_eq!((refused, open), (DelayedError::UsedUp, 5), "{pattern:b}"),
                    }
                } else if open > 0 {
                    (held, open) = (held.give_back(), open - 1);
                }
                assert!(open <= 5);
            }
        }
    }

    #[test]
    fn is_kept_as_it_is_and_found_by_its_age() {
        for held in [ticket().take().unwrap().0.take().unwrap().0.give_back(), Ticket { root_id: None, ..ticket() }] {
            let body = encode(&held, b"").unwrap();
            assert_eq!(decode::<Ticket>(&body).unwrap().kind, held);
            assert_eq!(held.index(), [IndexEntry::new(Ticket::BY_TIME, NOW.to_sortable().to_vec())]);
        }
        let body = encode(&Ticket { begun: 0x0102, uses: 3, ..ticket() }, b"").unwrap();
        assert_eq!(body[body.len() - 5..], [0, 0, 1, 2, 3]);
        assert!(decode::<Ticket>(&body.slice(..body.len() - 1)).is_err());
    }

    #[test]
    fn the_key_tells_nothing_of_the_id() {
        let (one, other) = (Ticket::key(&TicketId::new("abc")), Ticket::key(&TicketId::new("abd")));
        assert_eq!(one[..4], [0xBA, 0x78, 0x16, 0xBF]);
        assert_ne!(one, other);
    }

    #[test]
    fn nobody_is_spoken_for_who_is_not_there_any_more() {
        let there = Whereabouts {
            active_in_team: true,
            channel_exists: true,
            channel_archived: false,
            enabled: true,
            in_channel: true,
        };
        let cases = [
            (there, Ok(())),
            (Whereabouts { enabled: false, active_in_team: false, ..there }, Err(DelayedError::Disabled)),
            (Whereabouts { active_in_team: false, channel_archived: true, ..there }, Err(DelayedError::UserGone)),
            (Whereabouts { in_channel: false, ..there }, Err(DelayedError::UserGone)),
            (Whereabouts { channel_exists: false, ..there }, Err(DelayedError::UserGone)),
            (Whereabouts { channel_archived: true, ..there }, Err(DelayedError::ChannelArchived)),
        ];
        for (whereabouts, want) in cases {
            assert_eq!(whereabouts.check(), want, "{whereabouts:?}");
        }
    }
}
