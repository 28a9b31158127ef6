package io.github.dropfuse.testing;

import java.lang.ref.Reference;

/** Run in a process of its own: {@link DescribeMain} in two class loaders, as in a server. */
public final class TwoLoadersMain {
    private TwoLoadersMain() {}

    public static void main(String[] arguments) throws Exception {
        ClassLoader first = UnloadMain.use(DescribeMain.class.getName());
        ClassLoader second = UnloadMain.use(DescribeMain.class.getName());
        Reference.reachabilityFence(first);
        Reference.reachabilityFence(second);
    }
}
