use proptest::prelude::*;

use super::*;

fn url(text: &str) -> CallbackUrl<'_> {
    CallbackUrl::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

/// OUT-230.
#[test]
fn the_grammar_allows_what_the_table_says() {
    let allowed = [
        "http://a",
        "https://a.example/x//y",
        "http://localhost:8080/t",
        "http://:80/",
        "http://:/",
        "http://a:/",
        "http://a:99999/",
        "http://u:p@a/",
        "http://u@a/",
        "http://@a/",
        "http://u:p:q@a/",
        "http://me@corp.example:p@a/",
        "http://u%00%ff:!$&'()*+,;=-._~@a/",
        "http://[::1]:9/",
        "http://[::1]:/",
        "http://[::1]",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%25e%2Fh]/",
        "http://a/b c",
        "http://a/?q=%zz",
        "http://a?x=1",
        "http://a?",
        "http://a/#f",
        "http://a/x#f?%zz",
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://bücher.example/",
        "http://b%C3%BCcher.example/",
        "http://a~!$&'()*+,;=<>\"]b/",
        "http://a/[]{}|\\^`\"<>",
        "http://a/%2f%2F",
        "http://a/ü",
        "http://a/?a b",
        "http://a/ ",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://a_b/",
        "http://-/",
        "http://../",
    ];
    for text in allowed {
        assert!(is_callback_url(text), "{text}");
        assert_eq!(url(text).as_str(), text);
    }
    let refused = [
        "",
        "a.example/x",
        "/x",
        "//a/x",
        "ftp://a/",
        "HTTP://a",
        "Https://a",
        "http:/a",
        "http:a",
        "httpss://a",
        "http://",
        "https:///x",
        "http://?x",
        "http://#f",
        "http://u:p@/",
        "http://u@",
        "http://a:b/",
        "http://a:8 0/",
        "http://a:-1/",
        "http://a:+1/",
        "http://a:1:2/",
        "http://a::1/",
        "http://[10.0.0.1]/",
        "http://[]/",
        "http://[::1",
        "http://[::1]a/",
        "http://[::1]9/",
        "http://[::1]]/",
        "http://[::1]:a/",
        "http://[[::1]]/",
        "http://[::1%eth0]/",
        "http://[::1%25]/",
        "http://[::1%25a b]/",
        "http://[::1%25%2]/",
        "http://[%25a]/",
        "http://[v1.a]/",
        "http://a[::1]/",
        "http://a[/",
        "http://a b/",
        "http://a/%zz",
        "http://a/%",
        "http://a/%2",
        "http://a/%+1",
        "http://a/%2ü",
        "http://a/x#%zz",
        "http://a#f",
        "http://a\\b/",
        "http://a|b/",
        "http://a{b/",
        "http://a^b/",
        "http://a`b/",
        "http://a%41/",
        "http://a%20b/",
        "http://a%7f/",
        "http://a%/",
        "http://u p@a/",
        "http://u#p@a/",
        "http://u[@a/",
        "http://ü@a/",
        "http://%zz@a/",
        "http://%4@a/",
        " http://a/",
        "http://a/\n",
        "http://a/\t",
        "http://a/\0",
        "http://a/?\u{7f}",
        "http://a\r/",
        "/plugins/x/y",
    ];
    for text in refused {
        assert!(!is_callback_url(text), "{text:?}");
        assert!(CallbackUrl::parse(text).is_err());
    }
}

#[test]
fn the_host_is_the_one_of_the_text() {
    let cases = [
        ("http://Hooks.LAN.:80/", "Hooks.LAN."),
        ("http://u:p@a/", "a"),
        ("http://x@y@z/", "z"),
        ("http://[::1]:9/", "::1"),
        ("http://[0:0::1]/", "0:0::1"),
        ("http://2130706433/", "2130706433"),
        ("http://0x7f.1/", "0x7f.1"),
        ("http://:80/", ""),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://b%C3%BCcher.example/", "xn--bcher-kva.example"),
        ("http://BÜCHER.example:8080/", "xn--bcher-kva.example"),
        ("http://１２７.0.0.1/", "１２７.0.0.1"),
        ("http://%80/", "%80"),
    ];
    for (text, want) in cases {
        assert_eq!(url(text).host_text(), want, "{text}");
    }
}

#[test]
fn one_place_has_one_origin() {
    let cases = [
        ("http://a", "http://a:80"),
        ("http://A:/x?y", "http://a:80"),
        ("http://u:p@a:0080/", "http://a:80"),
        ("https://A.Example/", "https://a.example:443"),
        ("https://a.example:80/", "https://a.example:80"),
        ("http://[::0:1]/", "http://[::1]:80"),
        ("http://2130706433/", "http://127.0.0.1:80"),
        ("http://bücher.example/", "http://xn--bcher-kva.example:80"),
        // Those that cannot be dialled have one too.
        ("http://:80/", "http://:80"),
        ("https://:/", "https://:443"),
        ("http://A:99999/", "http://a:99999"),
        ("http://A<b/", "http://a<b:80"),
    ];
    for (text, want) in cases {
        assert_eq!(url(text).origin(), want, "{text}");
    }
}

#[test]
fn what_is_shown_has_no_secret() {
    let cases = [
        ("https://user:hunter2@A.example:8443/in/x?token=hunter2#hunter2", "https://A.example:8443/in/x"),
        ("http://a/x#hunter2?hunter2", "http://a/x"),
        ("http://a?hunter2", "http://a"),
        ("http://[::1]:9/b c", "http://[::1]:9/b c"),
        ("http://a:/", "http://a:/"),
    ];
    for (text, want) in cases {
        assert_eq!(url(text).masked(), want, "{text}");
    }
}

/// OUT-235.
#[test]
fn what_is_dialled_says_what_was_written() {
    let cases = [
        ("http://a", "http://a/", "http://a/"),
        ("http://A:80/x", "http://a/x", "http://a/x"),
        ("https://a:8443/x//y/", "https://a:8443/x//y/", "https://a:8443/x//y/"),
        ("http://u:p@a/b c/ü", "http://a/b%20c/%C3%BC", "http://a/b%20c/%C3%BC"),
        ("http://a/x#f", "http://a/x", "http://a/x"),
        ("http://a/x#f?q", "http://a/x", "http://a/x"),
        ("http://a/x?q#f", "http://a/x?q", "http://a/x?q"),
        ("http://a?", "http://a/?", "http://a/?"),
        ("http://a?x=%zz&y=a b", "http://a/?x=%zz&y=a%20b", "http://a/?x=%zz&y=a%20b"),
        ("http://a/?\"<ü>", "http://a/?%22%3C%C3%BC%3E", "http://a/?%22%3C%C3%BC%3E"),
        ("http://a/?{|}\\^`[]", "http://a/?{|}\\^`[]", "http://a/?{|}\\^`[]"),
        ("http://a/ ", "http://a/%20", "http://a/%20"),
        ("http://a/?x ", "http://a/?x%20", "http://a/?x%20"),
        ("http://a/{|}\\^`\"<>", "http://a/%7B%7C%7D%5C%5E%60%22%3C%3E", "http://a/%7B%7C%7D%5C%5E%60%22%3C%3E"),
        ("http://a/!$&'()*+,;=:@[]~%2f", "http://a/!$&'()*+,;=:@[]~%2f", "http://a/!$&'()*+,;=:@[]~%2f"),
        ("http://2130706433/", "http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://[::ffff:10.0.0.1]/", "http://[::ffff:a00:1]/", "http://[::ffff:a00:1]/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        // What only a request can say: dots in the path, and an apostrophe in the query.
        ("http://a/x/../y/./z", "http://a/y/z", "http://a/x/../y/./z"),
        ("http://a/?it's", "http://a/?it%27s", "http://a/?it's"),
    ];
    for (text, dialled, uri) in cases {
        assert_eq!(url(text).dial().unwrap_or_else(|_| panic!("{text}")).as_str(), dialled);
        assert_eq!(url(text).uri().unwrap_or_else(|_| panic!("{text}")).to_string(), uri);
    }
    let undiallable = [
        "http://:80/",
        "http://a:99999/",
        "http://a<b/",
        "http://a]/",
        "http://a\"b/",
        "http://[fe80::1%25eth0]/",
        "http://%80/",
    ];
    for text in undiallable {
        assert!(url(text).dial().is_err() && url(text).uri().is_err(), "{text}");
    }
}

#[test]
fn user_information_becomes_a_header() {
    let cases = [
        ("http://u:p@a/", Some("Basic dTpw")),
        ("http://ada:s%26cret@a/", Some("Basic YWRhOnMmY3JldA==")),
        ("http://u@a/", Some("Basic dTo=")),
        ("http://u:p:q@a/", Some("Basic dTpwOnE=")),
        ("http://%00%ff%41:@a/", Some("Basic AP9BOg==")),
        ("http://@a/", None),
        ("http://a/", None),
    ];
    for (text, want) in cases {
        let value = url(text).authorization();
        assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), want, "{text}");
        assert!(value.is_none_or(|value| value.is_sensitive()));
    }
}

/// The grammar as it is written, without regard to speed.
fn slow(text: &str) -> bool {
    const USER: &str = r"([A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*";
    const NAME: &str = r#"([A-Za-z0-9\-._~!$&'()*+,;=<>"\]]|[^\x00-\x7F]|%[89A-Fa-f][0-9A-Fa-f])*"#;
    const PATH: &str = r"(/([^%?\x00-\x1F\x7F]|%[0-9A-Fa-f]{2})*)?";
    const ZONE: &str = r"(%25([A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2})+)?";
    let pattern = format!(
        r"^https?://({USER}@)?(?:(?<name>{NAME})(?<port>:[0-9]*)?|\[(?<six>[0-9A-Fa-f:.]+){ZONE}\](:[0-9]*)?){PATH}(\?[^\x00-\x1F\x7F]*)?$"
    );
    let Some(found) = regex::Regex::new(&pattern).unwrap().captures(text) else { return false };
    match found.name("six") {
        Some(address) => address.as_str().parse::<Ipv6Addr>().is_ok(),
        None => !found["name"].is_empty() || found.name("port").is_some(),
    }
}

proptest! {
    #[test]
    fn is_what_the_grammar_says(text in r#"(https?://|http:/|)[a1:/\[\]@%25fF#?<" ü.\\]{0,12}(\PC{0,3}|[\x00-\x20]?)"#) {
        prop_assert_eq!(is_callback_url(&text), slow(&text), "{}", text);
    }

    #[test]
    fn what_is_allowed_can_be_shown_and_called_or_not(text in r#"https?://[a1:\[\]@%25fF<" ü.\\]{0,9}[a1/%25#? ü".]{0,9}"#) {
        if let Ok(url) = CallbackUrl::parse(&text) {
            prop_assert!(url.origin().starts_with(url.scheme));
            prop_assert_eq!(url.dial().is_ok(), url.uri().is_ok());
            if let (Ok(dialled), Ok(uri)) = (url.dial(), url.uri()) {
                prop_assert!(dialled.username().is_empty() && dialled.password().is_none());
                prop_assert!(dialled.fragment().is_none());
                prop_assert_eq!(dialled.host_str(), uri.host());
                prop_assert_eq!(dialled.port(), uri.port_u16());
                prop_assert!(uri.to_string().is_ascii());
                // Where the text is what the list of hosts compares, no other place is called than the text says.
                let host = url.host_text().to_ascii_lowercase();
                let same = dialled.host_str().is_some_and(|dialled| dialled.trim_matches(['[', ']']) == host);
                let rewritten = dialled.host().is_some_and(|host| !matches!(host, Host::Domain(_)));
                prop_assert!(same || rewritten, "{} {}", host, dialled);
            }
        }
    }
}
