/** A reader of well-formed XML, strict and small: elements, attributes in double quotes, character references by number. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

const token =
  /<(?<close>\/?)(?<name>[a-zA-Z][\w-]*)(?<attributes>(?: [a-zA-Z][\w:-]*="[^"<]*")*)(?<empty>\/?)>|(?<text>[^<]+)/y;

/** @throws Error where the text is not one element and white space around it. */
export function readXml(text: string): Element {
  const root: { name: string; children: (Element | string)[] } = { name: '', children: [] };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const groups = token.exec(text)?.groups;
    if (!groups) throw new Error(`no markup at ${at}: ${text.slice(at, at + 40)}`);
    const { name = '', close, empty, text: words } = groups;
    const parent = open.at(-1) ?? root;
    if (words !== undefined) {
      parent.children.push(unescaped(words));
    } else if (close) {
      if (open.length < 2 || open.pop()?.name !== name)
        throw new Error(`</${name}> at ${at} closes something else`);
    } else {
      const element = { name, attributes: attributesOf(groups['attributes'] ?? ''), children: [] };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> stays open`);
  const elements = root.children.filter((child) => typeof child !== 'string' || child.trim() !== '');
  const [only] = elements;
  if (elements.length !== 1 || only === undefined || typeof only === 'string')
    throw new Error('not one element');
  return only;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = Array.from(
    text.matchAll(/ ([\w:-]+)="([^"]*)"/g),
    ([, name = '', value = '']) => [name, unescaped(value)] as const,
  );
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`an attribute twice:${text}`);
  return Object.fromEntries(pairs);
}

function unescaped(text: string): string {
  if (/[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    throw new Error(`a character that is none of XML or of a screen: ${JSON.stringify(text)}`);
  return text.replace(/&(?:#(\d+);)?/g, (_, number: string | undefined) => {
    if (number === undefined) throw new Error(`a bare & in ${JSON.stringify(text)}`);
    return String.fromCodePoint(Number(number));
  });
}

/** The elements of that name, in the order of the document. */
export function elementsOf(element: Element, name: string): Element[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child, name))),
  ];
}

export const textOf = (element: Element): string =>
  element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
