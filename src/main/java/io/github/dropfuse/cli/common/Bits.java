package io.github.dropfuse.cli.common;

import io.github.dropfuse.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** Compares tensors bit for bit. */
public final class Bits {
    private Bits() {}

    /** The first element whose bits differ, or -1; any NaN equals any NaN, by the contract. */
    public static long firstDifference(Tensor a, Tensor b) {
        int width = a.dtype().byteSize();
        long at = a.segment().mismatch(b.segment());
        while (at >= 0) {
            long element = at / width;
            if (!Double.isNaN(a.get(element)) || !Double.isNaN(b.get(element))) {
                return element;
            }
            long next = (element + 1) * width;
            long more = a.segment().asSlice(next).mismatch(b.segment().asSlice(next));
            at = more < 0 ? -1 : next + more;
        }
        return -1;
    }

    /** An element's bits, as hexadecimal digits. */
    public static String hex(Tensor tensor, long element) {
        int width = tensor.dtype().byteSize();
        StringBuilder digits = new StringBuilder("0x");
        for (int i = width - 1; i >= 0; i--) {
            byte bits = tensor.segment().get(ValueLayout.JAVA_BYTE, element * width + i);
            digits.append(String.format(Locale.ROOT, "%02x", bits));
        }
        return digits.toString();
    }
}
