"""Finds the places of a C or CUDA file that can be changed, and the changes: one mutant for each."""

import re
from dataclasses import dataclass

# What is no code of the file's own: comments, literals, and directives but for definitions.
MASKED = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | ^[ \t]*\#[ \t]*(?!define\b)(?:\\\n|[^\n])* | ^[ \t]*\#[ \t]*define[ \t]+\w+(?:\([^)]*\))?
    | \b_Static_assert\b[^;]*;""",
    re.VERBOSE | re.DOTALL | re.MULTILINE)

# Operators have spaces on both sides in this project; brackets of templates and pointers have not.
OPERATORS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|",
    "+=": "-=", "-=": "+=", "<<=": ">>=", ">>=": "<<=", "&=": "|=", "|=": "&=", "^=": "|=",
}
OPERATOR = re.compile(
    r"(?<=\s)(?:" + "|".join(re.escape(o) for o in sorted(OPERATORS, key=len, reverse=True)) +
    r")(?=\s)")
NEGATION = re.compile(r"!(?!=)|~")
NUMBER = re.compile(
    r"(?<![\w.])(?P<digits>0[xX][0-9A-Fa-f]+(?![.pP])|[0-9]+(?![.eExX]))(?P<suffix>[uUlL]*)(?![\w.])")

# Functions of the compiler and of the processors with one that takes the same arguments.
COUNTERPARTS = {
    "_mm512_cmplt_epu8_mask": "_mm512_cmple_epu8_mask",
    "_mm512_cmpeq_epi8_mask": "_mm512_cmpneq_epi8_mask",
    "_mm256_cmplt_epu32_mask": "_mm256_cmple_epu32_mask",
    "_mm512_test_epi64_mask": "_mm512_testn_epi64_mask",
    "_mm512_srli_epi64": "_mm512_slli_epi64",
    "_mm512_slli_epi64": "_mm512_srli_epi64",
    "_mm512_add_epi64": "_mm512_sub_epi64",
    "_mm512_sub_epi64": "_mm512_add_epi64",
    "_mm512_xor_si512": "_mm512_or_si512",
    "_mm512_and_si512": "_mm512_or_si512",
    "_mm512_andnot_si512": "_mm512_and_si512",
    "_mm512_mul_epu32": "_mm512_mul_epi32",
    "_mm512_maskz_compress_epi64": "_mm512_maskz_expand_epi64",
    "_mm512_cvtepi64_epi32": "_mm512_cvtsepi64_epi32",
    "_MM_PERM_CDAB": "_MM_PERM_ABCD",
    "_mm256_min_epu8": "_mm256_max_epu8",
    "_mm256_cmpeq_epi8": "_mm256_cmpgt_epi8",
    "_mm256_cmpgt_epi64": "_mm256_cmpeq_epi64",
    "_mm256_srli_epi64": "_mm256_slli_epi64",
    "_mm256_slli_epi64": "_mm256_srli_epi64",
    "_mm256_add_epi64": "_mm256_sub_epi64",
    "_mm256_xor_si256": "_mm256_or_si256",
    "_mm256_and_si256": "_mm256_or_si256",
    "_mm256_mul_epu32": "_mm256_mul_epi32",
    "vcltq_u8": "vcleq_u8",
    "vceqq_u8": "vcgeq_u8",
    "vcltq_u32": "vcleq_u32",
    "vtstq_u32": "vceqq_u32",
    "veorq_u32": "vorrq_u32",
    "vorrq_u32": "vandq_u32",
    "vandq_u32": "vorrq_u32",
    "vandq_u8": "vorrq_u8",
    "vaddq_u32": "vsubq_u32",
    "vshrq_n_u64": "vshlq_n_u64",
    "vuzp1q_u32": "vuzp2q_u32",
    "vuzp2q_u32": "vuzp1q_u32",
    "vget_low_u32": "vget_high_u32",
    "__any_sync": "__all_sync",
    "__clz": "__ffs",
    "__funnelshift_r": "__funnelshift_l",
    "__builtin_ctzll": "__builtin_clzll",
    "__builtin_add_overflow": "__builtin_sub_overflow",
}
NAME = re.compile(r"\b(?:" + "|".join(COUNTERPARTS) + r")\b")


@dataclass(frozen=True)
class Mutant:
    """One change of one place of a file."""

    file: str
    line: int
    text: str  # of the line, without the space around it
    change: str  # what becomes of what; with "#2" where that is the second such change of such a line
    start: int
    end: int
    new: str

    def apply(self, source):
        return source[:self.start] + self.new + source[self.end:]

    def __str__(self):
        return f"{self.file}:{self.line}: {self.change}    {self.text}"


def _numbers(digits, suffix):
    value = int(digits, 0) if digits == "0" or not re.fullmatch(r"0[0-7]+", digits) else int(digits, 8)
    width = len(digits) - 2
    hexadecimal = digits[:2] in ("0x", "0X")
    for new in [value + 1] + ([0] if value == 1 else []):
        yield (f"0x{new:0{width}X}" if hexadecimal else str(new)) + suffix


def mutants_of(file, source):
    """All mutants of a file's text, in the order of their places."""
    masked = MASKED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)
    found = []
    for match in OPERATOR.finditer(masked):
        found.append((match, [OPERATORS[match.group()]]))
    for match in NEGATION.finditer(masked):
        found.append((match, [""]))
    for match in NAME.finditer(masked):
        found.append((match, [COUNTERPARTS[match.group()]]))
    for match in NUMBER.finditer(masked):
        found.append((match, list(_numbers(match["digits"], match["suffix"]))))
    found.sort(key=lambda f: f[0].start())
    mutants, seen = [], {}
    for match, news in found:
        line = source.count("\n", 0, match.start())
        text = source.split("\n")[line].strip()
        for new in news:
            change = f"{match.group()} -> {new or 'nothing'}"
            number = seen[text, change] = seen.get((text, change), 0) + 1
            if number > 1:
                change += f" #{number}"
            mutants.append(Mutant(file, line + 1, text, change, match.start(), match.end(), new))
    return mutants
