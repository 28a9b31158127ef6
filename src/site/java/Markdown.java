import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** A page of the repository, in Markdown. */
final class Markdown {
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final HtmlRenderer RENDERER =
            HtmlRenderer.builder().extensions(EXTENSIONS).build();

    /** Characters of a cell that is read, and not looked up. */
    private static final int PROSE = 40;

    private final String path;
    private final Document html;

    private Markdown(String path, String text) {
        this.path = path;
        this.html = Jsoup.parseBodyFragment(RENDERER.render(PARSER.parse(text)));
        html.outputSettings().prettyPrint(false);
        nameHeadings();
        for (Element table : html.select("table")) {
            // Tables are scrolled by themselves, by the keyboard too.
            table.wrap(
                    "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"></div>");
        }
        for (Element cell : html.select("td:last-child")) {
            if (cell.text().length() > PROSE) {
                cell.closest("table").addClass("prose");
            }
        }
        for (Element heading : html.select("th")) {
            if (heading.text().isEmpty()) {
                heading.tagName("td");
            }
        }
        html.select("pre").attr("tabindex", "0");
        html.select("th").attr("scope", "col");
        html.select("img").attr("loading", "lazy");
    }

    static Markdown read(Path root, String path) {
        try {
            return new Markdown(path, Files.readString(root.resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Headings get the names that GitHub gives them. */
    private void nameHeadings() {
        Map<String, Integer> used = new HashMap<>();
        for (Element heading : html.select("h1, h2, h3, h4")) {
            String name =
                    heading.text()
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\p{N} _-]", "")
                            .replace(' ', '-');
            int times = used.merge(name, 1, Integer::sum);
            heading.id(times == 1 ? name : name + "-" + (times - 1));
        }
    }

    String path() {
        return path;
    }

    String title() {
        return html.selectFirst("h1").text();
    }

    /** The headings of the second level: their names and their texts. */
    Map<String, String> sections() {
        Map<String, String> sections = new LinkedHashMap<>();
        html.select("h2").forEach(heading -> sections.put(heading.id(), heading.text()));
        return sections;
    }

    Element body() {
        return html.body();
    }

    /** The page with other links: a function of a path in the repository and a fragment or "". */
    Element body(BinaryOperator<String> link) {
        Element body = html.body().clone();
        for (Element element : body.select("a[href], img[src]")) {
            String attribute = element.hasAttr("href") ? "href" : "src";
            String value = element.attr(attribute);
            if (isInner(value) && !value.startsWith("#")) {
                int hash = value.indexOf('#');
                element.attr(
                        attribute,
                        link.apply(resolve(path, value), hash < 0 ? "" : value.substring(hash)));
            }
        }
        return body;
    }

    List<String> links() {
        return links(path, html);
    }

    /** The files of the repository that a page there links to. */
    static List<String> links(String path, Document page) {
        List<String> links = new ArrayList<>();
        for (Element element : page.select("a[href], img[src]")) {
            String value = element.attr(element.hasAttr("href") ? "href" : "src");
            if (isInner(value) && !value.startsWith("#")) {
                links.add(resolve(path, value));
            }
        }
        return links;
    }

    static boolean isInner(String link) {
        return !link.isEmpty() && !link.matches("(?s)[a-z]+:.*");
    }

    private static String resolve(String from, String link) {
        Path directory = Path.of("/" + from).getParent();
        String resolved = directory.resolve(link.replaceFirst("#.*", "")).normalize().toString();
        return resolved.substring(1);
    }
}
