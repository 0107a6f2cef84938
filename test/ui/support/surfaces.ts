/**
 * What each surface says of one connection through a proxy: the lines, the JSON and the screen of the proxy, and the lines, the
 * JSON and the screen of `inspect` for the capture that `-w` would have written. All are made from one log.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Cause } from '../../../src/analysis/outcome/cause-words.ts';
import { causeWords } from '../../../src/analysis/outcome/cause-words.ts';
import type { Outcome } from '../../../src/analysis/outcome/outcome-facts.ts';
import { refusalWords } from '../../../src/analysis/outcome/refusal.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureEvent } from '../../../src/capture/event.ts';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { PacketClock, Replay } from '../../../src/capture/file/replay.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { Steps } from '../../../src/capture/steps.ts';
import { loadExplanations } from '../../../src/presentation/conversation/explain.ts';
import { loadWireReading } from '../../../src/presentation/refusals.ts';
import { topologyIn } from '../../../src/presentation/topology.ts';
import { JsonCapture } from '../../../src/ui/json/json-capture.ts';
import { JsonLive } from '../../../src/ui/json/json-live.ts';
import { LiveReport, loadLive } from '../../../src/ui/text/live.ts';
import { CaptureReport } from '../../../src/presentation/report/capture-report.ts';
import { loadTlsReport } from '../../../src/presentation/report/load.ts';
import { TextReport } from '../../../src/ui/text/text.ts';
import { startModel } from '../../../src/ui/tui/state/model.ts';
import { RunState } from '../../../src/ui/tui/state/run-state.ts';
import { pourInto } from '../../capture/support/read.ts';
import { Driver } from '../tui/support/driver.ts';
import { atExit } from '../../helpers/at-exit.ts';

await Promise.all([loadReadings(), loadWireReading(), loadLive(), loadTlsReport(), loadExplanations()]);

const folder = mkdtempSync(join(tmpdir(), 'wirelab-surfaces-'));
atExit(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** What a surface says became of the connection. */
export interface Said {
  /** As its cards, or the sentence in their place, name it. */
  readonly cause: Cause | undefined;
  /** Who refused or failed, where a card says so. */
  readonly by: string | undefined;
  readonly cards: number;
  readonly closed: string | undefined;
  readonly text: string;
}

export interface Surfaces {
  readonly lines: Said;
  readonly screen: Said;
  readonly json: readonly Outcome[];
  readonly inspect: {
    readonly lines: readonly string[];
    readonly json: readonly Outcome[];
    readonly screen: readonly Said[];
  };
}

const nameOfCause = new Map(
  Object.entries({ ...causeWords, ...refusalWords }).map(([cause, { name }]) => [name.en, cause as Cause]),
);

const wide = { columns: 240, rows: 200 } as const;

/** Of the text of a surface in which white space separates the words. */
function said(text: string): Said {
  const cards = [
    ...text.matchAll(
      /^(?:\d\d:\d\d:\d\d\.\d+ \w #\d+ | )((?:MOST LIKELY )?[A-Z]{2}[A-Z ()]*(?:by .*)?.*\((?:.*, )?(?:most likely: )?([^()]+)\))$/gm,
    ),
  ].filter(([, , name = '']) => nameOfCause.has(name));
  const who = /^ +who +(\w+)/m.exec(text)?.[1];
  return {
    cause: nameOfCause.get(cards[0]?.[2] ?? ''),
    by: who,
    cards: cards.length,
    closed: /A #0 closed by the (client|server)/.exec(text)?.[1],
    text,
  };
}

interface JsonLine {
  readonly kind: string;
  readonly outcome?: Outcome;
}

const outcomesIn = (lines: readonly string[]): readonly Outcome[] =>
  lines.map((line) => JSON.parse(line) as JsonLine).flatMap(({ outcome }) => outcome ?? []);

function linesOf(events: readonly CaptureEvent[]): string {
  const log = { events };
  const flows = new Flows(log);
  const lines: string[] = [];
  const live = new LiveReport({
    flows,
    language: 'en',
    columns: 10_000,
    ascii: false,
    write: (line) => void lines.push(line),
    reproduce: () => undefined,
    onPrinted: (conn) => flows.forget(conn),
  });
  for (const event of events) {
    flows.fold(event);
    live.fold(event);
  }
  return lines.join('\n');
}

function jsonOf(events: readonly CaptureEvent[]): readonly Outcome[] {
  const flows = new Flows({ events });
  const lines: string[] = [];
  const json = new JsonLive({
    flows,
    withSecrets: false,
    write: (line) => void lines.push(line),
    onPrinted: (conn) => flows.forget(conn),
  });
  for (const event of events) {
    flows.fold(event);
    json.fold(event);
  }
  json.end();
  return outcomesIn(lines);
}

/** Of each connection that has a stop of its own, in their order. */
function screensOf(events: readonly CaptureEvent[], isCapture: boolean): readonly Said[] {
  const flows = new Flows({ events });
  const hunt = new SecretHunt([]);
  const steps = new Steps();
  const scene = new RunState({
    flows,
    hunt,
    steps,
    plan: [],
    secrets: new Map(),
    findingsOf: () => [],
    typed: () => [],
    isVisited: true,
    ...(isCapture ? { isCapture } : { isEndless: true }),
  });
  const modes = [{ name: 'proxy', title: { en: 'proxy', ko: 'proxy' }, comparable: '' }];
  const model = startModel({ size: wide, language: 'en', ascii: false, modes, mode: 'proxy' });
  const driver = new Driver(model, () => ({ start: () => {}, advance: () => {} }));
  driver.send({ type: 'session', mode: 'proxy', scene });
  for (const event of events) for (const fold of [flows.fold, hunt.fold, steps.fold]) fold(event);
  driver.send({ type: 'captured', scene, events });
  driver.send({ type: 'state', mode: 'proxy', state: 'finished' });
  while (scene.isReading) driver.send({ type: 'read-on' });
  const screens: Said[] = [];
  for (let stop: number | undefined = -1; stop !== driver.look.stop?.conn; driver.press('b')) {
    stop = driver.look.stop?.conn;
    screens.unshift(said(screenText(driver)));
    if (driver.look.place.stop === 0) break;
  }
  return screens;
}

/** Without what stands beside the conversation. */
const screenText = (driver: Driver): string =>
  driver
    .screen()
    .replaceAll(/ *│.*$/gm, '')
    .replaceAll(/\n+/g, '\n');

/** The capture that `-w` writes, read again. */
function inspected(events: readonly CaptureEvent[]): Surfaces['inspect'] {
  const path = join(folder, `${++files}.pcapng`);
  const spool = new PcapngSpool(path);
  for (const event of events) spool.fold(event);
  spool.close();
  const bytes = readFileSync(path);
  const replay = (clock: PacketClock, append: ConstructorParameters<typeof Replay>[0]['append']): void => {
    const reading = new Replay({ clock, append, version: '0', copies: true, topologyOf: topologyIn });
    const reader = new CaptureReader(
      { packet: (packet) => reading.packet(packet), interface: (facts) => reading.interface(facts) },
      { where: path, keeps: true },
    );
    pourInto(reader, bytes);
    reader.end();
    reading.end();
  };
  const clock = new PacketClock();
  const log = new CaptureLog({ clock });
  replay(clock, (draft) => log.append(draft));

  const textClock = new PacketClock();
  const textLog = new CaptureLog({ clock: textClock, endless: true });
  const lines: string[] = [];
  const text = new CaptureReport({
    log: textLog,
    source: textLog,
    report: {
      opens: true,
      hunt: new SecretHunt([]),
      secrets: new Map(),
      onBlock: new TextReport({
        language: 'en',
        columns: 10_000,
        ascii: false,
        write: (line) => void lines.push(line),
      }).set,
    },
  });
  textLog.subscribe(text.fold);
  replay(textClock, (draft) => {
    textLog.append(draft);
    text.reportDue();
  });
  text.end();

  const jsonClock = new PacketClock();
  const json: string[] = [];
  const capture = new JsonCapture({ clock: jsonClock, write: (line) => void json.push(line) });
  replay(jsonClock, capture.append);
  capture.end();
  return {
    lines: lines.flatMap((line) => /^ {2}outcome +(.*)$/.exec(line)?.[1] ?? []),
    json: outcomesIn(json),
    screen: screensOf(log.events, true),
  };
}

export function surfacesOf(events: readonly CaptureEvent[]): Surfaces {
  const screens = screensOf(events, false);
  return {
    lines: said(linesOf(events)),
    screen: screens[0] ?? said(''),
    json: jsonOf(events),
    inspect: inspected(events),
  };
}
