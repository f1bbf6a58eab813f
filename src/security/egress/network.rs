//! Networks: an address and how many of its bits count.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// All addresses that begin with the same bits. IPv4 and IPv6 are kept apart: `::/0` holds no IPv4 address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Network {
    V4 { bits: u32, mask: u32 },
    V6 { bits: u128, mask: u128 },
}

impl Network {
    pub(super) const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32) -> Self {
        let mask = mask(prefix, 32) as u32;
        Self::V4 { bits: Ipv4Addr::new(a, b, c, d).to_bits() & mask, mask }
    }

    pub(super) const fn v6(address: Ipv6Addr, prefix: u32) -> Self {
        let mask = mask(prefix, 128);
        Self::V6 { bits: address.to_bits() & mask, mask }
    }

    /// Reads `address/prefix`. Bits beyond the prefix may be set; an IPv4 address inside an IPv6 one becomes IPv4, and
    /// so does its network, unless that is wider than IPv4 (OUT-219).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let is_number = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| is_number)?;
        match address.parse().ok()? {
            IpAddr::V4(address) if prefix <= 32 => {
                let [a, b, c, d] = address.octets();
                Some(Self::v4(a, b, c, d, prefix))
            }
            IpAddr::V6(address) if prefix <= 128 => match address.to_ipv4_mapped() {
                Some(mapped) => {
                    let [a, b, c, d] = mapped.octets();
                    Some(Self::v4(a, b, c, d, prefix.checked_sub(96)?))
                }
                None => Some(Self::v6(address, prefix)),
            },
            IpAddr::V4(_) | IpAddr::V6(_) => None,
        }
    }

    /// Whether it holds an address, in which no IPv4 address is wrapped any more.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { bits, mask }, IpAddr::V4(address)) => address.to_bits() & mask == bits,
            (Self::V6 { bits, mask }, IpAddr::V6(address)) => address.to_bits() & mask == bits,
            (Self::V4 { .. }, IpAddr::V6(_)) | (Self::V6 { .. }, IpAddr::V4(_)) => false,
        }
    }
}

/// So many ones from the left, in a word of `width` bits.
const fn mask(prefix: u32, width: u32) -> u128 {
    let ones = u128::MAX >> (128 - width);
    if prefix >= width { ones } else { ones & !(ones >> prefix) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_address_and_a_prefix() {
        let contains = [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.9.8.7/8", "10.0.0.1", true),
            ("10.9.8.7/08", "10.0.0.1", true),
            ("10.9.8.7/32", "10.9.8.7", true),
            ("10.9.8.7/32", "10.9.8.6", false),
            ("10.9.8.7/31", "10.9.8.6", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "ff02::1", true),
            ("::/0", "10.0.0.1", false),
            ("fd00::1/8", "fdff::", true),
            ("fd00::1/8", "fc00::", false),
            ("2001:db8::7/128", "2001:db8::7", true),
            ("2001:db8::7/128", "2001:db8::6", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:10.0.0.1/128", "10.0.0.1", true),
            ("::ffff:10.0.0.0/96", "99.0.0.1", true),
        ];
        for (network, address, want) in contains {
            let read = Network::parse(network).unwrap_or_else(|| panic!("{network}"));
            assert_eq!(read.contains(address.parse().unwrap()), want, "{network} {address}");
        }
    }

    #[test]
    fn reads_nothing_else() {
        let cases = [
            "",
            "/",
            "10.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/-8",
            "10.0.0.0/8/8",
            "10.0.0.0/ 8",
            "10.0.0/8",
            "010.0.0.0/8",
            "::/129",
            "::/99999999999",
            "[::1]/128",
            "fe80::1%eth0/64",
            "::ffff:10.0.0.0/95",
            "localhost/8",
        ];
        for text in cases {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
    }
}
