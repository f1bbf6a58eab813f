//! Where Jackfield is plugged in: the two ports of this server, a storage, and the router for everything else.

use axum::Router;

use crate::app::App;
use crate::errors::Failure;
use crate::options::Data;

/// The routes that are not the chat server's own.
pub(crate) fn router(_: &App, _: &Data) -> Result<Router, Failure> {
    Ok(Router::new().fallback(async || Failure::route()))
}
