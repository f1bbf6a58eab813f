//! Lists of access tokens, and the form that makes one: beside a bot, and on one's own profile.

use axum::http::StatusCode;
use jackfield::engine::{Failed, FreshToken, TokenRange};
use jackfield::id::{Millis, TokenId, UserId};
use jackfield::token::{AccessToken, TokenError, TokenRequest};
use time::{Date, Month, OffsetDateTime, Time};

use super::field::{self, Field, Problem};
use super::html::Html;
use super::visit::{Sent, Visit};
use super::{frame, once, seen, stamp};
use crate::ambient::now;
use crate::errors::Failure;

/// What somebody wrote into the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    expires: String,
    note: String,
}

/// What came of a form.
#[derive(Debug)]
pub(crate) enum Made {
    Fresh(FreshToken),
    Problem(Draft, Problem),
    /// The form was sent before.
    Spent,
}

/// What is to be done with a token, as the last part of an address says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deed {
    Disable,
    Enable,
    Revoke,
}

/// The tokens of a user, and where their pages are.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    /// Shows how to use one; none where nobody knows yet.
    pub(crate) example: Option<String>,
    /// Of the tokens' own pages.
    pub(crate) path: String,
    pub(crate) user: UserId,
    pub(crate) visit: &'a Visit,
}

impl Deed {
    /// Reads a part of an address.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "disable" => Ok(Self::Disable),
            "enable" => Ok(Self::Enable),
            "revoke" => Ok(Self::Revoke),
            _ => Err(seen::missing("page")),
        }
    }
}

impl Tokens<'_> {
    /// Makes the token that a form asks for.
    pub(crate) async fn make(&self, sent: &Sent) -> Result<Made, Failure> {
        let draft = Draft { expires: sent.text("expires").to_owned(), note: sent.text("note").to_owned() };
        let Some(expires_at) = end_of(&draft.expires) else {
            let problem = Problem::new("expires", StatusCode::BAD_REQUEST, "Please choose a day, such as 2030-12-31.");
            return Ok(Made::Problem(draft, problem));
        };
        if !self.visit.server.app.spent_forms.spend(sent) {
            return Ok(Made::Spent);
        }
        let mut request = TokenRequest::default();
        request.description.clone_from(&draft.note);
        request.expires_at = expires_at;
        let engine = self.visit.server.api.engine();
        match engine.create_access_token(&self.visit.caller, self.user, request).await {
            Ok(fresh) => Ok(Made::Fresh(fresh)),
            Err(Failed::Refused(error)) => Ok(Made::Problem(draft, Problem::from(&error))),
            Err(Failed::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Does something with a token of this user.
    pub(crate) async fn change(&self, token: &str, deed: Deed) -> Result<Option<Problem>, Failure> {
        let token = match self.find(token).await? {
            Ok(token) => token.id,
            Err(problem) => return Ok(Some(problem)),
        };
        let (engine, caller) = (self.visit.server.api.engine(), &self.visit.caller);
        let done = match deed {
            Deed::Disable => engine.disable_access_token(caller, token).await,
            Deed::Enable => engine.enable_access_token(caller, token).await,
            Deed::Revoke => engine.revoke_access_token(caller, token).await,
        };
        match done {
            Ok(()) => Ok(None),
            Err(Failed::Refused(error)) => Ok(Some(Problem::from(&error))),
            Err(Failed::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Finds a token of this user.
    pub(crate) async fn find(&self, token: &str) -> Result<Result<AccessToken, Problem>, Failure> {
        let Ok(id) = TokenId::parse(token) else { return Ok(Err(Problem::from(&TokenError::NotFound))) };
        match self.visit.server.api.engine().access_token(&self.visit.caller, id).await {
            Ok(token) if token.user_id == self.user => Ok(Ok(token)),
            Ok(_) => Ok(Err(Problem::from(&TokenError::NotFound))),
            Err(Failed::Refused(error)) => Ok(Err(Problem::from(&error))),
            Err(Failed::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Draws a token that was just made, with its secret.
    pub(crate) fn draw_fresh(&self, out: &mut Html, fresh: &FreshToken) {
        let secret = fresh.secret.expose();
        out.raw("<section class=\"fresh\" role=\"status\" aria-labelledby=\"fresh-title\"><h2 id=\"fresh-title\">");
        out.raw("Your new token</h2><p>Copy it now: it is never shown again.</p><div class=\"copy\">");
        out.raw("<input readonly id=\"secret\" aria-label=\"Token\"").attribute("value", secret);
        out.raw("><button type=\"button\" data-copy=\"secret\">Copy</button></div><p>Try it in a terminal:</p>");
        let site = self.visit.server.app.settings.now().text("ServiceSettings", "SiteURL").to_owned();
        let line = match &self.example {
            Some(channel) => format!(
                "curl -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \
                 -d '{{\"channel_id\": \"{channel}\", \"message\": \"Hello, **world**\"}}' {site}/api/v4/posts"
            ),
            None => format!("curl -H 'Authorization: Bearer {secret}' {site}/api/v4/users/me"),
        };
        out.raw("<div class=\"copy\"><pre id=\"curl\" tabindex=\"0\"><code>").text(&line);
        out.raw("</code></pre><button type=\"button\" data-copy=\"curl\">Copy</button></div></section>");
    }

    /// Draws the tokens that there are.
    pub(crate) async fn draw_list(&self, out: &mut Html) -> Result<(), Failure> {
        let engine = self.visit.server.api.engine();
        let range = TokenRange { limit: MOST, skip: 0 };
        let found = match engine.access_tokens_of(&self.visit.caller, self.user, range).await {
            Ok(found) => found,
            Err(Failed::Refused(error)) => {
                out.raw("<p class=\"note\">").text(&Problem::from(&error).words).raw("</p>");
                return Ok(());
            }
            Err(Failed::Fault(fault)) => return Err(fault.into()),
        };
        if found.is_empty() {
            out.raw("<p class=\"empty\">There are no tokens yet.</p>");
            return Ok(());
        }
        out.raw("<ul class=\"hooks tokens\">");
        for token in &found {
            self.draw_item(out, token, engine.last_use(token.id).await?);
        }
        out.raw("</ul>");
        Ok(())
    }

    fn draw_item(&self, out: &mut Html, token: &AccessToken, last_use: Option<Millis>) {
        let is_over = token.expires_at.is_some_and(|end| end.0 <= now());
        out.raw("<li class=\"hook\"><h3><bdi>").text(&token.description).raw("</bdi>");
        out.raw_if(!token.is_active, " <span class=\"tag\">DISABLED</span>");
        out.raw_if(is_over, " <span class=\"tag\">EXPIRED</span>").raw("</h3><p class=\"note\">id <code>");
        out.text(token.id.as_str()).raw("</code> · made ");
        stamp::draw(out, token.created_at.0);
        match last_use {
            Some(at) => {
                out.raw(" · last used ");
                stamp::draw(out, at.0);
            }
            None => {
                out.raw(" · never used");
            }
        }
        match token.expires_at {
            Some(at) => {
                out.raw(if is_over { " · ended " } else { " · ends " });
                stamp::draw(out, at.0);
            }
            None => {
                out.raw(" · never ends");
            }
        }
        let switch = if token.is_active { "disable" } else { "enable" };
        out.raw("</p><form method=\"post\" class=\"row\"").attribute("action", &self.path_of(token, switch)).raw(">");
        frame::token(out, self.visit);
        out.raw("<button>")
            .raw(if token.is_active { "Disable" } else { "Enable" })
            .raw("<span class=\"hidden\"> token ");
        out.text(&token.description).raw("</span></button> <a class=\"button danger-link\"");
        out.attribute("href", &self.path_of(token, "revoke")).raw(">Revoke…<span class=\"hidden\"> token ");
        out.text(&token.description).raw("</span></a></form></li>");
    }

    /// Draws the form that makes one.
    pub(crate) fn draw_form(&self, out: &mut Html, draft: &Draft, problem: Option<&Problem>) -> Result<(), Failure> {
        out.raw("<form method=\"post\" class=\"fields\"").attribute("action", &self.path).raw(">");
        frame::token(out, self.visit);
        once::draw(out)?;
        field::draw_whole(out, problem);
        let field = |name| Field::new(name, problem);
        field("note").input(out, "What the token is for", "At most 255 characters.", &draft.note, true);
        let hint = "The last day it works, in UTC. Empty: it works until it is revoked.";
        field("expires").day(out, "Expires", hint, &draft.expires);
        out.raw("<div class=\"row\"><button class=\"primary\">Create a token</button></div></form>");
        Ok(())
    }

    /// Asks before a token is revoked.
    pub(crate) fn draw_question(&self, out: &mut Html, token: &AccessToken, back: &str) {
        out.raw("<div class=\"top\"><h1>Revoke this token?</h1></div><div class=\"sheet\"><p>What uses <strong><bdi>");
        out.text(&token.description)
            .raw("</bdi></strong> is refused from then on, and the token never comes back.</p>");
        out.raw("<form method=\"post\" class=\"row\">");
        frame::token(out, self.visit);
        out.raw("<button class=\"danger\">Revoke</button> <a class=\"button\"").attribute("href", back);
        out.raw(">Keep it</a></form></div>");
    }

    fn path_of(&self, token: &AccessToken, deed: &str) -> String {
        format!("{}/{}/{deed}", self.path, token.id.as_str())
    }
}

impl From<&TokenError> for Problem {
    fn from(error: &TokenError) -> Self {
        let (field, words) = match error {
            TokenError::BodyParameter("description") => ("note", "Please say what it is for."),
            TokenError::BodyParameter("expires_at") => ("expires", "That day is over."),
            TokenError::Description => ("note", "At most 255 characters, please."),
            TokenError::Disabled => ("", "An administrator has switched personal access tokens off on this server."),
            TokenError::Forbidden(_) => ("", "Your account may not do this. Ask an administrator of the system."),
            TokenError::NotFound => ("", "There is no such token. Somebody may have revoked it."),
            _ => return Self::new("", error.status(), format!("This did not work: {error}.")),
        };
        Self::new(field, error.status(), words)
    }
}

/// The end of a day as browsers write it, 0 for none.
fn end_of(day: &str) -> Option<Millis> {
    if day.is_empty() {
        return Some(Millis(0));
    }
    let mut parts = day.splitn(3, '-');
    let (year, month, day) =
        (parts.next()?.parse().ok()?, parts.next()?.parse::<u8>().ok()?, parts.next()?.parse().ok()?);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?.next_day()?;
    Some(Millis::from(OffsetDateTime::new_utc(date, Time::MIDNIGHT)))
}

/// How many are listed.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_through_its_last_day() {
        let cases =
            [("", Some(0)), ("1970-01-01", Some(86_400_000)), ("1970-13-01", None), ("soon", None), ("1-1", None)];
        for (day, want) in cases {
            assert_eq!(end_of(day).map(|end| end.0), want, "{day}");
        }
    }
}
