"""Every family of cases."""

from contract import caching, documents, endpoint, negotiation, targets
from contract.cases import Family

FAMILIES: tuple[Family, ...] = (
    negotiation.negotiation,
    negotiation.refusals,
    negotiation.precedence,
    negotiation.codings,
    negotiation.error_codings,
    negotiation.languages,
    caching.validators,
    caching.conditions,
    caching.missing_conditions,
    caching.coded_conditions,
    caching.ranges,
    caching.documents_have_no_ranges,
    targets.methods,
    targets.heads,
    targets.redirects,
    targets.missing,
    targets.tombstones,
    targets.hosts,
    targets.sizes,
    documents.bodies,
    documents.signposts,
    documents.addresses,
    documents.linksets,
    documents.heads_of_pages,
    documents.details,
    endpoint.answers,
    endpoint.description,
    endpoint.faults,
)
