"""`python -m w3c`: how many of the W3C's tests the endpoint passes, as a table in Markdown."""

import tempfile
from pathlib import Path

from w3c.manifests import ROOT, cases, folders
from w3c.running import endpoint, run


def main() -> None:
    """Run all, and print the totals and each deviation."""
    faults: dict[str, str] = {}
    total = 0
    print("| manifest | passed | of |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary, endpoint(Path(temporary)) as client:
        for folder in folders():
            found = cases(folder)
            wrong = {case.iri: fault for case in found if (fault := run(client, case))}
            print(f"| {folder.relative_to(ROOT)} | {len(found) - len(wrong)} | {len(found)} |", flush=True)
            faults |= wrong
            total += len(found)
    print(f"| **all** | **{total - len(faults)}** | **{total}** |\n")
    for iri, fault in faults.items():
        print(f"- {iri}: {fault}")


if __name__ == "__main__":
    main()
