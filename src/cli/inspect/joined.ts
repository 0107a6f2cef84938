/**
 * Reads several captures as one. Each is read twice, and a third time only where two of them differ: to survey it, to find the bytes
 * that differ, to replay it. `capture/joining` compares; what is kept of a connection does not grow with its bytes.
 */
import { createHash } from 'node:crypto';
import { CaptureReader } from '../../capture/file/capture-file.ts';
import type { PcapngSink } from '../../capture/file/pcapng-reader.ts';
import type { ReadProblem } from '../../capture/file/window.ts';
import type { CapturedFile, SightingDifference } from '../../capture/event.ts';
import { clockOffsets } from '../../capture/joining/clocks.ts';
import { differenceIn, doubtsIn, PartReader, plainDifferences } from '../../capture/joining/differences.ts';
import { JoinedReplay } from '../../capture/joining/joined-replay.ts';
import type { JoinPlan } from '../../capture/joining/joined-replay.ts';
import { commonConnections } from '../../capture/joining/match.ts';
import type { Group } from '../../capture/joining/match.ts';
import { mostCompared, Surveyor } from '../../capture/joining/survey.ts';
import { inEach } from '../../i18n/language.ts';
import { connectionName } from '../../capture/stream-number.ts';
import { grouped } from '../../i18n/number.ts';
import { differenceTexts } from '../../presentation/conversation/sightings.ts';
import { topologyIn } from '../../presentation/topology.ts';
import { readThrough, placeIn } from './input.ts';
import type { OnTurn } from './input.ts';
import { keysIn, noSuchConnection, notDecompressed, problemsOf, Selection } from './reading.ts';
import type { FileProblem, ReadOptions } from './reading.ts';
import type { CaptureFile, InspectRequest } from './request.ts';

/**
 * Reads all of them and appends the events of the selected connection, or of all.
 * @throws UserError if one is not a capture file, or there is no connection with the selected number
 */
export async function readTogether(
  { name, keylog, stream }: InspectRequest,
  given: readonly CaptureFile[],
  options: ReadOptions,
): Promise<readonly FileProblem[]> {
  const { append, keeps, onTurn, wants } = options;
  const stops = onTurn && (async () => onTurn(0));
  const surveyed = await survey(given, stops);
  if (!surveyed) return [];
  const { files, surveys, twice } = surveyed;
  const keys: string[] = [];
  for (const file of files) keys.push(...(await keysIn(file.name, file.input)));
  const plan = await planOf(files, surveys, stops);
  if (!plan) return [];
  const selection = new Selection(stream);
  const joined = new JoinedReplay(plan, {
    clock: options.clock,
    version: options.version,
    keylog: [...new Set([...keys, ...keylog])],
    copies: !keeps,
    append(draft, file) {
      const shown = selection.shown(draft);
      if (!shown) return;
      const place = shown.type === 'bytes' ? readers[file]?.positionOf(shown.bytes) : undefined;
      append(shown, place === undefined ? undefined : placeIn(file, place));
    },
    ...selection.wants(wants),
  });
  const readers = files.map((file, index) => {
    const sink = joined.sink(index);
    return new CaptureReader(
      {
        packet: (packet) => sink.packet(packet),
        interface: (facts) => sink.interface(facts),
        ...(options.onComment ? { comment: options.onComment } : {}),
      },
      { where: file.name, keeps },
    );
  });
  const ends = await replay(files, readers, joined, onTurn);
  joined.end();
  const { facts } = joined;
  options.onFacts?.({ packets: facts.reduce((sum, { packets }) => sum + packets, 0) });
  if (!selection.isThere && ends) throw noSuchConnection(name, stream ?? 0, joined.counts);
  return [
    ...twice,
    ...(plan.groups.length === 0 && files.length > 1 ? [nothingInCommon(files)] : []),
    ...differing(plan, joined),
    ...surveys.flatMap(({ count }, index) => {
      const file = files[index];
      return file && count > mostCompared ? [ofFile(file, tooMany(count))] : [];
    }),
    ...files.flatMap((file, index) => {
      const { fault } = file.input;
      const own = facts[index];
      return [
        ...(fault ? [{ what: 'file.compression', found: fault.en, text: fault }] : []),
        ...(own ? problemsOf(ends?.[index], own) : []),
      ].map((problem) => ofFile(file, problem));
    }),
  ];
}

/** Whether all were read to their ends, and what is wrong with each; undefined if reading was stopped. */
async function replay(
  files: readonly CaptureFile[],
  readers: readonly CaptureReader[],
  joined: JoinedReplay,
  onTurn: ReadOptions['onTurn'],
): Promise<readonly (ReadProblem | undefined)[] | undefined> {
  const problems: (ReadProblem | undefined)[] = files.map(() => undefined);
  for (let next = joined.hungry(); next !== undefined; next = joined.hungry()) {
    const [file, reader] = [files[next], readers[next]];
    if (!file || !reader) break;
    const read = file.input.read(reader.room());
    const count = typeof read === 'number' ? read : await read;
    if (count > 0) reader.took(count);
    if (count === 0 || reader.isOver) {
      problems[next] = reader.end();
      joined.sink(next).hasEnded = true;
    }
    const position = readers.reduce((sum, one) => sum + one.position, 0);
    if ((await onTurn?.(position)) === false) return undefined;
  }
  return problems;
}

interface Surveyed {
  /** Each once. */
  readonly files: readonly CaptureFile[];
  readonly surveys: readonly Surveyor[];
  readonly twice: readonly FileProblem[];
}

/** Undefined if reading was stopped. */
async function survey(
  given: readonly CaptureFile[],
  onTurn: OnTurn | undefined,
): Promise<Surveyed | undefined> {
  const known = new Map<string, string>();
  const files: CaptureFile[] = [];
  const surveys: Surveyor[] = [];
  const twice: FileProblem[] = [];
  for (const file of given) {
    const surveyor = new Surveyor(topologyIn);
    const content = createHash('sha256');
    const isWhole = await readOnce(file, surveyor, onTurn, (bytes) => void content.update(bytes));
    if (!isWhole) return undefined;
    surveyor.end();
    const digest = content.digest('hex');
    const same = known.get(digest);
    if (same !== undefined) {
      twice.push(sameTwice(same, file.name));
      continue;
    }
    known.set(digest, file.name);
    files.push(file);
    surveys.push(surveyor);
  }
  return { files, surveys, twice };
}

/** Reads a file to its end and rewinds it. */
async function readOnce(
  { name, input }: CaptureFile,
  sink: PcapngSink,
  onTurn: OnTurn | undefined,
  onBytes: (bytes: Uint8Array) => void = () => {},
): Promise<boolean> {
  const reader = new CaptureReader(sink, { where: name });
  const read = async (room: Uint8Array): Promise<number> => {
    const count = await input.read(room);
    onBytes(room.subarray(0, count));
    return count;
  };
  const isWhole = await readThrough({ ...input, read }, reader, onTurn);
  if (isWhole && reader.position === 0 && input.fault) throw notDecompressed(name, input.fault);
  if (isWhole) reader.end();
  input.rewind();
  return isWhole;
}

/**
 * Of times in a file that wirelab wrote, in microseconds: they begin at a wall clock in whole milliseconds, and are those of a
 * program's reads and writes.
 */
const ownInexactness = 2000;

async function planOf(
  files: readonly CaptureFile[],
  surveys: readonly Surveyor[],
  onTurn: OnTurn | undefined,
): Promise<JoinPlan | undefined> {
  const groups = commonConnections(surveys);
  const clocks = clockOffsets(files.length, groups, (file) => (surveys[file]?.topology ? ownInexactness : 0));
  const found = new Map<Group, SightingDifference[]>();
  const add = (group: Group, difference: SightingDifference): void => {
    const list = found.get(group) ?? [];
    list.push(difference);
    found.set(group, list);
  };
  const doubts = doubtsIn(groups);
  const parts = files.map(() => new PartReader());
  const read = doubts.map((doubt) => {
    const { group, other, from, offset } = doubt;
    const [shown] = group.members;
    return {
      doubt,
      left: shown && parts[shown.file]?.part(shown.seen.conn, from, offset),
      right: parts[other.file]?.part(other.seen.conn, doubt.otherFrom, offset),
    };
  });
  for (const [index, file] of files.entries()) {
    const part = parts[index];
    if (!part?.isNeeded) continue;
    if (!(await readOnce(file, part, onTurn))) return undefined;
    part.end();
  }
  for (const { doubt, left, right } of read) {
    const difference = left && right && differenceIn(doubt, left, right);
    if (difference) add(doubt.group, difference);
  }
  for (const group of groups) for (const difference of plainDifferences(group)) add(group, difference);
  const joinedIn = files.map(() => 0);
  for (const { members } of groups)
    for (const { file } of members) joinedIn[file] = (joinedIn[file] ?? 0) + 1;
  const plan: JoinPlan = {
    topologies: surveys.map(({ topology }) => topology),
    groups,
    differences: found,
    files: files.map(({ name }, index): CapturedFile => {
      const clock = clocks[index];
      return {
        name,
        connections: surveys[index]?.count ?? 0,
        joined: joinedIn[index] ?? 0,
        ...(clock ? { clock } : {}),
      };
    }),
  };
  for (const surveyor of surveys) surveyor.release();
  return plan;
}

const ofFile = ({ name }: CaptureFile, { text, ...rest }: FileProblem): FileProblem => ({
  ...rest,
  text: { en: `${name}: ${text.en}`, ko: `${name}: ${text.ko}` },
});

function sameTwice(one: string, other: string): FileProblem {
  return {
    what: 'files.same',
    found: other,
    text: {
      en: `${other} is the same capture as ${one}, byte by byte: it was read once`,
      ko: `${other} 파일은 ${one} 파일과 바이트까지 같은 캡처라서 한 번만 읽었습니다`,
    },
  };
}

function tooMany(count: number): FileProblem {
  const [all, most] = [grouped(count), grouped(mostCompared)];
  return {
    what: 'files.too_many',
    found: String(count),
    text: {
      en: `of its ${all} connections the first ${most} were compared with the other files; the others stand for themselves`,
      ko: `연결 ${all}개 가운데 처음 ${most}개만 다른 파일과 비교했습니다. 나머지는 따로 보여 줍니다`,
    },
  };
}

/** As many are named here; of each connection all of them are shown. */
const mostNamed = 2;

function differing({ differences, files }: JoinPlan, joined: JoinedReplay): FileProblem[] {
  const { size } = differences;
  if (size === 0) return [];
  const count = grouped(size);
  const named = [...differences].slice(0, mostNamed).flatMap(([group, [first]]) => {
    const number = joined.numberOf(group);
    const [text] = first ? differenceTexts([first], files) : [];
    return text && number !== undefined ? [{ text, name: `#${connectionName(number)}` }] : [];
  });
  const list = inEach((language) => named.map(({ name, text }) => `${name} ${text[language]}`).join('; '));
  return [
    {
      what: 'files.differ',
      found: String(size),
      text: {
        en: `connections that are not the same in all of the files: ${count}; ${list.en}`,
        ko: `파일마다 내용이 다른 연결: ${count}개. ${list.ko}`,
      },
    },
  ];
}

function nothingInCommon(files: readonly CaptureFile[]): FileProblem {
  const names = files.map(({ name }) => name).join(', ');
  return {
    what: 'files.nothing_in_common',
    found: names,
    text: {
      en: `no connection is in more than one of ${names}: each stands for itself, with its own clock, in the order of time`,
      ko: `${names} 가운데 둘 이상에 담긴 연결이 없습니다. 파일마다 따로, 각자의 시계로 시간 순서대로 보여 줍니다`,
    },
  };
}
