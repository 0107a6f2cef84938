/**
 * Shows a proxy on the screen: each connection appears like a visitor's connection in a demonstration. A restart keeps the
 * port. `run/visited.ts` joins log and screen; `perform.ts` is the proxy.
 */
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { proxyKinds } from '../../proxy/kinds.ts';
import type { Environment, Parsed } from '../command.ts';
import { readVersion } from '../places.ts';
import type { ShowOptions } from '../run/screen.ts';
import { showVisited } from '../run/visited.ts';
import type { Page } from '../run/visited.ts';
import { readCredentials } from './credentials.ts';
import { reproduceWith, startService } from './perform.ts';
import type { Service } from './perform.ts';
import { destinationsOf } from './destinations.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { openLivePage, titleOf } from './page.ts';
import { openLiveSave } from './save.ts';
import { loadBesideScreen } from './report.ts';
import type { ProxyReport } from './report.ts';

export async function performOnScreen(
  settings: ProxySettings,
  parsed: Parsed,
  environment: Environment,
  onScreen?: ShowOptions['onScreen'],
): Promise<number> {
  // An unusable file is reported in the shell, before the screen opens.
  readCredentials(settings);
  // What is printed at the end is printed in the shell.
  const lines: string[] = [];
  const htmlPage = await openLivePage(settings, parsed);
  const save = await openLiveSave(settings, parsed, environment).catch((error: unknown) => {
    htmlPage?.close(environment);
    throw error;
  });
  let address = settings.listen;
  const reproduce = reproduceWith(settings, () => address);
  let isMasked = false;
  let hasStarted = false;
  let report: ProxyReport | undefined;
  const load = await loadBesideScreen({
    parsed,
    environment,
    reproduce,
    write: (line) => void lines.push(line),
  });
  try {
    const code = await showVisited(
      {
        mode: 'proxy',
        title: titleOf(settings),
        start: async (page, before: Promise<Service | undefined>) => {
          const service = await begin(settings, readVersion(environment.places.root), page, await before);
          ({ address } = service);
          hasStarted = true;
          return service;
        },
      },
      {
        parsed,
        environment,
        onScreen,
        onEnd: (model) => (isMasked = model.masked),
        captures: {
          command: 'proxy',
          reloads: true,
          beside:
            load || htmlPage || save
              ? (log) => {
                  report = load?.(log);
                  return (event) => {
                    report?.fold(event);
                    htmlPage?.fold(event);
                    save?.fold(event);
                  };
                }
              : undefined,
        },
      },
    );
    htmlPage?.write(environment, isMasked);
    await save?.write(environment, reproduce);
    return code;
  } finally {
    if (hasStarted) report?.end();
    else report?.abandon();
    for (const line of lines) environment.stdout.write(`${line}\n`);
    htmlPage?.close(environment);
    save?.close(environment);
  }
}

async function begin(
  wanted: ProxySettings,
  version: string,
  page: Page,
  before: Service | undefined,
): Promise<Service> {
  const settings = before ? { ...wanted, listen: { ...wanted.listen, port: before.address.port } } : wanted;
  await before?.close();
  let address = settings.listen;
  const log = page.openRun({ reproduce: reproduceWith(settings, () => address) });
  const service = await startService({ settings, log, version });
  address = service.address;
  log.append({ type: 'note', part: 'title', text: titleOf(settings) });
  log.append({ type: 'note', part: 'intro', text: introOf(settings, address) });
  // The introduction names the address.
  let isUp = false;
  log.subscribe((event) => {
    if (event.type === 'note' && event.part === undefined && isUp) page.notify(event.text);
  });
  isUp = true;
  return service;
}

/** The listening address, and how to connect to it. */
function introOf(settings: ProxySettings, address: Address): Localized {
  const { kind, pump, starttls } = settings;
  const to = destinationsOf(settings);
  const at = formatAddress(address);
  const { accepts } = proxyKinds[kind];
  const command =
    accepts === 'plain'
      ? pump === 'http'
        ? `curl http://${at}/`
        : `nc ${address.host} ${address.port}`
      : starttls.client !== undefined
        ? `openssl s_client -connect ${at} -starttls ${starttls.client}${accepts === 'tls' ? '' : ' -cert CLIENT.crt -key CLIENT.key'}`
        : accepts === 'tls'
          ? `curl --cacert CA.crt https://${at}/`
          : `curl --cacert CA.crt --cert CLIENT.crt --key CLIENT.key https://${at}/`;
  return {
    en: `Clients connect to ${at}; their requests are forwarded to ${to.en}, and its responses back to them. Each connection is listed here.\n\nFor example: ${command}`,
    ko: `클라이언트는 ${at}에 접속합니다. 보낸 내용은 ${josa(to.ko, '으로/로')}, 응답은 다시 클라이언트로 전달됩니다. 연결이 들어올 때마다 여기에 하나씩 나타납니다.\n\n예: ${command}`,
  };
}
