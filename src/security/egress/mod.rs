//! Where the server may connect to (OUT-200, OUT-217 to OUT-224, OUT-301 to OUT-310).
//!
//! A policy is data: it is made of settings once, and asked for each host, port and address. It looks up no names; who
//! connects asks it about each address that a name has, and dials exactly those that it lets pass.

mod embedded;
mod list;
mod network;
mod settings;
mod table;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv6Addr};

use thiserror::Error;

use self::embedded::{Nat64, isatap};
use self::list::AllowList;
pub use self::list::InertEntry;
pub use self::settings::EgressSettings;

/// Which hosts, ports and addresses may be connected to.
///
/// Two policies are equal if they are for the same kind of caller and made of equal settings.
///
/// ```
/// use jackfield::security::{EgressPolicy, EgressSettings};
///
/// let mut settings = EgressSettings::default();
/// settings.allowed_internal = "10.0.0.0/8 hooks.lan".to_owned();
/// let policy = EgressPolicy::new(&settings);
/// assert!(policy.judge([10, 1, 2, 3].into(), &[]).is_ok());
/// assert!(policy.judge([192, 168, 7, 7].into(), &[]).is_err());
/// assert!(policy.admits_host("Hooks.lan."));
/// ```
#[derive(Clone, Debug)]
pub struct EgressPolicy {
    inert: Vec<InertEntry>,
    list: AllowList,
    /// The longest prefix first.
    nat64: Vec<Nat64>,
    settings: EgressSettings,
    trusted: bool,
}

/// An address that must not be connected to, and why. It tells what is inside: for logs and administrators only.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{address} is forbidden: {rule}; an administrator could allow it by {allow}")]
pub struct Forbidden {
    /// Which address.
    pub address: IpAddr,
    /// What an administrator could add to `AllowedUntrustedInternalConnections`.
    pub allow: String,
    /// Which rule forbids it, in words.
    pub rule: &'static str,
}

/// A port that integrations must not call (OUT-310).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("port {port} is none of those that integrations may call")]
pub struct ForbiddenPort {
    /// Which port.
    pub port: u16,
}

impl EgressPolicy {
    /// The policy for addresses that users and integrations wrote.
    #[must_use]
    pub fn new(settings: &EgressSettings) -> Self {
        let list = AllowList::parse(&settings.allowed_internal);
        let mut inert = list.inert().to_vec();
        let mut nat64 = vec![Nat64::WELL_KNOWN];
        for entry in &settings.nat64_networks {
            match Nat64::parse(entry) {
                Some(network) => nat64.push(network),
                None => inert.push(InertEntry { entry: entry.clone(), reason: "it is no NAT64 network" }),
            }
        }
        nat64.sort_by_key(|network| std::cmp::Reverse(network.prefix()));
        Self { inert, list, nat64, settings: settings.clone(), trusted: false }
    }

    /// The policy for addresses that administrators wrote: it judges nothing.
    #[must_use]
    pub fn trusted(settings: &EgressSettings) -> Self {
        Self { trusted: true, ..Self::new(settings) }
    }

    /// The settings that it was made of.
    #[must_use]
    pub fn settings(&self) -> &EgressSettings {
        &self.settings
    }

    /// Whether certificates are not verified.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.settings.insecure
    }

    /// Whether it judges nothing.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// Entries of the settings that admit nothing, such as `10.0.0.0/33`, `host:8080` and `*.lan`. To be logged when
    /// settings are read: they are mistakes.
    #[must_use]
    pub fn inert_entries(&self) -> &[InertEntry] {
        &self.inert
    }

    /// Whether a host is on the list by the text that an address was written with, without port and brackets; none of
    /// its addresses is then judged. Case and one trailing dot do not matter (OUT-307).
    #[must_use]
    pub fn admits_host(&self, host: &str) -> bool {
        self.trusted || self.list.admits_host(host)
    }

    /// Judges a port, also of a host that is on the list.
    ///
    /// # Errors
    ///
    /// There is a list of ports, and it is none of them.
    pub fn check_port(&self, port: u16) -> Result<(), ForbiddenPort> {
        let ports = &self.settings.allowed_ports;
        if self.trusted || ports.is_empty() || ports.contains(&port) { Ok(()) } else { Err(ForbiddenPort { port }) }
    }

    /// Judges an address. `own` are the addresses of this machine's network interfaces.
    ///
    /// # Errors
    ///
    /// It is reserved or one of `own`, or holds an IPv4 address that is, and no network on the list contains it.
    pub fn judge(&self, address: IpAddr, own: &[IpAddr]) -> Result<(), Forbidden> {
        if self.trusted {
            return Ok(());
        }
        let plain = address.to_canonical();
        self.judge_plain(plain, own).map_err(|(judged, rule)| {
            let bits = if judged.is_ipv4() { 32 } else { 128 };
            Forbidden { address, allow: format!("{judged}/{bits}"), rule }
        })
    }

    /// Says which address is at fault, the given one or one inside it, and why.
    fn judge_plain(&self, address: IpAddr, own: &[IpAddr]) -> Result<(), (IpAddr, &'static str)> {
        if self.list.admits(address) {
            return Ok(());
        }
        if own.iter().any(|own| own.to_canonical() == address) {
            return Err((address, "it is an address of this machine"));
        }
        if let IpAddr::V6(wide) = address {
            if let Some(network) = self.nat64.iter().find(|network| network.contains(wide)) {
                let embedded = network.embedded(wide);
                let embedded = embedded.ok_or((address, "it is no address of its NAT64 network"))?;
                return self.judge_plain(IpAddr::V4(embedded), own);
            }
            table::reserved(address).map_or(Ok(()), |rule| Err((address, rule)))?;
            return self.judge_interface(wide, own);
        }
        table::reserved(address).map_or(Ok(()), |rule| Err((address, rule)))
    }

    /// Judges the IPv4 address that the second half of an address may hold (OUT-303).
    fn judge_interface(&self, address: Ipv6Addr, own: &[IpAddr]) -> Result<(), (IpAddr, &'static str)> {
        isatap(address).map_or(Ok(()), |embedded| self.judge_plain(IpAddr::V4(embedded), own))
    }
}

impl Eq for EgressPolicy {}

impl PartialEq for EgressPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.trusted == other.trusted && self.settings == other.settings
    }
}
