/**
 * What a response of HTTP says to a login: 401 and 407 refuse the credentials of their request (RFC 9110 section 15.5.2), 403 those of
 * a person. A token or a cookie that gets 403 was recognised: it lacks a right.
 *
 * A request without credentials is asked for them, which refuses nobody; so is the client in the middle of NTLM or Kerberos, and
 * one whose nonce has become old (RFC 7616 section 3.3).
 */
import type { LoginResult } from '../../protocols/shared/login-result.ts';
import { headerOf } from './exchanges.ts';
import type { Exchange } from './exchanges.ts';

/** @param hasForm the request carries a form, or JSON, with a secret in it */
export function loginOver({ request, response }: Exchange, hasForm: boolean): LoginResult | undefined {
  if (!request || !response) return undefined;
  const { status } = response;
  const isProxy = status === 407;
  const shown =
    headerOf(request.headers, isProxy ? 'proxy-authorization' : 'authorization') ??
    (status < 400 ? headerOf(request.headers, 'proxy-authorization') : undefined);
  const scheme = shown?.trimStart().split(/\s/, 1)[0]?.toLowerCase();
  if (status === 401 || isProxy) {
    if (scheme === undefined) return hasForm && !isProxy ? 'refused' : undefined;
    const asked = response.headers
      .filter(([name]) => name === (isProxy ? 'proxy-authenticate' : 'www-authenticate'))
      .map(([, value]) => value);
    return asked.some((value) => goesOn(scheme, value)) ? undefined : 'refused';
  }
  if (status === 403)
    return scheme === 'basic' || scheme === 'digest' || (scheme === undefined && hasForm)
      ? 'refused'
      : undefined;
  return scheme !== undefined && status < 400 && status >= 200 ? 'accepted' : undefined;
}

/** The server continues what the request began: a challenge, or a new nonce. */
function goesOn(scheme: string, asked: string): boolean {
  if (scheme === 'ntlm' || scheme === 'negotiate') return /^(?:NTLM|Negotiate)\s+\S/i.test(asked);
  return scheme === 'digest' && /\bstale\s*=\s*"?true/i.test(asked);
}
