//! The policy of connections to the world. Of the first byte, the lowest bit chooses IPv4 or IPv6 and the next three what
//! an IPv6 address begins with; 16 bytes of address follow, then a line of NAT64 networks, and the rest is the list of
//! what is allowed inside.
//!
//! What is judged is what another reading says, which compares bits with a table of prefixes. What a refusal says could be
//! added admits the address. Entries that do nothing are told.

#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jackfield::security::{EgressPolicy, EgressSettings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let Some((raw, rest)) = rest.split_first_chunk::<16>() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (nat64, allowed) = text.split_once('\n').unwrap_or(("", text));
    let address = if choice & 1 == 0 {
        IpAddr::V4(Ipv4Addr::new(raw[0], raw[1], raw[2], raw[3]))
    } else {
        let (starts, low) = (STARTS[usize::from(choice >> 1) % STARTS.len()], u128::from_be_bytes(*raw));
        IpAddr::V6(Ipv6Addr::from_bits(starts.0 | low & (u128::MAX.checked_shr(starts.1).unwrap_or_default())))
    };
    let mut settings = EgressSettings::default();
    settings.allowed_internal = allowed.to_owned();
    settings.nat64_networks = nat64.split(' ').map(str::to_owned).collect();
    let policy = EgressPolicy::new(&settings);
    let expected = Expected { allowed: networks(allowed), nat64: &settings.nat64_networks };
    let judged = policy.judge(address, &[]);
    assert_eq!(judged.is_ok(), expected.allows(address), "{address} {settings:?}");
    if let Err(forbidden) = judged {
        settings.allowed_internal = format!("{allowed} {}", forbidden.allow);
        assert!(EgressPolicy::new(&settings).judge(address, &[]).is_ok(), "{forbidden}");
    }
    assert!(policy.judge(address, &[address]).is_err() || expected.is_listed(address));
    assert!(EgressPolicy::trusted(&settings).judge(address, &[address]).is_ok());
    for entry in allowed.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty()) {
        assert!(policy.admits_host(entry) == (entry != "."), "{entry}");
        assert!(!policy.admits_host(entry) || policy.admits_host(&entry.to_ascii_uppercase()), "{entry}");
        let is_inert = policy.inert_entries().iter().any(|inert| inert.entry == entry);
        assert!(!entry.contains(['/', '*', '[']) || is_inert || !networks(entry).is_empty(), "{entry}");
    }
});

/// What addresses begin with, and how many bits that are.
const STARTS: [(u128, u32); 8] = [
    (0, 0),
    (0xffff << 32, 96),
    (0x64_ff9b << 96, 96),
    (0x0064_ff9b_0001 << 80, 48),
    (0x2600_0000_0000_0000_0000_5efe_0000_0000, 96),
    (0x2600_0000_0000_0000_0200_5efe_0000_0000, 96),
    (0x2001 << 112, 16),
    (0x2 << 124, 4),
];

struct Expected<'a> {
    allowed: Vec<String>,
    nat64: &'a [String],
}

impl Expected<'_> {
    fn allows(&self, address: IpAddr) -> bool {
        if self.is_listed(address) {
            return true;
        }
        let bits = bits(address);
        let starts = |list: &str| list.split_whitespace().any(|entry| bits.starts_with(&prefix(entry).unwrap()));
        if bits.len() == 32 {
            return !starts(RESERVED_V4);
        }
        let mut nat64: Vec<_> = self.nat64.iter().filter_map(|entry| nat64_prefix(entry)).collect();
        nat64.push(prefix("64:ff9b::/96").unwrap());
        nat64.sort_by_key(String::len);
        if let Some(network) = nat64.iter().rfind(|network| bits.starts_with(network.as_str())) {
            let (skipped, is_reserved_clear) = match network.len() {
                96 => (bits.clone(), true),
                _ => (format!("{}{}", &bits[..64], &bits[72..]), &bits[64..72] == "00000000"),
            };
            return is_reserved_clear && self.allows(v4(&skipped[network.len()..network.len() + 32]));
        }
        let interface = &bits[64..96];
        let isatap = ["00000000000000000101111011111110", "00000010000000000101111011111110"].contains(&interface);
        bits.starts_with("001") && !starts(RESERVED_V6) && (!isatap || self.allows(v4(&bits[96..])))
    }

    fn is_listed(&self, address: IpAddr) -> bool {
        let bits = bits(address);
        self.allowed.iter().any(|network| network.len() <= bits.len() + 1 && is_in(&bits, network))
    }
}

/// A network is `4` or `6` and the bits that it begins with.
fn is_in(bits: &str, network: &str) -> bool {
    let family = if bits.len() == 32 { '4' } else { '6' };
    network.strip_prefix(family).is_some_and(|prefix| bits.starts_with(prefix))
}

fn networks(list: &str) -> Vec<String> {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries.filter_map(|entry| Some(format!("{}{}", family(entry)?, prefix(entry)?))).collect()
}

fn family(entry: &str) -> Option<char> {
    let address: IpAddr = entry.split('/').next()?.parse().ok()?;
    Some(if bits(address).len() == 32 { '4' } else { '6' })
}

/// The bits that the addresses of a network begin with.
fn prefix(entry: &str) -> Option<String> {
    let (address, length) = entry.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    if length.is_empty() || !length.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let length: usize = length.parse().ok()?;
    let bits = bits(address);
    let is_mapped = address.is_ipv6() && bits.len() == 32;
    let length = if is_mapped { length.checked_sub(96)? } else { length };
    bits.get(..length).map(str::to_owned)
}

fn nat64_prefix(entry: &str) -> Option<String> {
    let prefix = prefix(entry).filter(|_| family(entry) == Some('6'))?;
    [32, 40, 48, 56, 64, 96].contains(&prefix.len()).then_some(prefix)
}

fn bits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{:032b}", u32::from(address)),
        IpAddr::V6(address) => {
            let bits = format!("{:0128b}", u128::from(address));
            let mapped = format!("{}{}", "0".repeat(80), "1".repeat(16));
            bits.strip_prefix(&mapped).map(str::to_owned).unwrap_or(bits)
        }
    }
}

fn v4(bits: &str) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(u32::from_str_radix(bits, 2).unwrap()))
}

const RESERVED_V4: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 \
    192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3";

/// Of what is in 2000::/3.
const RESERVED_V6: &str = "2001::/23 2001:db8::/32 2002::/16 3fff::/20";
