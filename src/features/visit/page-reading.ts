/**
 * A minimal HTML reader for the demo browser: a page's links and its form. Pure, for pages of any bytes: anything else is
 * ignored. The pages are `peers/site/pages.ts` and `redirect-site.ts`.
 */

export interface PageForm {
  readonly action: string;
  /** The names of its fields. */
  readonly fields: readonly string[];
}

/** The rest of a longer page is ignored. */
const longestPage = 256 * 1024;

/** The first form with method POST. */
export function formIn(html: string): PageForm | undefined {
  const page = html.slice(0, longestPage);
  for (const { index, 0: whole, 1: attributes = '' } of page.matchAll(/<form\b([^<>]{0,1000})>/gi)) {
    if (attributeIn(attributes, 'method')?.toLowerCase() !== 'post') continue;
    const start = index + whole.length;
    const end = page.indexOf('</form', start);
    const inside = page.slice(start, end < 0 ? undefined : end);
    const fields = Array.from(inside.matchAll(/<input\b([^<>]{0,1000})>/gi), ([, input = '']) =>
      attributeIn(input, 'name'),
    );
    return {
      action: attributeIn(attributes, 'action') ?? '',
      fields: fields.filter((name) => name !== undefined),
    };
  }
  return undefined;
}

/** Its title; undefined where it has none. */
export function titleOf(html: string): string | undefined {
  return /<title>([^<]{1,200})<\/title>/i.exec(html.slice(0, longestPage))?.[1];
}

/** The targets of its links, in order. */
export function linksIn(html: string): string[] {
  return Array.from(html.slice(0, longestPage).matchAll(/<a\b([^<>]{0,1000})>/gi), ([, attributes = '']) =>
    attributeIn(attributes, 'href'),
  ).filter((href) => href !== undefined);
}

function attributeIn(attributes: string, name: string): string | undefined {
  for (const [, found = '', value = ''] of attributes.matchAll(/([a-z-]{1,40})="([^"]{0,2000})"/gi)) {
    if (found.toLowerCase() === name) return value.replace(/&amp;|&#38;/g, '&');
  }
  return undefined;
}
