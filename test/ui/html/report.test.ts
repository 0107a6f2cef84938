/** The page of a report: it says what the terminal says, in both languages, and nothing foreign becomes markup. */
import { createHash } from 'node:crypto';
import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import type { Language } from '../../../src/i18n/language.ts';
import type { ReportBlock } from '../../../src/presentation/types/report.ts';
import { pageDocument } from '../../../src/ui/html/document.ts';
import { render } from '../../../src/ui/html/element.ts';
import type { Html } from '../../../src/ui/html/element.ts';
import { maskedBlocks } from '../../../src/ui/html/masking.ts';
import { pageReport, withPlots } from '../../../src/ui/html/report.ts';
import { leak, logOf, password, refusal, topologyWith } from '../support/story.ts';
import { demonstrations } from '../tui/support/scenes.ts';
import { blocksOfLog, blocksOfRun } from './support/blocks.ts';
import type { Reported } from './support/blocks.ts';
import { differencesOf } from './support/said.ts';
import { explore } from './support/explorer.ts';

for (const name of demonstrations)
  for (const language of languages)
    test(`page and terminal say the same: ${name}, ${language}`, (t) => {
      t.deepEqual(differencesOf(blocksOfRun(name).blocks, language), []);
    });

const pageWith = ({ blocks, flows }: Reported, language: Language = 'en'): string => {
  const { section, builder } = explore(flows);
  return pageDocument({
    language,
    report: withPlots(pageReport(blocks, { toBytes: (place) => builder.linkAt(place) }), blocks),
    name: 'by-hand',
    explorer: section,
    script: 'document.title;',
    made: { version: '0', when: 'now' },
    isMasked: false,
  });
};

test('one file: no address leads out, and the policy allows its own style and script alone', (t) => {
  const page = pageWith(blocksOfRun('tls'));
  for (const [, name, value] of page.matchAll(/\s(href|src|action|data|srcset|poster)="([^"]*)"/g))
    t.regex(value ?? '', /^&#35;|^#/, `${name}=${value}`);
  t.notRegex(page, /<(?:link|img|iframe|object|embed|form|base)\b/);
  t.notRegex(page, /@import|url\(/);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
  t.regex(policy, /default-src 'none'/);
  t.notRegex(policy, /unsafe|\*|https?:/);
  const hashed = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  t.true(policy.includes(`style-src ${hashed(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1])};`));
  t.true(policy.includes(`script-src ${hashed(/<script>([\s\S]*?)<\/script>/.exec(page)?.[1])};`));
  t.notRegex(page, /\sstyle=|\son[a-z]+="/);
});

test('every link leads to something in the page; a message and a refusal lead to bytes', (t) => {
  const page = pageWith(blocksOfRun('mtls'));
  const ids = new Set([...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/\shref="#([^"]*)"/g)].map(([, id = '']) => id);
  for (const id of links) if (!/^bytes-(?:sealed|opened)-\d+$/.test(id)) t.true(ids.has(id), id);
  t.true(links.filter((id) => id.startsWith('bytes-')).length > 50);
  t.is([...page.matchAll(/\sid="/g)].length, ids.size, 'no id is there twice');
});

test('steps are a table of contents, with headings in order', (t) => {
  const page = pageWith(blocksOfRun('mtls'));
  const steps = [...page.matchAll(/<section id="step-(\d+)"/g)].map(([, number]) => Number(number));
  t.deepEqual(
    steps,
    steps.map((_, index) => index + 1),
  );
  for (const number of steps) t.true(page.includes(`<a href="#step-${number}">`));
  let before = 0;
  for (const [, level] of page.matchAll(/<h([1-6])\b/g)) {
    t.true(Number(level) <= before + 1, `h${level} after h${before}`);
    before = Number(level);
  }
  for (const landmark of ['<header', '<nav', '<main', '<footer', 'class="skip" href="#content"'])
    t.is(page.split(landmark).length, 2, landmark);
});

const hostile = `"'><script>alert(1)</script><img src=x onerror=y>\u202Eeven\u0007</style><!--`;

for (const language of languages)
  test(`what the other side sends is text, and harmless, in ${language}`, (t) => {
    const { events } = logOf([...leak(hostile), ...refusal(hostile)], topologyWith(hostile));
    const page = pageWith(blocksOfLog(events), language);
    t.true(page.includes('&#60;script&#62;alert(1)'), 'it is there');
    t.notRegex(page, /<script>alert|<img|<!--/);
    // eslint-disable-next-line no-control-regex
    t.notRegex(page, /[\u202E\u0007]/);
    t.is([...page.matchAll(/<script>/g)].length, 1);
    t.is([...page.matchAll(/<\/style>/g)].length, 1);
  });

test('masked, no text of the page has a secret; otherwise it stands where it was found', (t) => {
  const { blocks, secrets } = blocksOfLog(logOf(leak()).events);
  const text = (all: readonly ReportBlock[]): string =>
    render(
      pageReport(all, { toBytes: () => undefined }).sections.map(({ content }) => content) as readonly Html[],
      'en',
    );
  t.true(text(blocks).includes(password));
  const masked = text(maskedBlocks(blocks, secrets));
  t.false(masked.includes(password));
  t.true(masked.includes('••••••'));
});

test('a plot says in words what it shows, and every shape has a title', (t) => {
  const page = pageWith(blocksOfRun('mtls'));
  const pictures = [...page.matchAll(/<svg[^>]*>(.*?)<\/svg>/gs)];
  t.true(pictures.length > 3);
  for (const [picture, shapes = ''] of pictures) {
    t.regex(picture, /^<svg [^>]*role="img" aria-label="[^"]+/);
    for (const [shape] of shapes.matchAll(/<rect[^>]*>(?:<title[^>]*>[^<]*<\/title>)?/g))
      t.true(shape.includes('class="axis"') || shape.includes('<title'), shape);
    for (const [, wide] of shapes.matchAll(/ width="([^"]*)"/g)) t.true(Number(wide) >= 0, wide);
  }
  t.true(page.indexOf('id="times"') > page.indexOf('id="result"'));
});

test('where many wires meet, they are drawn around their hub, each once, as the paths name them', (t) => {
  const end = (name: string, role: 'client' | 'server') => ({ name, role });
  const wire = (hop: string, from: string, to: string) => ({ hop, from, to, protocol: 'https' });
  const wires = [wire('A', 'kubectl', 'api'), wire('B', 'kubelet', 'api'), wire('C', 'api', 'etcd')];
  const block: ReportBlock = {
    kind: 'topology',
    participants: [
      end('kubectl', 'client'),
      end('kubelet', 'client'),
      end('api', 'server'),
      end('etcd', 'server'),
    ],
    wires,
    ways: wires.map(({ hop, from, to }) => ({
      clients: [from],
      legs: [{ hop, wire: { en: `--mtls--[${hop}]-->`, ko: `--mtls--[${hop}]-->` }, to }],
    })),
  };
  const page = (one: ReportBlock): string =>
    render(pageReport([one], { toBytes: () => undefined }).sections[0]?.content, 'en');
  const [, drawn = ''] = /<figure class="plot star">(.*)<\/figure>/s.exec(page(block)) ?? [];
  for (const { hop } of wires) t.is(drawn.split(`--mtls--[${hop}]--`).length, 2, hop);
  t.regex(drawn, /class="callers".*kubectl.*kubelet.*class="hub">api<.*class="called".*etcd/s);
  t.false(page({ ...block, wires: wires.slice(0, 1) }).includes('plot star'), 'a path is no star');
});
