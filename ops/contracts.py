"""An import-linter contract that its own kinds cannot say: this package imports only what is listed, and the stdlib.

A list of forbidden libraries would let through the one nobody thought of.
"""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyImports(Contract):
    """`module` and what lies in it may import itself, the standard library, and the packages in `allowed`."""

    type_name = "only_imports"

    module = fields.StringField()
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        own = str(self.module)
        allowed = [own, *map(str, self.allowed)]  # type: ignore[call-overload]
        broken: list[str] = []
        for importer in sorted({own, *graph.find_descendants(own)}):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                inside = any(imported == name or imported.startswith(name + ".") for name in allowed)
                if inside or imported.split(".")[0] in sys.stdlib_module_names:
                    continue
                lines = graph.get_import_details(importer=importer, imported=imported)
                where = ", ".join(str(line["line_number"]) for line in lines)
                broken.append(f"{importer} imports {imported} (line {where})")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(f"- {line}")
        output.new_line()
