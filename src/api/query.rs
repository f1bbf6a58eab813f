//! Parameters of a query string (API-16, API-17).

/// The parameters of a request, decoded; of one that comes twice the first counts.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn new(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// Returns a parameter; an absent one is empty.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Returns whether a parameter says "true" in one of the ways that count.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "1" | "t" | "T" | "TRUE" | "true" | "True")
    }

    /// Returns how many items to leave out, and how many to show.
    pub(super) fn page(&self) -> (usize, usize) {
        let page: i64 = self.text("page").parse().unwrap_or(0);
        let size: i64 = self.text("per_page").parse().unwrap_or(60);
        let size = if size < 0 { 60 } else { size.min(200) };
        let (page, size) = (usize::try_from(page).unwrap_or(0), usize::try_from(size).unwrap_or(60));
        (page.saturating_mul(size), size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_clamped() {
        let cases = [
            ("", (0, 60)),
            ("page=3", (180, 60)),
            ("page=abc&per_page=abc", (0, 60)),
            ("page=1.5&per_page=-1", (0, 60)),
            ("page=-2", (0, 60)),
            ("page=2&per_page=0", (0, 0)),
            ("page=1&per_page=201", (200, 200)),
            ("page=1&per_page=999999", (200, 200)),
            ("page=99999999999999999999", (0, 60)),
            ("page=9223372036854775807&per_page=200", (usize::MAX, 200)),
            ("page=1&page=2&per_page=5", (5, 5)),
        ];
        for (query, want) in cases {
            assert_eq!(Parameters::new(Some(query)).page(), want, "{query}");
        }
    }

    #[test]
    fn flags_have_six_ways_to_say_yes() {
        for yes in ["1", "t", "T", "TRUE", "true", "True"] {
            assert!(Parameters::new(Some(&format!("a={yes}"))).flag("a"), "{yes}");
        }
        for no in ["", "0", "yes", "tRUE", "on"] {
            assert!(!Parameters::new(Some(&format!("a={no}"))).flag("a"), "{no}");
        }
    }
}
