//! The page: what people see of this server in a browser.
//!
//! HTML is made here, and the little script only puts pieces of it in place. What integrations send is hostile: every
//! text is escaped, no foreign picture is loaded, and a policy forbids the browser whatever is not in `assets/`.

mod assets;
mod attachment;
mod audit;
mod bot_form;
mod bot_page;
mod bots;
mod channel;
mod command_form;
mod command_secrets;
mod deliveries;
mod delivery;
mod delivery_mode;
mod ephemeral;
mod field;
mod frame;
mod hook_form;
mod hooks;
mod html;
mod integrations;
mod link;
mod login;
mod markdown;
mod once;
mod outgoing;
mod outgoing_form;
mod post;
mod profile;
mod run;
mod seen;
mod sidebar;
mod signing;
mod slash_commands;
mod stamp;
mod tokens;
mod upload;
mod visit;
mod words;
mod write;

pub(crate) use once::SpentForms;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post as to};

use crate::app::Server;
use crate::errors::Failure;

/// All pages.
pub(crate) fn router(server: Server) -> Router {
    const BOTS: &str = "/t/{team}/integrations/bots";
    const COMMANDS: &str = "/t/{team}/integrations/commands";
    const HOOKS: &str = "/t/{team}/integrations/incoming";
    const OUTGOING: &str = "/t/{team}/integrations/outgoing";
    Router::new()
        .route("/", get(login::front))
        .route("/login", get(async || Redirect::to("/")).post(login::login))
        .route("/logout", to(login::logout))
        .route("/static/{file}", get(assets::serve))
        .route("/t/{team}", get(channel::first))
        .route("/t/{team}/c/{channel}", get(channel::show))
        .route("/t/{team}/c/{channel}/join", to(write::join))
        .route("/t/{team}/c/{channel}/posts", to(write::send))
        .route("/t/{team}/direct/{user}", to(write::direct))
        .route("/t/{team}/integrations", get(integrations::front))
        .route("/t/{team}/integrations/audit", get(audit::show))
        .route(BOTS, get(bots::list).post(bots::create))
        .route(&format!("{BOTS}/add"), get(bots::add))
        .route(&format!("{BOTS}/{{bot}}"), get(bots::show).post(bots::update))
        .route(&format!("{BOTS}/{{bot}}/disable"), to(bots::disable))
        .route(&format!("{BOTS}/{{bot}}/enable"), to(bots::enable))
        .route(&format!("{BOTS}/{{bot}}/icon"), to(bots::icon))
        .route(&format!("{BOTS}/{{bot}}/tokens"), to(bot_page::create_token))
        .route(&format!("{BOTS}/{{bot}}/tokens/{{token}}/revoke"), get(bot_page::ask).post(bot_page::revoke_token))
        .route(&format!("{BOTS}/{{bot}}/tokens/{{token}}/{{deed}}"), to(bot_page::change_token))
        .route("/t/{team}/profile", get(profile::front))
        .route("/t/{team}/profile/tokens", get(profile::list).post(profile::create))
        .route("/t/{team}/profile/tokens/{token}/revoke", get(profile::ask).post(profile::revoke))
        .route("/t/{team}/profile/tokens/{token}/{deed}", to(profile::change))
        .route(HOOKS, get(hooks::list).post(hooks::create))
        .route(&format!("{HOOKS}/add"), get(hooks::add))
        .route(&format!("{HOOKS}/{{hook}}"), get(hooks::show).post(hooks::update))
        .route(&format!("{HOOKS}/{{hook}}/delete"), get(hooks::ask).post(hooks::delete))
        .route(&format!("{HOOKS}/{{hook}}/try"), to(hooks::try_it))
        .route(OUTGOING, get(outgoing::list).post(outgoing::create))
        .route(&format!("{OUTGOING}/add"), get(outgoing::add))
        .route(&format!("{OUTGOING}/{{hook}}"), get(outgoing::show).post(outgoing::update))
        .route(&format!("{OUTGOING}/{{hook}}/delete"), get(outgoing::ask).post(outgoing::delete))
        .route(&format!("{OUTGOING}/{{hook}}/token"), get(signing::ask_token).post(signing::new_token))
        .route(&format!("{OUTGOING}/{{hook}}/mode"), to(delivery_mode::choose))
        .route(&format!("{OUTGOING}/{{hook}}/secret"), to(signing::new_secret))
        .route(&format!("{OUTGOING}/{{hook}}/secret/stop"), get(signing::ask_stop).post(signing::stop))
        .route(&format!("{OUTGOING}/{{hook}}/deliveries"), get(deliveries::list))
        .route(&format!("{OUTGOING}/{{hook}}/deliveries/{{delivery}}"), get(delivery::show))
        .route(&format!("{OUTGOING}/{{hook}}/deliveries/{{delivery}}/{{deed}}"), to(delivery::act))
        .route("/t/{team}/posts/{post}", get(channel::thread))
        // Where commands bring people, by addresses that every client knows.
        .route("/{team}/channels/{channel}", get(channel::arrive))
        .route(COMMANDS, get(slash_commands::list).post(slash_commands::create))
        .route(&format!("{COMMANDS}/add"), get(slash_commands::add))
        .route(&format!("{COMMANDS}/{{command}}"), get(slash_commands::show).post(slash_commands::update))
        .route(&format!("{COMMANDS}/{{command}}/delete"), get(slash_commands::ask).post(slash_commands::delete))
        .route(&format!("{COMMANDS}/{{command}}/secret"), to(command_secrets::new_secret))
        .route(
            &format!("{COMMANDS}/{{command}}/secret/stop"),
            get(command_secrets::ask_stop).post(command_secrets::stop),
        )
        .route(
            &format!("{COMMANDS}/{{command}}/token"),
            get(command_secrets::ask_token).post(command_secrets::new_token),
        )
        .route("/ui/ephemeral", to(ephemeral::draw))
        .route("/ui/channels/{channel}/posts", get(channel::pieces))
        .route("/ui/posts/{post}", get(channel::piece))
        .method_not_allowed_fallback(async || Failure::route())
        .route_layer(from_fn(wrap))
        .with_state(server)
}

/// What every page has: the headers that keep it harmless, and errors that people can read.
async fn wrap(request: Request, next: Next) -> Response {
    let for_script = visit::is_from_script(request.uri().path(), request.headers());
    let back = (request.method() == Method::GET).then(|| login::path_with_return(request.uri()));
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        response = explain(&failure, for_script, back.as_deref());
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Shows what went wrong.
fn explain(failure: &Failure, for_script: bool, back: Option<&str>) -> Response {
    let (status, message) = match failure {
        Failure::Refused(refusal) => (refusal.status, refusal.message.as_str()),
        Failure::Broken(_) | Failure::Effect(_) => {
            eprintln!("a page failed: {failure}");
            (StatusCode::INTERNAL_SERVER_ERROR, "The server failed. Trying again may help.")
        }
    };
    if for_script {
        return (status, message.to_owned()).into_response();
    }
    if status == StatusCode::UNAUTHORIZED {
        return Redirect::to(back.unwrap_or("/")).into_response();
    }
    frame::error(message).with_status(status)
}

const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];
