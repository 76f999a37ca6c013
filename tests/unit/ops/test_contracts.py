"""The import rule that import-linter does not have: only what is listed."""

from __future__ import annotations

import grimp

from ops.contracts import OnlyImports


def broken(graph: grimp.ImportGraph, allowed: list[str]) -> list[str]:
    options = {"module": "house.model", "allowed": allowed}
    contract = OnlyImports(name="x", session_options={}, contract_options=options)
    found: list[str] = contract.check(graph, verbose=False).metadata["broken"]
    return found


def house() -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for module in ("house", "house.model", "house.model.ticket", "house.model.place", "house.store", "house.errors"):
        graph.add_module(module)
    for module in ("sqlalchemy", "enum"):
        graph.add_module(module, is_squashed=True)
    return graph


def imports(graph: grimp.ImportGraph, importer: str, imported: str) -> None:
    graph.add_import(importer=importer, imported=imported, line_number=3, line_contents="import it")


def test_its_own_modules_the_listed_ones_and_the_standard_library_are_fine() -> None:
    graph = house()
    imports(graph, "house.model.ticket", "house.model.place")
    imports(graph, "house.model.ticket", "enum")
    imports(graph, "house.model.ticket", "house.errors")
    assert broken(graph, ["house.errors"]) == []


def test_anything_else_is_named_with_its_line() -> None:
    graph = house()
    imports(graph, "house.model.ticket", "sqlalchemy")
    imports(graph, "house.model.place", "house.store")
    assert broken(graph, []) == [
        "house.model.place imports house.store (line 3)",
        "house.model.ticket imports sqlalchemy (line 3)",
    ]
