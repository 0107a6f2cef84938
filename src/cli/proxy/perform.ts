/**
 * Runs a proxy until it is stopped: connects the log, the proxy, the files, the reports, the status page and the
 * signals (SIGHUP: reload the credentials; SIGTERM and SIGINT: drain; a second one: stop at once).
 *
 * 1. Configuration errors are reported before anything listens.
 * 2. New credentials are applied completely or not at all; the log records which, and open connections are unaffected.
 */
import { defined } from '../../core/defined.ts';
import type { RelayLog } from '../../capture/boundary.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address, EventOf } from '../../capture/event.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { josa } from '../../i18n/josa.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import type { ProxyCredentials } from '../../proxy/proxy.ts';
import { prometheusText } from '../../ui/status/metrics.ts';
import type { OwnNumbers } from '../../ui/status/metrics.ts';
import { proxyKinds } from '../../proxy/kinds.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { digestOf, filesOf, misnamedTargets, readCredentials, watchCredentials } from './credentials.ts';
import { Crowding } from './crowding.ts';
import { destinationsOf } from './destinations.ts';
import { openFilesLimit } from './open-files.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { beganAt, startRelay, wires } from './relay.ts';
import { serveStatus } from './status.ts';
import type { StatusServer } from './status.ts';

/**
 * Time for aborting a connection and reporting its end on both wires, in milliseconds; measured, with reserve for a
 * busy machine.
 */
const breakOffTime = 0.4;

/** A running proxy with everything that belongs to it. */
export interface Service {
  readonly address: Address;
  readonly status: Address | undefined;
  /** Reloads the credentials and logs the result. */
  reload(): Promise<void>;
  /** Lets open connections finish within the configured time; resolves with the number of aborted ones. */
  drain(): Promise<number>;
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly settings: ProxySettings;
  readonly log: RelayLog;
  readonly version: string;
}

/** Rejects with a `UserError` if a file or an address cannot be used: then nothing is left open. */
export async function startService({ settings, log, version }: ServiceOptions): Promise<Service> {
  const note = (text: Localized): void => log.append({ type: 'note', text });
  const files = filesOf(settings);
  const asRead = digestOf(files);
  let credentials = readCredentials(settings);
  const crowding = new Crowding({ files: openFilesLimit(), connections: settings.maxConnections }, note);
  const relay = await startRelay({
    settings,
    credentials,
    log,
    crowding,
    onListening: (address) => {
      log.append(beganAt(settings, address, version));
      const security = proxyKinds[settings.kind].accepts;
      const to = destinationsOf(settings);
      note({
        en: `${settings.kind} proxy, listening on ${formatAddress(address)}${security === 'plain' ? '' : ' with TLS'}; connections are forwarded to ${to.en}`,
        ko: `${settings.kind} 프록시가 ${formatAddress(address)}에서${security === 'plain' ? '' : ' TLS로'} 연결을 받아 ${josa(to.ko, '으로/로')} 전달합니다`,
      });
    },
  });
  for (const warning of misnamedTargets(settings, credentials)) note(warning);
  const reloads = { done: 0, failed: 0 };
  const startedAt = Date.now() / 1000;
  let status: StatusServer | undefined;
  let reloading: Promise<void> = Promise.resolve();
  let stopWatching = (): void => {};
  // Remaining connections receive the end and may answer it: that takes part of the configured time.
  const lastWords = Math.min(500, settings.shutdownMs / 2);
  const reloadOnce = async (): Promise<void> => {
    try {
      const renewed = readCredentials(settings);
      await relay.renew(renewed);
      credentials = renewed;
      reloads.done++;
      note(readAnew(renewed));
      for (const warning of misnamedTargets(settings, renewed)) note(warning);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reloads.failed++;
      note(kept(error));
    }
  };
  const reload = async (): Promise<void> => {
    // Sequential: the last files that were read are the ones in force.
    reloading = reloading.then(reloadOnce);
    return reloading;
  };

  try {
    if (settings.status) {
      const own = (waiting: number): OwnNumbers => {
        const expires = expiryOf(credentials);
        return defined({
          startedAt,
          reloads: { ...reloads },
          waiting,
          ...crowding.counts,
          certificateExpiresAt: expires === undefined ? undefined : expires / 1000,
        });
      };
      status = await serveStatus(settings.status, {
        status: async () => {
          const { metrics, clients, waiting } = await relay.counts();
          const { target } = metrics;
          const expires = expiryOf(credentials);
          return defined({
            ok: target !== 'failing',
            mode: settings.kind,
            listen: formatAddress(relay.address),
            target: { address: formatAddress(settings.target), state: target },
            clients,
            waiting,
            ...crowding.counts,
            startedAt: new Date(startedAt * 1000).toISOString(),
            reloads,
            certificateExpires: expires === undefined ? undefined : new Date(expires).toISOString(),
          });
        },
        metrics: async () => {
          const { metrics, waiting } = await relay.counts();
          return { ...metrics, ...own(waiting) };
        },
        prometheus: async () => {
          const { metrics, waiting } = await relay.counts();
          return prometheusText(metrics, own(waiting));
        },
      });
    }
  } catch (error) {
    await relay.close(0);
    throw error;
  }
  // Files may have been replaced meanwhile.
  if (files.length > 0) stopWatching = watchCredentials(files, asRead, () => void reload());
  return {
    address: relay.address,
    status: status?.address,
    reload,
    drain: async () => {
      stopWatching();
      // Aborting thousands of connections takes time too.
      const breakingOff = Math.min(settings.shutdownMs / 4, relay.clients * breakOffTime);
      return relay.drain(settings.shutdownMs - lastWords - breakingOff);
    },
    async close() {
      stopWatching();
      await reloading;
      await Promise.all([relay.close(lastWords), status?.close()]);
    },
  };
}

/** The expiry of the listener's certificate, in milliseconds since the epoch. */
function expiryOf({ listener: { identity } }: ProxyCredentials): number | undefined {
  const [leaf] = identity ? pemCertificates(identity.certificate) : [];
  const read = leaf && readCertificate(leaf);
  return read && 'got' in read ? read.got.notAfter : undefined;
}

function readAnew(credentials: ProxyCredentials): Localized {
  const expires = expiryOf(credentials);
  const until = expires === undefined ? '' : new Date(expires).toISOString().slice(0, 10);
  return {
    en: `certificates, CAs and revocation lists were reloaded; they apply from the next handshake on${until === '' ? '' : `; the certificate is valid until ${until}`}`,
    ko: `인증서, CA, 폐기 목록을 다시 읽었습니다. 다음 핸드셰이크부터 적용됩니다${until === '' ? '' : ` (유효 기간: ${until}까지)`}`,
  };
}

function kept(mistake: UserError): Localized {
  const wording = (language: 'en' | 'ko'): string =>
    userErrorLines(mistake, language)
      .map((line) => line.replace(/^wirelab: |^ +/, ''))
      .join('; ');
  return {
    en: `the new files cannot be used; the old ones remain in force: ${wording('en')}`,
    ko: `새 파일을 쓸 수 없어 이전 파일이 그대로 적용됩니다: ${wording('ko')}`,
  };
}

/** A command that reproduces a refusal with OpenSSL, against the side that refused or was refused. */
export function reproduceWith(
  { kind, listen, target, serverName, secondHop, dialer, starttls }: ProxySettings,
  address: () => Address,
): (refusal: EventOf<'refused'>) => string | undefined {
  return ({ hop, by, reason, version }) => {
    const at = (to: Address): string =>
      to.host.includes(':') ? `[${to.host}]:${to.port}` : formatAddress(to);
    const requested = (name: string | undefined): string => (name === undefined ? '' : ` -starttls ${name}`);
    const tls = version === 'TLSv1.2' ? ' -tls1_2' : version === 'TLSv1.3' ? ' -tls1_3' : '';
    if (hop === wires.incoming) {
      if (proxyKinds[kind].accepts === 'plain') return undefined;
      if (reason === 'plaintext_on_tls_port')
        return `curl http://${at({ ...listen, port: address().port })}/`;
      const shown =
        proxyKinds[kind].accepts === 'mtls' && reason !== 'certificate_missing'
          ? ' -cert CLIENT.crt -key CLIENT.key'
          : '';
      return `openssl s_client -connect ${at({ ...listen, port: address().port })}${requested(starttls.client)}${tls}${shown}`;
    }
    if (secondHop === 'plain') return undefined;
    const name = serverName ?? target.host;
    const trust = dialer.cacert === undefined ? '' : ` -CAfile ${dialer.cacert}`;
    const shown =
      secondHop === 'mtls' && dialer.cert !== undefined
        ? ` -cert ${dialer.cert} -key ${dialer.key ?? ''}`
        : '';
    return `openssl s_client -connect ${at(target)}${requested(starttls.target)} -servername ${name}${tls}${trust}${shown}${by === 'client' ? ` -verify_return_error -verify_hostname ${name}` : ''}`;
  };
}
