package io.github.dropfuse.cli.apply;

import io.github.dropfuse.cli.common.FileNames;
import io.github.dropfuse.cli.common.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The files of a command, in the order of their own names, which does not depend on how and in which
 * order the command names them.
 *
 * @param all the files
 * @param directory where new files go; null without
 * @param several whether the command is for any number of files
 */
record ApplyFiles(List<ApplyFile> all, Path directory, boolean several) {
    private static final String SUFFIX = ".npy";

    /**
     * Finds the files, and refuses names that contradict each other.
     *
     * @param names inputs, or without a directory and not in place an input and an output
     * @param directory where outputs go, or null
     * @param inPlace whether results go in the inputs' stead
     */
    static ApplyFiles of(List<Path> names, Path directory, boolean inPlace) throws IOException {
        if (inPlace && directory != null) {
            throw new UsageException("--in-place and --out-dir exclude each other");
        }
        if (inPlace || directory != null) {
            return ofInputs(names, directory);
        }
        if (names.size() > 2) {
            throw new UsageException(
                    names.size() + " files; for more than IN.npy and OUT.npy there are --out-dir"
                            + " and --in-place");
        }
        Path in = names.getFirst();
        if (names.size() < 2) {
            throw new UsageException("Missing OUT.npy, or --out-dir, or --in-place");
        }
        Path out = names.getLast();
        if (!FileNames.isStandardInput(in) && !FileNames.isStandardOutput(out)) {
            refuseSame(in, out, "OUT.npy is IN.npy");
        }
        return new ApplyFiles(List.of(new ApplyFile(in, out, 0)), null, false);
    }

    private static ApplyFiles ofInputs(List<Path> names, Path directory) throws IOException {
        boolean several = names.size() > 1 || Files.isDirectory(names.getFirst());
        Map<String, Path> inputs = new TreeMap<>();
        for (Path name : names) {
            refuseStream(name, directory == null);
            for (Path in : inputs(name)) {
                Path other = inputs.putIfAbsent(in.getFileName().toString(), in);
                if (other != null) {
                    throw new UsageException(
                            other + " and " + in + " have the same name, and files are told apart"
                                    + " by their names without directories");
                }
            }
        }
        if (directory == null) {
            refuseLinks(inputs.values());
        } else {
            checkDirectory(directory);
        }
        List<ApplyFile> all = new ArrayList<>();
        for (Path in : inputs.values()) {
            Path out = directory == null ? in : directory.resolve(in.getFileName());
            if (directory != null) {
                refuseSame(in, out, out + " is an input");
            }
            all.add(new ApplyFile(in, out, all.size()));
        }
        return new ApplyFiles(all, directory, several);
    }

    /** The file, or those of a directory. */
    private static List<Path> inputs(Path name) throws IOException {
        if (!Files.isDirectory(name)) {
            return List.of(name);
        }
        try (Stream<Path> entries = Files.list(name)) {
            List<Path> files = entries.filter(ApplyFiles::isInput).toList();
            if (files.isEmpty()) {
                throw new UsageException(name + ": a directory without files *" + SUFFIX);
            }
            return files;
        }
    }

    private static boolean isInput(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) && !name.startsWith(".") && !Files.isDirectory(file);
    }

    private static void refuseStream(Path name, boolean inPlace) {
        boolean stream =
                FileNames.isStandardInput(name)
                        || Files.exists(name)
                                && !Files.isRegularFile(name)
                                && !Files.isDirectory(name);
        if (stream) {
            throw new UsageException(
                    (inPlace ? "--in-place" : "--out-dir") + " needs files, IN.npy is " + name);
        }
    }

    /** In place, a file under two names would be computed twice. */
    private static void refuseLinks(Iterable<Path> inputs) throws IOException {
        Map<Path, Path> real = new HashMap<>();
        for (Path in : inputs) {
            Path other = Files.exists(in) ? real.putIfAbsent(in.toRealPath(), in) : null;
            if (other != null) {
                throw new UsageException(other + " and " + in + " are the same file");
            }
        }
    }

    private static void checkDirectory(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UsageException("--out-dir " + directory + " is not a directory");
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new NoSuchFileException(
                    directory.toString(), null, "its directory does not exist");
        }
    }

    private static void refuseSame(Path in, Path out, String fault) throws IOException {
        if (Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw new UsageException(fault + "; --in-place is there for that");
        }
    }

    /** Whether a file is one that will be written. */
    boolean writes(Path file) throws IOException {
        for (ApplyFile one : all) {
            if (Files.exists(file)
                    && Files.exists(one.out())
                    && Files.isSameFile(file, one.out())) {
                return true;
            }
        }
        return false;
    }
}
