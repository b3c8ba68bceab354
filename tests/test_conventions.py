"""House rules that a linter cannot state. Each is written so that what breaks it is named."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import CheckConstraint, UniqueConstraint

ROOT = Path(__file__).parent.parent
APPS = [path.parent.name for path in sorted(ROOT.glob("*/apps.py")) if path.parent.name != "kefir"]
MODELS = [model for model in apps.get_models() if model._meta.app_label in APPS]
RULES = ("clean", "validate", "save", "create", "update")
WRITING = {
    "save",
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "delete",
    "update",
}
# How the files end in which a door, or a parser, stands.
DOORS = ("views", "doors", "door", "api", "admin", "tasks", "jobs")
PARSERS = ("forms", "serializers", "fields", "bodies")
VERBS = (
    "actions",
    "bottling",
    "demos",
    "devices",
    "grains",
    "orders",
    "originals",
    "photos",
    "switches",
    "undoing",
)
# No moment at which something happened, but a border: before it nothing waits.
NO_MOMENT = {"nothing_before"}
# Opened by a token in their address, by browsers that bring no cookie: no form could prove more than the token
# does. `test_strangers` knows the addresses, and that no other one goes without.
OPENED_BY_A_TOKEN = {"templates/reminders/action.html", "templates/reminders/unsubscribe.html"}
# Made of text that only the program itself is given, so nobody reads why it was refused.
INSIDE = {
    "challenge",
    "signin",
    "knowndevice",
    "answeredrequest",
    "user_temperature_unit_is_known",
    "user_volume_unit_is_known",
}


def sources(*names):
    files = [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    ]
    chosen = [path for path in files if not names or path.stem.endswith(names)]
    return pytest.mark.parametrize("path", chosen, ids=lambda path: str(path.relative_to(ROOT)))


def nodes(path, kind):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kind)]


def test_every_app_is_looked_at():
    assert {
        "accounts",
        "work",
        "batches",
        "events",
        "sensors",
        "hooks",
        "tags",
        "reminders",
        "takeout",
        "live",
    } <= set(APPS)
    assert len(MODELS) >= 8


class TestParsers:
    @sources(*PARSERS)
    def test_hold_no_rule(self, path):
        """A rule belongs below both doors: to the model, or to the verb."""
        own = {"fields.py": {"clean"}}.get(path.name, set())
        named = {node.name for node in nodes(path, ast.FunctionDef)} - own
        assert not {name for name in named if name.startswith(RULES)}


class TestDoors:
    @sources(*DOORS)
    def test_save_nothing_themselves(self, path):
        """A verb does, and the other door calls the same one. (`self.session.save` is Django's own business.)"""
        calls = [node.func for node in nodes(path, ast.Call) if isinstance(node.func, ast.Attribute)]
        writing = [call for call in calls if call.attr in WRITING and "bjects" in ast.dump(call)]
        saving = [
            call for call in calls if call.attr in {"save", "delete"} and "session" not in ast.dump(call)
        ]
        assert not [ast.unparse(call) for call in writing + saving]

    @sources()
    def test_alone_write_what_the_tests_of_them_say(self, path):
        """The rows of a keeper are written in verbs, and in nothing that is neither verb nor noun."""
        if path.stem in {"actions", "models", "flows", "tokens", "idempotency", "authentication", "apps"}:
            return
        made = [node for node in nodes(path, ast.Call) if ast.unparse(node.func).endswith(".objects.create")]
        assert not [ast.unparse(node) for node in made]


class TestOwners:
    WORDS = {"owner", "owner_id", "batch__owner", "batch__owner_id", "owner__pk", "owner__id"}
    ASKING = {"filter", "exclude", "get", "Q", "get_object_or_404"}

    @sources()
    def test_are_compared_in_one_place(self, path):
        """`Batch.objects.of(user)` is the only word on whose a batch is: households will come."""
        asked = [
            (self.named(node.func), keyword.arg)
            for node in nodes(path, ast.Call)
            for keyword in node.keywords
            if keyword.arg in self.WORDS and self.named(node.func) in self.ASKING
        ]
        compared = [ast.unparse(node) for node in nodes(path, ast.Compare) if ".owner" in ast.unparse(node)]
        the_place = path.relative_to(ROOT).as_posix() == "batches/models.py"
        assert asked == ([("filter", "owner_id")] if the_place else [])
        assert not compared

    def named(self, function):
        return getattr(function, "attr", getattr(function, "id", ""))


class TestVerbs:
    @sources(*VERBS)
    def test_take_what_they_need_by_name(self, path):
        verbs = [node for node in ast.parse(path.read_text()).body if is_verb(node)]
        assert verbs
        assert not [verb.name for verb in verbs if verb.args.args or verb.args.posonlyargs]


def is_verb(node):
    """What changes rows in a transaction, called from outside."""
    return (
        isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one) == "transaction.atomic" for one in node.decorator_list)
        and node.name not in {"take_up", "publish"}
    )


class TestTasks:
    @sources("tasks")
    def test_take_what_they_need_by_name(self, path):
        """A message that waits in the queue must still be read by the next release."""
        tasks = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        tasks = [task for task in tasks if "shared_task" in [ast.unparse(one) for one in task.decorator_list]]
        assert tasks
        assert not [task.name for task in tasks if task.args.args or task.args.posonlyargs]

    def test_that_beat_calls_are_there(self, settings):
        current_app.loader.import_default_modules()
        wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        assert wanted <= set(current_app.tasks)


class TestJobs:
    """What takes time is a row first, and no request waits for it."""

    @sources()
    def test_are_done_by_workers_alone(self, path):
        """Only the registry knows their functions."""
        imported = [node.module or "" for node in nodes(path, ast.ImportFrom)]
        imported += [
            f"{node.module}.{one.name}" for node in nodes(path, ast.ImportFrom) for one in node.names
        ]
        imported += [one.name for node in nodes(path, ast.Import) for one in node.names]
        assert not [name for name in imported if re.fullmatch(rf"({'|'.join(APPS)})\.jobs", name)]

    @sources()
    def test_and_messages_are_asked_for_by_tasks_alone(self, path):
        """A door that spoke to the broker would wait for it; whatever it wants done is a row."""
        calls = [ast.unparse(node.func) for node in nodes(path, ast.Call)]
        sent = [call for call in calls if call.endswith((".delay", ".apply_async", ".send_task"))]
        assert not sent or path.stem == "tasks"


class TestConstraints:
    CHECKED = [
        pytest.param(constraint, id=constraint.name)
        for model in MODELS
        if model._meta.model_name not in INSIDE
        for constraint in model._meta.constraints
        if constraint.name not in INSIDE
    ]

    @pytest.mark.parametrize("constraint", CHECKED)
    def test_say_why_in_a_sentence_of_their_own(self, constraint):
        assert isinstance(constraint, CheckConstraint | UniqueConstraint)
        sentence = str(constraint.violation_error_message)
        assert sentence != constraint.default_violation_error_message
        assert re.fullmatch(r"[A-Z].+\.", sentence)

    @pytest.mark.parametrize("constraint", CHECKED)
    def test_have_a_code_that_a_program_understands(self, constraint):
        assert re.fullmatch(r"[a-z_]+", constraint.violation_error_code or "")

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_are_true_sentences_about_their_model(self, model):
        for constraint in model._meta.constraints:
            assert "_" in constraint.name
            assert len(constraint.name) <= 63


class TestFields:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_name_times_and_amounts_as_the_house_does(self, model):
        fields = [field for field in model._meta.get_fields() if field.concrete]
        times = {field.name for field in fields if isinstance(field, models.DateTimeField)}
        named_by_django = {"date_joined", "last_login"}
        assert not {
            name for name in times - named_by_django - NO_MOMENT if not name.endswith(("_at", "_until"))
        }


class TestAdmin:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_shows_every_model(self, model):
        assert admin.site.is_registered(model)

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
    def test_searches_and_filters_and_follows_no_row_by_row(self, model):
        office = admin.site.get_model_admin(model)
        assert office.search_fields
        assert office.list_filter
        columns = {name for name in office.list_display if isinstance(name, str)}
        related = {field.name for field in model._meta.fields if field.is_relation} & columns
        assert related <= set(office.list_select_related or ())


class TestTemplates:
    PAGES = sorted((ROOT / "templates").rglob("*.html"))
    # Words of our own code, marked up there; Django's form template does the same.
    TRUSTED = {"field.help_text|safe"}

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_trust_no_text_of_a_stranger(self, path):
        trusted = set(re.findall(r"[\w.]+\|safe\b", path.read_text()))
        assert trusted <= self.TRUSTED
        assert "autoescape off" not in path.read_text()

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_load_nothing_from_elsewhere(self, path):
        loaded = re.findall(
            r"<(?:script|link|img|source|iframe)[^>]*\b(?:src|href)=\"([^\"]*)", path.read_text()
        )
        assert not [address for address in loaded if re.match(r"(?:https?:)?//", address)]

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
    def test_post_only_with_a_token(self, path):
        forms = re.findall(
            r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE
        )
        is_opened_by_a_token = path.relative_to(ROOT).as_posix() in OPENED_BY_A_TOKEN
        assert forms or not is_opened_by_a_token
        for form in forms:
            assert ("{% csrf_token %}" in form) is not is_opened_by_a_token

    def test_name_a_partial_as_the_element_it_is(self):
        """One word serves as partial name, element id and htmx target."""
        asked = {
            (match[1], match[2])
            for app in APPS
            for path in (ROOT / app).glob("*views.py")
            for match in re.finditer(
                r"page_or_partial\(\s*request, \"([\w/]+\.html)\", \"([\w-]+)\"", path.read_text()
            )
        }
        assert asked
        for template, name in asked:
            text = (ROOT / "templates" / template).read_text()
            assert f"partialdef {name}" in text, f"{template} has no partial {name}"
            assert any(f'id="{name}"' in page.read_text() for page in self.PAGES), f"no element is {name}"


class TestContracts:
    CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    def test_hold_the_order_of_the_apps(self):
        [order] = [
            one for one in self.CONTRACTS["contracts"] if one["name"] == "An app knows only the apps below it"
        ]
        named = [app for layer in order["layers"] for app in layer.split(" | ") if app in APPS]
        assert named == [
            "takeout",
            "live",
            "reminders",
            "events",
            "sensors",
            "hooks",
            "tags",
            "batches",
            "work",
            "accounts",
        ]

    def test_look_at_every_app(self):
        assert {"kefir", *APPS} <= set(self.CONTRACTS["root_packages"])

    def test_let_nobody_ignore_them(self):
        assert not [one["name"] for one in self.CONTRACTS["contracts"] if one.get("ignore_imports")]


class TestSignals:
    def test_there_is_one(self):
        made = [
            ast.unparse(node)
            for app in APPS
            for path in (ROOT / app).rglob("*.py")
            for node in nodes(path, ast.Assign)
            if ast.unparse(node.value).startswith("Signal(")
        ]
        assert made == ["batch_changed = Signal(use_caching=True)"]


class TestSize:
    @pytest.mark.parametrize("app", ["kefir", *APPS])
    def test_of_every_file_is_one_that_can_be_read(self, app):
        files = [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
        assert not {path.name: n for path in files if (n := len(path.read_text().splitlines())) > 500}


class TestSecrecy:
    def test_no_secret_stands_in_the_code(self):
        pattern = re.compile(r"(?:BEGIN (?:RSA |EC )?PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_\w{36})")
        files = [path for app in ("kefir", *APPS) for path in (ROOT / app).rglob("*.py")]
        assert not [path.name for path in files if pattern.search(path.read_text())]
