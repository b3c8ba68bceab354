import pytest

from kefir import environment as env


@pytest.fixture(autouse=True)
def _heard_out():
    """No complaint of one test is left for the next."""
    yield
    env._complaints.clear()


def complaints():
    with pytest.raises(SystemExit) as stop:
        env.stop_if_incomplete()
    return str(stop.value)


class TestText:
    def test_comes_from_the_variable(self, monkeypatch):
        monkeypatch.setenv("NAME", " value\n")
        assert env.text("NAME") == "value"

    def test_or_from_the_file_that_name_file_names(self, monkeypatch, tmp_path):
        (tmp_path / "secret").write_text("value\n")
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))
        assert env.text("NAME") == "value"

    def test_the_variable_goes_before_the_file(self, monkeypatch):
        monkeypatch.setenv("NAME", "value")
        monkeypatch.setenv("NAME_FILE", "/nowhere")
        assert env.text("NAME") == "value"

    def test_an_empty_one_counts_as_none(self, monkeypatch):
        monkeypatch.setenv("NAME", "")
        assert env.text("NAME", "default") == "default"

    def test_a_file_that_is_not_there_stops_the_start(self, monkeypatch, tmp_path):
        monkeypatch.setenv("NAME_FILE", str(tmp_path / "no"))
        env.text("NAME")
        assert "NAME_FILE names" in complaints()


class TestSecret:
    def test_that_is_missing_stops_the_start_with_its_advice(self):
        env.secret("NAME", "Make one so.")
        assert "NAME is not set. Make one so." in complaints()

    def test_that_is_short_is_refused_without_being_said(self, monkeypatch):
        monkeypatch.setenv("NAME", "hush")
        env.secret("NAME", "Make one so.", at_least=32)
        said = complaints()
        assert "NAME is shorter than 32 characters" in said
        assert "hush" not in said


class TestOthers:
    @pytest.mark.parametrize("value", ["two", "-1", "1.5"])
    def test_a_number_is_a_whole_one(self, monkeypatch, value):
        monkeypatch.setenv("NAME", value)
        assert env.number("NAME", 3) == 3
        assert "NAME must be a whole number" in complaints()

    def test_a_choice_is_one_of_those_named(self, monkeypatch):
        monkeypatch.setenv("NAME", "Opne")
        env.choice("NAME", "open", {"open", "closed"})
        assert "NAME must be one of closed, open" in complaints()

    def test_words_are_parted_by_commas_or_space(self, monkeypatch):
        monkeypatch.setenv("NAME", "a, b\nc")
        assert env.words("NAME") == ["a", "b", "c"]

    def test_all_complaints_are_told_at_once(self):
        env.secret("ONE", "First.")
        env.secret("TWO", "Second.")
        said = complaints()
        assert "ONE" in said
        assert "TWO" in said
        env.stop_if_incomplete()
