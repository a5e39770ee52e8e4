"""The endpoint passes the W3C's tests of SPARQL 1.0 and 1.1: query, results, protocol, service description.

`python -m w3c` prints the totals; `manifests.LEFT_OUT` says what is not run.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from w3c.manifests import ROOT, cases, folders
from w3c.running import endpoint, run

_ABSENT = f"The W3C's tests are not in {ROOT}: name their folder with W3C_SPARQL_TESTS."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    if not ROOT.is_dir():
        pytest.skip(_ABSENT)
    with endpoint(tmp_path_factory.mktemp("w3c")) as client:
        yield client


def deviations() -> dict[str, str]:
    """The tests that are known not to pass, and the reason of each."""
    listed = tomllib.loads((Path(__file__).parent / "deviations.toml").read_text(encoding="utf-8"))
    return {each["prefix"] + test: each["reason"] for each in listed["because"] for test in each["tests"]}


@pytest.mark.parametrize("folder", folders() or [ROOT], ids=lambda each: f"{each.parent.name}/{each.name}")
def test_the_endpoint_deviates_only_where_it_says_so(client: FlaskClient, folder: Path) -> None:
    known, found = deviations(), cases(folder)
    faults = {case.iri: fault for case in found if (fault := run(client, case))}
    assert {iri: fault for iri, fault in faults.items() if iri not in known} == {}
    assert {case.iri for case in found} & known.keys() == faults.keys()


def test_every_deviation_is_of_a_test_that_is_run() -> None:
    if not ROOT.is_dir():
        pytest.skip(_ABSENT)
    assert deviations().keys() <= {case.iri for folder in folders() for case in cases(folder)}
