/** What the parts of a report share: its sources and its blocks, the topology with its speakers, what was explained already. */
import type { ConnectionSummary, SummaryOptions } from '../../analysis/summary/connection-summary.ts';
import type { Hit, SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { ConversationOptions } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import type { CaptureEvent, Topology, Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { Finding } from '../../engine/verdict.ts';
import type { Localized } from '../../i18n/language.ts';
import { Speakers } from '../refusals.ts';
import { nothingShown } from '../shown.ts';
import type { ShownFeatures } from '../shown.ts';
import type { Remark, ReportBlock } from '../types/report.ts';
import type { FormEntries } from '../types/values.ts';

export interface ReportOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** The secrets' values, shown where they were found. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Sealed messages are decrypted in place with the keys of the log. */
  readonly opens?: boolean;
  /** The keys to use instead of those in the log. */
  readonly keys?: ConversationOptions['keys'];
  /** More keys, requested at each key exchange of a client. */
  readonly keysFor?: ConversationOptions['keysFor'];
  /** For a capture: each connection is summed up, its blocks say where it stands in the file, and this is called when it has ended. */
  readonly onSummary?: (summary: ConnectionSummary, connection: Connection) => void;
  /** What a summary looks for. */
  readonly summary?: SummaryOptions;
  /** Speaker's notes are reported too. */
  readonly notes?: boolean;
  /** Steps of two versions of TLS that are compared at the end, and what their client typed. */
  readonly versions?: readonly { readonly steps: readonly string[]; readonly typed: FormEntries }[];
  /** What features show of the run; nothing without a run. */
  readonly shown?: ShownFeatures;
  /** The findings of a step that is done; none without a judge. */
  readonly findingsOf?: (step: string) => readonly Finding[];
  /** Called with each block, in the order of the report, as soon as it is known. */
  readonly onBlock: (block: ReportBlock) => void;
  /**
   * Called with each message that is reported, before the block that it is a part of. Its bytes and fields can be read now; of a
   * connection that is reported while it is open they are gone afterwards. Messages of a row of sealed records come one by one.
   */
  readonly onMessage?: (message: Message) => void;
}

export class ReportContext {
  readonly options: ReportOptions;
  readonly shown: ShownFeatures;
  readonly speakers: Speakers;
  topology: Topology = { participants: [], wires: [] };
  readonly #explained = new Set<string>();

  constructor(options: ReportOptions) {
    this.options = options;
    this.shown = options.shown ?? nothingShown;
    this.speakers = new Speakers(this.shown);
  }

  fold(event: CaptureEvent): void {
    if (event.type === 'began') this.topology = event.topology;
    if (event.type === 'observed') this.speakers.fold(event);
  }

  readonly emit = (block: ReportBlock): void => {
    this.options.onBlock(block);
  };

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

  /** A text that is read once: whether it was given before. */
  remark(text: Localized): Remark {
    const key = JSON.stringify(text);
    if (this.#explained.has(key)) return { text, isAgain: true };
    this.#explained.add(key);
    return { text };
  }
}

/** The step that blocks belong to, where there is one. */
export const ofStep = (step: string | undefined): { readonly step?: string } =>
  step === undefined ? {} : { step };
