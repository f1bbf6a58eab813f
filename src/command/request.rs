//! The request that a command's service gets (CMD-50 to CMD-54).

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use thiserror::Error;
use url::Url;

use super::mentions::MentionMaps;
use super::model::{Command, Method};
use super::secrets::CommandSecrets;
use super::slack;
use crate::id::{Millis, PostId, TicketId};
use crate::port::{Channel, Team, User};
use crate::security::callback_url::CallbackUrl;
use crate::security::signing;

/// All that the service is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) command: &'a Command,
    pub(crate) mentions: &'a MentionMaps,
    pub(crate) response_url: &'a str,
    pub(crate) root_id: Option<PostId>,
    pub(crate) team: &'a Team,
    /// What follows the word on the line, untouched.
    pub(crate) text: &'a str,
    /// As the service is to send it back; empty if none could be made.
    pub(crate) trigger_id: &'a str,
    pub(crate) user: &'a User,
}

/// How a request shows where it comes from, beyond its token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// A fresh id, never the ticket (OUT-340).
    pub(crate) id: &'a str,
    pub(crate) now: Millis,
    /// Whether the headers that Slack signs with are sent too.
    pub(crate) slack: bool,
}

/// No request can be made: the address or a header is none that can be sent (CMD-59).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the request to the service cannot be made")]
pub(crate) struct Unsendable;

/// Returns where the service may answer later (CMD-50): below the address that is set, whatever the request said.
pub(crate) fn response_url(site: &Url, ticket: &TicketId) -> String {
    format!("{}/hooks/commands/{}", site.as_str().trim_end_matches('/'), ticket.expose())
}

/// Makes the request. Where the command has a signing secret and posts, it is signed (section 18 row 28).
pub(crate) fn request(
    facts: &Facts<'_>,
    secrets: &CommandSecrets,
    signed: Signed<'_>,
) -> Result<Request<Bytes>, Unsendable> {
    let form = form(facts, secrets.token.expose());
    let address = CallbackUrl::parse(&facts.command.url).map_err(|_| Unsendable)?;
    let uri = address.uri().map_err(|_| Unsendable)?;
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let token = ["Token ", secrets.token.expose()].concat();
    let mut token = HeaderValue::from_bytes(token.as_bytes()).map_err(|_| Unsendable)?;
    token.set_sensitive(true);
    headers.insert(AUTHORIZATION, token);
    let (method, uri, body) = match facts.command.method {
        Method::Get => (http::Method::GET, with_query(uri, &form)?, Bytes::new()),
        Method::Post => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            for (name, value) in signatures(form.as_bytes(), secrets, signed)? {
                headers.insert(name, value);
            }
            (http::Method::POST, uri, Bytes::from(form))
        }
    };
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

fn signatures(
    body: &[u8],
    secrets: &CommandSecrets,
    signed: Signed<'_>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Unsendable> {
    let Some(keys) = &secrets.signing else { return Ok(Vec::new()) };
    let seconds = signed.now.0.div_euclid(1_000);
    let mut headers: Vec<_> =
        signing::headers(&keys.at(signed.now), signed.id, seconds, body).map_err(|_| Unsendable)?.into();
    if signed.slack {
        headers.extend(slack::headers(&keys.current, seconds, body).map_err(|_| Unsendable)?);
    }
    Ok(headers)
}

/// Adds the fields to what the address has of a query (CMD-53).
fn with_query(uri: Uri, form: &str) -> Result<Uri, Unsendable> {
    let mut parts = uri.into_parts();
    let target = parts.path_and_query.as_ref();
    let path = target.map_or("/", |target| target.path());
    let query = target.and_then(|target| target.query()).unwrap_or_default();
    let and = if query.is_empty() { "" } else { "&" };
    let target = [path, "?", query, and, form].concat();
    parts.path_and_query = Some(target.try_into().map_err(|_| Unsendable)?);
    Uri::from_parts(parts).map_err(|_| Unsendable)
}

/// Writes the fields, by name, and lists in their order (CMD-50, CMD-51).
pub(crate) fn form(facts: &Facts<'_>, token: &str) -> String {
    let Facts { channel, command, mentions, response_url, root_id, team, text, trigger_id, user } = facts;
    let mut form = Form(String::with_capacity(512 + text.len()));
    form.field("channel_id", &[channel.id.as_str()]);
    form.list("channel_mentions", mentions.channels.iter().map(|(name, _)| name.as_str()));
    form.list("channel_mentions_ids", mentions.channels.iter().map(|(_, id)| id.as_str()));
    form.field("channel_name", &[&channel.name]);
    form.field("command", &["/", command.trigger.as_str()]);
    form.field("response_url", &[response_url]);
    form.field("root_id", &[root_id.as_ref().map_or("", PostId::as_str)]);
    form.field("team_domain", &[&team.name]);
    form.field("team_id", &[command.team_id.as_str()]);
    form.field("text", &[text]);
    form.field("token", &[token]);
    form.field("trigger_id", &[trigger_id]);
    form.field("user_id", &[user.id.as_str()]);
    form.list("user_mentions", mentions.users.iter().map(|(name, _)| name.as_str()));
    form.list("user_mentions_ids", mentions.users.iter().map(|(_, id)| id.as_str()));
    form.field("user_name", &[&user.username]);
    form.0
}

/// A form that is being written.
struct Form(String);

impl Form {
    fn field(&mut self, name: &str, value: &[&str]) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        value.iter().for_each(|part| self.encode(part));
    }

    fn list<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        values.for_each(|value| self.field(name, &[value]));
    }

    /// CMD-51.
    fn encode(&mut self, text: &str) {
        const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
        let mut rest = text;
        while !rest.is_empty() {
            let plain = rest.bytes().take_while(|byte| is_plain(*byte)).count();
            let (before, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            self.0.push_str(before);
            let mut characters = after.chars();
            if let Some(next) = characters.next() {
                if next == ' ' {
                    self.0.push('+');
                } else {
                    for byte in next.encode_utf8(&mut [0; 4]).bytes() {
                        let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or_default();
                        self.0.extend(['%', digit(byte >> 4), digit(byte & 0xF)]);
                    }
                }
            }
            rest = characters.as_str();
        }
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}
