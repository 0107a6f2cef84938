/** Words where connections go: to the target, or by what the client requests to one of several. */
import { formatAddress } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** Targets that are named; of more, how many there are. */
const mostNamed = 4;

export function destinationsOf({
  target,
  routes,
  onlyRoutes,
}: Pick<ProxySettings, 'target' | 'routes' | 'onlyRoutes'>): Localized {
  if (routes.length === 0) return verbatim(formatAddress(target));
  const named = routes.slice(0, mostNamed).map(({ serverNames, authorities, dial }) => ({
    to: formatAddress(dial.to),
    names: safeText([...serverNames, ...authorities].join(', ')),
  }));
  const more = routes.length - named.length;
  const usual = onlyRoutes ? undefined : formatAddress(target);
  return {
    en: [
      ...named.map(({ to, names }) => `${to} (${names})`),
      ...(more > 0 ? [`${more} more by name`] : []),
      ...(usual === undefined ? [] : [`${usual} (all others)`]),
    ].join(', '),
    ko: [
      ...named.map(({ to, names }) => `${to}(${names})`),
      ...(more > 0 ? [`이름으로 고르는 대상 ${more}개`] : []),
      ...(usual === undefined ? [] : [`${usual}(그 밖의 이름)`]),
    ].join(', '),
  };
}
