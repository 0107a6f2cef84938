/** Turns the error of a listen address into a user error: the only user errors of this folder. */
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';

interface Words {
  readonly what: (address: string) => Localized;
  readonly remedy: (port: number) => Localized;
}

const words: Readonly<Record<string, Words>> = {
  EADDRINUSE: {
    what: (address) => ({
      en: `${address} is in use by another program`,
      ko: `${josa(address, '은/는')} 다른 프로그램이 이미 사용하고 있습니다`,
    }),
    remedy: (port) => ({
      en: `Stop the program that listens there (\`ss -ltnp 'sport = :${port}'\` shows it), or choose another port; port 0 selects a free one.`,
      ko: `그 포트를 쓰는 프로그램을 종료하거나(\`ss -ltnp 'sport = :${port}'\` 명령으로 찾을 수 있습니다) 다른 포트를 지정하세요. 0을 지정하면 비어 있는 포트를 고릅니다.`,
    }),
  },
  EACCES: {
    what: (address) => ({
      en: `no permission to listen on ${address}`,
      ko: `${address}에서 연결을 받을 권한이 없습니다`,
    }),
    remedy: () => ({
      en: 'Choose port 1024 or higher: wirelab does not need root.',
      ko: '1024 이상의 포트를 지정하세요. wirelab에는 루트 권한이 필요하지 않습니다.',
    }),
  },
  EADDRNOTAVAIL: {
    what: (address) => ({
      en: `${address} is not an address of this machine`,
      ko: `${josa(address, '은/는')} 이 컴퓨터의 주소가 아닙니다`,
    }),
    remedy: () => ({
      en: 'Listen on 127.0.0.1, on ::1, or on an address that `ip address` lists.',
      ko: '127.0.0.1, ::1, 또는 `ip address` 명령에 나오는 주소를 지정하세요.',
    }),
  },
  ENOTFOUND: {
    what: (address) => ({
      en: `unknown host name in ${address}`,
      ko: `${address}의 호스트 이름을 찾을 수 없습니다`,
    }),
    remedy: () => ({
      en: 'Give an IP address, for example 127.0.0.1.',
      ko: '127.0.0.1과 같은 IP 주소를 지정하세요.',
    }),
  },
};

/** The error of `listen` as a user error, if it is one; otherwise the error itself. */
export function listenError(error: NodeJS.ErrnoException, address: Address): Error {
  const known = words[error.code ?? ''];
  if (!known) return error;
  const written = formatAddress(address);
  return new UserError(
    {
      what: known.what(written),
      where: written,
      received: error.code ?? '',
      remedy: known.remedy(address.port),
    },
    { cause: error },
  );
}
