/**
 * Declares `wirelab inspect`: shows a capture file like a live run, on the screen, as text, or as JSON. `capture/`
 * reads the file and `protocols/` dissects it; this file combines the file, its keys and an output.
 */
import type { Command, Environment, Parsed } from './command.ts';
import { filterOption } from './io/filter-option.ts';
import { httpOptions, writesHttp } from './io/http-options.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { goesWithout } from './io/options-only.ts';
import { isForScreen } from './io/outlets.ts';
import { openPage, pageOption } from './run/page/file.ts';
import type { PageFile } from './run/page/file.ts';
import { openBundleFile, saveOption } from './run/replay/save.ts';
import type { BundleFile } from './run/replay/save.ts';
import { watchEndingSignals } from './io/signals.ts';
import type { InspectRequest } from './inspect/request.ts';
import { protoOption, useProtoFiles } from './io/proto-files.ts';
import { screenOptions } from './io/screen-options.ts';

export const inspect: Command = {
  summary: { en: 'read a capture file: pcap or pcapng', ko: '캡처 파일(pcap, pcapng)을 읽습니다' },
  operands: 'FILE ...|- [...]',
  options: {
    keylog: {
      value: 'FILE',
      many: true,
      help: {
        en: 'an NSS key log for decryption (also: SSLKEYLOGFILE)',
        ko: '복호화에 쓸 NSS 키 로그(SSLKEYLOGFILE 환경 변수도 가능)',
      },
    },
    'rsa-key': {
      value: 'FILE',
      many: true,
      help: {
        en: "a server's RSA private key (PEM): decrypts sessions that used static RSA",
        ko: '서버의 RSA 개인 키(PEM). 정적 RSA로 주고받은 내용을 엽니다',
      },
    },
    'ticket-key': {
      value: 'FILE',
      many: true,
      help: {
        en: "a server's session ticket key: decrypts sessions up to TLS 1.2",
        ko: '서버의 세션 티켓 키. TLS 1.2까지의 세션을 복호화합니다',
      },
    },
    ...protoOption,
    stream: { value: 'N', help: { en: 'show only this connection', ko: '이 번호의 연결만 보기' } },
    ...filterOption,
    ...httpOptions,
    ...pageOption,
    ...saveOption,
    'with-secrets': {
      help: {
        en: 'leave secrets in the file of --har or --save as they were sent; with --save the keys too',
        ko: '--har, --save 파일의 비밀 정보를 가리지 않고 그대로 두기. --save에는 키도 넣음',
      },
    },
    stats: {
      help: {
        en: 'print statistics instead of the connections: protocols, versions, suites, names, failures, sizes, times',
        ko: '연결을 나열하는 대신 통계를 출력합니다: 프로토콜, 버전, 스위트, 이름, 실패, 크기, 시간',
      },
    },
    tshark: {
      help: {
        en: 'also ask tshark, where installed, for the names of what is not recognised (as lines)',
        ko: '알아보지 못한 프로토콜의 이름을 tshark에도 물어봅니다(설치된 경우, 줄 단위 출력)',
      },
    },
    ...memoryOptions,
    json: { help: { en: 'one JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } },
    'no-tui': { help: { en: 'plain text, no UI', ko: '화면 없이 줄 단위로 출력' } },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
    ...screenOptions,
  },
  examples: [
    {
      line: './wirelab inspect seen.pcapng',
      does: { en: 'every connection, message by message', ko: '모든 연결을 메시지 하나하나까지' },
    },
    {
      line: './wirelab inspect seen.pcapng --keylog keys.log',
      does: {
        en: 'with the keys: encrypted data is decrypted in place',
        ko: '키를 주면 암호화된 내용이 그 자리에서 열립니다',
      },
    },
    {
      line: './wirelab inspect seen.pcapng --html seen.html',
      does: {
        en: 'as a page for a browser, with every byte explained',
        ko: '모든 바이트의 설명이 담긴 브라우저용 페이지로 저장',
      },
    },
    {
      line: './wirelab inspect seen.pcapng --keylog keys.log --save seen.wirelab',
      does: {
        en: 'redacted, to pass on: ./wirelab replay and view show it',
        ko: '비밀 정보를 가려 다른 사람에게 줄 파일로. ./wirelab replay와 view로 봅니다',
      },
    },
    {
      line: './wirelab inspect client.pcap server.pcap',
      does: {
        en: 'captures of several hosts: each connection once, where they differ, and how far their clocks are apart',
        ko: '여러 컴퓨터의 캡처: 연결마다 한 번씩, 서로 다른 곳과 시계 차이까지',
      },
    },
    {
      line: 'tcpdump -w - port 443 | ./wirelab inspect -',
      does: { en: 'the output of another program', ko: '다른 프로그램의 출력에서' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 the file was read, to its end or up to the reported position; 2 the file does not exist, or has another format.',
    ko: '종료 코드: 0은 파일을 끝까지 또는 표시된 곳까지 읽음, 2는 파일이 없거나 다른 형식임.',
  },
  run: inspectFile,
};

async function inspectFile(parsed: Parsed, environment: Environment): Promise<number> {
  const { maxPayload } = maxPayloadOf(parsed, 'inspect');
  const { readRequest } = await import('./inspect/request.ts');
  const request = readRequest(parsed, environment);
  await useProtoFiles(parsed);
  if (['html', 'save'].some((name) => parsed.text(name) !== undefined))
    return inspectIntoFiles(request, parsed, environment);
  const isListed = ['stats', 'tshark'].some((flag) => parsed.flag(flag)) || writesHttp(parsed);
  if (isForScreen(parsed, environment) && !request.fromInput && !isListed)
    return (await import('./inspect/on-screen.ts')).inspectOnScreen(request, parsed, environment, {
      maxPayload,
    });
  return (await import('./inspect/headless.ts')).inspectHeadless(request, parsed, environment);
}

async function inspectIntoFiles(
  request: InspectRequest,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  let page: PageFile | undefined;
  let save: BundleFile | undefined;
  const ending = watchEndingSignals();
  // A pipe that brings nothing is read for ever: nothing else would end it.
  ending.signal.addEventListener('abort', () => {
    page?.abandon();
    save?.abandon();
    process.exit(ending.exitCode);
  });
  try {
    // These files are the output.
    for (const name of ['html', 'save'])
      if (parsed.text(name) !== undefined)
        goesWithout(parsed, 'inspect', name, ['json', 'stats', 'tshark', 'har', 'export']);
    page = openPage(parsed);
    save = openBundleFile(parsed);
    const { writeFiles } = await import('./inspect/files.ts');
    return await writeFiles(request, { page, save }, { parsed, environment });
  } finally {
    page?.abandon();
    save?.abandon();
    request.input.close();
    ending.stop();
  }
}
