import pytest

APPLE, ANDROID = "/.well-known/apple-app-site-association", "/.well-known/assetlinks.json"


@pytest.mark.parametrize("path", [APPLE, ANDROID])
def test_nothing_is_said_without_an_app(client, db, path):
    assert client.get(path).status_code == 404


def test_an_iphone_opens_codes_with_the_app(client, db, settings):
    settings.IOS_APP_IDS = ["TEAM.com.example.kefir"]
    answer = client.get(APPLE)
    assert answer["Content-Type"] == "application/json"
    [details] = answer.json()["applinks"]["details"]
    assert details["appIDs"] == ["TEAM.com.example.kefir"]
    assert {"/": "/b/*"} in details["components"]
    assert {"/": "/B/*"} in details["components"]
    assert {"/": "/J/*"} in details["components"]


def test_an_android_opens_codes_with_the_app(client, db, settings):
    settings.ANDROID_PACKAGE = "com.example.kefir"
    settings.ANDROID_FINGERPRINTS = ["AA:BB"]
    [statement] = client.get(ANDROID).json()
    assert "delegate_permission/common.handle_all_urls" in statement["relation"]
    assert statement["target"]["package_name"] == "com.example.kefir"
    assert statement["target"]["sha256_cert_fingerprints"] == ["AA:BB"]
