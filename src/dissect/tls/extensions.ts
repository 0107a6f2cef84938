/**
 * The extensions of handshake messages (RFC 8446 section 4.2), each read as a field tree and, where somebody asks for
 * it, as a typed value. One row a form: the same extension looks different in a ClientHello and in an answer to it.
 * An extension without a row is kept as bytes.
 */
import type { Cursor } from '../../core/cursor.ts';
import type { FieldId, Remark } from '../../core/field.ts';
import { extensionNames, isGrease } from './codes.ts';

/** What the extensions of one message said. Absent: there was no such extension. */
export interface Extensions {
  /** Types in the order of the wire, GREASE included. */
  readonly types: number[];
  serverName?: string;
  alpn?: string[];
  supportedVersions?: number[];
  /** The version that a ServerHello picks. */
  selectedVersion?: number;
  groups?: number[];
  ecPointFormats?: number[];
  signatureSchemes?: number[];
  /** Groups for which a key was sent; one in an answer. */
  keyShareGroups?: number[];
  pskModes?: number[];
  /** Identities offered; in an answer the index of the one accepted. */
  pskIdentities?: number;
  selectedPsk?: number;
  earlyData?: boolean;
  /** Distinguished names, DER. */
  authorities?: Uint8Array[];
}

/** The message that holds the extensions. */
export type ExtensionPlace =
  | 'client_hello'
  | 'server_hello'
  | 'hello_retry_request'
  | 'encrypted_extensions'
  | 'certificate'
  | 'certificate_request'
  | 'new_session_ticket';

type Reader = (body: Cursor, id: FieldId, into: Extensions, place: ExtensionPlace) => void;

const grease: readonly Remark[] = [{ id: 'tls.grease' }];
const noRemarks: readonly Remark[] = [];

/** A two-byte code, remarked when it is GREASE. */
export function readCode(cursor: Cursor, id: FieldId): number {
  const next = (cursor.peek() ?? 0) * 256 + (cursor.peek(1) ?? 0);
  return cursor.uint16(id, isGrease(next) ? grease : noRemarks);
}

/** Everything in a block, item by item. */
export function readItems<T>(cursor: Cursor, read: (cursor: Cursor) => T): T[] {
  const items: T[] = [];
  while (cursor.remaining > 0) items.push(read(cursor));
  return items;
}

/** A vector of two-byte codes. */
export function readCodes(cursor: Cursor, id: FieldId, lengthBytes: 1 | 2, itemId: FieldId): number[] {
  return cursor.vector(id, lengthBytes, (list) => readItems(list, (item) => readCode(item, itemId)));
}

/** A vector of bytes that nothing looks into. */
export function readOpaque(cursor: Cursor, id: FieldId, lengthBytes: 1 | 2 | 3): Uint8Array {
  const length = readLength(cursor, id, lengthBytes);
  return cursor.bytes(id, length);
}

/** The length in front of an opaque vector. */
export function readLength(cursor: Cursor, id: FieldId, lengthBytes: 1 | 2 | 3): number {
  if (lengthBytes === 1) return cursor.uint8(`${id}.length`);
  return lengthBytes === 2 ? cursor.uint16(`${id}.length`) : cursor.uint24(`${id}.length`);
}

/** A vector of single bytes, as numbers. */
function readBytes(cursor: Cursor, id: FieldId, itemId: FieldId): number[] {
  return cursor.vector(id, 1, (list) => readItems(list, (item) => item.uint8(itemId)));
}

/** RFC 6066 section 3; an answer is empty. */
const serverName: Reader = (body, id, into) => {
  if (body.remaining === 0) return;
  body.vector(`${id}.list`, 2, (list) => {
    while (list.remaining > 0) {
      const type = list.uint8(`${id}.name_type`);
      const length = list.uint16(`${id}.host_name.length`);
      const name = list.text(`${id}.host_name`, length);
      if (type === 0) into.serverName ??= name;
    }
  });
};

/** RFC 7301 section 3.1. */
const alpn: Reader = (body, id, into) => {
  into.alpn = body.vector(`${id}.list`, 2, (list) =>
    readItems(list, (item) => {
      const length = item.uint8(`${id}.protocol.length`);
      return item.text(`${id}.protocol`, length);
    }),
  );
};

/** RFC 6066 section 8; in a certificate entry of TLS 1.3 the stapled response itself. */
const statusRequest: Reader = (body, id, _into, place) => {
  if (body.remaining === 0) return;
  body.uint8(`${id}.status_type`);
  if (place === 'certificate') readOpaque(body, `${id}.response`, 3);
  else if (place === 'client_hello') {
    readOpaque(body, `${id}.responder_id_list`, 2);
    readOpaque(body, `${id}.request_extensions`, 2);
  } else body.rest(`${id}.data`);
};

const supportedGroups: Reader = (body, id, into) => {
  into.groups = readCodes(body, `${id}.list`, 2, `${id}.group`);
};

const ecPointFormats: Reader = (body, id, into) => {
  into.ecPointFormats = readBytes(body, `${id}.list`, `${id}.format`);
};

const signatureAlgorithms: Reader = (body, id, into) => {
  into.signatureSchemes = readCodes(body, `${id}.list`, 2, `${id}.scheme`);
};

const signatureAlgorithmsCert: Reader = (body, id) => {
  readCodes(body, `${id}.list`, 2, `${id}.scheme`);
};

/** RFC 9345 section 4.1.1: in a hello the schemes that may sign; the credential itself is not opened. */
const delegatedCredential: Reader = (body, id, _into, place) => {
  if (place === 'client_hello' || place === 'certificate_request') readCodes(body, `${id}.list`, 2, `${id}.scheme`);
  else if (body.remaining > 0) body.rest(`${id}.credential`);
};

/** RFC 8446 section 4.2.1: a list where it is offered, one version where it is picked. */
const supportedVersions: Reader = (body, id, into, place) => {
  if (place === 'client_hello') into.supportedVersions = readCodes(body, `${id}.list`, 1, `${id}.version`);
  else into.selectedVersion = readCode(body, `${id}.version`);
};

/** RFC 8446 section 4.2.8. */
const keyShare: Reader = (body, id, into, place) => {
  const readEntry = (entry: Cursor): number => {
    const group = readCode(entry, `${id}.group`);
    if (place !== 'hello_retry_request') readOpaque(entry, `${id}.key_exchange`, 2);
    return group;
  };
  const readBlock = (list: Cursor): number => {
    const length = 4 + (list.peek(2) ?? 0) * 256 + (list.peek(3) ?? 0);
    return list.block(`${id}.entry`, length, readEntry);
  };
  if (place === 'client_hello') into.keyShareGroups = body.vector(`${id}.list`, 2, (list) => readItems(list, readBlock));
  else into.keyShareGroups = [readEntry(body)];
};

const pskModes: Reader = (body, id, into) => {
  into.pskModes = readBytes(body, `${id}.list`, `${id}.mode`);
};

/** RFC 8446 section 4.2.11. */
const preSharedKey: Reader = (body, id, into, place) => {
  if (place !== 'client_hello') {
    into.selectedPsk = body.uint16(`${id}.selected_identity`);
    return;
  }
  const identities = body.vector(`${id}.identities`, 2, (list) =>
    readItems(list, (item) => {
      readOpaque(item, `${id}.identity`, 2);
      return item.uint32(`${id}.obfuscated_ticket_age`);
    }),
  );
  into.pskIdentities = identities.length;
  body.vector(`${id}.binders`, 2, (list) => readItems(list, (item) => readOpaque(item, `${id}.binder`, 1)));
};

/** RFC 8446 section 4.2.10. */
const earlyData: Reader = (body, id, into, place) => {
  into.earlyData = true;
  if (place === 'new_session_ticket') body.uint32(`${id}.max_early_data_size`);
};

const authorities: Reader = (body, id, into) => {
  into.authorities = body.vector(`${id}.list`, 2, (list) => readItems(list, (item) => readOpaque(item, `${id}.distinguished_name`, 2)));
};

/** RFC 8879 section 3. */
const compressCertificate: Reader = (body, id) => {
  readCodes(body, `${id}.list`, 1, `${id}.algorithm`);
};

const cookie: Reader = (body, id) => {
  readOpaque(body, `${id}.value`, 2);
};

const renegotiationInfo: Reader = (body, id) => {
  readOpaque(body, `${id}.renegotiated_connection`, 1);
};

/** RFC 7250 section 3: a list where it is offered, one type where it is picked. */
const certificateType: Reader = (body, id, _into, place) => {
  if (place === 'client_hello') readBytes(body, `${id}.list`, `${id}.type`);
  else body.uint8(`${id}.type`);
};

const empty: Reader = () => {};

const readers: Readonly<Record<number, Reader>> = {
  0: serverName,
  1: (body, id) => void body.uint8(`${id}.code`),
  5: statusRequest,
  10: supportedGroups,
  11: ecPointFormats,
  13: signatureAlgorithms,
  // RFC 6520 section 2.
  15: (body, id) => void body.uint8(`${id}.mode`),
  16: alpn,
  19: certificateType,
  20: certificateType,
  22: empty,
  23: empty,
  27: compressCertificate,
  28: (body, id) => void body.uint16(`${id}.limit`),
  34: delegatedCredential,
  41: preSharedKey,
  42: earlyData,
  43: supportedVersions,
  44: cookie,
  45: pskModes,
  47: authorities,
  49: empty,
  50: signatureAlgorithmsCert,
  51: keyShare,
  65281: renegotiationInfo,
};

/** The vector of extensions at the end of a message. */
export function readExtensions(cursor: Cursor, place: ExtensionPlace): Extensions {
  const into: Extensions = { types: [] };
  cursor.vector('tls.handshake.extensions', 2, (list) => {
    while (list.remaining > 0) readExtension(list, place, into);
  });
  return into;
}

function readExtension(list: Cursor, place: ExtensionPlace, into: Extensions): void {
  const length = (list.peek(2) ?? 0) * 256 + (list.peek(3) ?? 0);
  list.block('tls.handshake.extension', 4 + length, (extension) => {
    const type = readCode(extension, 'tls.handshake.extension.type');
    extension.uint16('tls.handshake.extension.length');
    into.types.push(type);
    const id = `tls.handshake.extension.${extensionNames[type] ?? 'unknown'}`;
    const read = readers[type];
    // A type that comes twice is not allowed (RFC 8446 section 4.2); the first one counts, as it does for a server.
    if (read) extension.block(id, length, (body) => read(body, id, into, place));
    else extension.bytes(id, length);
  });
}
