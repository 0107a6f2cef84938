/** Where a path of a YAML file stands in its text: file, line and column. */
import type { Document, LineCounter, Node } from 'yaml';

export type Path = readonly (string | number)[];

/** The position of a path in the text. */
export class Place {
  readonly #files: readonly { readonly file: string; readonly from: number }[];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #isMap: (node: unknown) => boolean;
  readonly #isScalar: (node: unknown) => boolean;

  /** @param files the files that make up the text, each with its first line in it. */
  constructor(
    files: readonly { readonly file: string; readonly from: number }[],
    document: Document.Parsed,
    lines: LineCounter,
    isMap: (node: unknown) => boolean,
    isScalar: (node: unknown) => boolean,
  ) {
    this.#files = files;
    this.#document = document;
    this.#lines = lines;
    this.#isMap = isMap;
    this.#isScalar = isScalar;
  }

  offset(at: number): string {
    const { line, col } = this.#lines.linePos(at);
    const { file, from } = this.#files.findLast((one) => one.from <= line) ?? { file: '', from: 1 };
    return `${file}:${line - from + 1}:${col}`;
  }

  /** Whether a path is in the first of two files. */
  isInFirst(path: Path): boolean {
    const start = this.#start(path);
    return start !== undefined && this.#lines.linePos(start).line < (this.#files[1]?.from ?? Infinity);
  }

  /** `file:line:column: path`: of the value, of its key where it is a map, or of the nearest enclosing value. */
  of(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const start = this.#start(path.slice(0, length));
      // Of two files, the second has what every scenario needs; the first only what the second omits.
      if (start !== undefined && (length > 0 || path.length === 0 || this.#files.length === 1))
        return `${this.offset(start)}: ${formatPath(path)}`;
    }
    return `${this.#files.at(-1)?.file ?? ''}:1:1: ${formatPath(path)}`;
  }

  /** A plain value as its file has it: `1.30`, and not the number. */
  written(path: Path): string | undefined {
    const node = this.#document.getIn(path, true);
    return this.#isScalar(node) ? (node as { readonly source?: string }).source : undefined;
  }

  #start(path: Path): number | undefined {
    const last = path.at(-1);
    const parent: unknown = path.length === 0 ? undefined : this.#document.getIn(path.slice(0, -1), true);
    if (typeof last === 'string' && this.#isMap(parent)) {
      const pair = (parent as { items: { key: unknown }[] }).items.find(
        ({ key }) => String(this.#isScalar(key) ? (key as { value: unknown }).value : key) === last,
      );
      return (pair?.key as Node | undefined)?.range?.[0];
    }
    const node = this.#document.getIn(path, true) as Node | undefined;
    return node?.range?.[0];
  }
}

/** `proxies.front.wires[0]` */
export function formatPath(path: Path): string {
  return (
    path.reduce<string>(
      (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
      '',
    ) || '(the file)'
  );
}
