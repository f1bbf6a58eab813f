//! Finding the end of plain text in a string literal, eight bytes at a time.

/// Finds the first `"`, `\` or control character below U+0020 at or after `from`; the length of `bytes` if there is none.
///
/// Most literals are shorter than what a vector search needs to pay off, so this looks at one word at a time.
pub(super) fn special(bytes: &[u8], from: usize) -> usize {
    let (words, tail) = bytes.get(from..).unwrap_or_default().as_chunks::<8>();
    let mut at = from;
    for word in words {
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + tail.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(tail.len())
}

/// Sets the high bit of the lowest byte that is special. Bits above it mean nothing: a borrow may have reached them.
fn specials(word: u64) -> u64 {
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zero_in(word ^ (ONES * b'"' as u64)) | zero_in(word ^ (ONES * b'\\' as u64))) & (ONES * 0x80)
}

/// The number 1 in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::special;

    #[test]
    fn every_byte_at_every_place_is_judged_alike() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut bytes = [b'x'; 20];
                bytes[place] = byte;
                let want = if matches!(byte, b'"' | b'\\' | 0..=0x1f) { place } else { 20 };
                assert_eq!(special(&bytes, 0), want, "byte {byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_look_at_each_byte(bytes in proptest::collection::vec(0x10_u8..0xff, 0..80), from in 0_usize..90) {
            let rest = bytes.get(from..).unwrap_or_default();
            let slow = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            prop_assert_eq!(special(&bytes, from), from + slow);
        }
    }
}
