import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jsoup.nodes.Element;

/** The site's navigation, which is a page of lists. */
final class Contents {
    static final String PAGE = "src/site/README.md";

    private record Entry(String group, String path, String text) {}

    private final List<Entry> entries = new ArrayList<>();

    Contents(Markdown page) {
        List<String> paths = page.links();
        List<Element> links = page.body().select("a[href]");
        for (int i = 0; i < links.size(); i++) {
            Element list = links.get(i).closest("ul");
            entries.add(
                    new Entry(
                            list.previousElementSibling().text(),
                            paths.get(i),
                            links.get(i).text()));
        }
    }

    List<String> paths() {
        return entries.stream().map(Entry::path).toList();
    }

    /** The list of all pages, with the sections of the one that is shown. */
    String navigation(String path, Map<String, String> sections, UnaryOperator<String> link) {
        StringBuilder list = new StringBuilder();
        String group = "";
        for (Entry entry : entries) {
            if (!entry.group.equals(group)) {
                list.append(group.isEmpty() ? "" : "</ul>\n");
                list.append("<h2>" + Frame.escaped(entry.group) + "</h2>\n<ul>\n");
                group = entry.group;
            }
            boolean here = entry.path.equals(path);
            list.append("<li><a href=\"" + link.apply(entry.path) + "\"");
            list.append((here ? " aria-current=\"page\"" : "") + ">");
            list.append(Frame.escaped(entry.text) + "</a>");
            if (here && !sections.isEmpty()) {
                list.append("\n<ul>\n");
                sections.forEach(
                        (name, text) ->
                                list.append("<li><a href=\"#" + name + "\">")
                                        .append(Frame.escaped(text) + "</a></li>\n"));
                list.append("</ul>\n");
            }
            list.append("</li>\n");
        }
        return list + "</ul>\n";
    }

    /** Links to the page before and to the one after. */
    String neighbours(String path, UnaryOperator<String> link) {
        int at = paths().indexOf(path);
        StringBuilder links = new StringBuilder();
        if (at > 0) {
            links.append(neighbour("prev", "← ", entries.get(at - 1), link));
        }
        if (at >= 0 && at < entries.size() - 1) {
            links.append(neighbour("next", "→ ", entries.get(at + 1), link));
        }
        return links.toString();
    }

    private static String neighbour(
            String relation, String arrow, Entry entry, UnaryOperator<String> link) {
        return "<a rel=\"" + relation + "\" href=\"" + link.apply(entry.path) + "\">"
                + "<span aria-hidden=\"true\">" + arrow + "</span>"
                + Frame.escaped(entry.text) + "</a>\n";
    }

    /** The relative link from one file of the site to another, or to its directory for "". */
    static String relative(String from, String to) {
        Path directory = Path.of("/" + from).getParent();
        String link = directory.relativize(Path.of("/" + to)).toString();
        return link.isEmpty() ? "." : link;
    }
}
