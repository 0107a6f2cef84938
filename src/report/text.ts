/**
 * The story of a run as lines, for a pipe, a file, or a terminal without the UI. It decides how things are set on
 * 80 columns; what happened is the log's, what was said is the narration's, what is true is the verdict's.
 *
 * 1. A pure function of the log: the same events give the same lines, live or later.
 * 2. A step's conversation is printed when the step is done, since only then has every connection settled.
 * 3. Foreign text passes through `safeText`; decoration is replaced where only ASCII is wanted.
 */
import type { CaptureEvent, EventOf, NotePart, Topology, Wire } from '../capture/event.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import { explainRefusal } from '../analysis/refusal.ts';
import { conversation } from '../analysis/conversation.ts';
import type { Message } from '../analysis/conversation.ts';
import type { Hit, SecretHunt } from '../analysis/secret-hunt.ts';
import { encodings } from '../analysis/encodings.ts';
import { toOffset } from '../core/hex.ts';
import { toAscii } from '../i18n/ascii.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { grouped } from '../i18n/number.ts';
import { safeText } from '../i18n/safe.ts';
import { cellWidth, fitToCells, wrapToCells } from '../i18n/width.ts';
import type { Reach } from '../scenario/reach.ts';
import type { Finding, Verdict } from '../scenario/verdict.ts';
import { statusMarks, textWords } from './words.ts';

export interface TextOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** The secrets' values, to be shown where they were found. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly language: Language;
  readonly ascii: boolean;
  readonly columns: number;
  /** Speaker's notes are printed too. */
  readonly notes?: boolean;
  readonly write: (line: string) => void;
}

export class TextReport {
  readonly #options: TextOptions;
  #topology: Topology = { participants: [], wires: [] };
  /** `seq` of the event that opened the step which is running; undefined between steps. */
  #stepFrom: number | undefined;
  /** Up to which event each connection's conversation has been printed. */
  readonly #printed = new Map<number, number>();
  #refusals: EventOf<'refused'>[] = [];
  #steps = 0;
  /** What is said only after the verdict. */
  readonly #closing: { part: NotePart; text: Localized }[] = [];

  constructor(options: TextOptions) {
    this.#options = options;
  }

  readonly fold = (event: CaptureEvent): void => {
    switch (event.type) {
      case 'began':
        this.#topology = event.topology;
        break;
      case 'note':
        this.#note(event);
        break;
      case 'step':
        this.#step(event);
        break;
      case 'refused':
        this.#refusals.push(event);
        break;
      case 'closed':
        if (this.#stepFrom === undefined) this.#visitor(event.conn);
        break;
      case 'opened':
      case 'bytes':
      case 'keylog':
      case 'secured':
      case 'observed':
        break;
    }
  };

  /** The verdict, and what it leaves open. */
  finish(verdict: Verdict): void {
    const { language } = this.#options;
    const met = verdict.findings.filter(({ status }) => status === 'met').length;
    this.#rule();
    this.#line(`${textWords.verdict[language]}: ${textWords[verdict.status][language]}   ${textWords.claims[language](met, verdict.findings.length)}`);
    for (const finding of verdict.findings) this.#finding(finding);
    for (const { part, text } of this.#closing) {
      this.#paragraphs(part === 'does-not-prove' ? textWords.doesNotProve[language] : textWords.oftenTold[language], '');
      this.#paragraphs(text[language], '  ');
    }
  }

  /** The commands that reach what is held up. Commands are not wrapped: they are there to be copied. */
  reach(ways: readonly Reach[]): void {
    const { language } = this.#options;
    this.#paragraphs(textWords.holding[language], '');
    for (const { hop, to, client, curl, openssl } of ways) {
      this.#line('');
      this.#line(`${hop}  ${textWords.reachAs[language](client, to)}`);
      this.#options.write(`  ${curl}`);
      if (openssl !== undefined) this.#options.write(`  ${openssl}`);
    }
  }

  #note({ text, part }: EventOf<'note'>): void {
    const { language, notes } = this.#options;
    switch (part) {
      case 'title':
        this.#line(text[language]);
        this.#line('='.repeat(Math.min(this.#options.columns, cellWidth(text[language]))));
        break;
      case 'intro':
        this.#paragraphs(text[language], '');
        this.#drawTopology();
        break;
      case 'does-not-prove':
      case 'often-told':
        this.#closing.push({ part, text });
        break;
      case 'step-title':
        this.#line('');
        this.#line(`-- ${++this.#steps}. ${text[language]}`);
        break;
      case 'question':
        this.#paragraphs(text[language], '? ');
        break;
      case 'speaker':
        if (notes) this.#paragraphs(text[language], '    ');
        break;
      case 'before':
      case 'after':
      case undefined:
        this.#paragraphs(text[language], '');
        break;
    }
  }

  #step(event: EventOf<'step'>): void {
    if (event.state === 'started') this.#stepFrom = event.seq;
    if (event.state !== 'done') return;
    const from = this.#stepFrom ?? 0;
    this.#stepFrom = undefined;
    for (const connection of this.#options.flows.connections) this.#conversation(connection, from);
    for (const refusal of this.#refusals.splice(0)) this.#card(refusal);
  }

  /** A connection that nobody's step opened: somebody's own client, while the topology is held. */
  #visitor(conn: number): void {
    const connection = this.#options.flows.connection(conn);
    if (!connection) return;
    // A kept connection that only ends has nothing more to tell.
    const told = this.#printed.get(conn);
    if (told !== undefined && conversation(connection).every(({ seq, protocol }) => seq <= told || protocol === 'tcp')) return;
    this.#conversation(connection, 0);
    for (const refusal of this.#refusals.splice(0)) this.#card(refusal);
  }

  #conversation(connection: Connection, from: number): void {
    const printed = this.#printed.get(connection.conn) ?? -1;
    const messages = conversation(connection).filter(({ seq }) => seq >= from && seq > printed);
    const last = messages.at(-1);
    if (!last) return;
    this.#printed.set(connection.conn, Math.max(printed, ...messages.map(({ seq }) => seq)));
    const wire = this.#topology.wires.find(({ hop }) => hop === connection.hop);
    this.#line('');
    for (const message of messages) {
      this.#message(message, wire);
      for (const hit of this.#hitsIn(message)) this.#hit(hit);
    }
  }

  #message(message: Message, wire: Wire | undefined): void {
    const { language } = this.#options;
    const time = (message.at / 1e6).toFixed(3).padStart(7);
    const arrow = message.from === null ? ' ' : message.from === 'client' ? '→' : '←';
    const whom = message.from === null ? '' : (wire?.to ?? '');
    const size = message.length > 0 ? `${grouped(message.length)} B` : '';
    const state = message.reconstructed ? textWords.reconstructed[language] : message.sealed ? textWords.sealed[language] : '';
    const head = `${time}  ${message.hop} ${arrow} ${fitToCells(whom, 9)} ${fitToCells(safeText(message.title[language]), 25)} ${size.padStart(8)}  `;
    const facts = [state, safeText(message.facts[language])].filter(Boolean).join(', ');
    const [first = '', ...more] = wrapToCells(facts, Math.max(20, this.#options.columns - cellWidth(head)));
    this.#line(head + first);
    for (const line of more) this.#line(' '.repeat(cellWidth(head)) + line);
  }

  #hitsIn(message: Message): Hit[] {
    return this.#options.hunt.hits.filter(
      ({ conn, vantage, from, offset }) =>
        vantage === 'wire' && conn === message.conn && from === message.from && offset >= message.offset && offset < message.offset + message.length,
    );
  }

  #hit({ secret, offset, encoding }: Hit): void {
    const { language, secrets } = this.#options;
    const value = secrets.get(secret);
    const shown = value === undefined ? '' : `: ${safeText(value)}`;
    this.#line(`              ${textWords.readable[language]} ${toOffset(offset)}  ${secret}${shown}  (${encodings.find(({ id }) => id === encoding)?.name[language] ?? encoding})`);
  }

  /** The refusal card: who, because, presented, trusted, alert, remedy. */
  #card(refusal: EventOf<'refused'>): void {
    const { language } = this.#options;
    const { detail, alert, version } = refusal;
    const wire = this.#topology.wires.find(({ hop }) => hop === refusal.hop);
    const words = explainRefusal(refusal);
    const who = refusal.by === 'server' ? (wire?.to ?? refusal.by) : (wire?.from ?? refusal.by);
    const rows: [Localized, string][] = [
      [textWords.who, `${who}${version ? ` (${version})` : ''}`],
      [textWords.because, words.because[language]],
    ];
    const { presented, trusted } = detail;
    rows.push([
      textWords.presented,
      presented
        ? `${presented.subject}; ${textWords.issuedBy[language](presented.issuer)}${presented.authorityKeyId ? `; ${textWords.keyId[language]} ${shortKeyId(presented.authorityKeyId)}` : ''}`
        : textWords.noCertificate[language],
    ]);
    if (trusted && trusted.length > 0) {
      const authorities = trusted.map(({ subject, keyId }) => `${subject}${keyId ? `; ${textWords.keyId[language]} ${shortKeyId(keyId)}` : ''}`).join(' / ');
      rows.push([textWords.trusted, authorities]);
    }
    if (alert) rows.push([textWords.alert, `${alert.description} (${alert.code}): ${words.alert?.[language] ?? ''}`]);
    else rows.push([textWords.alert, textWords.noAlert[language]]);
    if (detail.discardedBytes) rows.push([textWords.discarded, textWords.discardedBytes[language](detail.discardedBytes)]);
    rows.push([textWords.remedy, words.remedy[language]]);
    this.#line('');
    this.#line(`  ${textWords.refused[language]}: ${words.name[language]}`);
    for (const [label, text] of rows) {
      const head = `  ${fitToCells(label[language], 11)}`;
      const [first = '', ...more] = wrapToCells(safeText(text), this.#options.columns - cellWidth(head));
      this.#line(head + first);
      for (const line of more) this.#line(' '.repeat(cellWidth(head)) + line);
    }
  }

  #finding({ expectation, status, says }: Finding): void {
    const { language } = this.#options;
    const head = ` ${statusMarks[status]} `;
    const tail = status === 'met' ? '' : ` [${textWords[status][language]}: ${expectation}]`;
    const [first = '', ...more] = wrapToCells(safeText(says[language] + tail), this.#options.columns - 3);
    this.#line(head + first);
    for (const line of more) this.#line(`   ${line}`);
  }

  #drawTopology(): void {
    this.#line('');
    const { wires, participants } = this.#topology;
    const kindOf = (name: string): string => {
      const found = participants.find((participant) => participant.name === name);
      return found?.role === 'proxy' ? `${name} (${found.kind ?? 'proxy'})` : name;
    };
    const behind = (name: string): Wire[] => wires.filter(({ from }) => from === name);
    const starts = wires.filter(({ from }) => participants.some(({ name, role }) => name === from && role === 'client'));
    for (const start of starts) {
      const clients = [start.from, ...(start.alsoFrom ?? [])].join(', ');
      let drawn = `  ${clients}`;
      for (let wire: Wire | undefined = start, passed = new Set<string>(); wire && !passed.has(wire.hop); wire = behind(wire.to)[0]) {
        passed.add(wire.hop);
        const seat: string = wire.seat ? `: ${wire.seat[this.#options.language]}` : '';
        drawn += ` ──${wire.protocol}──[${wire.hop}${seat}]──> ${kindOf(wire.to)}`;
      }
      for (const [index, line] of wrapToCells(drawn.trim(), this.#options.columns - 4).entries()) this.#line(`${index === 0 ? '  ' : '      '}${line}`);
    }
  }

  #paragraphs(text: string, prefix: string): void {
    if (prefix !== '' || text !== '') this.#line('');
    for (const [index, line] of wrapToCells(text, this.#options.columns - prefix.length).entries()) {
      this.#line(`${index === 0 || prefix.trim() === '' ? prefix : ' '.repeat(prefix.length)}${line}`);
    }
  }

  #rule(): void {
    this.#line('');
    this.#line('─'.repeat(this.#options.columns));
  }

  #line(text: string): void {
    this.#options.write((this.#options.ascii ? toAscii(text) : text).trimEnd());
  }
}

/** The two ends of a key id are enough to tell two apart on a screen. */
function shortKeyId(keyId: string): string {
  return keyId.length > 14 ? `${keyId.slice(0, 5)}:…:${keyId.slice(-2)}` : keyId;
}
