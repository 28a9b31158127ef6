package io.github.dropfuse.testing;

import io.github.dropfuse.DType;

/**
 * The mask contract once more, unit by unit as its text has it and sharing nothing with the code
 * under test, so that the reference is compared with something too.
 */
public final class Oracle {
    private static final int ROUNDS = 10;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;

    private Oracle() {}

    /** Philox4x32-10: counter words c0 to c3 and key words k0, k1 to output words w0 to w3. */
    public static int[] philox(int[] counter, int[] key) {
        int[] c = counter.clone();
        for (int round = 0; round < ROUNDS; round++) {
            long left = M0 * (c[0] & 0xFFFFFFFFL);
            long right = M1 * (c[2] & 0xFFFFFFFFL);
            c =
                    new int[] {
                        high(right) ^ c[1] ^ (key[0] + round * W0),
                        (int) right,
                        high(left) ^ c[3] ^ (key[1] + round * W1),
                        (int) left
                    };
        }
        return c;
    }

    /** The counter that {@link #philox} maps to these words: it is a bijection for each key. */
    public static int[] inversePhilox(int[] output, int[] key) {
        int[] c = output.clone();
        for (int round = ROUNDS - 1; round >= 0; round--) {
            int c0 = c[3] * inverse((int) M0);
            int c2 = c[1] * inverse((int) M1);
            c =
                    new int[] {
                        c0,
                        c[0] ^ high(M1 * (c2 & 0xFFFFFFFFL)) ^ (key[0] + round * W0),
                        c2,
                        c[2] ^ high(M0 * (c0 & 0xFFFFFFFFL)) ^ (key[1] + round * W1)
                    };
        }
        return c;
    }

    public static long threshold(double p) {
        return (long) Math.rint((1.0 - p) * 1099511627776.0);
    }

    public static boolean keeps(double p, long seed, long offset, long i) {
        long threshold = threshold(p);
        if (threshold == 1099511627776L) {
            return true;
        }
        if (threshold == 0) {
            return false;
        }
        long hi = threshold / 4294967296L;
        long lo = threshold % 4294967296L;
        int r8 = firstDraw(seed, offset, i);
        return r8 < hi || (r8 == hi && secondDraw(seed, offset, i) < lo);
    }

    /** The 8 bits of a unit. */
    public static int firstDraw(long seed, long offset, long i) {
        long tile = Long.divideUnsigned(i, 512);
        int e = (int) Long.remainderUnsigned(i, 512);
        int lane = (e / 4) % 32;
        int word = e / 128;
        int octet = e % 4;
        long block = tile * 32 + lane;
        int[] w = philox(new int[] {low(block), high(block), low(offset), high(offset)}, key(seed));
        return (w[word] >> (8 * octet)) & 255;
    }

    /** The 32 bits of a unit whose 8 were not enough. */
    public static long secondDraw(long seed, long offset, long i) {
        long group = Long.divideUnsigned(i, 4);
        int[] counter = {low(group), high(group), low(offset), high(offset) | 0x80000000};
        return philox(counter, key(seed))[(int) (i & 3)] & 0xFFFFFFFFL;
    }

    /** The packed mask of units start to start + count - 1. */
    public static byte[] mask(double p, long seed, long offset, long start, int count) {
        byte[] bits = new byte[(count + 7) / 8];
        for (int j = 0; j < count; j++) {
            if (keeps(p, seed, offset, start + j)) {
                bits[j / 8] |= (byte) (1 << j % 8);
            }
        }
        return bits;
    }

    public static double scale(double p) {
        return threshold(p) == 0 ? 0 : 1 / (1 - p);
    }

    /** A kept value: one multiplication in the compute type and one rounding to the stored type. */
    public static long keptBits(DType dtype, long bits, double scale) {
        float factor = (float) scale;
        return switch (dtype) {
            case FLOAT64 -> Double.doubleToRawLongBits(Double.longBitsToDouble(bits) * scale);
            case FLOAT32 -> Float.floatToRawIntBits(Float.intBitsToFloat((int) bits) * factor);
            case FLOAT16 -> Float.floatToFloat16(Float.float16ToFloat((short) bits) * factor);
            case BFLOAT16 -> toBfloat16(Float.intBitsToFloat((int) bits << 16) * factor);
        };
    }

    /** The nearest of the two neighbours, the even one in the middle, found by distance. */
    private static long toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return 0x7FC0;
        }
        if (Float.isInfinite(value)) {
            return bits >>> 16;
        }
        int below = bits >>> 16;
        double down = Math.abs((double) value - widened(below));
        double up = Math.abs(widened(below + 1) - (double) value);
        return down < up || (down == up && below % 2 == 0) ? below : below + 1;
    }

    /** A pattern's value; infinity stands for the power of two that it would be. */
    private static double widened(int pattern) {
        float value = Float.intBitsToFloat(pattern << 16);
        return Float.isInfinite(value) ? Math.copySign(0x1p128, value) : value;
    }

    private static int[] key(long seed) {
        return new int[] {low(seed), high(seed)};
    }

    private static int low(long value) {
        return (int) value;
    }

    private static int high(long value) {
        return (int) (value >>> 32);
    }

    /** Newton's iteration for the inverse of an odd number modulo 2^32. */
    private static int inverse(int odd) {
        int x = odd;
        for (int i = 0; i < 5; i++) {
            x *= 2 - odd * x;
        }
        return x;
    }
}
