/**
 * A command that was given the listener in the place of its target, and refused the name of the certificate: what it verified is the
 * listener's address, or a name of its own. The name that it asks for in its ClientHello, and its words, tell the two apart.
 */
import { ipVersion } from '../../../core/ip-version.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Finding } from '../../diagnosis.ts';

export interface NameFacts {
  /** That the command asked for (SNI), and that its words have. */
  readonly asked: string | undefined;
  readonly said: string | undefined;
  /** Its target, and the listener in its place. */
  readonly target: string;
  readonly listener: string;
  /** An option of the command that names what it verifies: its remedy stands. */
  readonly isOfOption: boolean;
}

const same = (one: string, other: string): boolean =>
  one.replace(/\.$/, '').toLowerCase() === other.replace(/\.$/, '').toLowerCase();

/**
 * Undefined where it may have verified the listener.
 * @param finding a `name_mismatch` of the client, with the name that the certificate lacks in its detail
 */
export function ofNameOfItsOwn(
  finding: Finding,
  { asked, said, target, listener, isOfOption }: NameFacts,
): Finding | undefined {
  if (
    asked === undefined ||
    ipVersion(asked) ||
    [target, listener, 'localhost'].some((one) => same(one, asked))
  )
    return undefined;
  // It asks for one name, and verifies another; or the certificate has the name that it asks for.
  if (said === undefined ? !hasOnly(finding, asked) : !same(said, asked)) return undefined;
  const [own, meant] = [asked, target].map((name) => safeText(name));
  const more: Localized = {
    en: `The command asks for ${own}${said === undefined ? '' : ' and verifies it'}, and its target was named ${meant}`,
    ko: `명령은 ${own} 이름을 요청${said === undefined ? '했고' : '하고 검증했으며'}, 지정된 대상은 ${meant} 호스트입니다.`,
  };
  return {
    ...finding,
    // Some programs verify another name than they ask for.
    confidence: said === undefined && finding.confidence === 'proven' ? 'likely' : finding.confidence,
    because: {
      en: `${finding.because.en.replace(/\.$/, '')}. ${more.en}`,
      ko: `${finding.because.ko} ${more.ko}`,
    },
    remedy: isOfOption
      ? finding.remedy
      : {
          on: 'client',
          words: {
            en: `correct the name in the client's settings: ${own} stands in its arguments, its configuration or its code, and ${meant} in its address. If ${own} is the right one, the server needs a certificate for that name`,
            ko: `클라이언트 설정에서 이름을 고치세요. 인자, 설정 파일, 코드 중 어딘가에 ${own} 이름이 있고, 주소에는 ${meant} 호스트가 있습니다. ${own} 이름이 맞다면 서버에 그 이름의 인증서가 필요합니다.`,
          },
        },
  };
}

const hasOnly = ({ detail }: Finding, name: string): boolean =>
  detail?.expected !== undefined && same(detail.expected, name);
