"""Which language a file is in, and its tree-sitter grammar: each a small wheel of its own.

Grammars come with the installation, so nothing is fetched. Loaded when the first file of a language
is read, by the indexing process only. Knows nothing of definitions.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Parser

EXTENSIONS = {
    "py": "python",
    "pyi": "python",
    "js": "javascript",
    "jsx": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "ts": "typescript",
    "mts": "typescript",
    "cts": "typescript",
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
}
_FAMILIES = {
    "javascript": "script",
    "javascriptreact": "script",
    "typescript": "script",
    "typescriptreact": "script",
    "tsx": "script",
}


def language_of(path: str) -> str | None:
    """Return the grammar's name for a file, None when there is none."""
    return EXTENSIONS.get(path.rpartition(".")[2].lower()) if "." in path else None


def family(language: str) -> str:
    """Return a name that languages share whose files use one another's definitions."""
    return _FAMILIES.get(language, language)


def parser(language: str) -> "Parser":
    """Return a new parser of a grammar named by ``language_of``; a parser is for one thread."""
    import tree_sitter

    return tree_sitter.Parser(_grammar(language))


@cache
def _grammar(language: str) -> "Language":
    import tree_sitter

    return tree_sitter.Language(_pointer(language))


def _pointer(language: str) -> object:
    if language == "python":
        import tree_sitter_python

        return tree_sitter_python.language()
    if language == "javascript":
        import tree_sitter_javascript

        return tree_sitter_javascript.language()
    if language in ("typescript", "tsx"):
        import tree_sitter_typescript as ts

        return ts.language_tsx() if language == "tsx" else ts.language_typescript()
    if language == "go":
        import tree_sitter_go

        return tree_sitter_go.language()
    if language == "rust":
        import tree_sitter_rust

        return tree_sitter_rust.language()
    import tree_sitter_java

    return tree_sitter_java.language()
