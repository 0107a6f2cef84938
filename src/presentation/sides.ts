/**
 * Two connections side by side, one of TLS 1.2 or earlier and one of TLS 1.3: what an eavesdropper knows of each. It chooses
 * the pair, finds the login form if it is known, and words the rows; what an eavesdropper knows is computed by
 * `analysis/eavesdropper/visibility.ts`.
 *
 * 1. Both columns come from bytes of this log. If it has no connection of the other version, there is one column.
 * 2. The login form is known for our own client; for others only if a login of the same form was readable on another
 *    connection to the same server (decrypted, or in plaintext): an eavesdropper can make such a login itself.
 */
import { conversation, readToEnd } from '../analysis/conversation/conversation.ts';
import type { Message } from '../analysis/conversation/message.ts';
import { formOfRequest, passwordSize } from '../analysis/eavesdropper/size-estimate.ts';
import type { RequestForm, Size } from '../analysis/eavesdropper/size-estimate.ts';
import { versionOnWire, visibilityOf, visibilityWords } from '../analysis/eavesdropper/visibility.ts';
import { visibleThings } from '../analysis/eavesdropper/visible-wire.ts';
import type { Visibility } from '../analysis/eavesdropper/visible-wire.ts';
import type { Visible } from '../analysis/eavesdropper/visibility.ts';
import type { Connection } from '../capture/connection.ts';
import type { Flows } from '../capture/flows.ts';
import { isTls13 } from '../protocols/tls/codes.ts';
import { inEach } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { nothingShown } from './shown.ts';
import type { ShownFeatures } from './shown.ts';
import type { FormEntries, Table, Words } from './types/values.ts';
import { sidesWords } from './words.ts';

/** One column. */
export interface OneSide {
  readonly connection: Connection;
  readonly visible: Visible;
}

export interface SidesTable extends Table {
  /** How the length of a password was computed, what had to be known for it, and what would prevent it. */
  readonly notes: readonly Localized[];
  /** The rows in which the versions differ. */
  readonly differs: readonly boolean[];
}

/** A state as a mark, for those who see no colour. */
export const visibilityMarks: Readonly<Record<Visibility, string>> = {
  readable: '!',
  sealed: '#',
  absent: '-',
  inferred: '~',
};

/** Connections that are searched for a counterpart, the nearest ones. */
const lookedAt = 200;

/**
 * The connection of the other version that is most comparable: on the same wire, of the same client, with the same ending, the
 * nearest in time.
 */
export function counterpartOf(
  connection: Connection,
  flows: Flows,
  clientOf: (connection: Connection) => string | undefined = () => undefined,
): Connection | undefined {
  const version = versionOnWire(connection);
  if (version === undefined) return undefined;
  const client = clientOf(connection);
  const near = flows.connections
    .filter((other) => other !== connection && other.run === connection.run)
    .toSorted((one, other) => Math.abs(one.conn - connection.conn) - Math.abs(other.conn - connection.conn))
    .slice(0, lookedAt);
  let best: { readonly other: Connection; readonly likeness: number } | undefined;
  for (const other of near) {
    const likeness =
      (other.hop === connection.hop ? 4 : 0) +
      (clientOf(other) === client ? 2 : 0) +
      (other.refused.length > 0 === connection.refused.length > 0 ? 1 : 0);
    if (best && best.likeness >= likeness) continue;
    const its = versionOnWire(other);
    if (its !== undefined && isTls13(its) !== isTls13(version)) best = { other, likeness };
  }
  return best?.other;
}

/** The older version is on the left. */
export function inOrder(connections: readonly Connection[]): Connection[] {
  return connections.toSorted((one, other) => (versionOnWire(one) ?? 0) - (versionOnWire(other) ?? 0));
}

/** @param typed what our own client typed into the form; undefined for another client. */
export function sideOf(
  connection: Connection,
  messages: readonly Message[],
  typed: FormEntries | undefined,
  flows: Flows,
  shown = nothingShown,
): OneSide | undefined {
  const visible = visibilityOf(messages);
  if (!visible) return undefined;
  const form = typed
    ? ownForm(connection, visible, typed, shown)
    : formSeenElsewhere(connection, visible.request, flows);
  return { connection, visible: (form && visibilityOf(messages, { form })) ?? visible };
}

/** Our own client's login without the password. The host and the port are readable on the wire. */
function ownForm(
  { opened }: Connection,
  { rows }: Visible,
  typed: FormEntries,
  shown: ShownFeatures,
): RequestForm | undefined {
  const site = rows.find(({ what, state }) => what === 'site' && state === 'readable')?.value.en;
  if (!opened || site === undefined) return undefined;
  return shown.first((one) => one.requestForm?.(`${site}:${opened.to.port}`, typed));
}

/** How many other connections are searched for a login; only short ones. */
const othersRead = 30;
const longestRead = 256 * 1024;

/** A readable login at the same server that may have the same form: some password gives it this length. */
function formSeenElsewhere(
  connection: Connection,
  request: Size | undefined,
  flows: Flows,
): RequestForm | undefined {
  if (!request) return undefined;
  const others = flows.connections.filter(
    (other) =>
      other !== connection &&
      other.run === connection.run &&
      isSameServer(other, connection) &&
      lengthOf(other) <= longestRead,
  );
  for (const other of others.slice(0, othersRead)) {
    const random = readToEnd(other).tls?.negotiated.clientRandom;
    const keys = random === undefined ? [] : flows.keylogOf(random);
    if (random !== undefined && keys.length === 0) continue;
    for (const message of conversation(other, { keys })) {
      if (message.protocol !== 'http' || message.from !== 'client') continue;
      const password = message.credentials().find(({ kind }) => kind === 'form_field');
      const bytes = message.bytes();
      const form = password && bytes && formOfRequest(bytes, password);
      if (form && passwordSize(request, form)) return form;
    }
  }
  return undefined;
}

function isSameServer({ opened: one }: Connection, { opened: other }: Connection): boolean {
  return one !== undefined && one.to.port === other?.to.port && one.to.host === other.to.host;
}

function lengthOf(connection: Connection): number {
  return connection.stream('wire', 'client').length + connection.stream('wire', 'server').length;
}

export function sidesTable(sides: readonly OneSide[]): SidesTable {
  const head = [
    '',
    '',
    ...sides.map(({ connection, visible }) =>
      inEach((language) => sidesWords.column[language](visible.version ?? 'TLS', connection.conn)),
    ),
  ];
  const [first, ...others] = sides;
  const rows = (first?.visible.rows ?? []).map(({ what }, index) => [
    visibleThings[what],
    ...sides.map(({ visible }) => cellOf(visible, index)),
  ]);
  const differs = (first?.visible.rows ?? []).map(({ state }, index) =>
    others.some(({ visible }) => visible.rows[index]?.state !== state),
  );
  return {
    title: sidesWords.title,
    head,
    rows: rows.map((row, index) => [differs[index] ? '>' : '', ...row]),
    legend: inEach((language) => legendOf(sides, language)),
    notes: notesOn(sides),
    differs,
  };
}

function cellOf({ rows }: Visible, index: number): Words {
  const row = rows[index];
  // A subject wraps between its attributes.
  return row
    ? inEach(
        (language) => `${visibilityMarks[row.state]} ${row.value[language].replaceAll(/,(?=\w+=)/g, ', ')}`,
      )
    : '';
}

/** What the marks mean. */
function legendOf(sides: readonly OneSide[], language: Language): string {
  const marks = Object.entries(visibilityWords).map(
    ([state, words]) => `${visibilityMarks[state as Visibility]} ${words[language]}`,
  );
  return [...marks, ...(sides.length > 1 ? [`> ${sidesWords.differs[language]}`] : [])].join(', ');
}

function notesOn(sides: readonly OneSide[]): Localized[] {
  const reckoned = sides.flatMap(({ visible: { reckoning, version } }) =>
    reckoning ? [inEach((language) => `${version ?? 'TLS'}: ${reckoning[language]}`)] : [],
  );
  return reckoned.length === 0 ? [sidesWords.notReckoned] : [...reckoned, sidesWords.reckoned];
}
