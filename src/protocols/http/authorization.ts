/**
 * Identifies users of HTTP authentication schemes that do not send the password (RFC 9110 section 11): Digest (RFC
 * 7616), NTLM and Negotiate (RFC 4559), if the scheme contains the name; `form.ts` decodes Basic, which contains
 * everything.
 */

import { ntlmUserIn } from '../shared/sasl.ts';

/** What an Authorization header gives away. Places count in its value. */
export interface NamedLogin {
  readonly scheme: 'digest' | 'ntlm' | 'negotiate';
  /** Undefined where only the scheme is known. */
  readonly user: string | undefined;
  /** Where the user's name stands, or what stands for it. */
  readonly offset: number;
  readonly length: number;
}

const ntlmMark = Buffer.from('NTLMSSP\u0000', 'latin1');

/** Of the value of Authorization or Proxy-Authorization (Latin-1, as it travelled); undefined for any other scheme, or for a step without a user. */
export function readLogin(value: string): NamedLogin | undefined {
  if (/^digest /i.test(value)) return digestLogin(value);
  const [whole, scheme = '', token = ''] = /^(ntlm|negotiate) +([A-Za-z0-9+/]+=*) *$/i.exec(value) ?? [];
  if (whole === undefined) return undefined;
  const place = { offset: value.indexOf(token, scheme.length), length: token.length };
  const bytes = Buffer.from(token, 'base64');
  if (bytes.subarray(0, ntlmMark.length).equals(ntlmMark)) {
    const user = ntlmUserIn(bytes);
    return user === undefined ? undefined : { scheme: 'ntlm', user, ...place };
  }
  // GSS-API opens its tokens with this tag (RFC 2743 section 3.1).
  return bytes[0] === 0x60 && bytes.length > 16
    ? { scheme: 'negotiate', user: undefined, ...place }
    : undefined;
}

/** A list of names with a quoted string or a word each (RFC 7616 section 3.4). */
function digestLogin(value: string): NamedLogin | undefined {
  const parameters = /[\s,]*([^\s=,"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gy;
  parameters.lastIndex = 'digest '.length;
  for (let match = parameters.exec(value); match; match = parameters.exec(value)) {
    const [whole, name = '', quoted] = match;
    const written = quoted ?? match[3] ?? '';
    if (name.toLowerCase() !== 'username' || written === '') continue;
    const offset = match.index + whole.length - written.length - (quoted === undefined ? 0 : 1);
    return {
      scheme: 'digest',
      user: Buffer.from(written.replace(/\\(.)/g, '$1'), 'latin1').toString('utf8'),
      offset,
      length: written.length,
    };
  }
  return undefined;
}
