//! Addresses that are not of the open Internet (OUT-219, OUT-303, OUT-304).

use std::net::{IpAddr, Ipv6Addr};

use super::network::Network;

/// Returns which rule forbids an address, in which no IPv4 address is wrapped any more.
pub(super) fn reserved(address: IpAddr) -> Option<&'static str> {
    let listed = RESERVED.iter().find(|(network, _)| network.contains(address)).map(|(_, rule)| *rule);
    let outside = matches!(address, IpAddr::V6(_)) && !GLOBAL.contains(address);
    listed.or_else(|| outside.then_some("it is outside of the Internet's IPv6 network (2000::/3)"))
}

const GLOBAL: Network = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const RESERVED: [(Network, &str); 37] = [
    (Network::v4(0, 0, 0, 0, 8), "it is of this network (0.0.0.0/8)"),
    (Network::v4(10, 0, 0, 0, 8), "it is private (10.0.0.0/8)"),
    (Network::v4(100, 64, 0, 0, 10), "it is behind a carrier's gateway (100.64.0.0/10)"),
    (Network::v4(127, 0, 0, 0, 8), "it is the machine itself (127.0.0.0/8)"),
    (Network::v4(168, 63, 129, 16, 32), "it is a cloud's metadata service (168.63.129.16)"),
    (Network::v4(169, 254, 0, 0, 16), "it is link-local (169.254.0.0/16)"),
    (Network::v4(172, 16, 0, 0, 12), "it is private (172.16.0.0/12)"),
    (Network::v4(192, 0, 0, 0, 24), "it is for protocols (192.0.0.0/24)"),
    (Network::v4(192, 0, 2, 0, 24), "it is for documentation (192.0.2.0/24)"),
    (Network::v4(192, 88, 99, 0, 24), "it is a 6to4 relay (192.88.99.0/24)"),
    (Network::v4(192, 168, 0, 0, 16), "it is private (192.168.0.0/16)"),
    (Network::v4(198, 18, 0, 0, 15), "it is for benchmarks (198.18.0.0/15)"),
    (Network::v4(198, 51, 100, 0, 24), "it is for documentation (198.51.100.0/24)"),
    (Network::v4(203, 0, 113, 0, 24), "it is for documentation (203.0.113.0/24)"),
    (Network::v4(224, 0, 0, 0, 4), "it is a multicast group (224.0.0.0/4)"),
    (Network::v4(255, 255, 255, 255, 32), "it is everybody's (255.255.255.255)"),
    (Network::v4(240, 0, 0, 0, 4), "it is reserved (240.0.0.0/4)"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "it is unspecified (::)"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "it is the machine itself (::1)"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "it holds an IPv4 address in an outdated way (::/96)"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "it is a translated IPv4 address (::ffff:0:0:0/96)"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "it is of a NAT64 network that is not configured (64:ff9b:1::/48)"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "it is discarded (100::/64)"),
    (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), "it is a dummy prefix (100:0:0:1::/64)"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "it is a Teredo tunnel (2001::/32)"),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "it is for benchmarks (2001:2::/48)"),
    (v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28), "it is a hash, not a place (2001:10::/28)"),
    (v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28), "it is a hash, not a place (2001:20::/28)"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "it is for protocols (2001::/23)"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "it is for documentation (2001:db8::/32)"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "it is a 6to4 tunnel (2002::/16)"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "it is for documentation (3fff::/20)"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "it is for segment routing (5f00::/16)"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "it is unique local (fc00::/7)"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "it is link-local (fe80::/10)"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "it is site-local (fec0::/10)"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "it is a multicast group (ff00::/8)"),
];

const fn v6(segments: [u16; 8], prefix: u32) -> Network {
    let [a, b, c, d, e, f, g, h] = segments;
    Network::v6(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}
