package io.github.dropfuse.cli.bench;

import io.github.dropfuse.DType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code dropfuse bench} found out about one kernel on one backend.
 *
 * @param kernel what was done
 * @param backend who did it
 * @param tier with which instruction set
 * @param dtype the tensor's type
 * @param elements the tensor's size
 * @param threads how many took part at most
 * @param inPlace whether the output was the input
 * @param nsPerElement median time of a call over the size
 * @param ratioToMemcpy median of the time over that of a plain copy just before
 * @param samples how many pairs of times there are
 */
record BenchRow(
        BenchKernel kernel,
        String backend,
        String tier,
        DType dtype,
        long elements,
        int threads,
        boolean inPlace,
        double nsPerElement,
        double ratioToMemcpy,
        int samples) {
    static final String HEADER =
            String.format(
                    Locale.ROOT, "%-9s %10s %7s  %-26s  %-15s %10s %9s %6s", "type", "elements",
                    "threads", "kernel", "backend", "ns/element", "× memcpy", "limit");

    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kernel", kernel.name());
        fields.put("backend", backend);
        fields.put("tier", tier);
        fields.put("dtype", dtype.toString());
        fields.put("p", kernel.p());
        fields.put("elements", elements);
        fields.put("threads", threads);
        fields.put("inPlace", inPlace);
        fields.put("nsPerElement", nsPerElement);
        fields.put("ratioToMemcpy", ratioToMemcpy);
        fields.put("limit", kernel.limit());
        fields.put("samples", samples);
        return fields;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%-9s %10d %7d  %-26s  %-15s %10.4f %9.2f %6.2f",
                dtype,
                elements,
                threads,
                kernel + (inPlace ? " in place" : ""),
                backend + "/" + tier,
                nsPerElement,
                ratioToMemcpy,
                kernel.limit());
    }
}
