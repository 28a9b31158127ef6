import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;

/**
 * Makes the site: the repository's Markdown pages as HTML, with all that they link to, and the
 * Javadoc. Fails where a link leads nowhere, or a picture of a layer is not what the layer does.
 *
 * <p>The arguments are the repository, the version, the Javadoc and the site's directory, and
 * {@code write} for making the layers' pictures in the repository anew.
 */
final class Site {
    private static final String HOME = "README.md";
    private static final String SOURCES = "src/main/java/";
    private static final Set<String> AS_THEY_ARE =
            Set.of("html", "png", "svg", "json", "npy", "css");

    private final Path root;
    private final String version;
    private final Path api;
    private final Path site;
    private final Contents contents;
    private final Map<String, Markdown> pages = new TreeMap<>();
    private final Set<String> others = new LinkedHashSet<>();
    private final Map<String, String> classes = new HashMap<>();
    private final Deque<String> toRead = new ArrayDeque<>();

    private Site(Path root, String version, Path api, Path site) throws IOException {
        this.root = root;
        this.version = version;
        this.api = api;
        this.site = site;
        this.contents = new Contents(Markdown.read(root, Contents.PAGE));
    }

    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]).toRealPath();
        Path site = Path.of(arguments[3]);
        List<String> faults =
                new ArrayList<>(Pictures.check(root, List.of(arguments).contains("write")));
        new Site(root, arguments[1], Path.of(arguments[2]), site).make();
        faults.addAll(new Links(site).dead());
        faults.forEach(System.err::println);
        if (!faults.isEmpty()) {
            System.exit(1);
        }
    }

    private void make() throws IOException {
        clear();
        copyApi();
        collect();
        for (Markdown page : pages.values()) {
            write(target(page.path()), html(page));
        }
        for (String path : others) {
            writeOther(path);
        }
        for (String file : List.of("site.css", "icon.svg")) {
            copy(root.resolve("src/site").resolve(file), site.resolve(file));
        }
    }

    private void clear() throws IOException {
        if (Files.exists(site)) {
            try (Stream<Path> files = Files.walk(site)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private void copyApi() throws IOException {
        try (Stream<Path> files = Files.walk(api)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = api.relativize(file).toString();
                copy(file, site.resolve("api").resolve(name));
                if (name.endsWith(".html")) {
                    String inPackage = name.substring(name.indexOf('/') + 1);
                    classes.put(inPackage.replace(".html", ".java"), "api/" + name);
                }
            }
        }
        classes.put("module-info.java", "api/index.html");
    }

    /** Reads the contents, and then whatever the pages link to. */
    private void collect() throws IOException {
        contents.paths().forEach(this::use);
        use(HOME);
        use(Contents.PAGE);
        while (!toRead.isEmpty()) {
            String path = toRead.remove();
            for (String link : links(path)) {
                use(link);
            }
        }
    }

    private List<String> links(String path) throws IOException {
        if (pages.containsKey(path)) {
            return pages.get(path).links();
        }
        if (!path.endsWith(".html")) {
            return List.of();
        }
        return Markdown.links(path, Jsoup.parse(root.resolve(path)));
    }

    /** Has a file of the repository in the site. */
    private void use(String path) {
        Path file = root.resolve(path);
        String page = Files.isDirectory(file) ? path + "/README.md" : path;
        if (!Files.exists(file) || isClass(path)) {
            return;
        }
        if (page.endsWith(".md") && Files.exists(root.resolve(page))) {
            if (!pages.containsKey(page)) {
                pages.put(page, Markdown.read(root, page));
                toRead.add(page);
            }
        } else if (others.add(path)) {
            toRead.add(path);
        }
    }

    private boolean isClass(String path) {
        return path.startsWith(SOURCES) && classes.containsKey(path.substring(SOURCES.length()));
    }

    /** Where a file of the repository is in the site. */
    private String target(String path) {
        if (isClass(path)) {
            return classes.get(path.substring(SOURCES.length()));
        }
        if (Files.isDirectory(root.resolve(path))) {
            return target(path + "/README.md");
        }
        if (path.equals(Contents.PAGE)) {
            return "contents.html";
        }
        String name = path.startsWith("src/site/") ? path.substring("src/site/".length()) : path;
        if (name.endsWith(".md")) {
            return name.replaceFirst("README\\.md$", "index.md").replaceFirst("\\.md$", ".html");
        }
        return isShown(path) ? name + ".html" : name;
    }

    /** Whether a file is text that a browser would offer to save. */
    private static boolean isShown(String path) {
        return !AS_THEY_ARE.contains(path.substring(path.lastIndexOf('.') + 1));
    }

    /** A link from a page to a file of the repository, as it is in the site. */
    private String link(String fromTarget, String path, String fragment) {
        if (!Files.exists(root.resolve(path))) {
            return path + fragment;
        }
        return Contents.relative(fromTarget, target(path)) + fragment;
    }

    private String html(Markdown page) {
        String at = target(page.path());
        Element body = page.body((path, fragment) -> link(at, path, fragment));
        String title = page.path().equals(HOME) ? "Dropfuse" : page.title() + " – Dropfuse";
        return frame(at, page.path(), title, body.html(), page.sections());
    }

    private String frame(
            String at, String path, String title, String body, Map<String, String> sections) {
        return Frame.page(
                title,
                Contents.relative(at, ""),
                version,
                body,
                contents.navigation(path, sections, other -> link(at, other, "")),
                contents.neighbours(path, other -> link(at, other, "")));
    }

    private void writeOther(String path) throws IOException {
        Path file = root.resolve(path);
        String at = target(path);
        if (Files.isDirectory(file)) {
            StringBuilder list = new StringBuilder("<h1>" + path + "</h1>\n<ul>\n");
            try (Stream<Path> files = Files.walk(file)) {
                for (Path entry : files.filter(Files::isRegularFile).sorted().toList()) {
                    String name = file.relativize(entry).toString();
                    copy(entry, site.resolve(path).resolve(name));
                    list.append("<li><a href=\"" + name + "\">" + name + "</a>\n");
                }
            }
            write(at, frame(at, path, path + " – Dropfuse", list + "</ul>", Map.of()));
        } else if (isShown(path)) {
            String text = Frame.escaped(Files.readString(file));
            String shown =
                    "<h1>" + path + "</h1>\n<pre tabindex=\"0\"><code>" + text + "</code></pre>";
            write(at, frame(at, path, path + " – Dropfuse", shown, Map.of()));
        } else if (path.endsWith(".html")) {
            write(at, Frame.withWayBack(Files.readString(file), Contents.relative(at, "")));
        } else {
            copy(file, site.resolve(at));
        }
    }

    private void write(String target, String text) throws IOException {
        Path file = site.resolve(target);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
    }
}
