/** The options with which `certs show` and `certs verify` look at a live server, and what they write down of it. */
import { withoutBrackets } from '../../core/ip-version.ts';
import { existsSync } from 'node:fs';
import { UserError } from '../../i18n/user-error.ts';
import { verbatim } from '../../i18n/language.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import { loadIdentity } from '../../pki/keystore/identity.ts';
import { starttlsNames } from '../../wire/starttls/protocols.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { OptionTable, Parsed } from '../command.ts';
import { checkNewFiles, standardInput, writeNewFiles } from './files.ts';
import type { SeenServer } from './live.ts';
import { hostNameOf } from './operands.ts';

export const serverOptions: OptionTable = {
  servername: {
    value: 'NAME',
    help: {
      en: 'with HOST:PORT: the server name to request (SNI)',
      ko: 'HOST:PORT에서 서버에 요청할 이름(SNI)',
    },
  },
  starttls: {
    value: starttlsNames.join('|'),
    choices: starttlsNames,
    help: {
      en: 'with HOST:PORT: request TLS in this protocol first',
      ko: 'HOST:PORT에서 이 프로토콜로 TLS를 먼저 요청',
    },
  },
  alpn: {
    value: 'NAMES',
    help: {
      en: 'with HOST:PORT: ALPN protocols to offer (default: h2,http/1.1)',
      ko: 'HOST:PORT에서 제안할 ALPN 프로토콜(기본값: h2,http/1.1)',
    },
  },
  cert: {
    value: 'FILE',
    help: {
      en: 'with HOST:PORT: present this client certificate',
      ko: 'HOST:PORT에 제시할 클라이언트 인증서',
    },
  },
  key: { value: 'FILE', help: { en: 'the private key of --cert', ko: '--cert의 개인 키' } },
  out: {
    value: 'FILE',
    help: {
      en: 'with HOST:PORT: save the certificates that the server presents, PEM',
      ko: 'HOST:PORT의 서버가 제시한 인증서를 저장(PEM)',
    },
  },
  force: { help: { en: 'overwrite an existing file', ko: '이미 있는 파일을 덮어쓰기' } },
  'unsafe-target': {
    help: {
      en: 'with HOST:PORT: allow a server that is not on this machine',
      ko: 'HOST:PORT가 이 컴퓨터 밖의 서버라도 접속',
    },
  },
};

/**
 * Looks at the server that an operand names; undefined where it names a file.
 * @throws UserError for options of a server with a file, and whatever keeps the server from being seen
 */
export async function lookAt(what: string, parsed: Parsed, action: string): Promise<SeenServer | undefined> {
  const isFile = what === standardInput || existsSync(what);
  const address = isFile ? undefined : /^(\[[^\]]+\]|[^/:]+):(\d{1,5})$/.exec(what);
  if (!address) {
    for (const option of Object.keys(serverOptions))
      if (parsed.text(option) !== undefined || parsed.flag(option))
        throw onlyForServers(option, what, action);
    return undefined;
  }
  const out = parsed.text('out');
  const force = parsed.flag('force');
  if (out !== undefined) checkNewFiles([{ path: out, flag: '--out' }], force);
  const cert = parsed.text('cert');
  const key = parsed.text('key');
  if ((cert === undefined) !== (key === undefined))
    throw bothNeeded(cert === undefined ? 'cert' : 'key', action);
  const serverName = parsed.text('servername');
  const [, host = '', port = ''] = address;
  const { lookAtServer } = await import('./live.ts');
  const seen = await lookAtServer({
    host: withoutBrackets(host),
    port: Number(port),
    serverName: serverName === undefined ? undefined : hostNameOf(serverName, '--servername'),
    starttls: parsed.text('starttls') as StarttlsName | undefined,
    alpn: parsed
      .text('alpn')
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    identity:
      cert !== undefined && key !== undefined ? loadIdentity({ certFile: cert, keyFile: key }) : undefined,
    anywhere: parsed.flag('unsafe-target'),
  });
  if (out === undefined) return seen;
  const text = seen.chain.map((der) => toPem('CERTIFICATE', der)).join('');
  writeNewFiles([{ path: out, flag: '--out', text, mode: 0o644 }], force);
  const saved = { en: `saved to ${out}`, ko: `저장한 파일: ${out}` };
  return { ...seen, notes: [...seen.notes, saved] };
}

function onlyForServers(option: string, file: string, action: string): UserError {
  return new UserError({
    what: {
      en: `--${option} is valid only with HOST:PORT, not with a file`,
      ko: `--${option} 옵션은 서버를 볼 때만 씁니다`,
    },
    where: `wirelab certs ${action}`,
    expected: verbatim('HOST:PORT'),
    received: file,
  });
}

function bothNeeded(option: string, action: string): UserError {
  return new UserError({
    what: {
      en: `missing --${option}: a client certificate needs its private key`,
      ko: `--${option} 옵션이 필요합니다. 클라이언트 인증서에는 개인 키도 있어야 합니다`,
    },
    where: `wirelab certs ${action}`,
    expected: verbatim('--cert FILE --key FILE'),
  });
}
