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
import type { Bundle } from './limits.ts';
import { endsEarly, refusalsOf, tooLarge } from './refusal.ts';
import type { RefusalFacts, Refuse } from './refusal.ts';

type Shapes = typeof import('./lines.ts');
type Kind = keyof HeaderLine['lines'];

/** In the order of the file. */
const kinds = [
  'scenario',
  'certificate',
  'event',
  'findings',
  'hit',
  'redacted',
  'verdict',
] as const satisfies readonly Kind[];

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
  /** Lines so far of each kind. */
  readonly #counts: Record<Kind, number> = {
    scenario: 0,
    certificate: 0,
    event: 0,
    findings: 0,
    hit: 0,
    redacted: 0,
    verdict: 0,
  };
  #kind = 0;

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
    // The scenario is the second line.
    if (this.#restLength > (next === 2 ? mostScenarioBytes : mostLineBytes))
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
    const { kind, format, version } = (typeof value === 'object' && value !== null ? value : {}) as Record<
      string,
      unknown
    >;
    if (kind !== 'wirelab-bundle') throw this.#here(noHeader);
    if (format !== bundleFormat)
      throw this.#here(
        {
          en: 'this version of wirelab does not read its format',
          ko: '이 버전의 wirelab이 읽지 못하는 형식입니다',
        },
        {
          expected: verbatim(`format ${bundleFormat}`),
          received: `format ${JSON.stringify(format)}, wirelab ${JSON.stringify(version)}`,
        },
      );
    const header = this.#shaped(this.#shapes.header, value);
    if (header.bytes > mostContentBytes || kinds.some((one) => header.lines[one] > mostLines[one]))
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
    const index = kinds.indexOf(kind);
    if (index < this.#kind)
      throw this.#here(
        { en: 'the lines are not in their order', ko: '줄의 순서가 맞지 않습니다' },
        { received: kind },
      );
    this.#kind = index;
    if (++this.#counts[kind] > header.lines[kind])
      throw this.#here(
        {
          en: `it has more lines of the kind “${kind}” than its header says`,
          ko: `헤더에 적힌 것보다 “${kind}” 줄이 많습니다`,
        },
        { expected: verbatim(String(header.lines[kind])) },
      );
    this.#content?.take(line);
  }

  finish(): Bundle {
    const [header, content] = [this.#header, this.#content];
    const { scenario, verdict } = content ?? {};
    if (!header || !content || this.#restLength > 0 || !scenario || !verdict)
      throw this.#refuse(0, endsEarly);
    const missing = kinds.find((kind) => this.#counts[kind] !== header.lines[kind]);
    if (missing !== undefined || this.#contentLength !== header.bytes)
      throw this.#refuse(
        0,
        { en: 'it has less than its header says', ko: '헤더에 적힌 것보다 내용이 적습니다' },
        {
          expected: verbatim(`${header.bytes} bytes, ${JSON.stringify(header.lines)}`),
          received: `${this.#contentLength} bytes, ${JSON.stringify(this.#counts)}`,
        },
      );
    if (this.#digest.digest('hex') !== header.sha256)
      throw this.#refuse(0, {
        en: 'its content is not the one that its digest is of',
        ko: '내용이 헤더의 다이제스트와 다릅니다',
      });
    content.finish();
    const { certificates, events, findings, hits, redactions } = content;
    const { short, file, narration, untranslated, predictions, supplied } = scenario;
    return {
      version: header.version,
      made: header.made,
      hasSecrets: header.secrets === 'kept',
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
      events,
      findings,
      hits,
      redactions,
      count: header.redactions,
      verdict,
    };
  }
}

function kindOf({ kind }: BundleLine): Kind {
  return kinds.find((one) => one === kind) ?? 'event';
}
