/**
 * The story of a run as lines, for a pipe, a file, or a terminal without the UI. It decides what is told and in which
 * order; what happened is the log's, what was said is the narration's, what is true is the verdict's, and how lines are
 * set is the page's.
 *
 * 1. A pure function of the log: the same events give the same lines, live or later.
 * 2. A step's conversations are printed when the step is done, since only then has every connection settled; those
 *    nearer to the client come first.
 * 3. Sealed records that follow each other are one line, which names their sizes: they add up.
 */
import type { CaptureEvent, EventOf, NotePart, Topology, Wire } from '../capture/event.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import { translateAlertWords } from '../analysis/alert-words.ts';
import { explainRefusal } from '../analysis/refusal.ts';
import { conversation, loadTlsReading } from '../analysis/conversation.ts';
import { credentialNames } from '../analysis/credential-shapes.ts';
import type { Message } from '../analysis/conversation.ts';
import type { Hit, SecretHunt } from '../analysis/secret-hunt.ts';
import { encodings } from '../analysis/encodings.ts';
import { toOffset } from '../core/hex.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { grouped } from '../i18n/number.ts';
import { cellWidth } from '../i18n/width.ts';
import type { Reach } from '../scenario/reach.ts';
import type { Finding, Verdict } from '../scenario/verdict.ts';
import { Page } from './page.ts';
import { endsOf, loadWireReading, otherSide, refusalsOf, Speakers } from './refusals.ts';
import type { RefusalStory } from './refusals.ts';
import { directionWords, sideWords, statusMarks, textWords } from './words.ts';

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

/** To be awaited before a report of a run in which TLS may be spoken. */
export async function loadTls(): Promise<void> {
  await Promise.all([loadTlsReading(), loadWireReading()]);
}

/** Cells of a message line: its title with the size at the right, and a wire's name. */
const titleCells = 24;
const longestHop = 8;

export class TextReport {
  readonly #options: TextOptions;
  readonly #page: Page;
  #topology: Topology = { participants: [], wires: [] };
  /** `seq` of the event that opened the step which is running; undefined between steps. */
  #stepFrom: number | undefined;
  /** Up to which event each connection's conversation has been printed. */
  readonly #printed = new Map<number, number>();
  /** Refusals that were told already. */
  readonly #told = new Set<number>();
  readonly #speakers = new Speakers();
  readonly #refusals: RefusalStory[] = [];
  /** In which step a card's long rows were printed in full. */
  readonly #cards = new Map<string, number>();
  /** What is explained once a run. */
  readonly #explained = new Set<string>();
  readonly #steps = new Map<string, { readonly number: number; readonly title: Localized }>();
  /** What is said only after the verdict. */
  readonly #closing: { part: NotePart; text: Localized }[] = [];

  constructor(options: TextOptions) {
    this.#options = options;
    this.#page = new Page(options);
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
      case 'observed':
        this.#speakers.fold(event);
        break;
      case 'closed':
        if (this.#stepFrom === undefined) this.#visitor(event);
        break;
      case 'opened':
      case 'bytes':
      case 'keylog':
      case 'secured':
      case 'refused':
        break;
    }
  };

  /** The verdict, and what it leaves open. */
  finish(verdict: Verdict): void {
    const { language } = this.#options;
    this.#refusalTable();
    const met = verdict.findings.filter(({ status }) => status === 'met').length;
    this.#page.blank();
    this.#page.rule('─');
    this.#page.behind(`${textWords.verdict[language]}: ${textWords[verdict.status][language]}   `, textWords.claims[language](met, verdict.findings.length));
    for (const step of new Set(verdict.findings.map((finding) => finding.step))) {
      const known = step === undefined ? undefined : this.#steps.get(step);
      const title = step === undefined ? textWords.wholeRun[language] : known ? `${known.number}. ${known.title[language]}` : step;
      this.#page.blank();
      this.#page.behind('', title);
      for (const finding of verdict.findings.filter((one) => one.step === step)) this.#finding(finding);
    }
    for (const { part, text } of this.#closing) {
      this.#paragraphs(part === 'does-not-prove' ? textWords.doesNotProve[language] : textWords.oftenTold[language]);
      this.#paragraphs(text[language], '  ');
    }
  }

  /** The commands that reach what is held up. Commands are not wrapped: they are there to be copied. */
  reach(ways: readonly Reach[]): void {
    const { language } = this.#options;
    this.#paragraphs(textWords.holding[language]);
    for (const { hop, to, client, curl, openssl } of ways) {
      this.#page.blank();
      this.#page.behind('', textWords.reachAs[language](hop, client, to));
      this.#page.verbatim(`  ${curl}`);
      if (openssl !== undefined) this.#page.verbatim(`  ${openssl}`);
    }
  }

  #note({ text, part, step }: EventOf<'note'>): void {
    const { language, notes } = this.#options;
    switch (part) {
      case 'title':
        this.#page.behind('', text[language]);
        this.#page.rule('=', cellWidth(this.#page.plain(text[language])));
        break;
      case 'intro':
        this.#paragraphs(text[language]);
        this.#drawTopology();
        break;
      case 'does-not-prove':
      case 'often-told':
        this.#closing.push({ part, text });
        break;
      case 'step-title': {
        const number = this.#steps.size + 1;
        this.#steps.set(step ?? `#${number}`, { number, title: text });
        this.#page.blank();
        this.#page.behind(`-- ${number}. `, text[language]);
        break;
      }
      case 'question':
        this.#paragraphs(text[language], '? ');
        break;
      case 'speaker':
        if (notes) this.#paragraphs(text[language], '    ');
        break;
      case 'before':
      case 'after':
      case undefined:
        this.#paragraphs(text[language]);
        break;
    }
  }

  #step(event: EventOf<'step'>): void {
    if (event.state === 'started') this.#stepFrom = event.seq;
    if (event.state !== 'done') return;
    const from = this.#stepFrom ?? 0;
    this.#stepFrom = undefined;
    const connections = this.#outwards();
    for (const connection of connections) this.#conversation(connection, from, event.seq);
    for (const connection of connections) this.#cardsOf(connection, from, true);
  }

  /** Somebody's own client, while the topology is held: its connection is over, and so is what it set off behind it. */
  #visitor({ conn, seq }: EventOf<'closed'>): void {
    const news = this.#outwards().filter((connection) => {
      const told = this.#printed.get(connection.conn);
      if (told === undefined) return connection.conn === conn;
      // A kept connection that only ends has nothing more to tell.
      return (['client', 'server'] as const).some((from) => (connection.plaintextStream(from).chunks.at(-1)?.seq ?? 0) > told);
    });
    for (const connection of news) this.#conversation(connection, 0, seq);
    for (const connection of news) this.#cardsOf(connection, 0, false);
  }

  /** Connections in the order of the way, those nearest to the client first. */
  #outwards(): Connection[] {
    const rank = ({ hop }: Connection): number => this.#topology.wires.findIndex((wire) => wire.hop === hop);
    return this.#options.flows.connections.toSorted((one, other) => rank(one) - rank(other) || one.conn - other.conn);
  }

  #conversation(connection: Connection, from: number, until: number): void {
    const { language } = this.#options;
    const printed = this.#printed.get(connection.conn);
    if (connection.lastSeq < from || connection.lastSeq <= (printed ?? -1)) return;
    const start = Math.max(from, (printed ?? -1) + 1);
    const messages = conversation(connection, { cutBefore: start }).filter(({ seq }) => seq >= start);
    const [first] = messages;
    if (!first) return;
    this.#printed.set(connection.conn, until);
    const wire = this.#topology.wires.find(({ hop }) => hop === connection.hop);
    const ends = endsOf(connection, wire, this.#speakers);
    const client = this.#clientName(ends.client, from > 0);
    const server = ends.server ?? sideWords.server[language];
    this.#page.blank();
    const where = textWords.connection[language](connection.hop, connection.conn, wire?.seat?.[language] ?? '');
    this.#page.behind('', `${where}: ${client} → ${server}${printed === undefined ? '' : textWords.keptOpen[language]}`);
    const timeCells = Math.max(5, ...messages.map(({ at }) => timeOf(at).length));
    for (const group of grouping(messages, (message) => this.#hitsIn(message).length > 0)) {
      this.#message(group, timeCells);
      const hits = this.#hitsIn(group[0]);
      for (const hit of hits) this.#hit(hit);
      // A step is about its own secrets; somebody's own client brings others, known by their shape alone.
      if (from === 0) this.#shapes(group[0], hits);
    }
    if (messages.some(({ reconstructed }) => reconstructed)) this.#explain(textWords.reconstructed);
    const sealed = messages.filter(({ contentType, sealed: isSealed }) => isSealed && contentType === 23);
    if (sealed[0]?.from === 'server') this.#explain(textWords.disguised);
  }

  #message(group: Group, timeCells: number): void {
    const { language } = this.#options;
    const [message] = group;
    const { from, hop } = message;
    const arrow = this.#page.plain(from === 'server' ? '←' : '→');
    const direction = Math.max(...Object.values(directionWords).map((words) => cellWidth(words[language])));
    const towards = from === null ? ' '.repeat(arrow.length + 1 + direction) : `${arrow} ${this.#page.fit(directionWords[from][language], direction)}`;
    const total = group.reduce((sum, { length }) => sum + length, 0);
    const size = total > 0 ? ` ${grouped(total)} B` : '';
    const title = this.#page.fit(message.title[language] + (message.reconstructed ? ' *' : ''), titleCells - size.length) + size;
    const sizes = group.length > 1 ? `: ${group.map(({ length }) => length).join('+')}` : '';
    const state = message.sealed ? textWords.sealed[language] + sizes : '';
    const head = `${timeOf(message.at).padStart(timeCells)} ${this.#page.fit(hop, Math.min(longestHop, cellWidth(this.#page.plain(hop))))} ${towards} ${title}  `;
    this.#page.behind(head, [state, message.facts[language]].filter(Boolean).join(', '));
  }

  /** The text where it is needed first; later nothing: who reads on has read it. */
  #once(text: string): string {
    if (this.#explained.has(text)) return '';
    this.#explained.add(text);
    return text;
  }

  #explain(text: Localized): void {
    const said = this.#once(text[this.#options.language]);
    if (said) this.#page.behind('      ', said);
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
    const name = encodings.find(({ id }) => id === encoding)?.name[language] ?? encoding;
    const where = textWords.hit[language](toOffset(offset), name);
    this.#page.behind(`      ${textWords.readable[language]}  `, `${secret}${value === undefined ? '' : `: ${value}`}  (${where})`);
  }

  #shapes({ from, credentials }: Message, hits: readonly Hit[]): void {
    if (from === null) return;
    const { language } = this.#options;
    for (const { kind, name, value, offset, length } of credentials()) {
      if (hits.some((hit) => hit.offset < offset + length && offset < hit.offset + hit.length)) continue;
      const where = textWords.hit[language](toOffset(offset), credentialNames[kind][language]);
      this.#page.behind(`      ${textWords.readable[language]}  `, `${name}: ${value}  (${where})`);
    }
  }

  #cardsOf(connection: Connection, from: number, inStep: boolean): void {
    const { flows } = this.#options;
    for (const story of refusalsOf(connection, from, flows, this.#topology, this.#speakers)) {
      if (this.#told.has(story.refusal.seq)) continue;
      this.#told.add(story.refusal.seq);
      if (inStep) this.#refusals.push(story);
      this.#card(story, inStep);
    }
  }

  /** The refusal card; what an earlier card said in the same words is not said again. */
  #card(story: RefusalStory, inStep: boolean): void {
    const { language } = this.#options;
    const { refusal, ends } = story;
    const words = explainRefusal(refusal);
    const names = { client: this.#clientName(ends.client, inStep), server: ends.server ?? sideWords.server[language] };
    const long: Row[] = [
      [textWords.because[language], words.because[language]],
      ...this.#certificateRows(story),
      [textWords.remedy[language], words.remedy[language]],
      ...(inStep && ends.client !== undefined ? [[textWords.seeIt[language], textWords.seeItHow[language](ends.client)] as const] : []),
    ];
    const key = JSON.stringify(long);
    const before = this.#cards.get(key);
    const [because, ...rest] = long;
    const [certificates, last] = [rest.filter(([label]) => !isLast(label, language)), rest.filter(([label]) => isLast(label, language))];
    const rows: Row[] = [
      [textWords.who[language], this.#whoRefused(story, names)],
      ...(before === undefined && because ? [because, ...certificates] : []),
      ...this.#alertRows(story, words.alert?.[language]),
      ...this.#clientRows(story),
      ...(before === undefined ? last : [[textWords.rest[language], textWords.asBefore[language](before)] as const]),
    ];
    if (before === undefined && inStep) this.#cards.set(key, this.#steps.size);
    this.#page.blank();
    const other = otherSide[refusal.by];
    this.#page.behind('  ', textWords.refused[language](names[refusal.by], sideWords[other][language], names[other], words.name[language]));
    for (const [label, text] of rows) this.#page.behind(`  ${this.#page.fit(label, 10)} `, text);
  }

  /** Outside of a step it is somebody's own client that speaks, whoever the wire was drawn for. */
  #clientName(drawn: string | undefined, inStep: boolean): string {
    const isStranger = !inStep && this.#topology.participants.some(({ name, role }) => role === 'client' && name === drawn);
    return (isStranger ? undefined : drawn) ?? sideWords.client[this.#options.language];
  }

  #whoRefused({ refusal, refuser, version }: RefusalStory, names: Readonly<Record<'client' | 'server', string>>): string {
    const { language } = this.#options;
    const { by, reason, detail } = refusal;
    const side = sideWords[otherSide[by]][language];
    const reading = textWords.onReading[language];
    const kind = refuser?.role === 'proxy' && refuser.kind !== undefined ? ` (${refuser.kind} proxy)` : '';
    const place = reason === 'certificate_missing' ? reading.empty(side) : detail.presented ? reading.certificate(side) : '';
    return [`${names[by]}${language === 'ko' ? kind.replace(' proxy', ' 프록시').trim() : kind}`, place].filter(Boolean).join(', ') + (version ? `${language === 'ko' ? '' : ' '}(${version.replace('TLSv', 'TLS ')})` : '');
  }

  #certificateRows({ refusal }: RefusalStory): Row[] {
    const { language } = this.#options;
    const { presented, trusted } = refusal.detail;
    const withKey = (subject: string, keyId: string | undefined): string => (keyId ? `${subject} (${textWords.keyId[language]} ${shortKeyId(keyId)})` : subject);
    const rows: Row[] = [];
    if (presented) rows.push([textWords.presented[language], `${presented.subject}, ${textWords.issuedBy[language](withKey(presented.issuer, presented.authorityKeyId))}`]);
    else if (refusal.reason === 'certificate_missing') rows.push([textWords.presented[language], textWords.noCertificate[language]]);
    if (trusted && trusted.length > 0) {
      const issuers = trusted.map(({ subject, keyId }) => withKey(subject, keyId)).join(textWords.or[language]);
      rows.push([textWords.expected[language], textWords.expectedIssuer[language](issuers)]);
    }
    return rows;
  }

  #alertRows({ refusal, alertPlace }: RefusalStory, meaning: string | undefined): Row[] {
    const { language } = this.#options;
    const { alert, hop } = refusal;
    const label = textWords.alert[language];
    if (!alert) return [[label, textWords.noAlert[language]]];
    const place = !alertPlace
      ? textWords.alertNotFound[language]
      : alertPlace.readable
        ? textWords.alertReadable[language](toOffset(alertPlace.offset))
        : textWords.alertSealed[language](alertPlace.length, toOffset(alertPlace.offset)) + this.#once(textWords.sealedHint[language]);
    return [
      [label, `${alert.description} (${alert.code}), ${textWords.levels[alert.level][language]}${meaning ? `: ${meaning}` : ''}`],
      [textWords.onWire[language](hop), place],
    ];
  }

  /** What the client says of it, in its own words too. */
  #clientRows({ refusal, login }: RefusalStory): Row[] {
    const { language } = this.#options;
    const label = sideWords.client[language];
    const { discardedBytes } = refusal.detail;
    if (!login) return discardedBytes ? [[label, textWords.discarded[language](discardedBytes)]] : [];
    const told =
      login.sentBytes > 0
        ? textWords.clientSent[language](login.sentBytes, (discardedBytes ?? 0) > 0)
        : login.believedConnected
          ? textWords.clientBelieved[language]
          : (refusal.by === 'client' ? textWords.clientRefused : textWords.clientWaited)[language];
    if (!login.error) return [[label, told]];
    const { code, message } = login.error;
    const oldName = this.#once(translateAlertWords(message)?.oldName?.[language] ?? '');
    return [
      [label, told],
      [textWords.itsWords[language], `${code} (${librarysWords(message)})${oldName ? `. ${oldName}` : ''}`],
    ];
  }

  #refusalTable(): void {
    const { language } = this.#options;
    // One needs no table: its card says more.
    if (this.#refusals.length < 2) return;
    this.#paragraphs(`${textWords.refusalTable[language]}:`);
    this.#page.blank();
    const unknown = textWords.unknown[language];
    const rows = this.#refusals.map(({ refusal, ends, alertPlace, loginSent, version }) => {
      const { alert, by } = refusal;
      return [
        ends.client ?? unknown,
        version?.replace('TLSv', '') ?? unknown,
        ends[by] ?? sideWords[by][language],
        explainRefusal(refusal).name[language],
        alert?.description ?? textWords.noAlertShort[language],
        textWords.wireStates[!alert ? 'none' : alertPlace?.readable ? 'clear' : 'sealed'][language],
        loginSent === undefined ? unknown : (loginSent ? textWords.sent : textWords.notSent)[language],
      ];
    });
    this.#page.table({ head: textWords.refusalHead[language], rows });
    this.#page.blank();
    this.#page.behind(' ', textWords.refusalLegend[language]);
  }

  #finding({ expectation, status, says }: Finding): void {
    const { language } = this.#options;
    const doubt = status === 'met' ? '' : ` [${textWords[status][language]}: ${expectation}]`;
    this.#page.behind(` ${this.#page.plain(statusMarks[status])} `, says[language] + doubt);
  }

  #drawTopology(): void {
    this.#page.blank();
    const { language } = this.#options;
    const { wires, participants } = this.#topology;
    const kindOf = (name: string): string => {
      const found = participants.find((participant) => participant.name === name);
      return found?.role === 'proxy' ? `${name} (${found.kind ?? 'proxy'})` : name;
    };
    const behind = (name: string): Wire[] => wires.filter(({ from }) => from === name);
    const starts = wires.filter(({ from }) => participants.some(({ name, role }) => name === from && role === 'client'));
    for (const start of starts) {
      const parts = [[start.from, ...(start.alsoFrom ?? [])].join(', ')];
      for (let wire: Wire | undefined = start, passed = new Set<string>(); wire && !passed.has(wire.hop); wire = behind(wire.to)[0]) {
        passed.add(wire.hop);
        const seat = wire.seat ? `: ${wire.seat[language]}` : '';
        parts.push(`──${wire.protocol}──[${wire.hop}${seat}]──> ${kindOf(wire.to)}`);
      }
      this.#drawPath(parts.map((part) => this.#page.plain(part)));
    }
  }

  /** A wire is drawn whole: where it does not fit, it begins a line of its own. */
  #drawPath(parts: readonly string[]): void {
    let line = '';
    let head = '  ';
    for (const part of parts) {
      if (line && cellWidth(head + line) + 1 + cellWidth(part) > this.#page.columns) {
        this.#page.behind(head, line);
        [line, head] = ['', '      '];
      }
      line += `${line ? ' ' : ''}${part}`;
    }
    this.#page.behind(head, line);
  }

  #paragraphs(text: string, prefix = ''): void {
    this.#page.blank();
    this.#page.paragraphs(text, prefix);
  }
}

type Row = readonly [label: string, text: string];
type Group = readonly [Message, ...Message[]];

const isLast = (label: string, language: Language): boolean => label === textWords.remedy[language] || label === textWords.seeIt[language];

const timeOf = (at: number): string => (at / 1e6).toFixed(3);

/** Sealed records of one kind and direction, one behind the other, belong on one line; what holds a secret does not. */
function grouping(messages: readonly Message[], stands: (message: Message) => boolean): Group[] {
  const groups: [Message, ...Message[]][] = [];
  for (const message of messages) {
    const open = groups.at(-1);
    const [first] = open ?? [];
    const alike = first?.sealed && message.sealed && first.from === message.from && first.contentType === message.contentType;
    if (open && alike && !stands(message) && !(first && stands(first))) open.push(message);
    else groups.push([message]);
  }
  return groups;
}

/** OpenSSL's line, cut down to what it says: `ID:error:CODE:SSL routines:FUNCTION:WORDS:FILE:LINE:…`. */
function librarysWords(message: string): string {
  const parts = message.trim().split(':');
  return (parts[1] === 'error' ? parts[5] : undefined) ?? message.trim();
}

/** The two ends of a key id are enough to tell two apart on a screen. */
function shortKeyId(keyId: string): string {
  return keyId.length > 14 ? `${keyId.slice(0, 5)}:…:${keyId.slice(-2)}` : keyId;
}
