"""Which addresses are on the public internet, written out: Python's `is_global` differs from release to release.

Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries, with the RFC behind each row, and the providers'
own pages for their metadata services. Networks whose answer cannot be a public site are refused even where the
registry calls them reachable.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

NOT_PUBLIC_V4 = {
    IPv4Network("0.0.0.0/8"): "this network; 0.0.0.0 is the machine itself (RFC 791)",
    IPv4Network("10.0.0.0/8"): "private use (RFC 1918)",
    IPv4Network("100.64.0.0/10"): "shared by carriers, and Alibaba's metadata at 100.100.100.200 (RFC 6598)",
    IPv4Network("127.0.0.0/8"): "loopback (RFC 1122)",
    IPv4Network("168.63.129.16/32"): "Azure's wire server, a public number that answers inside only",
    IPv4Network("169.254.0.0/16"): "link-local, and the metadata services of most clouds (RFC 3927)",
    IPv4Network("172.16.0.0/12"): "private use (RFC 1918)",
    IPv4Network("192.0.0.0/24"): "protocol assignments, and Oracle's metadata at 192.0.0.192 (RFC 6890)",
    IPv4Network("192.0.2.0/24"): "documentation (RFC 5737)",
    IPv4Network("192.31.196.0/24"): "AS112 (RFC 7535)",
    IPv4Network("192.52.193.0/24"): "multicast tunnels (RFC 7450)",
    IPv4Network("192.88.99.0/24"): "relays of 6to4, withdrawn (RFC 7526)",
    IPv4Network("192.168.0.0/16"): "private use (RFC 1918)",
    IPv4Network("192.175.48.0/24"): "AS112 (RFC 7534)",
    IPv4Network("198.18.0.0/15"): "measuring between networks (RFC 2544)",
    IPv4Network("198.51.100.0/24"): "documentation (RFC 5737)",
    IPv4Network("203.0.113.0/24"): "documentation (RFC 5737)",
    IPv4Network("224.0.0.0/4"): "multicast (RFC 1112)",
    IPv4Network("240.0.0.0/4"): "reserved, with the broadcast address (RFC 1112, RFC 919)",
}

NOT_PUBLIC_V6 = {
    IPv6Network("::/96"): "IPv4-compatible, with :: and ::1 (RFC 4291)",
    IPv6Network("::ffff:0:0:0/96"): "IPv4-translated (RFC 2765)",
    IPv6Network("64:ff9b:1::/48"): "translation inside one network (RFC 8215)",
    IPv6Network("100::/64"): "thrown away (RFC 6666)",
    IPv6Network("100:0:0:1::/64"): "dummy prefix (RFC 9780)",
    IPv6Network("200::/7"): "OSI addresses, withdrawn (RFC 4048)",
    IPv6Network("2001::/23"): "protocol assignments: Teredo and others that hide an address (RFC 2928, 4380)",
    IPv6Network("2001:db8::/32"): "documentation (RFC 3849)",
    IPv6Network("2002::/16"): "6to4, which hides an IPv4 address (RFC 3056)",
    IPv6Network("2620:4f:8000::/48"): "AS112 (RFC 7534)",
    IPv6Network("3ffe::/16"): "6bone, given back (RFC 3701)",
    IPv6Network("3fff::/20"): "documentation (RFC 9637)",
    IPv6Network("5f00::/16"): "segment routing (RFC 9602)",
    IPv6Network("fc00::/7"): "unique local, and the metadata of AWS at fd00:ec2::254 (RFC 4193)",
    IPv6Network("fe80::/10"): "link-local (RFC 4291)",
    IPv6Network("fec0::/10"): "site-local, withdrawn (RFC 3879)",
    IPv6Network("ff00::/8"): "multicast (RFC 4291)",
}

# The only part of IPv6 from which public addresses are given out (RFC 4291, section 2.4; IANA).
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Where only IPv6 is spoken, the resolver writes every IPv4 address inside this network (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")


def unwrapped(address: Address) -> Address:
    """The address that a connection would go to: an IPv4-mapped address (RFC 4291, 2.5.5.2) is its IPv4 address."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_public(address: Address) -> bool:
    """Whether the address is on the public internet, judged by where a connection to it would end."""
    address = unwrapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_V4)
    if address.scope_id is not None:  # An address of one cable of this machine.
        return False
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in GLOBAL_UNICAST and not any(address in network for network in NOT_PUBLIC_V6)
