//! The list of hosts and networks inside that may be called all the same (OUT-221 to OUT-223, OUT-307).

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::network::Network;

/// An entry that admits nothing, and why, for the log of the host.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InertEntry {
    /// As it is written in the setting.
    pub entry: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for InertEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` admits nothing: {}", self.entry, self.reason)
    }
}

/// The list, read.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowList {
    hosts: BTreeSet<String>,
    inert: Vec<InertEntry>,
    networks: Vec<Network>,
}

impl AllowList {
    /// Reads a setting; entries are apart by white space or commas, in any number.
    pub(super) fn parse(setting: &str) -> Self {
        let mut list = Self::default();
        for entry in setting.split(|c: char| c.is_whitespace() || c == ',').filter(|entry| !entry.is_empty()) {
            list.hosts.extend(Some(folded(entry)).filter(|host| !host.is_empty()));
            match Network::parse(entry) {
                Some(network) => list.networks.push(network),
                None => list.inert.extend(mistake(entry).map(|reason| InertEntry { entry: entry.to_owned(), reason })),
            }
        }
        list
    }

    /// Whether a host is on the list as text. An address that is written as such is a text too.
    pub(super) fn admits_host(&self, host: &str) -> bool {
        !self.hosts.is_empty() && self.hosts.contains(&folded(host))
    }

    /// Whether an address is of a network on the list.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    pub(super) fn inert(&self) -> &[InertEntry] {
        &self.inert
    }
}

/// Lower-case and without one trailing dot.
fn folded(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Why an entry that is no network can be no host of a URL either.
fn mistake(entry: &str) -> Option<&'static str> {
    if entry.contains("://") {
        return Some("an entry is a host or a network, not a URL");
    }
    if entry.contains('/') {
        return Some("it is no network of the form address/prefix");
    }
    if entry.starts_with('[') {
        return Some("an IPv6 address stands here without brackets");
    }
    if entry.contains(':') {
        let is_address = entry.parse::<Ipv6Addr>().is_ok();
        return (!is_address).then_some("an entry has no port");
    }
    if entry.contains('*') {
        return Some("an entry has no wildcards");
    }
    if !entry.is_ascii() {
        return Some("a name stands here in its `xn--` form");
    }
    let is_name = entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    (!is_name || folded(entry).is_empty()).then_some("no host is written like this")
}
