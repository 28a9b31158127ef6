package io.github.dropfuse.kernel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Files of the jar that holds this class. The class loader finds them, unless the jar's path has an
 * exclamation mark before a slash, where it takes the path to end; then the jar itself is read.
 */
final class PackagedFile {
    private PackagedFile() {}

    /** Opens a file; null if there is none of this name. */
    static InputStream open(String name) throws IOException {
        InputStream found = PackagedFile.class.getResourceAsStream("/" + name);
        Path jar = jar();
        return found != null || jar == null ? found : open(jar, name);
    }

    private static InputStream open(Path jar, String name) throws IOException {
        ZipFile zip = new ZipFile(jar.toFile());
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            zip.close();
            return null;
        }
        return new FilterInputStream(zip.getInputStream(entry)) {
            @Override
            public void close() throws IOException {
                zip.close();
            }
        };
    }

    /** Where files were looked for, to be shown. */
    static String place() {
        Path jar = jar();
        return jar == null ? "this build" : jar.toString();
    }

    /** The jar's path; null where this class is not from a jar that is a file. */
    private static Path jar() {
        CodeSource source = PackagedFile.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return null;
        }
        try {
            Path path = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(path) ? path : null;
        } catch (URISyntaxException | RuntimeException e) {
            return null; // A place of another kind, such as a jar within a jar.
        }
    }
}
