//! The routes below `/api/v4/hooks/outgoing` (OUT-13).

use http::Method;

use super::route::is_id;

/// Where below `/api/v4/hooks/outgoing`; ids are as the sender wrote them.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum OutgoingRoute {
    Create,
    List,
    Of(String, HookAction),
}

/// What is done with one hook.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum HookAction {
    Delete,
    DeliveryMode,
    EndSigning,
    Get,
    MakeSigning,
    RegenerateToken,
    SetDeliveryMode,
    Signing,
    Update,
}

/// Finds the route. Where the path is ours and the method is not, the methods that it has are the mistake.
pub(super) fn find(method: &Method, segments: &[&str]) -> Result<OutgoingRoute, Option<&'static str>> {
    use HookAction as Action;
    let (id, rest) = match segments {
        [] => {
            return match *method {
                Method::GET => Ok(OutgoingRoute::List),
                Method::POST => Ok(OutgoingRoute::Create),
                _ => Err(Some("GET, POST")),
            };
        }
        [id, rest @ ..] if is_id(id) => (*id, rest),
        _ => return Err(None),
    };
    let action = match rest {
        [] => match *method {
            Method::DELETE => Action::Delete,
            Method::GET => Action::Get,
            Method::PUT => Action::Update,
            _ => return Err(Some("DELETE, GET, PUT")),
        },
        ["regen_token"] => match *method {
            Method::POST => Action::RegenerateToken,
            _ => return Err(Some("POST")),
        },
        ["signing_secret"] => match *method {
            Method::DELETE => Action::EndSigning,
            Method::GET => Action::Signing,
            Method::POST => Action::MakeSigning,
            _ => return Err(Some("DELETE, GET, POST")),
        },
        ["delivery_mode"] => match *method {
            Method::GET => Action::DeliveryMode,
            Method::PUT => Action::SetDeliveryMode,
            _ => return Err(Some("GET, PUT")),
        },
        _ => return Err(None),
    };
    Ok(OutgoingRoute::Of(id.to_owned(), action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_served() {
        let of = |action| Ok(OutgoingRoute::Of("abc".to_owned(), action));
        let cases: [(&str, &[&str], Result<OutgoingRoute, Option<&str>>); 20] = [
            ("GET", &[], Ok(OutgoingRoute::List)),
            ("POST", &[], Ok(OutgoingRoute::Create)),
            ("PUT", &[], Err(Some("GET, POST"))),
            ("GET", &["abc"], of(HookAction::Get)),
            ("PUT", &["abc"], of(HookAction::Update)),
            ("DELETE", &["abc"], of(HookAction::Delete)),
            ("POST", &["abc"], Err(Some("DELETE, GET, PUT"))),
            ("POST", &["abc", "regen_token"], of(HookAction::RegenerateToken)),
            ("GET", &["abc", "regen_token"], Err(Some("POST"))),
            ("GET", &["abc", "signing_secret"], of(HookAction::Signing)),
            ("POST", &["abc", "signing_secret"], of(HookAction::MakeSigning)),
            ("DELETE", &["abc", "signing_secret"], of(HookAction::EndSigning)),
            ("PUT", &["abc", "signing_secret"], Err(Some("DELETE, GET, POST"))),
            ("GET", &["abc", "delivery_mode"], of(HookAction::DeliveryMode)),
            ("PUT", &["abc", "delivery_mode"], of(HookAction::SetDeliveryMode)),
            ("POST", &["abc", "delivery_mode"], Err(Some("GET, PUT"))),
            ("GET", &["a-b"], Err(None)),
            ("GET", &[""], Err(None)),
            ("GET", &["abc", ""], Err(None)),
            ("POST", &["abc", "regen_token", "x"], Err(None)),
        ];
        for (method, segments, want) in cases {
            assert_eq!(find(&method.parse().unwrap(), segments), want, "{method} {segments:?}");
        }
    }
}
