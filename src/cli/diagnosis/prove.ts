/** Implements `wirelab prove`: plays every kind of client, and says whether the server enforces mutual TLS. */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Call } from '../../diagnosis/attempt/call.ts';
import type { Proof, Verdict } from '../../diagnosis/admission/proof.ts';
import { prove as proveServer } from '../../diagnosis/admission/prove.ts';
import { Page } from '../../ui/status/page.ts';
import { jsonText } from '../../ui/json/line.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { lineWriter } from '../io/outlets.ts';
import { callOf, callOptions, starttlsOf } from './call.ts';
import { clientAuthority, clientAuthorityOptions } from './client-authority.ts';
import { recordingOptions } from './experiments.ts';
import { clientLine, proofLine } from './prove-json.ts';
import { printProof } from './prove-report.ts';
import { revoker } from './revoke-command.ts';
import { inSession } from './session.ts';
import { targetOf } from './target.ts';

export const prove: Command = {
  summary: {
    en: 'prove that a server refuses every client but the valid one',
    ko: '서버가 유효한 클라이언트만 받아들이는지 증명합니다',
  },
  operands: 'HOST:PORT --client-ca CRT [--client-ca-key KEY]',
  options: {
    ...clientAuthorityOptions,
    ...callOptions,
    cert: {
      value: 'FILE',
      help: {
        en: 'the valid client’s certificate, with its chain (default: one that is issued by --client-ca)',
        ko: '유효한 클라이언트의 인증서와 체인(기본값: --client-ca로 발급)',
      },
    },
    cacert: {
      value: 'FILE',
      many: true,
      help: {
        en: 'the CAs that verify the server (default: it is not verified)',
        ko: '서버를 검증할 CA(기본값: 검증하지 않음)',
      },
    },
    crl: {
      value: 'FILE',
      many: true,
      help: {
        en: 'check the server’s own revocation with these lists',
        ko: '서버 인증서의 폐기 여부도 이 CRL로 확인',
      },
    },
    path: {
      value: 'PATH',
      help: {
        en: 'what to ask for over HTTP (default: /): something that the valid client may read',
        ko: 'HTTP로 요청할 경로(기본값: /). 유효한 클라이언트가 읽을 수 있는 것',
      },
    },
    'revoke-command': {
      value: 'COMMAND',
      help: {
        en: 'also test revocation: run this in a shell, with WIRELAB_SERIAL and WIRELAB_CERTIFICATE (a file)',
        ko: '폐기도 시험: 셸에서 이 명령을 실행(WIRELAB_SERIAL, WIRELAB_CERTIFICATE 파일)',
      },
    },
    'unsafe-target': {
      help: {
        en: 'also a server that is not on this machine: only one that you may test',
        ko: '이 컴퓨터 밖의 서버도 허용. 시험해도 되는 서버만',
      },
    },
    ...recordingOptions,
    json: {
      help: {
        en: 'one JSON object per client; the last one is the proof',
        ko: '클라이언트마다 JSON 객체 하나씩 출력(마지막 줄이 증명)',
      },
    },
    ascii: { help: { en: 'use only ASCII for marks', ko: '기호를 ASCII로만 표시' } },
  },
  examples: [
    {
      line: './wirelab prove 127.0.0.1:8443 --cacert ca.crt --client-ca clients.crt --client-ca-key clients.key',
      does: {
        en: 'all clients, their certificates issued in memory',
        ko: '모든 클라이언트. 인증서는 메모리에서만 발급',
      },
    },
    {
      line: './wirelab prove 127.0.0.1:8443 --client-ca clients.crt --cert alice.crt --key alice.key',
      does: {
        en: 'without the key of the CA: those clients that need none',
        ko: 'CA의 개인 키 없이: 발급이 필요 없는 클라이언트만',
      },
    },
    {
      line: './wirelab prove localhost:8443 --client-ca ca.crt --client-ca-key ca.key --revoke-command ./revoke.sh',
      does: {
        en: 'revocation too: revoke.sh revokes $WIRELAB_CERTIFICATE',
        ko: '폐기도 시험: revoke.sh가 $WIRELAB_CERTIFICATE를 폐기',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 0 enforced, as far as it was tested; 1 not enforced; 2 error in the command or a file; 3 unknown. Some thirty connections are opened, only to HOST.',
    ko: '종료 코드: 0은 시험한 범위에서 강제됨, 1은 강제되지 않음, 2는 명령이나 파일에 잘못이 있음, 3은 알 수 없음. 연결은 HOST로만 30번 정도 엽니다.',
  },
  // 0 says that it is enforced.
  exitUnread: 3,
  async run(parsed, environment) {
    const [operand, ...more] = parsed.operands;
    if (operand === undefined || more.length > 0) throw notATarget(parsed);
    const target = targetOf(operand, {
      command: 'prove',
      asked: starttlsOf(parsed),
      others: { en: '', ko: '' },
    });
    const path = pathOf(parsed);
    const call = await callOf(target, parsed, environment, { command: 'prove' });
    const authority = clientAuthority(parsed, environment, call.identity);
    if (!parsed.flag('unsafe-target')) onlyThisMachine(call, target.title);
    return ofServer(target.title, { call, authority, path: path ?? target.path }, parsed, environment);
  },
};

async function ofServer(
  operand: string,
  what: Pick<Parameters<typeof proveServer>[0], 'call' | 'authority' | 'path'>,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const isJson = parsed.flag('json');
  const write = lineWriter(environment);
  const command = parsed.text('revoke-command');
  const doing = { en: 'playing clients', ko: '클라이언트를 하나씩 시험하는 중' };
  return inSession(parsed, environment, { protocol: 'mtls', doing }, async ({ log, signal, at }) => {
    const began = systemClock.now();
    let number = 0;
    at('');
    const proof = await proveServer({
      ...what,
      revoke: command === undefined ? undefined : revoker(command, environment, signal),
      log,
      clock: systemClock,
      signal,
      pause: async (milliseconds) => pause(milliseconds, undefined, { signal }),
      onClient: (client) => {
        number++;
        at(client.words[environment.language]);
        if (isJson) write(jsonText(clientLine(client, number)));
      },
    });
    return () => {
      if (isJson) write(jsonText(proofLine(operand, proof, systemClock.now() - began)));
      else printProof(pageOf(parsed, environment, write), operand, proof, environment.language);
      return exitOf(proof);
    };
  });
}

const exits: Readonly<Record<Verdict, number>> = { enforced: 0, not_enforced: 1, unknown: 3 };
const exitOf = ({ verdict }: Proof): number => exits[verdict];

const pageOf = (parsed: Parsed, environment: Environment, write: (line: string) => void): Page =>
  new Page({
    language: environment.language,
    ascii: parsed.flag('ascii') || wantsAscii(environment.variables),
    columns: Math.max(40, Math.min(110, environment.stdout.columns || 100)),
    write,
  });

function pathOf(parsed: Parsed): string | undefined {
  const path = parsed.text('path');
  if (path === undefined || /^\/[\x21-\x7e]*$/.test(path)) return path;
  throw new UserError({
    what: { en: 'invalid value for --path', ko: '--path의 값이 올바르지 않습니다' },
    where: 'wirelab prove',
    expected: { en: 'a path that begins with /, without spaces', ko: '/로 시작하고 공백이 없는 경로' },
    received: path,
  });
}

function onlyThisMachine({ addresses }: Call, where: string): void {
  const away = addresses.find((address) => !isLoopback(address));
  if (away === undefined) return;
  throw new UserError({
    what: { en: 'the server is not on this machine', ko: '이 컴퓨터에 있는 서버가 아닙니다' },
    where,
    expected: {
      en: 'a loopback address (127.0.0.1, ::1, localhost)',
      ko: '루프백 주소(127.0.0.1, ::1, localhost)',
    },
    received: away,
    remedy: {
      en: 'If you are allowed to test it, add --unsafe-target.',
      ko: '시험해도 되는 서버라면 --unsafe-target을 붙이세요.',
    },
  });
}

function notATarget(parsed: Parsed): UserError {
  return new UserError({
    what:
      parsed.operands.length === 0
        ? { en: 'missing operand for prove', ko: '어느 서버인지 지정해야 합니다' }
        : { en: 'not a host and port', ko: '호스트와 포트가 아닙니다' },
    where: 'wirelab prove',
    expected: { en: 'HOST:PORT, such as 127.0.0.1:8443', ko: '127.0.0.1:8443과 같은 HOST:PORT' },
    received: parsed.operands.join(' '),
    remedy: { en: 'Run ./wirelab prove --help for examples.', ko: '예시 보기: ./wirelab prove --help' },
  });
}
