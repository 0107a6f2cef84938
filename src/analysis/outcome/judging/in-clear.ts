/** Judges by what was said in clear: before TLS, in its place, or over HTTP behind it. */
import type { Side } from '../../../capture/event.ts';
import { latin1Text } from '../../../core/bytes.ts';
import { recognise } from '../../../protocols/index.ts';
import type { ProtocolName } from '../../../protocols/index.ts';
import { mayBeginRecord } from '../../../protocols/tls/record.ts';
import { firstLineOf } from '../plain-words.ts';
import { beginningOf } from '../wire-facts.ts';
import { byOf, isFatal, kindOfEnd } from './judged-connection.ts';
import type { Draft, JudgedConnection } from './judged-connection.ts';

/** What was said before TLS could begin, or in its place. */
export function saidInClear(judged: JudgedConnection): Draft | undefined {
  const { refusedUpgrade, refusedTunnel, refusedAt, hasProxyHeader, hasServerHello, spoke, end, endedBy } =
    judged.facts;
  const said = refusedUpgrade ?? refusedTunnel;
  if (said !== undefined) {
    const cause = refusedUpgrade === undefined ? 'tunnel_refused' : 'starttls_refused';
    return {
      kind: 'refused_by_server',
      by: 'server',
      step: 'plaintext',
      cause,
      detail: { said },
      proof: 'words',
      evidence: [judged.saidAt('server', refusedAt ?? 0), judged.beginning('client')],
    };
  }
  if (!hasProxyHeader || hasServerHello) return undefined;
  const alert = judged.messages.find((message) => message.from === 'server' && isFatal(message, false));
  const common = {
    by: 'server',
    step: 'plaintext',
    cause: 'proxy_header_refused',
    proof: 'words',
  } as const;
  if (alert?.content.type === 'alert')
    return {
      ...common,
      kind: 'refused_by_server',
      alert: alert.content.alert,
      evidence: [judged.place(alert), judged.beginning('client')],
    };
  const words = complaintIn(beginningOf(judged.said.server));
  if (words !== undefined)
    return {
      ...common,
      kind: 'refused_by_server',
      detail: { said: words },
      evidence: [judged.beginning('server'), judged.beginning('client')],
    };
  const { closed } = judged.connection;
  if (spoke.server || endedBy !== 'server' || !closed) return undefined;
  return {
    ...common,
    kind: kindOfEnd[end],
    inferred: true,
    evidence: [{ event: closed.seq }, judged.beginning('client')],
  };
}

/** Over HTTP, behind a handshake that succeeded. */
export function complaintOverHttp(judged: JudgedConnection): Draft | undefined {
  const { complaint } = judged.facts;
  if (complaint === undefined) return undefined;
  const place = judged.messages.find(
    ({ from, content }) => from === 'server' && content.type === 'application_data',
  );
  return {
    kind: 'refused_by_server',
    by: 'server',
    step: 'application_data',
    cause: 'refused_over_http',
    detail: { said: complaint },
    proof: 'words',
    evidence: [place ? judged.place(place) : judged.beginning('server')],
  };
}

/** A login that failed because TLS ends in between. */
export function bindingRefused(judged: JudgedConnection): Draft | undefined {
  const { refusedBinding } = judged.facts;
  if (refusedBinding === undefined) return undefined;
  const { by, said } = refusedBinding;
  const place = judged.messages.find(
    ({ from, content }) => from === 'server' && content.type === 'application_data',
  );
  return {
    kind: by === 'client' ? 'refused_by_client' : 'refused_by_server',
    by,
    step: judged.facts.isTls ? 'application_data' : 'plaintext',
    cause: 'channel_binding_refused',
    detail: by === 'server' ? { said } : {},
    proof: 'words',
    evidence: [place ? judged.place(place) : judged.beginning('server')],
  };
}

/** One side uses TLS and the other does not, according to their first bytes. */
export function wrongProtocol(judged: JudgedConnection): Draft | undefined {
  const connection = judged.connection;
  const { closed, opened } = connection;
  // Without its start, a connection's first bytes are unknown.
  if (opened?.late || connection.secured.client || connection.secured.server) return undefined;
  const [client, server] = [speaks(judged, 'client'), speaks(judged, 'server')];
  // What only looks like TLS (records without a hello, answered with records) says nothing about the port.
  if (
    client === 'tls' &&
    judged.progress.clientHello &&
    server !== undefined &&
    server !== 'tls' &&
    !mayBeginRecord(judged.said.server.head)
  )
    return tlsToPlaintext(judged);
  if (client === 'tls' || client === undefined) return undefined;
  // A side that was answered with a ServerHello does use TLS, for example after a PROXY protocol header.
  const alert =
    server === 'tls' && !judged.progress.serverHello
      ? judged.messages.find((message) => message.from === 'server' && isFatal(message, false))
      : undefined;
  if (alert?.content.type === 'alert') {
    const cause =
      client === 'tls_request'
        ? ({ cause: 'upgrade_on_tls_port' } as const)
        : { detail: { protocol: client } };
    return {
      ...plaintextToTls,
      ...cause,
      kind: 'refused_by_server',
      by: 'server',
      alert: alert.content.alert,
      evidence: [judged.place(alert), judged.beginning('client')],
    };
  }
  const isHttp = client === 'http' || client === 'http2';
  const said = isHttp ? complaintIn(beginningOf(judged.said.server)) : undefined;
  if (said !== undefined) {
    return {
      ...plaintextToTls,
      kind: 'refused_by_server',
      by: 'server',
      detail: { said, protocol: client },
      evidence: [judged.beginning('server'), judged.beginning('client')],
    };
  }
  // A TLS server that knows them by their first bytes hangs up; a reset has other reasons too: nothing listens behind a relay.
  const isAsked = isHttp || client === 'tls_request';
  if (isAsked && judged.length('server') === 0 && closed?.by === 'server' && closed.how === 'end') {
    return {
      ...plaintextToTls,
      ...(client === 'tls_request' ? { cause: 'upgrade_on_tls_port' } : {}),
      kind: 'no_answer',
      by: 'server',
      inferred: true,
      detail: { protocol: client },
      proof: 'end',
      evidence: [{ event: closed.seq }, judged.beginning('client')],
    };
  }
  return undefined;
}

export function tlsToPlaintext(judged: JudgedConnection): Draft {
  const { closed } = judged.connection;
  const said = firstLineOf(beginningOf(judged.said.server));
  const common = {
    step: 'client_hello',
    cause: 'tls_on_plaintext_port',
    proof: 'words',
    detail: said === undefined ? {} : { said },
  } as const;
  const first = judged.beginning('server');
  const alert = judged.messages.find((message) => message.from === 'client' && isFatal(message, false));
  if (alert?.content.type === 'alert')
    return {
      ...common,
      kind: 'refused_by_client',
      by: 'client',
      alert: alert.content.alert,
      evidence: [judged.place(alert), first, judged.hello()],
    };
  const end = closed ? byOf(closed.by) : {};
  const kind = kindOfEnd[judged.facts.end];
  return { ...common, kind, ...end, evidence: [first, judged.hello()] };
}

const plaintextToTls = { step: 'plaintext', cause: 'plaintext_on_tls_port', proof: 'words' } as const;

/** A side's protocol by its first bytes, whatever it switches to later; undefined without them. */
export function speaks({ said }: JudgedConnection, from: Side): ProtocolName | undefined {
  const { head } = said[from];
  if (head.length === 0) return undefined;
  return recognise(head, from) ?? 'opaque';
}

/** As nginx, Apache and Go say it; haproxy, Envoy and OpenSSL say nothing. */
const complaints =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|HTTP request to an HTTPS server|This combination of host and port requires TLS/i;

function complaintIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && complaints.exec(latin1Text(bytes))?.[0];
}
