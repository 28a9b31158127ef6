/**
 * Dropout and stochastic depth for the JVM at memory speed, with the same mask on every device.
 */
@SuppressWarnings("requires-automatic")
module io.github.dropfuse {
    exports io.github.dropfuse;
    exports io.github.dropfuse.cuda;
    exports io.github.dropfuse.layer;
    exports io.github.dropfuse.npy;

    // The command line only.
    requires static com.fasterxml.jackson.jr.ob;
    requires static info.picocli;
    requires static java.desktop;
    requires static java.management;
    requires static me.tongfei.progressbar;
    requires static org.apache.fontbox;
    requires static org.apache.pdfbox.io;

    opens io.github.dropfuse.cli to
            info.picocli;
    opens io.github.dropfuse.cli.apply to
            info.picocli;
    opens io.github.dropfuse.cli.bench to
            info.picocli;
    opens io.github.dropfuse.cli.common to
            info.picocli;
    opens io.github.dropfuse.cli.completion to
            info.picocli;
    opens io.github.dropfuse.cli.demo to
            info.picocli;
    opens io.github.dropfuse.cli.verify to
            info.picocli;
}
