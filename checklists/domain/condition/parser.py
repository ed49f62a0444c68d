"""Reads tokens into a tree, loosest binding first.

``given`` binds loosest, then ``or``, ``and``, ``not``, comparisons, sums,
products, the minus sign.
"""

from __future__ import annotations

from collections.abc import Callable

from checklists.domain.condition import tree
from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.lexer import Kind, Token, read_tokens

MAX_DEPTH = 32
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_SUITES = frozenset({"between", "in", "matches"})


def read_tree(text: str) -> tree.Expression:
    """The tree of a condition; raises ConditionError."""
    return _Parser(read_tokens(text)).read_all()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _is_word(self, *words: str) -> bool:
        return self._token.kind is Kind.WORD and self._token.text in words

    def _is_sign(self, *signs: str) -> bool:
        return self._token.kind is Kind.SIGN and self._token.text in signs

    def _is_kind(self, kind: Kind) -> bool:
        return self._token.kind is kind

    def _expect_sign(self, sign: str, remedy: str) -> None:
        if not self._is_sign(sign):
            raise self._unexpected(remedy)
        self._take()

    def _unexpected(self, remedy: str) -> ConditionError:
        token = self._token
        if token.kind is Kind.END:
            return ConditionError(token.at, "The condition stops too early.", remedy)
        if token.kind is Kind.SIGN and token.text == "=":
            return ConditionError(
                token.at, "One = does not compare.", "Write == instead."
            )
        word = token.text or format(token.number, "g")
        return ConditionError(token.at, f"{word!r} is not expected here.", remedy)

    def _nest(self, read: Callable[[], tree.Expression]) -> tree.Expression:
        if self._depth == MAX_DEPTH:
            raise ConditionError(
                self._token.at,
                f"The condition is nested more than {MAX_DEPTH} levels deep.",
                "Split it over several checks.",
            )
        self._depth += 1
        inner = read()
        self._depth -= 1
        return inner

    def read_all(self) -> tree.Expression:
        if self._is_kind(Kind.END):
            raise ConditionError(
                0, "The condition is empty.", "Write for example value < 100ms."
            )
        condition = self._read_given()
        if self._is_sign(","):
            raise ConditionError(
                self._token.at,
                "A comma cannot stand here.",
                "Write 1000 without a comma, or and between two conditions.",
            )
        if self._is_sign(*COMPARISONS):
            raise ConditionError(
                self._token.at,
                "Two comparisons in a row.",
                "Write value between 1 and 5, or join them with and.",
            )
        if not self._is_kind(Kind.END):
            raise self._unexpected("Join two conditions with and or or.")
        return condition

    def _read_given(self) -> tree.Expression:
        inner = self._read_either()
        if not self._is_word("given"):
            return inner
        at = self._take().at
        return tree.Given(inner, self._read_either(), at=at)

    def _read_either(self) -> tree.Expression:
        parts = [self._read_every()]
        at = self._token.at
        while self._is_word("or"):
            self._take()
            parts.append(self._read_every())
        return parts[0] if len(parts) == 1 else tree.Either(tuple(parts), at=at)

    def _read_every(self) -> tree.Expression:
        parts = [self._read_not()]
        at = self._token.at
        while self._is_word("and"):
            self._take()
            parts.append(self._read_not())
        return parts[0] if len(parts) == 1 else tree.Every(tuple(parts), at=at)

    def _read_not(self) -> tree.Expression:
        if not self._is_word("not"):
            return self._read_comparison()
        at = self._take().at
        return tree.Not(self._nest(self._read_not), at=at)

    def _read_comparison(self) -> tree.Expression:
        left = self._read_left()
        at = self._token.at
        if self._is_sign(*COMPARISONS):
            sign = self._take().text
            return tree.Compare(sign, left, self._read_sum(), at=at)
        if self._is_word("not") and self._tokens[self._next + 1].text in _SUITES:
            self._take()
            return tree.Not(self._read_suite(left, at), at=at)
        if self._is_word(*_SUITES):
            return self._read_suite(left, at)
        return left

    def _read_left(self) -> tree.Expression:
        # "< 100ms" alone speaks of the value, as people write thresholds.
        if self._is_sign(*COMPARISONS) or self._is_word(*_SUITES):
            return tree.Name("value", at=self._token.at)
        return self._read_sum()

    def _read_suite(self, left: tree.Expression, at: int) -> tree.Expression:
        word = self._take().text
        if word == "between":
            return self._read_between(left, at)
        if word == "matches":
            return self._read_matches(left, at)
        self._expect_sign("(", "Write in (200, 204).")
        choices = self._read_list("Write in (200, 204).")
        return tree.OneOf(left, choices, at=at)

    def _read_between(self, left: tree.Expression, at: int) -> tree.Between:
        low = self._read_sum()
        if not self._is_word("and"):
            raise self._unexpected("Write between 100 and 500.")
        self._take()
        return tree.Between(left, low, self._read_sum(), at=at)

    def _read_matches(self, left: tree.Expression, at: int) -> tree.Matches:
        if not self._is_kind(Kind.TEXT):
            raise self._unexpected('Write matches "backup_*.gz".')
        return tree.Matches(left, self._take().text, at=at)

    def _read_sum(self) -> tree.Expression:
        return self._read_chain(self._read_product, "+", "-")

    def _read_product(self) -> tree.Expression:
        return self._read_chain(self._read_minus, "*", "/")

    def _read_chain(
        self, read: Callable[[], tree.Expression], *signs: str
    ) -> tree.Expression:
        left = read()
        length = 0
        while self._is_sign(*signs):
            token = self._take()
            length += 1
            if length > MAX_DEPTH:
                raise ConditionError(
                    token.at,
                    f"More than {MAX_DEPTH} terms in a row.",
                    "Compute it in the query.",
                )
            left = tree.Sum(token.text, left, read(), at=token.at)
        return left

    def _read_minus(self) -> tree.Expression:
        if not self._is_sign("-"):
            return self._read_primary()
        at = self._take().at
        return tree.Minus(self._nest(self._read_minus), at=at)

    def _read_primary(self) -> tree.Expression:
        token = self._token
        if token.kind is Kind.NUMBER:
            self._take()
            return tree.Number(token.number, token.text, at=token.at)
        if token.kind is Kind.TEXT:
            self._take()
            return tree.Text(token.text, at=token.at)
        if self._is_word("true", "false"):
            return tree.Truth(self._take().text == "true", at=token.at)
        if token.kind is Kind.NAME:
            return self._read_name()
        if not self._is_sign("("):
            raise self._unexpected("Write a name, a number or a text here.")
        self._take()
        inner = self._nest(self._read_given)
        self._expect_sign(")", "Close the bracket with ).")
        return inner

    def _read_name(self) -> tree.Expression:
        token = self._take()
        if self._is_sign("("):
            self._take()
            arguments = self._read_list("Close the bracket with ).")
            return tree.Call(token.text, arguments, at=token.at)
        labels: tuple[tuple[str, str], ...] = ()
        if self._is_sign("{"):
            self._take()
            labels = self._read_labels()
        return tree.Name(token.text, labels, at=token.at)

    def _read_list(self, remedy: str) -> tuple[tree.Expression, ...]:
        found: list[tree.Expression] = []
        if self._is_sign(")"):
            self._take()
            return ()
        while True:
            found.append(self._nest(self._read_given))
            if not self._is_sign(","):
                break
            self._take()
        self._expect_sign(")", remedy)
        return tuple(found)

    def _read_labels(self) -> tuple[tuple[str, str], ...]:
        remedy = 'Write labels as {type="decision"}.'
        labels: dict[str, str] = {}
        while not self._is_sign("}"):
            name = self._token
            if name.kind is not Kind.NAME or name.text in labels:
                raise self._unexpected(remedy)
            self._take()
            self._expect_sign("=", remedy)
            if not self._is_kind(Kind.TEXT):
                raise self._unexpected(remedy)
            labels[name.text] = self._take().text
            if self._is_sign(","):
                self._take()
            elif not self._is_sign("}"):
                raise self._unexpected(remedy)
        self._take()
        return tuple(sorted(labels.items()))
