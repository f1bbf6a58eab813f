//! Why a request about personal access tokens is refused (BOT-69, BOT-74 to BOT-83).

use http::StatusCode;
use thiserror::Error;

use crate::json::Mistake;
use crate::port::Permission;

/// Why a request about personal access tokens is refused.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum TokenError {
    /// The token would allow more, or live longer, than the one that is to make it.
    #[error("a token cannot make one that may more, or lives longer, than itself")]
    BeyondCaller,
    /// The body cannot be read.
    #[error("the body cannot be read")]
    Body(String),
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// A member of the body is missing or wrong.
    #[error("the body's `{0}` is missing or wrong")]
    BodyParameter(&'static str),
    /// The description is too long, or has characters that cannot be kept.
    #[error("the description is too long or has characters that cannot be kept")]
    Description,
    /// Tokens of humans are switched off.
    #[error("personal access tokens are switched off")]
    Disabled,
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// There is no such token.
    #[error("there is no such token")]
    NotFound,
    /// A part of the address is no id.
    #[error("the address's `{0}` is wrong")]
    UrlParameter(&'static str),
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

impl TokenError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::BeyondCaller | Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::Body(_) | Self::BodyParameter(_) => "api.context.invalid_body_param.app_error",
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::Description => "model.user_access_token.is_valid.description.app_error",
            Self::Disabled => "app.user_access_token.disabled",
            Self::NotFound => "app.user_access_token.get_by_user.app_error",
            Self::UrlParameter(_) => "api.context.invalid_url_param.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BeyondCaller | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
            Self::NotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            Self::Body(_) | Self::BodyParameter(_) | Self::Description | Self::UrlParameter(_) => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    /// Returns what helps to find the mistake, without anything that was sent; often empty.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Body(detail) => detail.clone(),
            Self::Forbidden(permission) => format!("permission `{}`", permission.as_str()),
            _ => String::new(),
        }
    }
}

impl From<Mistake> for TokenError {
    fn from(mistake: Mistake) -> Self {
        Self::Body(mistake.to_string())
    }
}
