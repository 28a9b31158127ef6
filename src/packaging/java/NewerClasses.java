import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine;

/**
 * Writes picocli's classes, to the jar that is the argument, in a format that an ahead-of-time cache
 * takes. They are of Java 5's format, which no cache takes. The version changes, and methods get the
 * tables of types that the newer format wants; the code stays.
 */
final class NewerClasses {
    private static final String PACKAGE = "picocli/";
    private static final String SUFFIX = ".class";

    private NewerClasses() {}

    public static void main(String[] arguments) throws Exception {
        URI jar = CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path target = Path.of(arguments[0]);
        Files.createDirectories(target.getParent());
        try (ZipFile from = new ZipFile(Path.of(jar).toFile());
                OutputStream file = Files.newOutputStream(target);
                ZipOutputStream to = new ZipOutputStream(file)) {
            ClassFile format = format(from);
            for (Enumeration<? extends ZipEntry> all = from.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                String name = entry.getName();
                if (name.startsWith(PACKAGE) && name.endsWith(SUFFIX)) {
                    to.putNextEntry(new ZipEntry(entry));
                    to.write(newer(format, read(from, entry)));
                }
            }
        }
    }

    /** Tables of types ask which of picocli's classes extend which. */
    private static ClassFile format(ZipFile jar) {
        ClassHierarchyResolver own =
                ClassHierarchyResolver.ofResourceParsing(type -> open(jar, type));
        return ClassFile.of(
                ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(
                        own.orElse(ClassHierarchyResolver.defaultResolver())));
    }

    private static InputStream open(ZipFile jar, ClassDesc type) {
        String name = type.descriptorString();
        ZipEntry entry = jar.getEntry(name.substring(1, name.length() - 1) + SUFFIX);
        try {
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            throw new IllegalStateException(jar.getName(), e);
        }
    }

    private static byte[] read(ZipFile jar, ZipEntry entry) throws IOException {
        try (InputStream content = jar.getInputStream(entry)) {
            return content.readAllBytes();
        }
    }

    private static byte[] newer(ClassFile format, byte[] content) {
        ClassTransform version =
                (builder, element) -> {
                    if (element instanceof ClassFileVersion) {
                        builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                    } else {
                        builder.with(element);
                    }
                };
        ClassTransform code = ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL);
        return format.transformClass(format.parse(content), code.andThen(version));
    }
}
