/** Opens the sharing of a run: its page, the server and, over TLS, the certificate. */
import { systemClock } from '../../../core/clock.ts';
import type { Address } from '../../../capture/event.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Environment, Parsed } from '../../command.ts';
import { hostsOf } from '../web/address.ts';
import { LivePage } from './live-page.ts';
import type { GrowingPage, Shown } from './live-page.ts';
import { serveShare } from './server.ts';

export interface Share {
  /** What viewers open, the first one first to be told. */
  readonly urls: readonly string[];
  /** The certificate that their browsers must trust. */
  readonly authority: string | undefined;
  /** Viewers at the moment. */
  readonly viewers: number;
  /** A run has begun. */
  add(mode: string, page: GrowingPage): void;
  present(shown: Shown): void;
  close(): Promise<void>;
}

/** @throws UserError if the address cannot be listened on */
export async function openShare(
  listen: Address,
  shown: Shown,
  parsed: Parsed,
  { language, places }: Pick<Environment, 'language' | 'places'>,
): Promise<Share> {
  const hosts = hostsOf(listen.host);
  const certificate = parsed.flag('share-tls')
    ? await (await import('./certificate.ts')).shareCertificate(hosts, places)
    : undefined;
  let publish = (): void => {};
  const page = new LivePage(shown, {
    language,
    places,
    now: new Date(systemClock.now()),
    onChange: () => publish(),
  });
  const server = await serveShare({
    listen,
    served: page,
    hosts,
    ...(certificate ? { identity: certificate.identity } : {}),
  });
  publish = () => server.publish();
  return {
    urls: server.urls,
    authority: certificate?.authority,
    get viewers() {
      return server.viewers;
    },
    add: (mode, run) => page.add(mode, run),
    present: (now) => page.present(now),
    async close() {
      page.close();
      await server.close();
    },
  };
}

/** The addresses, for a person without a screen. */
export const shareLines = ({ urls, authority }: Share): readonly Localized[] => [
  ...urls
    .slice(0, 1)
    .map((url) => ({ en: `viewers follow at ${url}`, ko: `보는 사람에게 알릴 주소: ${url}` })),
  ...(authority === undefined
    ? []
    : [
        {
          en: `their browsers must trust ${authority}`,
          ko: `브라우저에 신뢰할 인증 기관으로 등록할 파일: ${authority}`,
        },
      ]),
];
