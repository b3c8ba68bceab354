"""Others can build on it: types made from docs/openapi.json compile strictly, and an app that uses them works."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services import running

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "tests/typescript"
TOOLS = SOURCE / "node_modules/.bin"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not TOOLS.is_dir(), reason="there is no Node; ./test installs it where it may"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app beside fresh types, in a folder of its own."""
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "tsconfig.json", "app.ts", "main_job.ts"):
        shutil.copy(SOURCE / name, folder)
    (folder / "node_modules").symlink_to(SOURCE / "node_modules")
    said = run(TOOLS / "openapi-typescript", ROOT / "docs/openapi.json", "--output", "api.ts", within=folder)
    assert said.returncode == 0, said.stdout
    return folder


def run(*command: object, within: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=within,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )


class TestTypes:
    def test_compile_strictly(self, project: Path) -> None:
        said = run(TOOLS / "tsc", within=project)
        assert said.returncode == 0, said.stdout

    @pytest.mark.parametrize(
        "wrong",
        [
            'app.api.POST("/api/v1/batches", { body: { temperatureC: "23" } })',
            'app.api.POST("/api/v1/batches", { body: { culture: "beer" } })',
            'app.api.GET("/api/v1/batches/{batch_id}", {})',
            'app.api.GET("/api/v1/jars")',
        ],
    )
    def test_refuse_what_the_api_would(self, project: Path, wrong: str) -> None:
        (project / "wrong.ts").write_text(
            f'import {{ App }} from "./app.js";\nconst app = new App("");\nawait {wrong};\n'
        )
        said = run(TOOLS / "tsc", "--noEmit", within=project)
        (project / "wrong.ts").unlink()
        assert said.returncode != 0
        assert "wrong.ts(3," in said.stdout


def test_an_app_under_node_does_the_main_job(project: Path, transactional_db: None) -> None:
    compiled = run(TOOLS / "tsc", within=project)
    assert compiled.returncode == 0, compiled.stdout
    with running("web") as stack:
        said = run("node", "built/main_job.js", stack.url, within=project)
    assert said.returncode == 0, said.stdout
    assert said.stdout.rstrip().endswith("done")
