//! Where messages may lead: `http`, `https` and `mailto`, and paths of this server. Nothing else becomes a link.

use url::Url;

use super::html::Html;

/// An address that may be followed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    href: String,
    /// None for this server's own paths and for mail.
    host: Option<String>,
    is_own: bool,
}

impl Target {
    /// Reads an address that a stranger wrote.
    pub(crate) fn read(address: &str) -> Option<Self> {
        let address = address.trim();
        // Browsers drop tabs and line feeds inside addresses and take `\` for `/`, so none of them may stand in one.
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if address.is_empty() || address.len() > LONGEST || address.contains(is_odd) {
            return None;
        }
        if address.starts_with('/') {
            let is_own = !address.starts_with("//");
            return is_own.then(|| Self { href: address.to_owned(), host: None, is_own });
        }
        let url = Url::parse(address).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty()).map(str::to_owned);
        match url.scheme() {
            "http" | "https" if host.is_some() => Some(Self { href: url.into(), host, is_own: false }),
            "mailto" => Some(Self { href: url.into(), host: None, is_own: false }),
            _ => None,
        }
    }

    /// The address, if it is a path of this server that a header can carry.
    pub(crate) fn own_path(&self) -> Option<&str> {
        (self.is_own && self.href.is_ascii()).then_some(&self.href)
    }

    /// Whose address it is.
    pub(crate) fn host(&self) -> &str {
        self.host.as_deref().unwrap_or(if self.is_own { "this server" } else { "mail" })
    }

    /// Opens the link; foreign ones open in a new tab and learn nothing of where they were found.
    pub(crate) fn open(&self, out: &mut Html, class: &'static str) {
        self.begin(out, class);
        out.raw(">");
    }

    /// The same, with a label for who does not see what is in it.
    pub(crate) fn open_labelled(&self, out: &mut Html, class: &'static str, label: &str) {
        self.begin(out, class);
        out.attribute("aria-label", label).attribute("title", label).raw(">");
    }

    fn begin(&self, out: &mut Html, class: &'static str) {
        out.raw("<a").attribute("href", &self.href);
        if !class.is_empty() {
            out.attribute("class", class);
        }
        out.raw_if(!self.is_own, " target=\"_blank\" rel=\"noreferrer noopener nofollow\"");
    }
}

/// Draws what stands for a picture that is elsewhere: nothing is fetched before somebody asks for it.
pub(crate) fn picture(out: &mut Html, address: &str, what: &'static str) {
    match Target::read(address) {
        Some(target) => {
            target.open(out, "remote");
            out.raw("<span aria-hidden=\"true\">🖼</span> ").raw(what).raw(" from <bdi>");
            out.text(target.host()).raw("</bdi></a>");
        }
        None => {
            out.raw("<span class=\"remote\"><span aria-hidden=\"true\">🖼</span> ").raw(what);
            out.raw(" with an unusable address</span>");
        }
    }
}

/// In bytes.
pub(crate) const LONGEST: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_are_links() {
        let good = [
            "http://a.example/x?y=1#z",
            "https://a.example",
            "HTTPS://a.example",
            "mailto:a@example.com",
            "/t/demo",
            " https://a.example ",
        ];
        for address in good {
            assert!(Target::read(address).is_some(), "{address:?}");
        }
        let bad = [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "blob:https://a.example/x",
            "file:///etc/passwd",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "http://",
            "relative",
            "#fragment",
        ];
        for address in bad {
            assert_eq!(Target::read(address), None, "{address:?}");
        }
        assert_eq!(Target::read(&format!("https://a.example/{}", "x".repeat(LONGEST))), None);
    }
}
