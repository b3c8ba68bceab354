"""Where a bucket is: Amazon gives each bucket a host of its own, other servers have all under one."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Address:
    origin: str
    host: str
    path: str
    """What stands before the key; ends with a slash."""

    def of(self, key: str) -> str:
        return f"{self.origin}{self.path_of(key)}"

    def path_of(self, key: str) -> str:
        return self.path + quote(key, safe="/~")


def address_of(bucket: str, *, region: str, url: str = "") -> Address:
    """At `url`, or at Amazon where that is empty."""
    if url:
        return _under(url, bucket)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    # The certificate is for *.s3.…, and a star stands for no dot.
    if "." in bucket:
        return _under(f"https://s3.{region}.{suffix}", bucket)
    host = f"{bucket}.s3.{region}.{suffix}"
    return Address(f"https://{host}", host, "/")


def _under(url: str, bucket: str) -> Address:
    parts = urlsplit(url)
    host = _without_default_port(parts.scheme, parts.netloc.lower())
    return Address(f"{parts.scheme}://{host}", host, f"{parts.path.rstrip('/')}/{quote(bucket)}/")


def _without_default_port(scheme: str, host: str) -> str:
    # No client says the default port in Host, and Host is signed.
    return host.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))
