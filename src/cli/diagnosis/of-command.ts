/**
 * Diagnoses a command: leads its connections through wirelab, runs it, and judges the last one that failed by its bytes, by the
 * words of its program, and by experiments with its target. Nothing that was started for it is left behind.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { systemClock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { runChild } from '../../diagnosis/command/child.ts';
import type { ChildEnd } from '../../diagnosis/command/child.ts';
import { alsoRefused, joinExperiments, joinWords, notConnected } from '../../diagnosis/command/judge.ts';
import { decisiveOf, seenOf } from '../../diagnosis/command/seen.ts';
import type { Seen } from '../../diagnosis/command/seen.ts';
import { variablesOf } from '../../diagnosis/command/surroundings.ts';
import type { Call } from '../../diagnosis/attempt/call.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis, Finding } from '../../diagnosis/diagnosis.ts';
import { found } from '../../diagnosis/found.ts';
import { Laboratory } from '../../diagnosis/laboratory.ts';
import type { Attempt } from '../../diagnosis/attempt/attempt.ts';
import { hear } from '../../diagnosis/programs/hear.ts';
import type { Heard } from '../../diagnosis/programs/hear.ts';
import { intentOf } from '../../diagnosis/programs/intent.ts';
import type { Intent, Program } from '../../diagnosis/programs/program.ts';
import { pointingOfOthers, programOf, programs } from '../../diagnosis/programs/programs.ts';
import { remedyFor } from '../../diagnosis/programs/remedy.ts';
import type { Localized } from '../../i18n/language.ts';
import { inEach } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { loadIdentity } from '../../pki/keystore/identity.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { keylogLines } from '../../protocols/tls/keys/keylog.ts';
import { leadConnections } from '../../proxy/lead.ts';
import type { Leading } from '../../proxy/lead.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Environment, Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { shellWord } from '../io/shell-word.ts';
import { findProgram } from '../io/which.ts';
import { callOf, hostAndPort, pemFile } from './call.ts';

/** In seconds. */
const usualTimeLimit = 30;
/** How long connections may take to end behind the command, in milliseconds. */
const settlingTime = 400;
/** In bytes: a connection takes less than one thousand. */
const mostKeys = 8 * 1024 * 1024;
/** Other failed connections that are named. */
const mostOthers = 5;

export interface CommandDiagnosis extends Diagnosis {
  readonly ran: LineOf<'ran'>;
  /** The same in words. */
  readonly ranWords: Localized;
}

export interface CommandOptions {
  readonly parsed: Parsed;
  readonly environment: Environment;
  readonly log: CaptureLog;
  readonly signal: AbortSignal;
  readonly onAttempt: (attempt: Attempt) => void;
  /** Called once the command has ended. */
  readonly onRan?: (ran: LineOf<'ran'>) => void;
  /** What the program wrote is not read: the bytes and experiments alone count. */
  readonly withoutWords?: boolean;
}

export async function diagnoseCommand(
  given: readonly string[],
  { parsed, environment, log, signal, onAttempt, onRan, withoutWords = false }: CommandOptions,
): Promise<CommandDiagnosis> {
  const { variables } = environment;
  const [first] = given;
  if (first === undefined) throw noCommand();
  const path = findProgram(first, variables);
  if (path === undefined) throw notFound(first);
  const program = programAt(first, path);
  const to = targetOf(parsed, given, program);
  const timeLimit = timeLimitOf(parsed);
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const leading = await leadConnections({
    log,
    hop: 'A',
    clock: systemClock,
    listen: { host: to?.host === '::1' ? '::1' : '127.0.0.1', port: 0 },
    to,
  });
  const keys = keysFile(variables['SSLKEYLOGFILE'] || undefined);
  const began = systemClock.now();
  try {
    const words = wordsFor(given, program, leading, to, keys.path);
    const ended = await runChild({
      command: words,
      variables: variablesOf({
        variables,
        proxy: to ? undefined : leading.address,
        keylogFile: keys.path,
        isNode: program?.name === 'node',
      }),
      input: environment.stdin.isTTY ? 'terminal' : 'inherited',
      passTo: parsed.flag('json') ? undefined : environment.stderr,
      signal,
      timeLimit: timeLimit * 1000,
    });
    signal.throwIfAborted();
    if (ended.error !== undefined) throw notStarted(first, ended.error);
    const milliseconds = systemClock.now() - began;
    await log.until(
      () => leading.led.every(({ conn }) => conn === undefined || flows.connection(conn)?.closed !== undefined),
      settlingTime,
      signal,
    );
    for (const line of keys.lines()) log.append({ type: 'keylog', line });
    await leading.close();
    const seen = leading.led.map((led) => seenOf(led, flows, ended.code !== 0));
    const heard = withoutWords ? undefined : hear(ended, program);
    const ran = ranLine({ words, program, ended, heard, seen, count: leading.count, milliseconds });
    onRan?.(ran);
    const facts = { given, words, program, ended, heard, seen, to, parsed, environment, log, signal, onAttempt };
    const diagnosis = await judge(facts);
    return { ...diagnosis, ran, ranWords: ranWords(ran) };
  } finally {
    await leading.close();
    keys.remove();
  }
}

interface Facts extends CommandOptions {
  /** As the user wrote it, and as it was started. */
  readonly given: readonly string[];
  readonly words: readonly string[];
  readonly program: Program | undefined;
  readonly ended: ChildEnd;
  readonly heard: Heard | undefined;
  readonly seen: readonly Seen[];
  readonly to: Address | undefined;
}

async function judge(facts: Facts): Promise<Diagnosis> {
  const { seen, ended, heard, to, program } = facts;
  const about = decisiveOf(seen);
  if (!about) return { finding: noneSeen(facts), others: [], attempts: [] };
  const commandFailed = ended.code !== 0;
  // It tried again, and succeeded.
  const isOver = !commandFailed && seen.at(-1)?.failed === false;
  const others = otherFailures(isOver ? seen : seen.filter((one) => one !== about), isOver ? undefined : about);
  if (isOver && !(program?.goesOn && heard?.saying.by === 'client')) return { others, attempts: [] };
  const observed = about.failure
    ? notConnected(about.failure, about.led.to.host)
    : joinWords({ outcome: about.outcome, failed: about.failed }, heard);
  if (!observed && !commandFailed) return { others, attempts: [] };
  const { diagnosis, trustIsKnown, isInsecure } = await experiment(about, facts);
  const joined = joinExperiments(observed, heard, { diagnosis, trustIsKnown, isInsecure, commandFailed });
  const finding = joined && withRemedy(joined, facts);
  const { attempts } = diagnosis;
  const isOfListener =
    finding?.cause === 'name_mismatch' &&
    finding.by === 'client' &&
    to !== undefined &&
    !isLoopback(to.host) &&
    about.serverName !== to.host;
  const answer = isOfListener
    ? found({
        cause: 'listener_verified',
        by: 'client',
        confidence: 'unknown',
        evidence: finding.evidence,
        command: pointingLine(program),
      })
    : (finding ?? found({ cause: 'failed_elsewhere', by: 'unknown', confidence: 'unknown', evidence: endEvidence(ended) }));
  const refused = alsoRefused(answer, heard);
  return {
    finding: { ...answer, ...(about.shown ? { connection: about.shown } : {}) },
    others: [...(refused ? [refused] : []), ...others],
    attempts,
  };
}

/** One of each kind. */
function otherFailures(seen: readonly Seen[], about: Seen | undefined): Finding[] {
  const kept = new Map<string, Finding>();
  const keyOf = ({ led }: Seen, finding: Finding): string => `${formatAddress(led.to)} ${finding.cause}`;
  for (const one of seen) {
    if (!one.failed) continue;
    const finding = one.failure ? notConnected(one.failure, one.led.to.host) : joinWords({ outcome: one.outcome, failed: true }, undefined);
    if (!finding) continue;
    const key = keyOf(one, finding);
    if (about && formatAddress(about.led.to) === formatAddress(one.led.to) && about.outcome?.cause === one.outcome?.cause) continue;
    if (!kept.has(key)) kept.set(key, { ...finding, ...(one.shown ? { connection: one.shown } : {}) });
  }
  return [...kept.values()].slice(0, mostOthers);
}

function noneSeen({ ended, program, given, heard }: Facts): Finding {
  // A program without a row is of a library that has one: Go's.
  const like = program ?? programs.find(({ name }) => name === heard?.saying.library);
  const { words } = pointingOf(like);
  const base = found({
    cause: 'no_connection_seen',
    by: 'unknown',
    confidence: 'unknown',
    evidence: endEvidence(ended),
    command: pointingLine(like),
  });
  const title = program?.name ?? given[0] ?? '';
  return {
    ...base,
    remedy: { ...base.remedy, words: inEach((language) => `${title}: ${words[language]}`) },
  };
}

const pointingOf = (program: Program | undefined): Program['pointing'] => program?.pointing ?? pointingOfOthers;
const pointingLine = (program: Program | undefined): string => {
  const { command } = pointingOf(program);
  return `./wirelab why ${command.startsWith('--to') ? command : `-- ${command}`}`;
};

/** The last line that it wrote. */
function endEvidence({ code, killedBy, stderr, stdout }: ChildEnd): Finding['evidence'] {
  const last = [stderr, stdout].map(lastLine).find((line) => line !== '') ?? '';
  const how = killedBy ?? String(code ?? '');
  return [
    {
      kind: 'words',
      said: last,
      words: {
        en: `the command ended with ${killedBy === undefined ? `exit code ${how}` : how}${last === '' ? '' : ', and its last line is'}`,
        ko: `명령의 ${killedBy === undefined ? `종료 코드 ${how}` : how}${last === '' ? '' : ', 마지막 출력'}`,
      },
    },
  ];
}

const lastLine = (text: string): string => text.trimEnd().split(/\r?\n/).at(-1)?.trim().slice(0, 300) ?? '';

/** The same call from wirelab's own client, as the command's ClientHello and arguments show it. */
async function experiment(
  about: Seen,
  { parsed, environment, program, given, log, signal, onAttempt }: Facts,
): Promise<{ readonly diagnosis: Diagnosis; readonly trustIsKnown: boolean; readonly isInsecure: boolean }> {
  const intent = intentOf(program, given, environment.variables);
  const base = await callOf(about.led.to, parsed, environment);
  const isGiven = parsed.all('cacert').length > 0;
  const authorities = isGiven ? undefined : authoritiesIn(intent, program);
  const call: Call = {
    ...base,
    serverName: base.serverName ?? about.serverName,
    alpn: base.alpn ?? about.alpn,
    starttls: base.starttls ?? about.starttls ?? intent.starttls,
    ...(authorities ? { authorities, authoritiesFrom: 'given' as const } : {}),
    identity: base.identity ?? identityIn(intent),
  };
  const laboratory = new Laboratory(call, { clock: systemClock, log, signal, onAttempt });
  return {
    diagnosis: await diagnose(laboratory),
    trustIsKnown: isGiven || authorities !== undefined || program?.trusts === 'system',
    isInsecure: intent.isInsecure === true,
  };
}

/** Undefined where there are none, or they cannot be read: the program says so itself. */
function authoritiesIn({ authorities }: Intent, program: Program | undefined): readonly string[] | undefined {
  if (authorities === undefined) return undefined;
  try {
    const own = pemFile(authorities, '--cacert', pemCertificates);
    return program?.name === 'node' ? [own, ...rootCertificates] : [own];
  } catch {
    return undefined;
  }
}

function identityIn({ certificate, key }: Intent): Call['identity'] {
  if (certificate === undefined) return undefined;
  // curl: FILE:PASSWORD
  const file = certificate.replace(/:[^/]*$/, '');
  try {
    return loadIdentity({ certFile: file, keyFile: key ?? file });
  } catch {
    return undefined;
  }
}

function withRemedy(finding: Finding, { program, given, ended, heard, to, environment }: Facts): Finding {
  const words = to ? placed(given, to) : given;
  const said = `${ended.stderr}\n${heard?.line ?? ''}`;
  const command =
    remedyFor(finding.cause, finding.by, {
      program,
      words,
      said,
      variables: environment.variables,
      quote: shellWord,
    }) ?? plainly(finding, words);
  return command === undefined ? finding : { ...finding, remedy: { ...finding.remedy, command } };
}

/** The same address without TLS, where the server answered in HTTP; with TLS, where it wants that. */
function plainly({ cause, evidence, detail }: Finding, words: readonly string[]): string | undefined {
  const isHttp =
    detail?.protocol === 'http' ||
    detail?.said?.startsWith('HTTP/') ||
    evidence.some((one) => one.kind === 'words' && one.said.startsWith('HTTP/'));
  if (cause === 'tls_on_plaintext_port' && isHttp) return otherScheme(words, 'https://', 'http://');
  return cause === 'plaintext_on_tls_port' ? otherScheme(words, 'http://', 'https://') : undefined;
}

const otherScheme = (words: readonly string[], from: string, to: string): string | undefined =>
  words.some((word) => word.startsWith(from))
    ? words.map((word) => shellWord(word.startsWith(from) ? to + word.slice(from.length) : word)).join(' ')
    : undefined;

/** As a shell finds it: by its own name, by what that leads to, or by what runs it (`#!/usr/bin/env node`). */
function programAt(name: string, path: string): Program | undefined {
  const byName = programOf(name);
  if (byName) return byName;
  try {
    const real = realpathSync(path);
    const byPath = programOf(real);
    if (byPath) return byPath;
    const file = openSync(real, 'r');
    const head = Buffer.alloc(256);
    const length = readSync(file, head);
    closeSync(file);
    const [, line = ''] = /^#! *([^\n]+)/.exec(head.subarray(0, length).toString('latin1')) ?? [];
    const run = line.split(/\s+/).filter((word) => !word.startsWith('-'));
    return programOf((/\/env$/.test(run[0] ?? '') ? run[1] : run[0]) ?? '');
  } catch {
    return undefined;
  }
}

const place = /\{(?:host|port)?\}/g;

/** The target in whose place the listener stands; undefined where it is a proxy. */
function targetOf(parsed: Parsed, given: readonly string[], program: Program | undefined): Address | undefined {
  const asked = parsed.text('to');
  const hasPlace = given.some((word) => word.search(place) >= 0);
  if (asked === undefined) {
    // For a program that is led otherwise it is an argument like any other: curl -d '{}'.
    if (!hasPlace || program?.led === 'variables') return undefined;
    throw new UserError({
      what: {
        en: '{} stands in the place of a target that is not known',
        ko: '{}가 어느 대상을 대신하는지 알 수 없습니다',
      },
      where: 'wirelab why',
      expected: { en: '--to HOST:PORT before --', ko: '-- 앞에 --to HOST:PORT' },
      received: given.join(' '),
    });
  }
  const to = hostAndPort(asked);
  if (!to)
    throw new UserError({
      what: { en: 'not a host and port', ko: '호스트와 포트가 아닙니다' },
      where: 'wirelab why --to',
      expected: { en: 'HOST:PORT', ko: 'HOST:PORT' },
      received: asked,
    });
  if (!hasPlace)
    throw new UserError({
      what: {
        en: 'the command has no place for the target of --to',
        ko: '명령에 --to의 대상이 들어갈 자리가 없습니다',
      },
      where: 'wirelab why',
      expected: {
        en: '{}, or {host} and {port}, among its arguments',
        ko: '인자에 {} 또는 {host}와 {port}',
      },
      received: given.join(' '),
      remedy: {
        en: `Without --to it is led as through a proxy. ${pointingLine(program)}`,
        ko: `--to 없이 실행하면 프록시를 거치게 합니다. ${pointingLine(program)}`,
      },
    });
  return to;
}

function placed([first = '', ...words]: readonly string[], { host, port }: Address): readonly string[] {
  const standsFor: Readonly<Record<string, string>> = {
    '{}': formatAddress({ host, port }),
    '{host}': host,
    '{port}': String(port),
  };
  return [first, ...words.map((word) => word.replaceAll(place, (one) => standsFor[one] ?? one))];
}

function wordsFor(
  given: readonly string[],
  program: Program | undefined,
  { address }: Leading,
  to: Address | undefined,
  keylogFile: string,
): readonly [string, ...string[]] {
  const [first = ''] = given;
  if (to) {
    // A name of this machine itself leads to the listener too, and is the one that is verified.
    const host = isLoopback(to.host) ? to.host : address.host;
    const words = placed(given, { host, port: address.port });
    const [, ...more] = program?.adapted?.(words, keylogFile) ?? words;
    return [first, ...more];
  }
  const [, ...more] = program?.adapted?.(given, keylogFile, formatAddress(address)) ?? given;
  return [first, ...more];
}

interface KeysFile {
  readonly path: string;
  lines(): readonly string[];
  remove(): void;
}

/** A private one that is removed; where the user has named one, that, from its end on. */
function keysFile(own: string | undefined): KeysFile {
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const linesIn = (path: string, from: number): readonly string[] => {
    try {
      return keylogLines(readFileSync(path).subarray(from, from + mostKeys).toString('latin1'));
    } catch {
      return [];
    }
  };
  if (own !== undefined) {
    const before = sizeOf(own);
    return { path: own, lines: () => linesIn(own, before), remove: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-why-'));
  const path = join(folder, 'keys.log');
  closeSync(openSync(path, 'wx', 0o600));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, lines: () => linesIn(path, 0), remove };
}

function ranLine({
  words,
  program,
  ended,
  heard,
  seen,
  count,
  milliseconds,
}: Pick<Facts, 'words' | 'program' | 'ended' | 'heard' | 'seen'> & {
  readonly count: number;
  readonly milliseconds: number;
}): LineOf<'ran'> {
  return defined({
    v: 2 as const,
    kind: 'ran' as const,
    command: [...words],
    program: program?.name,
    exitCode: ended.code,
    killedBy: ended.killedBy,
    late: ended.isLate,
    said: heard?.line,
    connections: count,
    failed: seen.filter(({ failed }) => failed).length,
    milliseconds: Math.max(0, Math.round(milliseconds)),
  });
}

function ranWords({ exitCode, killedBy, late, connections, failed, milliseconds }: LineOf<'ran'>): Localized {
  const seconds = (milliseconds / 1000).toFixed(1);
  const many = failed > 1;
  return {
    en: [
      late
        ? `did not end in ${seconds} s, and was ended`
        : `${killedBy === undefined ? `exit code ${exitCode ?? ''}` : killedBy} after ${seconds} s`,
      `${connections} ${connections === 1 ? 'connection' : 'connections'}${connections > 0 ? `, ${failed} failed${many ? ': this is the last of them' : ''}` : ''}`,
    ].join('; '),
    ko: [
      late
        ? `${seconds}초 동안 끝나지 않아 종료시킴`
        : `${killedBy === undefined ? `종료 코드 ${exitCode ?? ''}` : killedBy}, ${seconds}초`,
      `연결 ${connections}개${connections > 0 ? `, 실패 ${failed}개${many ? '(마지막 것을 진단)' : ''}` : ''}`,
    ].join('; '),
  };
}

function timeLimitOf(parsed: Parsed): number {
  const asked = parsed.text('time-limit');
  if (asked === undefined) return usualTimeLimit;
  const seconds = Number(asked);
  if (/^\d{1,5}(?:\.\d+)?$/.test(asked) && seconds > 0) return seconds;
  throw new UserError({
    what: { en: 'invalid time limit', ko: '쓸 수 없는 제한 시간입니다' },
    where: 'wirelab why --time-limit',
    expected: { en: 'seconds, such as 30', ko: '30과 같은 초 단위 숫자' },
    received: asked,
  });
}

const noCommand = (): UserError =>
  new UserError({
    what: { en: 'missing command behind --', ko: '-- 뒤에 명령이 필요합니다' },
    where: 'wirelab why',
    expected: { en: './wirelab why -- COMMAND ARGUMENTS', ko: './wirelab why -- 명령 인자' },
  });

const notFound = (name: string): UserError =>
  new UserError({
    what: { en: 'there is no such program', ko: '그런 프로그램이 없습니다' },
    where: 'wirelab why',
    expected: {
      en: 'a program in PATH, or the path of an executable file',
      ko: 'PATH에 있는 프로그램이나 실행 파일의 경로',
    },
    received: name,
  });

const notStarted = (name: string, code: string): UserError =>
  new UserError({
    what: { en: `the command could not be started (${code})`, ko: `명령을 시작할 수 없습니다(${code})` },
    where: 'wirelab why',
    received: name,
  });
