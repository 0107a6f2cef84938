/** The documents: what they name exists, and what is made from the code is as the code is. */
import test from 'ava';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { documentFile, documentWith, picture, pictureFile } from './helpers/architecture.ts';
import { starttlsNames } from '../src/wire/starttls/protocols.ts';
import { moduleOrder } from './helpers/modules.ts';

const root = resolve(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const modules = moduleOrder.flatMap((row) => row.map(({ name }) => name));

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...modules.map((name) => `src/${name}/README.md`),
];

for (const path of documents) {
  test(`${path} links to what there is`, (t) => {
    const links = Array.from(textOf(path).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, link = '']) => link);
    t.deepEqual(
      links.filter((link) => !existsSync(resolve(root, dirname(path), link))),
      [],
    );
  });

  test(`${path} names files of the code that there are`, (t) => {
    const folder = /^src\/\w+/.exec(path)?.[0];
    const names = Array.from(textOf(path).matchAll(/`((?:[\w-]+\/)*[\w-]+\.ts)`/g), ([, name = '']) => name);
    const places = ['src', ...(folder === undefined ? [''] : [folder])];
    t.deepEqual(
      names.filter(
        (name) =>
          !['protocol.ts', 'run.ts', 'shown.ts', 'step.ts', 'texts.ts'].includes(name) &&
          !places.some((place) => existsSync(join(root, place, name))) &&
          !existsSync(join(root, name)) &&
          !existsSync(join(root, 'test/proxy', name)),
      ),
      [],
    );
  });
}

test('where a document lists the protocols that turn to TLS on request, it lists them all', (t) => {
  for (const path of ['docs/proxy.md', 'docs/certificates.md'])
    t.true(textOf(path).includes(`\`--starttls ${starttlsNames.join('|')}\``), path);
});

test('the README fits on a few screens, and lists every scenario and every lab', (t) => {
  const readme = textOf('README.md');
  t.true(readme.split('\n').length <= 150);
  for (const folder of ['scenarios', 'labs']) {
    for (const name of readdirSync(join(root, folder)))
      t.regex(
        readme,
        new RegExp(`^\\| (?:${name}|\\[${name}\\]\\(docs/gallery\\.md#${name}\\)) \\| .+ \\|$`, 'm'),
        name,
      );
  }
});

test('each module says in a few lines what it is', (t) => {
  for (const name of modules) {
    const lines = textOf(`src/${name}/README.md`).trimEnd().split('\n');
    t.is(lines[0], `# ${name}`);
    t.true(lines.length >= 5 && lines.length <= 14, name);
  }
});

test('the picture and the table of the modules are what make architecture makes of the code', (t) => {
  t.is(readFileSync(pictureFile, 'utf8'), picture());
  const document = readFileSync(documentFile, 'utf8');
  t.is(document, documentWith(document));
});
