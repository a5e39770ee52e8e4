"""The HTTP contract as a matrix: route × method × Accept × condition, judged by an oracle of our own.

* `oracle` reads the specifications: RFC 9110, RFC 8288, RFC 9264, RFC 9457, and the contract's tables.
* `transport` asks: an application in this process, or a server over TCP; raw targets are sent as they are.
* `world` is the graph that is served, and the resources that the contract promises for it.
* `cases` runs families of cases and collects every fault, so that one run shows them all.
* `families` are the cases; `test_matrix` runs them against every transport.

Whoever adds a route adds it to `world`. Another site, which serves `world.FILES` at its base, is asked by
`faults(family, Site(name, send, base, can))`: `can` is what of `NEEDS` it can do.
"""
