//! Lists that are fetched while somebody types (CMD-120). Between two tries of [`suggest`](super::suggest()) the engine
//! fetches what the first one lacked.

use std::collections::BTreeMap;

use super::decode;
use super::tree::Item;

/// A list that a suggestion needs.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Fetch {
    /// Where from, as the tree says.
    pub url: String,
    /// What has been typed before the argument.
    pub parsed: String,
    /// The whole input.
    pub user_input: String,
}

/// Where a list is fetched from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Provider<'a> {
    /// An address in the world, for commands that have no other way. An untrusted call.
    Address(&'a str),
    /// A provider of the host's own, by its name.
    BuiltIn(&'a str),
    /// A path of an extension of the host's.
    Extension(&'a str),
    /// From nowhere: it has no items.
    Nowhere,
}

impl Fetch {
    /// Says where the list comes from.
    pub(crate) fn provider(&self) -> Provider<'_> {
        if let Some(rest) = self.url.strip_prefix("builtin:") {
            return Provider::BuiltIn(rest.split_once(':').map_or(rest, |(name, _)| name));
        }
        if self.url.starts_with("http://") || self.url.starts_with("https://") {
            return Provider::Address(&self.url);
        }
        match self.url.strip_prefix("/plugins/") {
            Some(rest) if !rest.split('/').any(|part| part == "..") => Provider::Extension(&self.url),
            _ => Provider::Nowhere,
        }
    }
}

/// The lists that were fetched so far. None for one that could not be had.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Fetched(BTreeMap<Fetch, Option<Vec<Item>>>);

impl Fetched {
    /// Adds the answer of a provider: a status of 200 and a JSON array, or nothing is there (section 18 row 25).
    pub(crate) fn add_answer(&mut self, fetch: Fetch, status: u16, body: &[u8]) {
        let items = if status == 200 { decode::items(body) } else { None };
        self.add(fetch, Some(items.unwrap_or_default()));
    }

    /// Adds the items of a provider; none if it cannot be had.
    pub(crate) fn add(&mut self, fetch: Fetch, items: Option<Vec<Item>>) {
        self.0.insert(fetch, items);
    }

    /// Returns what was fetched: nothing if it was not yet.
    pub(super) fn items(&self, fetch: &Fetch) -> Option<Option<&[Item]>> {
        self.0.get(fetch).map(Option::as_deref)
    }

    /// How many lists were fetched or tried.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
