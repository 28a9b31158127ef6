// Opens every page of a site in Chromium and looks at it as a reader would: on a telephone, in dark
// mode, from a directory of a server and from files.
//
//   node check.mjs SITE [--screenshots DIRECTORY]
//
// CHROMIUM names the browser, without it `chromium` on the path.
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [directory, option, into, ...more] = process.argv.slice(2);
if (!directory || more.length || (option && (option !== '--screenshots' || !into))) {
  console.error('usage: node check.mjs SITE [--screenshots DIRECTORY]');
  process.exit(2);
}
const site = resolve(directory);
const shots = into ? resolve(into) : null;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browserPath = process.env.CHROMIUM
  ?? execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();

/** Below the root, as a project's pages are. */
const base = '/dropfuse/0.1/';
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.json': 'application/json' };

/** Made by other programs, which have their own tests: links and errors alone are looked at. */
const reports = ['bench/report/index.html', 'examples/djl-digits/report/index.html'];
const isApi = (page) => page.startsWith('api/');

const faults = [];
const fault = (page, text) => faults.push(`${page}: ${text}`);

function filesIn(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(directory, entry.name)) : [join(directory, entry.name)]);
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = path.startsWith(base) ? join(site, path.slice(base.length)) : '';
  if (path === '/favicon.ico') {
    // Asked for by pages without an icon, at the server's root, where the site is not.
    response.writeHead(204).end();
  } else if (file && existsSync(file) && statSync(file).isFile()) {
    response.setHeader('Content-Type', types[extname(file)] ?? 'text/plain; charset=utf-8');
    createReadStream(file).pipe(response);
  } else {
    response.writeHead(404).end();
  }
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync',
    '--disable-component-update', '--no-first-run'],
});

/** Watches a page's errors and what it loads. */
async function open(colorScheme, width) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 } });
  const page = await context.newPage();
  page.seen = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.seen.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.seen.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    // What the page before was still loading is given up when the next one is opened.
    const { errorText } = request.failure();
    if (errorText !== 'net::ERR_ABORTED') page.seen.push(`not loaded: ${request.url()} ${errorText}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(file|data|blob):/.test(url)) page.seen.push(`loads ${url}`);
  });
  return page;
}

/** How much wider than the screen a page is, how bright it is behind the text, where it links to. */
function look() {
  const [red, green, blue, alpha = 1] = getComputedStyle(document.body).backgroundColor
    .match(/[\d.]+/g).map(Number);
  return {
    overflow: document.scrollingElement.scrollWidth - innerWidth,
    brightness: alpha === 0 ? 255 : 0.299 * red + 0.587 * green + 0.114 * blue,
    links: [...document.querySelectorAll('a[href]')].map((a) => a.href.replace(/#.*/, '')),
  };
}

async function visit(page, name, url, check) {
  page.seen.length = 0;
  await page.goto(url, { waitUntil: 'load' });
  const seen = await page.evaluate(look);
  if (!reports.includes(name)) {
    if (seen.overflow > 0) fault(name, `${seen.overflow} pixels wider than ${check}`);
  }
  page.seen.forEach((text) => fault(name, `${text} (${check})`));
  return seen;
}

const pages = filesIn(site).map((file) => relative(site, file)).filter((f) => f.endsWith('.html'));
const written = pages.filter((page) => !isApi(page) && !reports.includes(page));
const links = new Set();

async function audit(page, name, check) {
  await page.addScriptTag({ content: axe });
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const violation of violations) {
    fault(name, `${violation.help}: ${violation.nodes[0].html.slice(0, 120)} (${check})`);
  }
}

const telephone = await open('dark', 390);
for (const name of pages) {
  const seen = await visit(telephone, name, origin + base + name, 'a telephone, dark');
  seen.links.filter((link) => link.startsWith(origin)).forEach((link) => links.add(link));
  if (!reports.includes(name) && seen.brightness > 80) fault(name, 'is bright in dark mode');
  if (written.includes(name)) await audit(telephone, name, 'a telephone, dark');
}
for (const link of links) {
  const answer = await fetch(link, { method: 'HEAD' });
  if (!answer.ok) fault(link, `answers ${answer.status}`);
}

const desk = await open('light', 1280);
for (const name of written) {
  await visit(desk, name, origin + base + name, '1280 pixels, light');
  await audit(desk, name, '1280 pixels, light');
}

const fromFiles = await open('light', 1280);
for (const name of [...written, ...reports.filter((r) => pages.includes(r)), 'api/index.html']) {
  const seen = await visit(fromFiles, name, pathToFileURL(join(site, name)).href, 'a file');
  for (const link of seen.links.filter((l) => l.startsWith('file:'))) {
    const file = decodeURIComponent(new URL(link).pathname);
    if (!existsSync(file) || !statSync(file).isFile()) fault(name, `no file ${link}`);
  }
}

if (shots) {
  mkdirSync(shots, { recursive: true });
  for (const scheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      const page = await open(scheme, width);
      for (const name of [...written, ...reports]) {
        await page.goto(origin + base + name);
        await page.evaluate(() => document.querySelectorAll('img').forEach((i) => { i.loading = 'eager'; }));
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(shots, `${name.replaceAll('/', '-')}-${width}-${scheme}.png`), fullPage: true });
      }
    }
  }
}

await browser.close();
server.close();
faults.forEach((text) => console.error(text));
console.log(`${pages.length} pages, ${written.length} of them by axe too, ${links.size} links;`
  + ` ${faults.length} faults`);
process.exitCode = faults.length === 0 && pages.length > 0 ? 0 : 1;
