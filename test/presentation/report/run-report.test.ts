/** The blocks of a report: values in both languages, in the order of the log, that lead back to steps, connections and bytes. */
import test from 'ava';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { CaptureDraft, CaptureEvent } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import { languages, verbatim } from '../../../src/i18n/language.ts';
import { loadTlsReport } from '../../../src/presentation/report/load.ts';
import type { ReportOptions } from '../../../src/presentation/report/report-context.ts';
import { RunReport } from '../../../src/presentation/report/run-report.ts';
import type { BlockKind, BlockOf, ReportBlock } from '../../../src/presentation/types/report.ts';
import { TextReport } from '../../../src/ui/text/text.ts';
import { ScriptedLog, present } from '../../helpers/capture.ts';
import { allShown } from '../../helpers/shown.ts';
import {
  clientHello,
  fold,
  leak,
  logOf,
  password,
  record,
  refusal,
  reportText,
  serverHello,
  verdictOf,
} from '../../ui/support/story.ts';
import { recorded } from '../../ui/tui/support/scenes.ts';

await Promise.all([loadReadings(), loadTlsReport()]);

interface Reported {
  readonly blocks: readonly ReportBlock[];
  readonly messages: readonly Message[];
  readonly flows: Flows;
}

function reported(events: readonly CaptureEvent[], options: Partial<ReportOptions> = {}): Reported {
  const blocks: ReportBlock[] = [];
  const messages: Message[] = [];
  let report: RunReport | undefined;
  let all: Flows | undefined;
  fold(events, password, (folds) => {
    all = folds.flows;
    return (report = new RunReport({
      ...folds,
      shown: allShown,
      onBlock: (block) => void blocks.push(block),
      onMessage: (message) => void messages.push(message),
      ...options,
    }));
  });
  const evidence = [
    { run: 1, conn: 1, hop: 'B', vantage: 'wire', from: 'client', offset: 7, length: 3 },
    { event: 4 },
  ] as const;
  report?.finish(verdictOf([{ step: 'leak', evidence }, { says: verbatim('all of it') }]));
  return { blocks, messages, flows: present(all) };
}

const ofKind = <Kind extends BlockKind>(blocks: readonly ReportBlock[], kind: Kind): BlockOf<Kind>[] =>
  blocks.filter((block): block is BlockOf<Kind> => block.kind === kind);

const many = (kind: BlockKind, count: number): BlockKind[] => Array.from({ length: count }, () => kind);

const story: readonly CaptureDraft[] = [
  { type: 'note', part: 'title', text: { en: 'A story', ko: '이야기' } },
  { type: 'note', part: 'intro', text: verbatim('It begins.') },
  ...leak(),
  ...refusal(),
  ...refusal('mallory', 3, 'again'),
];

test('blocks come in the order in which they are read: narration, conversations, cards, tables, the verdict, its claims', (t) => {
  const { blocks } = reported(logOf(story).events, { notes: true });
  t.deepEqual(
    blocks.map(({ kind }) => kind),
    [
      ['title', 'narration', 'topology'],
      [
        'step',
        'narration',
        'question',
        'speaker',
        'connection',
        ...many('message', 4),
        'remark',
        'narration',
      ],
      ['step', 'connection', ...many('message', 6), 'remark', 'card'],
      ['step', 'connection', ...many('message', 6), 'remark', 'card'],
      ['table', 'verdict', 'claims', 'claims'],
    ].flat(),
  );
});

test('a block is plain data: it can be kept or sent, and its texts are in every language', (t) => {
  const { blocks } = reported(logOf(story).events);
  t.true(blocks.length > 30);
  let texts = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) {
      t.not(typeof value, 'function');
      return;
    }
    t.true([Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value)));
    if ('en' in value || 'ko' in value) {
      texts++;
      for (const language of languages) t.is(typeof value[language as never], 'string');
    } else for (const one of Object.values(value)) visit(one);
  };
  for (const block of blocks) visit(block);
  t.true(texts > 100);
});

test('one list of blocks is laid out in either language: what is said once does not depend on it', (t) => {
  const { events } = logOf(story);
  const { blocks } = reported(events);
  for (const language of languages) {
    const lines: string[] = [];
    const text = new TextReport({
      language,
      ascii: false,
      columns: 80,
      write: (line) => void lines.push(line),
    });
    for (const block of blocks) text.set(block);
    const findings = [{ step: 'leak' }, { says: verbatim('all of it') }];
    t.deepEqual(lines, reportText(events, { language, notes: false, verdict: verdictOf(findings) }));
  }
});

test('a block names its step and its connection, and a visitor’s connection has no step', (t) => {
  const visit = leak('x', 9, 'unused').filter(({ type }) => type !== 'step' && type !== 'note');
  const { blocks } = reported(logOf([...story, ...visit]).events);
  const heads = ofKind(blocks, 'connection');
  t.deepEqual(
    heads.map(({ step, conn, hop }) => [step, conn, hop]),
    [
      ['leak', 1, 'B'],
      ['refusal', 2, 'A'],
      ['again', 3, 'A'],
      [undefined, 9, 'B'],
    ],
  );
  t.deepEqual(
    ofKind(blocks, 'step').map(({ step, number }) => [step, number]),
    [
      ['leak', 1],
      ['refusal', 2],
      ['again', 3],
    ],
  );
  t.deepEqual(
    ofKind(blocks, 'card').map(({ step, conn }) => [step, conn]),
    [
      ['refusal', 2],
      ['again', 3],
    ],
  );
  const stray = ofKind(blocks, 'message').filter(({ conn }) => conn === 9);
  t.true(stray.length > 1 && stray.every(({ step }) => step === undefined));
});

test('what a reader has had before is there, and marked', (t) => {
  const { blocks } = reported(logOf(story).events);
  const [first, second] = ofKind(blocks, 'card');
  t.false(first?.card.rows.some(({ isAgain, isHintAgain }) => isAgain ?? isHintAgain));
  t.is(first?.rest, undefined);
  const again = second?.card.rows.filter(({ isAgain }) => isAgain).map(({ kind }) => kind);
  t.deepEqual(again, ['because', 'presented', 'expected', 'remedy', 'seeIt']);
  t.is(second?.rest?.step, 'refusal');
  t.true(second?.card.rows.find(({ kind }) => kind === 'words')?.isHintAgain);
  t.deepEqual(
    ofKind(blocks, 'remark').map(({ conn, isAgain }) => [conn, isAgain]),
    [
      [1, undefined],
      [2, true],
      [3, true],
    ],
  );
});

test('a secret and the evidence of a claim are places in the bytes', (t) => {
  const { blocks, flows } = reported(logOf(leak()).events);
  const [request] = ofKind(blocks, 'message').filter(({ known }) => known.length > 0);
  const place = present(request?.place);
  const [secret] = present(request).known;
  const { offset, length } = present(secret);
  const stream = present(flows.connection(place.conn)).stream(place.vantage, place.from);
  t.is(Buffer.from(present(stream.read(offset, length))).toString(), password);
  t.true(offset >= place.offset && offset + length <= place.offset + place.length);
  t.deepEqual(ofKind(blocks, 'claims')[0]?.claims[0]?.evidence, [
    { conn: 1, vantage: 'wire', from: 'client', offset: 7, length: 3 },
  ]);
});

test('of a run, the messages of a connection cover its bytes, each once; and each of them came before its block', (t) => {
  const { driver, log } = recorded('mtls');
  const { flows, hunt, secrets } = driver.scene.sources;
  const blocks: ReportBlock[] = [];
  let announced = 0;
  const report = new RunReport({
    flows,
    hunt,
    secrets,
    shown: allShown,
    onMessage: ({ vantage, from, offset, length, bytes }) => {
      if (from === null || vantage !== 'wire') return;
      announced += length;
      t.is(bytes()?.length, length, `at ${offset}`);
    },
    onBlock: (block) => {
      blocks.push(block);
      if (block.kind === 'message') announced -= block.place?.length ?? 0;
      t.true(announced >= 0);
    },
  });
  log.subscribe(report.fold);
  for (let stop = ''; stop !== driver.stop; driver.press('space')) ({ stop } = driver);
  const ends = new Map<string, number>();
  for (const { place } of ofKind(blocks, 'message')) {
    if (!place) continue;
    const key = `${place.conn} ${place.from}`;
    t.is(place.offset, ends.get(key) ?? 0, key);
    ends.set(key, place.offset + place.length);
  }
  t.true(ends.size > 8);
  t.is(announced, 0);
  for (const [key, end] of ends) {
    const [conn, from] = key.split(' ');
    const stream = present(flows.connection(Number(conn))).stream('wire', from as 'client' | 'server');
    t.is(end, stream.length, key);
  }
});

test('the bytes of a message can be read when it is announced, also where its connection is reported in parts', (t) => {
  const scripted = new ScriptedLog({ endless: true });
  const { log } = scripted;
  const flows = new Flows(log);
  const blocks: ReportBlock[] = [];
  const read = { wire: 0, plaintext: 0 };
  const report = new RunReport({
    flows,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    onBlock: (block) => void blocks.push(block),
    onMessage: ({ from, vantage, bytes, field }) => {
      if (from === null) return;
      read[vantage] += bytes()?.length ?? 0;
      t.truthy(field(), 'it has fields');
    },
  });
  log.subscribe((event) => {
    flows.fold(event);
    if (event.type === 'began') report.fold(event);
    if (event.type === 'bytes') report.reportSoFar(event.conn);
  });
  scripted.began();
  scripted.opened();
  let sent = 0;
  const say = (from: 'client' | 'server', bytes: Uint8Array): void => {
    sent += bytes.length;
    scripted.bytes(from, bytes);
  };
  say('client', clientHello('shop.localhost'));
  say('server', serverHello);
  // As packets bring them: many small records, and large ones in many pieces.
  for (let at = 0; at < 500; at++) say(at % 7 === 0 ? 'client' : 'server', record(23, Buffer.alloc(100, at)));
  for (let at = 0; at < 20; at++) {
    const large = record(23, Buffer.alloc(16_000, at));
    for (let begin = 0; begin < large.length; begin += 1000)
      say('server', large.subarray(begin, begin + 1000));
  }
  t.true(log.keptEvents < 400, `${log.keptEvents}: most of it is no longer in memory`);
  scripted.closed();
  report.reportWhole(1);
  t.is(read.wire, sent);
  const places = ofKind(blocks, 'message').flatMap(({ place }) => place ?? []);
  t.is(
    places.reduce((all, { length }) => all + length, 0),
    sent,
  );
  t.true(places.length < 200, 'records in a row are one block');
});

test('what stays up is reached by commands, with what holds for all of them', (t) => {
  const blocks: ReportBlock[] = [];
  let report: RunReport | undefined;
  fold(
    logOf([]).events,
    password,
    (folds) => (report = new RunReport({ ...folds, onBlock: (block) => void blocks.push(block) })),
  );
  const ways = [
    { hop: 'A', to: 'front', client: 'c', curl: 'curl --cacert ca.crt https://shop', openssl: 'openssl x' },
  ];
  report?.reach(ways);
  const [reach] = ofKind(blocks, 'reach');
  t.deepEqual(
    reach?.commands.map(({ line }) => line),
    ['curl --cacert ca.crt https://shop', 'openssl x'],
  );
  t.is(reach?.remarks.length, 1, 'what a browser needs');
  const scripts = { folder: '/tmp/x', path: '/tmp/x/', typed: new Map([['A client front c curl', 'sh c']]) };
  report?.reach(ways, scripts);
  t.deepEqual(ofKind(blocks, 'reach')[1]?.scripts, { folder: '/tmp/x' });
});
