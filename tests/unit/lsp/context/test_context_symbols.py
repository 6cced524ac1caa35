"""Definitions of every language that is read, and of code that is just being written."""

import pytest

from penchant_lsp.context.symbols import MOST, definitions

PYTHON = '''
LIMIT = 3


class A(B):
    """Doc.

    More."""

    y: int = 2

    @property
    def size(
        self, unit: str,
    ) -> int:  # in cm
        """Say."""
        return 1


async def g(): pass
if True:
    def inside(x): ...
'''
SCRIPT = """
/** Names a person. */
export interface P { name: string; age?: number }
export default class A extends B {
  /** Hi. */
  greet(a: string): void { return }
  private x: number = 1;
}
export const f = (a: number): string => { return "" }
type T = string | number
"""
GO = """package a

// F does.
func F(a int) (string, error) { return "", nil }
func (s *S) M(x int) error { return nil }
type S struct {
	A int
}
"""
RUST = """
/// Doc.
pub struct S { a: i32 }
impl<T> S { /// New.
  pub fn new(a: i32) -> Self { S{a} } }
pub trait T { fn t(&self) -> u8; }
mod m { pub fn inner() {} }
"""
JAVA = """package a;
/** Doc. */
public class A extends B {
  private int x = 1;
  public String m(int a) throws E { return ""; }
}
enum E { A, B; }
"""


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        (
            "python",
            PYTHON,
            [
                ("LIMIT", "constant", "", "LIMIT = 3"),
                ("A", "class", "", 'class A(B):\n    """Doc."""'),
                ("y", "field", "A", "y: int = 2"),
                (
                    "size",
                    "method",
                    "A",
                    '@property\ndef size(self, unit: str) -> int:\n    """Say."""',
                ),
                ("g", "function", "", "async def g():"),
                ("inside", "function", "", "def inside(x):"),
            ],
        ),
        (
            "typescript",
            SCRIPT,
            [
                (
                    "P",
                    "interface",
                    "",
                    "// Names a person.\ninterface P { name: string; age?: number }",
                ),
                ("A", "class", "", "export default class A extends B"),
                ("greet", "method", "A", "// Hi.\ngreet(a: string): void"),
                ("x", "field", "A", "private x: number = 1"),
                ("f", "function", "", "export const f = (a: number): string"),
                ("T", "type", "", "type T = string | number"),
            ],
        ),
        (
            "go",
            GO,
            [
                ("F", "function", "", "// F does.\nfunc F(a int) (string, error)"),
                ("M", "method", "S", "func (s *S) M(x int) error"),
                ("S", "type", "", "type S struct {\n\tA int\n}"),
            ],
        ),
        (
            "rust",
            RUST,
            [
                ("S", "struct", "", "// Doc.\npub struct S { a: i32 }"),
                ("new", "method", "S", "// New.\npub fn new(a: i32) -> Self"),
                ("T", "trait", "", "pub trait T"),
                ("t", "method", "T", "fn t(&self) -> u8;"),
                ("m", "mod", "", "mod m"),
                ("inner", "function", "", "pub fn inner()"),
            ],
        ),
        (
            "java",
            JAVA,
            [
                ("A", "class", "", "// Doc.\npublic class A extends B"),
                ("x", "field", "A", "private int x = 1;"),
                ("m", "method", "A", "public String m(int a) throws E"),
                ("E", "enum", "", "enum E { A, B; }"),
            ],
        ),
    ],
    ids=["python", "typescript", "go", "rust", "java"],
)
def test_definitions(language: str, source: str, expected: list[tuple[str, str, str, str]]) -> None:
    found = definitions(source, language)
    assert [(d.name, d.kind, d.container, d.text) for d in found] == expected


def test_broken_code_keeps_what_stands_before_it() -> None:
    source = "def whole(a):\n    return a\n\n\ndef begun(b, \nx = whole("
    assert "whole" in [each.name for each in definitions(source, "python")]


@pytest.mark.parametrize("language", ["python", "javascript", "tsx", "go", "rust", "java"])
@pytest.mark.parametrize("source", ["", "\0", "\ud800", "((((" * 500, "}" * 100, "é𝄞" * 50])
def test_odd_texts_are_no_trouble(language: str, source: str) -> None:
    assert isinstance(definitions(source, language), list)


def test_a_file_of_very_many_definitions_is_cut() -> None:
    assert len(definitions("def f(): ...\n" * (MOST + 10), "python")) == MOST
