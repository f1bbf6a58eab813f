//! Which handler a request gets (INC-1, INC-3, OUT-13, API-3, API-30).

use std::borrow::Cow;

use http::{HeaderValue, Method, Uri};

use super::bots::{self, BotRoute};
use super::command_route::{self, CommandRoute};
use super::outgoing_route::{self, OutgoingRoute};
use super::token_route::{self, TokenRoute};
use crate::id::{HookId, TicketId};

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Route {
    /// Bots.
    Bots(BotRoute),
    /// What a service answers later to a slash command.
    CommandAnswer(TicketId),
    /// Slash commands.
    Commands(CommandRoute),
    /// The call of an incoming webhook.
    Hook(HookId),
    /// A post of an incoming webhook, by the hook itself.
    HookPost(HookId, HookPostRoute),
    /// The management of incoming webhooks.
    Hooks(HookRoute),
    /// The path is ours, the method is not, and the answer says which are.
    MethodNotAllowed(&'static str),
    /// Outgoing webhooks.
    Outgoing(OutgoingRoute),
    /// Personal access tokens.
    Tokens(TokenRoute),
    /// Nowhere below `/api/`; where the path is ours, with the methods that it has.
    UnknownApi(Option<&'static str>),
}

/// What becomes of a post; its id is as the sender wrote it.
#[derive(Debug)]
pub(super) enum HookPostRoute {
    Delete(String),
    Edit(String),
}

/// Where below `/api/v4/hooks/incoming`.
#[derive(Debug)]
pub(super) enum HookRoute {
    Create,
    Delete(HookId),
    Get(HookId),
    List,
    Update(HookId),
}

/// Finds the route; none for what is neither ours nor below `/api/`. `base` is the path of the site, often empty; a server that strips it may have done so already.
pub(super) fn find(method: &Method, path: &str, base: &str) -> Option<Route> {
    let path = path.strip_prefix(base).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let mut segments = path.trim_start_matches('/').split('/').map(decoded);
    let first: [_; MOST_SEGMENTS + 1] = std::array::from_fn(|_| segments.next());
    let count = first.iter().flatten().count();
    let first = first.each_ref().map(|segment| segment.as_deref().unwrap_or_default());
    Some(match first.get(..count).unwrap_or_default() {
        ["hooks", id] if is_id(id) => {
            if method == Method::POST {
                Route::Hook(HookId::new(id))
            } else {
                Route::MethodNotAllowed("POST")
            }
        }
        ["hooks", "commands", id] if is_id(id) && method == Method::POST => Route::CommandAnswer(TicketId::new(id)),
        ["hooks", id, "posts", post] if is_id(id) && is_id(post) => match *method {
            Method::DELETE => Route::HookPost(HookId::new(id), HookPostRoute::Delete((*post).to_owned())),
            Method::PATCH => Route::HookPost(HookId::new(id), HookPostRoute::Edit((*post).to_owned())),
            _ => Route::MethodNotAllowed("DELETE, PATCH"),
        },
        ["api", "v4", "hooks", "incoming"] => match *method {
            Method::GET => Route::Hooks(HookRoute::List),
            Method::POST => Route::Hooks(HookRoute::Create),
            _ => Route::UnknownApi(Some("GET, POST")),
        },
        ["api", "v4", "hooks", "incoming", id] if is_id(id) => match *method {
            Method::DELETE => Route::Hooks(HookRoute::Delete(HookId::new(id))),
            Method::GET => Route::Hooks(HookRoute::Get(HookId::new(id))),
            Method::PUT => Route::Hooks(HookRoute::Update(HookId::new(id))),
            _ => Route::UnknownApi(Some("DELETE, GET, PUT")),
        },
        ["api", "v4", "hooks", "outgoing", rest @ ..] => match outgoing_route::find(method, rest) {
            Ok(route) => Route::Outgoing(route),
            Err(allow) => Route::UnknownApi(allow),
        },
        ["api", "v4", "commands", rest @ ..] => commands(command_route::find(method, rest)),
        ["api", "v4", "teams", team, "commands", rest] if is_id(team) => {
            commands(command_route::of_team(method, team, rest))
        }
        ["api", "v4", rest @ ..] => match bots::find(method, rest) {
            Some(route) => route,
            None => match rest {
                ["users", users @ ..] => match token_route::find(method, users) {
                    Ok(route) => Route::Tokens(route),
                    Err(allow) => Route::UnknownApi(allow),
                },
                _ => Route::UnknownApi(None),
            },
        },
        ["api", ..] => Route::UnknownApi(None),
        _ => return None,
    })
}

fn commands(found: Result<CommandRoute, Option<&'static str>>) -> Route {
    match found {
        Ok(route) => Route::Commands(route),
        Err(allow) => Route::UnknownApi(allow),
    }
}

/// The longest path of ours has so many segments; of a longer one, the first that are more tell it apart.
const MOST_SEGMENTS: usize = 8;

/// Returns the address without double slashes, if there are any.
pub(super) fn cleaned(uri: &Uri) -> Option<HeaderValue> {
    let path = uri.path();
    if !path.contains("//") {
        return None;
    }
    let mut cleaned = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !cleaned.ends_with('/') {
            cleaned.push(c);
        }
    }
    if let Some(query) = uri.query() {
        cleaned.push('?');
        cleaned.push_str(query);
    }
    HeaderValue::try_from(cleaned).ok()
}

/// API-3.
pub(super) fn is_id(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Decodes `%XX`; what is no escape stays.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |place: usize| after.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high << 4 | low).unwrap_or_default());
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> String {
        let Some(route) = find(&method.parse().unwrap(), path, "/chat") else { return "404".to_owned() };
        match route {
            Route::Bots(route) => format!("{route:?}"),
            Route::CommandAnswer(id) => format!("answer {}", id.expose()),
            Route::Commands(route) => format!("commands {route:?}"),
            Route::Hook(id) => format!("hook {}", id.expose()),
            Route::HookPost(id, HookPostRoute::Delete(post)) => format!("delete post {post} of {}", id.expose()),
            Route::HookPost(id, HookPostRoute::Edit(post)) => format!("edit post {post} of {}", id.expose()),
            Route::Hooks(HookRoute::Create) => "create".to_owned(),
            Route::Hooks(HookRoute::Delete(id)) => format!("delete {}", id.expose()),
            Route::Hooks(HookRoute::Get(id)) => format!("get {}", id.expose()),
            Route::Hooks(HookRoute::List) => "list".to_owned(),
            Route::Hooks(HookRoute::Update(id)) => format!("update {}", id.expose()),
            Route::MethodNotAllowed(allow) => format!("405 {allow}"),
            Route::Outgoing(route) => format!("outgoing {route:?}"),
            Route::Tokens(route) => format!("tokens {route:?}"),
            Route::UnknownApi(allow) => format!("api 404 {}", allow.unwrap_or_default()),
        }
    }

    #[test]
    fn finds_what_is_served() {
        let cases = [
            ("POST", "/hooks/abc", "hook abc"),
            ("POST", "/chat/hooks/abc", "hook abc"),
            ("POST", "/chathooks/abc", "404"),
            ("POST", "/hooks/%61bc", "hook abc"),
            ("POST", "/hooks/commands", "hook commands"),
            ("GET", "/hooks/abc", "405 POST"),
            ("HEAD", "/hooks/abc", "405 POST"),
            ("PUT", "/hooks/abc", "405 POST"),
            ("OPTIONS", "/hooks/abc", "405 POST"),
            ("POST", "/hooks", "404"),
            ("POST", "/hooks/", "404"),
            ("POST", "/hooks/abc/", "404"),
            ("POST", "/hooks/a-b", "404"),
            ("POST", "/hooks/a/b", "404"),
            ("POST", "/hooks/%2Fa", "404"),
            ("POST", "/hooks/%zz", "404"),
            ("PATCH", "/hooks/abc/posts/p1", "edit post p1 of abc"),
            ("DELETE", "/hooks/abc/posts/p1", "delete post p1 of abc"),
            ("GET", "/hooks/abc/posts/p1", "405 DELETE, PATCH"),
            ("PATCH", "/hooks/abc/posts/p-1", "404"),
            ("PATCH", "/hooks/abc/posts/", "404"),
            ("GET", "/", "404"),
            ("GET", "/api/v4/hooks/incoming", "list"),
            ("POST", "/api/v4/hooks/incoming", "create"),
            ("DELETE", "/api/v4/hooks/incoming", "api 404 GET, POST"),
            ("GET", "/api/v4/hooks/incoming/", "api 404 "),
            ("GET", "/api/v4/hooks/incoming/abc", "get abc"),
            ("PUT", "/api/v4/hooks/incoming/abc", "update abc"),
            ("DELETE", "/api/v4/hooks/incoming/abc", "delete abc"),
            ("PATCH", "/api/v4/hooks/incoming/abc", "api 404 DELETE, GET, PUT"),
            ("GET", "/api/v4/hooks/incoming/abc-def", "api 404 "),
            ("POST", "/api/v4/hooks/incoming/abc/regen_token", "api 404 "),
            ("GET", "/api/v5/hooks", "api 404 "),
            ("GET", "/api/v4/bots", "List"),
            ("POST", "/api/v4/bots", "Create"),
            ("DELETE", "/api/v4/bots", "api 404 GET, POST"),
            ("GET", "/api/v4/bots/", "api 404 "),
            ("GET", "/api/v4/bots/abc", "Get(\"abc\")"),
            ("PUT", "/api/v4/bots/abc", "Patch(\"abc\")"),
            ("DELETE", "/api/v4/bots/abc", "api 404 GET, PUT"),
            ("GET", "/api/v4/bots/a-b", "api 404 "),
            ("POST", "/api/v4/bots/abc/enable", "Enable(\"abc\")"),
            ("POST", "/api/v4/bots/abc/disable", "Disable(\"abc\")"),
            ("GET", "/api/v4/bots/abc/disable", "api 404 POST"),
            ("POST", "/api/v4/bots/a-b/enable", "api 404 "),
            ("POST", "/api/v4/bots/a-b/disable", "api 404 "),
            ("POST", "/api/v4/bots/abc/convert_to_user", "ConvertToUser(\"abc\")"),
            ("POST", "/api/v4/bots/a-b/convert_to_user", "api 404 "),
            ("POST", "/api/v4/bots/abc/assign/me", "Assign { bot: \"abc\", user: \"me\" }"),
            ("POST", "/api/v4/bots/a-b/assign/me", "api 404 "),
            ("POST", "/api/v4/bots/abc/assign/m-e", "api 404 "),
            ("POST", "/api/v4/bots/abc/assign", "api 404 "),
            ("GET", "/api/v4/bots/abc/icon", "api 404 "),
            ("POST", "/api/v4/users/me/convert_to_bot", "ConvertToBot(\"me\")"),
            ("POST", "/api/v4/users/m-e/convert_to_bot", "api 404 "),
            ("PUT", "/api/v4/users/me/convert_to_bot", "api 404 POST"),
            ("GET", "/api/v4", "api 404 "),
        ];
        for (method, path, want) in cases {
            assert_eq!(found(method, path), want, "{method} {path}");
        }
    }

    #[test]
    fn double_slashes_lead_to_the_cleaned_path() {
        let cleaned = |uri: &str| cleaned(&uri.parse().unwrap()).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(cleaned("//hooks//abc?a=//"), Some("/hooks/abc?a=//".to_owned()));
        assert_eq!(cleaned("/hooks/abc?a=//"), None);
    }
}
