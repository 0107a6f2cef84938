/**
 * Diagnoses a command: leads its connections through wirelab, runs it, and judges the last one that failed by its bytes, by the
 * words of its program, and by experiments with its target. Nothing that was started for it is left behind.
 */
import { basename } from 'node:path';
import { rootCertificates } from 'node:tls';
import { causeName } from '../../analysis/outcome/refusal.ts';
import { systemClock } from '../../core/clock.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { runChild } from '../../diagnosis/command/child.ts';
import type { ChildEnd, ChildOptions } from '../../diagnosis/command/child.ts';
import {
  alsoRefused,
  asSureAsChain,
  isOfOwn,
  joinExperiments,
  joinWords,
  notConnected,
} from '../../diagnosis/command/judge.ts';
import { silenceBefore, silentServer, speaksOfLimit, withSilence } from '../../diagnosis/command/gave-up.ts';
import { withClock } from '../../diagnosis/command/clock.ts';
import { withOwnCheck } from '../../diagnosis/command/own-check.ts';
import { inCode } from '../../diagnosis/programs/in-code.ts';
import { withOwnHost } from '../../diagnosis/command/names/own-host.ts';
import { ofNameOfItsOwn } from '../../diagnosis/command/names/target-name.ts';
import { ofUpgrade } from '../../diagnosis/command/upgrade.ts';
import { withVisibleFlaw } from '../../diagnosis/command/visible-flaw.ts';
import { withWithheld } from '../../diagnosis/command/withheld.ts';
import { coveredUp, refusalOvercome } from '../../diagnosis/command/covered-up.ts';
import { fullerHello } from '../../diagnosis/command/own-hello.ts';
import { plainToTls } from '../../diagnosis/command/plaintext/plain-to-tls.ts';
import { tlsDemanded } from '../../diagnosis/command/plaintext/tls-demanded.ts';
import { decisiveOf, seenOf } from '../../diagnosis/command/seen.ts';
import type { Seen } from '../../diagnosis/command/seen.ts';
import type { Way } from '../../diagnosis/command/proxies.ts';
import { settingsIn } from '../../diagnosis/command/own-settings.ts';
import { withUnlinked } from '../../diagnosis/command/unlinked.ts';
import { likeProgram, withStore } from '../../diagnosis/command/own-store.ts';
import { assignedIn, variablesOf, withProxy } from '../../diagnosis/command/surroundings.ts';
import { meantName } from '../../diagnosis/attempt/call.ts';
import type { Call } from '../../diagnosis/attempt/call.ts';
import { isAnswered } from '../../diagnosis/case.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import type { Diagnosis, Finding, FoundCause } from '../../diagnosis/diagnosis.ts';
import { found } from '../../diagnosis/found.ts';
import { resetInData } from '../../diagnosis/captured/unfinished.ts';
import { foundWords } from '../../diagnosis/words.ts';
import { Laboratory } from '../../diagnosis/laboratory.ts';
import type { Attempt } from '../../diagnosis/attempt/attempt.ts';
import { authoritiesAmong } from '../../diagnosis/command/files.ts';
import { refined, withOwnSettings } from '../../diagnosis/command/refine.ts';
import type { Context } from '../../diagnosis/command/context.ts';
import { speakerIn } from '../../diagnosis/programs/speaker.ts';
import { countingFor } from '../../diagnosis/programs/python-variables.ts';
import { hear, lastWords } from '../../diagnosis/programs/hear.ts';
import type { Heard } from '../../diagnosis/programs/hear.ts';
import { intentOf } from '../../diagnosis/programs/intent.ts';
import type { Intent, Program, Settings } from '../../diagnosis/programs/program.ts';
import { beginningOf, programOf, programs, wrappedAt } from '../../diagnosis/programs/programs.ts';
import { whyNotLed } from '../../diagnosis/programs/not-led.ts';
import { altered, inItsOptions, remedyFor } from '../../diagnosis/programs/remedy.ts';
import type { Localized } from '../../i18n/language.ts';
import { inEach } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { loadIdentity } from '../../pki/keystore/identity.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { systemRoots } from '../../pki/keystore/system-roots.ts';
import { leadConnections } from '../../proxy/lead.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { Environment, Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { findProgram } from '../io/which.ts';
import { certificatesBeside } from './at-hand.ts';
import { callOf, pemFile } from './call.ts';
import {
  placed,
  pointingLine,
  pointingOf,
  programAt,
  targetOf,
  timeLimitOf,
  wordsFor,
} from './command-words.ts';
import { keysFile } from './keys-file.ts';
import { proxyOfCommand } from './own-proxy.ts';
import type { ProxyOfCommand } from './own-proxy.ts';
import { ranLine, ranWords } from './ran.ts';

/** How long connections may take to end behind the command, in milliseconds. */
const settlingTime = 400;
/** Other failed connections that are named. */
const mostOthers = 5;

export interface CommandDiagnosis extends Diagnosis {
  /** The same without the words of its program: from the bytes and the experiments alone. */
  readonly withoutWords: () => Promise<Diagnosis>;
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
  /** Its standard input, if it is not this process's. */
  readonly input?: ChildOptions['input'];
}

export async function diagnoseCommand(
  given: readonly string[],
  { parsed, environment, log, signal, onAttempt, onRan, input }: CommandOptions,
): Promise<CommandDiagnosis> {
  const { variables } = environment;
  const [first] = given;
  if (first === undefined) throw noCommand();
  const path = findProgram(first, variables);
  if (path === undefined) throw notFound(first);
  const start = beginningOf(given);
  const own = given.slice(start);
  const program = start > 0 ? programOf(own[0] ?? '') : programAt(first, path);
  const to = targetOf(parsed, own, program);
  const timeLimit = timeLimitOf(parsed);
  const surroundings = { ...variables, ...assignedIn(given) };
  const proxy = proxyOfCommand({
    program,
    own,
    variables: surroundings,
    authorities: parsed.all('cacert').map((file) => pemFile(file, '--cacert', pemCertificates)),
  });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const leading = await leadConnections({
    tap: { log, hop: 'A' },
    clock: systemClock,
    listen: { host: to?.host === '::1' ? '::1' : '127.0.0.1', port: 0 },
    to,
    through: proxy.through,
    at: (address) => program?.addressOf?.(own, address),
  });
  const keys = keysFile(variables['SSLKEYLOGFILE'] || undefined);
  const began = systemClock.now();
  try {
    const started = [
      ...given.slice(0, start),
      ...wordsFor(to ? own : proxy.words, program, leading, to, keys.path),
    ];
    const at = wrappedAt(started);
    const words = to ? started : [...withProxy(started.slice(0, at), leading.address), ...started.slice(at)];
    const ended = await runChild({
      command: [first, ...words.slice(1)],
      variables: variablesOf({
        variables,
        proxy: to ? undefined : leading.address,
        keylogFile: keys.path,
        isNode: program?.name === 'node',
      }),
      input: input ?? (environment.stdin.isTTY ? 'terminal' : 'inherited'),
      passTo: parsed.flag('json') ? undefined : environment.stderr,
      signal,
      timeLimit: timeLimit * 1000,
    });
    signal.throwIfAborted();
    if (ended.error !== undefined) throw notStarted(first, ended.error);
    const milliseconds = systemClock.now() - began;
    await log.until(
      () =>
        leading.led.every(({ conn, failure }) =>
          conn === undefined ? failure !== undefined : flows.connection(conn)?.closed !== undefined,
        ),
      settlingTime,
      signal,
    );
    for (const line of keys.lines()) log.append({ type: 'keylog', line });
    await leading.close();
    const seen = leading.led.map((led) => seenOf(led, flows, ended.code !== 0));
    const isMute = seen.every(({ said }) => (said?.client ?? 0) === 0);
    const heard = onlyEarly(hear(ended, program), isMute);
    const ran = ranLine({ words, program, ended, heard, seen, count: leading.count, milliseconds });
    onRan?.(ran);
    const options = { parsed, environment, log, signal, onAttempt };
    let made: Promise<Made> | undefined;
    const facts: Facts = {
      ...options,
      given,
      own,
      words,
      program,
      proxy,
      variables: countingFor(program, surroundings, `${ended.stdout}\n${ended.stderr}`),
      settings: await program?.settings?.(own, surroundings, async () => import('yaml')),
      ended,
      milliseconds,
      heard,
      seen,
      to,
      listener: leading.address.host,
      experiments: async (about) => (made ??= experiment(about, facts)),
    };
    const diagnosis = await judge(facts);
    const mute = {
      ...facts,
      variables: surroundings,
      heard: undefined,
      ended: { ...ended, stdout: '', stderr: '' },
    };
    const withoutWords = async (): Promise<Diagnosis> => judge(mute);
    return { ...diagnosis, ran, ranWords: ranWords(ran), withoutWords };
  } finally {
    await leading.close();
    keys.remove();
  }
}

interface Facts extends CommandOptions {
  /** As the user wrote it, and as it was started. */
  readonly given: readonly string[];
  /** Of these, those of the program that is known: `curl …` of `timeout 5 curl …`. */
  readonly own: readonly string[];
  readonly words: readonly string[];
  readonly program: Program | undefined;
  readonly proxy: ProxyOfCommand;
  /** Those that the program sees: of this process, and as `env` before it assigns them. */
  readonly variables: NodeJS.ProcessEnv;
  /** What its files of settings say. */
  readonly settings: Settings | undefined;
  readonly ended: ChildEnd;
  /** How long it ran. */
  readonly milliseconds: number;
  readonly heard: Heard | undefined;
  readonly seen: readonly Seen[];
  readonly to: Address | undefined;
  /** The host of the listener that stood in the place of the target. */
  readonly listener: string;
  /** Made once. */
  readonly experiments: (about: Seen) => Promise<Made>;
}

interface Made {
  readonly laboratory: Laboratory;
  readonly diagnosis: Diagnosis;
  readonly trustIsKnown: boolean;
  readonly isInsecure: boolean;
  readonly intent: Intent;
  /** The name that the experiments asked for. */
  readonly name: string;
  /** A file with CAs among the words of a program of which no more is known. */
  readonly among: string | undefined;
}

async function judge(facts: Facts): Promise<Diagnosis> {
  const { seen, ended, heard, program } = facts;
  const about = decisiveOf(seen);
  if (!about) {
    // It failed before it connected, and says why, or a file that it names does.
    const before = heard && isOfOwn(heard.saying.cause) ? joinWords({ failed: false }, heard) : undefined;
    const named = withNamedFile(before, facts);
    return { finding: named ? beforeConnecting(named) : noneSeen(facts), others: [], attempts: [] };
  }
  const commandFailed = ended.code !== 0;
  // It tried again, and succeeded.
  const isOver = !commandFailed && seen.at(-1)?.failed === false;
  const others = otherFailures(
    facts,
    isOver ? seen : seen.filter((one) => one !== about),
    isOver ? undefined : about,
  );
  if (isOver && !(program?.goesOn && heard?.saying.by === 'client')) {
    const covered = coveredUp(seen);
    if (covered) return { finding: refusalOvercome(covered), others, attempts: [] };
    return (await ofOtherName(about, facts, others)) ?? { others, attempts: [] };
  }
  const observed = about.failure
    ? notConnected(about.failure, about.led.to.host, wayOf(about, facts))
    : joinWords({ outcome: about.outcome, failed: about.failed }, heard);
  // An experiment would meet the same proxy, or the same resolver.
  if (observed && about.failure && (about.led.through || observed.cause === 'host_not_found'))
    return { finding: withProxyRemedy(observed, about, facts), others, attempts: [] };
  if (!observed && !commandFailed) return { others, attempts: [] };
  const made = await facts.experiments(about);
  const { diagnosis, trustIsKnown, isInsecure } = made;
  // It ended well, and so did the same call: that a certificate was wanted is a guess that both refute.
  const isGuess = observed?.confidence === 'likely' && observed.cause === 'certificate_missing';
  if (!commandFailed && isGuess && !diagnosis.finding) return { others, attempts: made.laboratory.attempts };
  const plain = commandFailed
    ? (tlsDemanded(about, typed(facts)) ??
      plainToTls(about, observed, diagnosis, facts.own) ??
      ofUpgrade(about, observed, {
        heard,
        diagnosis,
        words: typed(facts),
        asked: made.intent.starttls,
        isAlone: isLoopback(about.led.to.host),
      }))
    : undefined;
  const joined =
    plain ??
    (await ofOffer(about, observed, made)) ??
    joinExperiments(observed, heard, {
      diagnosis,
      trustIsKnown,
      isInsecure,
      identityIsKnown: program !== undefined && !program.runsCode,
      commandFailed,
      isAnswered: about.isAnswered,
    });
  const context = contextOf(made, about, facts);
  // Its bytes end within what the server was sending.
  const isCut = commandFailed && !ended.isLate && isResetInData(about);
  const silence = commandFailed && !ended.isLate ? silenceBefore(about, facts.milliseconds) : undefined;
  const sure = joined && asSureAsChain(joined, diagnosis, trustIsKnown);
  const flawed =
    sure && !isInsecure
      ? withVisibleFlaw(sure, diagnosis, verifiesOther(about, facts) ? undefined : nameOf(context))
      : sure;
  const stored =
    flawed &&
    withStore(withPresented(refined(flawed, context), about), {
      ...facts,
      diagnosis,
      trustIsKnown,
      among: made.among,
      isListed: made.intent.authorities !== undefined || made.intent.authoritiesText !== undefined,
      systemList: () => systemRoots({}),
    });
  const remedied = stored && withWithheld(withRemedy(stored, made, facts), diagnosis, context.files);
  const finding =
    remedied &&
    withUnlinked(
      withOwnHost(withClock(withOwnSettings(remedied, context), diagnosis, trustIsKnown), typed(facts)),
      { ...facts, diagnosis },
    );
  const { attempts } = made.laboratory;
  const isOfName =
    verifiesOther(about, facts) &&
    (finding ? finding.cause === 'name_mismatch' && finding.by === 'client' : speaksOfName(heard));
  const named =
    isOfName && finding && facts.to
      ? ofNameOfItsOwn(finding, {
          asked: about.serverName,
          said: heard?.name,
          target: facts.to.host,
          listener: facts.listener,
          isOfOption: made.intent.serverNameBy !== undefined && made.intent.serverName === about.serverName,
        })
      : undefined;
  const isOfListener = isOfName && !named;
  const checked = (one: Finding): Finding =>
    commandFailed && !heard
      ? withOwnCheck(one, about, diagnosis, { line: lineOf(facts), name: made.name })
      : one;
  const answer: Finding = isOfListener
    ? found({
        cause: 'listener_verified',
        by: 'client',
        confidence: 'unknown',
        evidence: finding?.evidence ?? endEvidence(ended, heard),
        command: pointingLine(program, facts.own),
      })
    : withOwnLimit(
        withSilence(
          checked(
            named ??
              finding ??
              (isCut
                ? resetInData('likely')
                : silence !== undefined && hasWaited(about, facts)
                  ? silentServer(silence)
                  : found({
                      cause: 'failed_elsewhere',
                      by: 'unknown',
                      confidence: 'unknown',
                      evidence: endEvidence(ended, heard),
                      more: commandSays(facts),
                    })),
          ),
          silence,
        ),
        facts,
      );
  const refused = alsoRefused(answer, heard);
  const isMute = seen.every(({ said }) => (said?.client ?? 0) === 0);
  return {
    finding: {
      ...(isMute && ofItself(answer.cause) ? beforeConnecting(answer) : answer),
      remedy: inOwnOptions(answer, facts),
      evidence: [...answer.evidence, ...ownWords(answer, facts), ...throughEvidence(wayOf(about, facts))],
      ...(about.shown ? { connection: about.shown } : {}),
    },
    others: [...(refused ? [refused] : []), ...others],
    attempts,
  };
}

/** Of a script it is the program that speaks. */
const inOwnOptions = ({ remedy }: Finding, { program, heard }: Facts): Finding['remedy'] =>
  remedy.on === 'client'
    ? {
        ...remedy,
        words: inCode(remedy.words, program ?? (heard && speakerIn(heard.line))),
      }
    : remedy;

/** Some words are of the program's own files only where it had nothing else to speak of. */
const onlyEarly = (heard: Heard | undefined, isMute: boolean): Heard | undefined =>
  heard?.saying.isEarly && !isMute ? undefined : heard;

const ofItself = (cause: Finding['cause']): boolean => isOfOwn(cause) || cause === 'failed_elsewhere';

/** No server has a part in it. */
const beforeConnecting = (finding: Finding): Finding => ({
  ...finding,
  because: inEach((language) => `${finding.because[language].replace(/\.$/, '')}. ${failedBefore[language]}`),
});

const failedBefore: Localized = {
  en: 'It failed before it said anything to a server',
  ko: '서버에 아무것도 보내기 전에 실패했습니다.',
};

/** Its hello was refused, for a reason that an alert leaves open; wirelab's own is answered. */
async function ofOffer(
  { outcome, offered }: Seen,
  observed: Finding | undefined,
  { laboratory, diagnosis: { attempts } }: Made,
): Promise<Finding | undefined> {
  const [base] = attempts;
  if (!offered || !observed || outcome?.step !== 'client_hello' || !base || !isAnswered(base))
    return undefined;
  if (observed.by === 'client' || !ofOffers.has(observed.cause)) return undefined;
  const made = await fullerHello(offered, laboratory);
  return made && { ...made, evidence: [...observed.evidence, ...made.evidence] };
}

const ofOffers: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'negotiation_failed',
  'no_common_cipher',
  'closed_during_handshake',
  'reset_on_the_way',
  'protocol_error',
]);

/** It was given the address of the listener in the place of its target, and has not named that target. */
const verifiesOther = ({ serverName }: Seen, { to }: Facts): boolean =>
  to !== undefined && !isLoopback(to.host) && serverName !== to.host;

const speaksOfName = (heard: Heard | undefined): boolean =>
  heard?.saying.by === 'client' &&
  [heard.saying.cause, ...(heard.saying.also ?? [])].includes('name_mismatch');

/** It succeeded, but a client that verifies the name of the target would not have: by itself the command may. */
async function ofOtherName(
  about: Seen,
  facts: Facts,
  others: readonly Finding[],
): Promise<Diagnosis | undefined> {
  if (!about.isTls || !verifiesOther(about, facts)) return undefined;
  const { diagnosis } = await facts.experiments(about);
  const { finding: made, attempts } = diagnosis;
  if (made?.cause !== 'name_mismatch') return undefined;
  const host = safeText(facts.to?.host ?? '');
  const base = found({
    cause: 'listener_verified',
    by: 'unknown',
    confidence: 'unknown',
    evidence: made.evidence,
    command: pointingLine(facts.program, facts.own),
  });
  const because = {
    en: `through wirelab the command succeeded, with the address of the listener in the place of {}; a client that verifies the name ${host} refuses that certificate. Whether the command does so by itself is not known`,
    ko: `명령은 {} 자리에 리스너의 주소를 쓰고 wirelab을 거쳐 성공했습니다. 하지만 ${host} 이름을 검증하는 클라이언트는 이 인증서를 거부합니다. 명령이 혼자 실행될 때 그렇게 하는지는 알 수 없습니다.`,
  };
  return {
    finding: { ...base, because, ...(about.shown ? { connection: about.shown } : {}) },
    others,
    attempts,
  };
}

/** In the name of the server, behind data of both sides. */
const isResetInData = ({ outcome }: Seen): boolean =>
  outcome?.kind === 'reset' && outcome.by === 'server' && outcome.step === 'application_data';

/** A server that refuses a request for its certificate, where one was presented: not that one is missing. */
function withPresented(finding: Finding, { presented }: Seen): Finding {
  if (finding.cause !== 'refused_over_http' || !presented) return finding;
  const isOver = Date.parse(presented.notAfter) < systemClock.now();
  const subject = safeText(presented.subject);
  return {
    ...finding,
    evidence: [
      ...finding.evidence,
      {
        kind: 'certificate',
        certificate: presented,
        words: { en: 'the certificate that the client presented', ko: '클라이언트가 제시한 인증서' },
      },
    ],
    remedy: {
      on: 'client',
      words: isOver
        ? {
            en: `renew the client's certificate (${subject}): it was presented, and was valid until ${presented.notAfter}`,
            ko: `클라이언트 인증서를 갱신하세요(${subject}). 제시한 인증서의 유효 기간은 ${presented.notAfter}까지였습니다.`,
          }
        : {
            en: `the client presented its certificate (${subject}), and the server does not accept it: compare its issuer with the CAs that the server trusts, and its dates and usages; the log of the server names the reason`,
            ko: `클라이언트가 인증서를 제시했지만(${subject}) 서버가 받아들이지 않습니다. 발급자를 서버가 신뢰하는 CA와 비교하고, 유효 기간과 용도를 확인하세요. 이유는 서버 로그에 있습니다.`,
          },
    },
  };
}

/** Over TLS data was sent, and its words are of a time limit. */
const hasWaited = ({ outcome, isTls }: Seen, { heard, ended, program }: Facts): boolean =>
  isTls &&
  outcome?.step === 'application_data' &&
  heard?.saying.by !== 'client' &&
  speaksOfLimit(lastWords(ended, program));

/** They may be nothing but the end of a command that was ended. */
const ofEnds: ReadonlySet<Finding['cause']> = new Set<Finding['cause']>([
  'failed_elsewhere',
  'closed_during_handshake',
  'client_silent',
  'server_silent',
  'no_reply',
]);

/** Where this diagnosis ended the command, that end is nobody's answer. */
function withOwnLimit(finding: Finding, { ended, parsed }: Facts): Finding {
  if (!ended.isLate || !ofEnds.has(finding.cause) || finding.confidence === 'proven') return finding;
  const limit = timeLimitOf(parsed);
  const isSilence = finding.cause === 'failed_elsewhere';
  const words: Localized = {
    en: `the command had not ended after ${limit} s, and wirelab ended it (--time-limit): the end of its connection is not the server's`,
    ko: `명령이 ${limit}초 안에 끝나지 않아 wirelab이 종료시켰습니다(--time-limit). 연결을 끝낸 것은 서버가 아닙니다.`,
  };
  return {
    ...finding,
    by: 'unknown',
    evidence: [...finding.evidence, { kind: 'words', said: '', words }],
    ...(isSilence ? { because: words } : {}),
    ...(isSilence
      ? {
          remedy: {
            on: 'client',
            words: {
              en: 'see what the command waits for (its input, a terminal, an answer of the server), or give it more time (--time-limit)',
              ko: '명령이 무엇을 기다리는지(입력, 터미널, 서버의 답) 확인하거나 시간을 더 주세요(--time-limit).',
            },
          } as const,
        }
      : {}),
  };
}

/** What the program wrote stands in the evidence also where it is not understood. */
/** What it wrote of its failure, understood or not. */
const lineOf = ({ ended, heard, program }: Facts): string => heard?.line ?? lastWords(ended, program);

function commandSays(facts: Facts): Localized | undefined {
  const line = safeText(lineOf(facts));
  return line === '' ? undefined : { en: `the command says: ${line}`, ko: `명령의 말: ${line}` };
}

function ownWords({ evidence, by }: Finding, facts: Facts): Finding['evidence'] {
  const { ended } = facts;
  const line = lineOf(facts);
  const isThere = line === '' || evidence.some((one) => one.kind === 'words' && one.said === line);
  if (isThere || ended.code === 0 || by === 'nobody') return [];
  return [{ kind: 'words', said: line, words: { en: 'the program says', ko: '프로그램의 말' } }];
}

/** Nothing was connected: a file that its arguments name, and that is not there, is why. */
function withNamedFile(before: Finding | undefined, facts: Facts): Finding | undefined {
  const { ended, heard, program } = facts;
  const context: Context = {
    ...settingsIn(facts),
    own: typed(facts),
    now: systemClock.now(),
    heard,
    diagnosis: { others: [], attempts: [] },
    intent: {},
    name: '',
    through: undefined,
  };
  const faulty = context.faulty.filter(({ isVariable, kind }) => !isVariable && kind !== 'other');
  if (before) return withOwnSettings(before, context);
  if (ended.code === 0 || !program || faulty.length === 0) return undefined;
  const open = found({
    cause: 'unusable_file',
    by: 'client',
    confidence: 'likely',
    evidence: endEvidence(ended, heard),
  });
  return { ...withOwnSettings(open, { ...context, faulty }), confidence: 'likely' };
}

function contextOf({ diagnosis, intent, name }: Made, about: Seen, facts: Facts): Context {
  return {
    ...settingsIn(facts),
    own: typed(facts),
    now: systemClock.now(),
    heard: facts.heard,
    diagnosis,
    intent,
    name,
    through: wayOf(about, facts).through,
  };
}

/** That a proxy was on the way, and was gone through. */
const throughEvidence = ({ through, option }: Way): Finding['evidence'] =>
  through
    ? [
        {
          kind: 'words',
          said: `${option === undefined ? '' : `${option} `}${formatAddress(through)}`,
          words: { en: "through the command's own proxy", ko: '명령의 프록시를 거침' },
        },
      ]
    : [];

/** What else than this machine's resolver and network may have been on the way. */
const wayOf = ({ led: { way, through } }: Seen, { program, own, proxy }: Facts): Way => ({
  through,
  option: proxy.option,
  trustIsKnown: proxy.trustIsKnown,
  resolvesItself:
    way !== 'given' &&
    (program?.resolvesUnless === undefined ||
      program.resolvesUnless.some((option) =>
        own.some((word) => word === option || word.startsWith(`${option}=`)),
      )),
});

/** One of each kind. */
function otherFailures(facts: Facts, seen: readonly Seen[], about: Seen | undefined): Finding[] {
  const kept = new Map<string, Finding>();
  const keyOf = ({ led }: Seen, finding: Finding): string => `${formatAddress(led.to)} ${finding.cause}`;
  for (const one of seen) {
    if (!one.failed) continue;
    const finding = one.failure
      ? notConnected(one.failure, one.led.to.host, wayOf(one, facts))
      : joinWords({ outcome: one.outcome, failed: true }, undefined);
    if (!finding) continue;
    const key = keyOf(one, finding);
    if (
      about &&
      formatAddress(about.led.to) === formatAddress(one.led.to) &&
      about.outcome?.cause === one.outcome?.cause
    )
      continue;
    if (!kept.has(key)) kept.set(key, { ...finding, ...(one.shown ? { connection: one.shown } : {}) });
  }
  return [...kept.values()].slice(0, mostOthers);
}

const mayHaveFailed: Localized = {
  en: 'it says nothing of a connection: begin with its own words',
  ko: '출력에 연결 이야기가 없습니다. 프로그램의 출력부터 확인하세요.',
};

/** {} is among its words: how it is led is no question. */
const inPlaceAlready: Localized = {
  en: 'the listener stood in the place of the target, and the command did not connect to it: begin with its own words (what it wants to read, its arguments, its files), or see whether it takes its target from elsewhere',
  ko: '대상 자리에 리스너를 두었지만 명령이 연결하지 않았습니다. 명령의 출력(읽으려는 입력, 인자, 파일)부터 확인하거나, 대상을 다른 곳에서 정하는지 확인하세요.',
};

function noneSeen({ ended, program, given, own, heard, to }: Facts): Finding {
  // Of several that a script starts its words tell which one failed; without a row, of which library it is: Go's.
  const like =
    program ??
    speakerIn(`${heard?.line ?? ''}\n${ended.stderr}`) ??
    programs.find(({ name, storeWords }) => storeWords && name === heard?.saying.library);
  const { words } = pointingOf(like);
  const reason = whyNotLed(own, `${ended.stderr}\n${ended.stdout}`);
  const base = found({
    cause: 'no_connection_seen',
    by: 'unknown',
    confidence: 'unknown',
    evidence: endEvidence(ended, heard),
    more: reason?.words ?? (ended.code === 0 || heard ? undefined : mayHaveFailed),
    command: to ? undefined : reason?.isElsewhere ? pointingLine(like, []) : pointingLine(like, own),
  });
  const title = like?.name ?? given[0] ?? '';
  const said = heard && ended.code !== 0 ? withCause(heard) : undefined;
  return {
    ...base,
    ...(said
      ? {
          because: inEach(
            (language) => `${said[language]} ${base.because[language].replace(/^the command/, 'It')}`,
          ),
        }
      : {}),
    ...(ended.code === 0
      ? {
          because: {
            en: 'the command succeeded, and opened no connection through wirelab: it opened none, it uses no proxy, or it connects elsewhere',
            ko: '명령은 성공했지만 wirelab을 거쳐 연결하지 않았습니다. 연결을 열지 않았거나, 프록시를 쓰지 않거나, 다른 곳에 연결했습니다.',
          },
        }
      : {}),
    remedy: {
      ...base.remedy,
      words: to ? inPlaceAlready : inEach((language) => `${title}: ${words[language]}`),
    },
  };
}

/** Its words, and what they mean: of bytes that nobody saw that is all. */
function withCause({ line, saying: { cause } }: Heard): Localized {
  const said = safeText(line);
  const name = causeName(cause) ?? foundWords[cause as FoundCause].name;
  return {
    en: `the command says: ${said} (${name.en}).`,
    ko: `명령의 말: ${said} (${name.ko}).`,
  };
}

/** What it said of it, or else the last line that it wrote. */
function endEvidence(
  { code, killedBy, stderr, stdout }: ChildEnd,
  heard: Heard | undefined,
): Finding['evidence'] {
  const last = heard?.line ?? (lastWords({ stdout, stderr }, undefined) || lastLine(stdout));
  const how = killedBy ?? String(code ?? '');
  return [
    {
      kind: 'words',
      said: last,
      words: {
        en: `the command ended with ${killedBy === undefined ? `exit code ${how}` : how}${last === '' ? '' : ', and says'}`,
        ko: `명령의 ${killedBy === undefined ? `종료 코드 ${how}` : how}${last === '' ? '' : ', 출력'}`,
      },
    },
  ];
}

const lastLine = (text: string): string => text.trimEnd().split(/\r?\n/).at(-1)?.trim().slice(0, 300) ?? '';

/** The same call from wirelab's own client, as the command's ClientHello and arguments show it. */
async function experiment(
  about: Seen,
  { parsed, environment, program, own, variables, settings, log, signal, onAttempt }: Facts,
): Promise<Made> {
  const intent = intentOf(program, own, variables, settings);
  const { to, at, through } = about.led;
  const base = await callOf({ host: to.host, port: at?.port ?? to.port }, parsed, environment, {
    through,
    at: at?.host,
  });
  const isGiven = parsed.all('cacert').length > 0;
  const among = !program || program.runsCode ? authoritiesAmong(own) : undefined;
  const authorities = isGiven ? undefined : (authoritiesIn(intent, program) ?? (among && [among.pem]));
  const call: Call = {
    ...base,
    serverName: base.serverName ?? about.serverName,
    alpn: base.alpn ?? about.alpn,
    starttls: base.starttls ?? about.starttls ?? intent.starttls,
    limits: base.limits ?? about.limits,
    ...(authorities ? { authorities, authoritiesFrom: 'given' as const } : {}),
    identity: base.identity ?? identityIn(intent),
    atHand: base.atHand ?? besideIn(intent),
  };
  const laboratory = new Laboratory(call, { clock: systemClock, log, signal, onAttempt });
  return {
    laboratory,
    diagnosis: await diagnose(laboratory),
    trustIsKnown:
      isGiven ||
      (authorities !== undefined && !intent.mayTrustOthers && !among) ||
      (intent.authorities === undefined && program?.trusts === 'system' && !program.runsCode),
    isInsecure: intent.isInsecure === true,
    intent,
    name: meantName(call),
    among: among?.path,
  };
}

/** Undefined where there are none, or they cannot be read: the program says so itself. */
function authoritiesIn(
  { authorities, authoritiesText }: Intent,
  program: Program | undefined,
): readonly string[] | undefined {
  if (authoritiesText !== undefined)
    return pemCertificates(authoritiesText).length > 0 ? [authoritiesText] : undefined;
  if (authorities === undefined) return undefined;
  try {
    const own = pemFile(authorities, '--cacert', pemCertificates);
    return program?.name === 'node' ? [own, ...rootCertificates] : [own];
  } catch {
    return undefined;
  }
}

const besideIn = ({ certificate }: Intent): Call['atHand'] =>
  certificate === undefined ? undefined : () => certificatesBeside(certificate);

function identityIn({ certificate, key }: Intent): Call['identity'] {
  if (certificate === undefined) return undefined;
  try {
    return loadIdentity({ certFile: certificate, keyFile: key ?? certificate });
  } catch {
    return undefined;
  }
}

/** The one that the command verifies, as far as it or its arguments say. */
const nameOf = ({ intent, heard, name }: Context): string => intent.verifies ?? heard?.name ?? name;

/** With its target in the place of the listener, as a person types it. */
const typed = ({ own, to }: Facts): readonly string[] => (to ? placed(own, to) : own);

function withRemedy(finding: Finding, { among }: Made, facts: Facts): Finding {
  const { program, ended, heard, variables } = facts;
  const words = typed(facts);
  const said = `${ended.stderr}\n${heard?.line ?? ''}`;
  const command =
    remedyFor(finding.cause, finding.by, {
      program: likeProgram(program, heard),
      words,
      said,
      variables,
      authorities: among,
    }) ?? withTlsInstead(finding, words);
  const remedy = { ...finding.remedy, words: inItsOptions(finding.remedy.words, program) };
  return { ...finding, remedy: command === undefined ? remedy : { ...remedy, command } };
}

/** How the program is told to trust the CA of its proxy. */
function withProxyRemedy(finding: Finding, { failure }: Seen, { program, own }: Facts): Finding {
  const isOfTrust = finding.cause === 'unknown_ca' || finding.cause === 'self_signed';
  const alteration = program?.trustProxy;
  if (failure?.onTheWay?.step !== 'tls' || !isOfTrust || !alteration) return finding;
  const command = altered(own, alteration);
  return { ...finding, remedy: { ...finding.remedy, command } };
}

/** The same address with TLS, where the port wants that. The other way round nothing is suggested: it would give TLS up. */
function withTlsInstead({ cause }: Finding, words: readonly string[]): string | undefined {
  if (cause !== 'plaintext_on_tls_port') return undefined;
  const tls = withTls[basename(words[0] ?? '')];
  if (tls) {
    const missing = tls.filter(
      ([option = '']) => !words.some((word) => word === option || word.startsWith(`${option}=`)),
    );
    return [...words.slice(0, 1), ...missing.flat(), ...words.slice(1)].map(shellWord).join(' ');
  }
  return otherScheme(words, 'http://', 'https://') ?? otherScheme(words, 'ldap://', 'ldaps://');
}

/** Options with which programs begin with TLS, with their values. */
const withTls: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'redis-cli': [['--tls'], ['--cacert', 'CA.crt']],
  'valkey-cli': [['--tls'], ['--cacert', 'CA.crt']],
  mosquitto_pub: [['--cafile', 'CA.crt']],
  mosquitto_sub: [['--cafile', 'CA.crt']],
};

const otherScheme = (words: readonly string[], from: string, to: string): string | undefined =>
  words.some((word) => word.startsWith(from))
    ? words.map((word) => shellWord(word.startsWith(from) ? to + word.slice(from.length) : word)).join(' ')
    : undefined;

const noCommand = (): UserError =>
  new UserError({
    what: { en: 'missing command behind --', ko: '-- 뒤에 명령이 필요합니다' },
    where: 'wirelab why',
    expected: { en: './wirelab why -- COMMAND ARGUMENTS', ko: './wirelab why -- 명령 인자' },
  });

const notFound = (name: string): UserError =>
  new UserError({
    what: { en: `there is no such program: ${name}`, ko: `그런 프로그램이 없습니다: ${name}` },
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
