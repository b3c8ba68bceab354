import pytest

from tags.models import JarTag
from tests.api import call, reasons
from tests.factories import make_batch
from tests.tags.jars import make_blank, make_tag


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon")


class TestTags:
    def test_are_made(self, api, alice, jar):
        answer = call(api, "post", "/tags", {"name": "Tall", "batch": jar.pk})
        told = answer.json()
        assert (answer.status_code, told["name"], told["batch"]) == (201, "Tall", jar.pk)
        assert told["scanUrl"].endswith(f"/J/{told['code']}")
        assert JarTag.objects.of(alice).count() == 1

    def test_are_claimed_as_they_are_read(self, api, bob):
        blank = make_blank(printed_by=bob)
        answer = call(api, "post", "/tags", {"code": blank.code.lower()})
        assert (answer.status_code, answer.json()["id"]) == (201, str(blank.pk))

    def test_of_others_look_unknown(self, api, bob):
        codes = [make_tag(owner=bob).code, "7K3QX9M2"]
        answers = [call(api, "post", "/tags", {"code": code}) for code in codes]
        assert [reasons(answer) for answer in answers] == [{("code", "no_such_tag")}] * 2

    @pytest.mark.parametrize("code", ["x", "", 1, None, "7K3QX9M2\n", "7K3QX9M22"])
    def test_have_codes_of_one_shape(self, api, code):
        answer = call(api, "post", "/tags", {"code": code})
        assert {field for field, _ in reasons(answer)} == {"code"}

    def test_are_listed_oldest_first(self, api, alice, bob):
        make_tag(owner=bob)
        mine = [str(make_tag(owner=alice).pk) for _ in range(2)]
        assert sorted(one["id"] for one in call(api, "get", "/tags").json()["results"]) == sorted(mine)

    def test_are_put_on_a_jar_and_given_up(self, api, alice, jar):
        path = f"/tags/{make_tag(owner=alice).pk}"
        assert call(api, "patch", path, {"batch": jar.pk}).json()["batch"] == jar.pk
        assert call(api, "patch", path, {"batch": None}).json()["lastBatch"] == jar.pk
        assert call(api, "delete", path).status_code == 204
        assert call(api, "get", path).status_code == 404

    def test_get_another_code(self, api, alice):
        tag = make_tag(owner=alice)
        answer = call(api, "post", f"/tags/{tag.pk}/code")
        assert (answer.status_code, answer.json()["code"] != tag.code) == (201, True)

    def test_are_on_no_jar_of_anothers(self, api, alice, bob):
        path, theirs = f"/tags/{make_tag(owner=alice).pk}", make_batch(owner=bob)
        assert reasons(call(api, "patch", path, {"batch": theirs.pk})) == {("batch", "does_not_exist")}
