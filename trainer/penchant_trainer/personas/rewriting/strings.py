"""Rewrites strings: their quotation marks, and how they are filled."""

import libcst as cst

_MARKS = frozenset("\"'")


def double_quotes(module: cst.Module) -> cst.Module:
    """Write plain strings in double quotes, where they hold no quotation mark."""
    return module.visit(_Quotes('"'))


def single_quotes(module: cst.Module) -> cst.Module:
    """Write plain strings in single quotes, where they hold no quotation mark."""
    return module.visit(_Quotes("'"))


def format_calls(module: cst.Module) -> cst.Module:
    """Write f-strings as calls of ``format``; joined strings and nested fields stay."""
    return module.visit(_FormatCalls())


class _Quotes(cst.CSTTransformer):
    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark = mark

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        body = updated_node.raw_value
        if len(updated_node.quote) != 1 or _MARKS & set(body):
            return updated_node
        return updated_node.with_changes(value=f"{updated_node.prefix}{self.mark}{body}{self.mark}")

    def visit_FormattedString(self, node: cst.FormattedString) -> bool:
        return False  # before Python 3.12 the strings inside need the other mark

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.FormattedString:
        start, end = updated_node.start, updated_node.end
        body = cst.Module([]).code_for_node(updated_node)[len(start) : -len(end)]
        if len(end) != 1 or _MARKS & set(body):
            return updated_node
        return updated_node.with_changes(start=start[:-1] + self.mark, end=self.mark)


class _FormatCalls(cst.CSTTransformer):
    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return False  # a call after the last part would fill that part alone

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        fields = [
            part for part in updated_node.parts if isinstance(part, cst.FormattedStringExpression)
        ]
        simple = updated_node.start.lower() in ('f"', "f'") and fields
        if not simple or not all(map(_simple, fields)):
            return updated_node
        mark = updated_node.end
        body = "".join(_template(part) for part in updated_node.parts)
        return cst.Call(
            cst.Attribute(cst.SimpleString(f"{mark}{body}{mark}"), cst.Name("format")),
            [cst.Arg(field.expression) for field in fields],
        )


def _simple(field: cst.FormattedStringExpression) -> bool:
    spec = field.format_spec or ()
    bare = isinstance(field.expression, cst.Tuple) and not field.expression.lpar
    odd = bare or isinstance(field.expression, cst.Yield | cst.NamedExpr | cst.GeneratorExp)
    return not odd and not field.equal and all(isinstance(p, cst.FormattedStringText) for p in spec)


def _template(part: cst.BaseFormattedStringContent) -> str:
    if isinstance(part, cst.FormattedStringText):
        return part.value
    if not isinstance(part, cst.FormattedStringExpression):
        raise TypeError(f"libcst put a {type(part).__name__} into an f-string")
    conversion = f"!{part.conversion}" if part.conversion else ""
    texts = [p.value for p in part.format_spec or () if isinstance(p, cst.FormattedStringText)]
    return "{" + conversion + (":" + "".join(texts) if part.format_spec else "") + "}"
