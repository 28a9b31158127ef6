package io.github.dropfuse.testing;

import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.Dropout;
import java.util.Arrays;

/**
 * Run in a process of its own: says which backend a user would get, and uses it. What is refused is
 * tried twice.
 */
public final class DescribeMain {
    private DescribeMain() {}

    public static void main(String[] arguments) {
        try {
            System.out.print(Backends.describe());
        } catch (RuntimeException e) {
            System.out.println("refused:   " + e.getMessage());
            System.out.print(Backends.describe());
        }
        float[] values = new float[1000];
        Arrays.fill(values, 1);
        Tensor tensor = Tensor.of(values, 1000);
        new Dropout(0.1).forward(tensor, tensor, new PhiloxState(42, 0));
        int kept = 0;
        for (float value : values) {
            kept += value == 0 ? 0 : 1;
        }
        System.out.println("kept:      " + kept);
    }
}
