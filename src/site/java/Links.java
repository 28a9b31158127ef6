import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** The links of a site's pages and styles. Those that lead out of it are not followed. */
final class Links {
    private static final Pattern URL = Pattern.compile("url\\(['\"]?([^'\")]+)");

    private final Path site;
    private final Map<Path, Document> pages = new TreeMap<>();
    private final Map<Path, Set<String>> names = new HashMap<>();
    private final Map<Path, String> styles = new TreeMap<>();

    Links(Path site) throws IOException {
        this.site = site.toAbsolutePath().normalize();
        try (Stream<Path> files = Files.walk(this.site)) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(".css")) {
                    styles.put(file, Files.readString(file));
                }
                if (!file.toString().endsWith(".html")) {
                    continue;
                }
                Document page = Jsoup.parse(file);
                pages.put(file, page);
                Set<String> here = new HashSet<>(page.select("[id]").eachAttr("id"));
                here.addAll(page.select("a[name]").eachAttr("name"));
                names.put(file, here);
            }
        }
    }

    /** A line for each link to a file or an anchor that is not there. */
    List<String> dead() {
        List<String> dead = new ArrayList<>();
        pages.forEach(
                (file, page) -> {
                    for (Element element : page.select("[href], [src]")) {
                        String link = element.attr(element.hasAttr("href") ? "href" : "src");
                        if (Markdown.isInner(link) && !exists(file, link)) {
                            dead.add(site.relativize(file) + ": dead link " + link);
                        }
                    }
                });
        styles.forEach(
                (file, style) -> {
                    for (Matcher link = URL.matcher(style); link.find();) {
                        if (Markdown.isInner(link.group(1)) && !exists(file, link.group(1))) {
                            dead.add(site.relativize(file) + ": dead link " + link.group(1));
                        }
                    }
                });
        return dead;
    }

    private boolean exists(Path from, String link) {
        int hash = link.indexOf('#');
        String path = decoded(hash < 0 ? link : link.substring(0, hash)).replaceFirst("\\?.*", "");
        Path file = path.isEmpty() ? from : from.resolveSibling(path).normalize();
        if (!file.startsWith(site) || !Files.isRegularFile(file)) {
            return false;
        }
        String name = hash < 0 ? "" : decoded(link.substring(hash + 1));
        return name.isEmpty() || names.getOrDefault(file, Set.of()).contains(name);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
