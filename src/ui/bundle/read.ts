/**
 * Reads a bundle, and believes nothing of it: a file that is not what it says it is is refused by name, before anything of it is
 * shown.
 *
 * 1. Sizes: the first line says how much follows. More than that, or more than a bundle may hold, ends the reading at once: what a
 *    decompressor could make of the rest is never made (`inflate.ts`).
 * 2. Lines: each has the shape of its kind, and the kinds come in their order and number.
 * 3. Content: events are numbered one after the other and do not go back in time; places are inside of their streams; where
 *    something was redacted there is nothing else; a bundle without secrets has no key log; certificates are certificates
 *    (`content.ts`).
 */
import { createHash } from 'node:crypto';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { SuppliedInput } from '../../engine/extensions.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import type { UserError } from '../../i18n/user-error.ts';
import { BundleContent } from './content.ts';
import { inflate } from './inflate.ts';
import type { BundleLine, HeaderLine } from './lines.ts';
import {
  bundleFormat,
  mostContentBytes,
  mostHeaderBytes,
  mostLineBytes,
  mostLines,
  mostScenarioBytes,
} from './limits.ts';
import type { Bundle, RunBundle } from './limits.ts';
import { endsEarly, refusalsOf, tooLarge } from './refusal.ts';
import type { RefusalFacts, Refuse } from './refusal.ts';

type Shapes = typeof import('./lines.ts');
type Kind = keyof typeof mostLines;

/** @param name of the file, for errors. @throws UserError that says what is wrong with it */
export async function readBundle(file: Uint8Array, name: string): Promise<Bundle> {
  const refuse = refusalsOf(name);
  const reading = new BundleReading(refuse, await import('./lines.ts'));
  await inflate(file, refuse, (chunk) => reading.take(chunk));
  return reading.finish();
}

/** What checks the shape of a value. */
interface Shape<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: {
          readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
        };
      };
}

const noHeader: Localized = {
  en: 'its first line is no header of a bundle',
  ko: '첫 줄이 번들의 헤더가 아닙니다',
};

class BundleReading {
  readonly #shapes: Shapes;
  readonly #refuse: Refuse;
  readonly #digest = createHash('sha256');
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #rest: Buffer[] = [];
  #restLength = 0;
  #contentLength = 0;
  /** Lines so far. */
  #line = 0;
  #header: HeaderLine | undefined;
  #content: BundleContent | undefined;
  /** The kinds of lines that it has, in their order, and the one at hand. */
  #kinds: readonly Kind[] = [];
  #kind = 0;
  /** Lines so far of each kind. */
  readonly #counts = new Map<Kind, number>();

  constructor(refuse: Refuse, shapes: Shapes) {
    this.#refuse = refuse;
    this.#shapes = shapes;
  }

  take(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      this.#gather(chunk.subarray(from, end + 1));
      from = end + 1;
      const line = Buffer.concat(this.#rest, this.#restLength);
      [this.#rest, this.#restLength] = [[], 0];
      this.#take(line);
    }
    if (from < chunk.length) this.#gather(Buffer.from(chunk.subarray(from)));
  }

  /** What is gathered of a line, and of everything, stays below what the first line said. */
  #gather(piece: Buffer): void {
    this.#rest.push(piece);
    this.#restLength += piece.length;
    const header = this.#header;
    if (!header) {
      if (this.#restLength > mostHeaderBytes) throw this.#refuse(1, noHeader);
      return;
    }
    this.#contentLength += piece.length;
    const next = this.#line + 1;
    if (this.#contentLength > header.bytes)
      throw this.#refuse(
        next,
        { en: 'it has more bytes than its header says', ko: '헤더에 적힌 것보다 내용이 많습니다' },
        { expected: verbatim(String(header.bytes)) },
      );
    // The second line of a run is its scenario; that of a recording has a command for each refusal.
    const isScenario = next === 2 && header.of === 'run';
    if (this.#restLength > (isScenario ? mostScenarioBytes : mostLineBytes))
      throw this.#refuse(next, { en: 'this line is too long', ko: '이 줄이 너무 깁니다' });
  }

  #take(bytes: Buffer): void {
    this.#line++;
    const header = this.#header;
    if (header) this.#digest.update(bytes);
    const value = this.#json(bytes.subarray(0, -1));
    if (header) this.#takeLine(value, header);
    else {
      this.#header = this.#takeHeader(value);
      this.#content = new BundleContent(this.#header, (what, more) => this.#here(what, more));
    }
  }

  #here(what: Localized, more?: RefusalFacts): UserError {
    return this.#refuse(this.#line, what, more);
  }

  #json(bytes: Buffer): unknown {
    try {
      return JSON.parse(this.#decoder.decode(bytes)) as unknown;
    } catch (error) {
      throw this.#here(
        { en: 'this line is not JSON', ko: '이 줄은 JSON이 아닙니다' },
        { received: error instanceof Error ? error.message : String(error) },
      );
    }
  }

  #takeHeader(value: unknown): HeaderLine {
    const { kind, format, version, of } = (
      typeof value === 'object' && value !== null ? value : {}
    ) as Record<string, unknown>;
    if (kind !== 'wirelab-bundle') throw this.#here(noHeader);
    // A version to come may save what this one does not know.
    const isKnown = typeof of !== 'string' || Object.hasOwn(this.#shapes.lineKinds, of);
    if (format !== bundleFormat || !isKnown)
      throw this.#here(
        {
          en: 'this version of wirelab does not read its format',
          ko: '이 버전의 wirelab이 읽지 못하는 형식입니다',
        },
        {
          expected: verbatim(`format ${bundleFormat} of ${Object.keys(this.#shapes.lineKinds).join(', ')}`),
          received: `format ${JSON.stringify(format)} of ${JSON.stringify(of)}, wirelab ${JSON.stringify(version)}`,
        },
      );
    const header = this.#shaped(this.#shapes.header, value);
    this.#kinds = this.#shapes.lineKinds[header.of];
    if (header.bytes > mostContentBytes || this.#kinds.some((one) => linesOf(header, one) > mostLines[one]))
      throw this.#here(tooLarge, {
        expected: verbatim(`${mostContentBytes} bytes, ${JSON.stringify(mostLines)}`),
        received: `${header.bytes} bytes, ${JSON.stringify(header.lines)}`,
      });
    return header;
  }

  #shaped<T>(shape: Shape<T>, value: unknown): T {
    const checked = shape.safeParse(value);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    const field = issue?.path.map(String).join('.') ?? '';
    throw this.#here(
      {
        en: `this line has not the shape of its kind${field && `: ${field}`}`,
        ko: `이 줄의 형식이 종류에 맞지 않습니다${field && `: ${field}`}`,
      },
      { received: issue?.message ?? '' },
    );
  }

  #takeLine(value: unknown, header: HeaderLine): void {
    const line = this.#shaped(this.#shapes.bundleLine, value);
    const kind = kindOf(line);
    const index = this.#kinds.indexOf(kind);
    if (index < 0)
      throw this.#here(
        { en: 'a bundle of its kind has no such line', ko: '이 종류의 번들에는 없는 줄입니다' },
        { received: kind },
      );
    if (index < this.#kind)
      throw this.#here(
        { en: 'the lines are not in their order', ko: '줄의 순서가 맞지 않습니다' },
        { received: kind },
      );
    this.#kind = index;
    const count = this.#countOf(kind) + 1;
    this.#counts.set(kind, count);
    if (count > linesOf(header, kind))
      throw this.#here(
        {
          en: `it has more lines of the kind “${kind}” than its header says`,
          ko: `헤더에 적힌 것보다 “${kind}” 줄이 많습니다`,
        },
        { expected: verbatim(String(linesOf(header, kind))) },
      );
    this.#content?.take(line);
  }

  #countOf(kind: Kind): number {
    return this.#counts.get(kind) ?? 0;
  }

  finish(): Bundle {
    const [header, content] = [this.#header, this.#content];
    if (!header || !content || this.#restLength > 0) throw this.#refuse(0, endsEarly);
    const missing = this.#kinds.find((kind) => this.#countOf(kind) !== linesOf(header, kind));
    if (missing !== undefined || this.#contentLength !== header.bytes)
      throw this.#refuse(
        0,
        { en: 'it has less than its header says', ko: '헤더에 적힌 것보다 내용이 적습니다' },
        {
          expected: verbatim(`${header.bytes} bytes, ${JSON.stringify(header.lines)}`),
          received: `${this.#contentLength} bytes, ${JSON.stringify(Object.fromEntries(this.#counts))}`,
        },
      );
    if (this.#digest.digest('hex') !== header.sha256)
      throw this.#refuse(0, {
        en: 'its content is not the one that its digest is of',
        ko: '내용이 헤더의 다이제스트와 다릅니다',
      });
    content.finish();
    const { events, redactions, source } = content;
    const log = {
      version: header.version,
      made: header.made,
      hasSecrets: header.secrets === 'kept',
      events,
      redactions,
      count: header.redactions,
    };
    if (header.of === 'run') return { ...log, ...this.#run(header, content) };
    if (!source) throw this.#refuse(0, endsEarly);
    return { ...log, of: header.of, source };
  }

  #run(
    header: Extract<HeaderLine, { readonly of: 'run' }>,
    { scenario, verdict, certificates, findings, hits }: BundleContent,
  ): Omit<RunBundle, 'version' | 'made' | 'hasSecrets' | 'events' | 'redactions' | 'count'> {
    if (!scenario || !verdict) throw this.#refuse(0, endsEarly);
    const { short, file, narration, untranslated, predictions, supplied } = scenario;
    return {
      of: 'run',
      scenario: {
        compiled: {
          v: 1,
          name: header.scenario,
          file,
          narration,
          ...(untranslated ? { untranslated } : {}),
          ...(predictions ? { predictions } : {}),
        } as unknown as Omit<CompiledScenario, 'certificates'>,
        short,
        supplied: supplied as unknown as SuppliedInput,
      },
      certificates,
      findings,
      hits,
      verdict,
    };
  }
}

function kindOf({ kind }: BundleLine): Kind {
  return kind in mostLines ? (kind as Kind) : 'event';
}

/** How many the header says. */
function linesOf({ lines }: HeaderLine, kind: Kind): number {
  return (lines as Readonly<Partial<Record<Kind, number>>>)[kind] ?? 0;
}
