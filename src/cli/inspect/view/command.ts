/**
 * Implements `wirelab view`: shows a capture or a saved run in the browser. It opens the file and the server; `page.ts` makes what
 * is served.
 */
import { systemClock } from '../../../core/clock.ts';
import { signalExits } from '../../command.ts';
import type { Command, Environment, OptionTable, Parsed } from '../../command.ts';
import { filterOption } from '../../io/filter-option.ts';
import { memoryOptions } from '../../io/memory.ts';
import { protoOption, useProtoFiles } from '../../io/proto-files.ts';
import { watchEndingSignals } from '../../io/signals.ts';
import { warningLine } from '../../io/user-error-text.ts';
import type { OpenedFile } from './opened.ts';
import type { GuardedServer } from '../../run/web/guarded-server.ts';

const keyOptions: OptionTable = {
  keylog: {
    value: 'FILE',
    many: true,
    help: {
      en: 'of a capture: an NSS key log for decryption (also: SSLKEYLOGFILE)',
      ko: '캡처를 복호화할 NSS 키 로그(SSLKEYLOGFILE 환경 변수도 가능)',
    },
  },
  'rsa-key': {
    value: 'FILE',
    many: true,
    help: {
      en: "of a capture: a server's RSA private key (PEM), for static RSA",
      ko: '캡처를 복호화할 서버의 RSA 개인 키(PEM, 정적 RSA)',
    },
  },
  'ticket-key': {
    value: 'FILE',
    many: true,
    help: {
      en: "of a capture: a server's session ticket key, up to TLS 1.2",
      ko: '캡처를 복호화할 서버의 세션 티켓 키(TLS 1.2까지)',
    },
  },
};

export const view: Command = {
  summary: {
    en: 'open a capture or a saved run in the browser',
    ko: '캡처 파일이나 저장한 실행을 브라우저에서 엽니다',
  },
  operands: 'FILE ...|FILE.wirelab',
  options: {
    'no-open': {
      help: {
        en: 'only print the address, and start no browser',
        ko: '주소만 출력하고 브라우저는 열지 않음',
      },
    },
    ...filterOption,
    ...keyOptions,
    ...protoOption,
    ...memoryOptions,
  },
  examples: [
    {
      line: './wirelab view seen.pcapng',
      does: {
        en: 'a list of connections; each with its messages and bytes',
        ko: '연결 목록과, 연결마다 메시지와 바이트',
      },
    },
    {
      line: './wirelab view seen.pcapng --keylog keys.log --filter failed',
      does: { en: 'with keys, and a filter to begin with', ko: '키를 주고, 필터를 적용해 시작' },
    },
    {
      line: './wirelab view mtls.wirelab',
      does: { en: 'a run that run --save has written', ko: 'run --save로 저장한 실행' },
    },
  ],
  exits: {
    en: `Exit codes: 2 the file does not exist, or has another format; ${signalExits.en}.`,
    ko: `종료 코드: 2는 파일이 없거나 다른 형식임, ${signalExits.ko}.`,
  },
  run: viewFile,
};

async function viewFile(parsed: Parsed, environment: Environment): Promise<number> {
  const { stdout, stderr, language, places, variables } = environment;
  const { filterOf } = await import('../../io/read-filter.ts');
  const filter = filterOf(parsed);
  const ending = watchEndingSignals();
  // A pipe that brings nothing is read for ever: nothing else would end it.
  const leave = (): void => process.exit(ending.exitCode);
  ending.signal.addEventListener('abort', leave);
  let file: OpenedFile | undefined;
  let server: GuardedServer | undefined;
  try {
    await useProtoFiles(parsed);
    const [{ openViewed }, { ViewPage }, { serveView }, { openBrowser }] = await Promise.all([
      import('./opened.ts'),
      import('./page.ts'),
      import('./server.ts'),
      import('../../run/web/browser.ts'),
    ]);
    file = await openViewed(parsed, environment);
    const page = new ViewPage(file, {
      language,
      places,
      now: new Date(systemClock.now()),
      filter: filter?.expression ?? '',
    });
    server = await serveView(page);
    if (file.problem) stderr.write(warningLine(file.problem, language));
    const [address = ''] = server.urls;
    stdout.write(`${address}\n`);
    const ended = new Promise<void>((resolve) => {
      ending.signal.removeEventListener('abort', leave);
      ending.signal.addEventListener('abort', () => resolve());
      if (ending.signal.aborted) resolve();
    });
    if (!parsed.flag('no-open')) await openBrowser(server, variables);
    stderr.write(warningLine(untilWhen, language));
    await ended;
    return ending.exitCode ?? 0;
  } finally {
    await server?.close();
    file?.close();
    ending.stop();
  }
}

const untilWhen = {
  en: 'only this machine can open it, until you press Ctrl-C',
  ko: '이 컴퓨터에서만 열립니다. Ctrl-C를 누르면 끝납니다',
} as const;
