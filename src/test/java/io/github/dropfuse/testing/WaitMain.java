package io.github.dropfuse.testing;

import java.io.IOException;

/** Run in a process of its own: uses the library, says so, and waits to be killed. */
public final class WaitMain {
    private WaitMain() {}

    public static void main(String[] arguments) throws IOException {
        DescribeMain.main(arguments);
        System.out.println("waits");
        System.in.read();
    }
}
