/** The pages that people read: what they link to is there, every document is listed once, and no line stands twice. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

process.chdir(dirname(import.meta.dirname));

const pages = new Map(
  globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md']).map((path) => [
    path,
    readFileSync(path, 'utf8').replaceAll(/^```.*?^```/gms, ''),
  ]),
);

/** Where a page's links lead, in this repository. */
function linksOf(path: string): readonly { readonly to: string; readonly anchor: string }[] {
  const links = (pages.get(path) ?? '').matchAll(/\]\(([^)\s]+)\)/g);
  return [...links]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor = ''] = link.split('#');
      return { to: file === '' ? path : normalize(join(dirname(path), file)), anchor };
    });
}

/** The anchors of a page's headings, as the places that show it make them. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = (pages.get(path) ?? '').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('every link leads somewhere', () => {
  const broken = [...pages.keys()].flatMap((path) =>
    linksOf(path)
      .filter(({ to, anchor }) => !existsSync(to) || (anchor !== '' && !anchorsOf(to).has(anchor)))
      .map(({ to, anchor }) => `${path}: ${to}#${anchor}`),
  );
  assert.ok(pages.size > 80);
  assert.deepEqual(broken, []);
});

test('docs/README.md lists every document once', () => {
  const listed = linksOf('docs/README.md')
    .map(({ to }) => to)
    .filter((to) => dirname(to) !== '.')
    .toSorted();
  const documents = [...pages.keys()].filter(
    (path) => path.startsWith('docs/') && basename(path) !== 'README.md',
  );
  assert.deepEqual(listed, documents.toSorted());
});

test('the decisions have a number each', () => {
  const numbers = globSync('docs/decisions/*.md').map((path) => basename(path).slice(0, 3));
  assert.deepEqual([...new Set(numbers)].toSorted(), numbers.toSorted());
});

test('no row of a table and no item of a list stands twice on a page', () => {
  // What was merged line by line keeps both of two, and nobody reads so far.
  const twice = [...pages].flatMap(([path, text]) => {
    const sections = text.split(/^#+ /m);
    return sections.flatMap((section) => {
      const lines = section.split('\n').filter((line) => /^(\||- |\d+\. ).{40}/.test(line));
      return lines
        .filter((line, at) => lines.indexOf(line) !== at)
        .map((line) => `${path}: ${line.slice(0, 80)}`);
    });
  });
  assert.deepEqual(twice, []);
});
