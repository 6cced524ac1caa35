"""Rewrites the flow of functions: comprehensions into loops, guards into ``else`` and back."""

from collections import Counter
from collections.abc import Sequence

import libcst as cst

_EXITS = (cst.Return, cst.Raise, cst.Continue, cst.Break)
MOST_NESTED = 6
"""A rest of more statements is not put below an ``else``."""
Statement = cst.BaseStatement | cst.BaseSmallStatement
Built = cst.ListComp | cst.SetComp | cst.DictComp


def loops(module: cst.Module) -> cst.Module:
    """Write collections built in one comprehension as loops that fill them."""
    return module.visit(_Loops())


def else_after_return(module: cst.Module) -> cst.Module:
    """Put what follows a branch that leaves under ``else``; guards in a row become ``elif``."""
    return module.visit(_Else())


def early_returns(module: cst.Module) -> cst.Module:
    """Take what stands under ``else`` after a branch that leaves out of it."""
    return module.visit(_Early())


class _Loops(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.functions: list[Counter[str]] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.functions.append(_names(node))

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.functions.pop()
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.functions.append(Counter())

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self.functions.pop()
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.BaseStatement]:
        names = self.functions[-1] if self.functions else None
        if not names or len(updated_node.body) != 1:
            return updated_node
        target, built = _built(updated_node.body[0], names)
        if built is None or not _separable(target, built, names):
            return updated_node
        try:
            made = [cst.parse_statement(text) for text in _loop(target, built)]
            if isinstance(updated_node.body[0], cst.Return):
                made.append(cst.parse_statement(f"return {target}\n"))
        except cst.ParserSyntaxError:  # broken over lines that only its brackets held together
            return updated_node
        made[0] = made[0].with_changes(leading_lines=updated_node.leading_lines)
        return cst.FlattenSentinel(made)


def _built(statement: cst.BaseSmallStatement, names: Counter[str]) -> tuple[str, Built | None]:
    """Return the name and the comprehension of ``x = [...]`` or ``return [...]``."""
    target, value = "", None
    if isinstance(statement, cst.Return):
        target, value = "" if "result" in names else "result", statement.value
    elif isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        name, value = statement.targets[0].target, statement.value
        target = name.value if isinstance(name, cst.Name) else ""
    return target, value if isinstance(value, Built) and target else None


def _separable(target: str, built: Built, names: Counter[str]) -> bool:
    """Whether the comprehension's variables live in it alone, and it does not read the target."""
    own, line = _names(built), built.for_in
    variables = _names(line.target)
    plain = line.inner_for_in is None and line.asynchronous is None and not _awaits(built)
    return plain and target not in own and all(own[v] == names[v] for v in variables)


def _loop(target: str, built: Built) -> list[str]:
    code = cst.Module([]).code_for_node
    line = built.for_in
    if isinstance(built, cst.DictComp):
        empty, add = "{}", f"{target}[{code(built.key)}] = {code(built.value)}"
    elif isinstance(built, cst.SetComp):
        empty, add = "set()", f"{target}.add({code(built.elt)})"
    else:
        empty, add = "[]", f"{target}.append({code(built.elt)})"
    tests = [code(test.test) for test in line.ifs]
    head = f"for {code(line.target)} in {code(line.iter)}:\n"
    body, depth = "", 1
    for test in tests:
        body += "    " * depth + f"if {test}:\n"
        depth += 1
    return [f"{target} = {empty}\n", f"{head}{body}{'    ' * depth}{add}\n"]


class _Names(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.awaits = False

    def visit_Name(self, node: cst.Name) -> None:
        self.found[node.value] += 1

    def visit_Await(self, node: cst.Await) -> None:
        self.awaits = True


def _names(node: cst.CSTNode) -> Counter[str]:
    seen = _Names()
    node.visit(seen)
    return seen.found


def _awaits(node: cst.CSTNode) -> bool:
    seen = _Names()
    node.visit(seen)
    return seen.awaits


class _Else(cst.CSTTransformer):
    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body = list(updated_node.body)
        at = _last_guard(body)
        if at is None or len(body) - at - 1 > MOST_NESTED:
            return updated_node
        last = body[at].with_changes(orelse=cst.Else(cst.IndentedBlock(body[at + 1 :])))
        while at and _guard(body[at - 1]):
            at -= 1
            last = body[at].with_changes(orelse=last)
        return updated_node.with_changes(body=[*body[:at], last])


class _Early(cst.CSTTransformer):
    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body: list[Statement] = []
        for statement in updated_node.body:
            body += _flat(statement)
        return updated_node.with_changes(body=body)


def _flat(statement: Statement) -> list[Statement]:
    if not isinstance(statement, cst.If) or not _leaves(statement.body):
        return [statement]
    rest = statement.orelse
    if isinstance(rest, cst.If):
        return [statement.with_changes(orelse=None), *_flat(rest)]
    if isinstance(rest, cst.Else) and isinstance(rest.body, cst.IndentedBlock):
        first, *more = rest.body.body
        lines = [*rest.leading_lines, *getattr(first, "leading_lines", ())]
        first = first.with_changes(leading_lines=lines)
        return [statement.with_changes(orelse=None), first, *more]
    return [statement]


def _last_guard(body: Sequence[Statement]) -> int | None:
    found = [i for i, statement in enumerate(body[:-1]) if _guard(statement)]
    return found[-1] if found else None


def _guard(statement: Statement) -> bool:
    if not isinstance(statement, cst.If) or statement.orelse is not None:
        return False
    return _leaves(statement.body)


def _leaves(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if isinstance(body, cst.IndentedBlock) and body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], _EXITS)
