/** Implements `wirelab why`: finds out why a connection fails, by experiment, and says who has to do what. */
import { existsSync } from 'node:fs';
import { systemClock } from '../../core/clock.ts';
import { hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import type { CaptureLog } from '../../capture/log.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { diagnosePlain } from '../../diagnosis/plain-call.ts';
import { Laboratory, mostAttempts } from '../../diagnosis/laboratory.ts';
import type { Attempt } from '../../diagnosis/attempt/attempt.ts';
import type { Diagnosis, Finding } from '../../diagnosis/diagnosis.ts';
import { found } from '../../diagnosis/found.ts';
import { safeText } from '../../i18n/safe.ts';
import { proxyFor } from '../../kube/kubectl/proxy-variables.ts';
import { diagnosisBlocks } from '../../presentation/report/diagnosis.ts';
import type { ReportBlock } from '../../presentation/types/report.ts';
import { TextReport } from '../../ui/text/text.ts';
import type { Command, Environment, OptionTable, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { lineWriter } from '../io/outlets.ts';
import { closePage, openPage, pageOption } from '../run/page/file.ts';
import type { PageFile } from '../run/page/file.ts';
import { jsonText } from '../../ui/json/line.ts';
import { callOf, callOptions, limitOptions, starttlsOf } from './call.ts';
import { recordingOptions } from './experiments.ts';
import { diagnosisLine, experimentLine } from './json.ts';
import type { writeDiagnosis } from './page.ts';
import { inSession } from './session.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

const captureOptions: OptionTable = {
  stream: {
    value: 'N',
    help: { en: 'with a capture: only this connection', ko: '캡처에서 이 번호의 연결만' },
  },
  keylog: {
    value: 'FILE',
    many: true,
    help: { en: 'with a capture: an NSS key log for decryption', ko: '캡처를 복호화할 NSS 키 로그' },
  },
  'rsa-key': {
    value: 'FILE',
    many: true,
    help: { en: "with a capture: a server's RSA private key", ko: '캡처를 복호화할 서버의 RSA 개인 키' },
  },
};

const commandOptions: OptionTable = {
  to: {
    value: 'HOST:PORT',
    help: {
      en: 'with a command: the target that {} in its arguments stands for ({host} and {port} too)',
      ko: '명령의 인자에 쓴 {} 기호가 대신할 대상({host}, {port} 기호도 가능)',
    },
  },
  'time-limit': {
    value: 'SECONDS',
    help: {
      en: 'with a command: end it after that time (default: 30)',
      ko: '명령을 이 시간이 지나면 종료(기본값: 30초)',
    },
  },
};

export const why: Command = {
  summary: {
    en: 'find out why a connection fails, by experiment',
    ko: '연결이 왜 실패하는지 실험으로 알아냅니다',
  },
  operands: 'HOST:PORT | URL | CAPTURE | -- COMMAND',
  options: {
    ...callOptions,
    ...limitOptions,
    ...commandOptions,
    ...captureOptions,
    ...recordingOptions,
    ...pageOption,
    json: {
      help: {
        en: 'one JSON object per experiment; the last one is the diagnosis',
        ko: '실험마다 JSON 객체 하나씩 출력(마지막 줄이 진단)',
      },
    },
    ascii: { help: { en: 'use only ASCII for marks', ko: '기호를 ASCII로만 표시' } },
  },
  examples: [
    {
      line: './wirelab why 127.0.0.1:4443 --cacert ca.crt --servername shop.localhost',
      does: {
        en: 'as a client of shop.localhost that trusts ca.crt',
        ko: 'ca.crt를 신뢰하는 shop.localhost의 클라이언트로서',
      },
    },
    {
      line: './wirelab why -- curl https://shop.localhost:4443/',
      does: {
        en: 'why this command fails: its connections are led through wirelab',
        ko: '이 명령이 실패하는 이유(연결이 wirelab을 거치게 함)',
      },
    },
    {
      line: './wirelab why --to db.localhost:5432 -- psql "host=db.localhost hostaddr={host} port={port} sslmode=verify-full"',
      does: {
        en: 'a program that uses no proxy: wirelab stands in the place of its target',
        ko: '프록시를 쓰지 않는 프로그램: wirelab이 대상 자리에 섬',
      },
    },
    {
      line: './wirelab why seen.pcapng --keylog keys.log',
      does: {
        en: 'the failed connections of a capture, from their bytes',
        ko: '캡처에 담긴 실패한 연결을 바이트만 보고 진단',
      },
    },
  ],
  exits: {
    en: `Exit codes: 0 nothing is wrong; 1 a cause was found; 2 error in the command or a file; 3 unknown. At most ${mostAttempts} connections are opened, only to HOST.`,
    ko: `종료 코드: 0은 문제 없음, 1은 원인을 찾음, 2는 명령이나 파일에 잘못이 있음, 3은 알 수 없음. 연결은 HOST로만, 많아야 ${mostAttempts}번 엽니다.`,
  },
  // 0 says that nothing is wrong.
  exitUnread: 3,
  async run(parsed, environment) {
    if (parsed.afterDashes) {
      const command = parsed.afterDashes;
      if (command.length < parsed.operands.length) throw whatToDiagnose(parsed);
      onlyWithCaptures(parsed);
      return withPage(parsed, environment, (page) => ofCommand(command, parsed, environment, page));
    }
    const [operand, ...more] = parsed.operands;
    onlyWithCommands(parsed);
    if (operand === undefined) throw whatToDiagnose(parsed);
    if (operand === '-' || existsSync(operand)) {
      onlyWithHosts(parsed);
      return withPage(parsed, environment, (page) => ofCapture(parsed, environment, page));
    }
    if (more.length > 0) throw whatToDiagnose(parsed);
    const target = targetOf(operand, {
      command: 'why',
      asked: starttlsOf(parsed),
      others: { en: ', a capture file, or -- COMMAND', ko: ', 캡처 파일, 또는 -- 명령' },
    });
    onlyWithCaptures(parsed);
    return withPage(parsed, environment, (page) => ofHost(target, parsed, environment, page));
  },
};

/** The page is opened before anything is tried. */
async function withPage(
  parsed: Parsed,
  environment: Environment,
  diagnosing: (page: PageFile | undefined) => Promise<number>,
): Promise<number> {
  const page = openPage(parsed);
  let code: number;
  try {
    code = await diagnosing(page);
  } catch (error) {
    page?.abandon();
    throw error;
  }
  closePage(page, environment, 'why');
  return code;
}

async function ofCapture(
  parsed: Parsed,
  environment: Environment,
  file: PageFile | undefined,
): Promise<number> {
  const { diagnoseCapture } = await import('./of-capture.ts');
  const began = systemClock.now();
  const page = file && (await (await import('./capture-page.ts')).CapturePage.start());
  const diagnosis = await diagnoseCapture(parsed, environment, page);
  const name = parsed.operands.join(', ');
  const write = lineWriter(environment);
  const answer = diagnosisBlocks(name, diagnosis);
  if (file) page?.write(file, diagnosis, answer, name, environment);
  if (parsed.flag('json'))
    write(jsonText(diagnosisLine(name, diagnosis, systemClock.now() - began, diagnosis.connections)));
  else print(parsed, environment, answer, write);
  return exitCodeOf(diagnosis);
}

function print(
  parsed: Parsed,
  environment: Environment,
  blocks: readonly ReportBlock[],
  write: (line: string) => void,
): void {
  const report = new TextReport({
    language: environment.language,
    ascii: parsed.flag('ascii') || wantsAscii(environment.variables),
    columns: Math.max(40, Math.min(100, environment.stdout.columns || 80)),
    write,
  });
  for (const block of blocks) report.set(block);
}

const isGiven = (parsed: Parsed, option: string): boolean =>
  parsed.text(option) !== undefined || parsed.flag(option);

function onlyWithHosts(parsed: Parsed): void {
  for (const option of [callOptions, limitOptions, recordingOptions].flatMap((table) => Object.keys(table)))
    if (isGiven(parsed, option))
      throw notTogether(option, { en: 'HOST:PORT', ko: 'HOST:PORT' }, parsed.operands.join(' '));
}

function onlyWithCaptures(parsed: Parsed): void {
  for (const option of Object.keys(captureOptions))
    if (isGiven(parsed, option))
      throw notTogether(option, { en: 'a capture file', ko: '캡처 파일' }, parsed.operands.join(' '));
}

function onlyWithCommands(parsed: Parsed): void {
  for (const option of Object.keys(commandOptions))
    if (isGiven(parsed, option))
      throw notTogether(
        option,
        { en: 'a command (-- COMMAND)', ko: '명령(-- COMMAND)' },
        parsed.operands.join(' '),
      );
}

function notTogether(option: string, needs: Localized, received: string): UserError {
  return new UserError({
    what: {
      en: `--${option} is valid only with ${needs.en}`,
      ko: `--${option} 옵션은 ${needs.ko}에만 씁니다`,
    },
    where: 'wirelab why',
    expected: needs,
    received,
  });
}

async function ofHost(
  target: Target,
  parsed: Parsed,
  environment: Environment,
  page: PageFile | undefined,
): Promise<number> {
  const call = await callOf(target, parsed, environment);
  const began = systemClock.now();
  const write = lineWriter(environment);
  return withAttempts(
    parsed,
    environment,
    call.identity ? 'mtls' : 'https',
    async ({ log, signal, onAttempt }) => {
      const laboratory = new Laboratory(call, { clock: systemClock, log, signal, onAttempt });
      const made = await (target.isPlain ? diagnosePlain(laboratory) : diagnose(laboratory));
      const past = call.through || target.isPlain ? undefined : pastProxy(target, environment.variables);
      const diagnosis = past ? { ...made, others: [...made.others, past] } : made;
      const answer = diagnosisBlocks(target.title, diagnosis);
      if (page) await writePage(page, { diagnosis, answer, log }, target.title, environment);
      return () => {
        if (parsed.flag('json'))
          write(jsonText(diagnosisLine(target.title, diagnosis, systemClock.now() - began)));
        else print(parsed, environment, answer, write);
        return exitCodeOf(diagnosis);
      };
    },
  );
}

/** Programs that read these variables reach the host by another way than the experiments did. */
function pastProxy(target: Address, variables: NodeJS.ProcessEnv): Finding | undefined {
  const server = urlOf(`https://${hostPort(target)}`);
  const proxy = server && proxyFor(server, variables, 'named');
  if (!server || !proxy) return undefined;
  // It may have a password in it.
  const shown = urlOf(proxy.value)?.host ?? '';
  return {
    ...found({ cause: 'proxy_not_used', by: 'client', confidence: 'proven', evidence: [] }),
    because: {
      en: `the variable ${proxy.name} names a proxy (${safeText(shown)}) through which curl and most programs would reach this host, and the experiments went there without it; to see that way too: ./wirelab why -- curl https://${safeText(server.host)}/`,
      ko: `curl을 비롯한 많은 프로그램은 ${proxy.name} 변수의 프록시(${safeText(shown)})를 거쳐 이 호스트에 연결하지만, 실험은 프록시 없이 연결했습니다. 프록시를 거치는 경로까지 보려면: ./wirelab why -- curl https://${safeText(server.host)}/`,
    },
    isNote: true,
  };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

async function ofCommand(
  command: readonly string[],
  parsed: Parsed,
  environment: Environment,
  page: PageFile | undefined,
): Promise<number> {
  const { diagnoseCommand } = await import('./of-command.ts');
  const began = systemClock.now();
  const write = lineWriter(environment);
  const name = command.map(shellWord).join(' ');
  return withAttempts(parsed, environment, 'https', async (session) => {
    const diagnosis = await diagnoseCommand(command, {
      parsed,
      environment,
      ...session,
      onRan: (line) => {
        if (parsed.flag('json')) write(jsonText(line));
      },
    });
    const { ran, ranWords } = diagnosis;
    const answer = diagnosisBlocks(name, diagnosis, ranWords);
    if (page) await writePage(page, { diagnosis, answer, log: session.log }, name, environment);
    return () => {
      if (parsed.flag('json'))
        write(jsonText(diagnosisLine(name, diagnosis, systemClock.now() - began, ran.connections)));
      else print(parsed, environment, answer, write);
      return exitCodeOf(diagnosis);
    };
  });
}

const writePage: typeof writeDiagnosis = async (...given) =>
  (await import('./page.ts')).writeDiagnosis(...given);

interface Session {
  readonly log: CaptureLog;
  readonly signal: AbortSignal;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** In a session that says each attempt as it is made. */
async function withAttempts(
  parsed: Parsed,
  environment: Environment,
  protocol: 'https' | 'mtls',
  diagnosing: (session: Session) => Promise<() => number>,
): Promise<number> {
  const isJson = parsed.flag('json');
  const write = lineWriter(environment);
  const doing = { en: 'trying', ko: '시험하는 중' };
  return inSession(parsed, environment, { protocol, doing }, async ({ log, signal, at }) =>
    diagnosing({
      log,
      signal,
      onAttempt: (attempt) => {
        at(attempt.change.words[environment.language]);
        if (isJson) write(jsonText(experimentLine(attempt)));
      },
    }),
  );
}

const exitCodeOf = ({ finding }: Diagnosis): number =>
  finding === undefined ? 0 : finding.confidence === 'unknown' ? 3 : 1;

function whatToDiagnose(parsed: Parsed): UserError {
  return new UserError({
    what:
      parsed.operands.length === 0
        ? { en: 'missing operand for why', ko: '무엇을 살펴볼지 지정해야 합니다' }
        : { en: 'not a host and port', ko: '호스트와 포트가 아닙니다' },
    where: 'wirelab why',
    expected: {
      en: 'HOST:PORT, such as shop.localhost:443, a capture file, or -- COMMAND',
      ko: 'shop.localhost:443과 같은 HOST:PORT, 캡처 파일, 또는 -- 명령',
    },
    received: parsed.operands.join(' '),
    remedy: { en: 'Run ./wirelab why --help for examples.', ko: '예시 보기: ./wirelab why --help' },
  });
}
