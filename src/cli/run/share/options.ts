/** The options with which a run is shared. */
import { UserError } from '../../../i18n/user-error.ts';
import type { Address } from '../../../capture/event.ts';
import type { OptionTable, Parsed } from '../../command.ts';
import { addressIn } from '../../proxy/setting-values.ts';

export const shareOptions: OptionTable = {
  share: {
    value: '[HOST:PORT]',
    // The name or the path of a scenario may follow: what has a colon, or is a number, is meant for an address.
    optional: /^(?:[^/]*:[^/]*|\d+)$/,
    help: {
      en: 'viewers follow the run in their browsers, read-only, at an address that only you are told; on this machine alone unless a HOST is given (0.0.0.0:8080)',
      ko: '다른 사람이 브라우저에서 실행을 따라 봄(읽기 전용). 주소는 본인에게만 알려 줌. HOST를 지정하지 않으면 이 컴퓨터에서만 열림(예: 0.0.0.0:8080)',
    },
  },
  'share-tls': {
    help: {
      en: 'share over TLS, with a certificate of the Workshop Server CA',
      ko: 'Workshop Server CA의 인증서로 TLS를 써서 공유',
    },
  },
};

/**
 * Where the run is to be shared; undefined if it is not.
 * @throws UserError
 */
export function sharedAt(parsed: Parsed): Address | undefined {
  if (!parsed.flag('share')) {
    if (!parsed.flag('share-tls')) return undefined;
    throw new UserError({
      what: { en: '--share-tls needs --share', ko: '--share-tls에는 --share가 필요합니다' },
      where: 'wirelab run',
      expected: { en: '--share --share-tls', ko: '--share --share-tls' },
      received: '--share-tls',
    });
  }
  const text = parsed.text('share');
  if (text === undefined) return { host: '127.0.0.1', port: 0 };
  // A port alone is one on this machine.
  return addressIn(text.replace(/^:/, ''), '--share', 'wirelab run');
}
