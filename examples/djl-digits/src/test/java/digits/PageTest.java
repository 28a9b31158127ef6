package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PageTest {
    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page)));
    }

    @Test
    void aTinyRunGivesAWholePage(@TempDir Path directory) throws Exception {
        Main.main(new String[] {"tiny", directory.toString()});
        String page = Files.readString(directory.resolve("index.html"));
        Document document = parsed(page);
        assertEquals(7, document.getElementsByTagName("figure").getLength());
        assertEquals(
                Variant.with(Variant.Norm.LAYER).size() * 2
                        + Variant.with(Variant.Norm.BATCH).size(),
                document.getElementsByTagName("tbody").item(0).getChildNodes().getLength() / 2);
        for (Variant variant : Variant.values()) {
            assertTrue(page.contains(">" + variant.label() + "</th>"), variant.label());
        }
        assertTrue(page.contains("ended with the bits of one without a break"));
        Results results = Results.read(directory.resolve("results.json"));
        assertEquals(page, Page.of(results));
    }

    @Test
    void theCommittedPageIsThatOfItsResults() throws Exception {
        Path report = Path.of("report");
        String page = Files.readString(report.resolve("index.html"));
        assertEquals(Page.of(Results.read(report.resolve("results.json"))), page);
        parsed(page);
        assertTrue(page.length() < 500_000);
        for (String word : List.of("http:", "https:", "<script", "url(", "NaN")) {
            assertFalse(page.contains(word), word);
        }
    }

    @Test
    void modesHaveNames() {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Mode.named("fast"));
        assertEquals("mode is fast, allowed are tiny, quick, full", e.getMessage());
    }
}
