/**
 * Finds the connections that several captures have in common, by what the packets say of themselves:
 *
 * 1. Both initial sequence numbers of TCP, which a translation of addresses leaves as they are, and a proxy does not.
 * 2. Where a capture has none (it began later, or wirelab made its packets from what sockets reported): the same addresses and
 *    ports, and bytes that both have.
 * 3. Of UDP: the same addresses and ports with a datagram in common; else the same first datagrams of both sides.
 *
 * The two connections of a proxy are never taken for one: they have numbers of their own.
 */
import { formatAddress, otherSide } from '../event.ts';
import type { Side } from '../event.ts';
import type { SeenConnection, SeenStream, Survey } from './survey.ts';

export interface Member {
  readonly file: number;
  readonly seen: SeenConnection;
}

/** One connection, wherever it was seen; the first member is the one whose packets are shown. */
export interface Group {
  readonly members: Member[];
}

const sides = ['client', 'server'] as const satisfies readonly Side[];

/** A datagram of fewer bytes is not recognised behind other addresses. */
const shortestDatagram = 16;
/** Bytes at the beginning of both streams together that have to agree. */
const shortestBeginning = 8;

/** The connections of which at least two captures have packets. */
export function commonConnections(surveys: readonly Survey[]): Group[] {
  const groups: Group[] = [];
  const byNumber = new Map<number, Group[]>();
  const byAddress = new Map<string, Group[]>();
  /** By the first datagram of the client. */
  const byQuestion = new Map<number, Group[]>();
  const place = (member: Member, group: Group): void => {
    group.members.push(member);
    if (hasOthers) listIn(byAddress, addressKey(member.seen)).push(group);
    const [question] = member.seen.streams.client.datagrams;
    if (question) listIn(byQuestion, question.hash).push(group);
  };
  const members = surveys.flatMap(({ connections }, file) =>
    [...connections.values()].map((seen): Member => ({ file, seen })),
  );
  const isNumbered = ({ seen }: Member): boolean =>
    seen.transport === 'tcp' && !seen.reconstructed && seen.initial.client !== undefined;
  const hasOthers = !members.every(isNumbered);
  const begin = (member: Member): Group => {
    const group: Group = { members: [] };
    groups.push(group);
    place(member, group);
    return group;
  };
  for (const member of members.filter(isNumbered)) {
    const known = listIn(byNumber, member.seen.initial.client ?? 0);
    const found = known.find((group) =>
      group.members.every((other) => isSameOpening(member.seen, other.seen)),
    );
    if (found) place(member, found);
    else known.push(begin(member));
  }
  for (const member of members) {
    if (isNumbered(member)) continue;
    const { seen, file } = member;
    const isFree = (group: Group): boolean => group.members.every((other) => other.file !== file);
    const there = (byAddress.get(addressKey(seen)) ?? []).filter(isFree);
    const here = there.find((group) => group.members.some((other) => sharesBytes(seen, other.seen)));
    const [question] = seen.streams.client.datagrams;
    const asked = question ? (byQuestion.get(question.hash) ?? []).filter(isFree) : [];
    const found = here ?? (seen.transport === 'udp' ? sameDatagrams(member, asked) : undefined);
    if (found) place(member, found);
    else begin(member);
  }
  const common = groups.filter(({ members: all }) => new Set(all.map(({ file }) => file)).size > 1);
  for (const { members: all } of common)
    all.sort((one, other) => rank(one) - rank(other) || lostIn(one) - lostIn(other) || one.file - other.file);
  return common;
}

function listIn<K>(map: Map<K, Group[]>, key: K): Group[] {
  let list = map.get(key);
  if (!list) map.set(key, (list = []));
  return list;
}

const addressKey = ({ transport, client, server }: SeenConnection): string => {
  const [one, other] = [formatAddress(client), formatAddress(server)].toSorted();
  return `${transport} ${one} ${other}`;
};

/** Numbers are 32 bits long, so that one alone may be the same by chance among very many. */
function isSameOpening(one: SeenConnection, other: SeenConnection): boolean {
  if (one.initial.client !== other.initial.client) return false;
  const { server } = one.initial;
  if (server !== undefined && other.initial.server !== undefined) return server === other.initial.server;
  return (
    one.client.port === other.client.port ||
    formatAddress(one.client) === formatAddress(other.client) ||
    formatAddress(one.server) === formatAddress(other.server)
  );
}

/** Whether both hold the same bytes, at their beginning or somewhere. */
function sharesBytes(one: SeenConnection, other: SeenConnection): boolean {
  const isTurned = formatAddress(one.client) !== formatAddress(other.client);
  const pairs = sides.map((side): readonly [SeenStream, SeenStream] => [
    one.streams[side],
    other.streams[isTurned ? otherSide[side] : side],
  ]);
  if (pairs.some(([left, right]) => left.pieces.some((piece) => right.pieces.includes(piece)))) return true;
  if (one.late || other.late || one.transport !== 'tcp') return false;
  const common = pairs.map(([left, right]) => commonBeginning(left.head, right.head));
  return (
    !common.includes(undefined) &&
    common.reduce<number>((sum, length) => sum + (length ?? 0), 0) >= shortestBeginning
  );
}

/** How many bytes both have; undefined where they differ. */
function commonBeginning(one: string, other: string): number | undefined {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) === other.slice(0, length) ? length : undefined;
}

/** Behind a translation of addresses. */
function sameDatagrams({ seen }: Member, groups: readonly Group[]): Group | undefined {
  const [question] = seen.streams.client.datagrams;
  const [answer] = seen.streams.server.datagrams;
  if (!question || question.length < shortestDatagram) return undefined;
  return groups.find(({ members }) =>
    members.some(({ seen: other }) => {
      const [first] = other.streams.client.datagrams;
      const [second] = other.streams.server.datagrams;
      return (
        other.transport === 'udp' &&
        first?.hash === question.hash &&
        first.length === question.length &&
        (!answer || !second || answer.hash === second.hash)
      );
    }),
  );
}

/** Real packets before those that were made from reports, whole connections before later parts; then what is most complete. */
const rank = ({ seen: { reconstructed, late } }: Member): number => (reconstructed ? 2 : 0) + (late ? 1 : 0);

const lostIn = ({ seen: { streams } }: Member): number => streams.client.lost + streams.server.lost;

/** The streams of both that correspond: of a connection that one capture joined late, the client may be taken for the server. */
export function streamsOf(
  one: SeenConnection,
  other: SeenConnection,
): readonly (readonly [Side, SeenStream, SeenStream])[] {
  const isTurned =
    formatAddress(one.client) === formatAddress(other.server) &&
    formatAddress(one.client) !== formatAddress(other.client);
  return sides.map((side) => [side, one.streams[side], other.streams[isTurned ? otherSide[side] : side]]);
}
