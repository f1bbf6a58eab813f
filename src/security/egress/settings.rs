//! What an operator can set about connections to the world.

/// The settings of connections to the world.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EgressSettings {
    /// `ServiceSettings.AllowedUntrustedInternalConnections`: hosts and networks inside that integrations may call,
    /// separated by white space or commas. None.
    pub allowed_internal: String,
    /// The ports that integrations may call. Empty: any (OUT-310).
    pub allowed_ports: Vec<u16>,
    /// `ServiceSettings.EnableInsecureOutgoingConnections`: certificates are not verified. Off.
    pub insecure: bool,
    /// Networks beyond `64:ff9b::/96` whose addresses hold an IPv4 address that is judged in their place, as
    /// `address/prefix` (OUT-302). None.
    pub nat64_networks: Vec<String>,
}
