//! `/`, `/login` and `/logout`: who is here.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::html::Html;
use super::link::Target;
use super::visit::{Fields, Sent, Visit, foreign, is_same_secret};
use super::{channel, frame};
use crate::ambient::secret;
use crate::app::{App, Server};
use crate::caller::Params;
use crate::errors::Failure;
use crate::routes::sessions;
use crate::tables::accounts::{self, Account};
use crate::tables::{kept, teams};

/// `GET /`: the first team of who is logged in, else the form.
pub(crate) async fn front(
    State(server): State<Server>,
    visit: Result<Visit, Failure>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Ok(visit) = visit else {
        return form(&server.app, &headers, &Shown { to: params.text("to"), ..Shown::default() });
    };
    let found = server.app.store.read(|connection| Ok(teams::list(connection, Some(visit.user()))?))?;
    match found.first() {
        Some(team) => Ok(Redirect::to(&channel::team_path(team)).into_response()),
        None => Ok(without_team(&visit).into_response()),
    }
}

/// `POST /login`: by name and password, or as one of the demo accounts.
pub(crate) async fn login(State(server): State<Server>, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&to_bytes(body, LONGEST_FORM).await.map_err(|_| foreign())?);
    if !is_own_form(&parts.headers, &fields) {
        return Err(foreign());
    }
    let (app, demo, name) = (&server.app, fields.text("demo"), fields.text("name").trim());
    let to = fields.text("to");
    let found = if demo.is_empty() {
        sessions::verify(app, name, fields.text("password").to_owned()).await
    } else {
        demo_account(app, &parts.headers, demo)
    };
    let account = match found {
        Ok(account) => account,
        Err(Failure::Refused(refusal)) => {
            return form(app, &parts.headers, &Shown { error: &refusal.message, name, status: refusal.status, to });
        }
        Err(failure) => return Err(failure),
    };
    let to = Target::read(to);
    let mut response = Redirect::to(to.as_ref().and_then(Target::own_path).unwrap_or("/")).into_response();
    sessions::open(app, account.id, &parts.headers, response.headers_mut()).await?;
    Ok(response)
}

/// `POST /logout`
pub(crate) async fn logout(sent: Sent) -> Result<Response, Failure> {
    let mut response = Redirect::to("/").into_response();
    sessions::close(&sent.visit.server.app, &sent.visit.caller, response.headers_mut()).await?;
    Ok(response)
}

/// Where the form is, for who wanted to see something else and is brought there after logging in.
pub(crate) fn path_with_return(wanted: &Uri) -> String {
    let wanted = wanted.path_and_query().map_or("/", |wanted| wanted.as_str());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/?{}", query.append_pair("to", wanted).finish())
}

/// What the form shows.
#[derive(Clone, Copy, Debug, Default)]
struct Shown<'a> {
    /// What was wrong with what was sent; empty at first.
    error: &'a str,
    name: &'a str,
    status: StatusCode,
    /// Where to go afterwards.
    to: &'a str,
}

/// The form.
fn form(app: &App, headers: &HeaderMap, shown: &Shown<'_>) -> Result<Response, Failure> {
    let Shown { error, name, status, to } = *shown;
    let own = secret()?;
    let mut out = Html::new();
    out.raw(
        "<h1>Jackfield chat</h1><p class=\"lead\">A small chat server that takes the webhooks you already have.</p>",
    );
    let demo = demo_names(app, headers)?;
    if !demo.is_empty() {
        out.raw("<h2>Try it with one click</h2><div class=\"demo\">");
        for name in &demo {
            out.raw("<form method=\"post\" action=\"/login\">");
            draw_hidden(&mut out, &own, to);
            out.raw("<button name=\"demo\" value=\"").text(name).raw("\">Log in as <strong>").text(name);
            out.raw("</strong></button></form>");
        }
        out.raw("</div><p class=\"note\"><strong>admin</strong> may add webhooks; the others read and write.</p>");
        out.raw("<h2>Or with name and password</h2>");
    }
    out.raw("<form method=\"post\" action=\"/login\" class=\"fields\">");
    draw_hidden(&mut out, &own, to);
    if !error.is_empty() {
        out.raw("<p class=\"error\" role=\"alert\" id=\"login-error\">").text(error).raw("</p>");
    }
    out.raw("<label for=\"name\">Name or email address</label><input id=\"name\" name=\"name\" required");
    out.raw(" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"").attribute("value", name);
    out.raw_if(!error.is_empty(), " aria-describedby=\"login-error\" aria-invalid=\"true\"").raw(">");
    out.raw("<label for=\"password\">Password</label><input id=\"password\" name=\"password\" type=\"password\"");
    out.raw(" required autocomplete=\"current-password\"><button class=\"primary\">Log in</button></form>");
    let mut response = frame::alone("Log in", &out).with_status(status);
    let cookie = format!("{FORM_COOKIE}={own}; Path=/; HttpOnly; SameSite=Strict");
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(Failure::broken)?);
    Ok(response)
}

fn draw_hidden(out: &mut Html, own: &str, to: &str) {
    out.raw("<input type=\"hidden\" name=\"form\"").attribute("value", own).raw(">");
    out.raw("<input type=\"hidden\" name=\"to\"").attribute("value", to).raw(">");
}

fn without_team(visit: &Visit) -> Html {
    let mut out = Html::new();
    out.raw("<h1>You are in no team yet</h1><p>Somebody who is must let you in.</p><form method=\"post\" action=\"/logout\">");
    frame::token(&mut out, visit);
    out.raw("<button>Log out</button></form>");
    frame::alone("No team", &out)
}

/// Nobody is logged in by a page of another site, not even as somebody else: the form's secret must be the cookie's.
fn is_own_form(headers: &HeaderMap, fields: &Fields) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.any(|(name, value)| name == FORM_COOKIE && is_same_secret(value, fields.text("form")))
}

/// The accounts that anybody at this machine may use without a password.
fn demo_names(app: &App, headers: &HeaderMap) -> Result<Vec<String>, Failure> {
    if !app.offers_demo || !is_local(headers) {
        return Ok(Vec::new());
    }
    let demo = app.store.read(|connection| kept::find(connection, "demo"))?;
    let names = demo.as_ref().and_then(|demo| demo.get("accounts")).and_then(Value::as_object);
    Ok(names.into_iter().flatten().map(|(name, _)| name.clone()).collect())
}

fn demo_account(app: &App, headers: &HeaderMap, name: &str) -> Result<Account, Failure> {
    let refused = || Failure::refused(StatusCode::UNAUTHORIZED, "chat.page.no_demo", "There is no such demo account.");
    if !demo_names(app, headers)?.iter().any(|known| known == name) {
        return Err(refused());
    }
    let account = app.store.read(|connection| Ok(accounts::named(connection, name)?))?;
    account.filter(|account| account.delete_at == 0).ok_or_else(refused)
}

/// Whether the browser thinks that it talks to this machine: a foreign name that was made to point here is not us.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let url = url::Url::parse(&format!("http://{host}")).ok();
    url.is_some_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

const FORM_COOKIE: &str = "CHATLOGIN";
/// In bytes.
const LONGEST_FORM: usize = 16 * 1024;
