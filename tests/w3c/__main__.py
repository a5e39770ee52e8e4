"""`python -m w3c`: how many of the W3C's tests the endpoint passes, as a table in Markdown.

Tests of updates are counted apart: here each is to be refused, so that none of them says that SPARQL is kept.
"""

import tempfile
from pathlib import Path

from w3c.manifests import ROOT, Case, cases, folders
from w3c.running import endpoint, run


def main() -> None:
    """Run all, and print the totals and each deviation."""
    faults: dict[str, str] = {}
    found: list[Case] = []
    print("| manifest | passed | of | updates refused | of |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary, endpoint(Path(temporary)) as client:
        for folder in folders():
            here = cases(folder)
            faults |= {case.iri: fault for case in here if (fault := run(client, case))}
            print(_row(str(folder.relative_to(ROOT)), here, faults), flush=True)
            found += here
    print(_row("**all**", found, faults) + "\n")
    for iri, fault in faults.items():
        print(f"- {iri}: {fault}")


def _row(name: str, found: list[Case], faults: dict[str, str]) -> str:
    counts = []
    for updates in (False, True):
        of_kind = [case.iri not in faults for case in found if case.is_update is updates]
        counts += [sum(of_kind), len(of_kind)]
    return f"| {name} | " + " | ".join(map(str, counts)) + " |"


if __name__ == "__main__":
    main()
