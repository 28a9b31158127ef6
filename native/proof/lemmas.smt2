; lemmas.h, for all integers from 0 on: the solver is to find nothing that contradicts it ("unsat").
; SPDX-License-Identifier: Apache-2.0
(declare-const a Int)
(declare-const b Int)
(declare-const c Int)
(assert (and (>= a 0) (>= b 0) (>= c 0)))

(echo "product_grows")
(assert (not (=> (<= a b) (and (<= (* a c) (* b c)) (<= (* c a) (* c b))))))
(check-sat)
