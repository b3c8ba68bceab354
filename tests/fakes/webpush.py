"""A browser's push service over TLS, and the browsers that subscribe there (RFC 8030, 8188, 8291, 8292)."""

import base64
import datetime
import json
import secrets
import ssl
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.fakes import Arrived
from tests.fakes.http import CUT, HANG, Reply, Request, Server

MOST_BYTES = 4096
A_DAY = 86_400


class Browser:
    """One subscription, and what only it can do: read."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": base64url(point(self.key.public_key())), "auth": base64url(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        said = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return json.loads(said)


class PushService:
    """Answers as `mode` says: ok, a status, hang, cut; or as `modes` has it for the path of one subscription."""

    def __init__(self, folder: Path, *, vapid_key: str = "") -> None:
        self.mode, self.modes = "ok", dict[str, str]()
        self.vapid_key = vapid_key
        self.arrived, self.requests = Arrived(), list[Request]()
        self.authority = folder / "authority.pem"
        self.server = Server(self.answer, tls=certified(folder, self.authority))

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)

    @property
    def host(self) -> str:
        return f"localhost:{self.server.port}"

    def subscribe(self, name: str = "somebody") -> Browser:
        return Browser(f"https://{self.host}/push/{name}")

    def answer(self, request: Request) -> Any:
        self.requests.append(request)
        mode = self.modes.get(request.path.rpartition("/")[2], self.mode)
        if mode == "hang":
            return HANG
        if mode == "cut":
            return CUT
        if mode != "ok":
            return Reply(int(mode), b"", {"Retry-After": "7", "Location": "https://localhost/elsewhere"})
        if wrong := self.wrong_with(request):
            return Reply(wrong)
        self.arrived.add(request, request.path)
        return Reply(201, b"", {"Location": f"https://{self.host}/message/1"})

    def wrong_with(self, request: Request) -> int | None:
        headers = request.headers
        if "TTL" not in headers or headers.get("Content-Encoding") != "aes128gcm":
            return 400
        if headers.get("Urgency") not in {"very-low", "low", "normal", "high"}:
            return 400
        topic = headers.get("Topic", "")
        if len(topic) > 32 or not topic.replace("-", "").replace("_", "").isalnum():
            return 400
        if len(request.body) > MOST_BYTES:
            return 413
        return None if self.is_signed(headers.get("Authorization", "")) else 403

    def is_signed(self, authorization: str) -> bool:
        """RFC 8292, 3 and 4."""
        scheme, _, rest = authorization.partition(" ")
        said = dict(part.strip().split("=", 1) for part in rest.split(","))
        claims = read_jwt(said["t"], said["k"])
        is_ours = not self.vapid_key or said["k"] == self.vapid_key
        in_time = time.time() < claims["exp"] <= time.time() + A_DAY
        audience, subject = claims["aud"] == f"https://{self.host}", urlsplit(claims["sub"]).scheme
        return scheme == "vapid" and is_ours and in_time and audience and subject in {"mailto", "https"}


def read_jwt(token: str, key: str) -> dict[str, Any]:
    """Raises InvalidSignature."""
    signed, _, signature = token.rpartition(".")
    raw = from_base64url(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(from_base64url(signed.partition(".")[2]))


def certified(folder: Path, authority: Path, *, host: str = "localhost") -> ssl.SSLContext:
    """A certificate for the host that signs itself, so that it is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(8))])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authority.write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = folder / "server.pem"
    both.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
