/** Prints a proxy's connections as they happen, as text or as JSON. Nothing of a connection is kept once it has closed. */
import type { CaptureFeed } from '../../capture/boundary.ts';
import type { Address, CaptureEvent } from '../../capture/event.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Environment, Parsed } from '../command.ts';
import type { LiveOptions } from '../../ui/text/live.ts';
import { reproduceWith } from './perform.ts';
import type { ProxySettings } from './proxy-settings.ts';

export interface ProxyReport {
  readonly fold: (event: CaptureEvent) => void;
  readonly end: () => void;
}

export interface ReportOptions {
  readonly settings: ProxySettings;
  readonly parsed: Parsed;
  readonly environment: Pick<Environment, 'language' | 'variables'>;
  /** Where the proxy listens. */
  readonly address: () => Address;
  /** Called with each line. */
  readonly write: (line: string) => void;
}

export async function reportOf(
  log: CaptureFeed,
  { settings, parsed, environment, address, write }: ReportOptions,
): Promise<ProxyReport> {
  const { language, variables } = environment;
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  const onPrinted = (conn: number): void => {
    flows.forget(conn);
    forgetting.forget(conn);
  };
  if (parsed.flag('json')) {
    const [{ JsonLive }, { loadReadings }] = await Promise.all([
      import('../../ui/json/json-live.ts'),
      import('../../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    const json = new JsonLive({ flows, withSecrets: parsed.flag('with-secrets'), write, onPrinted });
    return {
      fold(event) {
        flows.fold(event);
        forgetting.fold(event);
        json.fold(event);
      },
      end: () => json.end(),
    };
  }
  const { LiveReport, loadLive } = await import('../../ui/text/live.ts');
  const detail = detailOf(parsed);
  await loadLive(detail);
  const live = new LiveReport({
    flows,
    language,
    columns: 100,
    detail,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    write,
    reproduce: reproduceWith(settings, address),
    onPrinted,
  });
  return {
    fold(event) {
      flows.fold(event);
      forgetting.fold(event);
      live.fold(event);
    },
    end: () => {},
  };
}

function detailOf(parsed: Parsed): LiveOptions['detail'] {
  return parsed.flag('quiet') ? 'quiet' : parsed.flag('verbose') ? 'verbose' : undefined;
}
