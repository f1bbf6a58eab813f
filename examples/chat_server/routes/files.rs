//! Files (API-15, API-63): uploads stream to the disk, downloads from it.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::channel::{Channel as Streamed, Sender};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jackfield::id::{ChannelId, RequestId};
use jackfield::port::Scope;
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::Answer;
use crate::ambient::now;
use crate::app::{App, Server};
use crate::blobs::Arriving;
use crate::caller::{Caller, Params, path_id, too_large};
use crate::direct;
use crate::errors::Failure;
use crate::mime;
use crate::posting::restricted;
use crate::tables::channels;
use crate::tables::files::{self, File, extension};
use crate::tables::posts;

/// What came, but for the channel's id if that stood in a part.
#[derive(Default)]
struct Received {
    channel: String,
    client_ids: Vec<String>,
    files: Vec<(String, Arriving)>,
}

/// `POST /files`: parts of a form, of which one names the channel, or one file as it is.
pub(crate) async fn upload(
    State(server): State<Server>,
    caller: Caller,
    params: Params,
    request: Request,
) -> Result<Answer, Failure> {
    let app = &server.app;
    let settings = app.settings.now();
    if !settings.flag("FileSettings", "EnableFileAttachments") {
        let id = "api.file.attachments.disabled.app_error";
        return Err(Failure::refused(StatusCode::FORBIDDEN, id, "Files are switched off."));
    }
    let limit = settings.file_limit();
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let mut received = Received { channel: params.text("channel_id").to_owned(), ..Received::default() };
    // Who names the channel in the address learns before sending anything whether they may.
    let known = !received.channel.is_empty();
    if known {
        writable(&server, &caller, &received.channel).await?;
    }
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|text| text.starts_with("multipart/form-data")) {
        receive_parts(&server, &caller, request.map(|body| Body::new(Limited::new(body, limit))), &mut received)
            .await?;
    } else {
        let name = params.text("filename");
        if name.is_empty() {
            return Err(Failure::parameter("filename"));
        }
        let arriving = receive_whole(app, Limited::new(request.into_body(), limit)).await?;
        received.files.extend((arriving.size > 0).then(|| (name.to_owned(), arriving)));
    }
    if received.files.is_empty() {
        return Err(unreadable());
    }
    let channel = writable(&server, &caller, &received.channel).await?;
    store(app, &caller, channel, received).await
}

/// The channel that an upload names, if the caller may upload there.
async fn writable(server: &Server, caller: &Caller, channel: &str) -> Result<ChannelId, Failure> {
    let id = ChannelId::parse(channel).map_err(|_| Failure::body("channel_id"))?;
    caller.require("upload_file", Scope::Channel(id)).await?;
    let channel = server.app.store.read(|connection| Ok(channels::find(connection, id)?))?;
    let channel = channel.ok_or_else(|| Failure::permission("upload_file"))?;
    if channel.delete_at != 0 {
        return Err(Failure::body("channel_id"));
    }
    if direct::allows(server, caller.account.id, &channel).await? { Ok(id) } else { Err(restricted()) }
}

async fn receive_parts(
    server: &Server,
    caller: &Caller,
    request: Request,
    received: &mut Received,
) -> Result<(), Failure> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut count = 0;
    while let Some(mut part) = parts.next_field().await.map_err(|error| broken_off(&error))? {
        count += 1;
        if count > MOST_PARTS {
            return Err(Failure::body("files"));
        }
        let Some(name) = part.file_name().map(str::to_owned) else {
            let name = part.name().unwrap_or_default().to_owned();
            let text = short_text(&mut part).await?;
            match name.as_str() {
                "channel_id" => {
                    writable(server, caller, &text).await?;
                    received.channel = text;
                }
                "client_ids" => received.client_ids.push(text),
                _ => {}
            }
            continue;
        };
        let mut arriving = server.app.store.blobs().begin().await.map_err(Failure::broken)?;
        while let Some(chunk) = part.chunk().await.map_err(|error| broken_off(&error))? {
            arriving.write(&chunk).await.map_err(Failure::broken)?;
        }
        received.files.push((name, arriving));
    }
    Ok(())
}

/// A part that is no file; what is too long for an id is nothing that we know.
async fn short_text(part: &mut Field<'_>) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken_off(&error))? {
        if text.len() + chunk.len() > LONGEST_TEXT {
            return Err(unreadable());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| unreadable())
}

async fn receive_whole(app: &App, mut body: Limited<Body>) -> Result<Arriving, Failure> {
    let mut arriving = app.store.blobs().begin().await.map_err(Failure::broken)?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| if error.is::<LengthLimitError>() { too_large() } else { unreadable() })?;
        if let Ok(chunk) = frame.into_data() {
            arriving.write(&chunk).await.map_err(Failure::broken)?;
        }
    }
    Ok(arriving)
}

/// Puts the files into the table.
async fn store(app: &App, caller: &Caller, channel: ChannelId, received: Received) -> Result<Answer, Failure> {
    let (mut rows, mut arrived) = (Vec::new(), Vec::new());
    for (name, mut arriving) in received.files {
        arriving.finish().await.map_err(Failure::broken)?;
        let name = clean_name(&name);
        let (width, height) = mime::dimensions(&arriving.head).unwrap_or_default();
        rows.push(File {
            channel_id: channel,
            create_at: now(),
            height,
            id: arriving.id.clone(),
            mime_type: mime::of_extension(&extension(&name)).to_owned(),
            name,
            post_id: None,
            size: arriving.size,
            user_id: caller.account.id,
            width,
        });
        arrived.push(arriving);
    }
    let job = app.store.write(move |connection| {
        for row in &rows {
            files::insert(connection, row)?;
        }
        Ok(rows)
    });
    let rows = job.await?;
    arrived.into_iter().for_each(Arriving::keep);
    let views: Vec<_> = rows.iter().map(File::view).collect();
    Ok(Answer::created(json!({"file_infos": views, "client_ids": received.client_ids})))
}

/// `GET /files/{id}`
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, Failure> {
    let file = readable(&app, &caller, &id).await?;
    let mut content = app.store.blobs().open_file(&file.id).await.map_err(Failure::broken)?;
    let (mut sender, body): (Sender<Bytes, std::io::Error>, _) = Streamed::new(1);
    tokio::spawn(async move {
        loop {
            let mut chunk = vec![0; CHUNK];
            match content.read(&mut chunk).await {
                Ok(0) => break,
                Ok(length) => {
                    chunk.truncate(length);
                    if sender.send_data(chunk.into()).await.is_err() {
                        break; // nobody reads any more
                    }
                }
                Err(error) => return sender.abort(error),
            }
        }
    });
    let mut response = Response::new(Body::new(body));
    describe(response.headers_mut(), &file, params.text("download") == "1");
    Ok(response)
}

/// `GET /files/{id}/info`
pub(crate) async fn info(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    Ok(Answer::ok(readable(&app, &caller, &id).await?.view()))
}

/// `GET /files/{id}/link`: an address that needs a session like any other.
pub(crate) async fn link(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let file = readable(&app, &caller, &id).await?;
    let settings = app.settings.now();
    let site = settings.text("ServiceSettings", "SiteURL");
    Ok(Answer::ok(json!({"link": format!("{site}/api/v4/files/{}", file.id)})))
}

/// A file that the caller may read: their own as long as it stands in no post, else one of a live post of a channel
/// that they may read.
async fn readable(app: &App, caller: &Caller, id: &str) -> Result<File, Failure> {
    let missing = || Failure::missing("chat.file.missing", "file");
    let id = path_id(id, "file_id", RequestId::parse)?;
    let file = app.store.read(|connection| Ok(files::find(connection, id.as_str())?))?.ok_or_else(missing)?;
    let (channel, post) = app.store.read(|connection| {
        let post = file.post_id.map(|post| posts::find(connection, post)).transpose()?.flatten();
        Ok((channels::find(connection, file.channel_id)?.ok_or_else(missing)?, post))
    })?;
    let is_there = match file.post_id {
        None => file.user_id == caller.account.id,
        Some(_) => post.is_some_and(|post| post.delete_at == 0),
    };
    if !is_there {
        return Err(missing());
    }
    if caller.may_read(&channel).await? { Ok(file) } else { Err(Failure::permission("read_channel_content")) }
}

/// What a browser might run, it saves instead.
fn describe(headers: &mut HeaderMap, file: &File, save: bool) {
    let how = if save || !mime::is_harmless(&file.mime_type) { "attachment" } else { "inline" };
    let name: String = url::form_urlencoded::byte_serialize(file.name.as_bytes()).collect();
    let disposition = format!("{how}; filename*=UTF-8''{}", name.replace('+', "%20"));
    let values = [
        (header::CONTENT_TYPE, file.mime_type.clone()),
        (header::CONTENT_LENGTH, file.size.to_string()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private".to_owned()),
    ];
    headers.extend(values.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))));
}

/// The name without a path or control characters, and not too long.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

fn broken_off(error: &MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { unreadable() }
}

fn unreadable() -> Failure {
    let id = "api.file.upload_file.read_request.app_error";
    Failure::refused(StatusCode::BAD_REQUEST, id, "The request has no file that could be read.")
}

/// In bytes.
const CHUNK: usize = 64 * 1024;
/// In characters.
const LONGEST_NAME: usize = 256;
/// In bytes.
const LONGEST_TEXT: usize = 256;
const MOST_PARTS: usize = 30;
