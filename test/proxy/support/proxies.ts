/** Proxies for these tests, closed when the test ends; nothing may be open then, on either side. */
import type { ExecutionContext } from 'ava';
import type { Address, CaptureEvent, EventOf, Side, Vantage } from '../../../src/capture/event.ts';
import type { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { proxyKinds } from '../../../src/proxy/kinds.ts';
import { startProxy } from '../../../src/proxy/proxy.ts';
import type { ProxyOptions, RunningProxy } from '../../../src/proxy/proxy.ts';
import { allClosed, dialing, listening, world } from '../../features/support/shop.ts';
import type { Security } from '../../../src/wire/endpoint.ts';

export interface ProxyChoices {
  readonly log: CaptureLog;
  readonly kind: ProxyOptions['kind'];
  readonly to: Address;
  readonly second?: Security;
  readonly more?: Partial<ProxyOptions>;
}

/** The second hop presents the proxy's own certificate. */
export function secondHop(security: Security, to: Address): ProxyOptions['dial'] {
  const { clock: _clock, ...dial } = dialing(security, to);
  return security === 'mtls' ? { ...dial, identity: world().identity('proxy') } : dial;
}

export async function openProxy(
  t: ExecutionContext,
  { log, kind, to, second = 'plain', more = {} }: ProxyChoices,
): Promise<RunningProxy> {
  const proxy = await startProxy({
    kind,
    accept: listening(proxyKinds[kind].accepts),
    dial: secondHop(second, to),
    wires: { incoming: 'A', outgoing: 'B' },
    log,
    clock: systemClock,
    ...more,
  });
  t.teardown(async () => {
    await proxy.close(200);
    await allClosed(proxy);
  });
  return proxy;
}

export function eventsOf<T extends CaptureEvent['type']>(
  log: CaptureLog,
  type: T,
  hop?: string,
): EventOf<T>[] {
  return log.events.filter(
    (event): event is EventOf<T> =>
      event.type === type && (hop === undefined || ('hop' in event && event.hop === hop)),
  );
}

export function streamOf(log: CaptureLog, hop: string, vantage: Vantage, from: Side): string {
  const parts = eventsOf(log, 'bytes', hop).filter(
    (event) => event.vantage === vantage && event.from === from,
  );
  return Buffer.concat(parts.map((event) => event.bytes)).toString('latin1');
}
