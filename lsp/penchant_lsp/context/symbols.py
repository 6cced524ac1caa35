"""The definitions of a source file: name, kind, signature and the first line of its documentation.

Reads tree-sitter's tree, which survives code that is just being written, and looks only where
definitions stand (modules, classes, ``impl`` blocks), never into bodies. Pure; bounded in number
and length. Knows nothing of workspaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penchant_lsp.context import grammars

if TYPE_CHECKING:
    from tree_sitter import Node

MOST, TEXT_CHARS, DOC_CHARS = 2000, 400, 100

# Node types by what is done with them; the names are the grammars' own.
_CALLABLE = frozenset((
    "function_definition", "function_declaration", "generator_function_declaration",
    "method_definition", "method_declaration", "function_item", "function_signature_item",
    "constructor_declaration", "abstract_method_signature", "macro_definition",
))  # fmt: skip
_CONTAINER = frozenset((
    "class_definition", "class_declaration", "abstract_class_declaration", "trait_item",
    "impl_item", "mod_item", "internal_module",
))  # fmt: skip
_WHOLE = frozenset((
    "interface_declaration", "type_alias_declaration", "enum_declaration", "type_spec",
    "type_alias", "struct_item", "enum_item", "union_item", "type_item", "const_item",
    "static_item", "record_declaration", "const_spec", "var_spec",
))  # fmt: skip
_FIELD = frozenset((
    "public_field_definition", "field_definition", "field_declaration", "assignment",
    "variable_declarator",
))  # fmt: skip
_THROUGH = frozenset((
    "module", "program", "source_file", "decorated_definition", "export_statement", "block",
    "class_body", "interface_body", "declaration_list", "statement_block",
    "expression_statement", "lexical_declaration", "variable_declaration", "type_declaration",
    "const_declaration", "var_declaration", "var_spec_list", "if_statement", "else_clause",
    "try_statement", "except_clause", "enum_body", "enum_body_declarations",
    "ambient_declaration",
))  # fmt: skip
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})
_SPACE = re.compile(r"\s+")
_INNER_SPACE = re.compile(r"(?<=[(\[]) | (?=[)\]])|,(?= ?[)\]])")
_COMMENT_AFTER_COLON = re.compile(r":\s*(?:#[^\n]*\s*)+$")
_COMMENT_MARK = re.compile(r"^\s*(?:/\*+!?|///?!?|#+|\*+(?!/))\s?|\s*\*/\s*$")


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition; ``container`` is the class it belongs to, ``line`` counts from 0.

    ``text`` is what a caller needs to know of it, in one or a few lines.
    """

    name: str
    kind: str
    container: str
    line: int
    text: str


def definitions(source: str, language: str) -> list[Definition]:
    """Return the definitions of a text in a language that ``grammars`` knows, in their order."""
    data = source.encode("utf-8", "replace")
    root = grammars.parser(language).parse(data).root_node
    found: list[Definition] = []
    for definition in _walk(root, _Reader(data, language), "", 0):
        found.append(definition)
        if len(found) == MOST:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    data: bytes
    language: str

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")

    def of(self, node: "Node | None") -> str:
        return "" if node is None else self.text(node.start_byte, node.end_byte)


def _walk(node: "Node", reader: _Reader, container: str, depth: int) -> Iterator[Definition]:
    if depth > 12:
        return
    for child in node.named_children:
        kind = child.type
        if kind in _CALLABLE:
            yield from _callable(child, reader, container)
        elif kind in _CONTAINER:
            yield from _container(child, reader, container, depth)
        elif kind in _WHOLE:
            yield from _whole(child, reader, container)
        elif kind in _FIELD:
            yield from _field(child, reader, container)
        elif kind in _THROUGH:
            yield from _walk(child, reader, container, depth + 1)


def _callable(node: "Node", reader: _Reader, container: str) -> Iterator[Definition]:
    name = reader.of(node.child_by_field_name("name"))
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:  # Go says beside the method whose it is
        names = re.findall(r"\w+", reader.of(receiver).partition("[")[0])
        container = names[-1] if names else container
    if name:
        kind = "method" if container else "function"
        yield Definition(name, kind, container, _line(node), _signature(node, reader))


def _container(node: "Node", reader: _Reader, container: str, depth: int) -> Iterator[Definition]:
    kind = node.type.partition("_")[0]
    name = reader.of(node.child_by_field_name("name"))
    if kind == "impl":
        name = re.split(r"[<\s]", reader.of(node.child_by_field_name("type")))[0]
    elif name:
        yield Definition(name, kind, container, _line(node), _signature(node, reader))
    body = node.child_by_field_name("body")
    if body is not None and name:
        inside = container if kind in ("mod", "internal") else name
        yield from _walk(body, reader, inside, depth + 1)


def _whole(node: "Node", reader: _Reader, container: str) -> Iterator[Definition]:
    """A type is its own best description, unless it is long."""
    name = reader.of(node.child_by_field_name("name"))
    if not name:
        return
    kind = node.type.partition("_")[0]
    text = reader.of(node)
    above = _outer(node)
    if node.type == "type_spec":
        text = "type " + text
    if len(text) > TEXT_CHARS:
        text = _signature(node, reader, documented=False)
    yield Definition(name, kind, container, _line(node), _with_doc(text, _doc(above, node, reader)))
    body = node.child_by_field_name("body")
    if body is not None and reader.language == "java":
        yield from _walk(body, reader, name, 10)


def _field(node: "Node", reader: _Reader, container: str) -> Iterator[Definition]:
    """Constants of modules and fields of classes, by their first line."""
    target = node.child_by_field_name("left") or node.child_by_field_name("name")
    target = target or node.child_by_field_name("property")
    if target is None:
        declarator = node.child_by_field_name("declarator")
        target = None if declarator is None else declarator.child_by_field_name("name")
    name = reader.of(target)
    if not name.isidentifier():
        return
    value = node.child_by_field_name("value")
    if value is not None and value.type in _FUNCTION_VALUES:
        body = value.child_by_field_name("body")
        outer = _outer(node)
        end = body.start_byte if body is not None else node.end_byte
        text = _flat(reader.text(outer.start_byte, end)).removesuffix("=>").rstrip()
        text = _with_doc(text, _doc(outer, node, reader))
        yield Definition(name, "function", container, _line(node), text)
        return
    text = reader.of(node).split("\n", 1)[0].strip()[:120]
    yield Definition(name, "field" if container else "constant", container, _line(node), text)


def _signature(node: "Node", reader: _Reader, *, documented: bool = True) -> str:
    """Return everything before the body, on one line, and the documentation's first line."""
    body, outer = node.child_by_field_name("body"), _outer(node)
    decorators = [each for each in outer.named_children if each.type == "decorator"]
    start = node.start_byte if decorators else outer.start_byte
    head = reader.text(start, body.start_byte if body is not None else node.end_byte)
    if reader.language == "python":
        head = _COMMENT_AFTER_COLON.sub(":", head)
    text = "\n".join([*(_flat(reader.of(each))[:80] for each in decorators[:3]), _flat(head)])
    text = text.rstrip("{ ")[:TEXT_CHARS]
    return _with_doc(text, _doc(outer, node, reader)) if documented else text


def _outer(node: "Node") -> "Node":
    """Return the statement that a definition is the core of: decorators, ``export``, ``const``."""
    outer = node
    while outer.parent is not None and outer.parent.type in (
        "decorated_definition",
        "export_statement",
        "lexical_declaration",
        "type_declaration",
    ):
        outer = outer.parent
    return outer


def _doc(outer: "Node", node: "Node", reader: _Reader) -> str:
    """Return the first line of a docstring, or of the comment right above."""
    if reader.language == "python":
        return _docstring(node.child_by_field_name("body"), reader)
    above = outer.prev_named_sibling
    first = ""
    row = outer.start_point[0]
    while above is not None and "comment" in above.type and above.end_point[0] >= row - 1:
        lines = (_COMMENT_MARK.sub("", line).strip() for line in reader.of(above).split("\n"))
        first = next((line for line in lines if line), first)
        row = above.start_point[0]
        above = above.prev_named_sibling
    return f"// {first[:DOC_CHARS]}" if first else ""


def _docstring(body: "Node | None", reader: _Reader) -> str:
    statement = body.named_children[0] if body is not None and body.named_children else None
    if statement is not None and statement.type == "expression_statement":
        statement = statement.named_children[0] if statement.named_children else None
    if statement is None or statement.type != "string":
        return ""
    lines = reader.of(statement).lstrip("rRuUbB").strip("\"' \n").split("\n")
    return f'    """{lines[0].strip()[:DOC_CHARS]}"""' if lines[0].strip() else ""


def _with_doc(text: str, doc: str) -> str:
    if not doc:
        return text
    return f"{doc}\n{text}" if doc.startswith("//") else f"{text}\n{doc}"


def _line(node: "Node") -> int:
    return int(node.start_point[0])


def _flat(text: str) -> str:
    return _INNER_SPACE.sub("", _SPACE.sub(" ", text)).strip()
