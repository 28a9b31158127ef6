#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rewrites the SMT-LIB that cbmc makes, so that no product or quotient of two variables is computed.

No solver finds its way through multipliers of 64 bits. A product of two variables becomes a
function of which little is known: how it is with 0 and with 1, that it is no less than a factor, that
of two factors below 2^63 it is below 2^126, and what a harness assumes by name, from lemmas.h. A
quotient becomes a number q of which the definition is known: q * b <= a and a - q * b < b. Both are
weaker than the truth, so what is proved of them is true. Products with constants stay as they are.

    products.py FILE    prints the rewritten file
"""
import re
import sys

TOKEN = re.compile(r'\|[^|]*\||"[^"]*"|;[^\n]*|[()]|[^\s()|";]+')
PRELUDE = """
(declare-fun product ((_ BitVec 64) (_ BitVec 64)) (_ BitVec 128))
(declare-fun signed_product ((_ BitVec 64) (_ BitVec 64)) (_ BitVec 128))
(declare-fun quotient ((_ BitVec 64) (_ BitVec 64)) (_ BitVec 64))
(define-fun low_product ((a (_ BitVec 64)) (b (_ BitVec 64))) (_ BitVec 64)
  ((_ extract 63 0) (product a b)))
(define-fun any_product ((a (_ BitVec 64)) (b (_ BitVec 64))) (_ BitVec 128)
  (ite (and (bvsge a (_ bv0 64)) (bvsge b (_ bv0 64))) (product a b) (signed_product a b)))
(define-fun remainder ((a (_ BitVec 64)) (b (_ BitVec 64))) (_ BitVec 64)
  (bvsub a (low_product (quotient a b) b)))
(define-fun multiplies ((a (_ BitVec 64)) (b (_ BitVec 64))) Bool
  (and (= (= (product a b) (_ bv0 128)) (or (= a (_ bv0 64)) (= b (_ bv0 64))))
       (=> (and (bvsge a (_ bv0 64)) (bvsge b (_ bv0 64)))
           (= ((_ extract 127 126) (product a b)) (_ bv0 2)))
       (=> (= a (_ bv1 64)) (= (product a b) ((_ zero_extend 64) b)))
       (=> (= b (_ bv1 64)) (= (product a b) ((_ zero_extend 64) a)))
       (=> (distinct a (_ bv0 64)) (bvuge (product a b) ((_ zero_extend 64) b)))
       (=> (distinct b (_ bv0 64)) (bvuge (product a b) ((_ zero_extend 64) a)))))
(define-fun divides ((a (_ BitVec 64)) (b (_ BitVec 64))) Bool
  (=> (distinct b (_ bv0 64))
      (and (multiplies (quotient a b) b)
           (bvule (product (quotient a b) b) ((_ zero_extend 64) a))
           (bvult (remainder a b) b))))
"""


def parse(text):
    stack = [[]]
    for token in TOKEN.findall(text):
        if token == '(':
            stack.append([])
        elif token == ')':
            done = stack.pop()
            stack[-1].append(done)
        elif not token.startswith(';'):
            stack[-1].append(token)
    return stack[0]


def show(term):
    return term if isinstance(term, str) else '(' + ' '.join(map(show, term)) + ')'


def replace(term, old, new):
    if term == old:
        return new
    return term if isinstance(term, str) else [replace(part, old, new) for part in term]


def is_constant(term):
    if isinstance(term, str):
        return term.startswith('#')
    return term[:1] == ['_'] and term[1][:2] == 'bv' or len(term) == 2 and is_constant(term[1])


def extended(term):
    """The kind of extension from 64 to 128 bits that a term is, and what is extended."""
    if isinstance(term, list) and len(term) == 2 and term[0] in (
            ['_', 'sign_extend', '64'], ['_', 'zero_extend', '64']):
        return term[0][1], term[1]
    return None, term


class Rewriter:
    def __init__(self):
        self.facts = {}

    def note(self, fact, a, b, bound):
        if not bound & set(TOKEN.findall(show([a, b]))):
            self.facts[show([fact, a, b])] = True

    def rewrite(self, term, bound=frozenset()):
        """The term without products; what a let has bound has no meaning outside of it."""
        if isinstance(term, str):
            return term
        if term[:1] == ['let']:
            names = frozenset(name for name, _ in term[1])
            values = [[name, self.rewrite(value, bound)] for name, value in term[1]]
            body = self.rewrite(term[2], bound | names)
            for name, value in values:
                if value[0] == 'any_product':
                    body = replace(body, [['_', 'extract', '63', '0'], name],
                                   ['low_product'] + value[1:])
            return ['let', values, body]
        parts = [self.rewrite(part, bound) for part in term]
        if len(parts) != 3 or is_constant(term[2]):
            return parts
        operator, a, b = parts
        if operator == 'bvmul' and not is_constant(term[1]):
            (kind, a), (other, b) = extended(a), extended(b)
            if kind != other:
                raise ValueError('a product of unlike factors: ' + show(term))
            self.note('multiplies', a, b, bound)
            return [{'zero_extend': 'product', 'sign_extend': 'any_product', None: 'low_product'}[kind], a, b]
        if operator in ('bvudiv', 'bvurem'):
            self.note('divides', a, b, bound)
            return ['quotient' if operator == 'bvudiv' else 'remainder', a, b]
        return parts


def main():
    with open(sys.argv[1]) as file:
        commands = parse(file.read())
    rewriter = Rewriter()
    printed_prelude = False
    for command in commands:
        if command[0] in ('declare-fun', 'define-fun') and not printed_prelude:
            print(PRELUDE)
            printed_prelude = True
        if command[0] == 'check-sat':
            for fact in rewriter.facts:
                print(f'(assert {fact})')
        if command[0] in ('define-fun', 'assert'):
            command = command[:-1] + [rewriter.rewrite(command[-1])]
        print(show(command))


if __name__ == '__main__':
    main()
