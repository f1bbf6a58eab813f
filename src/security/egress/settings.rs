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
    /// Whether redirects are followed as the reference server does: to any host and port, from `https` to `http`, with
    /// the payload where the status asks for it (OUT-228). Off: payloads never leave their origin.
    pub follow_everywhere: bool,
    /// `ServiceSettings.EnableInsecureOutgoingConnections`: certificates are not verified. Off.
    pub insecure: bool,
    /// Networks beyond `64:ff9b::/96` whose addresses hold an IPv4 address that is judged in their place, as
    /// `address/prefix` with a prefix of 32, 40, 48, 56, 64 or 96 (OUT-302, RFC 6052). None.
    pub nat64_networks: Vec<String>,
}
