package io.github.dropfuse.layer;

import io.github.dropfuse.Location;
import io.github.dropfuse.Mask;
import io.github.dropfuse.MaskSource;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchCall;
import io.github.dropfuse.kernel.Kernels;
import io.github.dropfuse.kernel.Place;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/** The checks that come before a byte is written. A failure names argument, value and range. */
final class Checks {
    private Checks() {}

    static void probability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("p is " + p + ", allowed are 0 to 1");
        }
    }

    /** A source that decides unit by unit; a {@link TorchCall} is refused. */
    static MaskSource decides(Layer layer, MaskSource source) {
        if (Objects.requireNonNull(source, "source") instanceof TorchCall call) {
            throw refused(layer, call);
        }
        return source;
    }

    /** What to throw for a call of PyTorch's generator, where there are only units. */
    static IllegalArgumentException refused(Layer layer, TorchCall call) {
        return refused(layer, call, "a PhiloxState and a Mask");
    }

    /** What to throw for a source that a layer cannot take. */
    static IllegalArgumentException refused(Layer layer, MaskSource source, String allowed) {
        return new IllegalArgumentException(
                "source is a " + source.getClass().getSimpleName() + ", allowed for "
                        + layer.getClass().getSimpleName() + " are " + allowed);
    }

    /** Input and output of one call: equal shapes and types, usable memory, no partial overlap. */
    static void pair(String inName, Tensor in, String outName, Tensor out) {
        Objects.requireNonNull(in, inName);
        Objects.requireNonNull(out, outName);
        if (in != out) {
            alike(outName, out, inName, in);
            accessible(in.address());
        }
        writable(outName, out.address());
        accessible(out.address());
        if (in != out
                && !sameMemory(in, out)
                && overlap(in.address(), in.byteSize(), out.address(), out.byteSize())) {
            throw new IllegalArgumentException(
                    outName + " overlaps " + inName + " in part; allowed are the same memory and"
                            + " memory apart");
        }
    }

    /** The type and the shape of another tensor. */
    static void alike(String name, Tensor tensor, String otherName, Tensor other) {
        type(name, tensor, otherName, other);
        if (!other.hasShapeOf(tensor)) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(tensor.shape()) + ", allowed is "
                            + otherName + "'s " + Arrays.toString(other.shape()));
        }
    }

    static void type(String name, Tensor tensor, String otherName, Tensor other) {
        if (tensor.dtype() != other.dtype()) {
            throw new IllegalArgumentException(
                    name + " is " + tensor.dtype() + ", allowed is " + otherName + "'s "
                            + other.dtype());
        }
    }

    /** One value for each position of a tensor's last dimension, apart from another's memory. */
    static void vector(
            String name, Tensor vector, String ofName, Tensor of, String apartName, Tensor apart) {
        type(name, vector, ofName, of);
        if (of.rank() == 0) {
            throw new IllegalArgumentException(
                    ofName + " has rank 0, with " + name + " allowed are 1 and more");
        }
        long length = of.extent(of.rank() - 1);
        if (vector.rank() != 1 || vector.size() != length) {
            throw new IllegalArgumentException(
                    name + " has shape " + Arrays.toString(vector.shape()) + ", allowed is ["
                            + length + "], the last extent of " + ofName);
        }
        accessible(vector.address());
        apart(name, vector, apartName, apart);
    }

    static void apart(String name, Tensor tensor, String otherName, Tensor other) {
        apart(name, tensor.address(), tensor.byteSize(), otherName, other);
    }

    private static void apart(
            String name, MemorySegment memory, long bytes, String otherName, Tensor other) {
        if (bytes > 0 && overlap(memory, bytes, other.address(), other.byteSize())) {
            throw new IllegalArgumentException(
                    name + " overlaps " + otherName + "; allowed is memory apart");
        }
    }

    static void writable(String name, MemorySegment segment) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(name + " is read-only, it has to be writable");
        }
    }

    /** Also checks segments of no bytes, as a device's tensors are. */
    static void accessible(MemorySegment segment) {
        Place.accessible(segment);
    }

    /** How many entries of so many units 2^64 units make, rounded down; 0 stands for 2^64. */
    static long entries(long entryUnits) {
        long entries = Long.divideUnsigned(-1, entryUnits);
        return Long.remainderUnsigned(-1, entryUnits) == entryUnits - 1 ? entries + 1 : entries;
    }

    static void unitRange(long start, long units) {
        if (units > 0 && Long.compareUnsigned(start + (units - 1), start) < 0) {
            throw new IllegalArgumentException(
                    "start is " + Long.toUnsignedString(start) + ", with " + units
                            + " units allowed are 0 to " + Long.toUnsignedString(-units));
        }
    }

    /** A stored mask that decides on the units of an output; null where nothing is written. */
    static void mask(Mask mask, long units, String outName, Tensor out) {
        if (units > mask.units()) {
            throw new IllegalArgumentException(
                    "mask has " + mask.units() + " units, needed are at least " + units);
        }
        accessible(mask.address());
        if (out != null) {
            apart("mask", mask.address(), (mask.units() + 7) / 8, outName, out);
        }
    }

    /** Whether two tensors of equal size begin at the same place. */
    static boolean sameMemory(Tensor a, Tensor b) {
        MemorySegment x = a.address();
        MemorySegment y = b.address();
        if (x.isNative() && y.isNative()) {
            return x.address() == y.address();
        }
        return !x.isNative()
                && !y.isNative()
                && x.address() == y.address()
                && x.asOverlappingSlice(y).isPresent();
    }

    private static boolean overlap(MemorySegment x, long xBytes, MemorySegment y, long yBytes) {
        if (x.isNative() && y.isNative()) {
            return x.address() < y.address() + yBytes && y.address() < x.address() + xBytes;
        }
        return x.isNative() == y.isNative() && x.asOverlappingSlice(y).isPresent();
    }

    /** Whether kernels can access what they are given. */
    static void placed(
            Kernels kernels,
            String inName,
            Tensor in,
            String outName,
            Tensor out,
            MaskSource source) {
        placed(kernels, inName, in);
        placed(kernels, outName, out);
        if (source instanceof Mask mask) {
            placed(kernels, "mask", mask.location());
        }
    }

    /** The same for a tensor that may be left out. */
    static void placed(Kernels kernels, String name, Tensor tensor) {
        if (tensor != null) {
            placed(kernels, name, tensor.location());
        }
    }

    static void placed(Kernels kernels, String name, Location location) {
        Place place = kernels.place();
        if (!place.accesses(location)) {
            throw new IllegalArgumentException(
                    name + " is in " + location + ", which " + place.backend() + "/" + place.tier()
                            + " cannot access; allowed is "
                            + (place.splits() ? "host memory" : "the device's or pinned memory"));
        }
        place.check();
    }
}
