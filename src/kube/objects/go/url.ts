/**
 * What is wrong with a URL, in the words of Go's net/url: kube-apiserver refuses a webhook with one, and so nothing here that
 * reads it later meets another. Node's own reader repairs what Go refuses: it drops line breaks and turns backslashes round.
 */
import { quoted } from './quoted.ts';

/** Undefined for what url.Parse takes. */
export function goUrlFault(text: string): string | undefined {
  const why = fault(text);
  return why === undefined ? undefined : `parse ${quoted(text)}: ${why}`;
}

/** Beside letters, digits and what is not ASCII: what a host may have in it. */
const isOfHost = /[A-Za-z\d\-_.~!$&'()*+,;=:[\]<>"\u0080-\uffff]/;

function fault(text: string): string | undefined {
  if (/[\0-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  const [, scheme, authority, path = '', fragment] =
    /^(?:([A-Za-z][A-Za-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/.exec(text) ?? [];
  if (text.startsWith(':')) return 'missing protocol scheme';
  if (scheme === undefined && authority === undefined && /^[^/]*:/.test(path))
    return 'first path segment in URL cannot contain colon';
  const ofAuthority = authority === undefined ? undefined : hostFault(authority);
  return ofAuthority ?? escapeFault(path) ?? escapeFault(fragment ?? '');
}

function hostFault(authority: string): string | undefined {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const end = host.lastIndexOf(']');
  if (host.startsWith('[') && end < 0) return "missing ']' in host";
  const colon = host.startsWith('[') ? end + 1 : host.lastIndexOf(':');
  const behind = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(behind)) return `invalid port ${quoted(behind)} after host`;
  const escape = escapeFault(host);
  if (escape !== undefined) return escape;
  const odd = Array.from(host).find((character) => character !== '%' && !isOfHost.test(character));
  return odd === undefined ? undefined : `invalid character ${quoted(odd)} in host name`;
}

function escapeFault(text: string): string | undefined {
  const found = /%(?![\da-f]{2}).{0,2}/i.exec(text)?.[0];
  return found === undefined ? undefined : `invalid URL escape ${quoted(found)}`;
}
