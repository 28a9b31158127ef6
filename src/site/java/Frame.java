/** What is around a page's text. */
final class Frame {
    private Frame() {}

    /**
     * A page.
     *
     * @param up the way to the site's directory
     * @param navigation a list of all pages
     * @param neighbours links to the page before and after
     */
    static String page(
            String title,
            String up,
            String version,
            String body,
            String navigation,
            String neighbours) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%1$s</title>
                <link rel="icon" href="%2$s/icon.svg">
                <link rel="stylesheet" href="%2$s/site.css">
                </head>
                <body>
                <a class="skip" href="#content">Skip to the text</a>
                <header>
                <a class="name" href="%2$s/index.html">Dropfuse</a>
                <nav aria-label="Main">
                <a href="%2$s/layers/index.html">Layers</a>
                <a href="%2$s/api/index.html">Javadoc</a>
                <a href="%2$s/bench/report/index.html">Benchmarks</a>
                <a class="narrow" href="#contents">Contents</a>
                </nav>
                </header>
                <div class="columns">
                <main id="content">
                %3$s
                <nav class="neighbours" aria-label="Neighbouring pages">
                %5$s</nav>
                </main>
                <nav id="contents" aria-label="Contents">
                %4$s</nav>
                </div>
                <footer>Dropfuse %6$s, Apache-2.0</footer>
                </body>
                </html>
                """
                .formatted(escaped(title), up, body, navigation, neighbours, version);
    }

    /** A page that was made elsewhere, with a link to the site's start. */
    static String withWayBack(String html, String up) {
        String link = "<p><a href=\"" + up + "/index.html\">← Dropfuse</a></p>\n";
        return html.replaceFirst("<h1", link + "<h1");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
