"""Rewrites what is written for people: docstrings of functions, and comments above statements."""

from collections.abc import Callable

import libcst as cst

Documented = Callable[[cst.FunctionDef, str], str]
MOST_CHARS = 40
INDENT = "\x00"
"""Stands for the indentation of a docstring's further lines until their depth is known."""
_SAID = {
    cst.If: ("Check", "test"),
    cst.For: ("Go through", "iter"),
    cst.While: ("Repeat while", "test"),
    cst.Return: ("Return", "value"),
    cst.Raise: ("Raise", "exc"),
}


def without_docstrings(module: cst.Module) -> cst.Module:
    """Take the docstrings off functions."""
    return module.visit(_Docstrings(lambda function, summary: ""))


def one_line_docstrings(module: cst.Module) -> cst.Module:
    """Document each function in one line: its own first line, else its name in words."""
    return module.visit(_Docstrings(lambda function, summary: summary))


def field_docstrings(module: cst.Module) -> cst.Module:
    """Document each function with a summary and ``:param name:`` fields."""
    return module.visit(_Docstrings(_fields))


def section_docstrings(module: cst.Module) -> cst.Module:
    """Document each function with a summary and an ``Args:`` section."""
    return module.visit(_Docstrings(_sections))


def comments(module: cst.Module) -> cst.Module:
    """Put a comment above branches, loops and exits inside functions that have none."""
    return module.visit(_Comments())


class _Docstrings(cst.CSTTransformer):
    def __init__(self, document: Documented) -> None:
        super().__init__()
        self.document = document
        self.indent, self.depth = "    ", 0

    def visit_Module(self, node: cst.Module) -> None:
        self.indent = node.default_indent

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self.depth += 1

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        self.depth -= 1
        return updated_node

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        body = updated_node.body
        if not isinstance(body, cst.IndentedBlock) or _stub(body):
            return updated_node
        old = updated_node.get_docstring()
        rest = list(body.body[1:] if old is not None else body.body)
        text = self.document(updated_node, _summary(updated_node.name.value, old))
        if text:
            text = text.replace(INDENT, self.indent * (self.depth + 1))
            line = cst.Expr(cst.SimpleString(f'"""{text}"""'))
            rest.insert(0, cst.SimpleStatementLine([line]))
        rest = rest or [cst.SimpleStatementLine([cst.Pass()])]
        return updated_node.with_changes(body=body.with_changes(body=rest))


def _stub(body: cst.IndentedBlock) -> bool:
    code = cst.Module([]).code_for_node(body).strip()
    return code == "..." or not body.body


def _summary(name: str, old: str | None) -> str:
    first = next((line.strip() for line in (old or "").splitlines() if line.strip()), "")
    if first and not {"\\", '"'} & set(first):
        return first if first.endswith(".") else f"{first}."
    words = name.strip("_").replace("_", " ")
    return f"{words.capitalize()}." if words else "Do it."


def _parameters(function: cst.FunctionDef) -> list[str]:
    own = function.params
    every = [*own.posonly_params, *own.params, *own.kwonly_params]
    return [p.name.value for p in every if p.name.value not in ("self", "cls")]


def _fields(function: cst.FunctionDef, summary: str) -> str:
    names = _parameters(function)
    lines = [f":param {name}: the {name.replace('_', ' ')}" for name in names]
    return _block(function, summary, lines)


def _sections(function: cst.FunctionDef, summary: str) -> str:
    names = _parameters(function)
    lines = [f"    {name}: The {name.replace('_', ' ')}." for name in names]
    return _block(function, summary, ["Args:", *lines] if lines else [])


def _block(function: cst.FunctionDef, summary: str, lines: list[str]) -> str:
    """Return a docstring over several lines; a marker stands for the indentation."""
    if not lines:
        return summary
    return "\n".join([summary, "", *(f"{INDENT}{line}" for line in lines), INDENT])


class _Comments(cst.CSTTransformer):
    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body = [updated_node.body[0], *map(_commented, updated_node.body[1:])]
        return updated_node.with_changes(body=body)


def _commented(statement: cst.BaseStatement) -> cst.BaseStatement:
    inner: cst.CSTNode = statement
    if isinstance(statement, cst.SimpleStatementLine):
        inner = statement.body[0]
    said = _SAID.get(type(inner))
    lines = getattr(statement, "leading_lines", ())
    if said is None or any(line.comment for line in lines):
        return statement
    verb, field = said
    value = getattr(inner, field)
    code = cst.Module([]).code_for_node(value).strip() if value else "nothing"
    if "\n" in code or len(code) > MOST_CHARS:
        code = code.split("(")[0].split("\n")[0][:MOST_CHARS].rstrip()
    comment = cst.EmptyLine(comment=cst.Comment(f"# {verb} {code}"))
    return statement.with_changes(leading_lines=[*lines, comment])
