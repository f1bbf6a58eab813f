//! Strict form decoding (INC-12, INC-13).

use std::borrow::Cow;

/// A `%` without two hex digits, or a `;`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MalformedForm;

/// Checks a whole form or query string, and returns the first value of a key, decoded.
pub(crate) fn first_value<'a>(form: &'a [u8], key: &[u8]) -> Result<Option<Cow<'a, [u8]>>, MalformedForm> {
    let mut found = None;
    for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if memchr::memchr(b';', pair).is_some() {
            return Err(MalformedForm);
        }
        let (name, value) = match memchr::memchr(b'=', pair).and_then(|at| pair.split_at_checked(at)) {
            Some((name, value)) => (name, value.get(1..).unwrap_or_default()),
            None => (pair, &[][..]),
        };
        let (name, value) = (decode(name)?, decode(value)?);
        if found.is_none() && *name == *key {
            found = Some(value);
        }
    }
    Ok(found)
}

fn decode(text: &[u8]) -> Result<Cow<'_, [u8]>, MalformedForm> {
    if memchr::memchr2(b'%', b'+', text).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*bytes.next()?).to_digit(16);
                let (high, low) = digit().zip(digit()).ok_or(MalformedForm)?;
                u8::try_from(high << 4 | low).map_err(|_| MalformedForm)?
            }
            other => *other,
        });
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_value_of_a_sound_form() {
        let cases: &[(&str, Result<Option<&str>, MalformedForm>)] = &[
            ("", Ok(None)),
            ("payload=x", Ok(Some("x"))),
            ("payload=", Ok(Some(""))),
            ("payload", Ok(Some(""))),
            ("PAYLOAD=x", Ok(None)),
            ("a=b&payload=first&payload=second", Ok(Some("first"))),
            ("&&payload=x&", Ok(Some("x"))),
            ("payload=a=b", Ok(Some("a=b"))),
            ("payload=1+1", Ok(Some("1 1"))),
            ("payload=%7b%7D%2B", Ok(Some("{}+"))),
            ("p%61yload=x", Ok(Some("x"))),
            ("payload=a\nb", Ok(Some("a\nb"))),
            ("payload=100% done", Err(MalformedForm)),
            ("payload=x&b=%z0", Err(MalformedForm)),
            ("payload=%", Err(MalformedForm)),
            ("payload=%4", Err(MalformedForm)),
            ("payload=a;b", Err(MalformedForm)),
            ("payload=x&a;b", Err(MalformedForm)),
        ];
        for (form, want) in cases {
            let got = first_value(form.as_bytes(), b"payload");
            assert_eq!(got, want.map(|value| value.map(|text| Cow::Borrowed(text.as_bytes()))), "{form:?}");
        }
    }
}
