/** Implements `wirelab why`: finds out why a connection fails, by experiment, and says who has to do what. */
import { existsSync } from 'node:fs';
import { systemClock } from '../../core/clock.ts';
import { CaptureLog } from '../../capture/log.ts';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { Laboratory, mostAttempts } from '../../diagnosis/laboratory.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { Page } from '../../ui/status/page.ts';
import type { Command, Environment, OptionTable, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { watchSignals } from '../io/signals.ts';
import { lineWriter, openFiles } from '../io/outlets.ts';
import { jsonText } from '../../ui/json/line.ts';
import { readVersion } from '../places.ts';
import { callOf, callOptions, hostAndPort } from './call.ts';
import { diagnosisLine, experimentLine } from './json.ts';
import { printDiagnosis } from './report.ts';

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

export const why: Command = {
  summary: {
    en: 'find out why a connection fails, by experiment',
    ko: '연결이 왜 실패하는지 실험으로 알아냅니다',
  },
  operands: 'HOST:PORT | CAPTURE',
  options: {
    ...callOptions,
    ...captureOptions,
    write: {
      short: 'w',
      value: 'FILE.pcapng',
      help: { en: 'write all experiments for Wireshark', ko: '모든 실험을 Wireshark용 파일로 저장' },
    },
    'with-secrets': {
      help: { en: 'include the decryption keys in that file', ko: '그 파일에 복호화 키도 넣기' },
    },
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
  async run(parsed, environment) {
    const [operand, ...more] = parsed.operands;
    if (operand === undefined) throw whatToDiagnose(parsed);
    if (operand === '-' || existsSync(operand)) {
      onlyWithHosts(parsed);
      return ofCapture(parsed, environment);
    }
    const target = hostAndPort(operand);
    if (!target || more.length > 0) throw whatToDiagnose(parsed);
    onlyWithCaptures(parsed);
    return ofHost(operand, target, parsed, environment);
  },
};

async function ofCapture(parsed: Parsed, environment: Environment): Promise<number> {
  const { diagnoseCapture } = await import('./of-capture.ts');
  const began = systemClock.now();
  const diagnosis = await diagnoseCapture(parsed, environment);
  const name = parsed.operands.join(', ');
  const write = lineWriter(environment);
  if (parsed.flag('json'))
    write(jsonText(diagnosisLine(name, diagnosis, systemClock.now() - began, diagnosis.connections)));
  else printDiagnosis(pageOf(parsed, environment, write), name, diagnosis, environment);
  return exitCodeOf(diagnosis);
}

const pageOf = (parsed: Parsed, environment: Environment, write: (line: string) => void): Page =>
  new Page({
    language: environment.language,
    ascii: parsed.flag('ascii') || wantsAscii(environment.variables),
    columns: Math.max(40, Math.min(100, environment.stdout.columns || 80)),
    write,
  });

const isGiven = (parsed: Parsed, option: string): boolean =>
  parsed.text(option) !== undefined || parsed.flag(option);

function onlyWithHosts(parsed: Parsed): void {
  for (const option of [...Object.keys(callOptions), 'write', 'with-secrets'])
    if (isGiven(parsed, option))
      throw notTogether(option, { en: 'HOST:PORT', ko: 'HOST:PORT' }, parsed.operands.join(' '));
}

function onlyWithCaptures(parsed: Parsed): void {
  for (const option of Object.keys(captureOptions))
    if (isGiven(parsed, option))
      throw notTogether(option, { en: 'a capture file', ko: '캡처 파일' }, parsed.operands.join(' '));
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
  operand: string,
  target: { readonly host: string; readonly port: number },
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const call = await callOf(target, parsed, environment);
  await loadReadings();
  const log = new CaptureLog({ clock: systemClock });
  const files = await openFiles(parsed, { ...environment, variables: {} });
  for (const fold of files.folds) log.subscribe(fold);
  log.append({
    type: 'began',
    version: readVersion(environment.places.root),
    wallClock: new Date(systemClock.now()).toISOString(),
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'server', role: 'server' },
      ],
      wires: [{ hop: 'A', from: 'client', to: 'server', protocol: call.identity ? 'mtls' : 'https' }],
    },
  });
  const controller = new AbortController();
  const began = systemClock.now();
  const isJson = parsed.flag('json');
  const write = lineWriter(environment);
  const laboratory = new Laboratory(call, {
    clock: systemClock,
    log,
    signal: controller.signal,
    onAttempt: (attempt) => {
      if (isJson) write(jsonText(experimentLine(attempt)));
    },
  });
  const signals = watchSignals(environment, () => {});
  const interrupted = signals.ended.then((signal) => {
    controller.abort();
    return signal;
  });
  const diagnosis = await Promise.race([diagnose(laboratory), interrupted]).catch((error: unknown) => {
    files.close();
    throw error;
  });
  signals.stop();
  if (typeof diagnosis === 'string') {
    files.close();
    return exitCodes[diagnosis];
  }
  files.finish();
  if (isJson) write(jsonText(diagnosisLine(operand, diagnosis, systemClock.now() - began)));
  else printDiagnosis(pageOf(parsed, environment, write), operand, diagnosis, environment);
  return exitCodeOf(diagnosis);
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
      en: 'HOST:PORT, such as shop.localhost:443, or a capture file',
      ko: 'shop.localhost:443과 같은 HOST:PORT, 또는 캡처 파일',
    },
    received: parsed.operands.join(' '),
    remedy: { en: 'Run ./wirelab why --help for examples.', ko: '예시 보기: ./wirelab why --help' },
  });
}
