/** A chain of certificates, from the root down, each within the one that issued it. */
import type { ChainBlock } from '../../../presentation/types/report.ts';
import type { Chain } from '../../../presentation/types/values.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { mark } from './text.ts';

export const chain = ({ chain: { title, links } }: ChainBlock): Html =>
  element('div', { class: 'chain' }, element('h3', {}, title), list(links));

type Links = Chain['links'];

/** A link that branches off deeper than the one before is within it. */
function list(links: Links): Html {
  const depth = Math.min(...links.map(depthOf));
  const items: Html[] = [];
  for (let at = 0; at < links.length; ) {
    const link = links[at];
    if (!link) break;
    let end = at + 1;
    for (let next = links[end]; next && depthOf(next) > depth; next = links[end]) end++;
    const within = links.slice(at + 1, end);
    items.push(
      element(
        'li',
        {},
        mark(link.mark),
        element('span', { class: 'said' }, link.text),
        within.length > 0 ? list(within) : undefined,
      ),
    );
    at = end;
  }
  return element('ul', {}, items);
}

const depthOf = ({ branch }: Links[number]): number => branch.length;
