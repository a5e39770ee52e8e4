"""The HTTP contract, case by case: every family against every site."""

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from contract.cases import Family, Site, faults
from contract.families import FAMILIES
from ldnkg.web import create_app

_SHOWN = 40


@pytest.mark.parametrize("site", ["application", "mounted", "server"])
@pytest.mark.parametrize(
    "family", FAMILIES, ids=lambda each: f"{each.__module__.split('.')[-1]}-{each.__name__}"
)
def test_the_contract_is_kept(family: Family, site: str, sites: dict[str, Site]) -> None:
    found = faults(family, sites[site])
    asked = sites[site].asked[family.__name__]
    assert asked, "no case was asked"
    assert not found, f"{len(found)} faults in {asked} cases\n" + "\n".join(found[:_SHOWN])


def test_no_route_is_without_a_case(sites: dict[str, Site]) -> None:
    """Whoever adds a route adds it to the world of the matrix: it is known by the cases that reach it."""
    site = sites["application"]
    for family in FAMILIES:
        if not site.asked[family.__name__]:
            faults(family, site)
    routes = create_app().url_map
    adapter = routes.bind("lights.example")
    reached = set()
    for method, target in site.seen:
        try:
            rule, _ = adapter.match(target.partition("?")[0], method, return_rule=True)
        except (HTTPException, RequestRedirect):
            continue
        reached.add(rule.rule)
    assert {rule.rule for rule in routes.iter_rules()} - reached == set()
