package io.github.dropfuse.npy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PendingFileTest {
    private static final String DEAD =
            ".dropfuse-1-1-01234567-89ab-cdef-0123-456789abcdef.tmp";

    @TempDir private Path directory;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private static PendingFile begin(Path path, boolean replace, String text, Disk disk)
            throws IOException {
        PendingFile file = PendingFile.create(path, replace, 0, disk);
        file.channel().write(ByteBuffer.wrap(text.getBytes()));
        return file;
    }

    private static void write(Path path, boolean replace, String text) throws IOException {
        try (PendingFile file = begin(path, replace, text, Disk.REAL)) {
            file.commit();
        }
    }

    @Test
    @Timeout(60)
    void refusesOtherFileSystems() throws IOException {
        try (FileSystem zip =
                FileSystems.newFileSystem(path("a.zip"), Map.of("create", "true"))) {
            Path inside = zip.getPath("/mask");
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> PendingFile.create(inside, false).close());
            assertEquals(
                    "path is " + inside.toUri() + ", allowed are paths of the default file system",
                    e.getMessage());
        }
    }

    private static final Disk WITHOUT_LINKS =
            new Disk() {
                @Override
                void link(Path name, Path file) throws IOException {
                    throw new FileSystemException(name.toString(), null, "Operation not permitted");
                }
            };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofSeveralAtOnceExactlyOneGetsTheName(boolean links) throws Exception {
        Disk disk = links ? Disk.REAL : WITHOUT_LINKS;
        int writers = 4;
        CyclicBarrier together = new CyclicBarrier(writers);
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            for (int round = 0; round < 100; round++) {
                Path target = path("out" + round);
                List<Callable<Boolean>> calls = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    String text = "writer " + writer;
                    calls.add(
                            () -> {
                                try (PendingFile file = begin(target, false, text, disk)) {
                                    together.await();
                                    file.commit();
                                    assertEquals(text, Files.readString(target));
                                    return true;
                                } catch (FileAlreadyExistsException e) {
                                    return false;
                                }
                            });
                }
                int successes = 0;
                for (Future<Boolean> call : threads.invokeAll(calls)) {
                    successes += call.get() ? 1 : 0;
                }
                assertEquals(1, successes, "round " + round);
            }
        }
        assertEquals(100, names().size());
    }

    @Test
    void isOnTheDiskBeforeItHasItsNameAndTheNameAfterwards() throws IOException {
        List<String> calls = new ArrayList<>();
        Disk recording =
                new Disk() {
                    @Override
                    void sync(FileChannel file) throws IOException {
                        assertEquals(4, file.size());
                        calls.add("file, named " + Files.exists(path("a")));
                        super.sync(file);
                    }

                    @Override
                    void syncDirectory(Path synced) throws IOException {
                        assertEquals(directory, synced);
                        calls.add("directory, named " + Files.readString(path("a")));
                        super.syncDirectory(synced);
                    }
                };
        try (PendingFile file = begin(path("a"), false, "text", recording)) {
            file.commit();
        }
        assertEquals(List.of("file, named false", "directory, named text"), calls);
        Files.writeString(path("a"), "old");
        calls.clear();
        try (PendingFile file = begin(path("a"), true, "text", recording)) {
            file.commit();
        }
        assertEquals(List.of("file, named true", "directory, named text"), calls);
    }

    @Test
    void goesOnWhereSystemsRefuse() throws IOException {
        Disk refusing =
                new Disk() {
                    @Override
                    long usable(Path any) throws IOException {
                        throw new IOException("Mount point not found");
                    }

                    @Override
                    void syncDirectory(Path any) throws IOException {
                        throw new IOException("Invalid argument");
                    }
                };
        try (PendingFile file = PendingFile.create(path("a"), false, 1000, refusing)) {
            file.commit();
        }
        assertEquals(1000, Files.size(path("a")));
    }

    @Test
    void saysWhyAFileIsNotReplaced() throws IOException {
        Disk windows =
                new Disk() {
                    @Override
                    void rename(Path file, Path name) throws IOException {
                        throw new AccessDeniedException(file.toString(), name.toString(), null);
                    }
                };
        Files.writeString(path("a"), "old");
        try (PendingFile file = begin(path("a"), true, "new", windows)) {
            IOException e = assertThrows(IOException.class, file::commit);
            assertEquals(
                    path("a") + ": cannot be replaced: access is denied, as on Windows to a file that"
                            + " is open or mapped in this process or another",
                    e.getMessage());
        }
        assertEquals(List.of("a"), names());
        assertEquals("old", Files.readString(path("a")));
    }

    /** From the first moment on: owner, group and the others come later, and may only add. */
    @ParameterizedTest
    @CsvSource({
        "rw-------, rw-------", "rw-rw-rw-, rw-------", "-w--w--w-, -w-------"
    })
    void isMadeNoWiderThanWhatItReplaces(String replaced, String made) throws IOException {
        Path old = Files.writeString(path("a"), "old");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString(replaced));
        Disk watched =
                new Disk() {
                    @Override
                    FileChannel create(Path file, FileAttribute<?>... attributes)
                            throws IOException {
                        FileChannel channel = super.create(file, attributes);
                        assertEquals(made, permissions(file));
                        return channel;
                    }
                };
        try (PendingFile file = begin(old, true, "new", watched)) {
            assertEquals(replaced, permissions(path(names().getFirst())));
            file.commit();
        }
        assertEquals(replaced, permissions(old));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void replacesWhateverHasTheNameByThen() throws IOException {
        Path appeared = path("appeared");
        try (PendingFile file = begin(appeared, true, "new", Disk.REAL)) {
            Files.writeString(appeared, "old");
            file.commit();
        }
        Path gone = Files.writeString(path("gone"), "old");
        try (PendingFile file = begin(gone, true, "new", Disk.REAL)) {
            Files.delete(gone);
            file.commit();
        }
        assertEquals("new", Files.readString(appeared));
        assertEquals("new", Files.readString(gone));
        assertEquals(List.of("appeared", "gone"), names());
    }

    @Test
    void makesWhatADanglingLinkLeadsTo() throws IOException {
        Files.createDirectory(path("there"));
        Files.createSymbolicLink(path("first"), Path.of("second"));
        Files.createSymbolicLink(path("second"), Path.of("there/a"));
        write(path("first"), false, "text");
        assertTrue(Files.isSymbolicLink(path("first")));
        assertTrue(Files.isSymbolicLink(path("second")));
        assertEquals("text", Files.readString(path("there/a")));
        assertThrows(FileAlreadyExistsException.class, () -> write(path("first"), false, "new"));
        write(path("first"), true, "new");
        assertTrue(Files.isSymbolicLink(path("first")));
        assertEquals("new", Files.readString(path("there/a")));
    }

    @Test
    void refusesLinksThatLeadNowhere() throws IOException {
        Files.createSymbolicLink(path("nowhere"), Path.of("no/a"));
        assertThrows(NoSuchFileException.class, () -> write(path("nowhere"), false, "text"));
        Files.createSymbolicLink(path("round"), Path.of("round"));
        assertThrows(FileSystemLoopException.class, () -> write(path("round"), false, "text"));
        assertEquals(List.of("nowhere", "round"), names());
    }

    @Test
    void saysHowManyOtherNamesKeepTheOldContent() throws IOException {
        Files.writeString(path("a"), "old");
        Files.createLink(path("b"), path("a"));
        Files.createLink(path("c"), path("a"));
        try (PendingFile file = begin(path("a"), true, "new", Disk.REAL)) {
            file.commit();
            assertEquals(2, file.otherNames());
        }
        assertEquals("new", Files.readString(path("a")));
        assertEquals("old", Files.readString(path("b")));
        try (PendingFile file = begin(path("a"), true, "newer", Disk.REAL)) {
            file.commit();
            assertEquals(0, file.otherNames());
        }
    }

    @Test
    void writesToDevices() throws IOException {
        write(Path.of("/dev/null"), false, "text");
        assertEquals(
                "No space left on device",
                assertThrows(IOException.class, () -> write(Path.of("/dev/full"), false, "text"))
                        .getMessage());
    }

    @Test
    void removesWhatDeadProcessesLeft() throws IOException {
        Files.writeString(path(DEAD), "half");
        Files.createSymbolicLink(path(DEAD.replace("-1-1-", "-1-2-")), Path.of("a"));
        Files.writeString(path(".dropfuse-mine.tmp"), "somebody's");
        try (PendingFile mine = PendingFile.create(path("a"), false)) {
            assertEquals(3, names().size(), names().toString());
            try (PendingFile other = PendingFile.create(path("b"), false)) {
                assertEquals(4, names().size(), names().toString());
                other.commit();
            }
            mine.commit();
        }
        assertEquals(
                List.of(DEAD.replace("-1-1-", "-1-2-"), ".dropfuse-mine.tmp", "a", "b"), names());
    }

    /** The library in a loader of its own, as a container of applications has it. */
    @Test
    void lettingGoOfItsClassLoaderFreesIt() throws Exception {
        WeakReference<ClassLoader> loader = useInAnotherLoader();
        for (int i = 0; i < 100 && loader.get() != null; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(null, loader.get(), "the class loader is still held");
    }

    private WeakReference<ClassLoader> useInAnotherLoader() throws Exception {
        URL classes = PendingFile.class.getProtectionDomain().getCodeSource().getLocation();
        URLClassLoader loader =
                new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
        Class<?> output = loader.loadClass("io.github.dropfuse.npy.NpyOutput");
        Class<?> dtype = loader.loadClass("io.github.dropfuse.DType");
        Object float32 = dtype.getField("FLOAT32").get(null);
        for (boolean commit : new boolean[] {true, false}) {
            AutoCloseable file =
                    (AutoCloseable)
                            output.getMethod("create", Path.class, boolean.class, dtype, long[].class)
                                    .invoke(null, path("a" + commit), false, float32, new long[] {5});
            if (commit) {
                output.getMethod("commit").invoke(file);
            }
            file.close();
        }
        Class<?> input = loader.loadClass("io.github.dropfuse.npy.NpyFile");
        try (Arena arena = Arena.ofConfined()) {
            Object read =
                    input.getMethod("open", Path.class, Arena.class)
                            .invoke(null, path("atrue"), arena);
            input.getMethod("tensor").invoke(read);
        }
        loader.close();
        return new WeakReference<>(loader);
    }
}
