/** The page of a proxy (`--html`): its file is opened before anything listens, and written when the proxy has ended. */
import type { CaptureEvent } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Environment, Parsed } from '../command.ts';
import { filterOf } from '../io/read-filter.ts';
import { closePage, openPage } from '../run/page/file.ts';
import type { ProxySettings } from './proxy-settings.ts';

export interface ProxyPage {
  readonly fold: (event: CaptureEvent) => void;
  /** Does nothing where no proxy ran. */
  write(environment: Environment, isMasked?: boolean): void;
  /** Says where it was not written. */
  close(environment: Environment): void;
}

export function titleOf({ kind }: ProxySettings): Localized {
  return { en: `A ${kind} proxy`, ko: `${kind} 프록시` };
}

/** Undefined where none is asked for. @throws UserError for a place where no file can be written */
export async function openLivePage(settings: ProxySettings, parsed: Parsed): Promise<ProxyPage | undefined> {
  const file = openPage(parsed);
  if (!file) return undefined;
  const { LivePage } = await import('../run/page/live-page.ts');
  const page = await LivePage.start({ filter: filterOf(parsed) });
  return {
    fold: page.fold,
    write(environment, isMasked = false) {
      if (page.hasBegun) page.write(file, environment, { title: titleOf(settings), isMasked });
    },
    close: (environment) => closePage(file, environment, 'proxy'),
  };
}
