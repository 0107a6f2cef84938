/**
 * What the client's answers in SASL give away (RFC 4422), whichever protocol carries them: the secret itself (PLAIN of RFC
 * 4616, LOGIN, XOAUTH2, OAUTHBEARER of RFC 7628), a proof of it (CRAM-MD5 of RFC 2195, DIGEST-MD5 of RFC 2831, SCRAM of RFC
 * 5802, NTLM), or nothing (GSSAPI, EXTERNAL).
 */
import type { Credential } from './credential.ts';

/** What a login has said so far. */
export interface Login {
  readonly user: string;
  /** Of SASL, in upper case; empty where none is under way. */
  readonly mechanism: string;
  /** How many answers the client has given. */
  readonly step: number;
}

export const noLogin: Login = { user: '', mechanism: '', step: 0 };

export interface Found {
  readonly credentials: readonly Credential[];
  readonly login: Login;
}

/** Where a part of an answer stands on the wire: the whole of it, where it is encoded. */
export type Locate = (start: number, end: number) => Pick<Credential, 'offset' | 'length'>;

/** @param text an answer of the client, decoded, a character for each byte */
export function readAnswer(text: string, locate: Locate, login: Login): Found {
  const { mechanism, step, user } = login;
  const next = { ...login, step: step + 1 };
  const all = locate(0, text.length);
  const nothing: Found = { credentials: [], login: next };
  switch (mechanism) {
    case 'PLAIN': {
      const [authorised = '', authentic = '', password] = text.split('\0');
      if (password === undefined) return nothing;
      const start = authorised.length + authentic.length + 2;
      return {
        credentials: [
          {
            kind: 'sasl_plain',
            name: utf8(authentic),
            value: utf8(password),
            ...locate(start, start + password.length),
          },
        ],
        login: { ...next, user: utf8(authentic) },
      };
    }
    case 'LOGIN':
      if (step === 0) return { credentials: [], login: { ...next, user: utf8(text) } };
      return {
        credentials: step === 1 ? [{ kind: 'sasl_login', name: user, value: utf8(text), ...all }] : [],
        login: next,
      };
    case 'XOAUTH2':
    case 'OAUTHBEARER': {
      const token = /auth=Bearer ([^\u0001]+)/i.exec(text)?.[1];
      const who = /(?:user=|a=)([^\u0001,]+)/.exec(text)?.[1];
      if (token === undefined) return nothing;
      const start = text.indexOf(token);
      return {
        credentials: [
          {
            kind: 'bearer',
            name: utf8(who ?? 'Bearer'),
            value: utf8(token),
            ...locate(start, start + token.length),
          },
        ],
        login: next,
      };
    }
    case 'CRAM-MD5': {
      const [whole, who = '', digest = ''] = /^(.+) ([0-9a-f]{32})$/is.exec(text) ?? [];
      if (whole === undefined) return nothing;
      return {
        credentials: [
          {
            kind: 'cram_md5',
            name: utf8(who),
            value: digest,
            ...locate(text.length - digest.length, text.length),
          },
        ],
        login: { ...next, user: utf8(who) },
      };
    }
    case 'DIGEST-MD5': {
      const [whole, response = ''] = /\bresponse=([0-9a-f]{32})\b/i.exec(text) ?? [];
      if (whole === undefined) return nothing;
      const who = /\busername="((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
      const start = text.indexOf(whole) + 'response='.length;
      return {
        credentials: [
          { kind: 'digest_md5', name: utf8(who), value: response, ...locate(start, start + response.length) },
        ],
        login: { ...next, user: utf8(who) },
      };
    }
    case 'GSSAPI':
    case 'GS2-KRB5':
      return step === 0 ? sealed('sasl_kerberos', text, all, login, next) : nothing;
    case 'GSS-SPNEGO':
    case 'NTLM':
      return readNtlm(text, all, login, next);
    case 'EXTERNAL':
      return step === 0 && text !== '' && text !== '='
        ? sealed('sasl_external', utf8(text), all, { ...login, user: utf8(text) }, next)
        : nothing;
    default:
      return mechanism.startsWith('SCRAM-') ? readScram(text, locate, login, next) : nothing;
  }
}

function sealed(
  kind: Credential['kind'],
  value: string,
  place: ReturnType<Locate>,
  { user, mechanism }: Login,
  next: Login,
): Found {
  return { credentials: [{ kind, name: user || mechanism, value, ...place }], login: next };
}

/** The first message of the client names the user, the second has the proof (RFC 5802 section 7). */
function readScram(text: string, locate: Locate, login: Login, next: Login): Found {
  const user = /^[nyp][^,]*,[^,]*,n=([^,]*),r=/.exec(text)?.[1];
  if (user !== undefined) {
    const name = user.replaceAll('=2C', ',').replaceAll('=3D', '=');
    return { credentials: [], login: { ...next, user: utf8(name) || login.user } };
  }
  const proof = /,p=([A-Za-z0-9+/]+=*)$/.exec(text)?.[1];
  if (proof === undefined) return { credentials: [], login: next };
  return {
    credentials: [
      {
        kind: 'scram',
        name: login.user || login.mechanism,
        value: proof,
        ...locate(text.length - proof.length, text.length),
      },
    ],
    login: next,
  };
}

/** The third of NTLM's messages has the responses; within SPNEGO it stands somewhere behind its tags. */
function readNtlm(text: string, place: ReturnType<Locate>, login: Login, next: Login): Found {
  const start = text.indexOf('NTLMSSP\0');
  if (start < 0)
    return login.step === 0 && login.mechanism === 'GSS-SPNEGO'
      ? sealed('sasl_kerberos', utf8(text), place, login, next)
      : { credentials: [], login: next };
  const user = ntlmUserIn(Buffer.from(text.slice(start), 'latin1'));
  if (user === undefined) return { credentials: [], login: next };
  return {
    credentials: [{ kind: 'sasl_ntlm', name: user, value: user, ...place }],
    login: { ...next, user },
  };
}

/** The third of NTLM's messages, in which the client names itself: `DOMAIN\user`. The first two have no user. */
export function ntlmUserIn(bytes: Buffer): string | undefined {
  if (bytes.length < 64 || bytes.readUInt32LE(8) !== 3) return undefined;
  const encoding = bytes.readUInt32LE(60) & 1 ? 'utf16le' : 'latin1';
  const field = (at: number): string =>
    bytes
      .subarray(bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 4) + bytes.readUInt16LE(at))
      .toString(encoding);
  const [domain, user] = [field(28), field(36)];
  return user === '' ? undefined : domain === '' ? user : `${domain}\\${user}`;
}

/** Text of the wire, which is read byte for byte, as people wrote it. */
export function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
