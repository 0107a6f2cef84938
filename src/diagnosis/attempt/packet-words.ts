/** What databases, directories and HTTP/2 say in packets of their own, as text. Safe to print only after `safeText`. */
import { http2Words } from './http2-question.ts';

/** Undefined where it is none of these packets. */
export function packetWords(said: Uint8Array): string | undefined {
  const bytes = Buffer.from(said.buffer, said.byteOffset, said.length);
  return (
    http2Words(said) ??
    postgresWords(bytes) ??
    authenticationWords(bytes) ??
    mysqlWords(bytes) ??
    mqttWords(bytes) ??
    amqpWords(bytes)
  );
}

/** PostgreSQL's Authentication messages: what it asks for, or that it has admitted the user. */
const authentications: Readonly<Record<number, string>> = {
  0: 'AuthenticationOk',
  3: 'AuthenticationCleartextPassword',
  5: 'AuthenticationMD5Password',
  7: 'AuthenticationGSS',
  10: 'AuthenticationSASL',
};

function authenticationWords(said: Buffer): string | undefined {
  if (said[0] !== 0x52 || said.length < 9 || said.readUInt32BE(1) > 1024) return undefined;
  return authentications[said.readUInt32BE(5)];
}

/** PostgreSQL's ErrorResponse (its documentation, "Message Formats"): severity and message, `FATAL: no pg_hba.conf entry …`. */
function postgresWords(said: Buffer): string | undefined {
  if (said[0] !== 0x45 || said.length < 6) return undefined;
  const fields = said.subarray(5).toString('utf8').split('\0');
  const of = (type: string): string | undefined => fields.find((field) => field.startsWith(type))?.slice(1);
  const words = [of('S'), of('M')].filter(Boolean).join(': ');
  return words === '' ? undefined : words;
}

const headerLength = 4;
/** First bytes behind the header: an ERR_Packet, and the greeting of protocol version 10 (MySQL, "Client/Server Protocol"). */
const error = 0xff;
const greeting = 10;

/** `1130 Host … is not allowed to connect`, or the version in its greeting. */
function mysqlWords(said: Buffer): string | undefined {
  if (said.length < headerLength + 3 || said.readUIntLE(0, 3) + headerLength > said.length) return undefined;
  const type = said[headerLength];
  const length = said.readUIntLE(0, 3) + headerLength;
  // The sequence number of what answers a hello, or greets.
  if (type === error && (said[3] ?? 0) < 4) {
    const words = said.toString('utf8', headerLength + 3, length).replace(/^#.{5}/, '');
    return `${said.readUInt16LE(headerLength + 1)} ${words}`;
  }
  if (type !== greeting || said[3] !== 0) return undefined;
  const end = said.indexOf(0, headerLength + 1);
  return end < 0 ? undefined : `MySQL greeting, ${said.toString('latin1', headerLength + 1, end)}`;
}

/** `CONNACK, return code 0`: the answer to a CONNECT (MQTT 3.1.1 section 3.2, MQTT 5 section 3.2). */
function mqttWords(said: Buffer): string | undefined {
  const isAcknowledged = said.length >= 4 && said[0] === 0x20 && said[1]! >= 2 && said[1]! < 128;
  return isAcknowledged && said[2]! < 2 && said.length === 2 + said[1]!
    ? `CONNACK, return code ${said[3]}`
    : undefined;
}

/** `AMQP 0-9-1`: the header with which a broker answers what it cannot read (AMQP 0-9-1 section 4.2.2, AMQP 1.0 section 2.2). */
function amqpWords(said: Buffer): string | undefined {
  if (said.length < 8 || said.toString('latin1', 0, 4) !== 'AMQP') return undefined;
  return `AMQP ${said[4] === 0 && said[5] === 0 ? '' : `${said[4]}, `}${said[5]}-${said[6]}-${said[7]}`;
}
