"""Where the server may go: the vectors, more of their kind, and rules that hold for every text and every address."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.destinations import LONGEST_URL, Allowed, Denied, Reason, joined, judge
from app.networks import NAT64, NOT_PUBLIC_V4, NOT_PUBLIC_V6, is_public, unwrapped

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "ssrf.json").read_text(encoding="utf-8"))
PUBLIC = "93.184.215.14"


def by_vectors(host):
    return VECTORS["fake_dns"][host]


def public(_host):
    return [PUBLIC]


def never(host):
    raise AssertionError(f"asked for {host}")


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in VECTORS["cases"]])
def test_the_vectors_are_judged_as_they_say(row):
    assert isinstance(judge(row["url"], by_vectors), {"allow": Allowed, "deny": Denied}[row["expect"]])


@pytest.mark.parametrize("host", sorted(VECTORS["fake_dns"]))
def test_a_name_is_allowed_exactly_when_all_its_addresses_are_public(host):
    answers = VECTORS["fake_dns"][host]
    harmless = all(answer in (PUBLIC, "3.33.152.147") or answer.startswith("2606:") for answer in answers)
    assert isinstance(judge(f"https://{host}/", by_vectors), Allowed) == harmless


@pytest.mark.parametrize("text", VECTORS["stdlib_trap"]["wrongly_is_global"])
def test_addresses_that_some_pythons_call_global_are_not_public(text):
    assert not is_public(ip_address(text))


ALLOWED = {
    "https://example.com": "https://example.com/",
    "http://example.com?a=1": "http://example.com/?a=1",
    "http://example.com:80/a": "http://example.com/a",
    "https://www.example.com/a?b=c#part": "https://www.example.com/a?b=c",
    "https://example.com#part": "https://example.com/",
    "https://example.com/@ben/close?to=a@example.org": "https://example.com/@ben/close?to=a@example.org",
    "https://example.com/?next=http://127.0.0.1/": "https://example.com/?next=http://127.0.0.1/",
    "https://r3---sn-4g5e.example.com/": "https://r3---sn-4g5e.example.com/",
    "https://bücher.example/straße?ü=€": "https://xn--bcher-kva.example/stra%C3%9Fe?%C3%BC=%E2%82%AC",
    "https://例え。テスト/": "https://xn--r8jz45g.xn--zckzah/",
    "https://ＥＸＡＭＰＬＥ.com/": "https://example.com/",
    "https://example.com/100%/%41%zz": "https://example.com/100%25/%41%25zz",
    "https://example.com/<a>|{b}\"'^`": "https://example.com/%3Ca%3E%7C%7Bb%7D%22'%5E%60",
    "https://example.com/\U0001f469\u200d\U0001f4bb": "https://example.com/%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB",
    "https://93.184.215.14/": "https://93.184.215.14/",
    "https://[2606:4700:4700::1111]/": "https://[2606:4700:4700::1111]/",
    "https://[2606:4700:4700:0:0:0:0:1111]:443/": "https://[2606:4700:4700::1111]/",
    "https://[::ffff:93.184.215.14]/": "https://93.184.215.14/",
    "http://rebind.attacker.test/": "http://rebind.attacker.test/",
    "http://10.example.com/": "http://10.example.com/",
    "http://0x7f.example.com/": "http://0x7f.example.com/",
}


@pytest.mark.parametrize(("url", "clean"), ALLOWED.items())
def test_honest_addresses_are_allowed_and_written_as_they_are_sent(url, clean):
    verdict = judge(url, public)
    assert isinstance(verdict, Allowed)
    assert verdict.url == clean


DENIED = {
    Reason.SCHEME: [
        "", "example.com", "example.com/a", "/a", "//example.com/", "///example.com", "https:example.com",
        "https:/example.com", "https//example.com", "ftp://example.com/", "ws://example.com/", "javascript:alert(1)",
        "view-source:https://example.com/", "jar:http://example.com!/a", "ldap://example.com/", "http+unix://a.b/",
        "httpſ://example.com/", "ｈttps://example.com/", "xhttp://example.com/", "https：//example.com",
        "unix:/run/docker.sock", "sftp://example.com", "tftp://example.com", "netdoc:///etc/passwd",
        "blob:https://a.b/",
    ],
    Reason.CHARACTER: [
        "https://example.com/\n", "\thttps://example.com/", "ht\ntps://example.com/", "https://exa\rmple.com/",
        "https://example.com/a b", "https://example.com/\x00", "https://example.com/\x7f", "https://example.com/\x85",
        "https://example.com\u3000/", "https://example.com\u00a0/", "https://example.com/\u2028",
        "\ufeffhttps://a.com/",
        "https://\u202emoc.example/", "https://exa\u200bmple.com/", "https://example.com/\ud800",
        "https:\\\\example.com",
        "https://example.com\\@127.0.0.1/", "https://example.com/a\\..\\b", "https://exa\u2060mple.com/",
        "https://example.com/\r\nHost: 127.0.0.1", "https://example.com/ HTTP/1.1",
    ],
    Reason.USERINFO: [
        "https://ben@example.com/", "https://ben:secret@example.com/", "https://@example.com/",
        "https://:@example.com/",
        "https://example.com@127.0.0.1/", "https://a@b@example.com/", "https://example.com?@127.0.0.1/",
        "https://example.com#@127.0.0.1/", "https://%61@example.com/", "https://example.com:443@127.0.0.1/",
    ],
    Reason.HOST: [
        "https://", "https:///", "https:////example.com", "https://?a", "https://#a", "https://:443/", "https://./",
        "https://../", "https://.example.com/", "https://example..com/", "https://example.com./",
        "https://example.com。/",
        "https://127.0.0.1./", "https://-a.example.com/", "https://a-.example.com/", "https://a_b.example.com/",
        "https://%65xample.com/", "https://example.com%00.a.com/", "https://example.com%2f.a.com/",
        "https://example.com%23.a.com/", "https://exa\u00admple.com/", "https://127\u00ad.0.0.1/", "https://xn--a.com/",
        "https://xn--.com/", "https://xn--0.com/", "https://example.com／a/", "https://a.com⁄b.com/", "https://℀.com/",
        "https://example.com：443/", "https://ben＠example.com/", "https://[fe80::1%eth0]/", "https://[fe80::1%251]/",
        "https://[::1/", "https://::1/", "https://::1]/", "https://[[::1]]/", "https://a[::1]/", "https://[::1]a/",
        "https://exam*ple.com/", "https://a,b.com/", "https://a;b.com/", "https://a'b.com/", "https://a!b.com/",
        "https://a$b.com/", "https://a(b).com/", "https://<a>.com/", "https://☃\u200d.com/", "https://😀.com/",
        "https://" + "a" * 64 + ".com/", "https://" + "ä" * 60 + ".com/", "https://" + "a." * 126 + "com/",
        "https://" + ".".join(["ä" * 30] * 8) + ".com/", "https://example.com,127.0.0.1/", "https://example.com&a.com/",
        "https://exa[mple.com:443/",
    ],
    Reason.PORT: [
        "https://example.com:22/", "https://example.com:80/", "http://example.com:443/", "http://example.com:8080/",
        "http://example.com:0/", "http://example.com:/", "http://example.com:080/", "http://example.com:+80/",
        "http://example.com:-1/", "http://example.com:65616/", "http://example.com:80a/", "http://example.com:８０/",
        "http://example.com:80:80/", "http://example.com:%38%30/", "http://example.com:0x50/", "http://redis:6379/",
        "http://[2606:4700:4700::1111]:6379/", "https://example.com:8443/", "http://example.com:8_0/",
        "https://2606:4700:4700::1111/",
    ],
    Reason.ADDRESS_FORM: [
        "http://1572395790/", "http://0x5db8d70e/", "http://0X5DB8D70E/", "http://013556153416/", "http://93.12113678/",
        "http://93.184.55054/", "http://0x5d.0xb8.0xd7.0xe/", "http://0135.0270.0327.016/", "http://093.184.215.14/",
        "http://93.184.215.0xe/", "http://93.184.215.14.1/", "http://256.1.1.1/", "http://1.1.1/", "http://0x/",
        "http://example.0/", "http://example.com.0x1/", "http://127.1/", "http://９３.184.215.14/",
        "http://93。184。215。14/",
        "http://①②⑦.⓪.⓪.①/", "http://4294967296/", "http://[]/", "http://[:::1]/", "http://[1::2::3]/",
        "http://[g::1]/",
        "http://[93.184.215.14]/", "http://[v1.a]/", "http://[::ffff:093.184.215.14]/",
        "http://[2606:4700:４700::1111]/",
        "http://[12345::1]/", "http://𝟏𝟐𝟕.0.0.1/", "http://¹²⁷.0.0.1/",
    ],
    Reason.SINGLE_LABEL: [
        "http://localhost/", "http://LOCALHOST/", "http://ｌocalhost/", "http://redis/", "http://db/", "http://ai/",
        "http://wpad/", "http://xn--p1ai/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://metadata/", "http://0x7f000001z/",
    ],
    Reason.INTERNAL_NAME: [
        "http://printer.local/", "http://app.localhost/", "http://a.LOCALHOST/", "http://nas.lan/",
        "http://router.home/",
        "http://a.home.arpa/", "http://1.0.0.127.in-addr.arpa/", "http://mail.corp/", "http://vault.internal/",
        "http://metadata.google.internal/", "http://host.docker.internal/", "http://kubernetes.default.svc/",
        "http://kubernetes.default.svc.cluster.local/", "http://a.intranet/", "http://a.private/", "http://a.onion/",
        "http://localhost.localdomain/", "http://redis.service.consul/", "http://a.invalid/", "http://a.ⓛⓞⓒⓐⓛ/",
        "http://a。local/",
    ],
    Reason.TOO_LONG: ["https://example.com/" + "a" * LONGEST_URL, "https://example.com/" + "ä" * 1_000],
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "reason"), [pytest.param(url, reason, id=ascii(url)[:60]) for reason in DENIED for url in DENIED[reason]]
)
def test_crooked_addresses_are_denied_for_their_reason_even_where_every_name_is_public(url, reason):
    assert judge(url, public).reason is reason


@pytest.mark.parametrize(
    "resolve",
    [
        pytest.param(lambda host: [], id="no answer"),
        pytest.param(never, id="raises"),
        pytest.param(lambda host: {}[host], id="key error"),
        pytest.param(lambda host: "93.184.215.14".encode("utf-16").decode(), id="unicode error"),
        pytest.param(lambda host: ["example.org"], id="a name"),
        pytest.param(lambda host: [PUBLIC, ""], id="half an answer"),
        pytest.param(lambda host: [None], id="nothing"),
    ],
)
def test_a_name_without_a_usable_answer_is_denied(resolve):
    assert judge("https://example.com/", resolve) == Denied(Reason.UNRESOLVED, "example.com")


def test_the_resolver_is_asked_once_for_the_ascii_name_and_never_for_an_address():
    asked = []
    verdict = judge("https://Bücher.example/", lambda host: asked.append(host) or [PUBLIC, "2606:4700::1", PUBLIC])
    assert asked == ["xn--bcher-kva.example"]
    assert verdict.addresses == (IPv4Address(PUBLIC), IPv6Address("2606:4700::1"))
    assert isinstance(judge(f"https://{PUBLIC}/", never), Allowed)
    assert isinstance(judge("https://[2606:4700::1]/", never), Allowed)


@pytest.mark.parametrize(
    "url", ["https://ben:secret@example.com/", "https://a b/?token=1", "gopher://a.b/", "http://a:1/"]
)
def test_a_denial_names_no_host_that_was_not_read_safely(url):
    assert judge(url, public).host == ""


# The last address before and the first after refused networks, and others that anyone may use.
USABLE = [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2001:200::",
    "2001:db7:ffff::", "2001:db9::", "2003::", "2606:4700:4700::1111", "2a00:1450:4001::1", "2620:4f:7fff::",
    "2620:4f:8001::", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14",
]  # fmt: skip


@pytest.mark.parametrize("text", USABLE)
def test_public_addresses_are_public_up_to_the_edge(text):
    assert is_public(ip_address(text))


# The rows of both IANA registries, written a second time so that none can be lost, and what else must stay refused.
REGISTRIES = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32",
    "2002::/16", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8", "64:ff9b::7f00:0/104", "::ffff:10.0.0.0/104",
]  # fmt: skip


@pytest.mark.parametrize("text", REGISTRIES)
def test_no_end_of_a_special_network_is_public(text):
    network = ip_network(text)
    assert not is_public(network[0])
    assert not is_public(network[-1])


METADATA = [
    "169.254.169.254", "169.254.170.2", "169.254.0.23", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe", "fe80::1%eth0", "2606:4700::1%1", "4000::",
    "e000::", "1000::", "::5efe:10.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("text", METADATA)
def test_the_clouds_own_services_and_unassigned_space_are_not_public(text):
    assert not is_public(ip_address(text))


def within(network):
    ends = int(network.network_address), int(network.broadcast_address)
    numbers = st.one_of(st.sampled_from(ends), st.integers(*ends))
    return numbers.map(IPv4Address if network.version == 4 else IPv6Address)


refused_v4 = st.sampled_from(sorted(NOT_PUBLIC_V4)).flatmap(within)
refused_v6 = st.one_of(
    st.sampled_from(sorted(NOT_PUBLIC_V6)).flatmap(within),
    refused_v4.map(lambda inner: IPv6Address(int(NAT64.network_address) + int(inner))),
    refused_v4.map(lambda inner: IPv6Address((0xFFFF << 32) + int(inner))),
)


def forms_v4(address):
    number, (a, b, c, d) = int(address), address.packed
    full = str(address).translate({ord("0") + n: ord("０") + n for n in range(10)})
    return [
        f"{address}", f"{number}", f"{number:#x}", f"{number:#X}", f"0{number:o}", f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}", f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{b}.{c}.{d:#x}",
        f"{a:03}.{b:03}.{c:03}.{d:03}", full, str(address).replace(".", "。"), str(address).replace(".", "．"),
        str(address).replace(".", "｡"), f"{address}.", "".join(f"%{ord(c):02x}" for c in str(address)),
        f"[::ffff:{address}]", f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]", f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[64:ff9b:1::{address}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::]", f"[::ffff:0:{address}]",
        f"[2001::{address}]", f"{address}%00.example.com", f"{address}\t", f"ben@{address}", f"{address}:80",
    ]  # fmt: skip


def forms_v6(address):
    text = str(address)
    return [
        f"[{text}]",
        f"[{address.exploded}]",
        f"[{text.upper()}]",
        f"[{text}%25eth0]",
        f"[{text}]:80",
        text,
        f"[{text}%1]",
    ]


@given(address=st.one_of(refused_v4, refused_v6), scheme=st.sampled_from(["http", "https", "HTTP"]))
def test_a_refused_address_is_denied_however_it_is_written(address, scheme):
    for host in forms_v4(address) if address.version == 4 else forms_v6(address):
        assert isinstance(judge(f"{scheme}://{host}/", public), Denied), host


@given(
    address=st.one_of(refused_v4, refused_v6),
    others=st.lists(st.sampled_from(USABLE), max_size=4),
    place=st.integers(0, 4),
)
def test_one_refused_answer_among_several_denies_all(address, others, place):
    answers = [*others[:place], str(address), *others[place:]]
    assert judge("https://example.com/", lambda _: answers) == Denied(Reason.NOT_PUBLIC, "example.com")


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_public_that_python_calls_private(address):
    address = unwrapped(address)
    if not address.is_global or address.is_multicast or address.is_link_local or address.is_reserved:
        assert address in NAT64 or not is_public(address)


pieces = st.sampled_from(
    ["http", "https", "://", "//", ":", "/", "@", "#", "?", "%", "[", "]", "::1", "127.0.0.1", "example.com", "0x7f",
    "1",
     ".", "。", "．", "\\", "\t", "xn--", "localhost", "ü", "①", "\u00ad", "\u200d", "\ud800", ":80", ":443", "-"]
)  # fmt: skip
urls = st.one_of(
    st.text(),
    st.lists(pieces, max_size=12).map("".join),
    st.builds(
        "{}://{}{}".format, st.sampled_from(["http", "https"]), st.lists(pieces, max_size=6).map("".join), st.text()
    ),
    st.builds("https://{}.example.com/{}".format, st.text(min_size=1, max_size=20), st.text(max_size=20)),
)
answers = st.lists(st.one_of(st.ip_addresses().map(str), st.sampled_from(USABLE), st.text(max_size=5)), max_size=3)


@given(url=urls, found=answers)
@example(url="https://[", found=[])
@example(url="https://xn--" + "9" * 59 + ".com", found=[PUBLIC])
def test_no_text_raises_and_what_is_allowed_is_public_plain_and_stable(url, found):
    verdict = judge(url, lambda _: found)
    if isinstance(verdict, Denied):
        return
    assert verdict.addresses
    assert all(is_public(address) for address in verdict.addresses)
    assert (verdict.scheme, verdict.port) in (("http", 80), ("https", 443))
    assert verdict.url.isascii()
    assert not set(verdict.url) & set(' \t\r\n\\#<>"')
    assert "@" not in verdict.url.split("/")[2]
    assert judge(verdict.url, lambda _: found) == verdict


@given(base=st.sampled_from(sorted(ALLOWED.values())), location=urls)
def test_a_redirect_to_any_text_is_a_text_to_be_judged(base, location):
    assert isinstance(judge(joined(base, location), public), (Allowed, Denied))


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("b", "https://example.com/a/b"), ("/b", "https://example.com/b"), ("?b", "https://example.com/a/?b"),
        ("//127.0.0.1/", "https://127.0.0.1/"), ("../b", "https://example.com/b"), ("http://b.com", "http://b.com"),
        ("\t//127.0.0.1", "\t//127.0.0.1"), ("http://[", "http://["),
    ],
)  # fmt: skip
def test_a_relative_redirect_is_read_from_where_it_was_sent(location, url):
    assert joined("https://example.com/a/", location) == url
