//! Where the server may connect to (OUT-200, OUT-217 to OUT-224).

mod settings;

use std::net::IpAddr;

use thiserror::Error;

pub use self::settings::EgressSettings;

/// Which addresses may be connected to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EgressPolicy {
    settings: EgressSettings,
}

/// An address that must not be connected to, and why.
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

impl EgressPolicy {
    /// The policy for addresses that users and integrations wrote.
    #[must_use]
    pub fn new(settings: &EgressSettings) -> Self {
        Self { settings: settings.clone() }
    }

    /// The settings that it was made of.
    #[must_use]
    pub fn settings(&self) -> &EgressSettings {
        &self.settings
    }

    /// Whether a host is on the list by the text that an address was written with; none of its addresses is then judged.
    #[must_use]
    pub fn admits_host(&self, host: &str) -> bool {
        self.settings.allowed_internal.split([' ', ',']).any(|entry| entry == host)
    }

    /// Judges an address. `own` are the addresses of this machine.
    ///
    /// # Errors
    ///
    /// It is forbidden.
    pub fn judge(&self, address: IpAddr, own: &[IpAddr]) -> Result<(), Forbidden> {
        if address.is_loopback() || own.contains(&address) {
            let allow = format!("{address}/32");
            return Err(Forbidden { address, allow, rule: "it is an address of this machine" });
        }
        Ok(())
    }
}
