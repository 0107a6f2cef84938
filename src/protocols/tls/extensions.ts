/**
 * Parses the extensions of handshake messages (RFC 8446 section 4.2), each into a field tree and, on request, a typed
 * value. One row per form: the same extension differs between a ClientHello and its response. An extension without a
 * row is kept as bytes.
 */
import type { Cursor } from '../../core/cursor.ts';
import type { FieldId, Malformed } from '../../core/field.ts';
import { ocspResponse } from '../x509/ocsp.ts';
import type { OcspResponse } from '../x509/ocsp.ts';
import { readSctList } from '../x509/sct.ts';
import type { SignedCertificateTimestamp } from '../x509/sct.ts';
import { publicKeyInfo } from '../x509/structures.ts';
import { extensionNameOf } from './codes.ts';
import type { ExtensionName, ExtensionType, NamedGroup, SignatureScheme } from './codes.ts';
import { readPublicKey } from './message/key-share.ts';
import { readBytes, readCode, readCodes, readItems, readList, readOpaque } from './message/vectors.ts';
import type { TlsExtensionId } from './ids.ts';

/** What the extensions of one message said. Absent: there was no such extension. */
export interface Extensions {
  /** Types in the order of the wire, GREASE included. */
  readonly types: ExtensionType[];
  serverName?: string;
  alpn?: string[];
  supportedVersions?: number[];
  /** The version that a ServerHello picks. */
  selectedVersion?: number;
  groups?: NamedGroup[];
  ecPointFormats?: number[];
  signatureSchemes?: SignatureScheme[];
  /** Groups for which a key was sent; one in an answer. */
  keyShareGroups?: NamedGroup[];
  pskModes?: number[];
  /** Identities offered; in an answer the index of the one accepted. */
  pskIdentities?: number;
  selectedPsk?: number;
  earlyData?: boolean;
  /** Of an earlier session, which a client shows; empty where it asks for one. */
  sessionTicket?: Uint8Array;
  /** Distinguished names, DER. */
  authorities?: Uint8Array[];
  /** Of a certificate: what is stapled to it. */
  stapled?: OcspResponse;
  timestamps?: SignedCertificateTimestamp[];
  /** The first of them that is not as it should be; it and the others are read as far as they go. */
  fault?: Malformed;
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

/** Reads the inside of an extension; `id` is its own, so that it names no field but those of `ids.ts`. */
type Reader<Name extends ExtensionName> = (
  body: Cursor,
  id: TlsExtensionId<Name>,
  into: Extensions,
  place: ExtensionPlace,
) => void;

type Readers = { readonly [Name in ExtensionName]?: Reader<Name> };

/** Of a table the reader of one extension; what it takes for its id is the id of that one. */
const readerOf = (readers: Readers, name: ExtensionName): Reader<ExtensionName> | undefined =>
  readers[name] as Reader<never> as Reader<ExtensionName> | undefined;

/** RFC 6066 section 3; an answer is empty. */
const serverName: Reader<'server_name'> = (body, id, into) => {
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
const alpn: Reader<'application_layer_protocol_negotiation'> = (body, id, into) => {
  const protocols: string[] = [];
  into.alpn = protocols;
  const readProtocol = (item: Cursor): string => {
    const length = item.uint8(`${id}.protocol.length`);
    return item.text(`${id}.protocol`, length);
  };
  readList(body, `${id}.list`, 2, readProtocol, protocols);
};

/** RFC 6066 section 8; in a certificate entry of TLS 1.3 the stapled response itself. */
const statusRequest: Reader<'status_request'> = (body, id, into, place) => {
  if (body.remaining === 0) return;
  body.uint8(`${id}.status_type`);
  if (place === 'certificate') {
    const response = readOcsp(body, `${id}.response`);
    if (response) into.stapled = response;
  } else if (place === 'client_hello') {
    readOpaque(body, `${id}.responder_id_list`, 2);
    readOpaque(body, `${id}.request_extensions`, 2);
  } else body.rest(`${id}.data`);
};

type OcspId = 'tls.handshake.certificate_status.response' | 'tls.handshake.extension.status_request.response';

/** A response preceded by its length, parsed; one that is malformed stays whole. */
export function readOcsp(cursor: Cursor, id: OcspId): OcspResponse | undefined {
  return cursor.vector(id, 3, (held) =>
    held.restOr(`${id}.opaque`, (inner, der) => ocspResponse({ der, base: inner.offset }, inner)),
  );
}

const supportedGroups: Reader<'supported_groups'> = (body, id, into) => {
  into.groups = [];
  readCodes(body, `${id}.list`, 2, `${id}.group`, into.groups);
};

const ecPointFormats: Reader<'ec_point_formats'> = (body, id, into) => {
  into.ecPointFormats = readBytes(body, `${id}.list`, `${id}.format`);
};

const signatureAlgorithms: Reader<'signature_algorithms'> = (body, id, into) => {
  into.signatureSchemes = [];
  readCodes(body, `${id}.list`, 2, `${id}.scheme`, into.signatureSchemes);
};

const signatureAlgorithmsCert: Reader<'signature_algorithms_cert'> = (body, id) => {
  readCodes(body, `${id}.list`, 2, `${id}.scheme`);
};

/** RFC 8446 section 4.2.1: a list where it is offered, one version where it is picked. */
const supportedVersions: Reader<'supported_versions'> = (body, id, into, place) => {
  if (place === 'client_hello') {
    into.supportedVersions = [];
    readCodes(body, `${id}.list`, 1, `${id}.version`, into.supportedVersions);
  } else into.selectedVersion = readCode(body, `${id}.version`);
};

/** RFC 8446 section 4.2.8. */
const keyShare: Reader<'key_share'> = (body, id, into, place) => {
  const readEntry = (entry: Cursor): number => {
    const group = readCode(entry, `${id}.group`);
    if (place !== 'hello_retry_request')
      entry.vector(`${id}.key_exchange`, 2, (key) => readPublicKey(key, id, group, place === 'client_hello'));
    return group;
  };
  const readBlock = (list: Cursor): number => {
    const length = 4 + (list.peek(2) ?? 0) * 256 + (list.peek(3) ?? 0);
    // An entry that claims more than there is fails where it does so, behind its group.
    return list.block(`${id}.entry`, Math.min(length, list.remaining), readEntry);
  };
  if (place === 'client_hello') into.keyShareGroups = readList(body, `${id}.list`, 2, readBlock);
  else into.keyShareGroups = [readEntry(body)];
};

const pskModes: Reader<'psk_key_exchange_modes'> = (body, id, into) => {
  into.pskModes = readBytes(body, `${id}.list`, `${id}.mode`);
};

/** RFC 8446 section 4.2.11. */
const preSharedKey: Reader<'pre_shared_key'> = (body, id, into, place) => {
  if (place !== 'client_hello') {
    into.selectedPsk = body.uint16(`${id}.selected_identity`);
    return;
  }
  const identities = readList(body, `${id}.identities`, 2, (item) => {
    readOpaque(item, `${id}.identity`, 2);
    return item.uint32(`${id}.obfuscated_ticket_age`);
  });
  into.pskIdentities = identities.length;
  readList(body, `${id}.binders`, 2, (item) => readOpaque(item, `${id}.binder`, 1));
};

/** RFC 8446 section 4.2.10. */
const earlyData: Reader<'early_data'> = (body, id, into, place) => {
  into.earlyData = true;
  if (place === 'new_session_ticket') body.uint32(`${id}.max_early_data_size`);
};

const authorities: Reader<'certificate_authorities'> = (body, id, into) => {
  into.authorities = readList(body, `${id}.list`, 2, (item) =>
    readOpaque(item, `${id}.distinguished_name`, 2),
  );
};

/** RFC 8879 section 3. */
const compressCertificate: Reader<'compress_certificate'> = (body, id) => {
  readCodes(body, `${id}.list`, 1, `${id}.algorithm`);
};

const cookie: Reader<'cookie'> = (body, id) => {
  readOpaque(body, `${id}.value`, 2);
};

const renegotiationInfo: Reader<'renegotiation_info'> = (body, id) => {
  readOpaque(body, `${id}.renegotiated_connection`, 1);
};

/** RFC 7250 section 3: a list where it is offered, one type where it is picked. */
const certificateType: Reader<'client_certificate_type' | 'server_certificate_type' | 'cert_type'> = (
  body,
  id,
  _into,
  place,
) => {
  if (place === 'client_hello') readBytes(body, `${id}.list`, `${id}.type`);
  else body.uint8(`${id}.type`);
};

/** RFC 6066 section 6. */
const trustedAuthorities: Reader<'trusted_ca_keys'> = (body, id) => {
  if (body.remaining === 0) return;
  body.vector(`${id}.list`, 2, (list) => {
    while (list.remaining > 0) {
      const type = list.uint8(`${id}.identifier_type`);
      if (type === 1 || type === 3) list.bytes(`${id}.sha1`, 20);
      else if (type === 2) readOpaque(list, `${id}.distinguished_name`, 2);
    }
  });
};

/** RFC 6961 section 2.2. */
const statusRequests: Reader<'status_request_v2'> = (body, id) => {
  body.vector(`${id}.list`, 2, (list) => {
    while (list.remaining > 0) {
      list.uint8(`${id}.status_type`);
      list.vector(`${id}.request`, 2, (request) => {
        readOpaque(request, `${id}.responder_id_list`, 2);
        readOpaque(request, `${id}.request_extensions`, 2);
      });
    }
  });
};

/** RFC 6962 section 3.3.1: empty in a request. */
const timestamps: Reader<'signed_certificate_timestamp'> = (body, _id, into) => {
  if (body.remaining > 0) into.timestamps = readSctList(body);
};

/** RFC 9345 section 4: schemes where it is offered; where it is used, a short-lived key signed with that of the certificate. */
const delegatedCredential: Reader<'delegated_credential'> = (body, id, _into, place) => {
  if (place !== 'certificate') {
    readCodes(body, `${id}.list`, 2, `${id}.scheme`);
    return;
  }
  body.uint32(`${id}.valid_time`);
  readCode(body, `${id}.scheme`);
  body.vector(`${id}.public_key`, 3, (held) =>
    held.restOr(`${id}.public_key.opaque`, (inner, der) =>
      publicKeyInfo({ der, base: inner.offset }, inner, 'x509.tbs_certificate.subject_public_key_info'),
    ),
  );
  readCode(body, `${id}.scheme`);
  readOpaque(body, `${id}.signature`, 2);
};

/**
 * RFC 9849 section 5: the inner ClientHello, encrypted in the visible one; in a response, keys for a retry or a
 * confirmation.
 */
const encryptedClientHello: Reader<'encrypted_client_hello'> = (body, id, _into, place) => {
  if (place === 'hello_retry_request') body.bytes(`${id}.confirmation`, 8);
  else if (place === 'encrypted_extensions')
    readList(body, `${id}.retry_configs`, 2, (item) => readEchConfig(item, id));
  else if (body.uint8(`${id}.type`) === 0) {
    readHpkeSuite(body, id);
    body.uint8(`${id}.config_id`);
    readOpaque(body, `${id}.enc`, 2);
    readOpaque(body, `${id}.payload`, 2);
  }
};

function readHpkeSuite(cursor: Cursor, id: TlsExtensionId<'encrypted_client_hello'>): void {
  cursor.uint16(`${id}.kdf`);
  cursor.uint16(`${id}.aead`);
}

/** RFC 9849 section 4; a configuration of another version is skipped. */
function readEchConfig(list: Cursor, id: TlsExtensionId<'encrypted_client_hello'>): void {
  const version = list.uint16(`${id}.config.version`);
  list.vector(`${id}.config`, 2, (config) => {
    if (version !== 0xfe0d) {
      if (config.remaining > 0) config.rest(`${id}.config.opaque`);
      return;
    }
    config.uint8(`${id}.config_id`);
    config.uint16(`${id}.kem`);
    readOpaque(config, `${id}.public_key`, 2);
    config.vector(`${id}.cipher_suites`, 2, (suites) =>
      readItems(suites, (suite) => readHpkeSuite(suite, id)),
    );
    config.uint8(`${id}.maximum_name_length`);
    const length = config.uint8(`${id}.public_name.length`);
    config.text(`${id}.public_name`, length);
    readOpaque(config, `${id}.config.extensions`, 2);
  });
}

/** RFC 8446 section 4.2.5. */
const oidFilters: Reader<'oid_filters'> = (body, id) => {
  body.vector(`${id}.list`, 2, (list) => {
    while (list.remaining > 0) {
      readOpaque(list, `${id}.oid`, 1);
      readOpaque(list, `${id}.values`, 2);
    }
  });
};

/** RFC 5764 section 4.1.1. */
const srtp: Reader<'use_srtp'> = (body, id) => {
  readCodes(body, `${id}.list`, 2, `${id}.profile`);
  readOpaque(body, `${id}.mki`, 1);
};

/** RFC 7924 section 3: kinds and digests of what is held, or the kinds that need not be sent. */
const cachedInformation: Reader<'cached_info'> = (body, id, _into, place) => {
  body.vector(`${id}.list`, 2, (list) => {
    while (list.remaining > 0) {
      list.uint8(`${id}.type`);
      if (place === 'client_hello') readOpaque(list, `${id}.hash`, 1);
    }
  });
};

/** RFC 9149 section 3: how many tickets after a new and after a resumed session; in an answer how many to expect. */
const ticketRequest: Reader<'ticket_request'> = (body, id, _into, place) => {
  body.uint8(`${id}.new_session_count`);
  if (place === 'client_hello') body.uint8(`${id}.resumption_count`);
};

const protocols: Reader<'application_settings' | 'application_settings_new'> = (body, id, _into, place) => {
  if (place === 'client_hello') readList(body, `${id}.list`, 2, (item) => readName(item, id));
  else body.rest(`${id}.settings`);
};

/** The draft that ALPN replaced: a list without a length prefix. */
const nextProtocols: Reader<'next_protocol_negotiation'> = (body, id) => {
  while (body.remaining > 0) readName(body, id);
};

function readName(
  cursor: Cursor,
  id: TlsExtensionId<'application_settings' | 'application_settings_new' | 'next_protocol_negotiation'>,
): void {
  const length = cursor.uint8(`${id}.protocol.length`);
  cursor.text(`${id}.protocol`, length);
}

const empty = (): void => {};

const readers: Readers = {
  server_name: serverName,
  max_fragment_length: (body, id) => void body.uint8(`${id}.code`),
  status_request: statusRequest,
  supported_groups: supportedGroups,
  ec_point_formats: ecPointFormats,
  signature_algorithms: signatureAlgorithms,
  application_layer_protocol_negotiation: alpn,
  client_certificate_type: certificateType,
  server_certificate_type: certificateType,
  encrypt_then_mac: empty,
  extended_master_secret: empty,
  compress_certificate: compressCertificate,
  record_size_limit: (body, id) => void body.uint16(`${id}.limit`),
  pre_shared_key: preSharedKey,
  early_data: earlyData,
  supported_versions: supportedVersions,
  cookie: cookie,
  psk_key_exchange_modes: pskModes,
  certificate_authorities: authorities,
  post_handshake_auth: empty,
  signature_algorithms_cert: signatureAlgorithmsCert,
  key_share: keyShare,
  renegotiation_info: renegotiationInfo,
};

/** RFC 9000 section 18: what each side of QUIC allows and expects. */
const transportParameters: Reader<'quic_transport_parameters'> = (body, id) => {
  while (body.remaining > 0) {
    body.varint(`${id}.parameter`);
    body.bytes(`${id}.value`, body.varint(`${id}.value.length`));
  }
};

/** Of these one that is not as it should be is kept as bytes: what most programs ignore must not hide the message around it. */
const rareReaders = {
  trusted_ca_keys: trustedAuthorities,
  user_mapping: (body, id) => void readBytes(body, `${id}.list`, `${id}.type`),
  client_authz: (body, id) => void readBytes(body, `${id}.list`, `${id}.format`),
  server_authz: (body, id) => void readBytes(body, `${id}.list`, `${id}.format`),
  cert_type: certificateType,
  srp: (body, id) => void readOpaque(body, `${id}.user`, 1),
  use_srtp: srtp,
  heartbeat: (body, id) => void body.uint8(`${id}.mode`),
  status_request_v2: statusRequests,
  signed_certificate_timestamp: timestamps,
  padding: (body, id) => void body.rest(`${id}.zeros`),
  token_binding: (body, id) => {
    body.uint16(`${id}.version`);
    readBytes(body, `${id}.list`, `${id}.key_parameter`);
  },
  cached_info: cachedInformation,
  delegated_credential: delegatedCredential,
  session_ticket: (body, id, into) => void (into.sessionTicket = body.rest(`${id}.ticket`)),
  oid_filters: oidFilters,
  connection_id: (body, id) => void readOpaque(body, `${id}.connection_id`, 1),
  external_id_hash: (body, id) => void readOpaque(body, `${id}.hash`, 1),
  external_session_id: (body, id) => void readOpaque(body, `${id}.session_id`, 1),
  ticket_request: ticketRequest,
  dnssec_chain: (body, id, _into, place) =>
    void (place === 'client_hello' ? body.uint16(`${id}.port`) : body.rest(`${id}.chain`)),
  next_protocol_negotiation: nextProtocols,
  application_settings: protocols,
  application_settings_new: protocols,
  encrypted_client_hello: encryptedClientHello,
  quic_transport_parameters: transportParameters,
} satisfies Readers;

const isRare = (name: ExtensionName): name is keyof typeof rareReaders => name in rareReaders;

const unread = 'tls.handshake.extension.unread';

/** The vector of extensions at the end of a message. One that is wrong does not hide the others. */
export function readExtensions(cursor: Cursor, place: ExtensionPlace): Extensions {
  const into: Extensions = { types: [] };
  const length = cursor.uint16('tls.handshake.extensions.length');
  const held = heldOf(cursor, length, 'tls.handshake.extensions', into);
  cursor.block('tls.handshake.extensions', held, (list) => {
    while (list.remaining > 0) readExtension(list, place, into);
  });
  return into;
}

/** How much of a length is there; a length that reaches beyond what holds it is a fault. */
function heldOf({ remaining, offset }: Cursor, length: number, id: FieldId, into: Extensions): number {
  if (length > remaining)
    into.fault ??= {
      kind: 'overrun',
      id,
      offset,
      expected: `${length} bytes`,
      found: `${remaining} bytes left`,
    };
  return Math.min(length, remaining);
}

function readExtension(list: Cursor, place: ExtensionPlace, into: Extensions): void {
  const claimed = 4 + (list.peek(2) ?? 0) * 256 + (list.peek(3) ?? 0);
  if (list.remaining < 4) {
    heldOf(list, 4, 'tls.handshake.extension', into);
    list.rest(unread);
    return;
  }
  const held = heldOf(list, claimed, 'tls.handshake.extension', into);
  list.block('tls.handshake.extension', held, (extension) => {
    const type = readCode(extension, 'tls.handshake.extension.type');
    extension.uint16('tls.handshake.extension.length');
    into.types.push(type);
    const name = extensionNameOf(type);
    const length = extension.remaining;
    if (!name) return void extension.bytes('tls.handshake.extension.unknown', length);
    const id: TlsExtensionId<ExtensionName> = `tls.handshake.extension.${name}`;
    const read = readerOf(readers, name);
    // A type that comes twice is not allowed (RFC 8446 section 4.2); the first one counts, as it does for a server.
    if (read)
      extension.block(id, length, (body) => readTolerantly(body, into, () => read(body, id, into, place)));
    else if (isRare(name)) {
      extension.block(id, length, (body) =>
        body.restOr(`tls.handshake.extension.${name}.data`, (inner) =>
          readerOf(rareReaders, name)?.(inner, id, into, place),
        ),
      );
    } else extension.bytes(id, length);
  });
}

function readTolerantly(body: Cursor, into: Extensions, read: () => void): void {
  const fault = body.attempt(unread, () => {
    read();
    if (body.remaining > 0)
      body.fail(
        'trailing_bytes',
        'tls.handshake.extension',
        'the end of the structure',
        `${body.remaining} more bytes`,
      );
  });
  if (fault) into.fault ??= fault;
  if (body.remaining > 0) body.rest(unread);
}
