import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, ValidationError

from kefir.api.names import camel
from kefir.api.wire import (
    Identifier,
    Instant,
    Number,
    StrictJSONParser,
    Text,
    Truth,
    WholeNumber,
    Wire,
    known,
    read,
)


def parsed(raw):
    return StrictJSONParser().parse(io.BytesIO(raw if isinstance(raw, bytes) else raw.encode()))


class Jar(Wire):
    water_volume_ml = WholeNumber(required=False)
    public_note = Text(required=False)
    made_at = Instant(read_only=True)


class TestNames:
    @pytest.mark.parametrize(
        ("inside", "outside"), [("name", "name"), ("water_volume_ml", "waterVolumeMl"), ("ph", "ph")]
    )
    def test_are_camel_cased_on_the_wire(self, inside, outside):
        assert camel(inside) == outside

    def test_are_snake_cased_inside(self):
        jar = Jar(data={"waterVolumeMl": 5})
        assert jar.is_valid()
        assert jar.validated_data == {"water_volume_ml": 5}

    @pytest.mark.parametrize("name", ["water_volume_ml", "WaterVolumeMl", "nmae", ""])
    def test_that_are_not_known_are_refused(self, name):
        jar = Jar(data={name: 5})
        assert not jar.is_valid()
        assert jar.errors[name][0].code == "unknown_field"

    def test_that_only_kefir_sets_are_refused(self):
        jar = Jar(data={"madeAt": "2026-03-01T12:00:00Z"})
        assert not jar.is_valid()
        assert jar.errors["madeAt"][0].code == "read_only"


class TestBody:
    @pytest.mark.parametrize(
        "raw",
        [
            "{",
            "",
            "{} {}",
            "{'a': 1}",
            '{"a": NaN}',
            '{"a": Infinity}',
            '{"a": 1, "a": 2}',
            '{"a": {"b": 1, "b": 1}}',
            '{"a": "\\ud800"}',
            '{"a": "\\udc00\\ud800"}',
            '{"\\ud800": 1}',
            b'{"a": "\xff"}',
            b"\xff\xfe{\x00}\x00",
            "[" * 90_000,
            '{"a":' * 15_000,
            '{"a": ' + "1" * 10_000 + "}",
        ],
        ids=lambda raw: str(raw[:20]),
    )
    def test_that_is_no_json_is_refused(self, raw):
        with pytest.raises(ParseError) as refusal:
            parsed(raw)
        assert refusal.value.detail.code == "invalid_json"

    @pytest.mark.parametrize(
        "text", ["🫙", "كفير", "\u202e", "a\u0000b", "{{7*7}}", "'; DROP TABLE batches_batch; --"]
    )
    def test_keeps_every_text_as_it_is(self, text):
        assert parsed(json.dumps({"a": text})) == {"a": text}

    def test_that_is_too_large_is_not_read_to_its_end(self, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
        stream = io.BytesIO(b'"' + b"x" * 1000)
        with pytest.raises(RequestDataTooBig):
            StrictJSONParser().parse(stream)
        assert stream.tell() == 11


class TestValues:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            *((Number(), wrong) for wrong in (True, "1", "", [], {}, float("inf"), 10**400)),
            *((WholeNumber(), wrong) for wrong in (True, "1", 1.5, [], {}, float("inf"))),
            *((Text(), wrong) for wrong in (True, 1, 1.5, [], {})),
            *((Truth(), wrong) for wrong in (0, 1, "true", "yes", [], {})),
            *((Identifier(), wrong) for wrong in (True, 1, "x", [], {}, "urn:uuid:")),
            *(
                (Instant(), wrong)
                for wrong in (
                    *(
                        True,
                        1,
                        [],
                        "",
                        "now",
                        "2026-03-01",
                        "12:00",
                        "2026-03-01T12:00:00",
                        "2026-02-30T12:00:00Z",
                    ),
                    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-01T12:00:00+25:00"),
                )
            ),
        ],
        ids=repr,
    )
    def test_of_another_kind_are_refused(self, field, wrong):
        with pytest.raises(ValidationError):
            field.run_validation(wrong)

    @pytest.mark.parametrize(
        "text", ["2026-03-01T12:00:00Z", "2026-03-01T17:30:00+05:30", "2026-03-01T12:00:00.000+00:00"]
    )
    def test_a_moment_is_the_same_whatever_its_offset(self, text):
        assert Instant().run_validation(text).isoformat() == "2026-03-01T12:00:00+00:00"


class TestReading:
    @pytest.mark.parametrize(
        "body", [None, [], 5, "jar", {"nmae": 1}, {"madeAt": "now"}, {"waterVolumeMl": "5"}]
    )
    def test_refuses_what_a_serializer_refuses_and_in_its_words(self, body):
        with pytest.raises(ValidationError) as slow:
            Jar(data=body).is_valid(raise_exception=True)
        with pytest.raises(ValidationError) as quick:
            read(Jar, body)
        assert quick.value.get_full_details() == slow.value.get_full_details()

    def test_keeps_nothing_of_one_body_for_the_next(self):
        assert read(Jar, {"waterVolumeMl": 5}) == {"water_volume_ml": 5}
        assert read(Jar, {"publicNote": "mild"}) == {"public_note": "mild"}
        assert read(Jar, {}) == {}

    def test_of_several_at_once_each_gets_its_own(self):
        known.cache_clear()
        with ThreadPoolExecutor(8) as pool:
            several = pool.map(lambda n: read(Jar, {"waterVolumeMl": n}), range(200))
        assert list(several) == [{"water_volume_ml": n} for n in range(200)]
