/**
 * Secrets in a stream by what is written around them: headers, parameters, members, elements and commands whose names say that
 * a secret follows, and keys and tokens that look like nothing else. It needs no protocol, so that what is cut off, begins in the
 * middle or belongs to an unknown protocol keeps no secret either. What is passed on may lose more than a screen marks.
 *
 * Every pattern is bounded, and no byte of a text is read more than a fixed number of times, however it is made. No value goes on over
 * a control character: what frames it stays as it is.
 */
import { isSecretName } from '../../protocols/shared/secret-names.ts';

/** A stretch of a text, and what it holds. */
export interface WrittenSecret {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

interface WrittenForm {
  /** With the group `value`, which is hidden; a group `name` has to be that of a secret. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly isName?: (name: string) => boolean;
}

/** Headers that carry one in whole, beside those whose names say so without their `x-`. */
const headerNames: ReadonlySet<string> = new Set([
  'x-amz-security-token',
  'x-auth-key',
  'x-auth-token',
  'x-csrf-token',
  'x-goog-api-key',
  'x-vault-token',
  'x-xsrf-token',
  'private-token',
  'job-token',
  'passcode',
  'dpop',
]);

/** Whether a header of that name holds a secret. */
export function isSecretHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return headerNames.has(lower) || isSecretName(lower.replace(/^x-/, ''));
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Parameters that stand in addresses only, where the short names of others would be words. */
const parameterNames: ReadonlySet<string> = new Set([
  'assertion',
  'clientassertion',
  'codeverifier',
  'devicecode',
  'samlresponse',
  'sig',
  'xamzsecuritytoken',
  'xamzsignature',
]);

const isParameterName = (name: string): boolean => {
  const plain = decoded(name);
  return isSecretName(plain) || parameterNames.has(plain.toLowerCase().replace(/[^a-z]/g, ''));
};

const isMemberName = (name: string): boolean =>
  isSecretName(
    name.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
  );

/** A value of one line, and lines that go on with a space (RFC 9112 section 5.2). */
const lineValue = String.raw`(?<value>[^\0-\x1f]{1,16384}(?:\r?\n[ \t]+[^\0-\x1f]{1,16384}){0,4})`;

const written: readonly WrittenForm[] = [
  {
    what: 'authorization',
    pattern: new RegExp(
      String.raw`(?<=^|\n)(?:proxy-)?authorization[ \t]*:\s{0,8}(?=\S)(?!digest\b|ntlm\b|negotiate\b)(?:[\w-]{1,40}[ \t]+|[\w-]{1,40}\r?\n[ \t]+)?${lineValue}`,
      'gi',
    ),
  },
  {
    what: 'digest',
    pattern:
      /(?<=^|\n)(?:proxy-)?authorization[ \t]*:[ \t]*digest [^\0-\x1f]{0,4096}?\bresponse="?(?<value>[\w*]{1,128})/gi,
  },
  {
    what: 'header',
    isName: isSecretHeader,
    pattern: new RegExp(String.raw`(?<=^|\n)(?<name>[\w-]{1,40})[ \t]*:[ \t]*${lineValue}`, 'g'),
  },
  // Indented, or with quotation marks around its name: a line of YAML, a row of another text.
  {
    what: 'password',
    isName: isSecretName,
    pattern:
      /(?<=^|\n)[ \t]{1,80}(?:- )?["']?(?<name>[\w-]{1,40})["']?: {1,4}["']?(?<value>[^\0-\x20"'{[|>&*][^\0-\x1f"']{0,4095})/g,
  },
  {
    what: 'parameter',
    isName: isParameterName,
    pattern: /(?<![\w.%[\]-])(?<name>[\w.%[\]-]{1,60})=["']?(?<value>[^\0-\x20&#"'<>;,]{1,8192})/g,
  },
  {
    what: 'password',
    pattern: /:\/\/[^\0-\x20/@:"'<>]{0,200}:(?<value>[^\0-\x20/@"'<>]{1,200})(?=@)/g,
  },
  {
    what: 'json member',
    isName: isMemberName,
    pattern:
      /"(?<name>(?:[\w-]|\\u[0-9a-fA-F]{4}){1,60})"\s{0,8}:\s{0,8}"(?<value>(?:[^\0-\x1f"\\]|\\[^\0-\x1f]){1,8192})/g,
  },
  // The same in a string of another JSON text.
  {
    what: 'json member',
    isName: isSecretName,
    pattern: /\\"(?<name>[\w-]{1,60})\\"\s{0,8}:\s{0,8}\\"(?<value>[^\0-\x1f"\\]{1,8192})/g,
  },
  {
    what: 'element',
    isName: (name) => isSecretName(name) || name.toLowerCase() === 'auth',
    pattern:
      /<(?:[\w-]{1,40}:)?(?<name>[\w-]{1,60})(?:[ \t][^<>\0-\x1f]{0,400})?>(?<value>[^<>\0-\x1f]{1,8192})(?=<\/)/g,
  },
  {
    what: 'form field',
    isName: isSecretName,
    pattern:
      /\bname=(?<quote>"?)(?<name>[^\0-\x1f";=]{1,60})\k<quote>(?=[;\r])[^\0-\x1f]{0,200}\r\n(?:[\w-]{1,60}:[^\0-\x1f]{0,200}\r\n){0,4}\r\n(?<value>[^\0-\x1f]{1,8192})/g,
  },
  {
    what: 'command',
    pattern:
      /(?<=^|\n)(?:AUTHINFO PASS|ACCT|OPER \S{1,60}|PRIVMSG NickServ :IDENTIFY(?: \S{1,60}(?= \S))?) (?<value>[^\0-\x1f]{1,1024})/gi,
  },
  {
    what: 'sasl plain',
    pattern: /(?<=^|\n)AUTHENTICATE "?[\w-]{1,20}"? "?(?<value>[A-Za-z0-9+/=]{4,8192})/gi,
  },
  {
    what: 'sasl plain',
    pattern: /\bPLAIN[^]{0,5}?\0[^\0-\x1f]{1,255}\0(?<value>[^\0-\x1f]{1,255})/g,
  },
  {
    what: 'redis config',
    pattern: /\b(?:requirepass|masterauth)\r\n\$\d{1,6}\r\n(?<value>[^\0-\x1f]{1,1024})/gi,
  },
  // The private parts of a JSON web key (RFC 7518 section 6).
  {
    what: 'private key',
    pattern: /"(?:d|dp|dq|k|p|q|qi)"\s{0,8}:\s{0,8}"(?<value>[\w-]{16,8192})(?=")/g,
  },
  {
    what: 'sql password',
    pattern:
      /\b(?:PASSWORD|IDENTIFIED\s{1,4}BY)\s{1,4}(?:[EN]?'(?<value>(?:[^\0'\\]|''|\\[^\0]){1,1024})|\$(?<tag>\w{0,20})\$(?<quoted>[^\0$]{1,1024}))/gi,
  },
  // A private key as Base64 of its PEM, as a Secret of Kubernetes has it.
  {
    what: 'private key',
    isName: (name) => Buffer.from(name.slice(0, 80), 'base64').includes('PRIVATE KEY'),
    pattern: /(?<value>(?<name>LS0tLS1CRUdJTi[A-Za-z0-9+/]{16,65536}={0,2}))/g,
  },
  {
    what: 'private key',
    pattern:
      /-----BEGIN(?:\+|%20)(?:[A-Z]{1,10}(?:\+|%20)){0,3}PRIVATE(?:\+|%20)KEY(?:(?:\+|%20)BLOCK)?-----(?<value>(?:[\w+/=.]|%[0-9A-Fa-f]{2}){16,98304})/g,
  },
  {
    what: 'private key',
    pattern: /Private-Lines: \d{1,4}\r?\n(?<value>[A-Za-z0-9+/=\s]{16,65536})/g,
  },
  {
    what: 'token',
    pattern:
      /\b(?<value>(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}|xox[abprs]-[\w-]{10,255}))/g,
  },
];

/** In the order of the forms; stretches may overlap. */
export function writtenSecretsIn(text: string): WrittenSecret[] {
  const found: WrittenSecret[] = [];
  for (const { pattern, what, isName } of written)
    for (const { index, 0: whole, groups = {} } of text.matchAll(pattern)) {
      if (isName && !isName(groups['name'] ?? '')) continue;
      const value = groups['value'] ?? groups['quoted'] ?? '';
      // A value is the last thing that its form reads, or, looked at alone, all of it.
      const end = index + whole.length;
      found.push({ start: end - value.length, end, what });
    }
  for (const cookie of cookiesIn(text)) found.push(cookie);
  for (const key of endsOfKeysIn(text)) found.push(key);
  return found;
}

/** The values of all cookies, whatever they are called. */
function* cookiesIn(text: string): Generator<WrittenSecret> {
  for (const { index, 0: whole, groups } of text.matchAll(
    /(?<=^|\n)(?<set>set-)?cookie[ \t]*:[ \t]*(?<value>[^\0-\x1f]{1,16384})/gi,
  )) {
    const value = groups?.['value'] ?? '';
    const at = index + whole.length - value.length;
    const pairs = value.matchAll(/(?<=^|;)\s{0,8}(?:[^=;\s]{1,256}=)?(?<one>[^;]+)/g);
    for (const pair of pairs) {
      const one = pair.groups?.['one'] ?? '';
      const end = at + pair.index + pair[0].length;
      yield { start: end - one.length, end, what: 'cookie' };
      // Behind the first are attributes of that cookie.
      if (groups?.['set'] !== undefined) break;
    }
  }
}

/** The lines of a key whose beginning is not there. */
function* endsOfKeysIn(text: string): Generator<WrittenSecret> {
  let reached = 0;
  for (const { index } of text.matchAll(/-----END [A-Z ]{0,30}PRIVATE KEY/g)) {
    let start = index;
    while (start > reached && index - start < longestKey && /[A-Za-z0-9+/=\s]/.test(text[start - 1] ?? ''))
      start--;
    reached = index;
    if (index - start >= 16) yield { start, end: index, what: 'private key' };
  }
}

const longestKey = 65_536;
