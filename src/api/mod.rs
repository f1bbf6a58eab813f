//! The Mattermost REST API of what the engine does, over `http` types and for any server.
//!
//! | route | |
//! |---|---|
//! | `POST /hooks/{id}` | call an incoming webhook |
//! | `PATCH`, `DELETE /hooks/{id}/posts/{post_id}` | edit or delete a post of the hook, by the hook |
//! | `GET`, `POST /api/v4/hooks/incoming` | list, create |
//! | `GET`, `PUT`, `DELETE /api/v4/hooks/incoming/{id}` | show, replace, delete |
//! | `GET`, `POST /api/v4/hooks/outgoing` | list, create |
//! | `GET`, `PUT`, `DELETE /api/v4/hooks/outgoing/{id}` | show, replace, delete |
//! | `POST /api/v4/hooks/outgoing/{id}/regen_token` | give a new token |
//! | `GET`, `POST`, `DELETE /api/v4/hooks/outgoing/{id}/signing_secret` | whether its calls are signed; make or rotate the secret; end it |
//! | `GET`, `PUT /api/v4/hooks/outgoing/{id}/delivery_mode` | what is done about calls that got no answer |
//! | `GET /api/v4/hooks/outgoing/{id}/deliveries`, `/{delivery_id}` | list its deliveries; show one |
//! | `POST /api/v4/hooks/outgoing/{id}/deliveries/{delivery_id}/retry`, `/drop` | try it again; end it |
//! | `GET /api/v4/hooks/outgoing/{id}/lanes` | how what goes to each destination is doing |
//! | `POST /hooks/commands/{id}` | answer a slash command later |
//! | `GET`, `POST /api/v4/commands` | list, create |
//! | `POST /api/v4/commands/execute` | run what somebody typed |
//! | `GET`, `PUT`, `DELETE /api/v4/commands/{id}` | show, replace, delete |
//! | `PUT /api/v4/commands/{id}/move`, `/regen_token` | move to another team; give a new token |
//! | `GET`, `PUT`, `DELETE /api/v4/commands/{id}/autocomplete` | what is offered while somebody types it |
//! | `GET`, `POST`, `DELETE /api/v4/commands/{id}/signing_secret` | as for outgoing webhooks |
//! | `GET /api/v4/teams/{id}/commands/autocomplete`, `autocomplete_suggestions` | what is offered; what fits an input |
//! | `GET`, `POST /api/v4/bots` | list, create |
//! | `GET`, `PUT /api/v4/bots/{id}` | show, change |
//! | `POST /api/v4/bots/{id}/enable`, `/disable`, `/assign/{user}`, `/convert_to_user` | |
//! | `POST /api/v4/users/{id}/convert_to_bot` | |
//! | `GET`, `POST /api/v4/users/{user_id}/tokens` | list a user's personal access tokens, create one |
//! | `GET /api/v4/users/tokens` | list those of all users |
//! | `GET /api/v4/users/tokens/{id}` | show one |
//! | `POST /api/v4/users/tokens/search`, `revoke`, `disable`, `enable`, `rotate` | find; change one |
//!
//! Everything else below `/api/` is answered 404 with an error object (API-30), whatever is elsewhere with a plain 404: a
//! host hands over what is not its own.

mod answer;
mod bots;
mod command_route;
mod commands;
mod error;
mod guard;
mod incoming;
mod outgoing;
mod outgoing_route;
mod query;
mod route;
mod token_route;
mod tokens;

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use self::answer::Answer;
use self::error::ApiError;
pub use self::guard::Guard;
use self::route::{HookRoute, Route};
pub use crate::engine::PeerAddress;
use crate::engine::{AuthError, Caller, Engine, Failed, Fault, has_credential};
use crate::id::RequestId;
use crate::port::Observation;

/// The API of an engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    engine: Engine,
}

/// A body as a server's adapter read it.
#[derive(Clone, Debug)]
pub enum Body {
    /// It has more than [`Api::body_limit`] bytes; the rest was not read.
    TooLarge,
    /// All of it.
    Whole(Bytes),
}

impl Body {
    /// Returns the bytes, unless they were too many.
    fn whole(&self) -> Option<&[u8]> {
        match self {
            Self::TooLarge => None,
            Self::Whole(bytes) => Some(bytes),
        }
    }
}

/// What every handler gets.
struct Request {
    body: Body,
    id: RequestId,
    parts: Parts,
}

impl Api {
    /// The API of this engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns how many bytes of a body are to be read at most; one more is [`Body::TooLarge`].
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.engine.with_settings(|settings| settings.body_limit())
    }

    /// Answers a request. Never fails: what goes wrong is an answer too, a port that panics included. A port that never
    /// answers holds its request until the server's own time limit drops this future.
    pub async fn handle(&self, parts: Parts, body: Body) -> Response<Bytes> {
        let Ok(id) = self.engine.request_id() else { return answer::without_chance() };
        let (limit, site_path) =
            self.engine.with_settings(|settings| (settings.maximum_url_bytes, settings.site_path()));
        let target_bytes = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
        if target_bytes > limit {
            return self.shown_error(ApiError::url_too_long(), id, &parts); // too early for the common headers (API-9 #1)
        }
        if let Some(cleaned) = route::cleaned(&parts.uri) {
            return Answer::moved(cleaned);
        }
        let request = Request { body, id, parts };
        let Some(route) = route::find(&request.parts.method, request.parts.uri.path(), &site_path) else {
            return answer::plain_not_found();
        };
        let result = caught(pin!(self.answer(&request, route))).await.unwrap_or_else(|fault| {
            // A panicking port of the host's: nothing of ours is held across a question to it.
            Err(ApiError::fault("jackfield.port.panicked", fault))
        });
        self.render(result, request)
    }

    async fn answer(&self, request: &Request, route: Route) -> Result<Answer, ApiError> {
        match route {
            Route::Hook(hook) => self.receive_hook(request, &hook).await,
            // Boxed, so that a call of a hook carries no room for what is rare.
            Route::CommandAnswer(ticket) => Box::pin(self.answer_command(request, &ticket)).await,
            Route::Commands(commands) => Box::pin(self.manage_commands(request, commands)).await,
            Route::Bots(bots) => Box::pin(self.manage_bots(request, bots)).await,
            Route::HookPost(hook, post) => Box::pin(self.change_hook_post(request, &hook, post)).await,
            Route::Hooks(hooks) => Box::pin(self.manage_hooks(request, hooks)).await,
            Route::MethodNotAllowed(allow) => Err(ApiError::method_not_allowed(allow)),
            Route::Outgoing(outgoing) => Box::pin(self.manage_outgoing(request, outgoing)).await,
            Route::Tokens(tokens) => Box::pin(self.manage_tokens(request, tokens)).await,
            Route::UnknownApi(allow) => Err(ApiError::unknown_route(allow)),
        }
    }

    async fn manage_hooks(&self, request: &Request, route: HookRoute) -> Result<Answer, ApiError> {
        let caller = self.session(&request.parts).await?;
        match route {
            HookRoute::Create => self.create_hook(request, &caller).await,
            HookRoute::Delete(id) => self.delete_hook(&id, &caller).await,
            HookRoute::Get(id) => self.show_hook(&id, &caller).await,
            HookRoute::List => self.list_hooks(request, &caller).await,
            HookRoute::Update(id) => self.update_hook(request, &id, &caller).await,
        }
    }

    /// Says whose request it is, on a route that needs to know. What was presented in vain is removed where it may be
    /// kept (BOT-85).
    async fn session(&self, parts: &Parts) -> Result<Caller, ApiError> {
        let caller = self.engine.authenticate(parts).await.map_err(|failed| self.unauthenticated(failed))?;
        caller.ok_or_else(|| {
            let error = ApiError::no_session();
            if has_credential(parts) { error.removing_cookie(&self.site_path()) } else { error }
        })
    }

    fn unauthenticated(&self, failed: Failed<AuthError>) -> ApiError {
        match failed {
            Failed::Fault(fault) => ApiError::fault("jackfield.session.lookup", fault),
            Failed::Refused(refused) => {
                let error = ApiError::new(refused.status(), refused.id(), refused.to_string());
                match refused.retry_after() {
                    Some(seconds) => error.retrying_after(seconds),
                    None if refused == AuthError::ForeignPage => error.removing_cookie(&self.site_path()),
                    None => error,
                }
            }
        }
    }

    fn site_path(&self) -> String {
        self.engine.with_settings(|settings| settings.site_path())
    }

    /// Sets the headers that every routed answer has (API-32), for a host's own answers too.
    pub fn common_headers(&self, headers: &mut HeaderMap, id: RequestId, method: &Method) {
        let (version, transport) = self.engine.identity();
        answer::common_headers(headers, id, method, version, transport);
    }

    fn render(&self, result: Result<Answer, ApiError>, request: Request) -> Response<Bytes> {
        match result {
            Ok(answer) => {
                // The answer's headers take the room of the request's.
                let mut headers = request.parts.headers;
                headers.clear();
                let mut response = answer.into_response(headers);
                self.common_headers(response.headers_mut(), request.id, &request.parts.method);
                response
            }
            Err(error) => self.render_error(error, request.id, &request.parts),
        }
    }

    fn render_error(&self, error: ApiError, id: RequestId, parts: &Parts) -> Response<Bytes> {
        let mut response = self.shown_error(error, id, parts);
        self.common_headers(response.headers_mut(), id, &parts.method);
        response
    }

    /// Shows an error, without the common headers, and tells the observer.
    fn shown_error(&self, error: ApiError, id: RequestId, parts: &Parts) -> Response<Bytes> {
        let observation = match &error.fault {
            Some(fault) => Observation::Fault { error: &**fault, request_id: Some(id) },
            None => Observation::Refused {
                address: self.engine.client_address(parts),
                id: &error.inner_id,
                request_id: id,
                status: error.status.as_u16(),
                detail: &error.detail,
            },
        };
        self.engine.observer().observe(&observation);
        let (hardened, show_inner) =
            self.engine.with_settings(|settings| (settings.hardened_mode, settings.show_inner_ids));
        error.into_response(id, hardened, show_inner)
    }
}

/// Runs a future; if it panics, that is a fault of this request alone.
async fn caught<F: Future>(mut future: Pin<&mut F>) -> Result<F::Output, Fault> {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Fault::panicked())),
        }
    })
    .await
}

/// The status that a handler answers with when all went well.
const OK: StatusCode = StatusCode::OK;
/// Exactly so: some clients compare for equality.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
