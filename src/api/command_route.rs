//! The routes of slash commands (section 3 and 14 of their behavior, CMD-145).

use http::Method;

use super::route::is_id;

/// Where below `/api/v4/commands`, and below a team; ids are as the sender wrote them.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum CommandRoute {
    Create,
    Execute,
    List,
    Of(String, CommandAction),
    /// The list of what is offered while somebody types.
    Offered(String),
    Suggestions(String),
}

/// What is done with one command.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum CommandAction {
    Delete,
    EndSigning,
    Get,
    MakeSigning,
    Move,
    RegenerateToken,
    RemoveTree,
    SetTree,
    Signing,
    Tree,
    Update,
}

/// Finds the route. Where the path is ours and the method is not, the methods that it has are the mistake.
pub(super) fn find(method: &Method, segments: &[&str]) -> Result<CommandRoute, Option<&'static str>> {
    use CommandAction as Action;
    let (id, rest) = match segments {
        [] => {
            return match *method {
                Method::GET => Ok(CommandRoute::List),
                Method::POST => Ok(CommandRoute::Create),
                _ => Err(Some("GET, POST")),
            };
        }
        ["execute"] if method == Method::POST => return Ok(CommandRoute::Execute),
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
        ["autocomplete"] => match *method {
            Method::DELETE => Action::RemoveTree,
            Method::GET => Action::Tree,
            Method::PUT => Action::SetTree,
            _ => return Err(Some("DELETE, GET, PUT")),
        },
        ["move"] => match *method {
            Method::PUT => Action::Move,
            _ => return Err(Some("PUT")),
        },
        ["regen_token"] => match *method {
            Method::PUT => Action::RegenerateToken,
            _ => return Err(Some("PUT")),
        },
        ["signing_secret"] => match *method {
            Method::DELETE => Action::EndSigning,
            Method::GET => Action::Signing,
            Method::POST => Action::MakeSigning,
            _ => return Err(Some("DELETE, GET, POST")),
        },
        _ => return Err(None),
    };
    Ok(CommandRoute::Of(id.to_owned(), action))
}

/// Finds the route below a team's `commands`.
pub(super) fn of_team(method: &Method, team: &str, segment: &str) -> Result<CommandRoute, Option<&'static str>> {
    let route = match segment {
        "autocomplete" => CommandRoute::Offered(team.to_owned()),
        "autocomplete_suggestions" => CommandRoute::Suggestions(team.to_owned()),
        _ => return Err(None),
    };
    if method == Method::GET { Ok(route) } else { Err(Some("GET")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_served() {
        let of = |action| Ok(CommandRoute::Of("abc".to_owned(), action));
        type Found = Result<CommandRoute, Option<&'static str>>;
        let cases: [(&str, &[&str], Found); 23] = [
            ("GET", &[], Ok(CommandRoute::List)),
            ("POST", &[], Ok(CommandRoute::Create)),
            ("PUT", &[], Err(Some("GET, POST"))),
            ("POST", &["execute"], Ok(CommandRoute::Execute)),
            ("GET", &["execute"], Ok(CommandRoute::Of("execute".to_owned(), CommandAction::Get))),
            ("GET", &["abc"], of(CommandAction::Get)),
            ("PUT", &["abc"], of(CommandAction::Update)),
            ("DELETE", &["abc"], of(CommandAction::Delete)),
            ("POST", &["abc"], Err(Some("DELETE, GET, PUT"))),
            ("PUT", &["abc", "move"], of(CommandAction::Move)),
            ("POST", &["abc", "move"], Err(Some("PUT"))),
            ("PUT", &["abc", "regen_token"], of(CommandAction::RegenerateToken)),
            ("GET", &["abc", "regen_token"], Err(Some("PUT"))),
            ("GET", &["abc", "signing_secret"], of(CommandAction::Signing)),
            ("POST", &["abc", "signing_secret"], of(CommandAction::MakeSigning)),
            ("DELETE", &["abc", "signing_secret"], of(CommandAction::EndSigning)),
            ("GET", &["abc", "autocomplete"], of(CommandAction::Tree)),
            ("PUT", &["abc", "autocomplete"], of(CommandAction::SetTree)),
            ("DELETE", &["abc", "autocomplete"], of(CommandAction::RemoveTree)),
            ("POST", &["abc", "autocomplete"], Err(Some("DELETE, GET, PUT"))),
            ("GET", &["abc", "other"], Err(None)),
            ("GET", &["a-b"], Err(None)),
            ("GET", &["abc", "move", "x"], Err(None)),
        ];
        for (method, segments, want) in cases {
            assert_eq!(find(&method.parse().unwrap(), segments), want, "{method} {segments:?}");
        }
    }

    #[test]
    fn finds_what_a_team_serves() {
        assert_eq!(of_team(&Method::GET, "t", "autocomplete"), Ok(CommandRoute::Offered("t".to_owned())));
        assert_eq!(
            of_team(&Method::GET, "t", "autocomplete_suggestions"),
            Ok(CommandRoute::Suggestions("t".to_owned()))
        );
        assert_eq!(of_team(&Method::POST, "t", "autocomplete"), Err(Some("GET")));
        assert_eq!(of_team(&Method::GET, "t", "list"), Err(None));
    }
}
