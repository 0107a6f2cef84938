/** Makes elements: a text is text, never markup, and a style is set where a content security policy allows it. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) made.setAttribute(key, String(value));
  made.append(...content);
  return made;
}

/** A sign for the eye, and the word for it that a screen reader says. */
export const sign = (shown: string, word: string): Node[] => [
  make('span', { 'aria-hidden': 'true', class: 'sign' }, shown),
  make('span', { class: 'spoken' }, word),
];

let ids = 0;

/** An id that no other element has. */
export const newId = (): string => `x${++ids}`;

/** The first element of markup from the server that made the page. */
export const elementFrom = (markup: string): HTMLElement | undefined => {
  const template = document.createElement('template');
  template.innerHTML = markup;
  const { firstElementChild: first } = template.content;
  return first instanceof HTMLElement ? first : undefined;
};
