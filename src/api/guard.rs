//! What stands in front of a whole server: the limit on traffic and the rules for pages of other sites (INC-4, INC-5).

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::error::ApiError;
use super::{Api, answer};
use crate::security::cors::Verdict;
use crate::security::traffic;

/// What is to be done about a request before anything looks at it.
#[must_use]
#[derive(Debug)]
pub enum Guard {
    /// Send this, and do not serve the request.
    Answer(Response<Bytes>),
    /// Serve the request, and set these headers on whatever is answered ([`Guard::mark`]).
    Pass(HeaderMap),
}

impl Guard {
    /// Sets the headers of a [`Guard::Pass`] on an answer. `Vary` is added to what it says already.
    pub fn mark(added: HeaderMap, headers: &mut HeaderMap) {
        let mut current = None;
        for (name, value) in added {
            // A name comes with the first of its values alone.
            current = name.or(current);
            match &current {
                Some(name) if *name == header::VARY => drop(headers.append(name, value)),
                Some(name) => drop(headers.insert(name, value)),
                None => {}
            }
        }
    }
}

impl Api {
    /// Says what is to be done about a request before anything looks at it: counts it against
    /// [`Settings::rate_limit`](crate::engine::Settings::rate_limit), and answers the questions of browsers about
    /// [`Settings::cors`](crate::engine::Settings::cors). A host asks this first, for each request to its own routes and
    /// to ours; while both are off, it costs next to nothing.
    pub async fn guard(&self, parts: &Parts) -> Guard {
        let mut added = HeaderMap::new();
        let path = parts.uri.path();
        match self.engine.count_request(parts, path.ends_with("/api/v4/users/login")).await {
            None => {}
            Some(standing) => {
                traffic::tell(&standing, &mut added);
                if standing.retry_after.is_some() {
                    let mut refused = self.limited(parts);
                    Guard::mark(added, refused.headers_mut());
                    return Guard::Answer(refused);
                }
            }
        }
        match self.engine.cors().judge(parts) {
            None => {}
            Some(Verdict::Pass(told)) => added.extend(told),
            Some(Verdict::Preflight(told)) => {
                added.extend(told);
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::NO_CONTENT;
                *response.headers_mut() = added;
                return Guard::Answer(response);
            }
        }
        Guard::Pass(added)
    }

    /// On paths of the API the error object, elsewhere the words of API-45 (A7).
    fn limited(&self, parts: &Parts) -> Response<Bytes> {
        if parts.uri.path().contains("/api/") {
            let Ok(id) = self.engine.request_id() else { return answer::without_chance() };
            return self.render_error(ApiError::too_many_requests(), id, parts);
        }
        let mut response = Response::new(Bytes::from_static(b"limit exceeded\n"));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
        response
    }
}
