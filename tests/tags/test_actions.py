"""A tag stays on its jar; what is in the jar comes and goes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from batches import actions as batches
from batches import bottling
from tags import actions
from tags.models import JarTag
from tests.factories import NOON, make_batch, make_bottled, make_user
from tests.tags.jars import make_blank, make_tag

LATER = NOON + timedelta(days=2)


@pytest.fixture
def jar(alice):
    return make_batch(owner=alice, name="Lemon")


@pytest.fixture
def tag(alice, jar):
    return make_tag(owner=alice, batch=jar)


def in_it(tag):
    return JarTag.objects.get(pk=tag.pk).batch


class TestMake:
    def test_names_it_by_number(self, alice):
        assert [make_tag(owner=alice).name for _ in range(2)] == ["Jar 1", "Jar 2"]

    def test_refuses_one_too_many(self, alice, monkeypatch):
        monkeypatch.setattr(actions, "MOST_TAGS", 1)
        make_tag(owner=alice)
        with pytest.raises(actions.TooManyTags):
            make_tag(owner=alice)

    def test_refuses_what_is_in_no_jar(self, alice):
        with pytest.raises(actions.NotInAJar):
            make_tag(owner=alice, batch=make_bottled(owner=alice))
        assert not JarTag.objects.exists()

    def test_refuses_what_is_put_away(self, alice, jar):
        batches.archive(batch=jar, now=NOON)
        with pytest.raises(batches.BatchIsArchived):
            make_tag(owner=alice, batch=jar)


class TestClaim:
    def test_gives_a_blank_one_to_whoever_comes_first(self, alice, bob):
        blank = make_blank(printed_by=alice)
        assert actions.claim(code=blank.code, owner=bob, now=NOON).pk == blank.pk
        with pytest.raises(actions.NoSuchTag):
            actions.claim(code=blank.code, owner=alice, now=NOON)

    def test_twice_is_once(self, alice):
        blank = make_blank(printed_by=alice)
        tags = [
            actions.claim(code=blank.code, owner=alice, now=NOON, name=name) for name in ("Tall", "Short")
        ]
        assert [tag.name for tag in tags] == ["Tall", "Tall"]

    def test_knows_no_code_that_was_never_printed(self, alice):
        with pytest.raises(actions.NoSuchTag):
            actions.claim(code="00000000", owner=alice, now=NOON)

    @pytest.mark.django_db(transaction=True)
    def test_by_many_at_once_has_one_winner(self, alice):
        code = make_blank(printed_by=alice).code
        people = [make_user(f"p{n}@example.com") for n in range(4)]

        def try_it(person):
            try:
                return actions.claim(code=code, owner=person, now=NOON).owner
            except ValidationError:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            winners = [owner for owner in threads.map(try_it, people) if owner]
        assert winners == [JarTag.objects.get(code=code).owner]


class TestWhatIsInIt:
    def test_may_be_another_batch(self, tag, alice):
        other = make_batch(owner=alice)
        actions.edit(tag=tag, batch=other, now=LATER)
        assert in_it(tag) == other

    def test_leaves_it_when_it_is_bottled(self, tag, jar):
        batches.move(batch=jar, stage="bottled", now=LATER)
        tag.refresh_from_db()
        assert (tag.batch, tag.last_batch, tag.emptied_at) == (None, jar, LATER)

    def test_stays_when_it_goes_into_the_fridge(self, tag, jar):
        batches.move(batch=jar, status="in_fridge", now=LATER)
        assert in_it(tag) == jar

    def test_comes_back_when_it_is_taken_out_of_the_archive(self, tag, jar):
        batches.archive(batch=jar, now=LATER)
        assert in_it(tag) is None
        batches.restore(batch=jar, now=LATER)
        assert in_it(tag) == jar

    def test_stays_out_when_the_jar_is_in_use_again(self, tag, jar, alice):
        batches.archive(batch=jar, now=LATER)
        other = actions.start_in(tag=tag, now=LATER)
        batches.restore(batch=jar, now=LATER)
        assert in_it(tag) == other

    @pytest.mark.parametrize("groups", [1, 3])
    def test_is_the_next_one_when_that_is_started_on_bottling_day(self, tag, jar, groups):
        bottled = bottling.bottle_groups(batch=jar, groups=[{}] * groups, next_jar={}, now=LATER)
        assert in_it(tag) == bottled.next_jar

    @pytest.mark.parametrize("groups", [1, 3])
    def test_is_nothing_without_a_next_one(self, tag, jar, groups):
        bottling.bottle_groups(batch=jar, groups=[{}] * groups, now=LATER)
        assert in_it(tag) is None

    def test_is_not_what_is_brewed_again_some_other_day(self, tag, jar, alice):
        batches.move(batch=jar, stage="bottled", now=LATER)
        batches.brew_again(batch=jar, owner=alice, now=LATER + timedelta(hours=1))
        assert in_it(tag) is None

    def test_may_be_started_in_it(self, alice, jar):
        tag = make_tag(owner=alice)
        batch = actions.start_in(tag=tag, parent=jar, now=LATER)
        assert (in_it(tag), batch.parent) == (batch, jar)


class TestRenew:
    def test_kills_the_old_code(self, tag):
        old = tag.code
        new = actions.renew(tag=tag)
        assert new.code != old
        assert not JarTag.objects.filter(code=old).exists()
        assert in_it(tag) is not None


class TestGiveUp:
    def test_leaves_what_is_in_the_jar(self, tag, jar):
        actions.give_up(tag=tag)
        jar.refresh_from_db()
        assert not JarTag.objects.exists()


class TestBlanks:
    def test_are_nobodys(self, alice):
        tags = actions.print_blanks(user=alice, number=12, now=NOON)
        assert len({tag.code for tag in tags}) == 12
        assert not JarTag.objects.of(alice).exists()

    def test_are_so_many_at_most(self, alice, monkeypatch):
        monkeypatch.setattr(actions, "MOST_BLANKS", 12)
        actions.print_blanks(user=alice, number=12, now=NOON)
        with pytest.raises(actions.TooManyBlanks):
            actions.print_blanks(user=alice, number=1, now=NOON)

    def test_outlive_whoever_printed_them(self, alice, bob):
        blank = make_blank(printed_by=alice)
        alice.delete()
        assert actions.claim(code=blank.code, owner=bob, now=NOON).pk == blank.pk

    def test_are_forgotten_after_a_year_if_nobody_claims_them(self, alice):
        blank, claimed = make_blank(printed_by=alice), make_blank(printed_by=alice)
        actions.claim(code=claimed.code, owner=alice, now=NOON)
        assert actions.sweep(now=NOON + timedelta(days=365)) == 0
        assert actions.sweep(now=NOON + timedelta(days=366)) == 1
        assert not JarTag.objects.filter(pk=blank.pk).exists()
