//! HTML that is safe to send: whatever is no literal of this program is escaped.

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A piece of HTML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds markup. Only literals are markup, so that nothing a stranger wrote ever is.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, for the content of an element or for an attribute in quotes.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\0']) {
            let (plain, special) = rest.split_at(at);
            self.0.push_str(plain);
            self.0.push_str(match special.as_bytes().first() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                Some(b'>') => "&gt;",
                Some(b'"') => "&quot;",
                Some(b'\'') => "&#39;",
                _ => "\u{fffd}",
            });
            rest = special.get(1..).unwrap_or_default();
        }
        self.0.push_str(rest);
        self
    }

    /// Adds what displays as text.
    pub(crate) fn show(&mut self, shown: impl Display) -> &mut Self {
        self.text(&shown.to_string())
    }

    /// Adds an attribute.
    pub(crate) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// Adds markup if something holds.
    pub(crate) fn raw_if(&mut self, holds: bool, markup: &'static str) -> &mut Self {
        if holds { self.raw(markup) } else { self }
    }

    /// Adds another piece.
    pub(crate) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Answers with this and a status.
    pub(crate) fn with_status(self, status: StatusCode) -> Response {
        let mut response = self.0.into_response();
        *response.status_mut() = status;
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }

    /// The text of it.
    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        self.with_status(StatusCode::OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let mut html = Html::new();
        html.raw("<a").attribute("title", "\" onclick='x' <&>").raw(">").text("</a><script>\0").raw("</a>");
        let want = "<a title=\"&quot; onclick=&#39;x&#39; &lt;&amp;&gt;\">&lt;/a&gt;&lt;script&gt;\u{fffd}</a>";
        assert_eq!(html.as_str(), want);
    }
}
