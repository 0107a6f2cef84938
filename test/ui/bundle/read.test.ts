/** Bundles that are not what they say they are are refused by name. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { EvidenceRef } from '../../../src/capture/event.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { readBundle } from '../../../src/ui/bundle/read.ts';
import { mostContentBytes, mostFileBytes, mostOpened } from '../../../src/ui/bundle/limits.ts';
import { bundleFile } from '../../../src/ui/bundle/write.ts';
import { checkedBundle } from '../../../src/cli/run/replay/checked.ts';
import { removeWorldFolder } from '../../engine/support/demonstration.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { bundleOf, edited, fileOf, linesOf, recorded, recordingOf, tiny } from './support/bundles.ts';
import type { Lines } from './support/bundles.ts';

test.after.always(removeWorldFolder);

const run = recorded('plaintext').then((recorder) => bundleFile(bundleOf(recorder)));
const sealed = recorded('tls').then((recorder) => bundleFile(bundleOf(recorder)));
const small = recorded('plaintext').then((recorder) => tiny(bundleOf(recorder)));

/** Of each kind of bundle a file, and one so small that every byte of it can be tried. */
const kinds = {
  run: { file: run, small },
  capture: { file: written('capture'), small: written('capture', true) },
  proxy: { file: written('proxy'), small: written('proxy', true) },
} as const;
type Kind = keyof typeof kinds;
const allKinds = Object.keys(kinds) as Kind[];

async function written(of: 'capture' | 'proxy', isTiny = false): Promise<Uint8Array> {
  return bundleFile(await recordingOf(of, { isTiny }));
}

/** What the file is refused for. */
async function refusal(file: Uint8Array): Promise<string> {
  try {
    await checkedBundle(file, 'x.wirelab');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.facts.where}: ${error.facts.what.en} (${error.facts.received ?? ''})`;
  }
  return 'none';
}

test('a recording with as many commands as refusals fit in it is read', async (t) => {
  const bundle = await recordingOf('proxy', { withSecrets: true });
  const event = bundle.events.findIndex(({ type }) => type === 'refused');
  t.true(event >= 0);
  const command = { event, command: 'x'.repeat(250) };
  const source = { ...bundle.source, commands: Array.from({ length: mostOpened }, () => command) };
  const read = await readBundle(bundleFile({ ...bundle, source }), 'x.wirelab');
  t.is(read.of === 'proxy' && read.source.commands.length, mostOpened);
});

test('what was written is read as it was', async (t) => {
  const bundle = bundleOf(await recorded('plaintext'));
  const read = await readBundle(bundleFile(bundle), 'x.wirelab');
  t.deepEqual(linesOf(bundleFile(read)).slice(1), linesOf(bundleFile(bundle)).slice(1));
  t.deepEqual(read.count, bundle.count);
});

for (const of of ['capture', 'proxy'] as const)
  test(`what was written of a ${of} is read as it was`, async (t) => {
    for (const withSecrets of [true, false]) {
      const bundle = await recordingOf(of, { withSecrets });
      const read = await readBundle(bundleFile(bundle), 'x.wirelab');
      t.deepEqual(linesOf(bundleFile(read)), linesOf(bundleFile(bundle)));
      t.is(read.of, of);
    }
    const { count, source, events } = await recordingOf(of);
    t.deepEqual(count.places, { cookie: 2, 'form field': 1, ...(of === 'capture' && { parameter: 1 }) });
    t.deepEqual(
      source.commands.map(({ event }) => events[event]?.type),
      ['refused'],
    );
  });

for (const kind of allKinds)
  test(`${kind}: cut off anywhere it is refused`, async (t) => {
    const file = await kinds[kind].small;
    t.is(await refusal(file), 'none');
    for (let length = 0; length < file.length; length++) {
      const said = await refusal(file.subarray(0, length));
      t.regex(said, /^x\.wirelab: .*(it ends early|does not begin as gzip does)/, String(length));
    }
  });

for (const kind of allKinds)
  test(`${kind}: with any byte changed it is refused, but for those of gzip that say nothing`, async (t) => {
    const file = await kinds[kind].small;
    for (let at = 0; at < file.length; at++) {
      const changed = Uint8Array.from(file);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      const said = await refusal(changed);
      // Time, flags of the compressor, and its system (RFC 1952 section 2.3).
      if (at >= 4 && at < 10) t.is(said, 'none');
      else t.regex(said, /the bundle cannot be replayed/, String(at));
    }
  });

test('random bytes are refused, as they are and as the content of a gzip file', async (t) => {
  for (let length = 0; length < 200; length++) {
    const bytes = randomBytes(length * 7);
    t.regex(await refusal(bytes), /^x\.wirelab: the bundle cannot be replayed: /);
    t.regex(await refusal(gzipSync(bytes)), /^x\.wirelab.*: the bundle cannot be replayed: /);
  }
});

test('evidence is saved as far as its stream is: on hosts of their own a router may have seen more', async (t) => {
  const recorder = await recorded('plaintext');
  const { verdict, events } = bundleOf(recorder);
  const far = verdict.findings.map((finding) => ({
    ...finding,
    evidence: finding.evidence.flatMap((one): readonly EvidenceRef[] =>
      'event' in one
        ? [one]
        : [
            { ...one, length: one.length + 10_000 },
            { ...one, offset: 1_000_000 },
          ],
    ),
  }));
  recorder.finish({ ...verdict, findings: far });
  const read = await readBundle(bundleFile(bundleOf(recorder)), 'x.wirelab');
  const places = (read.of === 'run' ? read.verdict.findings : []).flatMap(({ evidence }) =>
    evidence.flatMap((one) => ('event' in one ? [] : [one])),
  );
  t.true(places.length > 0);
  for (const { conn, vantage, from, offset, length } of places) {
    const sent = events.reduce(
      (sum, event) =>
        event.type === 'bytes' && event.conn === conn && event.vantage === vantage && event.from === from
          ? sum + event.bytes.length
          : sum,
      0,
    );
    t.is(offset + length, sent);
  }
});

test('what follows the end of the file is refused', async (t) => {
  t.regex(await refusal(Buffer.concat([await small, Buffer.from('x')])), /something follows its end/);
  t.regex(await refusal(Buffer.concat([await small, await small])), /something follows its end/);
});

/** Lines by their kind. */
const one = (lines: Lines, kind: string, index = 0): Lines[number] =>
  lines.filter((line) => line['kind'] === kind)[index] ?? {};
const header = (lines: Lines): Lines[number] => lines[0] ?? {};

const lies: readonly (readonly [
  title: string,
  refusal: RegExp,
  edit: (lines: Lines) => Lines | void,
  isHonest?: false,
])[] = [
  ['no header', /line 1: .*no header/, (lines) => lines.slice(1)],
  ['another kind', /line 1: .*no header/, (lines) => void (header(lines)['kind'] = 'x')],
  [
    'another format',
    /line 1: .*does not read its format \(format 2 of "run", wirelab "0\.1\.0"\)/,
    (lines) => void (header(lines)['format'] = 2),
  ],
  [
    'a version that is a text',
    /line 1: .*: format|does not read/,
    (lines) => void (header(lines)['format'] = '1'),
  ],
  [
    'a version with a line in it',
    /line 1: .*: version/,
    (lines) => void (header(lines)['version'] = '1.0.0\nroot'),
  ],
  ['a time that is none', /line 1: .*: made/, (lines) => void (header(lines)['made'] = 'soon')],
  [
    'a path for a name',
    /line 1: .*: scenario/,
    (lines) => void (header(lines)['scenario'] = '../../etc/passwd'),
  ],
  [
    'a name that acts on a terminal',
    /line 1: .*: scenario/,
    (lines) => void (header(lines)['scenario'] = 'a\u001b[2J'),
  ],
  ['a negative count', /line 1: .*: bytes/, (lines) => void (header(lines)['bytes'] = -1), false],
  [
    'a count that is none',
    /line 1: .*: lines\.event/,
    (lines) => void (header(lines)['lines'].event = '9'),
    false,
  ],
  [
    'more than a bundle may hold',
    /line 1: .*larger than a bundle may be/,
    (lines) => void (header(lines)['bytes'] = mostContentBytes + 1),
    false,
  ],
  [
    'more lines than a bundle may hold',
    /line 1: .*larger than a bundle may be/,
    (lines) => void (header(lines)['lines'].event = 1e9),
    false,
  ],
  [
    'fewer bytes than there are',
    /more bytes than its header says/,
    (lines) => void header(lines)['bytes']--,
    false,
  ],
  ['more bytes than there are', /less than its header says/, (lines) => void header(lines)['bytes']++, false],
  ['fewer events', /more lines of the kind “event”/, (lines) => void header(lines)['lines'].event--, false],
  ['more events', /less than its header says/, (lines) => void header(lines)['lines'].event++, false],
  [
    'another digest',
    /not the one that its digest is of/,
    (lines) => void (header(lines)['sha256'] = '0'.repeat(64)),
    false,
  ],
  ['a field too many', /line 1: .*shape/, (lines) => void (header(lines)['more'] = 1)],
  ['a line of an unknown kind', /line \d+: .*shape of its kind/, (lines) => void lines.push({ kind: 'x' })],
  ['a line that is no object', /line 2: .*shape/, (lines) => void lines.splice(1, 0, 7 as never)],
  [
    'two scenarios',
    /more lines|: lines\.scenario/,
    (lines) => void lines.splice(1, 0, lines[1] ?? {}),
    false,
  ],
  [
    'lines in another order',
    /not in their order \(scenario\)/,
    ([first = {}, second = {}, ...rest]) => [first, ...rest.slice(0, 3), second, ...rest.slice(3)],
  ],
  [
    'events in another order',
    /events are not in their order/,
    (lines) => {
      const at = lines.findIndex(({ kind }) => kind === 'note');
      const [note = {}] = lines.splice(at, 1);
      lines.splice(at + 3, 0, note);
    },
  ],
  ['time that goes back', /events are not in their order/, (lines) => void (one(lines, 'closed')['at'] = 0)],
  ['another run', /events are not in their order/, (lines) => void (one(lines, 'closed')['run'] = 2)],
  [
    'an event twice',
    /events are not in their order/,
    (lines) =>
      void lines.splice(
        lines.findIndex(({ kind }) => kind === 'note'),
        0,
        { ...one(lines, 'note') },
      ),
  ],
  [
    'a step twice',
    /a step runs once \(done /,
    (lines) => {
      const done = lines.filter(({ kind, state }) => kind === 'step' && state === 'done');
      (done[1] ?? {})['id'] = done[0]?.['id'];
    },
  ],
  [
    'a second beginning',
    /a bundle has one run/,
    (lines) => {
      const note = one(lines, 'note');
      for (const key of Object.keys(note)) if (!['v', 'seq', 'run', 'at'].includes(key)) delete note[key];
      const { v: _, seq: __, run: ___, at: ____, ...rest } = one(lines, 'began');
      Object.assign(note, rest);
    },
  ],
  [
    'a run of another scenario',
    /of its own scenario/,
    (lines) => void (one(lines, 'began')['scenario'] = 'tls'),
  ],
  ['a beginning at no time', /began at no time/, (lines) => void (one(lines, 'began')['wallClock'] = 'soon')],
  [
    'a huge connection',
    /no connection has such a number/,
    (lines) => void (one(lines, 'opened')['conn'] = 2 ** 40),
  ],
  [
    'bytes that are no Base64',
    /line \d+: .*not Base64/,
    (lines) => void (one(lines, 'bytes')['bytes'] = '!!'),
  ],
  ['bytes in an array', /shape of its kind: bytes/, (lines) => void (one(lines, 'bytes')['bytes'] = [1])],
  [
    'more dropped bytes than a stream has',
    /larger than a bundle may be/,
    (lines) => void (one(lines, 'bytes')['dropped'] = 2 ** 50),
  ],
  [
    'a text in one language',
    /shape of its kind: text\.ko/,
    (lines) => void delete one(lines, 'note')['text'].ko,
  ],
  [
    'a report of no kind',
    /shape of its kind: result\.kind/,
    (lines) => void (one(lines, 'observed')['result'].kind = 'x'),
  ],
  ['a place behind its stream', /points at a place/, (lines) => void (one(lines, 'hit')['offset'] = 1e6)],
  ['a place in no stream', /points at a place/, (lines) => void (one(lines, 'hit')['conn'] = 99)],
  ['a hit in another event', /points at a place/, (lines) => void (one(lines, 'hit')['seq'] = 0)],
  [
    'evidence behind the log',
    /points at a place/,
    (lines) => void (one(lines, 'verdict')['findings'][0].evidence = [{ event: 1e6 }]),
  ],
  [
    'a redaction that is none',
    /something was redacted, and it was not/,
    (lines) => void (one(lines, 'redacted')['offset'] = 0),
  ],
  [
    'fewer redactions than it counts',
    /counts other redactions/,
    (lines) =>
      lines.filter(({ kind }, index) => kind !== 'redacted' || lines[index - 1]?.['kind'] !== 'redacted'),
  ],
  [
    'redactions beside kept secrets',
    /counts other redactions/,
    (lines) => void (header(lines)['secrets'] = 'kept'),
  ],
  [
    'a verdict without findings for it',
    /contradicts its findings/,
    (lines) => void (one(lines, 'verdict')['findings'] = []),
  ],
  [
    'a verdict against its findings',
    /contradicts its findings/,
    (lines) => void (one(lines, 'verdict')['status'] = 'failed'),
  ],
  [
    'a verdict about another scenario',
    /about another scenario/,
    (lines) => void (one(lines, 'verdict')['scenario'] = 'tls'),
  ],
  ['no verdict', /ends early|lines\.verdict/, (lines) => lines.slice(0, -1)],
  [
    'findings of no step',
    /do not fit together \(no such step: x\)/,
    (lines) => void (one(lines, 'findings')['step'] = 'x'),
  ],
  [
    'events of no step',
    /do not fit together \(no such step: x\d+\)/,
    (lines) => {
      for (const [index, line] of lines.entries()) if (line['kind'] === 'step') line['id'] = `x${index}`;
    },
  ],
  ['a scenario that is none', /do not fit together/, (lines) => void (one(lines, 'scenario')['file'] = {})],
  [
    'a scenario whose names lead nowhere',
    /do not fit together/,
    (lines) => void (Object.values(one(lines, 'scenario')['file'].proxies as object)[0].target = 'nobody'),
  ],
  [
    'a text of a step that is none',
    /shape of its kind: narration/,
    (lines) => void (one(lines, 'scenario')['narration'].en.steps = { a: 1 }),
  ],
];

for (const [title, expected, edit, isHonest = true] of lies)
  test(`a bundle with a lie is refused: ${title}`, async (t) => {
    const lied = edited(await run, edit, isHonest);
    t.regex(await refusal(lied), expected);
  });

const recordedLies: readonly (readonly [
  title: string,
  refusal: RegExp,
  edit: (lines: Lines) => Lines | void,
  of?: 'capture' | 'proxy',
])[] = [
  [
    'a kind of a version to come',
    /line 1: .*does not read its format \(format 1 of "tape", wirelab "0\.1\.0"\)/,
    (lines) => void (header(lines)['of'] = 'tape'),
  ],
  ['a kind that is none', /line 1: .*shape of its kind: of/, (lines) => void (header(lines)['of'] = 7)],
  ['another kind', /line 1: .*shape of its kind/, (lines) => void (header(lines)['of'] = 'run')],
  ['a scenario’s name', /line 1: .*shape/, (lines) => void (header(lines)['scenario'] = 'tls')],
  ['no source', /lines\.source|ends early|less than/, ([first = {}, , ...rest]) => [first, ...rest]],
  ['two sources', /lines\.source/, (lines) => void lines.splice(1, 0, lines[1] ?? {})],
  [
    'a line of another kind of bundle',
    /has no such line \(findings\)/,
    (lines) => void lines.push({ kind: 'findings', step: 'x', findings: [] }),
  ],
  [
    'a step',
    /has no such event \(step\)/,
    (lines) => {
      const { v, seq, run: of, at } = one(lines, 'refused');
      lines[lines.indexOf(one(lines, 'refused'))] = {
        v,
        kind: 'step',
        seq,
        run: of,
        at,
        id: 'x',
        state: 'done',
      };
    },
  ],
  [
    'no beginning',
    /begins once/,
    (lines) => {
      const { v, seq, run: of, at } = one(lines, 'began');
      lines[lines.indexOf(one(lines, 'began'))] = {
        v,
        kind: 'note',
        seq,
        run: of,
        at,
        text: { en: '', ko: '' },
      };
    },
  ],
  [
    'bytes of a connection that was not opened',
    /not opened before/,
    (lines) => void (one(lines, 'bytes')['conn'] = 5),
  ],
  ['bytes on another wire', /not opened before/, (lines) => void (one(lines, 'bytes')['hop'] = 'Z')],
  [
    'a huge connection',
    /no connection has such a number/,
    (lines) => void (one(lines, 'opened')['conn'] = 2 ** 40),
  ],
  ['a scenario', /one run, of its own scenario/, (lines) => void (one(lines, 'began')['scenario'] = 'tls')],
  [
    'time that goes back',
    /events are not in their order/,
    (lines) => void (one(lines, 'closed')['at'] = 0),
    'proxy',
  ],
  [
    'a command of no refusal',
    /points at a place/,
    (lines) => void (one(lines, 'source')['commands'][0].event = 0),
  ],
  [
    'a key beside redacted secrets',
    /keys were left out, and here is one/,
    (lines) => {
      const { v, seq, run: of, at } = one(lines, 'refused');
      lines[lines.indexOf(one(lines, 'refused'))] = {
        v,
        kind: 'keylog',
        seq,
        run: of,
        at,
        line: `CLIENT_RANDOM ${'0'.repeat(64)} 00`,
      };
    },
  ],
  ['a redaction that is none', /and it was not/, (lines) => void (one(lines, 'redacted')['offset'] = 0)],
  [
    'a redaction across its end',
    /points at a place/,
    (lines) => void (one(lines, 'redacted')['length'] = 1e6),
  ],
  [
    'a title that is a book',
    /shape of its kind: title\.en/,
    (lines) => void (one(lines, 'source')['title'].en = 'a'.repeat(30_000)),
  ],
];

for (const [title, expected, edit, only] of recordedLies)
  for (const of of only ? [only] : (['capture', 'proxy'] as const))
    test(`a bundle of a ${of} with a lie is refused: ${title}`, async (t) => {
      t.regex(await refusal(edited(await kinds[of].file, edit)), expected);
    });

test('what a capture shows late happened before: its times may go back', async (t) => {
  const late = edited(await kinds.capture.file, (lines) => void (one(lines, 'closed')['at'] = 0));
  t.is(await refusal(late), 'none');
});

test('many redactions of many pieces are checked in time that does not multiply', async (t) => {
  const lines = linesOf(await kinds.capture.file);
  const before = lines.filter(({ kind }) => kind !== 'redacted');
  const [piece = {}] = before.filter(({ kind }) => kind === 'bytes');
  const at = before.indexOf(piece);
  const pieces = Array.from({ length: 30_000 }, () => ({ ...piece, bytes: 'Kioq' }));
  const made: Lines = [...before.slice(0, at), ...pieces, ...before.slice(at + 2)];
  for (const [index, line] of made.filter(({ seq }) => seq !== undefined).entries()) line['seq'] = index;
  const redactions = Array.from({ length: 30_000 }, (_, index) => ({
    ...one(lines, 'redacted'),
    offset: 3 * index,
    length: 2,
    what: 'x',
  }));
  const [first = {}] = made;
  first['redactions'] = { places: { x: redactions.length }, texts: 0, keylog: 1 };
  one(made, 'source')['commands'] = [];
  const file = fileOf([...made, ...redactions]);
  const began = cpuTime();
  t.is(await refusal(file), 'none');
  const used = cpuTime() - began;
  t.true(used < 20_000, `${used} ms`);
});

test('a key in a bundle without secrets, and what is no certificate, are refused', async (t) => {
  t.regex(
    await refusal(
      edited(
        await sealed,
        (lines) => void (one(lines, 'keylog')['line'] = `CLIENT_RANDOM ${'0'.repeat(64)} 00`),
      ),
    ),
    /keys were left out, and here is one/,
  );
  for (const der of ['AAAA', Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64')])
    t.regex(
      await refusal(edited(await sealed, (lines) => void (one(lines, 'certificate')['der'] = der))),
      /this is no certificate/,
    );
  const twice = (lines: Lines): void => {
    const certificate = one(lines, 'certificate');
    const bytes = Buffer.from(String(certificate['der']), 'base64');
    certificate['der'] = Buffer.concat([bytes, Buffer.from('more')]).toString('base64');
  };
  t.regex(await refusal(edited(await sealed, twice)), /this is no certificate/);
});

test('a report that has not the content of its kind is refused before anything is shown', async (t) => {
  const chain = bundleFile(bundleOf(await recorded('chain')));
  t.is(await refusal(chain), 'none');
  const odd = edited(chain, (lines) => {
    for (const line of lines)
      if (line['kind'] === 'observed' && line['result'].kind === 'chain') line['result'] = { kind: 'chain' };
  });
  t.regex(await refusal(odd), /^x\.wirelab: .*its parts do not fit together/);
});

test('what a decompressor would make of a small file is not made: it is refused at its first line', async (t) => {
  const zeros = Buffer.alloc(300 * 1024 * 1024);
  const bomb = gzipSync(zeros);
  const before = process.memoryUsage().arrayBuffers;
  t.regex(await refusal(bomb), /line 1: .*no header/);
  const [first = {}, ...rest] = linesOf(await run);
  const honest = fileOf([first, ...rest.slice(0, 1)], false);
  t.regex(await refusal(honest), /less than its header says|ends early/);
  // With a header that is right, as many bytes as it says.
  const content = Buffer.concat([
    Buffer.from(`${JSON.stringify({ ...first, bytes: 1000 })}\n`),
    zeros.subarray(0, 200 * 1024 * 1024),
  ]);
  t.regex(await refusal(gzipSync(content)), /more bytes than its header says/);
  t.true(process.memoryUsage().arrayBuffers - before < 2 * content.length);
  t.regex(await refusal(Buffer.alloc(mostFileBytes + 1)), /larger than a bundle may be/);
});

for (const kind of allKinds)
  test(`${kind}: with any value of any line replaced it is refused or replayed, and nothing else happens`, async (t) => {
    const lines = linesOf(await kinds[kind].file);
    // Each place once, and each kind of value in turn; of a short file each of them.
    const every = kind === 'run' ? 29 : 1;
    const strange = [null, -1, 1e308, '', '\u001b]0;x\u0007', [], {}, true, 'a'.repeat(5000)];
    let count = 0;
    for (const [index, line] of lines.entries()) {
      for (const path of pathsIn(line)) {
        count++;
        if (count % every !== 0) continue;
        const copy = structuredClone(lines);
        set(copy[index] ?? {}, path, strange[Math.floor(count / every) % strange.length]);
        const said = await refusal(fileOf(copy, index > 0));
        t.true(said === 'none' || said.includes('cannot be replayed'), `${path.join('.')}: ${said}`);
      }
    }
    t.true(count > (kind === 'run' ? 1000 : 100));
  });

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    ...(path.length > 0 ? [path] : []),
    ...Object.entries(value).flatMap(([key, part]: [string, unknown]) => pathsIn(part, [...path, key])),
  ];
}

function set(value: Record<string, unknown>, path: readonly string[], to: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) value[key] = to;
  else set(value[key] as Record<string, unknown>, rest, to);
}
