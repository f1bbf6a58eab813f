use super::*;

const ID_OF_VECTORS: &str = "out_z9y8x7w6v5u4t3s2r1q0p9o8n7_h1k2m3n4p5q6r7s8t9u0v1w2x3_0";
const NOW: i64 = 1_760_000_000;
const JSON: &[u8] = br#"{"token":"x7c1k9d3m5p8q2r4t6v0w1y3za","text":"deploy web"}"#;
const FORM: &[u8] = b"text=deploy+web&token=x7c1k9d3m5p8q2r4t6v0w1y3za";
const SHORT: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const LONG: &str = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=";
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn secret(text: &str) -> SigningSecret {
    SigningSecret::parse(text).unwrap()
}

fn signed(secrets: &[&SigningSecret], body: &[u8]) -> HeaderMap {
    headers(secrets, ID_OF_VECTORS, NOW, body).unwrap().into_iter().collect()
}

/// OUT-345.
#[test]
fn signatures_are_those_of_the_vectors() {
    let cases = [
        (SHORT, JSON, "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1tklY="),
        (SHORT, FORM, "v1,p1S5XtVi5//o5apS2LFD/bCIoq5/7m/5Lk9ny8WAn+8="),
        (LONG, JSON, "v1,lzUTUb+4b1IEJkeLsdrPiJ2+IlvY5oo7WYXhMU9ZvPg="),
    ];
    for (text, body, want) in cases {
        assert_eq!(secret(text).sign(ID_OF_VECTORS, NOW, body), want);
        let headers = signed(&[&secret(text)], body);
        assert_eq!(headers["webhook-signature"], want);
        assert_eq!(
            (&headers["webhook-id"], &headers["webhook-timestamp"]),
            (&ID_OF_VECTORS.parse().unwrap(), &NOW.into())
        );
        assert_eq!(secret(text).verify(&headers, body, NOW, FIVE_MINUTES), Ok(()));
    }
}

#[test]
fn a_request_of_several_secrets_is_accepted_by_each() {
    let (old, new) = (secret(SHORT), secret(LONG));
    let both = signed(&[&new, &old], JSON);
    let want = format!("{} {}", new.sign(ID_OF_VECTORS, NOW, JSON), old.sign(ID_OF_VECTORS, NOW, JSON));
    assert_eq!(both["webhook-signature"], want);
    for one in [&old, &new] {
        assert_eq!(one.verify(&both, JSON, NOW, FIVE_MINUTES), Ok(()));
    }
    let other = SigningSecret::from_random([7; 32]);
    assert_eq!(other.verify(&both, JSON, NOW, FIVE_MINUTES), Err(SignatureError::Mismatch));
}

#[test]
fn whatever_was_changed_does_not_verify() {
    use SignatureError::{Headers, Mismatch, Time, Timestamp};
    let own = secret(SHORT);
    let sound = signed(&[&own], JSON);
    let verify = |headers: &HeaderMap, body: &[u8]| own.verify(headers, body, NOW, FIVE_MINUTES);
    for place in 0..JSON.len() {
        let mut body = JSON.to_vec();
        body[place] ^= 1;
        assert_eq!(verify(&sound, &body), Err(Mismatch), "{place}");
    }
    let signature = own.sign(ID_OF_VECTORS, NOW, JSON);
    let asymmetric = signature.replace("v1,", "v1a,");
    let cut = signature.trim_end_matches('=').to_owned();
    let cases = [
        ("webhook-id", "out_other", Mismatch),
        ("webhook-id", "", Mismatch),
        ("webhook-timestamp", "1760000001", Mismatch),
        ("webhook-timestamp", "01760000000", Mismatch),
        ("webhook-timestamp", "", Timestamp),
        ("webhook-timestamp", "+1760000000", Timestamp),
        ("webhook-timestamp", "1760000000.5", Timestamp),
        ("webhook-timestamp", "99999999999999999999", Timestamp),
        ("webhook-timestamp", "0", Time),
        ("webhook-signature", "", Mismatch),
        ("webhook-signature", "v1,", Mismatch),
        ("webhook-signature", &asymmetric, Mismatch),
        ("webhook-signature", &cut, Mismatch),
        ("webhook-signature", "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1tklQ=", Mismatch),
        ("webhook-signature", "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1t", Mismatch),
        ("webhook-signature", "ü", Headers),
    ];
    for (name, value, want) in cases {
        let mut headers = sound.clone();
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        assert_eq!(verify(&headers, JSON), Err(want), "{name}: {value}");
    }
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut missing = sound.clone();
        let value = missing.remove(&name).unwrap();
        assert_eq!(verify(&missing, JSON), Err(Headers), "{name}");
        let mut twice = sound.clone();
        twice.append(&name, value);
        assert_eq!(verify(&twice, JSON), Err(Headers), "{name}");
    }
}

#[test]
fn a_request_is_accepted_within_the_tolerance_only() {
    let own = secret(SHORT);
    let headers = signed(&[&own], JSON);
    for (now, is_fine) in
        [(NOW - 300, true), (NOW + 300, true), (NOW - 301, false), (NOW + 301, false), (i64::MIN, false)]
    {
        let want = if is_fine { Ok(()) } else { Err(SignatureError::Time) };
        assert_eq!(own.verify(&headers, JSON, now, FIVE_MINUTES), want, "{now}");
    }
}

#[test]
fn a_signature_that_is_there_twice_still_counts() {
    let own = secret(SHORT);
    assert_eq!(own.verify(&signed(&[&own, &own], JSON), JSON, NOW, FIVE_MINUTES), Ok(()));
}

#[test]
fn unknown_schemes_are_passed_over() {
    let own = secret(SHORT);
    let mut headers = signed(&[&own], JSON);
    let value = format!("v1a,AAAA v2,x  {} v1,!", own.sign(ID_OF_VECTORS, NOW, JSON));
    headers.insert(SIGNATURE, value.parse().unwrap());
    assert_eq!(own.verify(&headers, JSON, NOW, FIVE_MINUTES), Ok(()));
}

#[test]
fn a_secret_has_24_to_64_bytes() {
    for (bytes, is_fine) in [(0, false), (23, false), (24, true), (32, true), (64, true), (65, false)] {
        let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        let parsed = SigningSecret::parse(&text);
        assert_eq!(parsed.is_ok(), is_fine, "{bytes}");
        assert!(parsed.is_ok_and(|parsed| parsed.expose() == text) == is_fine);
    }
    let bare = SHORT.trim_start_matches("whsec_");
    for text in
        ["", "whsec_", bare, &format!("whsk_{bare}"), &format!("{SHORT}\n"), "whsec_!!!!", LONG.trim_end_matches('=')]
    {
        assert_eq!(SigningSecret::parse(text).err(), Some(InvalidSigningSecret), "{text:?}");
    }
}

#[test]
fn random_bytes_are_the_secret() {
    let bytes: [u8; 32] = std::array::from_fn(|place| 100 + place as u8);
    assert_eq!(SigningSecret::from_random(bytes).expose(), LONG);
}

#[test]
fn an_id_that_no_header_holds_is_refused() {
    assert!(headers(&[&secret(SHORT)], "a\nb", NOW, JSON).is_err());
}

#[test]
fn debug_does_not_leak() {
    let shown = format!("{:?}", SigningSecret::from_random([0xAB; 32]));
    assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, ab") && !shown.contains("q6ur"), "{shown}");
}
