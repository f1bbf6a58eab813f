//! Cross-origin requests: what a browser is told about pages of other sites (API-48, API-71, INC-4).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

/// Which pages of other sites may read answers. The default is: none, and nothing is said about it.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CorsSettings {
    /// `CorsAllowCredentials`: whether browsers may send cookies along. Never told where every origin is allowed: that
    /// would hand every site the sessions of its visitors. Off.
    pub allow_credentials: bool,
    /// `AllowCorsFrom`: the origins, apart by white space, each as a browser sends it; `*` in one stands for any text,
    /// alone for every origin. Empty: cross-origin rules are off.
    pub allow_from: String,
    /// `CorsExposedHeaders`: which headers of an answer scripts may read, apart by white space.
    pub exposed_headers: String,
}

/// What is to be done about a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It goes on; its answer gets these headers.
    Pass(HeaderMap),
    /// It was a preflight: 204 with these headers is the answer.
    Preflight(HeaderMap),
}

/// What a preflight may ask for (INC-4).
const METHODS: [Method; 6] = [Method::POST, Method::GET, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE];

impl CorsSettings {
    /// Judges a request; none while the rules are off.
    pub(crate) fn judge(&self, parts: &Parts) -> Option<Verdict> {
        let mut allowed = self.allow_from.split_whitespace().peekable();
        allowed.peek()?;
        let origin = parts.headers.get(ORIGIN).filter(|origin| !origin.is_empty());
        let told = origin.and_then(|origin| {
            let text = origin.to_str().ok()?;
            let granted = allowed.find(|allowed| matches(allowed, text))?;
            Some(if granted == "*" { HeaderValue::from_static("*") } else { origin.clone() })
        });
        let mut headers = HeaderMap::new();
        match parts.headers.get(ACCESS_CONTROL_REQUEST_METHOD) {
            Some(asked) if parts.method == Method::OPTIONS => {
                const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
                headers.insert(VARY, HeaderValue::from_static(VARIES));
                if let Some(told) = told.filter(|_| METHODS.iter().any(|method| method.as_str() == asked)) {
                    self.tell_origin(told, &mut headers);
                    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
                    if let Some(asked) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
                    }
                    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
                }
                Some(Verdict::Preflight(headers))
            }
            _ => {
                headers.insert(VARY, HeaderValue::from_static("Origin"));
                if let Some(told) = told {
                    self.tell_origin(told, &mut headers);
                    let exposed: Vec<_> = self.exposed_headers.split_whitespace().collect();
                    if let Some(exposed) = HeaderValue::try_from(exposed.join(", ")).ok().filter(|e| !e.is_empty()) {
                        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
                    }
                }
                Some(Verdict::Pass(headers))
            }
        }
    }

    /// Whether a page of this origin may read answers.
    #[cfg(test)]
    fn allows(&self, origin: &str) -> bool {
        self.allow_from.split_whitespace().any(|allowed| matches(allowed, origin))
    }

    fn tell_origin(&self, told: HeaderValue, headers: &mut HeaderMap) {
        if self.allow_credentials && told != "*" {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, told);
    }
}

/// Compares an origin with one that is allowed, in which `*` stands for any text. Linear in the origin's length.
fn matches(allowed: &str, origin: &str) -> bool {
    let origin = origin.to_ascii_lowercase();
    let allowed = allowed.to_ascii_lowercase();
    match allowed.split_once('*') {
        None => allowed == origin,
        Some((start, end)) => {
            origin.len() >= start.len() + end.len() && origin.starts_with(start) && origin.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> CorsSettings {
        CorsSettings {
            allow_credentials: true,
            allow_from: "https://good.example  https://*.fine.example".to_owned(),
            exposed_headers: "X-Request-Id X-Version-Id".to_owned(),
        }
    }

    fn judge(settings: &CorsSettings, method: &str, headers: &[(&str, &str)]) -> String {
        let mut request = http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (word, told) = match settings.judge(&request.body(()).unwrap().into_parts().0) {
            None => return "off".to_owned(),
            Some(Verdict::Pass(told)) => ("pass", told),
            Some(Verdict::Preflight(told)) => ("preflight", told),
        };
        let mut lines: Vec<_> =
            told.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
        lines.sort();
        format!("{word} {}", lines.join("; "))
    }

    const VARIES: &str = "vary=Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

    #[test]
    fn a_preflight_is_told_what_it_asked_for_if_its_origin_is_allowed() {
        let asked = [
            ("Origin", "https://good.example"),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "x-a, x-b"),
        ];
        let want = format!(
            "preflight access-control-allow-credentials=true; access-control-allow-headers=x-a, x-b; \
             access-control-allow-methods=PUT; access-control-allow-origin=https://good.example; \
             access-control-max-age=86400; {VARIES}"
        );
        assert_eq!(judge(&settings(), "OPTIONS", &asked), want);
        let refused = format!("preflight {VARIES}");
        let cases = [
            [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "PUT")],
            [("Origin", "https://good.example"), ("Access-Control-Request-Method", "TRACE")],
            [("Origin", "https://good.example"), ("Access-Control-Request-Method", "put")],
            [("X-No-Origin", "1"), ("Access-Control-Request-Method", "PUT")],
        ];
        for asked in cases {
            assert_eq!(judge(&settings(), "OPTIONS", &asked), refused, "{asked:?}");
        }
    }

    #[test]
    fn every_method_of_the_api_may_be_asked_for() {
        for method in ["POST", "GET", "OPTIONS", "PUT", "PATCH", "DELETE"] {
            let asked = [("Origin", "https://good.example"), ("Access-Control-Request-Method", method)];
            assert!(judge(&settings(), "OPTIONS", &asked).contains(&format!("allow-methods={method};")), "{method}");
        }
    }

    #[test]
    fn an_ordinary_request_goes_on_and_its_answer_may_be_read_by_allowed_origins() {
        let want = "pass access-control-allow-credentials=true; access-control-allow-origin=https://good.example; \
                    access-control-expose-headers=X-Request-Id, X-Version-Id; vary=Origin";
        assert_eq!(judge(&settings(), "POST", &[("Origin", "https://good.example")]), want);
        for origin in ["https://evil.example", "http://good.example", "https://good.example.evil.example", "null", ""] {
            assert_eq!(judge(&settings(), "GET", &[("Origin", origin)]), "pass vary=Origin", "{origin}");
        }
        // Without the question of a preflight, it is a request like any other.
        assert_eq!(judge(&settings(), "OPTIONS", &[]), "pass vary=Origin");
        let not_a_preflight = [("Access-Control-Request-Method", "PUT")];
        assert_eq!(judge(&settings(), "GET", &not_a_preflight), "pass vary=Origin");
    }

    #[test]
    fn a_star_stands_for_any_text_and_never_brings_cookies_along() {
        let mut settings = settings();
        assert!(settings.allows("https://a.fine.example") && settings.allows("HTTPS://A.B.fine.example"));
        assert!(!settings.allows("https://fine.example") && !settings.allows("https://.fine.exampl"));
        settings.allow_from = "*".to_owned();
        settings.exposed_headers.clear();
        let want = "pass access-control-allow-origin=*; vary=Origin";
        assert_eq!(judge(&settings, "GET", &[("Origin", "https://anywhere.example")]), want);
    }

    #[test]
    fn nothing_is_said_while_the_rules_are_off() {
        assert_eq!(judge(&CorsSettings::default(), "OPTIONS", &[("Access-Control-Request-Method", "PUT")]), "off");
        let blank = CorsSettings { allow_from: " ".to_owned(), ..CorsSettings::default() };
        assert_eq!(judge(&blank, "GET", &[("Origin", "https://good.example")]), "off");
    }
}
