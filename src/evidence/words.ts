/**
 * Phrases that the findings of several features share, in every language.
 */
import type { Side } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';
import { toOffset } from '../core/hex.ts';
import type { Hit } from '../analysis/secrets/secret-hunt.ts';
import { encodings } from '../analysis/secrets/encodings.ts';
import type { Plan, PlannedStep } from '../engine/plan.ts';

export const direction: Readonly<Record<Side, Localized>> = {
  client: { en: 'client to server', ko: '클라이언트에서 서버로' },
  server: { en: 'server to client', ko: '서버에서 클라이언트로' },
};

/** The participant at that side of a step's first connection. */
export function whoIsAt(side: Side, step: PlannedStep, plan: Plan): Localized {
  const { client } = step;
  const to = step.entryPoints.at(0)?.to ?? step.server;
  if (side === 'client') return { en: `the client ${client}`, ko: `클라이언트 ${client}` };
  const proxy = plan.proxies.find(({ name }) => name === to);
  return proxy
    ? { en: `the ${proxy.kind} proxy ${to}`, ko: `${proxy.kind} 프록시 ${to}` }
    : { en: `the server ${to}`, ko: `서버 ${to}` };
}

/** `password at 0x0090 on wire A, connection 3, client to server, as plain text`. */
export function hitWords(hit: Hit): Localized {
  const name = encodings.find(({ id }) => id === hit.encoding)?.name ?? {
    en: hit.encoding,
    ko: hit.encoding,
  };
  const { en, ko } = direction[hit.from];
  const what = hit.secret.startsWith('private-key:')
    ? `private key of ${hit.secret.slice('private-key:'.length)}`
    : hit.secret;
  return {
    en: `${what} at ${toOffset(hit.offset)} on wire ${hit.hop}, connection ${hit.conn}, ${en}, ${name.en}`,
    ko: `${what.replace(/^private key of (.*)$/, '$1의 개인 키')}: 구간 ${hit.hop}, 연결 ${hit.conn}, ${ko}, 오프셋 ${toOffset(hit.offset)}, ${name.ko}`,
  };
}
