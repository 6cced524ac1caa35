"""Rewrites type hints of functions: takes them away, or adds what can be said for sure.

Class attributes keep theirs, because dataclasses and the like read them.
"""

import libcst as cst

_TIGHT = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
_WIDE = cst.AssignEqual(cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))


def without_hints(module: cst.Module) -> cst.Module:
    """Take the hints off parameters, returns and variables of functions."""
    return module.visit(_Without())


def with_hints(module: cst.Module) -> cst.Module:
    """Hint every parameter and return that has none: by its default, else ``Any``."""
    adding = _With()
    module = module.visit(adding)
    return _importing_any(module) if adding.used_any else module


class _Without(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[bool] = [False]

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.inside.append(True)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.inside.append(False)

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self.inside.pop()
        return updated_node

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.inside.pop()
        return updated_node.with_changes(returns=None)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        if updated_node.annotation is None:
            return updated_node
        equal = _TIGHT if updated_node.default else updated_node.equal
        return updated_node.with_changes(annotation=None, equal=equal)

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign | cst.Assign:
        if updated_node.value is None or not self.inside[-1]:
            return updated_node
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)


class _With(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.used_any = False

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        own = updated_node.params
        parameters = own.with_changes(
            posonly_params=[self._hinted(p) for p in own.posonly_params],
            params=[self._hinted(p) for p in own.params],
            kwonly_params=[self._hinted(p) for p in own.kwonly_params],
            star_arg=self._hinted(own.star_arg)
            if isinstance(own.star_arg, cst.Param)
            else own.star_arg,
            star_kwarg=self._hinted(own.star_kwarg) if own.star_kwarg else None,
        )
        returns = updated_node.returns or self._returns(updated_node)
        return updated_node.with_changes(params=parameters, returns=returns)

    def _hinted(self, parameter: cst.Param) -> cst.Param:
        if parameter.annotation or parameter.name.value in ("self", "cls"):
            return parameter
        hint = _of_default(parameter.default)
        self.used_any |= hint == "Any"
        equal = _WIDE if parameter.default else parameter.equal
        return parameter.with_changes(annotation=_annotation(hint), equal=equal)

    def _returns(self, function: cst.FunctionDef) -> cst.Annotation | None:
        found = _Leaving()
        function.body.visit(found)
        if found.yields:
            return None
        self.used_any |= found.values
        hint = _annotation("Any" if found.values else "None")
        return hint.with_changes(whitespace_before_indicator=cst.SimpleWhitespace(" "))


class _Leaving(cst.CSTVisitor):
    """Whether a body returns values or yields, functions inside it left out."""

    def __init__(self) -> None:
        super().__init__()
        self.values = self.yields = False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def visit_Return(self, node: cst.Return) -> None:
        self.values |= node.value is not None

    def visit_Yield(self, node: cst.Yield) -> None:
        self.yields = True


def _of_default(default: cst.BaseExpression | None) -> str:
    if isinstance(default, cst.Name) and default.value in ("True", "False"):
        return "bool"
    kinds = ((cst.Integer, "int"), (cst.Float, "float"), (cst.SimpleString, "str"))
    return next((name for kind, name in kinds if isinstance(default, kind)), "Any")


def _annotation(hint: str) -> cst.Annotation:
    return cst.Annotation(cst.Name(hint))


def _importing_any(module: cst.Module) -> cst.Module:
    """Import ``Any`` after docstring and ``__future__`` imports, unless it is there."""
    at = 0
    for index, statement in enumerate(module.body):
        line = module.code_for_node(statement).strip()
        if line.startswith("from typing import") and "Any" in line:
            return module
        docstring = index == 0 and line.startswith(('"', "'", 'r"'))
        if docstring or line.startswith("from __future__"):
            at = index + 1
    added = cst.parse_statement("from typing import Any\n")
    return module.with_changes(body=[*module.body[:at], added, *module.body[at:]])
