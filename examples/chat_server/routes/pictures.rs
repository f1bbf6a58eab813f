//! The pictures of users (BOT-44); bots' are also where older clients look for them (BOT-43).

use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jackfield::api::Api;
use jackfield::id::UserId;

use super::Answer;
use super::accounts::{change, missing};
use super::rights::require_picture;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Caller, content_length};
use crate::errors::Failure;
use crate::live::account_events;
use crate::pictures::default_picture;
use crate::tables::accounts::{self, Account};
use crate::tables::pictures;

/// `GET /users/{id}/image`
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let account = account(&app, caller.user(&user)?)?;
    let uploaded = app.store.read(|connection| Ok(pictures::find(connection, account.id)?))?;
    let Some((kind, bytes)) = uploaded else { return Ok(default_of(&account)) };
    let tag = account.picture_at.to_string();
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { image(bytes, &kind) };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from(account.picture_at));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=86400, private"));
    Ok(response)
}

/// `GET /users/{id}/image/default`
pub(crate) async fn read_default(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Response, Failure> {
    Ok(default_of(&account(&app, caller.user(&user)?)?))
}

/// `POST /users/{id}/image`
pub(crate) async fn upload(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    mut request: Request,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_picture(&api, &caller, user).await?;
    let most = usize::try_from(app.settings.now().number("FileSettings", "MaxFileSize")).unwrap_or_default();
    let most = most.min(LARGEST);
    if content_length(request.headers()).is_some_and(|length| length > most + AROUND) {
        return Err(too_large());
    }
    DefaultBodyLimit::max(most + AROUND).apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut found = None;
    while let Some(part) = parts.next_field().await.map_err(|error| broken_upload(error.status()))? {
        if part.name() == Some("image") && part.file_name().is_some() && found.is_none() {
            found = Some(part.bytes().await.map_err(|error| broken_upload(error.status()))?);
        }
    }
    let bytes = found.ok_or_else(|| Failure::invalid(NO_FILE, "The form has no file `image`."))?;
    keep(&app, user, bytes.into()).await?;
    Ok(Answer::done())
}

/// Makes this the picture of a user. Who calls has asked whether the caller may.
pub(crate) async fn keep(app: &App, user: UserId, bytes: Vec<u8>) -> Result<(), Failure> {
    let kind = kind(&bytes).ok_or_else(|| Failure::invalid(NO_FILE, "This is no PNG, JPEG, GIF or WebP picture."))?;
    if app.store.read(|connection| Ok(accounts::roles_of(connection, user)?))?.is_none() {
        return Err(Failure::parameter("user_id"));
    }
    app.store.write(move |connection| Ok(pictures::put(connection, user, kind, &bytes)?)).await?;
    tell(app, user, now()).await
}

/// `DELETE /users/{id}/image`: back to the default one.
pub(crate) async fn remove(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_picture(&api, &caller, user).await?;
    forget(&app, user).await?;
    Ok(Answer::done())
}

/// Gives a user the default picture. Who calls has asked whether the caller may.
pub(crate) async fn forget(app: &App, user: UserId) -> Result<(), Failure> {
    app.store.write(move |connection| Ok(pictures::remove(connection, user)?)).await?;
    tell(app, user, 0).await
}

/// Remembers when the picture came, and tells who listens.
async fn tell(app: &App, user: UserId, picture_at: i64) -> Result<(), Failure> {
    let account = change(app, user, move |account| {
        account.picture_at = picture_at;
        Ok(())
    });
    account_events::changed(app, &account.await?);
    Ok(())
}

fn account(app: &App, user: UserId) -> Result<Account, Failure> {
    app.store.read(|connection| Ok(accounts::find(connection, user)?))?.ok_or_else(missing)
}

fn default_of(account: &Account) -> Response {
    let mut response = image(default_picture(account.id, account.is_bot), "image/png");
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=300, private"));
    response
}

fn image(bytes: Vec<u8>, kind: &str) -> Response {
    let mut response = bytes.into_response();
    if let Ok(kind) = HeaderValue::from_str(kind) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// The media type of a picture, by how it begins. What browsers could take for anything else is refused.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

fn broken_upload(status: StatusCode) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { unreadable() }
}

fn too_large() -> Failure {
    let id = "api.user.upload_profile_user.too_large.app_error";
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, id, "The picture is too large.")
}

fn unreadable() -> Failure {
    let id = "api.user.upload_profile_user.parse.app_error";
    Failure::refused(StatusCode::INTERNAL_SERVER_ERROR, id, "This is no form with files.")
}

/// What a form may have around the picture, in bytes.
const AROUND: usize = 4_096;
const NO_FILE: &str = "api.user.upload_profile_user.no_file.app_error";
/// Pictures are kept as they came, so large ones are not taken. In bytes.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;
