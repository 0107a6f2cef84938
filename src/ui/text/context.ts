/** What the parts of a text report share: the page, the topology with its speakers, and what has been explained already. */
import type { ConnectionSummary, SummaryOptions } from '../../analysis/summary/connection-summary.ts';
import type { Hit, SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { ConversationOptions } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import type { CaptureEvent, Topology, Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { Finding } from '../../engine/verdict.ts';
import { Speakers } from '../../presentation/refusals.ts';
import { nothingShown } from '../../presentation/shown.ts';
import type { ShownFeatures } from '../../presentation/shown.ts';
import type { FormEntries } from '../../presentation/types/values.ts';
import { Page } from '../status/page.ts';
import { labelCells } from './card.ts';

export interface TextOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** The secrets' values, shown where they were found. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly language: Language;
  readonly ascii: boolean;
  readonly columns: number;
  /** Sealed messages are decrypted in place with the keys of the log. */
  readonly opens?: boolean;
  /** The keys to use instead of those in the log. */
  readonly keys?: ConversationOptions['keys'];
  /** More keys, requested at each key exchange of a client. */
  readonly keysFor?: ConversationOptions['keysFor'];
  /** For a capture: each connection is summed up, its lines say where it stands in the file, and this is called when it has ended. */
  readonly onSummary?: (summary: ConnectionSummary, connection: Connection) => void;
  /** What a summary looks for. */
  readonly summary?: SummaryOptions;
  /** Speaker's notes are printed too. */
  readonly notes?: boolean;
  /** Steps of two versions of TLS that are compared at the end, and what their client typed. */
  readonly versions?: readonly { readonly steps: readonly string[]; readonly typed: FormEntries }[];
  /** What features show of the run; nothing without a run. */
  readonly shown?: ShownFeatures;
  /** The findings of a step that is done; none without a judge. */
  readonly findingsOf?: (step: string) => readonly Finding[];
  readonly write: (line: string) => void;
}

export class TextContext {
  readonly options: TextOptions;
  readonly page: Page;
  readonly shown: ShownFeatures;
  readonly speakers: Speakers;
  topology: Topology = { participants: [], wires: [] };
  readonly #explained = new Set<string>();

  constructor(options: TextOptions) {
    this.options = options;
    this.page = new Page(options);
    this.shown = options.shown ?? nothingShown;
    this.speakers = new Speakers(this.shown);
  }

  get language(): Language {
    return this.options.language;
  }

  fold(event: CaptureEvent): void {
    if (event.type === 'began') this.topology = event.topology;
    if (event.type === 'observed') this.speakers.fold(event);
  }

  wire(hop: string): Wire | undefined {
    return this.topology.wires.find((wire) => wire.hop === hop);
  }

  /** The kind of the participant of that name. */
  kindOf(who: string | undefined): string | undefined {
    return this.topology.participants.find(({ name }) => name === who)?.kind;
  }

  /** Connections in the order of the path, those nearest to the client first. */
  outwards(): Connection[] {
    const rank = ({ hop }: Connection): number => this.topology.wires.findIndex((wire) => wire.hop === hop);
    return this.options.flows.connections.toSorted(
      (one, other) => rank(one) - rank(other) || one.conn - other.conn,
    );
  }

  /** The secrets found in a message on its wire. */
  hitsIn(message: Message): Hit[] {
    return this.options.hunt.hits.filter(
      ({ conn, vantage, from, offset }) =>
        vantage === 'wire' &&
        conn === message.conn &&
        from === message.from &&
        offset >= message.offset &&
        offset < message.offset + message.length,
    );
  }

  /** The text at its first use; later an empty one. */
  once(text: string): string {
    if (this.#explained.has(text)) return '';
    this.#explained.add(text);
    return text;
  }

  explain(text: Localized): void {
    const said = this.once(text[this.language]);
    if (said) this.page.behind('      ', said);
  }

  row(label: string, text: string): void {
    this.page.behind(`  ${this.page.fit(label, labelCells)} `, text);
  }

  paragraphs(text: string, prefix = ''): void {
    this.page.blank();
    this.page.paragraphs(text, prefix);
  }
}
