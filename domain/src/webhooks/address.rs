//! Which addresses of the internet messages are sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What of IPv4 is nobody's on the internet, or not what it seems: IANA's registry of special-purpose addresses
/// ([RFC 6890]), multicast, and the address of Azure's own services.
///
/// [RFC 6890]: https://www.rfc-editor.org/rfc/rfc6890
const SPECIAL_V4: [Ipv4Net; 19] = [
    // This network, private ones, those of carriers, this machine.
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([172, 16, 0, 0], 12),
    v4([192, 168, 0, 0], 16),
    // This link, where clouds tell machines their secrets.
    v4([169, 254, 0, 0], 16),
    v4([168, 63, 129, 16], 32),
    // Protocols, documentation, relays, benchmarks.
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 175, 48, 0], 24),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, and what is reserved, with the broadcast.
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// All of IPv6 that is given to anybody. Outside of it are this machine, private networks, links, multicast, and the
/// forms that hold an address of IPv4: mapped, compatible, translated (NAT64).
const GLOBAL_V6: Ipv6Net = v6(0x2000_0000_0000, 3);

/// What of it is special.
const SPECIAL_V6: [Ipv6Net; 5] = [
    // Protocols, with Teredo, which holds an address of IPv4.
    v6(0x2001_0000_0000, 23),
    // Documentation.
    v6(0x2001_0db8_0000, 32),
    v6(0x3fff_0000_0000, 20),
    // 6to4, which holds an address of IPv4.
    v6(0x2002_0000_0000, 16),
    v6(0x2620_004f_8000, 48),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

/// By the first three of its eight parts.
const fn v6(head: u128, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_bits(head << 80), length)
}

/// Whether messages may be sent to an address: one of the internet's, or one of a network that whoever runs the portal
/// allows. An address of IPv4 that is written as one of IPv6 is judged as what it is.
#[must_use]
pub fn may_connect(address: IpAddr, allowed: &[IpNet]) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|network| network.contains(&address)) || is_public(address)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|network| network.contains(&address))
        }
    }
}
