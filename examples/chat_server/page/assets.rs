//! The style, the script and the icon: all that a page loads, and all of it from here.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::html::Html;

/// `GET /static/{file}`: kept for good by browsers, as another version has another address.
pub(crate) async fn serve(Path(file): Path<String>, uri: Uri) -> Response {
    let found = FILES.iter().find(|(name, _, _)| *name == file);
    let Some((_, kind, content)) = found else {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    };
    let is_current = uri.query().and_then(|query| query.strip_prefix("v=")) == Some(VERSION.as_str());
    let keep = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, keep)];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), *content).into_response()
}

/// Draws the part of a page's head that loads them.
pub(crate) fn draw_links(out: &mut Html) {
    out.raw("<link rel=\"icon\" href=\"/static/icon.svg?v=").text(&VERSION).raw("\" type=\"image/svg+xml\">");
    out.raw("<link rel=\"stylesheet\" href=\"/static/style.css?v=").text(&VERSION).raw("\">");
    out.raw("<script src=\"/static/commands.js?v=").text(&VERSION).raw("\" defer></script>");
    out.raw("<script src=\"/static/page.js?v=").text(&VERSION).raw("\" defer></script>");
}

/// What tells one version of the files from another.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let digest = FILES.iter().fold(Sha256::new(), |digest, (_, _, content)| digest.chain_update(content)).finalize();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

const FILES: [(&str, &str, &str); 4] = [
    ("commands.js", "text/javascript; charset=utf-8", include_str!("assets/commands.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("assets/page.js")),
    ("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
];
