/**
 * Checks whether a task is done: it runs the task's steps on sockets of their own with the files of the learner's folder, and
 * judges the captured bytes and the reports of both ends; or it asks a server of the running lab who logged in.
 * `ui/text/lab.ts` renders the result.
 *
 * 1. Each task is started separately: an error in one listener closes no other.
 * 2. Free ports are used, whatever the settings say: the running lab listens on those.
 * 3. An error that keeps a task from starting names the learner's file and line; the other tasks are still checked.
 * 4. A result says what is so, and not what should be: that is the task.
 */
import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { X509Certificate } from 'node:crypto';
import { CaptureLog } from '../../capture/log.ts';
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import type { Flows } from '../../capture/flows.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { josa } from '../../i18n/josa.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { features } from '../../features/registry.ts';
import { startScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { createJudge } from '../../engine/verdict.ts';
import type { Finding } from '../../engine/verdict.ts';
import type { Plan } from '../../engine/plan.ts';
import { loadWireReading, refusalsOf, Speakers } from '../../presentation/refusals.ts';
import { ShownFeatures } from '../../presentation/shown.ts';
import { closerReason } from './cause.ts';
import type { Refused } from './cause.ts';
import { besideFiles } from './beside-files.ts';
import { notUp, timeOfDay } from './checking.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { askUp } from '../hold/claim.ts';
import { atFreePorts } from '../hold/ports.ts';
import { withGiven } from '../given-files.ts';
import { openReasons, settingsFile } from '../lab.ts';
import type { CompiledLab, OpenReason, TaskFile } from '../lab.ts';
import { cutTo, judgedNames, needsSettings, planCut, scenarioWith, stepsOf, usedNames } from '../learner.ts';
import { bytesOf, certificatesThere, FileError, withOwnFiles } from '../own-files.ts';
import { calledAs, remediesCalledAs } from '../wirelab-command.ts';
import { passwordSlips } from './wrong-password.ts';

/** How old a connection of the client that is kept connected may become at the proxy that it comes to, in seconds. */
function mostSecondsOf({ file }: CompiledScenario, { tasks }: CompiledLab): number | undefined {
  const step = file.steps.find(({ id }) => id === tasks.held?.step);
  const { login } = (step ?? {}) as { readonly login?: { readonly to?: string } };
  return file.proxies?.[login?.to ?? '']?.maxConnectionSeconds;
}

/**
 * One result a task, in their order.
 * @param only the ids of the tasks to check; all of them when left out.
 */
export async function checkLab(options: CheckOptions, only?: ReadonlySet<string>): Promise<TaskResult[]> {
  const { lab, folder } = options;
  await loadWireReading();
  const { compiled, mistake } = await scenarioWith(lab, () => settingsOf(lab, folder));
  const { command = 'wirelab' } = options;
  const results = {
    all: [] as TaskResult[],
    push(result: TaskResult): void {
      this.all.push(inCommands(withGiven(result, options), command));
    },
  };
  const asked = lab.tasks.tasks.filter(({ id }) => only?.has(id) ?? true);
  const ownClient = lab.tasks.ownClient
    ? new (await import('./check-client.ts')).OwnClientCheck(asked, compiled, options)
    : undefined;
  const resultOf = async (task: TaskFile): Promise<TaskResult> => {
    const own = stepsOf(task);
    if (mistake && needsSettings(compiled, lab, own.length > 0 ? own : (task.still ?? [])))
      return open(task.id, mistake);
    if (task.ownClient && ownClient) return ownClient.result(task.id, task.ownClient);
    if (task.login) return checkLogin(task.id, task.login, options);
    if (task.held) {
      const result = await (await import('./check-held.ts')).checkHeld(
        task.id,
        options,
        mostSecondsOf(compiled, lab),
      );
      return result.status === 'open' ? result : also(result, [{ steps: task.still }], compiled, options);
    }
    if (task.cluster)
      return (await import('./check-cluster.ts')).checkCluster(task.id, task.cluster, compiled, options);
    if (task.controlPlane) {
      const { checkControlPlane } = await import('./check-control-plane.ts');
      return checkControlPlane(task.id, task.controlPlane, compiled, options);
    }
    return checkTask(task, compiled, options);
  };
  for (const task of asked) {
    if (options.signal?.aborted) break;
    try {
      results.push(await resultOf(task));
    } catch (error) {
      // A file of the learner's that no step needs, such as one that a task compares with another.
      if (!(error instanceof FileError)) throw error;
      results.push(open(task.id, error));
    }
  }
  return results.all;
}

/** @param command how wirelab is called from the folder */
function inCommands(result: TaskResult, command: string): TaskResult {
  const { remedy, mistake } = result;
  return {
    ...result,
    ...(remedy ? { remedy: calledAs(remedy, command) } : {}),
    ...(mistake ? { mistake: remediesCalledAs(mistake, command) } : {}),
  };
}

/** @throws FileError */
export function settingsOf({ tasks }: CompiledLab, folder: string): string | undefined {
  return tasks.settings === undefined ? undefined : new TextDecoder().decode(bytesOf(folder, settingsFile));
}

/** @param otherwise the reason for an error without its own: a lab without settings only has files. */
function open(id: string, error: UserError, otherwise: OpenReason = 'bad_settings'): TaskResult {
  const reason = error instanceof FileError ? error.reason : otherwise;
  const isRead = error instanceof FileError && error.isRead;
  return {
    id,
    status: 'open',
    reason,
    ...(isRead ? { isRead } : {}),
    says: error.facts.what,
    findings: [],
    mistake: error.facts,
  };
}

async function checkLogin(
  id: string,
  { at, as }: NonNullable<TaskFile['login']>,
  options: CheckOptions,
): Promise<TaskResult> {
  const up = await askUp(options.folder);
  const seen = up?.answer?.seen.filter(({ server }) => server === at);
  if (!seen)
    return notUp(id, up, options, {
      en: `${at} is not running and cannot report who has logged in`,
      ko: `${at} 서버가 실행 중이 아니어서 누가 로그인했는지 물어볼 수 없습니다`,
    });
  const own = seen.filter(({ user }) => user === as);
  const done = own.find(({ accepted }) => accepted);
  if (done)
    return {
      id,
      status: 'done',
      says: {
        en: `${as} logged in at ${at}, at ${timeOfDay(done.at)}`,
        ko: `${josa(at, '이/가')} ${timeOfDay(done.at)}에 ${as}의 로그인을 받아들였습니다`,
      },
      findings: [],
    };
  const last = own.at(-1);
  if (last) {
    const why = last.slip === undefined ? wrongPassword : passwordSlips[last.slip];
    const says: Localized = {
      en: `${at} denied the login of ${as} at ${timeOfDay(last.at)}: ${why.en}`,
      ko: `${josa(at, '이/가')} ${timeOfDay(last.at)}에 ${as}의 로그인을 거절했습니다. ${why.ko}`,
    };
    return { id, status: 'open', reason: 'wrong_login', says, findings: [] };
  }
  const others = [...new Set(seen.map(({ user }) => user))].slice(-3).join(', ');
  return {
    id,
    status: 'open',
    reason: 'no_login',
    says: {
      en: `there was no login at ${at} as ${as}${others === '' ? '' : ` (tried: ${others})`}`,
      ko: `${at}에 아직 ${as} 계정으로 로그인한 사람이 없습니다${others === '' ? '' : `(시도한 계정: ${others})`}`,
    },
    findings: [],
  };
}

const wrongPassword: Localized = {
  en: 'the password is wrong. It changes each time the lab starts: use what is captured now',
  ko: '비밀번호가 맞지 않습니다. 비밀번호는 실습을 시작할 때마다 새로 정해지므로, 지금 캡처되는 것에서 찾으세요',
};

async function checkTask(
  task: TaskFile,
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const result = await checkSteps(task, compiled, options);
  if (result.status === 'open') {
    const copied = result.mistake ? undefined : copiedCertificate(task, compiled, options);
    if (!copied) return result;
    const { story: _story, step: _step, ...rest } = result;
    return { ...rest, says: copied.what, mistake: copied };
  }
  const replaced = task.unchanged?.find((name) => !isAsGiven(name, options));
  if (replaced !== undefined) {
    const { certificate = `${replaced}.crt` } = options.lab.tasks.yours?.[replaced] ?? {};
    const what: Localized = {
      en: 'this is not the certificate that the folder started with',
      ko: '폴더에 처음 있던 인증서가 아닙니다',
    };
    const mistake = {
      what,
      where: certificate,
      expected: {
        en: 'the original certificate, not a replacement',
        ko: '새로 발급하지 않은, 처음부터 있던 인증서',
      },
      remedy: {
        en: 'wirelab lab reset restores it, and keeps your files aside.',
        ko: 'wirelab lab reset을 실행하면 처음 파일로 되돌리고, 지금 파일은 따로 보관합니다.',
      },
    };
    return { ...result, status: 'open', reason: 'not_met', says: what, mistake };
  }
  const besides = misledAt(task, compiled, options) ?? sharedKey(task, options);
  if (besides) return { ...result, status: 'open', reason: 'not_met', says: besides.what, mistake: besides };
  const { later: then } = task;
  return also(
    result,
    [{ steps: task.still }, ...(then ? [{ steps: then.steps, hoursAhead: then.hours }] : [])],
    compiled,
    options,
  );
}

/** Steps that must come out right besides. @param result of the rest of the task, which is done. */
async function also(
  result: TaskResult,
  more: readonly { readonly steps: readonly string[] | undefined; readonly hoursAhead?: number }[],
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  let whole = result;
  for (const { steps, hoursAhead = 0 } of more) {
    if (!steps) continue;
    const clock = hoursAhead === 0 ? options.clock : ahead(options.clock, hoursAhead * 3_600_000);
    const one = await checkSteps({ id: result.id, steps: [...steps] }, compiled, { ...options, clock });
    const says = hoursAhead === 0 ? one.says : later(hoursAhead, one.says);
    if (one.status === 'open') return { ...one, says };
    whole = {
      ...whole,
      ...(hoursAhead === 0 ? {} : { says }),
      findings: [...one.findings, ...whole.findings],
    };
  }
  return whole;
}

const later = (hours: number, { en, ko }: Localized): Localized => ({
  en: `${hours} hours later: ${en}`,
  ko: `${hours}시간 뒤: ${ko}`,
});

/** A clock that is so many milliseconds fast. */
function ahead(clock: Clock, milliseconds: number): Clock {
  return { ...clock, now: () => clock.now() + milliseconds, microseconds: () => clock.microseconds() };
}

/** A listener that clients reach on another wire than the one on which their secrets are searched for. */
function misledAt(
  { steps = [] }: TaskFile,
  compiled: CompiledScenario,
  { lab: { tasks } }: CheckOptions,
): UserErrorFacts | undefined {
  const { proxies = {} } = cutTo(compiled, steps).file;
  for (const [name, wire] of Object.entries(tasks.entrances ?? {})) {
    const incoming = proxies[name]?.wires.incoming;
    if (incoming === undefined || incoming === wire) continue;
    return {
      what: {
        en: `clients reach ${name} on wire ${wire}, and the settings say otherwise`,
        ko: `클라이언트는 구간 ${josa(wire, '으로/로')} ${name}에 접속하는데, 설정은 그렇지 않습니다`,
      },
      where: settingsFile,
      expected: { en: `${name}: wires: { incoming: ${wire} }`, ko: `${name}: wires: { incoming: ${wire} }` },
      received: `incoming: ${incoming}`,
    };
  }
  return undefined;
}

/** Two certificates that must have different keys, and share one. */
function sharedKey(
  { keysApart = [] }: TaskFile,
  { lab, folder, world }: CheckOptions,
): UserErrorFacts | undefined {
  const own = withOwnFiles(world, { shown: new Set(), trusted: new Set(keysApart) }, lab, folder);
  const fileByKey = new Map<string, string>();
  for (const name of keysApart) {
    const { certificate = `${name}.crt` } = lab.tasks.yours?.[name] ?? {};
    const key = new X509Certificate(own.certificate(name)).publicKey
      .export({ type: 'spki', format: 'pem' })
      .toString();
    const other = fileByKey.get(key);
    if (other !== undefined) {
      return {
        what: {
          en: `the certificates in ${other} and ${certificate} are for the same key`,
          ko: `${josa(other, '과/와')} ${certificate}의 인증서에 같은 공개 키가 들어 있습니다`,
        },
        where: certificate,
        expected: { en: 'a key of its own', ko: '따로 만든 키' },
      };
    }
    fileByKey.set(key, certificate);
  }
  return undefined;
}

/** A certificate of the learner's that is in two files of a task, which each should have one of its own. */
function copiedCertificate(
  { steps = [], keysApart = [] }: TaskFile,
  compiled: CompiledScenario,
  { lab, folder }: CheckOptions,
): UserErrorFacts | undefined {
  const { file } = cutTo(compiled, steps);
  const { shown, trusted } = usedNames(file);
  const used = new Set([...shown, ...trusted, ...judgedNames(file), ...keysApart]);
  const files = new Map<string, string>();
  // In the order of tasks.yaml: the first is what the others are copies of.
  for (const [name, { certificate = `${name}.crt` }] of Object.entries(lab.tasks.yours ?? {})) {
    const digest = used.has(name) ? digestIn(folder, certificate) : undefined;
    if (digest === undefined) continue;
    const other = files.get(digest);
    if (other !== undefined)
      return {
        what: {
          en: `${certificate} is a copy of ${other}`,
          ko: `${josa(certificate, '은/는')} ${other} 파일의 사본입니다`,
        },
        where: certificate,
      };
    files.set(digest, certificate);
  }
  return undefined;
}

/** The SHA-256 of the first certificate in a file; undefined if it cannot be read. */
function digestIn(folder: string, file: string): string | undefined {
  try {
    return new X509Certificate(bytesOf(folder, file)).fingerprint256;
  } catch {
    return undefined;
  }
}

/** Whether the first certificate in the learner's file is the one of the recipe. */
function isAsGiven(name: string, { lab, folder, world }: CheckOptions): boolean {
  const [given] = pemCertificates(world.certificate(name));
  const own = withOwnFiles(world, { shown: new Set(), trusted: new Set([name]) }, lab, folder);
  const [shown] = pemCertificates(own.certificate(name));
  return given !== undefined && shown !== undefined && Buffer.compare(given, shown) === 0;
}

async function checkSteps(
  { id, steps = [] }: TaskFile,
  compiled: CompiledScenario,
  options: CheckOptions,
): Promise<TaskResult> {
  const { clock, random, version, signal, lab, folder } = options;
  const log = new CaptureLog({ clock });
  try {
    const { file } = cutTo(compiled, steps);
    const { trusted, ...used } = usedNames(file);
    const world = withOwnFiles(
      options.world,
      { ...used, trusted: new Set([...trusted, ...judgedNames(file)]) },
      lab,
      folder,
    );
    const plan = atFreePorts(planCut(compiled, steps));
    const judge = await createJudge(features, { plan, source: log, world });
    log.subscribe(judge.fold);
    const scenario = await startScenario(features, {
      plan,
      log,
      clock,
      random,
      version,
      world,
      ...defined({ signal }),
    });
    try {
      await scenario.runSteps();
    } finally {
      await scenario.close();
    }
    const { findings: judged, status } = judge.verdict();
    const findings = judged.map((finding) =>
      finding.observed ? { ...finding, says: besideFiles(finding.observed, lab, folder) } : finding,
    );
    const known = [
      ...certificatesThere(lab, folder),
      ...[world, options.world].flatMap((one) =>
        one.names.flatMap((name) => pemCertificates(one.certificate(name))),
      ),
    ];
    const reported = new ShownFeatures(await features.shown(plan));
    const closer = (refused: Refused): RefusalReason =>
      closerReason(refused, { plan, world, known, at: clock.now() });
    const reasons = findings
      .filter((finding) => finding.status !== 'met')
      .map((finding) => ({
        finding,
        ...why(finding, { plan, flows: judge.flows, events: log.events, closer, reported }),
      }));
    // The most specific reason comes first.
    const missed = reasons.find(({ reason }) => reason !== 'not_met') ?? reasons[0];
    if (status === 'passed' || !missed) {
      // The last claim is what the task is about.
      return { id, status: 'done', says: findings.at(-1)?.says ?? openReasons.not_met, findings };
    }
    const { finding, ...reason } = missed;
    return {
      id,
      status: 'open',
      ...reason,
      ...defined({ step: finding.step }),
      says: finding.says,
      findings,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return open(id, error, lab.tasks.settings === undefined ? 'unreadable_file' : 'bad_settings');
  }
}

interface StepRecord {
  readonly plan: Plan;
  readonly flows: Flows;
  readonly events: readonly CaptureEvent[];
  readonly closer: (refused: Refused) => RefusalReason;
  readonly reported: ShownFeatures;
}

/** The reason for a finding that does not hold, from the reports of the step's endpoints. */
function why(
  missed: Finding,
  { plan, flows, events, closer, reported }: StepRecord,
): Pick<TaskResult, 'reason' | 'refusal' | 'story'> {
  const claim = plan.claims.find(({ id }) => id === missed.expectation);
  const subject = claim && features.subjectOf(claim);
  if (subject === 'readability' && missed.status === 'missed') return { reason: 'readable' };
  if (subject === 'decryption' && missed.status === 'missed') return { reason: 'opened' };
  const isRefusal = subject === 'refusal';
  if (subject !== 'admission' && !isRefusal) return { reason: 'not_met' };
  const [from, to] = windowOf(missed.step, events);
  const within = events.slice(from, to);
  const report = within.findLast(
    (event): event is EventOf<'observed'> => event.type === 'observed' && event.result.kind === 'login',
  );
  if (isRefusal && report?.result.kind === 'login' && report.result.outcome === 'admitted')
    return { reason: 'admitted' };
  const refusal = within.find((event) => event.type === 'refused');
  const topology = events.find((event) => event.type === 'began')?.topology;
  const connection = flows.connections.find(({ conn }) => conn === refusal?.conn);
  if (!refusal || !topology || !connection) return { reason: 'not_met' };
  const speakers = new Speakers(reported);
  for (const event of within) if (event.type === 'observed') speakers.fold(event);
  const [story] = refusalsOf(connection, from, flows, topology, speakers);
  const refuser = story?.ends[refusal.by];
  const cause = refuser === undefined ? refusal.reason : closer({ refusal, connection, flows, refuser });
  // A client that should be refused was refused, but for the wrong reason.
  const reason = isRefusal ? 'not_met' : 'refused';
  return {
    reason,
    refusal: cause,
    ...(story
      ? { story: { refusal: { ...story, refusal: { ...story.refusal, reason: cause } }, topology } }
      : {}),
  };
}

/** The events of a step, from its start to its end. */
function windowOf(step: string | undefined, events: readonly CaptureEvent[]): readonly [number, number] {
  const at = (state: 'started' | 'done'): number =>
    events.findIndex((event) => event.type === 'step' && event.id === step && event.state === state);
  const [from, to] = [at('started'), at('done')];
  return [Math.max(0, from), to < 0 ? events.length : to];
}
