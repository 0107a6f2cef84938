/** A client that was called with a host name, and names no server (SNI): by an option of its own, or because it never does. */
import { ipVersion } from '../../../core/ip-version.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { Finding } from '../../diagnosis.ts';

/** Whole words that keep a program from naming its server. */
const optionsOff: readonly RegExp[] = [
  /^-Djsse\.enableSNIExtension=false$/i,
  /^-noservername$/,
  /^--disable-sni$/,
];

/** Variables in which Java takes options. */
const javaVariables = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'] as const;

const isOff = (word: string): boolean => optionsOff.some((one) => one.test(word));

/** The option, as it is written, with the variable that has it. */
function optionIn(words: readonly string[], variables: NodeJS.ProcessEnv): string | undefined {
  const own = words.find(isOff);
  if (own !== undefined) return own;
  for (const name of javaVariables) {
    const one = variables[name]?.split(/\s+/).find(isOff);
    if (one !== undefined) return `${one} (${name})`;
  }
  return undefined;
}

/** @param host that the client was called with */
export function withOwnSni(
  finding: Finding,
  {
    host,
    words,
    variables,
  }: { readonly host: string; readonly words: readonly string[]; readonly variables: NodeJS.ProcessEnv },
): Finding {
  if (finding.cause !== 'unknown_server_name' || finding.detail?.unnamed !== true || ipVersion(host) !== 0)
    return finding;
  const name = safeText(host).slice(0, 200);
  const option = optionIn(words, variables);
  if (option !== undefined) {
    const by = safeText(option);
    return {
      ...finding,
      because: {
        en: `the client was called with the name ${name} and does not send it (SNI), as ${by} has it; the server has nothing to show without a name`,
        ko: `클라이언트를 ${name} 이름으로 호출했지만 ${by} 옵션 때문에 이 이름(SNI)을 보내지 않습니다. 서버는 이름 없이는 보여 줄 인증서가 없습니다.`,
      },
      remedy: {
        on: 'client',
        words: {
          en: `take ${by} out: it keeps the client from naming its server`,
          ko: `${by} 옵션을 빼세요. 클라이언트가 서버 이름을 보내지 못하게 하는 옵션입니다.`,
        },
      },
    };
  }
  return {
    ...finding,
    because: {
      en: `the client was called with the name ${name} and does not send it (SNI); the server has nothing to show without a name`,
      ko: `클라이언트를 ${name} 이름으로 호출했지만 이 이름(SNI)을 보내지 않습니다. 서버는 이름 없이는 보여 줄 인증서가 없습니다.`,
    },
    remedy: {
      on: 'client',
      words: {
        en: 'let the client send the name: see whether an option or a setting turns SNI off (Java -Djsse.enableSNIExtension=false, openssl s_client -noservername, gnutls-cli --disable-sni), whether its code gives the name to its TLS library (server_hostname, ServerName, SSL_set_tlsext_host_name), or update a client that is too old for it',
        ko: '클라이언트가 이름을 보내게 하세요. SNI를 끄는 옵션이나 설정이 있는지(Java -Djsse.enableSNIExtension=false, openssl s_client -noservername, gnutls-cli --disable-sni), 코드가 TLS 라이브러리에 이름을 넘기는지(server_hostname, ServerName, SSL_set_tlsext_host_name) 확인하고, 너무 오래된 클라이언트라면 업데이트하세요.',
      },
    },
  };
}
