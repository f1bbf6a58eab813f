//! Which handler a request about personal access tokens gets (BOT-74 to BOT-83).

use http::Method;

use super::route::is_id;

/// Where below `/api/v4/users`. Ids are as the sender wrote them.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum TokenRoute {
    All,
    Create(String),
    Disable,
    Enable,
    Get(String),
    OfUser(String),
    Revoke,
    Rotate,
    Search,
}

/// Finds the route; else, where the path is one of these, the methods that it has. A word wins over an id.
pub(super) fn find(method: &Method, path: &[&str]) -> Result<TokenRoute, Option<&'static str>> {
    let (is_get, is_post) = (method == Method::GET, method == Method::POST);
    match path {
        ["tokens"] if is_get => Ok(TokenRoute::All),
        ["tokens"] => Err(Some("GET")),
        ["tokens", "disable"] if is_post => Ok(TokenRoute::Disable),
        ["tokens", "enable"] if is_post => Ok(TokenRoute::Enable),
        ["tokens", "revoke"] if is_post => Ok(TokenRoute::Revoke),
        ["tokens", "rotate"] if is_post => Ok(TokenRoute::Rotate),
        ["tokens", "search"] if is_post => Ok(TokenRoute::Search),
        ["tokens", id] if is_get && is_id(id) => Ok(TokenRoute::Get((*id).to_owned())),
        ["tokens", "disable" | "enable" | "revoke" | "rotate" | "search"] => Err(Some("GET, POST")),
        [user, "tokens"] if is_get && is_id(user) => Ok(TokenRoute::OfUser((*user).to_owned())),
        [user, "tokens"] if is_post && is_id(user) => Ok(TokenRoute::Create((*user).to_owned())),
        [user, "tokens"] if is_id(user) => Err(Some("GET, POST")),
        ["tokens", id] if is_id(id) => Err(Some("GET")),
        _ => Err(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_win_over_ids() {
        let cases = [
            ("GET", "tokens", Ok(TokenRoute::All)),
            ("POST", "tokens", Err(Some("GET"))),
            ("GET", "abc/tokens", Ok(TokenRoute::OfUser("abc".into()))),
            ("POST", "abc/tokens", Ok(TokenRoute::Create("abc".into()))),
            ("POST", "me/tokens", Ok(TokenRoute::Create("me".into()))),
            ("PUT", "abc/tokens", Err(Some("GET, POST"))),
            ("GET", "a-b/tokens", Err(None)),
            ("POST", "a-b/tokens", Err(None)),
            ("PUT", "a-b/tokens", Err(None)),
            ("GET", "tokens/abc", Ok(TokenRoute::Get("abc".into()))),
            ("POST", "tokens/abc", Err(Some("GET"))),
            ("GET", "tokens/a-b", Err(None)),
            ("POST", "tokens/a-b", Err(None)),
            ("GET", "tokens/search", Ok(TokenRoute::Get("search".into()))),
            ("GET", "tokens/tokens", Ok(TokenRoute::Get("tokens".into()))),
            ("POST", "tokens/tokens", Ok(TokenRoute::Create("tokens".into()))),
            ("POST", "tokens/search", Ok(TokenRoute::Search)),
            ("POST", "tokens/revoke", Ok(TokenRoute::Revoke)),
            ("POST", "tokens/disable", Ok(TokenRoute::Disable)),
            ("POST", "tokens/enable", Ok(TokenRoute::Enable)),
            ("POST", "tokens/rotate", Ok(TokenRoute::Rotate)),
            ("PUT", "tokens/rotate", Err(Some("GET, POST"))),
            ("GET", "tokens/", Err(None)),
            ("GET", "tokens/abc/", Err(None)),
            ("GET", "abc", Err(None)),
            ("GET", "me", Err(None)),
        ];
        for (method, path, want) in cases {
            let segments: Vec<_> = path.split('/').collect();
            assert_eq!(find(&method.parse().unwrap(), &segments), want, "{method} {path}");
        }
    }
}
