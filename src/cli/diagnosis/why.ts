/** Implements `wirelab why`: finds out why a connection fails, by experiment, and says who has to do what. */
import { systemClock } from '../../core/clock.ts';
import { CaptureLog } from '../../capture/log.ts';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { Laboratory, mostAttempts } from '../../diagnosis/laboratory.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { Page } from '../../ui/status/page.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { lineWriter, openFiles } from '../io/outlets.ts';
import { jsonText } from '../../ui/json/line.ts';
import { readVersion } from '../places.ts';
import { callOf, callOptions, hostAndPort } from './call.ts';
import { diagnosisLine, experimentLine } from './json.ts';
import { printDiagnosis } from './report.ts';

export const why: Command = {
  summary: {
    en: 'find out why a connection fails, by experiment',
    ko: '연결이 왜 실패하는지 실험으로 알아냅니다',
  },
  operands: 'HOST:PORT',
  options: {
    ...callOptions,
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
  ],
  exits: {
    en: `Exit codes: 0 nothing is wrong; 1 a cause was found; 2 error in the command or a file; 3 unknown. At most ${mostAttempts} connections are opened, only to HOST.`,
    ko: `종료 코드: 0은 문제 없음, 1은 원인을 찾음, 2는 명령이나 파일에 잘못이 있음, 3은 알 수 없음. 연결은 HOST로만, 많아야 ${mostAttempts}번 엽니다.`,
  },
  async run(parsed, environment) {
    const [operand, ...more] = parsed.operands;
    const target = operand === undefined ? undefined : hostAndPort(operand);
    if (operand === undefined || !target || more.length > 0) throw whatToDiagnose(parsed);
    return ofHost(operand, target, parsed, environment);
  },
};

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
  const diagnosis = await diagnose(laboratory);
  files.finish();
  if (isJson) write(jsonText(diagnosisLine(operand, diagnosis, systemClock.now() - began)));
  else
    printDiagnosis(
      new Page({
        language: environment.language,
        ascii: parsed.flag('ascii') || wantsAscii(environment.variables),
        columns: Math.max(40, Math.min(100, environment.stdout.columns || 80)),
        write,
      }),
      operand,
      diagnosis,
      environment,
    );
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
    expected: { en: 'HOST:PORT, such as shop.localhost:443', ko: 'shop.localhost:443과 같은 HOST:PORT' },
    received: parsed.operands.join(' '),
    remedy: { en: 'Run ./wirelab why --help for examples.', ko: '예시 보기: ./wirelab why --help' },
  });
}
