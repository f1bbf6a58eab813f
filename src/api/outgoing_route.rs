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
    Deliveries,
    Delivery(String, DeliveryAction),
    DeliveryMode,
    EndSigning,
    Get,
    Lanes,
    MakeSigning,
    RegenerateToken,
    SetDeliveryMode,
    Signing,
    Update,
}

/// What is done with one delivery of a hook.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum DeliveryAction {
    Drop,
    Get,
    Retry,
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
        ["deliveries"] => match *method {
            Method::GET => Action::Deliveries,
            _ => return Err(Some("GET")),
        },
        ["lanes"] => match *method {
            Method::GET => Action::Lanes,
            _ => return Err(Some("GET")),
        },
        ["deliveries", delivery, rest @ ..] if is_delivery_id(delivery) => {
            let (action, allow) = match rest {
                [] => (DeliveryAction::Get, Method::GET),
                ["retry" | "redeliver"] => (DeliveryAction::Retry, Method::POST),
                ["drop"] => (DeliveryAction::Drop, Method::POST),
                _ => return Err(None),
            };
            if *method != allow {
                return Err(Some(if allow == Method::GET { "GET" } else { "POST" }));
            }
            Action::Delivery((*delivery).to_owned(), action)
        }
        _ => return Err(None),
    };
    Ok(OutgoingRoute::Of(id.to_owned(), action))
}

/// Letters, digits and underscores.
fn is_delivery_id(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_served() {
        let of = |action| Ok(OutgoingRoute::Of("abc".to_owned(), action));
        let delivery = |action| of(HookAction::Delivery("out_a_b_0".to_owned(), action));
        type Found = Result<OutgoingRoute, Option<&'static str>>;
        let cases: [(&str, &[&str], Found); 33] = [
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
            ("GET", &["abc", "deliveries"], of(HookAction::Deliveries)),
            ("POST", &["abc", "deliveries"], Err(Some("GET"))),
            ("GET", &["abc", "lanes"], of(HookAction::Lanes)),
            ("PUT", &["abc", "lanes"], Err(Some("GET"))),
            ("GET", &["abc", "deliveries", "out_a_b_0"], delivery(DeliveryAction::Get)),
            ("POST", &["abc", "deliveries", "out_a_b_0"], Err(Some("GET"))),
            ("POST", &["abc", "deliveries", "out_a_b_0", "retry"], delivery(DeliveryAction::Retry)),
            ("POST", &["abc", "deliveries", "out_a_b_0", "redeliver"], delivery(DeliveryAction::Retry)),
            ("POST", &["abc", "deliveries", "out_a_b_0", "drop"], delivery(DeliveryAction::Drop)),
            ("GET", &["abc", "deliveries", "out_a_b_0", "drop"], Err(Some("POST"))),
            ("POST", &["abc", "deliveries", "out_a_b_0", "stop"], Err(None)),
            ("GET", &["abc", "deliveries", "out-a"], Err(None)),
            ("GET", &["abc", "deliveries", ""], Err(None)),
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
