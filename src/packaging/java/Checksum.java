import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Prints the SHA-256 digest of the file that is the argument, in a line that sha256sum -c takes. */
final class Checksum {
    private Checksum() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        System.out.println(HexFormat.of().formatHex(digest) + "  " + file.getFileName());
    }
}
