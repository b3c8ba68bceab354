import ipaddress
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hooks.addresses import NotAllowed, is_public, target

OWN = "kefir.example.org"

# Of each range that is refused: its first, its last, and the neighbours outside, where those are public.
REFUSED_V4 = {
    "0.0.0.0/8": ["1.0.0.0"],
    "10.0.0.0/8": ["9.255.255.255", "11.0.0.0"],
    "100.64.0.0/10": ["100.63.255.255", "100.128.0.0"],
    "127.0.0.0/8": ["126.255.255.255", "128.0.0.0"],
    "169.254.0.0/16": ["169.253.255.255", "169.255.0.0"],
    "172.16.0.0/12": ["172.15.255.255", "172.32.0.0"],
    "192.0.0.0/24": ["191.255.255.255", "192.0.1.0"],
    "192.0.2.0/24": ["192.0.1.255", "192.0.3.0"],
    "192.31.196.0/24": ["192.31.195.255", "192.31.197.0"],
    "192.52.193.0/24": ["192.52.192.255", "192.52.194.0"],
    "192.88.99.0/24": ["192.88.98.255", "192.88.100.0"],
    "192.168.0.0/16": ["192.167.255.255", "192.169.0.0"],
    "192.175.48.0/24": ["192.175.47.255", "192.175.49.0"],
    "198.18.0.0/15": ["198.17.255.255", "198.20.0.0"],
    "198.51.100.0/24": ["198.51.99.255", "198.51.101.0"],
    "203.0.113.0/24": ["203.0.112.255", "203.0.114.0"],
    "224.0.0.0/4": ["223.255.255.255"],
    "240.0.0.0/4": [],
    "255.255.255.255/32": [],
    "168.63.129.16/32": ["168.63.129.15", "168.63.129.17"],
}
REFUSED_V6 = {
    "::/128": [],
    "::1/128": [],
    "::/96": [],
    "64:ff9b:1::/48": [],
    "100::/64": [],
    "5f00::/16": [],
    "fc00::/7": [],
    "fe80::/10": [],
    "fec0::/10": [],
    "ff00::/8": [],
    "2001::/23": ["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"],
    "2001:db8::/32": ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
    "2002::/16": ["2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"],
    "3fff::/20": ["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"],
    "2620:4f:8000::/48": ["2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"],
    "4000::/3": ["3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
}
BY_NAME = {
    "a cloud's metadata": "169.254.169.254",
    "another cloud's": "100.100.100.200",
    "a third one's": "fd00:ec2::254",
    "loopback, mapped": "::ffff:127.0.0.1",
    "metadata, mapped": "::ffff:169.254.169.254",
    "loopback, as it was once written": "::127.0.0.1",
    "loopback over NAT64": "64:ff9b::7f00:1",
    "metadata over NAT64": "64:ff9b::169.254.169.254",
    "loopback over 6to4": "2002:7f00:1::",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ORCHID": "2001:20::1",
    "with a zone": "fe80::1%eth0",
    "public, with a zone": "2606:2800:220:1:248:1893:25c8:1946%1",
    "no address": "localhost",
    "nothing": "",
    "short": "127.1",
    "a number": "2130706433",
}
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


class TestIsPublic:
    @pytest.mark.parametrize(("network", "outside"), (REFUSED_V4 | REFUSED_V6).items(), ids=str)
    def test_ends_exactly_where_a_range_begins(self, network, outside):
        inside = ipaddress.ip_network(network)
        assert not any(is_public(str(inside[at])) for at in (0, inside.num_addresses // 2, -1))
        assert all(map(is_public, outside))

    @pytest.mark.parametrize("address", BY_NAME.values(), ids=BY_NAME.keys())
    def test_refuses_what_leads_inside(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize("address", PUBLIC)
    def test_lets_the_internet_be_called(self, address):
        assert is_public(address)

    @given(st.ip_addresses(v=4))
    def test_judges_a_wrapped_address_by_what_is_inside(self, inner):
        verdict = is_public(str(inner))
        assert is_public(f"::ffff:{inner}") == verdict
        assert is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) + int(inner)))) == verdict
        assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) + (int(inner) << 80) + 1)))

    @given(st.ip_addresses())
    def test_is_never_kinder_than_python(self, address):
        wrapped = getattr(address, "ipv4_mapped", None) or address in ipaddress.ip_network("::/3")
        assert wrapped or not is_public(str(address)) or (address.is_global and not address.is_multicast)


def refused(url, **how):
    with pytest.raises(NotAllowed) as refusal:
        target(url, own_host=OWN, **how)
    return refusal.value.error_dict["url"][0].code


BAD = {
    "http://ferment.example.org/": "not_https",
    "ftp://ferment.example.org/": "not_https",
    "//ferment.example.org/": "not_https",
    "ferment.example.org": "not_https",
    "": "invalid",
    "https://": "invalid",
    "https:///kefir": "invalid",
    "https://a:b@ferment.example.org/": "credentials",
    "https://127.0.0.1@ferment.example.org/": "credentials",
    "https://ferment.example.org:443@127.0.0.1/": "credentials",
    "https://ferment.example.org:8443/": "wrong_port",
    "https://ferment.example.org:22/": "wrong_port",
    "https://ferment.example.org:0/": "wrong_port",
    "https://ferment.example.org:/": "wrong_port",
    "https://ferment.example.org:99999/": "invalid",
    "https://ferment.example.org:x/": "invalid",
    "https://ferment.example.org/#top": "fragment",
    "https://127.0.0.1/": "ip_address",
    "https://93.184.216.34/": "ip_address",
    "https://0x7f.1/": "ip_address",
    "https://0x7f000001/": "ip_address",
    "https://2130706433/": "ip_address",
    "https://017700000001/": "ip_address",
    "https://127.1/": "ip_address",
    "https://0/": "ip_address",
    "https://1.2.3.0x/": "ip_address",
    "https://①②⑦.⓪.⓪.①/": "ip_address",
    "https://127。0。0。1/": "ip_address",
    "https://１２７.0.0.1/": "ip_address",
    "https://[::1]/": "ip_address",
    "https://[::ffff:127.0.0.1]/": "ip_address",
    "https://[fe80::1%25eth0]/": "ip_address",
    "https://[2606:2800:220:1::1]/": "ip_address",
    "https://[::1/": "invalid",
    "https://localhost/": "local_name",
    "https://LOCALHOST/": "local_name",
    "https://ⓛocalhost/": "local_name",
    "https://foo.localhost/": "local_name",
    "https://printer.local/": "local_name",
    "https://db.internal/": "local_name",
    "https://metadata.google.internal/": "local_name",
    "https://router.lan/": "local_name",
    "https://1.0.0.127.in-addr.arpa/": "local_name",
    "https://kefir/": "local_name",
    "https://localhost./": "invalid",
    "https://ferment.example.org./": "invalid",
    "https://ferment..example.org/": "invalid",
    "https://.example.org/": "invalid",
    "https://-.example.org/": "invalid",
    "https://fer ment.example.org/": "invalid",
    "https://fer\tment.example.org/": "invalid",
    " https://ferment.example.org/": "invalid",
    "https://ferment.example.org/\r\nX: y": "invalid",
    "https://ferment.example.org\\@127.0.0.1/": "invalid",
    "https://ferment.example.org/ü": "invalid",
    "https://ferment.example.org/\x00": "invalid",
    "https://ferment%2eexample.org/": "invalid",
    f"https://{'a' * 64}.example.org/": "invalid",
    f"https://{'a.' * 130}org/": "invalid",
    f"https://ferment.example.org/{'a' * 1000}": "too_long",
    f"https://{OWN}/api/v1/batches": "own_host",
    f"https://{OWN.upper()}/": "own_host",
    "https://ⓚefir.example.org/": "own_host",
}


class TestTarget:
    @pytest.mark.parametrize(("url", "code"), BAD.items(), ids=lambda text: ascii(text)[:60])
    def test_refuses(self, url, code):
        assert refused(url) == code

    @pytest.mark.parametrize(
        ("url", "host", "path"),
        [
            ("https://ferment.example.org", "ferment.example.org", "/"),
            ("https://FERMENT.example.org:443/a?b=c&d", "ferment.example.org", "/a?b=c&d"),
            ("HTTPS://bücher.example.org/", "xn--bcher-kva.example.org", "/"),
            ("https://hooks_1.example.org/%2e%2e/", "hooks_1.example.org", "/%2e%2e/"),
            ("https://localhost.example.org/", "localhost.example.org", "/"),
            ("https://0x7f.example.org/", "0x7f.example.org", "/"),
        ],
    )
    def test_takes_names_on_the_internet(self, url, host, path):
        found = target(url, own_host=OWN)
        assert (found.host, found.port, found.path) == (host, 443, path)
        assert found.is_https
        assert not found.is_local

    @given(st.ip_addresses(v=4), st.sampled_from(["{}", "0x{:x}", "0{:o}"]), st.integers(1, 4))
    def test_takes_no_address_in_whatever_spelling(self, address, spelling, parts):
        whole = int(address)
        numbers = [whole >> 8 * (3 - at) & 0xFF for at in range(parts - 1)]
        last = whole & (1 << 8 * (5 - parts)) - 1
        assert refused(f"https://{'.'.join(map(spelling.format, [*numbers, last]))}/") == "ip_address"

    @given(st.text(max_size=80), st.sampled_from(["", "https://", "https://a.org/", "https://a.org:"]))
    @example("[", "https://")
    def test_answers_any_text_with_a_target_or_a_refusal(self, text, before):
        try:
            found = target(before + text, own_host=OWN)
        except NotAllowed:
            return
        assert set(found.host) <= set(string.ascii_lowercase + string.digits + ".-_")
        assert found.path.isascii()
        assert found.path.isprintable()


class TestThisMachine:
    """Only while trying things out."""

    @pytest.mark.parametrize("url", ["http://localhost:8080/in", "http://127.0.0.1/", "https://[::1]:9/"])
    def test_may_be_called_when_it_says_so(self, url):
        assert target(url, allow_local=True).is_local

    @pytest.mark.parametrize(
        "url",
        [
            "http://10.0.0.1/",
            "http://ferment.example.org/",
            "http://localhost.example.org/",
            "https://0x7f.1/",
        ],
    )
    def test_opens_no_other_door(self, url):
        refused(url, allow_local=True)
