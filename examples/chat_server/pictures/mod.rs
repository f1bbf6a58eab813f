//! The pictures of those who uploaded none: a pattern of a user's own, one face for all bots.

mod png;

use jackfield::id::UserId;
use sha2::{Digest, Sha256};

/// Draws the picture of a user who uploaded none.
pub(crate) fn default_picture(user: UserId, is_bot: bool) -> Vec<u8> {
    if is_bot { draw(&ROBOT, [0x1c, 0x58, 0xd9]) } else { pattern(user) }
}

/// A pattern that is its own mirror image, and a color that white can be seen on.
fn pattern(user: UserId) -> Vec<u8> {
    let digest = Sha256::digest(user.as_str().as_bytes());
    let mut rows = [0_u8; 8];
    for (row, byte) in rows.iter_mut().skip(1).take(6).zip(digest) {
        let half = byte & 0b0111_0000;
        *row = half | half.reverse_bits();
    }
    let mut color = [0_u8; 3];
    for (part, byte) in color.iter_mut().zip(digest.into_iter().rev()) {
        *part = 0x20 + byte % 0x80;
    }
    draw(&rows, color)
}

/// Draws eight rows of eight bits, white on a color.
fn draw(rows: &[u8; 8], color: [u8; 3]) -> Vec<u8> {
    let line = |bits: u8| (0..8).map(move |place| if bits & (0x80 >> place) == 0 { 0 } else { 0xff });
    let lines: Vec<[u8; SIDE / 8]> = rows
        .iter()
        .flat_map(|bits| {
            let mut packed = [0; SIDE / 8];
            for (pair, value) in packed.chunks_mut(SIDE / 64).zip(line(*bits)) {
                pair.fill(value);
            }
            [packed; SIDE / 8]
        })
        .collect();
    png::two_colors(&lines, color, [0xff; 3])
}

/// In pixels.
const SIDE: usize = 128;
const ROBOT: [u8; 8] =
    [0b0001_1000, 0b0001_1000, 0b0111_1110, 0b0101_1010, 0b0111_1110, 0b0110_0110, 0b0111_1110, 0b0010_0100];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_share_a_face_and_people_have_their_own() {
        let (one, other) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
        assert_eq!(default_picture(one, true), default_picture(other, true));
        assert_eq!(default_picture(one, false), default_picture(one, false));
        assert_ne!(default_picture(one, false), default_picture(other, false));
    }
}
