//! Letters and digits as the texts of this module mean them: the Unicode categories L and Nd.
//!
//! The standard library knows "alphabetic", which is more (marks, Roman numerals, circled letters), and "numeric", which
//! is more than the decimal digits (`²`, `½`).

/// Says whether this is a letter of any script (category L).
pub(super) fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic()
        || (!character.is_ascii() && character.is_alphabetic() && !is_among(character, &NO_LETTERS))
}

/// Says whether this is a decimal digit of any script (category Nd).
pub(super) fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    let after = ZEROS.partition_point(|zero| *zero <= character);
    let zero = after.checked_sub(1).and_then(|place| ZEROS.get(place));
    zero.is_some_and(|zero| u32::from(character) - u32::from(*zero) < 10)
}

/// Says whether this byte is a word character, `A-Z a-z 0-9 _` (INC-78).
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_among(character: char, ranges: &[(char, char)]) -> bool {
    let place = ranges.partition_point(|(_, last)| *last < character);
    ranges.get(place).is_some_and(|(first, _)| *first <= character)
}

/// What is alphabetic and no letter. What lies between two of these in one range is no letter either.
#[rustfmt::skip]
const NO_LETTERS: [(char, char); 167] = [
    ('\u{345}', '\u{36F}'), ('\u{5B0}', '\u{5C7}'), ('\u{610}', '\u{61A}'), ('\u{64B}', '\u{65F}'),
    ('\u{670}', '\u{670}'), ('\u{6D6}', '\u{6E4}'), ('\u{6E7}', '\u{6ED}'), ('\u{711}', '\u{711}'),
    ('\u{730}', '\u{73F}'), ('\u{7A6}', '\u{7B0}'), ('\u{816}', '\u{817}'), ('\u{81B}', '\u{823}'),
    ('\u{825}', '\u{827}'), ('\u{829}', '\u{82C}'), ('\u{8D4}', '\u{903}'), ('\u{93A}', '\u{93B}'),
    ('\u{93E}', '\u{94F}'), ('\u{955}', '\u{957}'), ('\u{962}', '\u{963}'), ('\u{981}', '\u{983}'),
    ('\u{9BE}', '\u{9CC}'), ('\u{9D7}', '\u{9D7}'), ('\u{9E2}', '\u{9E3}'), ('\u{A01}', '\u{A03}'),
    ('\u{A3E}', '\u{A51}'), ('\u{A70}', '\u{A71}'), ('\u{A75}', '\u{A83}'), ('\u{ABE}', '\u{ACC}'),
    ('\u{AE2}', '\u{AE3}'), ('\u{AFA}', '\u{B03}'), ('\u{B3E}', '\u{B57}'), ('\u{B62}', '\u{B63}'),
    ('\u{B82}', '\u{B82}'), ('\u{BBE}', '\u{BCC}'), ('\u{BD7}', '\u{C04}'), ('\u{C3E}', '\u{C56}'),
    ('\u{C62}', '\u{C63}'), ('\u{C81}', '\u{C83}'), ('\u{CBE}', '\u{CD6}'), ('\u{CE2}', '\u{CE3}'),
    ('\u{D00}', '\u{D03}'), ('\u{D3E}', '\u{D4C}'), ('\u{D57}', '\u{D57}'), ('\u{D62}', '\u{D63}'),
    ('\u{D81}', '\u{D83}'), ('\u{DCF}', '\u{DF3}'), ('\u{E31}', '\u{E31}'), ('\u{E34}', '\u{E3A}'),
    ('\u{E4D}', '\u{E4D}'), ('\u{EB1}', '\u{EB1}'), ('\u{EB4}', '\u{EBC}'), ('\u{ECD}', '\u{ECD}'),
    ('\u{F71}', '\u{F83}'), ('\u{F8D}', '\u{FBC}'), ('\u{102B}', '\u{103E}'), ('\u{1056}', '\u{1059}'),
    ('\u{105E}', '\u{1060}'), ('\u{1062}', '\u{1064}'), ('\u{1067}', '\u{106D}'), ('\u{1071}', '\u{1074}'),
    ('\u{1082}', '\u{108D}'), ('\u{108F}', '\u{109D}'), ('\u{16EE}', '\u{16F0}'), ('\u{1712}', '\u{1713}'),
    ('\u{1732}', '\u{1733}'), ('\u{1752}', '\u{1753}'), ('\u{1772}', '\u{1773}'), ('\u{17B6}', '\u{17C8}'),
    ('\u{1885}', '\u{1886}'), ('\u{18A9}', '\u{18A9}'), ('\u{1920}', '\u{1938}'), ('\u{1A17}', '\u{1A1B}'),
    ('\u{1A55}', '\u{1A74}'), ('\u{1ABF}', '\u{1B04}'), ('\u{1B35}', '\u{1B43}'), ('\u{1B80}', '\u{1B82}'),
    ('\u{1BA1}', '\u{1BAD}'), ('\u{1BE7}', '\u{1BF1}'), ('\u{1C24}', '\u{1C36}'), ('\u{1DD3}', '\u{1DF4}'),
    ('\u{2160}', '\u{2182}'), ('\u{2185}', '\u{24E9}'), ('\u{2DE0}', '\u{2DFF}'), ('\u{3007}', '\u{3029}'),
    ('\u{3038}', '\u{303A}'), ('\u{A674}', '\u{A67B}'), ('\u{A69E}', '\u{A69F}'), ('\u{A6E6}', '\u{A6EF}'),
    ('\u{A802}', '\u{A802}'), ('\u{A80B}', '\u{A80B}'), ('\u{A823}', '\u{A827}'), ('\u{A880}', '\u{A881}'),
    ('\u{A8B4}', '\u{A8C5}'), ('\u{A8FF}', '\u{A8FF}'), ('\u{A926}', '\u{A92A}'), ('\u{A947}', '\u{A952}'),
    ('\u{A980}', '\u{A983}'), ('\u{A9B4}', '\u{A9BF}'), ('\u{A9E5}', '\u{A9E5}'), ('\u{AA29}', '\u{AA36}'),
    ('\u{AA43}', '\u{AA43}'), ('\u{AA4C}', '\u{AA4D}'), ('\u{AA7B}', '\u{AA7D}'), ('\u{AAB0}', '\u{AAB0}'),
    ('\u{AAB2}', '\u{AAB4}'), ('\u{AAB7}', '\u{AAB8}'), ('\u{AABE}', '\u{AABE}'), ('\u{AAEB}', '\u{AAEF}'),
    ('\u{AAF5}', '\u{AAF5}'), ('\u{ABE3}', '\u{ABEA}'), ('\u{FB1E}', '\u{FB1E}'), ('\u{10140}', '\u{10174}'),
    ('\u{10341}', '\u{10341}'), ('\u{1034A}', '\u{1034A}'), ('\u{10376}', '\u{1037A}'), ('\u{103D1}', '\u{103D5}'),
    ('\u{10A01}', '\u{10A0F}'), ('\u{10D24}', '\u{10D27}'), ('\u{10EAB}', '\u{10EAC}'), ('\u{11000}', '\u{11002}'),
    ('\u{11038}', '\u{11045}'), ('\u{11073}', '\u{11074}'), ('\u{11080}', '\u{11082}'), ('\u{110B0}', '\u{110C2}'),
    ('\u{11100}', '\u{11102}'), ('\u{11127}', '\u{11132}'), ('\u{11145}', '\u{11146}'), ('\u{11180}', '\u{11182}'),
    ('\u{111B3}', '\u{111BF}'), ('\u{111CE}', '\u{111CF}'), ('\u{1122C}', '\u{1123E}'), ('\u{112DF}', '\u{11303}'),
    ('\u{1133E}', '\u{1134C}'), ('\u{11357}', '\u{11357}'), ('\u{11362}', '\u{11363}'), ('\u{11435}', '\u{11445}'),
    ('\u{114B0}', '\u{114C1}'), ('\u{115AF}', '\u{115BE}'), ('\u{115DC}', '\u{115DD}'), ('\u{11630}', '\u{11640}'),
    ('\u{116AB}', '\u{116B5}'), ('\u{1171D}', '\u{1172A}'), ('\u{1182C}', '\u{11838}'), ('\u{11930}', '\u{1193C}'),
    ('\u{11940}', '\u{11940}'), ('\u{11942}', '\u{11942}'), ('\u{119D1}', '\u{119DF}'), ('\u{119E4}', '\u{119E4}'),
    ('\u{11A01}', '\u{11A0A}'), ('\u{11A35}', '\u{11A39}'), ('\u{11A3B}', '\u{11A3E}'), ('\u{11A51}', '\u{11A5B}'),
    ('\u{11A8A}', '\u{11A97}'), ('\u{11C2F}', '\u{11C3E}'), ('\u{11C92}', '\u{11CB6}'), ('\u{11D31}', '\u{11D43}'),
    ('\u{11D47}', '\u{11D47}'), ('\u{11D8A}', '\u{11D96}'), ('\u{11EF3}', '\u{11EF6}'), ('\u{12400}', '\u{1246E}'),
    ('\u{16F4F}', '\u{16F4F}'), ('\u{16F51}', '\u{16F92}'), ('\u{16FF0}', '\u{16FF1}'), ('\u{1BC9E}', '\u{1BC9E}'),
    ('\u{1E000}', '\u{1E02A}'), ('\u{1E947}', '\u{1E947}'), ('\u{1F130}', '\u{1F189}'),
];

/// The zeros outside ASCII; nine more digits follow each.
#[rustfmt::skip]
const ZEROS: [char; 65] = [
    '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}',
    '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}', '\u{1090}', '\u{17E0}', '\u{1810}',
    '\u{1946}', '\u{19D0}', '\u{1A80}', '\u{1A90}', '\u{1B50}', '\u{1BB0}', '\u{1C40}', '\u{1C50}', '\u{A620}',
    '\u{A8D0}', '\u{A900}', '\u{A9D0}', '\u{A9F0}', '\u{AA50}', '\u{ABF0}', '\u{FF10}', '\u{104A0}', '\u{10D30}',
    '\u{11066}', '\u{110F0}', '\u{11136}', '\u{111D0}', '\u{112F0}', '\u{11450}', '\u{114D0}', '\u{11650}',
    '\u{116C0}', '\u{11730}', '\u{118E0}', '\u{11950}', '\u{11C50}', '\u{11D50}', '\u{11DA0}', '\u{16A60}',
    '\u{16AC0}', '\u{16B50}', '\u{1D7CE}', '\u{1D7D8}', '\u{1D7E2}', '\u{1D7EC}', '\u{1D7F6}', '\u{1E140}',
    '\u{1E2F0}', '\u{1E950}', '\u{1FBF0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_letters_from_what_is_merely_alphabetic() {
        for letter in ['a', 'Z', 'é', 'ß', '日', 'あ', 'ह', 'ʰ', 'ª', '한'] {
            assert!(is_letter(letter), "{letter:?}");
        }
        for other in ['0', '_', ' ', '²', 'Ⅷ', 'ↂ', 'Ⓐ', 'ि', '\u{345}', '🎉', '٣'] {
            assert!(!is_letter(other), "{other:?}");
        }
    }

    #[test]
    fn tells_decimal_digits_from_other_numbers() {
        for digit in ['0', '9', '٠', '٩', '५', '９', '𝟎', '𝟿'] {
            assert!(is_digit(digit), "{digit:?}");
        }
        for other in ['a', '/', ':', '²', '½', 'Ⅷ', '①', '\u{65F}', '\u{66A}', '\u{7F}', '\u{80}'] {
            assert!(!is_digit(other), "{other:?}");
        }
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(NO_LETTERS.iter().all(|(first, last)| first <= last));
        assert!(NO_LETTERS.iter().zip(NO_LETTERS.iter().skip(1)).all(|(one, next)| one.1 < next.0));
        assert!(ZEROS.is_sorted());
    }
}
