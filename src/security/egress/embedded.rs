//! IPv4 addresses inside IPv6 addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::Network;

/// A network whose addresses hold an IPv4 address that a gateway connects to (RFC 6052).
#[derive(Clone, Copy, Debug)]
pub(super) struct Nat64 {
    network: Network,
    prefix: u32,
}

impl Nat64 {
    /// `64:ff9b::/96`.
    pub(super) const WELL_KNOWN: Self =
        Self { network: Network::v6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96), prefix: 96 };

    /// Reads `address/prefix`; only some prefixes have a place for an IPv4 address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let network = Network::parse(text).filter(|network| matches!(network, Network::V6 { .. }))?;
        let prefix = text.split_once('/')?.1.parse().ok()?;
        [32, 40, 48, 56, 64, 96].contains(&prefix).then_some(Self { network, prefix })
    }

    /// How many bits the network has; where networks overlap, the longest counts.
    pub(super) fn prefix(self) -> u32 {
        self.prefix
    }

    pub(super) fn contains(self, address: Ipv6Addr) -> bool {
        self.network.contains(IpAddr::V6(address))
    }

    /// The IPv4 address that follows the prefix. It steps over the eight bits from 64, which must not be set.
    pub(super) fn embedded(self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        let bits = address.to_bits();
        if self.prefix == 96 {
            return Some(low(bits));
        }
        let reserved = (bits >> 56) & 0xff;
        // The reserved bits taken out: 64 bits before them, 56 after.
        let without = ((bits >> 64) << 56) | (bits & (u128::MAX >> 72));
        (reserved == 0).then(|| low(without >> (120 - 32 - self.prefix)))
    }
}

/// The IPv4 address that ISATAP puts into an interface identifier (RFC 5214).
pub(super) fn isatap(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [_, _, _, _, first, second, _, _] = address.segments();
    (matches!(first, 0 | 0x200) && second == 0x5efe).then(|| low(address.to_bits()))
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is asked for")]
fn low(bits: u128) -> Ipv4Addr {
    Ipv4Addr::from_bits(bits as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of RFC 6052, section 2.4.
    #[test]
    fn finds_the_address_behind_each_prefix() {
        let cases = [
            ("2001:db8::/32", "2001:db8:c000:221::", Some("192.0.2.33")),
            ("2001:db8:100::/40", "2001:db8:1c0:2:21::", Some("192.0.2.33")),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::", Some("192.0.2.33")),
            ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::", Some("192.0.2.33")),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::", Some("192.0.2.33")),
            ("2001:db8:122:344::/96", "2001:db8:122:344::c000:221", Some("192.0.2.33")),
            ("2001:db8:122::/48", "2001:db8:122:c000:102:2100::", None),
            // What stands behind the IPv4 address says nothing.
            ("2001:db8:122::/48", "2001:db8:122:c000:2:21ff:ffff:ffff", Some("192.0.2.33")),
            ("2001:db8::/32", "2001:db8:c000:221:ff00::", None),
        ];
        for (network, address, want) in cases {
            let network = Nat64::parse(network).unwrap_or_else(|| panic!("{network}"));
            let address = address.parse().unwrap();
            assert!(network.contains(address), "{address}");
            assert_eq!(network.embedded(address), want.map(|want| want.parse().unwrap()), "{network:?} {address}");
        }
    }

    #[test]
    fn a_network_needs_a_place_for_the_address() {
        for text in ["64:ff9b::/95", "64:ff9b:1::/33", "64:ff9b::/128", "64:ff9b::/0", "10.0.0.0/8", "64:ff9b::", "x"] {
            assert!(Nat64::parse(text).is_none(), "{text}");
        }
        assert_eq!(Nat64::parse("64:ff9b::1/96").unwrap().network, Nat64::WELL_KNOWN.network);
    }

    #[test]
    fn finds_the_address_of_an_isatap_interface() {
        let cases = [
            ("2001:db8::5efe:10.0.0.1", Some("10.0.0.1")),
            ("2001:db8::200:5efe:10.0.0.1", Some("10.0.0.1")),
            ("2001:db8::300:5efe:10.0.0.1", None),
            ("2001:db8::5eff:10.0.0.1", None),
        ];
        for (address, want) in cases {
            assert_eq!(isatap(address.parse().unwrap()), want.map(|want| want.parse().unwrap()), "{address}");
        }
    }
}
