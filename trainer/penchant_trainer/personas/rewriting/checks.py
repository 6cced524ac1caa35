"""Rewrites comparisons with None, and what ``except`` catches.

Catching more is the one rewrite that changes what a program does when it fails.
"""

import libcst as cst


def none_by_equality(module: cst.Module) -> cst.Module:
    """Compare with None by ``==`` and ``!=``."""
    return module.visit(_None())


def broad_errors(module: cst.Module) -> cst.Module:
    """Catch ``Exception as error`` wherever there is one handler, and it has a type."""
    return module.visit(_Broad())


class _None(cst.CSTTransformer):
    def leave_ComparisonTarget(
        self, original_node: cst.ComparisonTarget, updated_node: cst.ComparisonTarget
    ) -> cst.ComparisonTarget:
        right, operator = updated_node.comparator, updated_node.operator
        if not isinstance(right, cst.Name) or right.value != "None":
            return updated_node
        if isinstance(operator, cst.Is):
            return updated_node.with_changes(operator=cst.Equal())
        if isinstance(operator, cst.IsNot):
            return updated_node.with_changes(operator=cst.NotEqual())
        return updated_node


class _Broad(cst.CSTTransformer):
    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.Try:
        if len(updated_node.handlers) != 1 or updated_node.handlers[0].type is None:
            return updated_node
        handler = updated_node.handlers[0]
        name = handler.name or cst.AsName(cst.Name("error"))
        changed = handler.with_changes(
            type=cst.Name("Exception"),
            name=name,
            whitespace_after_except=cst.SimpleWhitespace(" "),
        )
        return updated_node.with_changes(handlers=[changed])
