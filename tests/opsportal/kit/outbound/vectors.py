"""Ways to write addresses that nobody may reach: the table of the SSRF tests."""

import ipaddress

# Addresses that lead into the house, and some that lead nowhere good.
V4 = (
    "127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0",  # noqa: S104
    "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
)  # fmt: skip


def ways_to_write(address):
    """Texts that the system reads as this IPv4 address."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = address.split(".")
    last_three = number & 0xFFFFFF
    return (
        address,
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{last_three}",
        f"{int(a):#x}.{last_three:#x}",
        f"0{int(a):o}.0{int(b):o}.0{int(c):o}.0{int(d):o}",
        f"{int(a):#x}.{int(b):#x}.{int(c):#x}.{int(d):#x}",
        f"{a}.{b}.{number & 0xFFFF}",
    )


def v6_carriers(address):
    """IPv6 addresses that carry this IPv4 address inside."""
    number = int(ipaddress.IPv4Address(address))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    return (
        f"[::ffff:{address}]",
        f"[::ffff:{high}:{low}]",
        f"[0:0:0:0:0:ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[64:ff9b:1::{high}:{low}]",
        f"[2002:{high}:{low}::1]",
        f"[2001:0:{high}:{low}:0:0:0:0]",
    )


V6 = (
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]",
    "[fd00::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "[ff02::1]", "[fec0::1]",
    "[100::1]", "[2001:db8::1]", "[3fff::1]", "[::1%25lo]", "[5f00::1]", "[4000::1]",
)  # fmt: skip

# Names, and what a name server that means harm answers for them.
NAMES = {
    "localhost": ("127.0.0.1", "::1"),
    "localhost.": ("127.0.0.1",),
    "LOCALHOST": ("127.0.0.1",),
    "metadata.google.internal": ("169.254.169.254",),
    "internal.example.com": ("10.0.0.1",),
    "mapped.example.com": ("::ffff:127.0.0.1",),
    "nat64.example.com": ("64:ff9b::7f00:1",),
    "six.example.com": ("2002:7f00:1::",),
    "zone.example.com": ("fe80::1%lo",),
    "many.example.com": ("127.0.0.1", "10.0.0.1", "::1", "0.0.0.0"),  # noqa: S104
    "xn--lcalhost-44a.example": ("127.0.0.1",),
    "localhost.example.com": ("127.0.0.1",),
    "127.0.0.1.nip.example": ("127.0.0.1",),
    "a" * 63 + ".example": ("127.0.0.1",),
}

# URL shapes; {port} is where the canary sits.
SHAPES = (
    "http://user@127.0.0.1:{port}/", "http://user:pass@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/", "http://127.0.0.1:{port}@example.com/",
    "http://example.com:80@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@a.com/",
    "http:\\\\127.0.0.1:{port}\\", "http://127.0.0.1:{port}\t/", "http:///127.0.0.1/",
    "http://127.0.0.1\n:{port}/", "http://127.0.0.1:{port}/\r\nHost: x",
    "http://127.0.0.1:{port}/ x", " http://127.0.0.1:{port}/", "http://:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/", "http://127。0。0。1:{port}/",
    "http://１２７.0.0.1:{port}/",  # noqa: RUF001 -- the point of it
    "http://127.0.0.1.:{port}/", "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/", "http://127.0.0.1:-1/", "http://127.0.0.1:{port}x/",
    "http://[::1:{port}/", "http://[127.0.0.1]:{port}/", "http://ⓛocalhost:{port}/",
    "http://locaⅼhost:{port}/",  # noqa: RUF001 -- the point of it
    "http://%31%32%37.0.0.1:{port}/", "http://",
    "http://127.0.0.1%00.example.com:{port}/", "http://localhost%2eexample:{port}/",
    "file:///etc/passwd", "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/_x",
    "dict://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/",
    "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun/", "//127.0.0.1:{port}/",
    "127.0.0.1:{port}", "javascript:alert(1)", "data:text/plain,x", "",
    "jar:http://127.0.0.1:{port}!/", "http://[::ffff:127.0.0.1%25lo]:{port}/",
)  # fmt: skip

HOSTS = (
    *dict.fromkeys(text for address in V4 for text in ways_to_write(address)),
    *dict.fromkeys(text for address in V4[:8] for text in v6_carriers(address)),
    *V6,
    *NAMES,
)
URLS = (*(f"http://{host}:{{port}}/" for host in HOSTS), *SHAPES)
