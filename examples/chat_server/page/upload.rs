//! A form with a picture.

use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::StatusCode;

use super::visit::{Visit, foreign};
use crate::app::Server;
use crate::errors::Failure;
use crate::routes::pictures::LARGEST;

/// A picture that somebody sent from one of our pages.
#[derive(Debug)]
pub(crate) struct Upload {
    /// None if no file was chosen.
    pub(crate) picture: Option<Vec<u8>>,
    pub(crate) visit: Visit,
}

impl FromRequest<Server> for Upload {
    type Rejection = Failure;

    async fn from_request(mut request: Request, server: &Server) -> Result<Self, Failure> {
        DefaultBodyLimit::max(LARGEST + AROUND).apply(&mut request);
        let (parts, body) = request.into_parts();
        let mut own = parts.clone();
        let mut form = Multipart::from_request(Request::from_parts(parts, body), &()).await.map_err(|_| foreign())?;
        // Who sends it is known before the picture is read: the token stands first.
        let first = form.next_field().await.map_err(|_| foreign())?.filter(|field| field.name() == Some("csrf"));
        let csrf = first.ok_or_else(foreign)?.text().await.map_err(|_| foreign())?;
        let visit = Visit::open_form(server, &mut own, &csrf).await?;
        let mut picture = None;
        while let Some(part) = form.next_field().await.map_err(|_| too_large())? {
            if part.name() == Some("image") {
                picture = Some(part.bytes().await.map_err(|_| too_large())?.to_vec());
            }
        }
        Ok(Self { picture: picture.filter(|picture| !picture.is_empty()), visit })
    }
}

fn too_large() -> Failure {
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, "chat.page.too_large", "The picture is too large: 4 MB at most.")
}

/// What a form may have around the picture, in bytes.
const AROUND: usize = 4_096;
