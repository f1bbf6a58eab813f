use http::{HeaderValue, Response};

use super::*;

const FROM: &str = "http://hook.example/in?q=1";

fn first(url: &str) -> Hop {
    let request = Request::post(url)
        .header("Authorization", "Basic dTpw")
        .header("Content-Type", "application/json")
        .header("Content-Length", "4")
        .header("Accept", "application/json")
        .header("Host", "hook.example")
        .header("webhook-id", "out_1")
        .header("webhook-timestamp", "1")
        .header("webhook-signature", "v1,x")
        .body(Bytes::from_static(b"body"))
        .unwrap();
    Hop::first(request, "Hook.Example")
}

fn answer(status: u16, location: &[u8]) -> response::Parts {
    let mut answer = Response::builder().status(status);
    if !location.is_empty() {
        answer = answer.header(LOCATION, HeaderValue::from_bytes(location).unwrap());
    }
    answer.body(()).unwrap().into_parts().0
}

fn settings(follow_everywhere: bool) -> EgressSettings {
    EgressSettings { follow_everywhere, ..EgressSettings::default() }
}

/// Method, address, body and the names of the headers of what comes next, or what becomes of the answer instead.
fn said(redirect: &Redirect) -> String {
    let hop = match redirect {
        Redirect::Final => return "final".to_owned(),
        Redirect::Follow(hop) => hop,
        Redirect::Refused(refused) => return format!("{refused:?}"),
        Redirect::Unfollowed => return "unfollowed".to_owned(),
    };
    let request = hop.request();
    let initials = [("authorization", 'a'), ("content-type", 't'), ("content-length", 'l'), ("accept", 'A')];
    let signed = [("webhook-id", 'i'), ("webhook-timestamp", 's'), ("webhook-signature", 'S')];
    let names: String = [&initials[..], &signed[..], &[("host", 'h'), ("referer", 'r')]]
        .concat()
        .into_iter()
        .filter(|(name, _)| request.headers().contains_key(*name))
        .map(|(_, initial)| initial)
        .collect();
    let body = if request.body().is_empty() { "" } else { " +body" };
    format!("{} {}{body} {names}", request.method(), request.uri())
}

fn after(from: &str, status: u16, location: &str, caller: Caller, everywhere: bool) -> String {
    said(&first(from).after(&answer(status, location.as_bytes()), caller, &settings(everywhere)))
}

#[test]
fn only_five_statuses_with_a_location_point_elsewhere() {
    for status in [200, 201, 300, 304, 305, 306, 309, 399, 404, 500] {
        assert_eq!(after(FROM, status, "/x", Caller::Hook, false), "final", "{status}");
    }
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(after(FROM, status, "", Caller::Hook, false), "final", "{status}");
        assert_ne!(after(FROM, status, "/x", Caller::Hook, false), "final", "{status}");
    }
}

#[test]
fn within_the_origin_everything_goes_along() {
    for caller in [Caller::Hook, Caller::Command] {
        for status in [307, 308] {
            let want = "POST http://hook.example/x?y=1 +body atlAisS";
            assert_eq!(after(FROM, status, "/x?y=1#f", caller, false), want);
        }
        for status in [301, 302, 303] {
            assert_eq!(after(FROM, status, "/x?y=1#f", caller, false), "GET http://hook.example/x?y=1 aA");
        }
    }
    let cases = [
        (FROM, "", "final"),
        (FROM, "x", "POST http://hook.example/x +body atlAisS"),
        (FROM, "?z", "POST http://hook.example/in?z +body atlAisS"),
        (FROM, "//HOOK.example:80/x", "POST http://hook.example/x +body atlAisS"),
        (FROM, "http://u:p@hook.example/x", "POST http://hook.example/x +body atlAisS"),
        (FROM, "/b c/ü", "POST http://hook.example/b%20c/%C3%BC +body atlAisS"),
        (FROM, "https://hook.example/x", "POST https://hook.example/x +body atlAisS"),
        (FROM, "https://hook.example:443/x", "POST https://hook.example/x +body atlAisS"),
        ("http://hook.example:8080/", "http://hook.example:8080/x", "POST http://hook.example:8080/x +body atlAisS"),
        ("https://hook.example/", "//hook.example/x", "POST https://hook.example/x +body atlAisS"),
    ];
    for (from, location, want) in cases {
        assert_eq!(after(from, 307, location, Caller::Command, false), want, "{from} {location}");
    }
}

#[test]
fn elsewhere_a_hook_goes_on_without_anything_and_a_command_not_at_all() {
    let elsewhere = [
        (FROM, "http://other.example/x"),
        (FROM, "http://x.hook.example/x"),
        (FROM, "http://hook.example:8080/x"),
        (FROM, "https://hook.example:8443/x"),
        (FROM, "https://other.example/x"),
        (FROM, "http://hook.example./x"),
        ("http://hook.example:8080/", "https://hook.example/x"),
        ("http://hook.example:8080/", "http://hook.example/x"),
        ("https://hook.example/", "https://hook.example:8443/x"),
        ("https://hook.example/", "https://other.example/x"),
    ];
    for (from, location) in elsewhere {
        for status in [301, 302, 303] {
            assert_eq!(after(from, status, location, Caller::Hook, false), format!("GET {location} A"));
            assert_eq!(after(from, status, location, Caller::Command, false), "unfollowed");
        }
        for status in [307, 308] {
            assert_eq!(after(from, status, location, Caller::Hook, false), "unfollowed");
            assert_eq!(after(from, status, location, Caller::Command, false), "unfollowed");
        }
    }
}

#[test]
fn from_https_to_http_no_call_goes() {
    let from = "https://hook.example/";
    for location in ["http://hook.example/x", "http://other.example/x", "http://hook.example:443/"] {
        assert_eq!(after(from, 302, location, Caller::Hook, false), "Downgrade", "{location}");
        assert_eq!(after(from, 307, location, Caller::Hook, false), "unfollowed", "{location}");
        assert_eq!(after(from, 302, location, Caller::Command, false), "unfollowed", "{location}");
    }
}

#[test]
fn a_location_must_be_one_that_can_be_called() {
    let cases: [&[u8]; 7] =
        [b"ftp://other.example/", b"mailto:a@b", b"http://", b"http://a:99999/", b"/\xff", b"/a\tb", b"http://a\"b/"];
    for location in cases {
        let redirect = first(FROM).after(&answer(302, location), Caller::Hook, &settings(false));
        assert_eq!(said(&redirect), "Location", "{:?}", String::from_utf8_lossy(location));
    }
    assert_eq!(after(FROM, 302, "ftp://hook.example/", Caller::Hook, true), "Location");
}

#[test]
fn a_call_makes_ten_requests() {
    for everywhere in [false, true] {
        let mut hop = first(FROM);
        for number in 2..=10 {
            let redirect = hop.after(&answer(307, b"/again"), Caller::Hook, &settings(everywhere));
            let Redirect::Follow(next) = redirect else { panic!("{number}: {redirect:?}") };
            hop = *next;
        }
        let redirect = hop.after(&answer(307, b"/again"), Caller::Hook, &settings(everywhere));
        assert_eq!(said(&redirect), "TooMany");
        assert_eq!(said(&hop.after(&answer(200, b"/again"), Caller::Hook, &settings(everywhere))), "final");
    }
    let mut tenth = first(FROM);
    tenth.number = 10;
    let redirect = tenth.after(&answer(307, b"http://other.example/"), Caller::Hook, &settings(false));
    assert_eq!(said(&redirect), "unfollowed");
}

#[test]
fn what_was_left_out_does_not_come_back() {
    let step = |hop: &Hop, status, location: &str, everywhere| {
        let redirect = hop.after(&answer(status, location.as_bytes()), Caller::Hook, &settings(everywhere));
        let Redirect::Follow(next) = redirect else { panic!("{location}: {redirect:?}") };
        *next
    };
    let away = step(&first(FROM), 302, "http://other.example/", false);
    let back = step(&away, 302, FROM, false);
    assert_eq!(said(&Redirect::Follow(Box::new(back.clone()))), format!("GET {FROM} A"));
    let again = step(&back, 307, "/x", false);
    assert_eq!(said(&Redirect::Follow(Box::new(again))), "GET http://hook.example/x A");
    let away = step(&first(FROM), 307, "http://other.example/", true);
    let back = step(&away, 307, FROM, true);
    assert_eq!(said(&Redirect::Follow(Box::new(back))), format!("POST {FROM} +body tlA"));
}

/// OUT-228, but for the signature and the `Referer`.
#[test]
fn a_switch_restores_the_way_of_the_reference_server() {
    let cases = [
        (FROM, 307, "http://other.example/x", "POST http://other.example/x +body tlA"),
        (FROM, 307, "http://a.hook.example:8080/x", "POST http://a.hook.example:8080/x +body atlA"),
        (FROM, 307, "http://ahook.example/x", "POST http://ahook.example/x +body tlA"),
        (FROM, 307, "http://example/x", "POST http://example/x +body tlA"),
        (FROM, 302, "http://other.example/x", "GET http://other.example/x A"),
        (FROM, 303, "https://a.hook.example/x", "GET https://a.hook.example/x aA"),
        (FROM, 308, "/x", "POST http://hook.example/x +body atlAisS"),
        ("https://hook.example/", 307, "http://hook.example/x", "POST http://hook.example/x +body atlA"),
        ("https://hook.example/", 302, "http://other.example/x", "GET http://other.example/x A"),
    ];
    for (from, status, location, want) in cases {
        for caller in [Caller::Hook, Caller::Command] {
            assert_eq!(after(from, status, location, caller, true), want, "{from} {status} {location}");
        }
    }
}

#[test]
fn the_host_is_compared_as_it_was_written_until_another_is_named() {
    let hop = first(FROM);
    assert_eq!(hop.host(), "Hook.Example");
    let cases = [
        ("/x", "Hook.Example"),
        ("http://hook.example:8080/", "Hook.Example"),
        ("http://OTHER.example/", "other.example"),
        ("http://[::1]:80/", "::1"),
        ("http://2130706433/", "127.0.0.1"),
    ];
    for (location, want) in cases {
        match hop.after(&answer(302, location.as_bytes()), Caller::Hook, &settings(false)) {
            Redirect::Follow(next) => assert_eq!(next.host(), want),
            other => panic!("{location}: {other:?}"),
        }
    }
}

#[test]
fn debug_does_not_leak() {
    let shown = format!("{:?}", first("http://hook.example/hunter2?hunter2"));
    assert!(shown.contains("Hook.Example") && !shown.contains("hunter2") && !shown.contains("body"), "{shown}");
}
