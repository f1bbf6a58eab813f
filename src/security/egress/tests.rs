use super::*;

fn policy(allowed: &str) -> EgressPolicy {
    EgressPolicy::new(&EgressSettings { allowed_internal: allowed.to_owned(), ..EgressSettings::default() })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn allows(policy: &EgressPolicy, text: &str) -> bool {
    policy.judge(address(text), &[]).is_ok()
}

/// OUT-220, as OUT-302 to OUT-304 change it.
#[test]
fn reserved_addresses_are_forbidden_and_others_are_not() {
    let forbidden = "10.0.0.1 172.16.0.1 172.31.255.255 100.64.0.1 100.127.255.254 100.100.100.200 192.0.0.192 \
        198.18.0.1 198.19.255.255 224.0.0.1 255.255.255.255 169.254.169.254 0.0.0.0 0.255.255.255 127.0.0.1 \
        127.255.255.255 192.0.2.1 192.88.99.1 192.168.0.1 198.51.100.7 203.0.113.7 239.255.255.255 240.0.0.0 \
        254.255.255.255 168.63.129.16 10.255.255.255 169.254.0.0 \
        :: ::1 ::ffff:10.0.0.1 fd00:ec2::254 febf::1 ff02::1 ::2 ::7f00:1 fec0::1 feff::1 64:ff9b:1::a00:1 \
        64:ff9b:1::808:808 2001:1ff::1 2001:db8::1 2002:a00:1::1 100::1 100:0:0:1::1 100:0:0:2::1 ::ffff:0:a00:1 \
        ::ffff:0:808:808 3fff::1 3fff:fff:ffff::1 5f00::1 2001::1 2001:2::1 2001:10::1 2001:2f:ffff::1 fc00::1 fe80::1 \
        4000::1 1fff:ffff::1 ::808:808 64:ff9b::10.0.0.1 64:ff9b::127.0.0.1 64:ff9a::808:808 64:ff9b:2::808:808 \
        2600::5efe:10.0.0.1 2600::200:5efe:192.168.0.1";
    for text in forbidden.split_whitespace() {
        assert!(!allows(&policy(""), text), "{text}");
    }
    let allowed = "172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 192.0.1.1 198.17.255.255 198.20.0.1 \
        223.255.255.255 8.8.8.8 168.63.129.15 168.63.129.17 1.0.0.0 9.255.255.255 11.0.0.0 126.255.255.255 128.0.0.1 \
        169.253.255.255 169.255.0.0 192.0.3.1 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.51.99.255 \
        198.51.101.0 203.0.112.255 203.0.114.0 ::ffff:8.8.8.8 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 \
        2001:db9::1 2003::1 2000::1 3ffe::1 3fff:1000::1 64:ff9b::808:808 64:ff9b::8.8.4.4 2600::5efe:8.8.8.8 \
        2600::200:5efe:8.8.8.8 2600::300:5efe:10.0.0.1 2600::5eff:10.0.0.1";
    for text in allowed.split_whitespace() {
        assert!(allows(&policy(""), text), "{text}");
    }
}

/// OUT-223.
#[test]
fn the_list_admits_networks_by_address_and_hosts_by_text() {
    let policy = policy("10.0.0.0/8 hooks.lan,127.0.0.1 ::1");
    for host in ["127.0.0.1", "::1", "hooks.lan", "HOOKS.lan", "hooks.lan.", "Hooks.Lan."] {
        assert!(policy.admits_host(host), "{host}");
    }
    for host in ["", ".", "localhost", "x.hooks.lan", "hooks.lan..", "[::1]", "10.1.2.3", "hooks.lan:8080", "hooks.la"]
    {
        assert!(!policy.admits_host(host), "{host}");
    }
    for text in ["10.1.2.3", "10.9.9.9", "::ffff:10.9.9.9", "8.8.4.4", "64:ff9b::10.1.2.3", "2600::5efe:10.1.2.3"] {
        assert!(allows(&policy, text), "{text}");
    }
    for text in ["127.0.0.1", "::1", "192.168.7.7", "64:ff9b::127.0.0.1", "::ffff:127.0.0.1"] {
        assert!(!allows(&policy, text), "{text}");
    }
    assert!(policy.inert_entries().is_empty());
}

/// OUT-221.
#[test]
fn entries_are_apart_by_white_space_and_commas_in_any_number() {
    let policy = policy("a.lan, b.lan ,,c.lan\u{a0}d.lan\u{2003},\n\te.lan\r\n");
    for host in ["a.lan", "b.lan", "c.lan", "d.lan", "e.lan"] {
        assert!(policy.admits_host(host), "{host}");
    }
    assert!(!policy.admits_host("") && policy.inert_entries().is_empty());
}

#[test]
fn a_trailing_dot_does_not_matter_on_either_side() {
    let policy = policy("Hooks.LAN. .");
    assert!(policy.admits_host("hooks.lan") && policy.admits_host("HOOKS.lan."));
    assert!(!policy.admits_host("") && !policy.admits_host("."));
}

#[test]
fn entries_that_admit_nothing_are_told_with_the_reason() {
    let cases = [
        ("10.0.0.0/33", "address/prefix"),
        ("host:8080", "port"),
        ("10.0.0.1:80", "port"),
        ("*.lan", "wildcards"),
        ("[::1]", "brackets"),
        ("[::1]:80", "brackets"),
        ("http://hooks.lan/", "URL"),
        ("hooks.lan/in", "address/prefix"),
        ("fe80::1%eth0", "port"),
        ("bücher.example", "xn--"),
        (".", "no host"),
        ("a;b", "no host"),
        ("::ffff:10.0.0.0/90", "address/prefix"),
    ];
    for (entry, part) in cases {
        let policy = policy(&format!("hooks.lan {entry} 10.0.0.0/8"));
        let [inert] = policy.inert_entries() else { panic!("{entry}: {:?}", policy.inert_entries()) };
        assert!(inert.entry == entry && inert.reason.contains(part), "{inert}");
        assert!(inert.to_string().contains(entry), "{inert}");
    }
    for entry in ["a", "a.b-c_d.", "127.0.0.1", "::1", "fd00::/8", "0.0.0.0/0", "xn--bcher-kva.example", "2130706433"] {
        assert!(policy(entry).inert_entries().is_empty(), "{entry}");
    }
}

#[test]
fn addresses_of_this_machine_are_forbidden_unless_they_are_on_the_list() {
    let own = [address("8.8.8.8"), address("2600::7"), address("::ffff:9.9.9.9")];
    let cases = [
        "8.8.8.8",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2600::7",
        "9.9.9.9",
        "::ffff:9.9.9.9",
        "2600::5efe:8.8.8.8",
        "64:ff9b::9.9.9.9",
    ];
    for text in cases {
        let forbidden = policy("").judge(address(text), &own).unwrap_err();
        assert_eq!(forbidden.rule, "it is an address of this machine", "{text}");
        let admitting = policy(&forbidden.allow);
        assert!(admitting.judge(address(text), &own).is_ok() && admitting.inert_entries().is_empty(), "{text}");
    }
    assert!(policy("").judge(address("8.8.8.7"), &own).is_ok());
}

#[test]
fn what_is_said_to_admit_an_address_admits_it_and_nothing_else() {
    let cases = [
        ("10.1.2.3", "10.1.2.3/32", "private (10.0.0.0/8)"),
        ("::ffff:10.1.2.3", "10.1.2.3/32", "private (10.0.0.0/8)"),
        ("64:ff9b::10.1.2.3", "10.1.2.3/32", "private (10.0.0.0/8)"),
        ("2600::5efe:10.1.2.3", "10.1.2.3/32", "private (10.0.0.0/8)"),
        ("fd00::1", "fd00::1/128", "unique local (fc00::/7)"),
        ("255.255.255.255", "255.255.255.255/32", "everybody's"),
        ("2001::1", "2001::1/128", "Teredo"),
        ("2001:40::1", "2001:40::1/128", "protocols"),
        ("4000::1", "4000::1/128", "2000::/3"),
        ("::1", "::1/128", "machine itself"),
        ("::", "::/128", "unspecified"),
        ("64:ff9b:1::1", "64:ff9b:1::1/128", "not configured"),
    ];
    for (text, allow, rule) in cases {
        let forbidden = policy("").judge(address(text), &[]).unwrap_err();
        assert_eq!((forbidden.address, &*forbidden.allow), (address(text), allow));
        assert!(forbidden.rule.contains(rule), "{forbidden}");
        assert!(forbidden.to_string().contains(allow), "{forbidden}");
        assert!(allows(&policy(allow), text), "{text}");
        assert!(!allows(&policy(allow), "192.168.0.1") && !allows(&policy(allow), "fd00::2"));
    }
}

/// OUT-302.
#[test]
fn addresses_of_configured_nat64_networks_are_judged_by_what_they_hold() {
    let networks = ["64:ff9b:1::/48", "2a00:1:2:3::/96", "64:ff9b:1:fffe::/96", "64:ff9b:2::/50"];
    let nat64_networks = networks.map(str::to_owned).to_vec();
    let policy = EgressPolicy::new(&EgressSettings { nat64_networks, ..EgressSettings::default() });
    for text in ["64:ff9b:1:808:8:800::", "2a00:1:2:3::8.8.8.8", "64:ff9b:1:fffe::8.8.8.8", "2a00:1:2:4::10.0.0.1"] {
        assert!(allows(&policy, text), "{text}");
    }
    let forbidden = [
        "64:ff9b:1:a00:0:100::",
        "64:ff9b:1:808:108:800::",
        "2a00:1:2:3::10.0.0.1",
        "64:ff9b:1:fffe::10.0.0.1",
        "64:ff9b:2::808:808",
    ];
    for text in forbidden {
        assert!(!allows(&policy, text), "{text}");
    }
    let [inert] = policy.inert_entries() else { panic!("{:?}", policy.inert_entries()) };
    assert_eq!(inert.entry, "64:ff9b:2::/50");
}

/// OUT-310.
#[test]
fn any_port_may_be_called_unless_there_is_a_list() {
    let mut settings = EgressSettings::default();
    assert_eq!(EgressPolicy::new(&settings).check_port(22), Ok(()));
    settings.allowed_ports = vec![80, 443];
    let policy = EgressPolicy::new(&settings);
    assert_eq!((policy.check_port(443), policy.check_port(22)), (Ok(()), Err(ForbiddenPort { port: 22 })));
    assert_eq!(EgressPolicy::trusted(&settings).check_port(22), Ok(()));
}

#[test]
fn the_policy_for_administrators_judges_nothing() {
    let policy = EgressPolicy::trusted(&EgressSettings::default());
    assert!(policy.is_trusted() && policy.admits_host("anything"));
    assert!(policy.judge(address("127.0.0.1"), &[address("127.0.0.1")]).is_ok());
}

#[test]
fn policies_are_equal_if_they_judge_alike() {
    let mut settings = EgressSettings::default();
    assert_eq!(EgressPolicy::new(&settings), policy(""));
    assert_ne!(EgressPolicy::trusted(&settings), policy(""));
    assert_ne!(policy("a"), policy("b"));
    settings.insecure = true;
    assert_eq!(EgressPolicy::new(&settings).settings(), &settings);
    assert!(EgressPolicy::new(&settings).is_insecure() && !policy("").is_insecure() && !policy("").is_trusted());
    assert_ne!(EgressPolicy::new(&settings), policy(""));
}
