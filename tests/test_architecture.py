"""Data flows one way: a module may import only from modules that stand before its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "server" / "ldnkg"

ORDER = (
    "errors beside cache shelf iris viewers dates codings conditions places facts pieces turtle sources "
    "formats signposts counts endpoint held curation sitemap search terms dumps dataset history changes "
    "store describe layout facets query validate views release loading neighbours difference series "
    "schemaorg citation negotiate charts site web export cli"
).split()


def layer(file: Path) -> str:
    """The layer a file belongs to: its name, or that of its folder below the package."""
    first = file.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """The modules of this package that a syntax tree imports, by their layer."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
            assert node.level == 0, "imports are absolute, so that this test can read them"
    return {name.split(".")[1] for name in names if name.startswith("ldnkg.")} - {"__version__"}


def files() -> list[Path]:
    return [file for file in PACKAGE.rglob("*.py") if layer(file) != "__init__"]


def backwards(source: str, own: str) -> list[str]:
    """The layers that `source`, standing in the layer `own`, may not import."""
    return [name for name in imported(ast.parse(source)) if ORDER.index(name) > ORDER.index(own)]


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_module_imports_one_that_comes_after_it(file: Path) -> None:
    assert backwards(file.read_text(encoding="utf-8"), layer(file)) == []


def test_an_import_that_goes_backwards_is_seen() -> None:
    assert backwards("from ldnkg.web import create_app", "store") == ["web"]
    assert backwards("import ldnkg.cli.build", "web") == ["cli"]
    assert backwards("from ldnkg import validate", "sources") == ["validate"]


def test_the_order_names_every_module_once() -> None:
    assert {layer(file) for file in files()} == set(ORDER)


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_only_the_web_layer_knows_flask(file: Path) -> None:
    modules = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert layer(file) == "web" or not modules & {"flask", "werkzeug", "jinja2"}


def test_the_program_does_not_know_its_subject() -> None:
    """`server/` publishes any graph: no word of the curated subject stands in it."""
    words = ("naltrexone", "sclerosis", "crohn", "w3id.org/ldn-kg")
    found = [
        f"{file.relative_to(PACKAGE)}: {word}"
        for file in PACKAGE.rglob("*")
        if file.suffix in {".py", ".html", ".css", ".js", ".svg"}
        for word in words
        if word in file.read_text(encoding="utf-8").lower()
    ]
    assert found == []
