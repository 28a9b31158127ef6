package io.github.dropfuse.cli.common;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;

/** Standard output for a command's lines; knows why they could not be written. */
public final class StandardOutput extends PrintWriter {
    private final Stream stream;

    /** In the charset that Java found out. */
    public StandardOutput() {
        this(new Stream(new FileOutputStream(FileDescriptor.out)));
    }

    private StandardOutput(Stream stream) {
        super(stream, true, System.out.charset());
        this.stream = stream;
    }

    /** Why something was not written, or null. */
    public String fault() {
        return checkError() ? stream.fault : null;
    }

    private static final class Stream extends OutputStream {
        private final OutputStream out;
        private String fault;

        Stream(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            try {
                out.write(bytes, from, count);
            } catch (IOException e) {
                fault = e.getMessage();
                throw e;
            }
        }
    }
}
