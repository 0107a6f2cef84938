/**
 * The demonstrations by the real command: printed in both languages, as JSON, with a capture and a key log.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseCommand } from '../../src/cli/command.ts';
import { RunRecorder } from '../../src/cli/run/replay/recorder.ts';
import { loadPage } from '../../src/cli/run/page/content.ts';
import { reportOf } from '../../src/cli/run/report.ts';
import { run } from '../../src/cli/run.ts';
import { createReport } from '../../src/cli/run/in-lines.ts';
import type { Flows } from '../../src/capture/flows.ts';
import { loadTlsReport } from '../../src/presentation/report/load.ts';
import type { RunReport } from '../../src/presentation/report/run-report.ts';
import type { ReportBlock } from '../../src/presentation/types/report.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import type { Verdict } from '../../src/engine/verdict.ts';
import type { LineOf } from '../../src/ui/json/line.ts';
import { cellWidth } from '../../src/i18n/width.ts';
import { pemBlocks } from '../../src/pki/keystore/pem.ts';
import { makeRequest } from '../../src/pki/ca/request.ts';
import { PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import { outputSchema, outputValidator } from '../helpers/output-schema.ts';
import { isAtLength, shareOf, withPeerAtLength } from '../helpers/at-length.ts';
import { packetTimes } from '../helpers/packet-times.ts';
import { opened } from '../capture/support/opening.ts';
import { pcap } from '../capture/support/packets.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { everyByteIsThere, explore, readBack } from '../ui/html/support/explorer.ts';
import { differencesOf } from '../ui/html/support/said.ts';
import { compiled, perform, removeWorldFolder, worldOf } from '../engine/support/demonstration.ts';
import { checkSecrecy, firstDifference, replayedText } from './run/replay/support/replayed.ts';
import { askWirelab, runWirelab, scenarioNames } from '../helpers/wirelab.ts';

/** Those with a wire on which HTTP can be read. */
const withReadableWire: ReadonlySet<string> = new Set([
  'plaintext',
  'tls',
  'mtls',
  'client-refusals',
  'versions',
  'redirect',
  'csr',
]);
/** Those of whose refused clients an alert can be read. */
const withAlerts: ReadonlySet<string> = new Set(['mtls', 'client-refusals', 'versions', 'downgrade']);
const root = resolve(import.meta.dirname, '../../..');

test.after.always(removeWorldFolder);

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-run-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Each way of saying that a terminal can do no more, with a scenario that has much to draw. */
const plainTerminals = [
  ['plaintext', { TERM: 'dumb' }],
  ['chain', { LANG: 'C' }],
  ['k8s-user', { LANG: '' }],
] as const;

/** By a process of their own, as people run all of them; the forms behind the first one in `make test-peers` alone. */
const asProcess: Readonly<Record<string, readonly (readonly string[])[]>> = {
  plaintext: [['--no-tui', '--lang', 'ko'], ['--no-tui'], ['--json'], ['--json', '--with-secrets']],
  tls: [['--json', '--with-secrets'], ['--json']],
  'key-exchange': [['--no-tui', '--lang', 'ko']],
  'k8s-refused': [['--no-tui']],
};

const validate = outputValidator();

for (const [name, env] of plainTerminals) {
  test(`${name} is plain ASCII where the terminal can do no more (${JSON.stringify(env)})`, async (t) => {
    const { exitCode, stdout } = await askWirelab(['run', name, '--no-tui'], { env });
    t.is(exitCode, 0);
    t.regex(stdout, /^[\n\u0020-\u007e]*$/);
    t.true(stdout.length > 1000);
  });
}

/** One run, printed in both languages and as JSON. @param variables where kubectl and etcd are looked for */
async function outputOf(
  name: string,
  variables: NodeJS.ProcessEnv,
): Promise<{
  readonly output: Readonly<Record<'en' | 'ko' | 'json', string>>;
  readonly verdict: Verdict;
  readonly log: CaptureLog;
  readonly recorder: RunRecorder;
  /** As a page has them. */
  readonly blocks: readonly ReportBlock[];
  readonly flows: Flows;
}> {
  const output = { en: '', ko: '', json: '' };
  const scenario = await compiled(name);
  const world = await worldOf(scenario);
  let recorder: RunRecorder | undefined;
  const reports: Awaited<ReturnType<typeof createReport>>[] = [];
  const blocks: ReportBlock[] = [];
  let page: RunReport | undefined;
  let flows: Flows | undefined;
  await Promise.all([loadTlsReport(), loadPage()]);
  const { verdict, log: heard } = await perform(scenario, {
    variables,
    async listening({ plan, log, judge }) {
      recorder = new RunRecorder({ compiled: scenario, plan, short: false, supplied: {} }, judge, world);
      log.subscribe(recorder.fold);
      for (const form of ['en', 'ko', 'json'] as const) {
        const parsed = parseCommand('run', run.options, [name, form === 'json' ? '--json' : '--no-tui']);
        reports.push(
          await createReport(
            plan,
            judge,
            parsed,
            { language: form === 'ko' ? 'ko' : 'en', variables: { LANG: 'C.UTF-8' } },
            (line) => void (output[form] += `${line}\n`),
          ),
        );
      }
      for (const report of reports) log.subscribe((event) => report.fold(event));
      const made = await reportOf(plan, judge, { notes: false, onBlock: (block) => void blocks.push(block) });
      log.subscribe((event) => made.fold(event));
      page = made;
      ({ flows } = judge);
    },
  });
  for (const report of [...reports, page]) report?.finish(verdict);
  if (!recorder || !flows) throw new Error('nothing was recorded');
  recorder.finish(verdict);
  return { output, verdict, log: heard, recorder, blocks, flows };
}

function checkJson(t: ExecutionContext, name: string, printed: string, opens: boolean): void {
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { v: number; kind: string; [key: string]: unknown });
  const { $defs } = outputSchema;
  for (const line of lines) {
    t.is(line.v, 2);
    t.true(line.kind in $defs, line.kind);
    const fits: boolean = validate(line);
    if (!fits)
      t.fail(
        `${JSON.stringify(line).slice(0, 300)}: ${JSON.stringify(validate.errors?.filter(({ schemaPath }) => schemaPath.includes(`/${line.kind}/`)))}`,
      );
  }
  const verdict = lines.at(-1);
  t.is(verdict?.kind, 'verdict');
  t.is(verdict?.['status'], 'passed');
  t.is(lines.filter(({ kind }) => kind === 'verdict').length, 1);
  t.is(
    lines.some(({ kind }) => kind === 'keylog'),
    name !== 'plaintext' && opens,
  );
  const kinds = new Set(lines.map(({ kind }) => kind));
  for (const kind of [
    'began',
    'step',
    'opened',
    'bytes',
    'closed',
    'observed',
    'note',
    'stream',
    ...(withReadableWire.has(name) ? ['secret', 'http'] : []),
  ])
    t.true(kinds.has(kind), kind);
  if (name !== 'plaintext') t.true(kinds.has('handshake'));
  if (withAlerts.has(name)) t.true(kinds.has('alert'));
}

/** Whatever came before `began` was written in the log: no frame of its capture is from before the run. */
function checkTimes(t: ExecutionContext, { events }: CaptureLog): void {
  const path = join(temporaryFolder(t), 'run.pcapng');
  const spool = new PcapngSpool(path);
  const { fold } = spool;
  for (const event of events) fold(event);
  spool.close();
  const began = events.find((event) => event.type === 'began');
  const start = Date.parse(began?.wallClock ?? '') * 1000;
  const times = packetTimes(readFileSync(path));
  t.true(times.length > 0);
  const last = events.at(-1)?.at ?? 0;
  t.deepEqual(
    times.filter((time) => time < start || time > start + last),
    [],
  );
}

interface Programs {
  readonly title: string;
  readonly variables: NodeJS.ProcessEnv;
}

/** Where a scenario can use kubectl and etcd: without them, and in `make test-peers` with those that are installed as well. */
function programsOf(name: string): readonly Programs[] {
  const installed = { title: '', variables: process.env };
  if (!name.startsWith('k8s-')) return [installed];
  const none = { title: ' without kubectl', variables: {} };
  return isAtLength ? [none, installed] : [none];
}

for (const [name, { title, variables }] of scenarioNames.flatMap((one) =>
  programsOf(one).map((programs) => [one, programs] as const),
)) {
  test(`${name}: every claim is proven from the log${title}; it is printed in both languages within 80 columns, and as JSON that fits the schema; its page says the same, and has every byte`, async (t) => {
    const { output, verdict, log, recorder, blocks, flows } = await outputOf(name, variables);
    // What an etcd asks of itself is no caller's.
    if (variables !== process.env)
      for (const event of log.events)
        if (event.type === 'observed' && event.result.kind === 'etcd')
          t.deepEqual(
            event.result.requests.filter(({ path }) => path === '/version'),
            [],
          );
    t.deepEqual(
      verdict.findings
        .filter(({ status }) => status !== 'met')
        .map(({ expectation, says }) => `${expectation}: ${says.en}`),
      [],
    );
    t.is(verdict.status, 'passed');
    t.true(verdict.findings.length > 7);
    for (const { evidence, says, expectation } of verdict.findings) {
      t.true(evidence.length > 0, `${expectation} rests on nothing`);
      t.regex(says.ko, /[가-힣]/);
      for (const ref of evidence) {
        if ('event' in ref) t.truthy(log.events[ref.event]);
        else t.true(ref.length > 0 && ref.offset >= 0);
      }
    }
    const notes = log.events.filter((event) => event.type === 'note').map((event) => event.part);
    t.is(notes[0], 'title');
    t.true(notes.includes('question') && notes.includes('after') && notes.includes('does-not-prove'));
    for (const lang of ['en', 'ko'] as const) {
      const text = output[lang];
      const lines = text.split('\n');
      t.true(lines.length > 40);
      for (const line of lines) t.true(cellWidth(line) <= 80, line);
      t.regex(text, lang === 'en' ? /Verdict: PASSED/ : /판정: 통과/);
      t.is(/[가-힣]/.test(text), lang === 'ko');
      t.notRegex(text, /\b(?:undefined|NaN)\b|\[object/);
      t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
    checkJson(t, name, output.json, false);
    checkTimes(t, log);
    // Saved with its secrets it is replayed as it was; without them, but for what was redacted.
    for (const withSecrets of [true, false]) {
      const replayed = await replayedText(recorder, withSecrets);
      for (const form of ['en', 'ko', ...(withSecrets ? (['json'] as const) : [])] as const)
        t.is(firstDifference(replayed[form], output[form], !withSecrets), undefined, form);
    }
    checkSecrecy(t, recorder);
    // The page says what the lines say, and has every byte, each with its field.
    for (const lang of ['en', 'ko'] as const) t.deepEqual(differencesOf(blocks, lang), [], lang);
    const bytes = everyByteIsThere(t, flows, readBack(explore(flows).section));
    t.true(bytes > 1500, `${bytes} bytes`);
  });
}

for (const [name, forms] of Object.entries(asProcess)) {
  test(`${name} as a process says the same, and ends with 0`, async (t) => {
    for (const words of shareOf(forms, 1)) {
      const { exitCode, stdout, stderr } = await runWirelab(['run', name, ...words]);
      t.is(exitCode, 0, stderr);
      t.is(stderr, '');
      if (words.includes('--json')) checkJson(t, name, stdout, words.includes('--with-secrets'));
      else t.regex(stdout, words.includes('ko') ? /판정: 통과/ : /Verdict: PASSED/);
    }
  });
}

for (const lang of ['en', 'ko'] as const) {
  withPeerAtLength(
    ['curl', 'openssl', 'gnutls-cli'],
    `client-refusals: other programs are predicted and observed, told in ${lang} within 80 columns`,
    async (t) => {
      const { exitCode, stdout, stderr } = await askWirelab([
        'run',
        'client-refusals',
        '--no-tui',
        '--peers',
        '--lang',
        lang,
      ]);
      t.is(exitCode, 0, stderr + stdout.slice(-4000));
      for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
      for (const program of ['node', 'curl', 'openssl', 'gnutls-cli'])
        t.regex(stdout, new RegExp(`^ ✓ ${program} [0-9.]+: ${lang === 'en' ? 'predicted' : '예측'}`, 'm'));
      t.regex(stdout, lang === 'en' ? /^ {2}curl [0-9.]+: exit 56, /m : /^ {2}curl [0-9.]+: 종료 코드 56, /m);
      t.notRegex(stdout, /\b(?:undefined|NaN)\b|\[object/);
    },
  );
}

for (const [name, row, register] of [
  [
    'chain',
    /^ A root that nobody knows +✓ rejects +✓ rejects \(60\) +✓ rejects \(1\) +✓ rejects \(1\)$/m,
    withPeer,
  ],
  ['bad-sites', /^ revoked +✓ accepts +✓ accepts +✓ accepts +✓ accepts$/m, withPeerAtLength],
] as const) {
  register(
    ['curl', 'openssl', 'gnutls-cli'],
    `${name}: what each program takes stands in one table, as predicted`,
    async (t) => {
      const { exitCode, stdout, stderr } = await askWirelab(['run', name, '--no-tui', '--peers']);
      t.is(exitCode, 0, stderr + stdout.slice(-4000));
      t.is(stderr, '');
      for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
      const [, table = ''] = stdout.split('Results by program:');
      t.regex(table, /^ tried +node +curl +openssl +gnutls-cli$/m);
      t.regex(table, row);
    },
  );
}

test('versions: what an eavesdropper knows of each login is compared, before the verdict', async (t) => {
  const { stdout } = await askWirelab(['run', 'versions', '--no-tui']);
  const [output = ''] = stdout.split('Verdict: ');
  const tables = output.split('What an eavesdropper knows without the keys:').slice(1);
  t.is(tables.length, 2);
  const [alice = '', mallory = ''] = tables;
  for (const table of tables) t.regex(table, /TLS 1\.2, connection \d+ +TLS 1\.3, connection \d+/);
  t.regex(alice, /client +! CN=alice, O=Workshop +# one was shown/);
  t.regex(alice, /password +~ 10 characters.* ~ 10 characters/);
  t.regex(mallory, /alerts +! unknown_ca \(48\) +# 1, by their size of/);
  t.is(output.split('This requires knowing everything').length, 2, 'said once');
});

interface Finding {
  readonly expectation: string;
  readonly status: string;
  readonly says: { readonly en: string };
}

for (const [what, names, says] of [
  [
    'for the shop',
    ['DNS:shop.localhost', 'DNS:*.shop.localhost'],
    /^a certificate for DNS:shop\.localhost, each name proven/,
  ],
  ['for somebody else', ['DNS:www.example.org'], /^refused: www\.example\.org: the name does not resolve/],
] as const) {
  withPeer('openssl', `csr: a request that openssl made ${what} is brought along and decided`, async (t) => {
    const folder = temporaryFolder(t);
    const [csr, key] = [join(folder, 'my.csr'), join(folder, 'my.key')];
    const made = await runProgram('openssl', [
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      csr,
      '-subj',
      '/O=Mine',
      '-addext',
      `subjectAltName=${names.join(',')}`,
    ]);
    t.is(made.exitCode, 0, made.stderr);
    const { exitCode, stdout, stderr } = await askWirelab(['run', 'csr', '--json', '--csr', csr]);
    t.is(exitCode, 0, stderr);
    const { findings } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { findings: Finding[] };
    const finding = findings.find(({ expectation }) => expectation === 'yours/decided');
    t.is(finding?.status, 'met');
    t.regex(finding?.says.en ?? '', says);
    const mistaken = await askWirelab(['run', 'csr', '--no-tui', '--csr', key]);
    t.is(mistaken.exitCode, 2);
    t.regex(mistaken.stderr, /no certificate signing request/);
    const elsewhere = await askWirelab(['run', 'plaintext', '--no-tui', '--csr', csr]);
    t.is(elsewhere.exitCode, 2);
    t.regex(elsewhere.stderr, /does not accept a signing request/);
  });
}

test('handshake --from: the packets of a capture are printed in both languages and as JSON, and prove the claim', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'my.pcap'),
    pcap(opened({ client: { isn: 1000 }, server: { isn: 5000 } }), { linkType: 1 }),
  );
  const cwd = { cwd: folder };
  for (const [lang, output] of [
    [
      'en',
      [
        'as captured: my.pcap, 10.0.0.1:40000 → 10.0.0.2:443, ',
        ' → SYN packet 1, 0.000000 s, seq 1000, window 64240, MSS 1460, ',
        ' ← SYN, ACK packet 2, 0.000001 s, seq 5000, ack 1001, ',
        ' → ACK packet 3, 0.000002 s, seq 1001, ack 5001, window 502',
      ],
    ],
    [
      'ko',
      [
        '캡처된 TCP 패킷 세 개: my.pcap, ',
        ' → SYN 패킷 1, 0.000000초, seq 1000, 윈도 64240, ',
        ' → ACK 패킷 3, 0.000002초, seq 1001, ack 5001, 윈도 502',
      ],
    ],
  ] as const) {
    const { exitCode, stdout, stderr } = await askWirelab(
      ['run', 'handshake', '--no-tui', '--lang', lang, '--from', 'my.pcap'],
      cwd,
    );
    t.is(exitCode, 0, stderr);
    for (const words of output) t.true(stdout.replaceAll(/\s+/g, ' ').includes(words), words);
    for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
    t.notRegex(stdout, /bytes, not packets|패킷이 아니라/);
  }
  const { stdout } = await askWirelab(['run', 'handshake', '--json', '--from', 'my.pcap'], cwd);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          kind: string;
          result?: { kind: string; origin?: string; packets?: { captured?: { frame: number } }[] };
          findings?: Finding[];
        },
    );
  const [report] = lines.filter(({ result }) => result?.kind === 'tcp-opening');
  t.true(validate(report));
  t.is(report?.result?.origin, 'captured');
  t.deepEqual(
    report?.result?.packets?.map(({ captured }) => captured?.frame),
    [1, 2, 3],
  );
  t.is(
    lines.at(-1)?.findings?.find(({ expectation }) => expectation === 'line/three-packets')?.status,
    'met',
  );
});

test('handshake --from: what is no capture, or holds no such packets, is said before anything starts; no other scenario takes one', async (t) => {
  const folder = temporaryFolder(t);
  const all = opened({ client: { isn: 1000 }, server: { isn: 5000 } });
  const write = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, name), bytes);
  write('text.pcap', 'hello');
  write('empty.pcap', '');
  write('late.pcap', pcap(all.slice(3), { linkType: 1 }));
  write('silent.pcap', pcap(all.slice(0, 3), { linkType: 1 }));
  write('nothing.pcap', pcap([], { linkType: 1 }));
  const own = await askWirelab(['run', 'tls', '--no-tui', '-w', 'own.pcapng'], { cwd: folder });
  t.is(own.exitCode, 0, own.stderr);
  for (const [file, output, korean] of [
    ['absent.pcap', /the file does not exist/, /그런 파일이 없습니다/],
    ['.', /it is a folder/, /폴더입니다/],
    ['text.pcap', /not a capture file: it is text/, /캡처 파일이 아닙니다/],
    ['empty.pcap', /not a capture file: it is an empty file/, /빈 파일/],
    ['late.pcap', /opened before the capture started/, /캡처가 시작되기 전에/],
    ['silent.pcap', /no connection in this file uses TLS/, /TLS 연결이 없습니다/],
    ['nothing.pcap', /contains no TCP handshake/, /TCP 연결 수립 과정이 없습니다/],
    ['own.pcapng', /wirelab wrote this file/, /wirelab이 만든 파일/],
  ] as const) {
    for (const [lang, expected] of [
      ['en', output],
      ['ko', korean],
    ] as const) {
      const { exitCode, stdout, stderr } = await askWirelab(
        ['run', 'handshake', '--no-tui', '--lang', lang, '--from', file],
        { cwd: folder },
      );
      t.is(exitCode, 2, file);
      t.is(stdout, '', file);
      t.regex(stderr, expected, file);
    }
  }
  const elsewhere = await askWirelab(['run', 'plaintext', '--no-tui', '--from', 'silent.pcap'], {
    cwd: folder,
  });
  t.is(elsewhere.exitCode, 2);
  t.is(elsewhere.stdout, '');
  t.regex(elsewhere.stderr, /does not accept a capture[^]*run handshake --from/);
});

test('csr: the CA refuses a request with an invalid signature, printed within 80 columns', async (t) => {
  const file = join(temporaryFolder(t), 'bad.csr');
  const [block] = pemBlocks(
    makeRequest({ subject: [['CN', 'shop.localhost']], san: ['DNS:shop.localhost'] }).request,
  );
  const der = Buffer.from(block?.der ?? []);
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  writeFileSync(file, der);
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout } = await askWirelab(['run', 'csr', '--no-tui', '--lang', lang, '--csr', file]);
    t.is(exitCode, 0);
    for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
    t.regex(
      stdout,
      lang === 'en'
        ? /8\. Your own request\n ✓ refused: the signature of the request does not match/
        : /8\. 직접 만든 요청\n ✓ 거부됨: 요청의 서명이/,
    );
  }
});

test('plaintext: both secrets are shown with their offsets, on every wire', async (t) => {
  const { stdout } = await askWirelab(['run', 'plaintext', '--json']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const secrets = lines.filter(({ kind }) => kind === 'secret');
  for (const hop of ['0', 'A', 'B']) {
    for (const [field, value] of [
      ['password', 'tiger-lily'],
      ['rrn', '900101-1234567'],
    ]) {
      const found = secrets.find(
        (line) => line['hop'] === hop && line['field'] === field && line['vantage'] === 'wire',
      );
      t.truthy(found, `${String(field)} on ${hop}`);
      // The offset is checked against the bytes themselves.
      const stream = Buffer.concat(
        lines
          .filter(
            (line) =>
              line['kind'] === 'bytes' &&
              line['conn'] === found?.['stream'] &&
              line['from'] === 'client' &&
              line['vantage'] === 'wire',
          )
          .map((line) => Buffer.from(String(line['bytes']), 'base64')),
      );
      const offset = Number(found?.['offset']);
      t.is(stream.subarray(offset, offset + String(value).length).toString(), String(value));
    }
  }
});

withPeer('tshark', 'a capture of tls opens with its secrets inside, and does not without', async (t) => {
  const folder = temporaryFolder(t);
  const read = async (file: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await runProgram('tshark', [
      '-r',
      file,
      '-Y',
      'http.request',
      '-T',
      'fields',
      '-e',
      'tls.record.version',
      '-e',
      'http.request.uri',
      '-e',
      'http.file_data',
    ]);
    t.is(exitCode, 0, stderr);
    return stdout;
  };
  const without = join(folder, 'without.pcapng');
  t.is((await askWirelab(['run', 'tls', '--no-tui', '-w', without])).exitCode, 0);
  const within = join(folder, 'with.pcapng');
  const output = await askWirelab(['run', 'tls', '--no-tui', '-w', within, '--with-secrets']);
  t.is(output.exitCode, 0);
  t.regex(output.stderr, /with\.pcapng/);
  t.is(statSync(within).mode & 0o777, 0o600);
  const login = Buffer.from('password=tiger-lily').toString('hex');
  const sealedLogins = (text: string): number =>
    text.split('\n').filter((line) => line.startsWith('0x') && line.includes(login)).length;
  // Wires A, C and D are sealed; the login went over each.
  t.is(sealedLogins(await read(within)), 3);
  t.is(sealedLogins(await read(without)), 0);
});

test('a key log is appended and its owner’s alone', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'keys.log');
  const { exitCode, stderr } = await askWirelab(['run', 'tls', '--no-tui', '--keylog', file]);
  t.is(exitCode, 0);
  t.regex(stderr, /keys\.log/);
  t.is(statSync(file).mode & 0o777, 0o600);
  const first = readFileSync(file, 'utf8').trimEnd().split('\n');
  t.true(first.some((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 ')));
  t.is((await askWirelab(['run', 'tls', '--no-tui'], { env: { SSLKEYLOGFILE: file } })).exitCode, 0);
  t.true(readFileSync(file, 'utf8').trimEnd().split('\n').length > first.length);
});

test('list names the scenarios, for people and for programs', async (t) => {
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout } = await askWirelab(['list', '--lang', lang]);
    t.is(exitCode, 0);
    for (const name of scenarioNames) t.regex(stdout, new RegExp(`^${name}: `, 'm'));
  }
  const { stdout } = await askWirelab(['list', '--json']);
  const names = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { name: string }).name);
  t.deepEqual(
    scenarioNames.filter((name) => !names.includes(name)),
    [],
  );
});

test('list numbers the steps of a scenario as run --step counts them', async (t) => {
  const { stdout } = await askWirelab(['list', 'tls']);
  const rows = stdout.trimEnd().split('\n');
  t.is(rows.length, 8);
  t.regex(rows[0] ?? '', /^ {2}1 {2}introduction +TLS/);
  t.regex(rows[3] ?? '', /^ {2}4 {2}question +second-hop {4}TLS on the second wire, too$/);
  t.is(rows[7], '  8  verdict');
  const korean = await askWirelab(['list', 'tls', '--lang', 'ko']);
  t.regex(korean.stdout, /^ {2}3 {2}결과 {2}sealed-login {2}클라이언트/m);
  const json = (await askWirelab(['list', 'mtls', '--short', '--json'])).stdout.trimEnd().split('\n');
  const stops = json.map((line) => JSON.parse(line) as LineOf<'stop'>);
  t.like(stops[1], { kind: 'stop', scenario: 'mtls', number: 2, of: json.length, step: 'alice-1.3' });
  t.true(json.length < (await askWirelab(['list', 'mtls'])).stdout.trimEnd().split('\n').length);
});

test('help and version', async (t) => {
  for (const words of [
    ['--help'],
    ['help'],
    [],
    ['run', '--help'],
    ['list', '-h'],
    ['certs', '--help'],
    ['proxy', '--help'],
  ]) {
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await askWirelab(
        [...words, ...(words.length > 0 && words[0] !== 'help' ? ['--lang', lang] : [])],
        { env: { LANG: lang === 'ko' ? 'ko_KR.UTF-8' : 'C.UTF-8' } },
      );
      t.is(exitCode, 0, stderr);
      t.true(stdout.length > 200);
      t.is(/[가-힣]/.test(stdout), lang === 'ko');
      for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
    }
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  t.is((await askWirelab(['--version'])).stdout, `wirelab ${version}\n`);
});
