"""prepare_bucket, against Ceph, which does all of it but encrypting."""

from io import StringIO

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from django.core.management import CommandError, call_command

from kefir import bucket
from kefir.bucket import connection, preparing, retention
from tests.bucket.http import send

SITE, APP = "http://testserver", "https://app.kefir.example"


def prepare(*, only_look=False, origins=(SITE, APP), originals_days=365):
    findings = preparing.prepare(origins=origins, originals_days=originals_days, only_look=only_look)
    return {finding.what: finding.outcome for finding in findings}


def said(*arguments):
    output = StringIO()
    call_command("prepare_bucket", *arguments, stdout=output)
    return output.getvalue()


def ask(operation, settings, **how):
    return getattr(connection.client(), operation)(Bucket=settings.S3_BUCKET, **how)


def to_put(key, **headers):
    address, agreed = bucket.presign_put(key, content_type="image/png", size=1, seconds=60)
    return send("PUT", address, b"x", **agreed, **headers)


def bare(key):
    return bucket.presign_get(key, content_type="image/png", seconds=60).partition("?")[0]


@pytest.fixture
def prepared(ceph):
    return prepare()


class TestPrepare:
    def test_sets_all_that_the_server_can(self, prepared):
        assert prepared.pop("What is stored is encrypted") == preparing.UNSUPPORTED
        assert set(prepared.values()) == {preparing.CHANGED}
        assert len(prepared) == 10

    def test_twice_changes_nothing(self, prepared):
        again = prepare()
        assert preparing.CHANGED not in again.values()
        assert list(again) == list(prepared)
        assert list(again.values()).count(preparing.RIGHT) == 10

    def test_changes_nothing_when_it_only_looks(self, ceph, settings):
        assert set(prepare(only_look=True).values()) == {preparing.WRONG}
        for operation in ("get_bucket_cors", "get_bucket_lifecycle_configuration"):
            with pytest.raises(ClientError, match="NoSuch"):
                ask(operation, settings)
        assert "Status" not in ask("get_bucket_versioning", settings)

    def test_leaves_what_others_set_up(self, ceph, settings):
        theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 9}}
        cors = {"ID": "theirs", "AllowedOrigins": ["https://x.example"], "AllowedMethods": ["GET"]}
        ask("put_bucket_lifecycle_configuration", settings, LifecycleConfiguration={"Rules": [theirs]})
        ask("put_bucket_cors", settings, CORSConfiguration={"CORSRules": [cors]})
        prepare()
        assert theirs in ask("get_bucket_lifecycle_configuration", settings)["Rules"]
        assert {rule["ID"] for rule in ask("get_bucket_cors", settings)["CORSRules"]} == {
            "theirs",
            "kefir-scripts",
        }

    def test_follows_how_long_originals_are_kept(self, prepared):
        assert (
            prepare(originals_days=100)["What is under originals/ goes after 100 days"] == preparing.CHANGED
        )
        kept = prepare(originals_days=0)
        assert [what for what, outcome in kept.items() if outcome == preparing.CHANGED] == [
            "Our former rule “kefir-originals” is gone"
        ]
        assert preparing.CHANGED not in prepare(originals_days=0).values()

    def test_follows_the_origins(self, prepared):
        changed = [what for what, outcome in prepare(origins=[SITE]).items() if outcome == preparing.CHANGED]
        assert changed == [f"Scripts of {SITE} may put and get what is signed"]


@pytest.mark.usefixtures("prepared")
class TestPrepared:
    def test_shows_nobody_what_says_it_is_public(self):
        """Ceph, unlike Amazon, heeds a header that was not signed."""
        assert to_put("incoming/a/b", x_amz_acl="public-read").status == 200
        assert send("GET", bare("incoming/a/b")).status == 403

    def test_takes_what_is_signed(self):
        assert to_put("incoming/a/b").status == 200
        bucket.copy("incoming/a/b", "originals/a/b", content_type="image/png")
        bucket.delete(["incoming/a/b"])
        assert list(bucket.list_keys("")) == ["originals/a/b"]

    def test_takes_no_policy_that_makes_it_public(self, settings):
        policy = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
            f'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::{settings.S3_BUCKET}/*"}}]}}'
        )
        with pytest.raises(ClientError, match="AccessDenied"):
            ask("put_bucket_policy", settings, Policy=policy)

    def test_lists_nothing_to_strangers_whatever_it_is_told(self, settings):
        ask("put_bucket_acl", settings, ACL="public-read")
        assert send("GET", bare("").removesuffix("/")).status == 403

    @pytest.mark.parametrize("origin", [SITE, APP])
    def test_lets_our_scripts_ask(self, origin):
        assert preflight(origin, "PUT").headers["access-control-allow-origin"] == origin

    @pytest.mark.parametrize(("origin", "method"), [("https://evil.example", "PUT"), (SITE, "DELETE")])
    def test_lets_no_others(self, origin, method):
        answer = preflight(origin, method)
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers

    def test_keeps_what_was_deleted(self, settings):
        bucket.put("originals/a/b", b"x", content_type="image/png")
        bucket.delete(["originals/a/b"])
        [version] = ask("list_object_versions", settings)["Versions"]
        assert bucket.head("originals/a/b") is None
        old = ask("get_object", settings, Key="originals/a/b", VersionId=version["VersionId"])
        assert old["Body"].read() == b"x"


def preflight(origin, method):
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    return send("OPTIONS", bare("incoming/a/b"), Origin=origin, **asked)


class TestCommand:
    @pytest.mark.usefixtures("ceph")
    def test_says_each_thing(self):
        first, second = said(), said()
        assert "Nothing in it can be made public: set now." in first
        assert "Nothing in it can be made public: so already." in second
        assert "What is stored is encrypted: this server cannot." in second
        assert "set now" not in second

    @pytest.mark.usefixtures("ceph")
    def test_fails_where_it_only_looks_and_something_is_wrong(self):
        with pytest.raises(CommandError, match="without --check"):
            said("--check")

    def test_says_what_a_smaller_server_cannot(self):
        lines = said().splitlines()
        assert len(lines) == 11
        assert all(line.endswith(": this server cannot.") for line in lines)

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [("S3_BUCKET", "There is no bucket wrong"), ("S3_SECRET_ACCESS_KEY", "The bucket refuses")],
    )
    def test_says_in_a_sentence_why_it_cannot(self, ceph, settings, name, sentence):
        setattr(settings, name, "wrong")
        with pytest.raises(CommandError, match=sentence):
            said()


class TestAmazon:
    """As Amazon is asked; Ceph wants a vault before it encrypts, and cannot block all that is public."""

    def test_blocks_all_that_is_public(self, settings):
        with Stubber(connection.client()) as amazon:
            amazon.add_client_error("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
            wanted = {"Bucket": settings.S3_BUCKET, "PublicAccessBlockConfiguration": preparing.PRIVATE}
            amazon.add_response("put_public_access_block", {}, wanted)
            setting = preparing._private({"ResponseMetadata": {"HTTPHeaders": {"server": "AmazonS3"}}})
            assert preparing._outcome(setting, only_look=False) == preparing.CHANGED
        assert set(preparing.PRIVATE.values()) == {True}

    def test_encrypts_where_nobody_said_so(self, settings):
        with Stubber(connection.client()) as amazon:
            missing = "ServerSideEncryptionConfigurationNotFoundError"
            amazon.add_client_error("get_bucket_encryption", missing, http_status_code=404)
            wanted = {"Bucket": settings.S3_BUCKET, "ServerSideEncryptionConfiguration": preparing.ENCRYPTED}
            amazon.add_response("put_bucket_encryption", {}, wanted)
            assert preparing._outcome(preparing._encrypted(), only_look=False) == preparing.CHANGED
            amazon.assert_no_pending_responses()

    @pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
    def test_encrypts_as_somebody_chose(self, algorithm):
        rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]
        with Stubber(connection.client()) as amazon:
            chosen = {"ServerSideEncryptionConfiguration": {"Rules": rules}}
            amazon.add_response("get_bucket_encryption", chosen)
            assert preparing._outcome(preparing._encrypted(), only_look=False) == preparing.RIGHT


class TestRetention:
    def test_goes_without_the_class_of_storage_that_a_server_has_not(self, settings):
        wanted = retention.rules(365)
        with Stubber(connection.client()) as other:
            other.add_client_error("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")
            other.add_client_error("put_bucket_lifecycle_configuration", "InvalidStorageClass")
            kept = [rule for rule in wanted.values() if "NoncurrentVersionTransitions" not in rule]
            other.add_response(
                "put_bucket_lifecycle_configuration",
                {},
                {"Bucket": settings.S3_BUCKET, "LifecycleConfiguration": {"Rules": kept}},
            )
            outcomes = preparing._outcomes(wanted, only_look=False)
        assert list(outcomes.values()).count(preparing.CHANGED) == 6
        assert outcomes["Old versions move to infrequent access after 30 days"] == preparing.UNSUPPORTED

    def test_knows_a_rule_whose_prefix_is_at_its_former_place(self):
        wanted = retention.rules(365)["What is under originals/ goes after 365 days"]
        former = {name: value for name, value in wanted.items() if name != "Filter"}
        assert retention.has([former | {"Prefix": "originals/"}], wanted)
        assert not retention.has([former | {"Prefix": "copies/"}], wanted)
