import pytest

from accounts.push_addresses import are_web_push_keys, is_expo_token, is_web_push_endpoint
from tests.accounts.phones import base64url

HOSTS = ["fcm.googleapis.com", "*.push.apple.com", "*.notify.windows.com", "push.example:8443"]
POINT, SECRET = b"\x04" + bytes(64), bytes(16)


class TestExpoToken:
    @pytest.mark.parametrize("token", ["ExponentPushToken[aB3-_x]", "ExpoPushToken[aB3-_x]"])
    def test_comes_under_two_names(self, token):
        assert is_expo_token(token)

    @pytest.mark.parametrize(
        "token",
        [
            "", "ExponentPushToken", "ExponentPushToken[]", "ExponentPushToken[a", "exponentpushtoken[a]",
            "ExponentPushToken[a]\n", " ExponentPushToken[a]", "ExponentPushToken[a][b]", "fcm:abc",
            "ExponentPushToken[ü]", f"ExponentPushToken[{'a' * 201}]",
        ],
    )  # fmt: skip
    def test_is_nothing_else(self, token):
        assert not is_expo_token(token)


class TestEndpoint:
    @pytest.mark.parametrize(
        "endpoint",
        [
            "https://fcm.googleapis.com/fcm/send/a:b",
            "https://FCM.googleapis.com/wp/x",
            "https://fcm.googleapis.com:443/wp/x",
            "https://web.push.apple.com/Qx",
            "https://db5p.notify.windows.com/w/?token=a%2b",
            "https://push.example:8443/x",
        ],
    )
    def test_of_a_known_push_service_is_called(self, endpoint):
        assert is_web_push_endpoint(endpoint, HOSTS)

    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://fcm.googleapis.com/x",
            "ftp://fcm.googleapis.com/x",
            "//fcm.googleapis.com/x",
            "fcm.googleapis.com/x",
            "https://",
            "https:///x",
            "",
            "https://fcm.googleapis.com:8443/x",
            "https://fcm.googleapis.com:0x1bb/x",
            "https://fcm.googleapis.com:99999/x",
            "https://push.example/x",
            "https://user@fcm.googleapis.com/x",
            "https://user:word@fcm.googleapis.com/x",
            "https://fcm.googleapis.com@evil.example/x",
            "https://evil.example#@fcm.googleapis.com/",
            "https://fcm.googleapis.com/x#part",
            "https://evil.example\\@fcm.googleapis.com/",
            "https://fcm.googleapis.com\\.evil.example/",
            "https://fcm.googleapis.com.evil.example/x",
            "https://fcm.googleapis.com./x",
            "https://notfcm.googleapis.com/x",
            "https://push.apple.com/x",
            "https://.push.apple.com/x",
            "https://evilpush.apple.com/x",
            "https://xpush.apple.com.evil/x",
            "https://fcm.googleapis.com/x y",
            "https://fcm.googleapis.com/x\r\nHost: evil",
            "https://fcm.googleapis.com/ü",
            "https://ｆcm.googleapis.com/x",
            f"https://fcm.googleapis.com/{'x' * 1000}",
        ],
    )
    def test_of_anything_else_is_not(self, endpoint):
        assert not is_web_push_endpoint(endpoint, HOSTS)

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "[::1]", "127.1", "0x7f000001", "2130706433", "169.254.169.254", "0177.0.0.1"]
    )
    def test_is_never_a_bare_ip_address(self, host):
        assert not is_web_push_endpoint(f"https://{host}/x", [*HOSTS, host.strip("[]"), host])


class TestKeys:
    @pytest.mark.parametrize("padding", ["", "="])
    def test_are_a_point_and_a_secret(self, padding):
        assert are_web_push_keys(base64url(POINT) + padding, base64url(SECRET) + padding * 2)

    @pytest.mark.parametrize(
        ("point", "secret"),
        [
            (b"", SECRET),
            (POINT[:-1], SECRET),
            (b"\x02" + POINT[1:], SECRET),
            (POINT, SECRET[:-1]),
            (POINT, SECRET + b"\0"),
        ],
    )
    def test_are_of_the_right_length_and_form(self, point, secret):
        assert not are_web_push_keys(base64url(point), base64url(secret))

    @pytest.mark.parametrize("text", ["!", "a+b/", "ü", "a" * 85, "a b"])
    def test_are_base64url(self, text):
        assert not are_web_push_keys(text, base64url(SECRET))
