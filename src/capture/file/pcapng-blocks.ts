/** Encodes the blocks of a pcapng file, and what is said in the comments of its packets. */

export const reconstructedComment = 'reconstructed by wirelab from socket events';

/** For whom a proxy opened a connection: the client's connection, by the sequence number of its SYN. */
export interface OpenedFor {
  /** As in the event `opened`. */
  readonly how: 'relays' | 'onBehalfOf';
  readonly sequence: number;
}

const openedForWords: Readonly<Record<OpenedFor['how'], string>> = {
  relays: 'relays unchanged the connection with the raw sequence number',
  onBehalfOf: 'opened for the connection with the raw sequence number',
};

const openedForForms = (['relays', 'onBehalfOf'] as const).map(
  (how) => [how, new RegExp(`^${reconstructedComment}; ${openedForWords[how]} (\\d{1,10})$`)] as const,
);

/** The comment of a packet; undefined for one whose bytes were tapped. */
export function packetComment({
  reconstructed,
  openedFor,
}: {
  readonly reconstructed: boolean;
  readonly openedFor?: OpenedFor;
}): string | undefined {
  if (!reconstructed) return undefined;
  return openedFor
    ? `${reconstructedComment}; ${openedForWords[openedFor.how]} ${openedFor.sequence}`
    : reconstructedComment;
}

/** What a comment of this program says. */
export function readPacketComment(comment: string | undefined): {
  readonly reconstructed: boolean;
  readonly openedFor?: OpenedFor;
} {
  if (comment === undefined) return { reconstructed: false };
  if (comment === reconstructedComment) return { reconstructed: true };
  for (const [how, form] of openedForForms) {
    const sequence = form.exec(comment)?.[1];
    if (sequence !== undefined)
      return { reconstructed: true, openedFor: { how, sequence: Number(sequence) } };
  }
  return { reconstructed: false };
}

const sectionComment =
  'Recorded by wirelab inside the endpoints of its sockets. Addresses, bytes, their order and times are real; how the bytes ' +
  'were cut into segments is not. Packets without payload were seen by no tap and carry a comment.';

const capturedSectionComment =
  'Captured by tcpdump on the interfaces of the router between a client and a server, each in a network namespace of its own: ' +
  'every packet was on the wire as it is here.';

/** Follows in a file of experiments: what a client would refuse, theirs does not. */
const experimentsComment =
  'Experiments of wirelab: their client refuses no certificate, and connections differ in one thing on purpose.';

/** Whether the comment of a section says that. */
export const isOfExperiments = (comment: string): boolean => comment.endsWith(experimentsComment);

/** Raw IP: packets begin with the IP header. */
const linkTypeRaw = 101;

/** "TLSK": the secrets are lines of an NSS key log. */
const secretsTypeTls = 0x544c534b;

const optionComment = 1;

export interface InterfaceFacts {
  readonly name: string;
  readonly description?: string;
  /** LINKTYPE number; raw IP if omitted. */
  readonly linkType?: number;
}

type Option = readonly [code: number, value: Uint8Array];

export const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');

/** The type, the length and the fields of any block. */
const mostFields = 64;

const padded = (length: number): number => (length + 3) & ~3;

/** A block: its type, its length before and after, all in little-endian order (section 3.1 of the draft). */
function block(
  type: number,
  bodyLength: number,
  options: readonly Option[],
  fill: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const optionsLength =
    options.length === 0 ? 0 : options.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
  const total = 12 + padded(bodyLength) + optionsLength;
  const bytes = Buffer.allocUnsafe(total);
  // Zeroed are the fields before the data, and what pads it.
  bytes.fill(0, 0, Math.min(total, mostFields)).fill(0, Math.min(total, 8 + bodyLength));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  fill(new DataView(bytes.buffer, bytes.byteOffset + 8), bytes.subarray(8));
  let at = 8 + padded(bodyLength);
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(total - 4, total, true);
  return bytes;
}

/** @param isCaptured the packets are real ones, from a network interface */
export function sectionHeaderBlock(
  application: string,
  isCaptured = false,
  hasExperiments = false,
): Uint8Array {
  const comment = isCaptured ? capturedSectionComment : sectionComment;
  return block(
    0x0a0d0d0a,
    16,
    [
      [optionComment, text(hasExperiments ? `${comment} ${experimentsComment}` : comment)],
      [4, text(application)],
    ],
    (view) => {
      view.setUint32(0, 0x1a2b3c4d, true);
      view.setUint16(4, 1, true);
      view.setUint16(6, 0, true);
      view.setBigInt64(8, -1n, true);
    },
  );
}

export function interfaceBlock({ name, description, linkType = linkTypeRaw }: InterfaceFacts): Uint8Array {
  const options: Option[] = [
    [2, text(name)],
    ...(description ? [[3, text(description)] as const] : []),
    [9, Uint8Array.of(6)],
  ];
  return block(1, 8, options, (view) => view.setUint16(0, linkType, true));
}

/** Lines of an NSS key log, for everything that follows in the section. */
export function decryptionSecretsBlock(lines: readonly string[]): Uint8Array {
  const secrets = text(lines.map((line) => `${line}\n`).join(''));
  return block(0x0a, 8 + secrets.length, [], (view, body) => {
    view.setUint32(0, secretsTypeTls, true);
    view.setUint32(4, secrets.length, true);
    body.set(secrets, 8);
  });
}

/** @param microseconds since the Unix epoch. */
export function packetBlock(
  interfaceId: number,
  microseconds: number,
  packet: Uint8Array,
  comment?: string,
): Uint8Array {
  return block(6, 20 + packet.length, comment ? [[optionComment, text(comment)]] : [], (view, body) => {
    view.setUint32(0, interfaceId, true);
    view.setUint32(4, Math.floor(microseconds / 2 ** 32), true);
    view.setUint32(8, microseconds % 2 ** 32, true);
    view.setUint32(12, packet.length, true);
    view.setUint32(16, packet.length, true);
    body.set(packet, 20);
  });
}
