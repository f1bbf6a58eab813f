//! What using a session does to it: it is remembered as used, and some acts put its end off (API-24, API-25).

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use jackfield::id::SessionId;
use jackfield::port::{Session, SessionKind};

use crate::ambient::now;
use crate::app::App;
use crate::errors::Failure;
use crate::routes::sessions::add_cookies;
use crate::tables::sessions::{self, Opened};

/// What of a request is looked at once it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// The token of the cookie, if there was one.
    cookie: Option<String>,
    extends: bool,
    headers: HeaderMap,
    session: SessionId,
}

impl Act {
    /// What is done with a session, if it is a log-in's.
    pub(crate) fn new(session: &Session, parts: &Parts) -> Option<Self> {
        (session.kind == SessionKind::Login).then(|| Self {
            cookie: cookie(&parts.headers),
            extends: parts.method == Method::POST && EXTENDING.contains(&parts.uri.path()),
            headers: parts.headers.clone(),
            session: session.id,
        })
    }

    /// Remembers the act. Cookies are renewed only for who sent one of this session: nobody else gets any.
    pub(crate) async fn remember(self, app: &App, answer: &mut HeaderMap) -> Result<(), Failure> {
        let (id, now, settings) = (self.session, now(), app.settings.now());
        let Some(session) = app.store.read(|connection| Ok(sessions::with_id(connection, id)?))? else { return Ok(()) };
        if now.saturating_sub(session.last_activity_at) >= TOUCHED_EVERY {
            app.store.write(move |connection| Ok(sessions::touch(connection, id, now)?)).await?;
        }
        let length = settings.session_length(!session.device_id.is_empty());
        let pause = (length / 100).clamp(FIVE_MINUTES, ONE_DAY);
        let is_on = settings.flag("ServiceSettings", "ExtendSessionLengthWithActivity");
        if !self.extends || !is_on || now.saturating_sub(session.extended_at) < pause {
            return Ok(());
        }
        let expires_at = now.saturating_add(length);
        app.store.write(move |connection| Ok(sessions::extend(connection, id, now, expires_at)?)).await?;
        let Some(token) = self.cookie else { return Ok(()) };
        let of_cookie = app.store.read(|connection| Ok(sessions::find(connection, &token, None)?))?;
        if of_cookie.is_some_and(|of_cookie| of_cookie.id == id) {
            add_cookies(answer, &Opened { session, token }, length / 1_000, &self.headers, "");
        }
        Ok(())
    }
}

/// The token of the cookie, if a request has one.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "MMAUTHTOKEN").map(|(_, value)| value.trim_matches('"').to_owned())
}

/// Where what is posted puts the end of a session off.
const EXTENDING: [&str; 2] = ["/api/v4/posts", "/api/v4/channels/members/me/view"];
const FIVE_MINUTES: i64 = 5 * 60_000;
const ONE_DAY: i64 = 24 * 3_600_000;
/// How exact the time of the last use is, in milliseconds.
const TOUCHED_EVERY: i64 = 60_000;

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use rusqlite::params;

    use super::*;
    use crate::tables::accounts::{self, Account};
    use crate::tests::empty;

    const AN_HOUR: i64 = 3_600_000;

    /// Does something with a session whose end was put off so long ago; says how much later it ends now, and the cookies.
    async fn act(uri: &str, extended: i64, with_cookie: bool) -> (i64, usize) {
        let app = empty().await;
        let opened = app.store.write(move |connection| {
            let ann = Account::new("ann", "ann@example.com", String::new(), "system_user")?;
            accounts::store(connection, &ann)?;
            let opened = sessions::open(connection, ann.id, "", AN_HOUR)?;
            let (id, extended) = (opened.session.id, now() - extended);
            let sql = "UPDATE sessions SET create_at = ?1, extended_at = ?1 WHERE id = ?2";
            connection.execute(sql, params![extended, id.as_str()])?;
            Ok(opened)
        });
        let opened = opened.await.unwrap();
        let mut request = Request::post(uri);
        if with_cookie {
            request = request.header("cookie", format!("a=b; MMAUTHTOKEN={}", opened.token));
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let session = Session::new(opened.session.id, opened.session.user_id, SessionKind::Login);
        let mut answer = HeaderMap::new();
        Act::new(&session, &parts).unwrap().remember(&app, &mut answer).await.unwrap();
        let id = opened.session.id;
        let after = app.store.read(|connection| Ok(sessions::with_id(connection, id)?)).unwrap().unwrap();
        (after.expires_at - opened.session.expires_at, answer.get_all("set-cookie").iter().count())
    }

    #[tokio::test]
    async fn posting_puts_the_end_of_a_session_off_but_not_all_the_time() {
        assert_eq!(act("/api/v4/posts", AN_HOUR, false).await.0, 0);
        assert!(act("/api/v4/posts", 25 * AN_HOUR, false).await.0 > 24 * AN_HOUR);
        assert_eq!(act("/api/v4/teams", 25 * AN_HOUR, false).await.0, 0);
    }

    #[tokio::test]
    async fn cookies_are_renewed_for_who_sent_one_and_for_nobody_else() {
        assert_eq!(act("/api/v4/posts", 25 * AN_HOUR, false).await.1, 0);
        assert_eq!(act("/api/v4/posts", 25 * AN_HOUR, true).await.1, 3);
        assert_eq!(act("/api/v4/posts", AN_HOUR, true).await.1, 0);
    }
}
