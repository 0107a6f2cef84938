/**
 * Runs an etcd in this process: the key space of `mvcc.ts` behind the JSON gateway of etcd 3.5, over HTTP/1.1 and
 * mutual TLS, with an optional log in a folder. Its counterpart is the real one; both pass the same tests.
 *
 * 1. Nothing is acknowledged before it is durable: neither a write nor a read that shows it.
 * 2. The resources of a client are limited: connections, bodies, unread responses, watches.
 * 3. It does not support gRPC. Such clients receive an error on the wire, and it is reported.
 */
import { defined } from '../../core/defined.ts';
import type { Address } from '../../capture/event.ts';
import { UserError } from '../../i18n/user-error.ts';
import { accept } from '../../wire/accept.ts';
import type { Identity, Listener, Tap } from '../../wire/endpoint.ts';
import { behaviourVersion } from './embedded/answer-documents.ts';
import { fleetingJournal } from './embedded/journal.ts';
import type { Journal } from './embedded/journal.ts';
import { KeySpace } from './embedded/mvcc.ts';
import { OwnWay } from './embedded/gateway-self-check.ts';
import { rejectionOf } from './reports.ts';
import type { Recovered } from './reports.ts';
import type { EmbeddedEtcdOptions, EmbeddedEtcd } from './embedded/embedded-options.ts';
import { EtcdServer } from './embedded/etcd-server.ts';
const mostOpen = 1_000;
const defaultGrace = 500;

/** @throws UserError when the address cannot be listened on, the identity cannot be used, or the folder holds what cannot be read. */
export async function startEmbeddedEtcd(options: EmbeddedEtcdOptions): Promise<EmbeddedEtcd> {
  const {
    identity,
    clientAuthorities,
    security = 'mtls',
    listen,
    tap,
    tls,
    clock,
    onReport = () => {},
    maxOpen = mostOpen,
    folder,
  } = options;
  if (security === 'mtls' && clientAuthorities.length === 0) {
    throw new UserError({
      what: {
        en: 'an etcd without trusted certificate authorities would refuse every client',
        ko: 'etcd가 신뢰하는 인증 기관(CA)이 없어 아무도 들어올 수 없습니다',
      },
      where: 'clientAuthorities',
      remedy: { en: 'Configure the certificate etcd/ca.', ko: 'etcd/ca 인증서를 지정하세요.' },
    });
  }
  const keys = new KeySpace(options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes });
  const { journal, recovered } = await openJournal(keys, options);
  const server = new EtcdServer(keys, journal, options);

  const shown: { identity?: Identity } = identity ? { identity } : {};
  const common =
    security === 'plaintext'
      ? { security: 'plain' as const }
      : { security: 'mtls' as const, clientAuthorities, policy: { allowAll: true }, alerts: 'go' as const };
  const listenAt = async (at: Address, tapped: Tap | undefined): Promise<Listener> =>
    accept(
      {
        ...common,
        ...shown,
        listen: at,
        clock,
        ...defined({ datesByClock: options.datesByClock ? true : undefined, tap: tapped }),
        maxOpen,
        tls: { minVersion: 'TLSv1.2', alpn: ['http/1.1'], ...tls },
        onRefused(refused) {
          const rejection = rejectionOf(refused);
          if (rejection) onReport(rejection);
        },
      },
      (accepted) => server.serve(accepted),
    );
  let listener: Listener;
  try {
    listener = await listenAt(listen, tap);
  } catch (error) {
    await server.close(0);
    throw error;
  }
  const listeners = [listener];
  const ownWay = new OwnWay(clock);
  server.gateway = async () =>
    security === 'mtls' && shown.identity ? ownWay.check(listener.address, shown.identity) : undefined;
  onReport({
    kind: 'opened',
    revision: keys.revision,
    ...defined({ folder, recovered }),
  });
  return {
    kind: 'embedded',
    version: behaviourVersion,
    address: listener.address,
    async addListener(tapped, port = 0) {
      const added = await listenAt({ ...listen, port }, tapped);
      listeners.push(added);
      return added.address;
    },
    renew(renewed) {
      for (const one of listeners) one.renew({ identity: renewed, clientAuthorities });
      shown.identity = renewed;
    },
    async close(graceMs = defaultGrace) {
      for (const one of listeners) one.stop();
      await server.close(graceMs, async () => {
        await Promise.all(listeners.map(async (one) => one.close(graceMs)));
      });
    },
  };
}

async function openJournal(
  keys: KeySpace,
  { folder, onReport }: EmbeddedEtcdOptions,
): Promise<{ journal: Journal; recovered?: Recovered }> {
  if (folder === undefined) return { journal: fleetingJournal(keys) };
  const { log, recovered } = await (await import('./embedded/write-ahead-log.ts')).openWriteAheadLog({
    folder,
    keys,
    ...defined({ onReport }),
  });
  return { journal: log, ...defined({ recovered }) };
}
